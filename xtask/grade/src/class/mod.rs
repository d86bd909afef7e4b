//! Grading a class: submissions in, grades and feedback out.
//!
//! ```text
//! submission         what was handed in: the exercises' files, and nothing else
//! tokens, refuse, inspect      a file is read, shut in, before anything is built of it
//! batch              one program a learner, exercise by exercise where that does not compile
//! roster             lateness, attempts, points set by hand
//! record             what is known afterwards; shards hand it to `merge`
//! output             grades, feedback, overview: page, feedback, overview, similar
//! run                the command
//! handout, gradescope          copies of the course, for learners and for an autograder
//! ```

pub mod arguments;
pub mod batch;
pub mod feedback;
pub mod files;
pub mod gradescope;
pub mod handout;
pub mod inspect;
pub mod merge;
pub mod output;
pub mod overview;
pub mod page;
pub mod record;
pub mod refuse;
pub mod roster;
pub mod run;
pub mod similar;
pub mod submission;
pub mod tokens;
