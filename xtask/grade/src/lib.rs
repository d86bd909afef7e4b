//! The exercises' grader.
//!
//! ```text
//! catalogue    which exercises there are, and where their files lie
//! interface    the functions and structs of a file, read from its source
//! glue         the program around it that answers calls
//! compile      rustc, against ndarray and kit only
//! cell         where code of strangers is compiled and run
//! child        asking that program, with deadlines
//! exam         questions and right answers, from a seed
//! recorded     exams of a copy without solutions
//! compare      is an answer right?
//! grade        one exercise, from file to report
//! diagnose     which known mistake it is, else what the numbers tell
//! class        many learners: submissions in, grades and feedback out
//! ```
//!
//! What runs beside a learner's code is never believed: it can exit with 0, print "ok" and overload
//! `==`. So its program only answers calls, and this one, which links no exercise, judges. The
//! reference and the known mistakes run in programs of the same make.

pub mod catalogue;
pub mod cell;
pub mod child;
pub mod class;
pub mod compare;
pub mod compile;
pub mod diagnose;
pub mod exam;
pub mod glue;
pub mod grade;
pub mod interface;
pub mod learn;
pub mod parallel;
pub mod process;
pub mod progress;
pub mod recorded;
pub mod report;
pub mod screen;
pub mod selfcheck;
pub mod show;
