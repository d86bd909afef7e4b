//! What is asked: the questions to an exercise with the right answers, and what each known mistake
//! answers to them.

use kit::Value;
use kit::cases::Case;

use crate::child::Outcome;

/// A call with its right answers.
#[derive(Debug, Clone)]
pub struct Question {
    /// Inputs and name.
    pub case: Case,
    /// The reference's answer.
    pub expected: Value,
    /// Answers of other right programs.
    pub variants: Vec<Value>,
}

/// All questions to an exercise, from one seed.
#[derive(Debug, Clone)]
pub struct Exam {
    /// Drawing after drawing, without repetition.
    pub questions: Vec<Question>,
}

/// A known mistake and what it answers to an exam's questions.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// Its name in the file of the exercise's mistakes.
    pub name: String,
    /// What to tell who made it.
    pub advice: String,
    /// One outcome a question.
    pub answers: Vec<Outcome>,
}
