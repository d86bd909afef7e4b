//! The model of the lesson, and how a training step of it is computed.
//!
//! ```text
//! x_t = E[token_t]
//! h_t = LSTM(x_t, h_{t-1})             (L1) to (L7), one layer or more
//! y_t = W_hy h_t + b_y                 (R3)
//! p_t = softmax(y_t)                   (R4)
//! ```
//!
//! It is seqcore's [`LanguageModel`] with two more ways to keep it from learning by heart:
//!
//! - *Tied* (Press & Wolf 2017; Inan et al. 2017): W_hy is E itself, so E = H. One table of
//!   vectors, listed once, and its gradient is the sum of both uses.
//! - *Weight drop* (Merity, Keskar & Socher 2018): each training step sees W_hh with a share of its
//!   weights set to zero, the others scaled up: dropout on the recurrence itself, the same at all
//!   steps of a sequence.

use std::borrow::Cow;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::init::add_forget_bias;
use seqcore::models::language::{LanguageConfig, LanguageGradient, LanguageModel};
use seqcore::nn::{Dropout, DropoutMask, DropoutStreams, EmbeddingGradient, LayerState};
use seqcore::params::{Named, Scope, Slot, SlotMut};
use seqcore::train::language::{LanguageTask, nats_per_token};
use seqcore::train::{StepLoss, Task};
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

/// The shape of a [`TextModel`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Sizes, cell and dropout.
    #[serde(flatten)]
    pub language: LanguageConfig,
    /// Whether the embedding is the output matrix too.
    pub tied: bool,
}

impl Shape {
    /// Refuses shapes that cannot work.
    ///
    /// # Errors
    /// Those of [`LanguageConfig::validate`], and tied weights of different sizes.
    pub fn validate(&self) -> Result<()> {
        let LanguageConfig { embedding, hidden, .. } = self.language;
        if self.tied && embedding != hidden {
            return Err(Error::config(format!(
                "tied weights need an embedding as wide as the hidden state, but they are {embedding} and {hidden}. \
                 Leave --embedding away, or --tied."
            )));
        }
        self.language.validate()
    }
}

/// A language model whose output matrix may be its embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct TextModel {
    /// All arrays. Where the model is tied, its `linear.weight` is stale until [`TextModel::untied`].
    language: LanguageModel<f32>,
    tied: bool,
}

/// The gradient of a [`TextModel`].
#[derive(Debug, Clone)]
pub struct TextGradient {
    language: LanguageGradient<f32>,
    tied: bool,
}

/// The one array that a tied model does not list.
const OUTPUT_WEIGHT: &str = "linear.weight";

impl TextModel {
    /// A new model: PyTorch's defaults, and the forget gates' bias + 1 in an LSTM, so that a young
    /// network remembers. A tied embedding starts as the output matrix would, U(±1/√H).
    pub fn new(shape: &Shape, rng: &mut impl Rng) -> Self {
        let mut language = LanguageModel::new(&shape.language, rng);
        if shape.language.cell == Cell::Lstm {
            for bias in language.rnn.cells.iter_mut().filter_map(|cell| cell.bias_ih.as_mut()) {
                add_forget_bias(bias, 1.0);
            }
        }
        if shape.tied {
            language.embedding.weight.assign(&language.linear.weight);
        }
        language.output_dropout = shape.language.dropout;
        Self { language, tied: shape.tied }
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        Shape { language: self.language.config(), tied: self.tied }
    }

    /// The same function as a [`LanguageModel`] with all arrays in their places.
    pub fn untied(&self) -> Cow<'_, LanguageModel<f32>> {
        if !self.tied {
            return Cow::Borrowed(&self.language);
        }
        let mut language = self.language.clone();
        language.linear.weight.assign(&self.language.embedding.weight);
        Cow::Owned(language)
    }
}

