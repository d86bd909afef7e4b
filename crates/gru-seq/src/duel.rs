//! Part *duel*: RNN, GRU and LSTM on equal terms.
//!
//! Equal terms mean: as many parameters, the same learning rates to choose from, the same seeds
//! (and so the same examples), and then either as many updates or as much time. A winner is named
//! only where the interval of the difference says so, after Holm's correction for having looked
//! more than once.

use lesson::plot::Table;
use lesson::{Error, Lesson, LessonArgs, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::cells::Cell;
use seqcore::metrics::statistics::{holm, paired_t};
use seqcore::nn::RecurrentConfig;

use crate::predict::{NextFrame, series};
use crate::problem::{Adding, Copying, DEV, Problem, Schedule, TEST, evaluate, train};
use crate::readout::Readout;

/// The cells in the ring.
pub const CELLS: [Cell; 3] = [Cell::RnnTanh, Cell::Gru, Cell::Lstm];
/// Pairs that are compared.
const PAIRS: [(usize, usize); 3] = [(1, 2), (1, 0), (2, 0)];
/// Learning rates to choose from, the same for every cell.
pub const RATES: [f64; 3] = [0.001, 0.003, 0.01];
/// Paired seeds.
pub const SEEDS: u64 = 5;
/// Sequences in a batch.
const BATCH: usize = 32;

/// How large the duel is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Parameters of each network, about.
    pub parameters: usize,
    /// Updates of each run.
    pub updates: usize,
    /// T of the adding problem.
    pub adding: usize,
    /// Symbols of copy memory.
    pub symbols: usize,
    /// T of copy memory.
    pub blanks: usize,
    /// Samples of the chaotic series.
    pub samples: usize,
}

impl Size {
    /// Of the tour.
    pub const TOUR: Self =
        Self { parameters: 3000, updates: 250, adding: 10, symbols: 3, blanks: 5, samples: 1000 };
    /// With `--full`.
    pub const FULL: Self = Self {
        parameters: 20_000,
        updates: 1500,
        adding: 100,
        symbols: 5,
        blanks: 20,
        samples: 4000,
    };
}

/// What is held equal beside the number of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Equal {
    /// The number of updates.
    Updates,
    /// The time: each cell gets the updates that it makes while the GRU makes its own.
    Time,
}

impl Equal {
    fn name(self) -> &'static str {
        match self {
            Equal::Updates => "updates",
            Equal::Time => "time",
        }
    }
}

/// One problem, fought out.
#[derive(Debug, Clone)]
pub struct Fight {
    /// The problem.
    pub name: &'static str,
    /// What was equal.
    pub equal: Equal,
    /// For each cell what it was given.
    pub corners: Vec<Corner>,
}

/// One cell in one fight.
#[derive(Debug, Clone)]
pub struct Corner {
    /// Its units.
    pub hidden: usize,
    /// Its parameters.
    pub parameters: usize,
    /// Its updates.
    pub updates: usize,
    /// The learning rate that was best on the development examples.
    pub rate: f64,
    /// ln of the loss on unseen examples, for each seed.
    pub losses: Vec<f64>,
}

/// A difference that was measured.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Which fight.
    pub fight: usize,
    /// Which cells, of [`CELLS`].
    pub pair: (usize, usize),
    /// By which factor the first one's loss is that of the second: middle, low, high (95 %).
    pub ratio: (f64, f64, f64),
    /// The probability of such a difference by chance, after Holm's correction.
    pub p: f64,
}

impl Comparison {
    /// The winner, where there is one.
    pub fn winner(&self) -> Option<Cell> {
        let (first, second) = self.pair;
        (self.p < 0.05).then(|| CELLS[if self.ratio.0 < 1.0 { first } else { second }])
    }
}

/// The number of units with which a network has about `parameters` parameters: the closest.
pub fn hidden_for(parameters: usize, cell: Cell, inputs: usize, outputs: usize) -> usize {
    let count = |h: usize| cell.gates() * h * (inputs + h + 2) + h * outputs + outputs;
    (1..).find(|&h| count(h) + count(h + 1) > 2 * parameters).expect("counts grow")
}

fn network(problem: &impl Problem, cell: Cell, hidden: usize, seed: u64) -> Readout<f32> {
    let config = RecurrentConfig::new(cell, problem.inputs(), hidden);
    Readout::new(config, problem.outputs(), &mut ChaCha8Rng::seed_from_u64(seed))
}

/// ln of the loss after a training; a training that diverges has an infinite one.
///
/// # Errors
/// Ctrl-C.
fn result(
    problem: &impl Problem,
    (cell, hidden): (Cell, usize),
    (updates, learning_rate): (usize, f64),
    seed: u64,
    stream: u64,
) -> Result<f64> {
    let mut model = network(problem, cell, hidden, seed);
    let schedule = Schedule { batch: BATCH, updates, learning_rate, evaluations: 1 };
    match train(problem, &mut model, &schedule, seed, false) {
        Ok(_) => Ok(evaluate(problem, &model, 500, seed, stream).loss.ln()),
        Err(stopped @ Error::Interrupted { .. }) => Err(stopped),
        Err(_) => Ok(f64::INFINITY),
    }
}

