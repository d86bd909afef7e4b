//! Part *leaks*: five ways to fool oneself, planted on purpose: what each seems to gain, and the check that finds it.
//!
//! The table is Seattle's; the task is the highest temperature three days ahead. Every claim is made on 2014, honest or
//! not, by the same three models: ridge, the five nearest neighbours (a model that learns by heart), and a small GRU.
//! The fake gain is the honest error minus the claimed one on the same days. Where a leak cannot help a model, the gain is
//! zero and shown as zero.

use lesson::plot::{BarChart, Table};
use lesson::{Lesson, Result};
use ndarray::{Array1, Array2, Axis};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use seqcore::data::windows::{Samples, Shape, flat};
use seqcore::metrics::forecast as metric;
use seqcore::metrics::statistics::Interval;
use seqcore::models::ridge::Ridge;

use crate::network;
use crate::study::paired_difference;
use crate::weather::data::{Station, station};

/// Days ahead.
const LEAD: usize = 3;
/// Days of the past in a window.
const HISTORY: usize = 14;
/// Days in a block of the bootstrap.
const BLOCK: usize = 14;

/// A model of this part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// A linear model: it cannot learn single days by heart.
    Ridge,
    /// The mean over the five most similar windows: it does little else.
    Neighbours,
    /// A small recurrent network.
    Gru,
}

impl Model {
    /// All three.
    pub const ALL: [Model; 3] = [Model::Ridge, Model::Neighbours, Model::Gru];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Model::Ridge => "ridge",
            Model::Neighbours => "5 neighbours",
            Model::Gru => "GRU",
        }
    }
}

/// What a leak did for one model.
#[derive(Debug, Clone)]
pub struct Gain {
    /// Which leak, by its number from 1.
    pub leak: usize,
    /// The model.
    pub model: Model,
    /// The mean absolute error that an honest procedure claims, on the same days.
    pub honest: f64,
    /// What the leaking one claims.
    pub claimed: f64,
    /// honest − claimed, with its block-bootstrap interval.
    pub gain: Interval,
}

/// Names of the leaks and what they do.
pub const LEAKS: [(&str, &str); 5] = [
    ("scaling before the split", "mean and deviation of all years, the test year with them"),
    (
        "shuffled windows",
        "a random part of the windows is the test, so each has neighbours in training that share all but a day",
    ),
    (
        "centred smoothing",
        "each day's value is the mean of seven days around it, three of them in the future",
    ),
    (
        "target in the features",
        "the lowest temperature of the day to be forecast is among the inputs",
    ),
    (
        "tuning on the test",
        "of 60 settings the one with the smallest error on the test month is reported for that month",
    ),
];

/// The table and its cuts.
#[derive(Debug)]
pub struct Lab {
    /// Inputs (T, C), the target first.
    inputs: Array2<f64>,
    /// The target, (T).
    series: Vec<f64>,
    /// Where 2014 begins, and where it ends.
    year: (usize, usize),
    /// Where the year of `year` begins to be fitted on: all of what is before.
    seed: u64,
    steps: usize,
}

/// One experiment: inputs, where to fit and where to score.
struct Trial {
    /// Scaled inputs, (T, C).
    inputs: Array2<f64>,
    /// More numbers a sample, (T, K), read at its origin.
    extra: Array2<f64>,
    fit: Vec<usize>,
    score: Vec<usize>,
}

