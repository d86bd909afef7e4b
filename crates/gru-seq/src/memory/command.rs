//! The command `remember`: one network on one of the two problems, through a course of one's own.

use lesson::{Error, Lesson, Result, RunArgs, Syllabus};
use seqcore::cells::Cell;

use super::show;
use super::trial::{EXAMPLES, Network, Remedy, Stage, Trial, run_all};
use crate::problem::{Adding, Copying, Problem, Schedule};

/// 2^32 numbers: 16 GB.
const MOST_NUMBERS: f64 = 4_294_967_296.0;

/// What the tour and `train` have, and `remember` has no use for.
const REFUSED: [&str; 7] = ["steps", "budget", "resume", "save_every", "stop_at", "data", "fetch"];

/// Arguments of `remember`.
#[derive(Debug, clap::Args)]
pub struct RememberArgs {
    /// What is to be remembered
    problem: Kind,
    /// T:UPDATES:RATE of each stage, such as 20:10000:0.01,200:4000:0.005
    #[arg(long, value_name = "STAGES", value_delimiter = ',', value_parser = stage, required = true)]
    course: Vec<(usize, usize, f64)>,
    /// The recurrent cell: rnn, rnn_relu, lstm or gru
    #[arg(long, default_value = "lstm")]
    cell: Cell,
    /// Units
    #[arg(long, value_name = "N", default_value_t = 64, allow_negative_numbers = true)]
    hidden: usize,
    /// Examples in an update
    #[arg(long, value_name = "N", default_value_t = 32, allow_negative_numbers = true)]
    batch: usize,
    /// Symbols to copy
    #[arg(long, value_name = "N", default_value_t = 10, allow_negative_numbers = true)]
    symbols: usize,
    /// Chrono initialisation for memories of up to T steps
    #[arg(long, value_name = "T", conflicts_with = "forget_bias", allow_negative_numbers = true)]
    chrono: Option<f64>,
    /// What is added to an LSTM's forget bias
    #[arg(long, value_name = "BIAS", allow_negative_numbers = true)]
    forget_bias: Option<f64>,
    /// What it shares with the tour.
    #[command(flatten)]
    run: RunArgs,
}

/// The problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// The sum of two marked numbers out of T
    Adding,
    /// Symbols that come back after T blanks
    Copying,
}

fn stage(text: &str) -> std::result::Result<(usize, usize, f64), String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [steps, updates, rate] = parts[..] else {
        return Err(format!("{text} is not T:UPDATES:RATE, such as 200:4000:0.005"));
    };
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is not a whole number"));
    let rate = rate.parse().map_err(|_| format!("{rate} is not a number"))?;
    Ok((number(steps)?, number(updates)?, rate))
}

/// Leaves what is refused out of the help.
pub fn without_refused(arg: clap::Arg) -> clap::Arg {
    let refused = REFUSED.contains(&arg.get_id().as_str());
    if refused { arg.hide(true) } else { arg }
}

impl RememberArgs {
    fn network(&self) -> Network {
        let remedy = match (self.chrono, self.forget_bias) {
            (Some(time), _) => Remedy::Chrono(time),
            (None, Some(bias)) => Remedy::ForgetBias(bias),
            (None, None) => Remedy::Plain,
        };
        Network { cell: self.cell, remedy, hidden: self.hidden }
    }

    fn trial<P: Problem>(&self, problem: impl Fn(usize) -> P) -> Trial<P> {
        let stage = |&(steps, updates, learning_rate): &(usize, usize, f64)| Stage {
            problem: problem(steps),
            schedule: Schedule { batch: self.batch, updates, learning_rate, evaluations: 20 },
        };
        Trial { network: self.network(), course: self.course.iter().map(stage).collect() }
    }

    /// Refuses what cannot work; the rest is refused by the training.
    fn validate(&self) -> Result<()> {
        let options = REFUSED.map(|id| id.replace('_', "-"));
        let given = options.iter().filter(|name| self.run.given.has(name));
        let given: Vec<String> = given.map(|name| format!("--{name}")).collect();
        if !given.is_empty() {
            return Err(Error::config(format!(
                "remember draws its examples itself, has its lengths in --course and writes no record; leave {} away.",
                given.join(", ")
            )));
        }
        for (name, value) in
            [("--hidden", self.hidden), ("--batch", self.batch), ("--symbols", self.symbols)]
        {
            if value == 0 {
                return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
            }
        }
        if self.course.iter().any(|&(steps, ..)| steps < 2) {
            return Err(Error::config("a T in --course is below 2: there is nothing to remember."));
        }
        // As floats, which do not overflow: the states and gates of a batch, and the weights four times.
        let [hidden, gates, symbols] =
            [self.hidden, self.cell.gates(), self.symbols].map(|n| n as f64);
        let examples = self.batch.max(EXAMPLES) as f64;
        let held =
            |steps: usize| (steps as f64 + 2.0 * symbols) * examples * (gates + 2.0) * hidden;
        let weights = 4.0 * gates * hidden * hidden;
        if self.course.iter().any(|&(steps, ..)| held(steps) + weights > MOST_NUMBERS) {
            return Err(Error::config(
                "that takes more memory than a laptop has. Choose a smaller T, --hidden, --batch or --symbols.",
            ));
        }
        let gates = self.cell.gates();
        if gates == 1 && self.chrono.is_some() || gates != 4 && self.forget_bias.is_some() {
            let what =
                "--chrono is for gru and lstm, --forget-bias for lstm: no other cell has the gate.";
            return Err(Error::config(what));
        }
        Ok(())
    }
}

/// Runs the command.
///
/// # Errors
/// Settings that cannot work, a folder that cannot be written.
pub fn run(args: &RememberArgs, syllabus: &'static Syllabus) -> Result<()> {
    args.validate()?;
    let mut lesson = Lesson::new(syllabus, &args.run)?;
    let (seed, progress) = (args.run.seed, lesson.shows_progress());
    match args.problem {
        Kind::Adding => {
            let trials = [args.trial(|steps| Adding { steps })];
            show::adding_opening(&mut lesson, &trials);
            show::adding(&mut lesson, &run_all(&trials, 1, seed, progress)?);
        }
        Kind::Copying => {
            let trials = [args.trial(|blanks| Copying { length: args.symbols, blanks })];
            show::copying_opening(&mut lesson, &trials);
            show::copying(&mut lesson, &run_all(&trials, 1, seed, progress)?);
        }
    }
    lesson.finish()
}
