//! The class as a whole: which exercises, which mistakes, who is missing, who is alike.

use std::collections::BTreeMap;

use super::feedback::{of, warning};
use super::page::{Block, Page};
use super::record::{Class, Graded};
use super::similar::Pair;
use crate::report::{Status, escaped};
use crate::screen::points;

/// How many mistakes an exercise are listed.
const MOST_MISTAKES: usize = 5;

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

/// The middle one of ascending values, or between the two in the middle; of none 0.
fn median(ascending: &[f64]) -> f64 {
    match ascending.len() {
        0 => 0.0,
        n => (ascending[(n - 1) / 2] + ascending[n / 2]) / 2.0,
    }
}

/// The overview page.
pub fn page(class: &Class, pairs: &[Pair]) -> Page {
    let Class { settings, learners } = class;
    let title = "Class overview".to_owned();
    let mut blocks = vec![Block::Heading(1, title.clone())];
    let handed_in: Vec<_> = learners.iter().filter(|learner| learner.has_submitted).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let mut scores: Vec<f64> = handed_in.iter().map(|learner| learner.score(settings)).collect();
    scores.sort_by(f64::total_cmp);
    let most = learners.first().map_or(0.0, super::record::Learner::most);
    blocks.push(Block::Text(format!(
        "{} learners, {} submissions. Of those, the mean is {} points, the median {}.",
        learners.len(),
        handed_in.len(),
        of(mean(&scores), most),
        points(median(&scores)),
    )));
    blocks.push(Block::Text(format!(
        "{} Isolation: {}. Compiler: {}.",
        match settings.official {
            true => "An official run; the seed is in class.json.".to_owned(),
            false => format!("Seed {}.", settings.seed),
        },
        settings.isolation,
        settings.toolchain
    )));
    blocks.extend(warning(settings).map(Block::Warning));

    blocks.push(Block::Heading(2, "Exercises".into()));
    let exercises = learners.first().map_or(0, |learner| learner.exercises.len());
    let column = |k: usize| handed_in.iter().map(move |learner| &learner.exercises[k]);
    let mut rows = Vec::new();
    for k in 0..exercises {
        let count = |wanted: &[Status]| {
            column(k).filter(|graded| wanted.contains(&graded.report.status)).count().to_string()
        };
        let report = &learners[0].exercises[k].report;
        let values: Vec<f64> = handed_in.iter().map(|l| l.points(&l.exercises[k])).collect();
        rows.push(vec![
            report.id.clone(),
            count(&[Status::Passed]),
            count(&[Status::Failed]),
            count(&[Status::Crashed, Status::TimedOut]),
            count(&[Status::CompileError]),
            count(&[Status::Forbidden]),
            count(&[Status::NotStarted]),
            of(mean(&values), report.max_points),
        ]);
    }
    let head = strings([
        "exercise",
        "passed",
        "not right",
        "crashed or hung",
        "does not compile",
        "not allowed",
        "not started",
        "mean points",
    ]);
    blocks.push(Block::Table(head, rows));

    blocks.push(Block::Heading(2, "Common mistakes".into()));
    let mut mistakes = Vec::new();
    for k in 0..exercises {
        for (said, count) in common(column(k)) {
            let id = learners[0].exercises[k].report.id.clone();
            mistakes.push(vec![count.to_string(), id, said]);
        }
    }
    match mistakes.is_empty() {
        true => blocks.push(Block::Text("None that was made twice.".into())),
        false => {
            blocks.push(Block::Table(strings(["learners", "exercise", "what was said"]), mistakes))
        }
    }

    blocks.push(Block::Heading(2, "Learners".into()));
    let row = |learner: &super::record::Learner| {
        let name = if settings.anonymous { None } else { learner.name.clone() };
        vec![
            escaped(&settings.shown_id(&learner.id), 100),
            escaped(&name.unwrap_or_default(), 100),
            of(learner.score(settings), learner.most()),
            if learner.has_submitted { String::new() } else { "no submission".into() },
            learner.notes.iter().map(|note| escaped(note, 200)).collect::<Vec<_>>().join("; "),
        ]
    };
    let head = strings(["learner", "name", "points", "", "notes"]);
    blocks.push(Block::Table(head, learners.iter().map(row).collect()));

    blocks.push(Block::Heading(2, "Pairs to look at".into()));
    blocks.push(Block::Text(
        "Files of a dozen lines that solve the same task are alike by nature. This list leaves out what the \
         stub gives and what a third of the class wrote; it says where to look, not what happened."
            .into(),
    ));
    let row = |pair: &Pair| {
        let name = |index: usize| escaped(&settings.shown_id(&learners[index].id), 100);
        vec![
            name(pair.learners.0),
            name(pair.learners.1),
            format!("{:.0} %", 100.0 * pair.share),
            pair.exercises.join(", "),
        ]
    };
    match pairs.is_empty() {
        true => blocks.push(Block::Text("None.".into())),
        false => blocks.push(Block::Table(
            strings(["learner", "learner", "in common", "most in"]),
            pairs.iter().take(100).map(row).collect(),
        )),
    }
    Page { title, blocks }
}

/// What was said about an exercise more than once, most often first.
fn common<'g>(column: impl Iterator<Item = &'g Graded>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for graded in column {
        let first = graded.report.diagnosis.as_deref().and_then(|text| text.lines().next());
        if let Some(first) = first {
            *counts.entry(first).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    counts.sort_by_key(|(said, count)| (usize::MAX - count, *said));
    counts.truncate(MOST_MISTAKES);
    counts.into_iter().map(|(said, count)| (said.to_owned(), count)).collect()
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!([median(&[]), median(&[1.0, 2.0, 9.0])], [0.0, 2.0]);
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), 3.0);
    }
}