impl Lab {
    /// On the embedded table.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn new(seed: u64, steps: usize) -> Result<Self> {
        let Station { problem, cuts, .. } = station(None, false)?;
        let series = problem.series().to_vec();
        Ok(Self { inputs: problem.inputs, series, year: cuts, seed, steps })
    }

    fn shape(&self) -> Shape {
        Shape { history: HISTORY, leads: vec![LEAD] }
    }

    /// Standardises with the rows `of`.
    fn scaled(&self, inputs: &Array2<f64>, of: std::ops::Range<usize>) -> Array2<f64> {
        let rows = inputs.slice(ndarray::s![of, ..]);
        let (mean, deviation) =
            (rows.mean_axis(Axis(0)).expect("rows"), rows.std_axis(Axis(0), 0.0));
        (inputs - &mean) / &deviation
    }

    fn nothing(&self) -> Array2<f64> {
        Array2::zeros((self.series.len(), 0))
    }

    fn honest(&self) -> Trial {
        let (start, end) = self.year;
        let shape = self.shape();
        Trial {
            inputs: self.scaled(&self.inputs, 0..start),
            extra: self.nothing(),
            fit: shape.origins(&(0..start)).collect(),
            score: shape.origins(&(start..end)).collect(),
        }
    }

    /// |errors| of a model, one for each scored origin.
    fn errors(&self, trial: &Trial, model: Model) -> Result<Vec<f64>> {
        let shape = self.shape();
        let observed: Vec<f64> = trial.score.iter().map(|t| self.series[t + LEAD]).collect();
        // What is read at the origin stands in `flat`'s table of the future at the lead.
        let mut shifted = Array2::zeros((self.series.len() + LEAD, trial.extra.ncols())); // (T + lead, K)
        shifted.slice_mut(ndarray::s![LEAD.., ..]).assign(&trial.extra);
        let rows = |which: &[usize]| flat(&trial.inputs, &shifted, which, &shape);
        let y: Vec<f64> = trial.fit.iter().map(|t| self.series[t + LEAD]).collect();
        let forecast: Vec<f64> = match model {
            Model::Ridge => {
                let y = Array2::from_shape_vec((y.len(), 1), y).expect("one a row");
                Ridge::fit(&rows(&trial.fit), &y, 30.0)
                    .predict(&rows(&trial.score))
                    .column(0)
                    .to_vec()
            }
            Model::Neighbours => neighbours(&rows(&trial.fit), &y, &rows(&trial.score)),
            Model::Gru => {
                let (mean, spread) = (metric::mean(y.iter().copied()), deviation(&y));
                let targets = |of: &[usize]| {
                    Array2::from_shape_fn((of.len(), 1), |(n, _)| {
                        ((self.series[of[n] + LEAD] - mean) / spread) as f32
                    })
                };
                let samples = |of: &[usize]| Samples {
                    shape: shape.clone(),
                    inputs: trial.inputs.mapv(|v| v as f32),
                    known: shifted.mapv(|v| v as f32),
                    origins: of.to_vec(),
                    targets: targets(of),
                };
                let model =
                    network::median(&samples(&trial.fit), 24, self.steps, 0.005, self.seed, false)?;
                model
                    .predict(&samples(&trial.score))
                    .iter()
                    .map(|&z| mean + spread * f64::from(z))
                    .collect()
            }
        };
        Ok(observed.iter().zip(&forecast).map(|(y, f)| (y - f).abs()).collect())
    }

    /// The five leaks, each with all models (the last with ridge alone, which is quick to fit 60 times).
    ///
    /// # Errors
    /// Training that diverges.
    pub fn measure(&self) -> Result<Vec<Gain>> {
        let (start, end) = self.year;
        let honest = self.honest();
        let mut gains = Vec::new();
        for model in Model::ALL {
            let fair = self.errors(&honest, model)?;
            let mut push = |leak: usize, fair: &[f64], claimed: &[f64]| {
                let gain = paired_difference(fair, claimed, BLOCK, self.seed);
                let mean = |of: &[f64]| metric::mean(of.iter().copied());
                gains.push(Gain { leak, model, honest: mean(fair), claimed: mean(claimed), gain });
            };
            // 1: the scaler has seen the test year.
            let trial = Trial { inputs: self.scaled(&self.inputs, 0..end), ..self.honest() };
            push(1, &fair, &self.errors(&trial, model)?);
            // 2: half of the test year's windows are in the training part, at random.
            let mut order: Vec<usize> = (0..honest.score.len()).collect();
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(self.seed));
            let (inside, mut outside) =
                (order[..order.len() / 2].to_vec(), order[order.len() / 2..].to_vec());
            outside.sort_unstable();
            let fit =
                [honest.fit.clone(), inside.iter().map(|&n| honest.score[n]).collect()].concat();
            let score = outside.iter().map(|&n| honest.score[n]).collect();
            let trial = Trial { fit, score, ..self.honest() };
            let same_days: Vec<f64> = outside.iter().map(|&n| fair[n]).collect();
            push(2, &same_days, &self.errors(&trial, model)?);
            // 3: inputs smoothed with days of the future.
            let smooth = centred_mean(&self.inputs, 3);
            let trial = Trial { inputs: self.scaled(&smooth, 0..start), ..self.honest() };
            push(3, &fair, &self.errors(&trial, model)?);
            // 4: what is measured together with the target.
            let lowest = self.scaled(&self.inputs, 0..start);
            let extra = Array2::from_shape_fn((self.series.len(), 1), |(t, _)| {
                lowest[((t + LEAD).min(self.series.len() - 1), 1)]
            });
            let trial = Trial { extra, ..self.honest() };
            push(4, &fair, &self.errors(&trial, model)?);
        }
        gains.push(self.tuned());
        gains.sort_by_key(|gain| gain.leak);
        Ok(gains)
    }

    /// Leak 5: 60 random settings of ridge (window, λ, columns) on a month of 2014. Honest is the one that was best on the
    /// month before; the claim is the smallest error on the month itself.
    fn tuned(&self) -> Gain {
        use rand::Rng;
        let rng = &mut ChaCha8Rng::seed_from_u64(self.seed);
        let start = self.year.0;
        let inputs = self.scaled(&self.inputs, 0..start);
        let y_of = |t: usize| self.series[t + LEAD];
        let (before, month) = (start + 60..start + 90, start + 90..start + 120);
        let mut found: Vec<(f64, Vec<f64>)> = Vec::new();
        for _ in 0..60 {
            let history = rng.random_range(1..30);
            let lambda = 10.0_f64.powf(rng.random_range(-1.0..4.0));
            let columns: Vec<usize> =
                (0..inputs.ncols()).filter(|&c| c == 0 || rng.random::<f64>() < 0.5).collect();
            let shape = Shape { history, leads: vec![LEAD] };
            let chosen = inputs.select(Axis(1), &columns);
            let fit: Vec<usize> = shape.origins(&(0..start)).collect();
            let none = self.nothing();
            let rows = |which: &[usize]| flat(&chosen, &none, which, &shape);
            let y = Array2::from_shape_fn((fit.len(), 1), |(n, _)| y_of(fit[n]));
            let ridge = Ridge::fit(&rows(&fit), &y, lambda);
            let errors = |part: std::ops::Range<usize>| -> Vec<f64> {
                let which: Vec<usize> = shape.origins(&part).collect();
                ridge
                    .predict(&rows(&which))
                    .iter()
                    .zip(&which)
                    .map(|(f, &t)| (f - y_of(t)).abs())
                    .collect()
            };
            found.push((metric::mean(errors(before.clone())), errors(month.clone())));
        }
        let mean = |of: &[f64]| metric::mean(of.iter().copied());
        let fair = found.iter().min_by(|a, b| a.0.total_cmp(&b.0)).expect("60 settings").1.clone();
        let best = found
            .iter()
            .min_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)))
            .expect("60 settings")
            .1
            .clone();
        let gain = paired_difference(&fair, &best, 7, self.seed);
        Gain { leak: 5, model: Model::Ridge, honest: mean(&fair), claimed: mean(&best), gain }
    }

    /// The checks of the first four leaks: what each finds in the honest procedure and in the leaking one, as counts of offences.
    pub fn checks(&self) -> Vec<(&'static str, usize, usize)> {
        let (start, end) = self.year;
        let shape = self.shape();
        let honest = self.honest();
        let whole = self.scaled(&self.inputs, 0..end);
        let again = self.scaled(&self.inputs, 0..start);
        let differs = |used: &Array2<f64>| {
            used.columns().into_iter().zip(again.columns()).filter(|(a, b)| a != b).count()
        };
        let half: Vec<usize> = honest.score.iter().copied().step_by(2).collect();
        let fit = [honest.fit.clone(), honest.score.iter().copied().skip(1).step_by(2).collect()]
            .concat();
        let plain = |inputs: &Array2<f64>| inputs.clone();
        let smooth = |inputs: &Array2<f64>| centred_mean(inputs, 3);
        let joined = |inputs: &Array2<f64>| {
            let n = inputs.nrows();
            Array2::from_shape_fn((n, 1), |(t, _)| inputs[((t + LEAD).min(n - 1), 1)])
        };
        vec![
            (
                "fit the scaler again on training rows alone: columns that change",
                differs(&honest.inputs),
                differs(&whole),
            ),
            (
                "count training windows that touch a test target",
                touching(&honest.fit, &honest.score, &shape),
                touching(&fit, &half, &shape),
            ),
            (
                "cut the series off at the origin and compute the features again: origins that change",
                look_ahead(&self.inputs, &honest.score, plain),
                look_ahead(&self.inputs, &honest.score, smooth),
            ),
            (
                "the same check on the joined column: origins that change",
                look_ahead(&self.inputs, &honest.score, plain),
                look_ahead(&self.inputs, &honest.score, joined),
            ),
        ]
    }
}

