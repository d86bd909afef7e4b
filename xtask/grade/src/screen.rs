//! Reports as text for a terminal: colours where it has them, 80 columns.

use std::fmt::Write;

use console::style;

use crate::catalogue::{Course, Exercise};
use crate::progress::{Progress, Standing};
use crate::report::{ExerciseReport, Report, Status};

/// `print!` for a reader who may have gone (`| head`): that is no reason to panic, nor to stop before what was
/// graded is written down.
#[macro_export]
macro_rules! put {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!($($text)*));
    }};
}

/// A line of [`put!`].
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => {
        $crate::put!("{}\n", format_args!($($text)*))
    };
}

/// Words set in lines of at most 80 columns, each beginning with `indent` blanks.
pub fn wrapped(text: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    // What is no word, a path or a name in code, stays whole.
    let options = textwrap::Options::new(80)
        .initial_indent(&indent)
        .subsequent_indent(&indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text.trim_end(), options) + "\n"
}

/// 2, 1.5, 0.67.
pub fn points(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A status in words.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "not right yet",
        Status::NotStarted => "not started",
        Status::CompileError => "does not compile",
        Status::Forbidden => "not allowed",
        Status::Crashed => "crashed",
        Status::TimedOut => "no answer in time",
    }
}

/// All exercises, a line each, and the sum.
pub fn overview(report: &Report) -> String {
    let mut text = String::new();
    let width = report.exercises.iter().map(|exercise| exercise.id.len()).max().unwrap_or(0);
    let mut lesson = "";
    for exercise in &report.exercises {
        if exercise.lesson != lesson {
            lesson = &exercise.lesson;
            _ = writeln!(text, "{}", style(lesson).bold());
        }
        let mark = match exercise.status {
            Status::Passed => style("+").green(),
            Status::NotStarted => style(".").dim(),
            _ => style("x").red(),
        };
        let word = status_word(exercise.status);
        let word = match exercise.status {
            Status::Passed => style(word).green(),
            Status::NotStarted => style(word).dim(),
            _ => style(word).red(),
        };
        let of = format!("{:>5} of {:<4}", points(exercise.points), points(exercise.max_points));
        _ = writeln!(text, "  {mark} {:width$}  {of}  {word}", exercise.id);
        let why = exercise.diagnosis.as_ref().or(exercise.message.as_ref());
        if let Some(why) = why {
            // The rest is for `grade ID`.
            let first = why.lines().next().unwrap_or_default();
            text += &wrapped(first, 6);
        }
    }
    let count = |status| report.exercises.iter().filter(|e| e.status == status).count();
    let (all, passed, fresh) =
        (report.exercises.len(), count(Status::Passed), count(Status::NotStarted));
    _ = writeln!(
        text,
        "\n{} of {} points: {passed} of {all} exercises passed, {fresh} not started, {} not right yet.",
        points(report.score),
        points(report.max_score),
        all - passed - fresh,
    );
    text
}

/// One exercise in full: cases, the first failing one small, the diagnosis.
pub fn exercise(report: &ExerciseReport) -> String {
    let mut text = String::new();
    match report.status {
        Status::NotStarted => {
            _ = writeln!(text, "Not started: the stub is as it was.");
            return text;
        }
        Status::CompileError | Status::Forbidden => {
            let message = report.message.as_deref().unwrap_or_default();
            _ = writeln!(text, "{}\n\n{message}", style(capital(status_word(report.status))).red());
            return text;
        }
        _ => {}
    }
    for case in &report.cases {
        let mark = if case.passed { style("+").green() } else { style("x").red() };
        _ = writeln!(text, "  {mark} {}", case.name);
    }
    let cases = report.cases.len();
    let passed = report.cases.iter().filter(|case| case.passed).count();
    _ = writeln!(
        text,
        "\n{passed} of {cases} cases are right: {} of {} points.",
        points(report.points),
        points(report.max_points)
    );
    if report.status == Status::Passed {
        return text;
    }
    if let Some(detail) = &report.detail {
        _ = write!(text, "\n{detail}");
    } else if let Some(message) = &report.message {
        _ = write!(text, "\n{}", wrapped(message, 2));
    }
    if let Some(diagnosis) = &report.diagnosis {
        _ = write!(text, "\n{}\n{}", style("What went wrong").bold(), wrapped(diagnosis, 2));
    }
    if !report.printed.is_empty() {
        let printed = report.printed.trim_end().replace('\n', "\n  ");
        _ = writeln!(text, "\n{}\n  {printed}", style("Your code printed").bold());
    }
    text
}

/// With a capital letter in front.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// All exercises with what is known about them without grading.
pub fn list(course: &Course, progress: &Progress) -> String {
    let mut text = String::new();
    let width = course.exercises.iter().map(|exercise| exercise.id.len()).max().unwrap_or(0);
    let mut lesson = "";
    for exercise in &course.exercises {
        if exercise.lesson != lesson {
            lesson = &exercise.lesson;
            _ = writeln!(text, "{}", style(lesson).bold());
        }
        let mark = match progress.standing(course, exercise) {
            Standing::Passed => style("+").green(),
            Standing::Begun => style("~").bold(),
            Standing::NotStarted => style(".").dim(),
        };
        let Exercise { id, title, minutes, core, .. } = exercise;
        let kind = if *core { "core" } else { "    " };
        _ = writeln!(text, "  {mark} {id:width$}  {kind}  {minutes:>3} min  {title}");
    }
    let minutes = |core: bool| -> u32 {
        course.exercises.iter().filter(|e| e.core || !core).map(|e| e.minutes).sum()
    };
    let core = course.exercises.iter().filter(|exercise| exercise.core).count();
    _ = writeln!(
        text,
        "\n{} exercises, {}; {core} are the core, {}.  + passed   ~ begun   . not started",
        course.exercises.len(),
        hours(minutes(false)),
        hours(minutes(true)),
    );
    text
}

/// `2 h 40 min`.
pub fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// How much of the course is done, as a bar of `width` characters.
pub fn bar(done: f64, of: f64, width: usize) -> String {
    let filled = ((done / of.max(1e-9)) * width as f64).floor() as usize;
    let filled = filled.min(width);
    format!("{}{}", style("#".repeat(filled)).green(), style("-".repeat(width - filled)).dim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_set_in_eighty_columns() {
        let text = wrapped(&"word ".repeat(60), 4);
        assert!(text.lines().all(|line| line.len() <= 80 && line.starts_with("    word")));
        assert_eq!(text.matches("word").count(), 60);
    }

    #[test]
    fn points_and_hours_are_short() {
        assert_eq!([points(2.0), points(1.5), points(0.67)], ["2", "1.5", "0.67"]);
        assert_eq!([hours(45), hours(120), hours(160)], ["45 min", "2 h", "2 h 40 min"]);
    }
}