/// Lists the arrays of `language`, but not its output matrix where that is the embedding.
macro_rules! named_unless_tied {
    ($type:ident) => {
        impl Named<f32> for $type {
            fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, f32>)) {
                let left_out = self.tied.then(|| scope.inside(OUTPUT_WEIGHT).name());
                self.language.visit(scope, &mut |name, slot| {
                    if left_out.as_ref() != Some(&name) {
                        f(name, slot);
                    }
                });
            }

            fn visit_mut<'a>(
                &'a mut self,
                scope: &Scope,
                f: &mut dyn FnMut(String, SlotMut<'a, f32>),
            ) {
                let left_out = self.tied.then(|| scope.inside(OUTPUT_WEIGHT).name());
                self.language.visit_mut(scope, &mut |name, slot| {
                    if left_out.as_ref() != Some(&name) {
                        f(name, slot);
                    }
                });
            }
        }
    };
}

named_unless_tied!(TextModel);
named_unless_tied!(TextGradient);

/// Training of a [`TextModel`]: seqcore's [`LanguageTask`] on the weights that a step sees.
#[derive(Debug)]
pub struct TextTask {
    inner: LanguageTask,
    dev: Evaluation,
    gradient: TextGradient,
    weight_drop: Dropout,
    seed: u64,
}

impl TextTask {
    /// Lays out a task for `model`.
    ///
    /// # Errors
    /// A weight drop outside of 0 to below 1.
    pub fn new(
        model: &TextModel,
        streams: Streams,
        dev: Evaluation,
        weight_drop: f64,
        seed: u64,
    ) -> Result<Self> {
        Ok(Self {
            inner: LanguageTask::new(&model.language, streams, dev.clone(), seed),
            dev,
            gradient: TextGradient { language: model.language.zero_gradient(), tied: model.tied },
            weight_drop: Dropout::new(weight_drop)?,
            seed,
        })
    }

    /// The masks of this step, one for each W_hh. No layer of a shard draws from their stream.
    fn masks(&self, model: &TextModel, step: usize) -> Vec<DropoutMask<f32, ndarray::Ix2>> {
        let streams = DropoutStreams { seed: self.seed, step, shard: WEIGHT_DROP_STREAM };
        let mut rng: ChaCha8Rng = streams.layer(0);
        let cells = &model.language.rnn.cells;
        cells.iter().map(|cell| self.weight_drop.mask(cell.weight_hh.dim(), &mut rng)).collect()
    }
}

/// The number of a shard that no batch has.
const WEIGHT_DROP_STREAM: usize = 255;

impl Task for TextTask {
    type Model = TextModel;
    type Gradient = TextGradient;
    type Carried = Vec<LayerState<f32>>;

    fn gradient(&mut self, model: &TextModel, step: usize) -> (StepLoss, &mut TextGradient) {
        let masks = if self.weight_drop.p() > 0.0 { self.masks(model, step) } else { Vec::new() };
        let mut seen = model.untied();
        if !masks.is_empty() {
            for (cell, mask) in seen.to_mut().rnn.cells.iter_mut().zip(&masks) {
                mask.apply(&mut cell.weight_hh);
            }
        }
        let (loss, gradient) = self.inner.gradient(&seen, step);
        // The task begins each step with a gradient of zero, whichever memory it finds.
        std::mem::swap(gradient, &mut self.gradient.language);
        if model.tied {
            // Of a large vocabulary the task keeps rows; below they became a whole table.
            gradient.embedding = model.language.zero_gradient().embedding;
        }
        let gradient = &mut self.gradient.language;
        for (cell, mask) in gradient.rnn.cells.iter_mut().zip(&masks) {
            mask.apply(&mut cell.weight_hh);
        }
        if model.tied {
            let mut both = gradient.embedding.to_dense(model.language.embedding.weight.nrows());
            both += &gradient.linear.weight; // (V, H)
            gradient.embedding = EmbeddingGradient::Dense(both);
        }
        (loss, &mut self.gradient)
    }

    fn evaluate(&mut self, model: &TextModel) -> f64 {
        nats_per_token(&model.untied(), &self.dev)
    }

    fn carried(&mut self) -> &mut Self::Carried {
        self.inner.carried()
    }

    fn restart(&mut self) {
        self.inner.restart();
    }
}
