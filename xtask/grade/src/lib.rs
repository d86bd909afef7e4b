//! The exercises' grader.
//!
//! ```text
//!  src/rnn/rnn_step.rs       cases/ solutions/ alternatives/       mistakes/
//!          |                              |                           |
//!      interface, glue, compile: a program around each that answers calls
//!          |                              |                           |
//!        child                          child                       child
//!          |  answers         questions, right answers                |  known wrong answers
//!          |                              |                           |
//!          +----------> judge <-------- exam -------------------------+
//!                         |  compare: is it right?
//!                       grade   diagnose: why not?
//!                         |
//!                       report ----> screen, show (main, learn) and JSON
//! ```
//!
//! What runs beside a learner's code is never believed: it can exit with 0, print "ok" and overload
//! `==`. So its program only answers calls, and this one, which links no exercise, judges. The
//! reference and the known mistakes run in programs of the same make.
//!
//! | module | its one idea |
//! |---|---|
//! | [`catalogue`] | which exercises there are, and where their files lie |
//! | [`mistakes`] | known mistakes: changes to a solution, with advice |
//! | [`interface`] | the functions and structs of a file, read from its source |
//! | [`glue`] | the program around it that answers calls |
//! | [`compile`] | rustc, against ndarray and kit only; what was built is kept |
//! | [`child`] | asking that program, with deadlines |
//! | [`exam`], [`bank`] | what is asked; where that comes from |
//! | [`compare`], [`judge`] | is a value right? which parts of the answers are? |
//! | [`grade`] | a paper and a program that answers it make a report |
//! | [`diagnose`] | which known mistake it is, else what the numbers tell |
//! | [`report`], [`screen`], [`show`] | what is said: as data, as text, and the first failing case |
//! | [`learn`], [`progress`] | the session at the terminal, and what is remembered of it |
//! | [`selfcheck`] | does all this tell right from wrong? |
//! | [`class`] | many learners: submissions in, grades and feedback out; handouts |
//! | [`jail`], [`process`] | where code of strangers is compiled and run, and for how long |
//! | [`recorded`] | exams of a copy without solutions |
//! | [`parallel`], [`lock`], [`hash`] | many at once; one at a time; names for what is kept |

pub mod bank;
pub mod catalogue;
pub mod child;
pub mod class;
pub mod compare;
pub mod compile;
pub mod diagnose;
pub mod exam;
pub mod glue;
pub mod grade;
pub mod hash;
pub mod interface;
pub mod jail;
pub mod judge;
pub mod learn;
pub mod lock;
pub mod mistakes;
pub mod parallel;
pub mod process;
pub mod progress;
pub mod recorded;
pub mod report;
pub mod screen;
pub mod selfcheck;
pub mod show;
