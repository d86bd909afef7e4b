//! What grading says, as the JSON of the course's contract.

use kit::cases::Case;
use serde::{Deserialize, Serialize};

/// How an exercise ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every case is right.
    Passed,
    /// Some answer is wrong.
    Failed,
    /// Still `todo!()`.
    NotStarted,
    /// It does not compile.
    CompileError,
    /// It uses what exercises may not use.
    Forbidden,
    /// Whatever is not right panicked or ended the program.
    Crashed,
    /// Whatever is not right gave no answer in time.
    TimedOut,
}

/// Whether a learner sees a case's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Yes.
    Visible,
    /// No.
    Hidden,
}

impl Visibility {
    /// That of a case.
    pub fn of(case: &Case) -> Self {
        if case.visible { Self::Visible } else { Self::Hidden }
    }
}

/// A graded case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseReport {
    /// Its name, with the part of the answer: `a batch: dx`.
    pub name: String,
    /// Whether all of its calls were answered right.
    pub passed: bool,
    /// Whether inputs may be shown.
    pub visibility: Visibility,
    /// What was wrong.
    pub message: Option<String>,
}

/// A graded exercise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExerciseReport {
    /// Its id.
    pub id: String,
    /// Its lesson.
    pub lesson: String,
    /// How it ended.
    pub status: Status,
    /// Points reached.
    pub points: f64,
    /// Points there are.
    pub max_points: f64,
    /// What went wrong in the learner's thinking, as far as it could be told.
    pub diagnosis: Option<String>,
    /// The compiler's error, or the first case that failed.
    pub message: Option<String>,
    /// Its cases; none where nothing ran.
    pub cases: Vec<CaseReport>,
    /// The first failing case with inputs, for the terminal.
    #[serde(skip)]
    pub detail: Option<String>,
    /// What the program printed.
    #[serde(skip)]
    pub printed: String,
}

/// A graded folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// What the cases were drawn from; none in what a learner sees of an official run.
    pub seed: Option<u64>,
    /// How far the exercises' programs were shut in: `full`, `degraded` or `none`.
    pub isolation: String,
    /// The compiler.
    pub toolchain: String,
    /// Sum of the points.
    pub score: f64,
    /// Sum of the points there are.
    pub max_score: f64,
    /// In the catalogue's order.
    pub exercises: Vec<ExerciseReport>,
}

/// Text from a learner's program, made harmless for a terminal and a log: control characters
/// become visible, and it is cut after `limit` characters.
pub fn escaped(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == limit {
            out += " ...";
            break;
        }
        match letter {
            '\n' => out.push('\n'),
            '\t' => out += "    ",
            // Also what turns the direction of writing round.
            c if c.is_control()
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c) =>
            {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_keep_a_terminal_in_order() {
        assert_eq!(super::escaped("a\x1b[31mred\n\u{202e}", 100), "a\\u{1b}[31mred\n\\u{202e}");
        assert_eq!(super::escaped("abcdef", 3), "abc ...");
    }
}
