//! Ridge, and networks beside or on top of it.
//!
//! The training part is cut into K blocks of consecutive moments. For each block a ridge regression and a network are
//! fitted on all samples that do not touch it (an embargo of a window on both sides). The network learns quantiles
//! of what a *base* leaves over, in units of its spread σ:
//!
//! ```text
//! base ridge    q = ridge_k(window) + σ · network_k,q(window)      for series with a trend
//! base course   q = c_k(t + h) + b  + σ · network_k,q(window)      for series with a climate; b is what c_k has lately
//!               been off by (F24), and the network reads departures from that course, too
//! blend         q + w (ridge_k − median), w = ½                    ridge and network averaged (Bates and Granger 1969);
//!               with the course as base, ridge starts from it, too
//! ```
//!
//! Each pair forecasts the block that it never saw; those errors calibrate the intervals (F12), as cross-conformal
//! prediction does (Vovk 2015; Barber et al. 2021). What is forecast beyond the training part is the mean over the K
//! pairs. So no sample calibrates a model that was fitted on it, and none is wasted.

use std::ops::Range;
use std::path::PathBuf;

use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::windows::{Samples, Shape, targets};
use seqcore::files::sha256;
use seqcore::models::forecaster::{Forecaster, ForecasterConfig};
use seqcore::models::ridge::{Normal, Ridge};
use seqcore::optim::Schedule;
use seqcore::train::forecast::ForecastTask;
use seqcore::train::{self, Keep, Length, PREVIOUS, Plan, RESUME_FILE, Run, Saved};
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Problem;
use super::course::{adapted_ridge, design};
use super::member::{Fitted, Member, Scores, network_inputs, samples};

/// λ of ridge, in units of standardised inputs; the one with the smallest error on the held-out blocks is taken.
const LAMBDAS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];

/// Samples that a pair is fitted on, at least.
const FEWEST: usize = 16;

/// What the network's quantiles are added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Base {
    /// Ridge's forecast.
    Ridge,
    /// The course over the year and the day. Such a network stands beside ridge, and is also averaged with it.
    Course,
}

/// How to fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The recurrent cells to try, each on its own.
    pub cells: Vec<Cell>,
    /// What the networks' quantiles are added to.
    pub base: Base,
    /// Units in a layer.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Dropout between layers and before the head.
    pub dropout: f64,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Weight decay of AdamW.
    pub weight_decay: f64,
    /// Samples in a batch.
    pub batch: usize,
    /// How long each network is trained.
    pub length: Length,
    /// K
    pub blocks: usize,
    /// The seed of initial weights, order and dropout.
    pub seed: u64,
}

impl Settings {
    fn plan(&self) -> Plan {
        let optimiser =
            seqcore::optim::AdamW { weight_decay: self.weight_decay, ..Default::default() };
        Plan {
            length: self.length,
            learning_rate: self.learning_rate,
            optimiser: seqcore::optim::OptimiserConfig::AdamW(optimiser),
            schedule: Schedule::Cosine { warmup: 0.05, floor: 0.01 },
            clip: Some(1.0),
            evaluations: 4,
            keep: Keep::Last,
            patience: None,
        }
    }
}

/// Where networks keep their checkpoints, and whether to go on from those that are there.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// `None` keeps nothing.
    pub path: Option<PathBuf>,
    /// Go on from what stands there.
    pub resume: bool,
    /// Whether to show progress bars.
    pub progress: bool,
    /// A checkpoint at least so often.
    pub save_every: Option<std::time::Duration>,
}

impl Folder {
    /// The folder below it with this name.
    pub fn below(&self, name: &str) -> Self {
        Self { path: self.path.as_ref().map(|path| path.join(name)), ..self.clone() }
    }

