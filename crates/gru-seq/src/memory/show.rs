//! What the part *memory* shows of its results.

use lesson::Lesson;
use lesson::plot::{LineChart, Table};

use super::trial::{Trial, TrialResult};
use crate::percent::percent;
use crate::problem::{Adding, Copying, Problem};

/// The part's heading, and what a gate's bias means in steps.
pub(super) fn opening(lesson: &mut Lesson) {
    lesson.heading("6 · Memory: for how long?");
    lesson.say(
        "A cell's memory is multiplied by its forget gate f (a GRU's z) at every step. How far it reaches before any \
         training is decided by that gate's bias:",
    );
    let mut table = Table::new(["bias", "gate", "half is left after", "a hundredth after"]);
    for (name, bias) in [
        ("0 (default)", 0.0),
        ("+1 (Gers et al. 2000)", 1.0),
        ("ln 49 (chrono, T = 50, the longest)", 49.0_f64.ln()),
        ("ln 599 (chrono, T = 600, the longest)", 599.0_f64.ln()),
    ] {
        let gate = 1.0 / (1.0 + (-bias).exp());
        let steps = |left: f64| format!("{:.0} steps", (left.ln() / gate.ln()).max(1.0));
        table.push([name.to_owned(), format!("{gate:.4}"), steps(0.5), steps(0.01)]);
    }
    lesson.table(&table);
}

/// What the adding problem is.
pub(super) fn adding_opening(lesson: &mut Lesson, trials: &[Trial<Adding>]) {
    lesson.subheading("The adding problem");
    let hidden = trials[0].network.hidden;
    lesson.say(&format!(
        "T numbers between 0 and 1 are read, two of them are marked, and the sum of those two is asked for at the end. Always \
         saying 1 has a squared error of 1/6 = {:.4}. Each network has {hidden} units, and every update sees new examples.",
        Adding::BASELINE,
    ));
}

/// Errors over T.
pub(super) fn adding(lesson: &mut Lesson, all: &[TrialResult<Adding>]) {
    let header = ["network", "T", "updates", "squared error", "worst seed", "of the line"];
    let mut table = Table::new(header)
        .caption(format!("On 1000 unseen examples, averaged over {}", average(all)));
    let mut chart = LineChart::new(
        "The adding problem over T",
        "Mean squared error on unseen examples over the length T, one line a network, with the line of always saying 1.",
    )
    .x("T, steps")
    .y("mean squared error")
    .log_y()
    .reference("always saying 1", Adding::BASELINE);
    let worst = |one: &TrialResult<Adding>| one.evaluations().map(|e| e.loss).fold(0.0, f64::max);
    for of_one in all.chunk_by(|a, b| a.trial.name() == b.trial.name()) {
        for one in of_one {
            table.push([
                one.trial.name(),
                lengths(one, |problem| problem.steps),
                one.updates().to_string(),
                format!("{:.5}", one.loss()),
                format!("{:.5}", worst(one)),
                percent(one.loss() / Adding::BASELINE),
            ]);
            let steps = one.trial.problem().steps;
            let key = format!("memory.adding_{}_t{steps}_mse", one.trial.key());
            lesson.number(&key, one.loss());
        }
        let point = |one: &TrialResult<Adding>| (one.trial.problem().steps as f64, one.loss());
        chart = chart.series(of_one[0].trial.name(), &of_one.iter().map(point).collect::<Vec<_>>());
    }
    lesson.table(&table);
    lesson.line_chart(&chart);
    let longest = all.iter().map(|one| one.trial.problem().steps).max().unwrap_or(0);
    let solved: Vec<String> = all
        .iter()
        .filter(|one| one.trial.problem().steps == longest && worst(one) < 0.1 * Adding::BASELINE)
        .map(|one| one.trial.name())
        .collect();
    lesson.say(&match solved.as_slice() {
        [] => format!("At T = {longest} none is below a tenth of the line with every seed."),
        names => {
            let names = names.join("; ");
            format!("At T = {longest} below a tenth of the line with every seed: {names}.")
        }
    });
}

/// What copy memory is.
pub(super) fn copying_opening(lesson: &mut Lesson, trials: &[Trial<Copying>]) {
    lesson.subheading("Copy memory");
    let problem = trials[0].problem();
    lesson.say(&format!(
        "{} symbols out of {} are read, then {} blanks; then a signal asks for the symbols in their order. Whoever remembers \
         nothing loses ln {1} = {:.4} nats a symbol and recalls one in {1}.",
        problem.length,
        Copying::SYMBOLS,
        problem.blanks,
        Copying::baseline(),
    ));
}

/// Losses over the updates, and what came back.
pub(super) fn copying(lesson: &mut Lesson, all: &[TrialResult<Copying>]) {
    let header = ["network", "T", "updates", "nats a symbol", "recalled", "worst seed"];
    let mut table = Table::new(header)
        .caption(format!("On 1000 unseen examples, averaged over {}", average(all)));
    let mut chart = LineChart::new(
        "Copy memory while learning",
        "Loss in nats a symbol over the updates, one line a network, with the line of a network without memory.",
    )
    .x("updates")
    .y("nats a symbol")
    .from_zero()
    .reference("no memory", Copying::baseline())
    .caption("The first seed. Where a course goes on to a longer T, the line may jump.");
    for one in all {
        let worst = one.evaluations().filter_map(|e| e.right).fold(1.0, f64::min);
        table.push([
            one.trial.name(),
            lengths(one, |problem| problem.blanks),
            one.updates().to_string(),
            format!("{:.4}", one.loss()),
            percent(one.recalled()),
            percent(worst),
        ]);
        let key = format!("memory.copy_{}_t{}", one.trial.key(), one.trial.problem().blanks);
        lesson.number(&format!("{key}_recalled"), one.recalled());
        lesson.number(&format!("{key}_nats"), one.loss());
        chart = chart.series(one.trial.name(), &one.curve());
    }
    lesson.table(&table);
    lesson.line_chart(&chart);
    let on_the_line: Vec<String> = all
        .iter()
        .filter(|one| one.loss() > 0.98 * Copying::baseline())
        .map(|one| one.trial.name())
        .collect();
    if !on_the_line.is_empty() {
        lesson.say(&format!(
            "Still on the line without memory: {}. They have not learned slowly, they have learned nothing: what would tell them what \
             to keep has to come back through all the blanks, and with gates half open it is gone after a few.",
            on_the_line.join("; ")
        ));
    }
}

/// What an average is of, and what a course is where there is one.
fn average<P>(all: &[TrialResult<P>]) -> String {
    let seeds = match all[0].runs.len() {
        1 => "one seed.".to_owned(),
        seeds => format!("{seeds} seeds."),
    };
    let course = all.iter().any(|one| one.trial.course.len() > 1);
    seeds + if course { " A course has shorter T first." } else { "" }
}

/// The lengths of a course, such as `20, 60, 200`.
fn lengths<P: Problem>(result: &TrialResult<P>, length: impl Fn(&P) -> usize) -> String {
    let lengths = result.trial.course.iter().map(|stage| length(&stage.problem).to_string());
    lengths.collect::<Vec<_>>().join(", ")
}
