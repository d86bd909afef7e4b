//! What is known about a class after grading: all that the outputs are made of, and all that shards
//! hand to `grade-merge`.

use serde::{Deserialize, Serialize};

use crate::hash::hash;
use crate::report::{ExerciseReport, Report};

/// A graded exercise, with what a report leaves out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Graded {
    /// What the contract says.
    pub report: ExerciseReport,
    /// The first failing case with inputs.
    pub detail: Option<String>,
    /// What the program printed.
    pub printed: String,
    /// For the list of similar pairs.
    pub ngrams: Vec<u32>,
}

/// Points set by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// Which exercise.
    pub exercise: String,
    /// What it is worth.
    pub points: f64,
    /// Why.
    pub reason: String,
}

/// A graded learner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Learner {
    /// The name of the folder or zip; what the roster calls `learner`.
    pub id: String,
    /// The name in the roster.
    pub name: Option<String>,
    /// Days late, by the roster.
    pub late_days: f64,
    /// Attempts, by the roster.
    pub attempts: u32,
    /// Whether there is a submission.
    pub has_submitted: bool,
    /// About the submission as a whole.
    pub notes: Vec<String>,
    /// In the catalogue's order.
    pub exercises: Vec<Graded>,
    /// Points set by hand.
    pub overrides: Vec<Override>,
}

/// How a class was graded. Shards that are merged agree in all of it but the shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What the cases were drawn from. Secret where the run is official.
    pub seed: u64,
    /// Whether grades depend on it.
    pub official: bool,
    /// `full` or `degraded`.
    pub isolation: String,
    /// What is missing where it is degraded.
    pub lack: Option<String>,
    /// `rustc -vV`, first line.
    pub toolchain: String,
    /// Hash of the questions and right answers.
    pub exam: String,
    /// Points lost per day, in percent.
    pub late_percent: f64,
    /// Attempts that cost nothing.
    pub free_attempts: u32,
    /// Points lost per further attempt, in percent.
    pub attempt_percent: f64,
    /// Whether learners go by another name in what others see.
    pub anonymous: bool,
    /// Which part of the class this is: I of N.
    pub shard: Option<(usize, usize)>,
}

/// A graded class.
#[derive(Debug, Clone)]
pub struct Class {
    /// How.
    pub settings: Settings,
    /// Sorted by id.
    pub learners: Vec<Learner>,
}

/// Sums of hundredths, without the last bits' noise.
pub fn rounded(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

impl Settings {
    /// How a learner is called in what others may see.
    pub fn shown_id(&self, id: &str) -> String {
        if !self.anonymous {
            return id.to_owned();
        }
        format!("learner-{}", &hash([self.seed.to_string().as_str(), id])[..10])
    }
}

impl Learner {
    /// The override of an exercise, if there is one; the last counts.
    pub fn overridden(&self, exercise: &str) -> Option<&Override> {
        self.overrides.iter().rev().find(|own| own.exercise == exercise)
    }

    /// Points for an exercise, after overriding.
    pub fn points(&self, graded: &Graded) -> f64 {
        self.overridden(&graded.report.id).map_or(graded.report.points, |own| own.points)
    }

    /// Points of all exercises, before lateness.
    pub fn sum(&self) -> f64 {
        rounded(self.exercises.iter().map(|graded| self.points(graded)).sum())
    }

    /// Points there are.
    pub fn most(&self) -> f64 {
        rounded(self.exercises.iter().map(|graded| graded.report.max_points).sum())
    }

    /// Points taken off for lateness and attempts.
    pub fn deduction(&self, settings: &Settings) -> f64 {
        let extra = f64::from(self.attempts.saturating_sub(settings.free_attempts));
        let percent = settings.late_percent * self.late_days + settings.attempt_percent * extra;
        rounded(self.sum() * (percent / 100.0).clamp(0.0, 1.0))
    }

    /// Points in the end.
    pub fn score(&self, settings: &Settings) -> f64 {
        rounded(self.sum() - self.deduction(settings))
    }

    /// The report of the contract, as the learner may see it. Its points are the grader's own; what was
    /// set by hand stands beside it.
    pub fn report(&self, settings: &Settings) -> Report {
        let exercises: Vec<_> = self.exercises.iter().map(|graded| graded.report.clone()).collect();
        Report {
            seed: (!settings.official).then_some(settings.seed),
            isolation: settings.isolation.clone(),
            toolchain: settings.toolchain.clone(),
            score: rounded(exercises.iter().map(|exercise| exercise.points).sum()),
            max_score: self.most(),
            exercises,
        }
    }
}

/// A file's name for whatever a learner is called: no two share one, and it leads nowhere else.
pub fn file_name(id: &str) -> String {
    let mut name = String::new();
    for (place, byte) in id.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => name.push(byte as char),
            b'-' | b'.' if place > 0 => name.push(byte as char),
            _ => name += &format!("%{byte:02x}"),
        }
    }
    if name.len() > 120 || name.is_empty() {
        name = format!("{}%{}", &name[..name.len().min(80)], &hash([id])[..16]);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files_lead_nowhere_else() {
        assert_eq!(file_name("ann.b-c_1"), "ann.b-c_1");
        assert_eq!(file_name("../../etc"), "%2e.%2f..%2fetc");
        assert_eq!(file_name("-rf"), "%2drf");
        assert_eq!(file_name("<b>\x1b"), "%3cb%3e%1b");
        assert_ne!(file_name("a b"), file_name("a%20b"));
        assert!(file_name(&"x".repeat(300)).len() < 130);
    }
}
