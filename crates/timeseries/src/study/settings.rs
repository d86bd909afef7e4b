//! How a study fits its networks.

use seqcore::cells::Cell;
use seqcore::optim::{AdamW, OptimiserConfig, Schedule};
use seqcore::train::{Keep, Length, Plan};
use serde::{Deserialize, Serialize};

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
pub struct StudySettings {
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

impl StudySettings {
    /// The seed of the k-th network's initial weights, order and dropout.
    pub(super) fn seed_of(&self, k: usize) -> u64 {
        self.seed.wrapping_add(1000 * k as u64)
    }

    /// How each network is trained.
    pub(super) fn plan(&self) -> Plan {
        let optimiser = AdamW { weight_decay: self.weight_decay, ..Default::default() };
        Plan {
            length: self.length,
            learning_rate: self.learning_rate,
            optimiser: OptimiserConfig::AdamW(optimiser),
            schedule: Schedule::Cosine { warmup: 0.05, floor: 0.01 },
            clip: Some(1.0),
            evaluations: 4,
            keep: Keep::Last,
            patience: None,
        }
    }
}