    /// Moves an earlier run to `previous/`: the folders of its networks, and the files `beside` them. A
    /// run that is resumed keeps them. Without this, one that is stopped early and then resumed would
    /// go on with networks of the run before it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn begin(&self, beside: &[&str]) -> Result<()> {
        let Some(path) = self.path.as_ref().filter(|_| !self.resume) else { return Ok(()) };
        let mut names: Vec<String> = beside.iter().map(|&name| name.to_owned()).collect();
        for folder in [path.clone(), path.join(PREVIOUS)] {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let folders = entries.filter(|entry| entry.path().is_dir());
            names.extend(folders.filter_map(|entry| entry.file_name().into_string().ok()));
        }
        names.retain(|name| name != PREVIOUS);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        train::set_aside(path, None, &names)
    }
}

/// The `k`-th of the blocks of a training part; the last one takes what is left over.
fn block(train: &Range<usize>, blocks: usize, k: usize) -> Range<usize> {
    let width = train.len() / blocks.max(1);
    let end = if k + 1 == blocks { train.end } else { train.start + (k + 1) * width };
    train.start + k * width..end
}

/// Whether a training part can be cut into so many blocks: each must hold a sample, and leave a few without it.
pub fn enough(shape: &Shape, train: &Range<usize>, blocks: usize) -> bool {
    (0..blocks).map(|k| block(train, blocks, k)).all(|block| {
        !shape.origins(&block).is_empty() && shape.origins_clear_of(train, &block).len() >= FEWEST
    })
}

/// Fits ridge and the K pairs on the training part.
///
/// # Errors
/// A training part that is too short for its blocks; checkpoints that cannot be written or do not fit; Ctrl-C.
pub fn fit(
    problem: &Problem,
    train: &Range<usize>,
    settings: &Settings,
    folder: &Folder,
) -> Result<Fitted> {
    let shape = &problem.shape;
    let series = problem.series().to_vec();
    let block = |k: usize| block(train, settings.blocks, k);
    let seen = |k: usize| shape.origins_clear_of(train, &block(k));
    let held = |k: usize| shape.origins(&block(k)).collect::<Vec<_>>();
    if !enough(shape, train, settings.blocks) {
        return Err(Error::config(format!(
            "{} moments to train on are too few for a window of {} and a horizon of {} with {} blocks. Use more data, \
             a shorter window or a shorter horizon.",
            train.len(),
            shape.history,
            shape.horizon(),
            settings.blocks
        )));
    }
    let all: Vec<usize> = shape.origins(train).collect();
    let x = design(problem, &[], &all);
    let y = targets(&series, &all, shape);
    let rows = |origins: &[usize]| -> Vec<usize> { origins.iter().map(|t| t - all[0]).collect() };

    let (x_of, y_of) =
        (|o: &[usize]| x.select(Axis(0), &rows(o)), |o: &[usize]| y.select(Axis(0), &rows(o)));
    let normals: Vec<Normal> =
        (0..settings.blocks).map(|k| Normal::new(&x_of(&seen(k)), &y_of(&seen(k)))).collect();
    let error = |lambda: f64| -> f64 {
        let of_block = |k: usize| {
            (normals[k].solve(lambda).predict(&x_of(&held(k))) - &y_of(&held(k)))
                .mapv(f64::abs)
                .sum()
        };
        (0..settings.blocks).map(of_block).sum()
    };
    let errors = LAMBDAS.map(error);
    let lambda =
        (0..LAMBDAS.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).map(|k| LAMBDAS[k]);
    let lambda = lambda.expect("some λ");

    let (mut members, mut steps) = (Vec::new(), 0);
    let mut scores = Scores::new(settings.base, shape.leads.len());
    let mut length = settings.length;
    for (k, normal) in normals.iter().enumerate() {
        let (seen, held) = (seen(k), held(k));
        let plain = normal.solve(lambda);
        let ridge_held = plain.predict(&x_of(&held));
        let outside: Vec<usize> = train.clone().filter(|t| !block(k).contains(t)).collect();
        let (climate, ridge) = match settings.base {
            Base::Ridge => (Vec::new(), plain.clone()),
            Base::Course => {
                let climate = problem.climate(&outside);
                let ridge = adapted_ridge(problem, &climate, lambda, &seen);
                (climate, ridge)
            }
        };
        let mut member = Member::without_network(problem, ridge, climate, &outside);
        let inputs = network_inputs(problem, &member.climate, &member.scaler);
        let left = |origins: &[usize]| {
            y_of(origins) - member.base(problem, origins, &plain.predict(&x_of(origins)))
        };
        let (left_seen, left_held) = (left(&seen), left(&held));
        let spread: Vec<f64> =
            left_seen.std_axis(Axis(0), 0.0).iter().map(|s| s.max(1e-9)).collect();
        let scaled = |left: &Array2<f64>| {
            Array2::from_shape_fn(left.dim(), |(n, l)| (left[(n, l)] / spread[l]) as f32)
        };
        let train_samples = samples(problem, &inputs, seen, scaled(&left_seen));
        let held_samples = samples(problem, &inputs, held.clone(), scaled(&left_held));
        let name = format!("{}-{}", settings.cells[0], k + 1);
        let numbered = Settings {
            length,
            seed: settings.seed.wrapping_add(1000 * k as u64),
            ..settings.clone()
        };
        let (network, total) =
            train_network(&numbered, train_samples, held_samples, &folder.below(&name), folder)?;
        // A budget is measured once; the other networks make as many steps.
        (steps, length) = (total, Length::Steps(total));
        (member.spread, member.network) = (spread, network);
        scores.add(&member, problem, &held, &ridge_held, &y_of(&held));
        members.push(member);
    }
    let ridge = Ridge::fit(&x, &y, lambda);
    let (calibrations, ridge_half) = scores.quantiles();
    Ok(Fitted { shape: shape.clone(), ridge, lambda, members, calibrations, ridge_half, steps })
}