fn deviation(values: &[f64]) -> f64 {
    let mean = metric::mean(values.iter().copied());
    metric::mean(values.iter().map(|v| (v - mean).powi(2))).sqrt()
}

/// The mean target of the five nearest rows.
fn neighbours(x: &Array2<f64>, y: &[f64], asked: &Array2<f64>) -> Vec<f64> {
    let square = |row: &ndarray::ArrayView1<f64>| row.iter().map(|v| v * v).sum::<f64>();
    let sizes: Array1<f64> = x.rows().into_iter().map(|row| square(&row)).collect();
    let products = asked.dot(&x.t()); // (asked, N)
    let mean = |row: ndarray::ArrayView1<f64>| {
        // |a − b|² = |a|² − 2 a·b + |b|²; the first is the same for all.
        let mut distances: Vec<(f64, f64)> =
            row.iter().zip(&sizes).zip(y).map(|((p, s), y)| (s - 2.0 * p, *y)).collect();
        distances.select_nth_unstable_by(4, |a, b| a.0.total_cmp(&b.0));
        metric::mean(distances[..5].iter().map(|d| d.1))
    };
    products.rows().into_iter().map(mean).collect()
}

/// Each value replaced by the mean of `half` moments before it, itself, and `half` after it.
pub fn centred_mean(inputs: &Array2<f64>, half: usize) -> Array2<f64> {
    let n = inputs.nrows();
    Array2::from_shape_fn(inputs.dim(), |(t, c)| {
        let around = t.saturating_sub(half)..(t + half + 1).min(n);
        metric::mean(around.map(|s| inputs[(s, c)]))
    })
}