/// Lets the three cells learn `problem`.
///
/// # Errors
/// Ctrl-C.
pub fn fight<P: Problem>(
    name: &'static str,
    problem: &P,
    size: Size,
    equal: Equal,
    seed: u64,
) -> Result<Fight> {
    let hidden =
        CELLS.map(|cell| hidden_for(size.parameters, cell, problem.inputs(), problem.outputs()));
    let updates = match equal {
        Equal::Updates => [size.updates; 3],
        Equal::Time => {
            let seconds: Vec<f64> = (0..3)
                .map(|k| seconds_per_update(problem, CELLS[k], hidden[k]))
                .collect::<Result<_>>()?;
            [0, 1, 2]
                .map(|k| ((size.updates as f64 * seconds[1] / seconds[k]).round() as usize).max(1))
        }
    };
    let corner = |k: usize| {
        let network_of = (CELLS[k], hidden[k]);
        // A seed that is not among the five, and examples that are not those of the result.
        let tried: Vec<f64> = RATES
            .par_iter()
            .map(|&rate| result(problem, network_of, (updates[k], rate), seed, DEV))
            .collect::<Result<_>>()?;
        let best = (0..RATES.len()).min_by(|&a, &b| tried[a].total_cmp(&tried[b]));
        let rate = RATES[best.expect("some rates")];
        let seeds: Vec<u64> = (1..=SEEDS).map(|k| seed.wrapping_add(k)).collect();
        let losses = seeds
            .par_iter()
            .map(|&seed| result(problem, network_of, (updates[k], rate), seed, TEST))
            .collect::<Result<_>>()?;
        let parameters =
            seqcore::params::Named::count(&network(problem, CELLS[k], hidden[k], seed));
        Ok(Corner { hidden: hidden[k], parameters, updates: updates[k], rate, losses })
    };
    Ok(Fight { name, equal, corners: (0..3).map(corner).collect::<Result<_>>()? })
}

/// How long an update takes: the quickest of several short runs, alone on the machine.
fn seconds_per_update<P: Problem>(problem: &P, cell: Cell, hidden: usize) -> Result<f64> {
    const UPDATES: usize = 10;
    let mut model = network(problem, cell, hidden, 1);
    let schedule =
        Schedule { batch: BATCH, updates: UPDATES, learning_rate: 0.001, evaluations: 1 };
    (0..6).try_fold(f64::INFINITY, |quickest, _| {
        let progress = train(problem, &mut model, &schedule, 1, false)?;
        Ok(quickest.min(progress.seconds / UPDATES as f64))
    })
}

/// All differences, corrected together.
pub fn compare(fights: &[Fight]) -> Vec<Comparison> {
    let mut list = Vec::new();
    for (number, fight) in fights.iter().enumerate() {
        for pair in PAIRS {
            let (first, second) = (&fight.corners[pair.0].losses, &fight.corners[pair.1].losses);
            let test = paired_t(first, second, 0.95);
            let ratio = (
                test.difference.estimate.exp(),
                test.difference.low.exp(),
                test.difference.high.exp(),
            );
            list.push(Comparison { fight: number, pair, ratio, p: test.p_value });
        }
    }
    let corrected = holm(&list.iter().map(|one| one.p).collect::<Vec<_>>());
    list.iter_mut().zip(corrected).for_each(|(one, p)| one.p = p);
    list
}

/// Runs the part.
///
/// # Errors
/// Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    let size = if args.full { Size::FULL } else { Size::TOUR };
    let size = Size { updates: args.run.steps.unwrap_or(size.updates), ..size };
    lesson.heading("8 · The duel");
    lesson.say(&format!(
        "Which cell is best? Three problems, {} parameters each, the same {} learning rates to choose from, {SEEDS} seeds that \
         all three share. First with {} updates each, then with as much time as the GRU needs for them, by updates timed \
         on this machine, so those figures change from run to run. Losses are compared as ratios, seed by seed.",
        size.parameters,
        RATES.len(),
        size.updates,
    ));
    let chaos = NextFrame::of(&series::mackey_glass(size.samples));
    let adding = Adding { steps: size.adding };
    let copying = Copying { length: size.symbols, blanks: size.blanks };
    let seed = args.run.seed;
    let mut fights = Vec::new();
    for equal in [Equal::Updates, Equal::Time] {
        fights.push(fight("adding problem", &adding, size, equal, seed)?);
        fights.push(fight("copy memory", &copying, size, equal, seed)?);
        fights.push(fight("chaotic series", &chaos, size, equal, seed)?);
        lesson.say(&format!(
            "Fought with equal {}: {} trainings.",
            equal.name(),
            3 * 3 * (RATES.len() + SEEDS as usize)
        ));
    }
    show(lesson, &fights);
    lesson.say(&format!(
        "And a duel is about its own terms: {} updates, T = {} and {} blanks. So few updates compare how soon a cell learns, over \
         short distances; more of either can turn it round.",
        size.updates, size.adding, size.blanks,
    ));
    Ok(())
}