/// What tells these samples from others: a table may have got further rows since a checkpoint.
fn digest(samples: &Samples) -> String {
    let numbers = samples.inputs.iter().chain(&samples.targets);
    sha256(&numbers.flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}

/// Trains one network; where a checkpoint stands and may be used, from there on.
fn train_network(
    settings: &Settings,
    train: Samples,
    held: Samples,
    own: &Folder,
    whole: &Folder,
) -> Result<(Forecaster<f32>, usize)> {
    let config = ForecasterConfig {
        cell: settings.cells[0],
        inputs: train.inputs.ncols(),
        known: train.known.ncols() * train.shape.leads.len(),
        hidden: settings.hidden,
        layers: settings.layers,
        dropout: settings.dropout,
        leads: train.shape.leads.len(),
        levels: super::LEVELS.to_vec(),
    };
    config.validate()?;
    let mut model = Forecaster::new(&config, &mut ChaCha8Rng::seed_from_u64(settings.seed));
    // The length is left out: a resumed run may be given another.
    let said = (&config, settings.seed, settings.batch, digest(&train));
    let said = serde_json::to_string(&said).expect("plain data");
    let resume = match &own.path {
        Some(path) if own.resume && path.join(RESUME_FILE).exists() => {
            let saved = Saved::open(path)?;
            let stored: serde_json::Value = saved.settings()?;
            if stored != serde_json::from_str::<serde_json::Value>(&said).expect("just written") {
                return Err(Error::checkpoint(
                    path,
                    "this network was trained with other settings or data. Start a new run.",
                ));
            }
            Some((saved, None))
        }
        _ => None,
    };
    let mut task = ForecastTask::new(&model, train, held, settings.batch, settings.seed);
    if let Some(path) = &own.path {
        std::fs::create_dir_all(path).map_err(|e| Error::write(path, e))?;
    }
    let run = Run {
        folder: own.path.clone(),
        settings: said,
        progress: own.progress,
        save_every: own.save_every,
    };
    let progress = train::train(&mut task, &mut model, &settings.plan(), &run, resume, |_, _| {});
    let progress = progress.map_err(|error| match (error, &whole.path) {
        (Error::Interrupted(_), Some(path)) => Error::Interrupted(format!(
            "Stopped while training networks; what is done is kept. Go on with --resume {}.",
            path.display()
        )),
        (error, _) => error,
    })?;
    Ok((model, progress.total))
}