/// How many training windows hold, in their past or as their target, the target of a test window. Zero for an honest split.
pub fn touching(train: &[usize], test: &[usize], shape: &Shape) -> usize {
    let targets: std::collections::HashSet<usize> =
        test.iter().flat_map(|t| shape.leads.iter().map(move |lead| t + lead)).collect();
    let holds = |t: &&usize| {
        let past = **t + 1 - shape.history..**t + 1;
        past.chain(shape.leads.iter().map(|lead| **t + lead))
            .any(|moment| targets.contains(&moment))
    };
    train.iter().filter(holds).count()
}

/// At how many origins a feature changes when the future is taken away: the series is cut off behind the origin and the
/// features computed again. Zero for features that look back only, whatever they are.
pub fn look_ahead(
    inputs: &Array2<f64>,
    origins: &[usize],
    features: impl Fn(&Array2<f64>) -> Array2<f64>,
) -> usize {
    let whole = features(inputs);
    let changes = |t: &&usize| {
        let cut = features(&inputs.slice(ndarray::s![..=**t, ..]).to_owned());
        cut.row(**t) != whole.row(**t)
    };
    // Every seventh origin is enough to find it, and quick.
    origins.iter().step_by(7).collect::<Vec<_>>().iter().filter(|t| changes(t)).count()
}