/// A loss with its digits: some problems are learned to a hundred-thousandth.
fn loss(value: f64) -> String {
    if value < 1e-3 { format!("{value:.2e}") } else { format!("{value:.4}") }
}

fn show(lesson: &mut Lesson, fights: &[Fight]) {
    let mut table =
        Table::new(["problem", "equal", "cell", "units", "parameters", "updates", "rate", "loss"])
            .caption("Geometric mean of the loss on unseen examples over the seeds.");
    for fight in fights {
        let equal = fight.equal.name();
        for (cell, corner) in CELLS.iter().zip(&fight.corners) {
            let mean = corner.losses.iter().sum::<f64>() / corner.losses.len() as f64;
            table.push([
                fight.name.to_owned(),
                equal.to_owned(),
                cell.label().to_owned(),
                corner.hidden.to_string(),
                corner.parameters.to_string(),
                corner.updates.to_string(),
                corner.rate.to_string(),
                loss(mean.exp()),
            ]);
            let problem = fight.name.replace(' ', "_");
            lesson.number(&format!("duel.{problem}.{equal}.{}", cell.name()), mean.exp());
        }
    }
    lesson.table(&table);
    let comparisons = compare(fights);
    let mut table = Table::new(["problem", "equal", "pair", "loss ratio", "95 % interval", "p (Holm)", "winner"]).caption(
        "Below 1 the first of the pair has the lower loss. p is corrected for all comparisons of this table.",
    );
    for one in &comparisons {
        let fight = &fights[one.fight];
        let (ratio, low, high) = one.ratio;
        table.push([
            fight.name.to_owned(),
            fight.equal.name().to_owned(),
            format!("{} / {}", CELLS[one.pair.0].label(), CELLS[one.pair.1].label()),
            format!("{ratio:.3}"),
            format!("{low:.3} to {high:.3}"),
            if one.p < 0.001 { "< 0.001".to_owned() } else { format!("{:.3}", one.p) },
            one.winner().map_or("none", Cell::label).to_owned(),
        ]);
    }
    lesson.table(&table);
    let gated: Vec<_> = comparisons.iter().filter(|one| one.pair == (1, 2)).collect();
    let count = |cell| gated.iter().filter(|one| one.winner() == Some(cell)).count();
    lesson.say(&format!(
        "GRU against LSTM, {} comparisons: the GRU wins {}, the LSTM {}, and {} have no winner. Five seeds are few: an interval \
         that contains 1 does not say that the two are equal, it says that this experiment cannot tell.",
        gated.len(),
        count(Cell::Gru),
        count(Cell::Lstm),
        gated.len() - count(Cell::Gru) - count(Cell::Lstm),
    ));
    lesson.number("duel.comparisons", comparisons.len() as f64);
    lesson.number(
        "duel.with_a_winner",
        comparisons.iter().filter(|one| one.winner().is_some()).count() as f64,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_the_parameters_that_were_asked_for() {
        let problem = Copying::ten(5);
        for cell in CELLS {
            let hidden = hidden_for(20_000, cell, problem.inputs(), problem.outputs());
            let count = seqcore::params::Named::count(&network(&problem, cell, hidden, 1));
            assert!(count.abs_diff(20_000) < 600, "{cell:?}: {count}");
        }
    }

    fn corner(losses: [f64; 5]) -> Corner {
        Corner { hidden: 1, parameters: 1, updates: 1, rate: 0.1, losses: losses.to_vec() }
    }

    #[test]
    fn a_winner_needs_an_interval_that_says_so() {
        let fight = Fight {
            name: "made up",
            equal: Equal::Updates,
            corners: vec![
                corner([0.0, 0.1, -0.1, 0.05, -0.05]),
                corner([-2.0, -1.9, -2.1, -1.95, -2.0]),
                corner([-1.9, -2.3, -1.8, -2.2, -1.7]),
            ],
        };
        let all = compare(&[fight]);
        let winner = |pair| all.iter().find(|one| one.pair == pair).unwrap().winner();
        assert_eq!(winner((1, 2)), None);
        assert_eq!(winner((1, 0)), Some(Cell::Gru));
        assert_eq!(winner((2, 0)), Some(Cell::Lstm));
        let ratio = all.iter().find(|one| one.pair == (1, 0)).unwrap().ratio;
        assert!((ratio.0 - (-1.99_f64).exp()).abs() < 1e-9, "{ratio:?}");
    }
}
