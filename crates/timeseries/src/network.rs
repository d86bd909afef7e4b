//! A small forecaster, trained on samples in one call: what the parts *stocks* and *leaks* need.

use crate::forecaster::task::ForecastTask;
use crate::forecaster::{Forecaster, ForecasterConfig};
use lesson::run::{Run, train};
use lesson::{Error, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::windows::Samples;
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, Plan};

/// Trains one GRU for the median of all leads, for a fixed number of steps; nothing is chosen on the way.
///
/// # Errors
/// Training that diverges; no samples.
pub fn median(
    samples: &Samples,
    hidden: usize,
    steps: usize,
    learning_rate: f64,
    seed: u64,
    progress: bool,
) -> Result<Forecaster<f32>> {
    if samples.is_empty() {
        return Err(Error::config("there are no windows to train on. Use more data."));
    }
    let config = ForecasterConfig {
        cell: Cell::Gru,
        inputs: samples.inputs.ncols(),
        known: samples.known.ncols() * samples.shape.leads.len(),
        hidden,
        layers: 1,
        dropout: 0.2,
        leads: samples.shape.leads.len(),
        levels: vec![0.5],
    };
    let mut model = Forecaster::new(&config, &mut ChaCha8Rng::seed_from_u64(seed));
    let nothing = Samples {
        origins: Vec::new(),
        targets: samples.targets.slice(ndarray::s![..0, ..]).to_owned(),
        ..samples.clone()
    };
    let mut task = ForecastTask::new(&model, samples.clone(), nothing, 64, seed);
    let plan = Plan {
        length: Length::Steps(steps),
        learning_rate,
        optimiser: "adamw".parse()?,
        schedule: Schedule::Cosine { warmup: 0.05, floor: 0.01 },
        clip: Some(1.0),
        evaluations: 1,
        keep: Keep::Last,
        patience: None,
    };
    let run = Run::in_memory(progress);
    train(&mut task, &mut model, &plan, &run, None, |_, _| {})?;
    Ok(model)
}