/// Runs the part.
///
/// # Errors
/// As [`Lab::measure`].
pub fn run(lesson: &mut Lesson, seed: u64, full: bool) -> Result<()> {
    lesson.heading("4 · Leaks: five ways to fool oneself");
    lesson.say(&format!(
        "Seattle's highest temperature {LEAD} days ahead, from windows of {HISTORY} days; fitted on 2012 and 2013, scored on \
         2014. Ridge, five nearest neighbours and a small GRU do the same honest work, then the same with one leak. The fake \
         gain is the honest mean absolute error minus the claimed one, on the same days."
    ));
    let lab = Lab::new(seed, if full { 1200 } else { 300 })?;
    let gains = lab.measure()?;
    let mut table = Table::new([
        "leak",
        "model",
        "honest MAE",
        "claimed MAE",
        "fake gain",
        "95 % interval",
    ])
    .caption(
        "°C. Moving-block bootstrap intervals, blocks of 14 days (7 for the one month of leak 5).",
    );
    for gain in &gains {
        table.push([
            format!("{}. {}", gain.leak, LEAKS[gain.leak - 1].0),
            gain.model.name().to_owned(),
            format!("{:.3}", gain.honest),
            format!("{:.3}", gain.claimed),
            format!("{:+.3}", gain.gain.estimate),
            format!("{:+.3} to {:+.3}", gain.gain.low, gain.gain.high),
        ]);
        let key = gain.model.name().to_lowercase().replace(' ', "_");
        lesson.number(&format!("leaks.gain_{}_{key}", gain.leak), gain.gain.estimate);
    }
    lesson.table(&table);
    let mut bars = BarChart::new(
        "Fake gain of each leak",
        "Bars: smoothing and the target in the features gain most.",
    )
    .unit("°C of mean absolute error");
    for gain in &gains {
        bars = bars.bar(
            format!("{}. {}, {}", gain.leak, LEAKS[gain.leak - 1].0, gain.model.name()),
            gain.gain.estimate,
        );
    }
    lesson.figure(&bars.render());
    lesson.subheading("What each does, and the check that finds it");
    let mut table = Table::new(["leak", "what it does", "check", "honest", "leaking"])
        .caption("Checks count offences; an honest procedure has none.");
    for ((name, what), (check, honest, leaking)) in LEAKS.iter().zip(lab.checks()) {
        table.push([
            (*name).to_owned(),
            (*what).to_owned(),
            check.to_owned(),
            honest.to_string(),
            leaking.to_string(),
        ]);
    }
    let rule = "none finds it; a rule prevents it: score the reported part once";
    table.push([LEAKS[4].0, LEAKS[4].1, rule, "–", "–"]);
    lesson.table(&table);
    let linear = gains.iter().find(|g| g.leak == 1 && g.model == Model::Ridge).expect("measured");
    lesson.say(&format!(
        "Scaling with the test year gains ridge {:+.3} °C: next to nothing, as it should, because a linear model undoes any \
         scaling. It is still a leak. In this course it does not compile: a scaler takes `Training` rows, which only a split gives out.",
        linear.gain.estimate
    ));
    Ok(())
}
