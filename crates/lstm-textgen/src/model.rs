//! The model of the lesson, and how a training step of it is computed.
//!
//! ```text
//! x_t = E[token_t]
//! h_t = LSTM(x_t, h_{t-1})             (L1) to (L7), one layer or more
//! y_t = W_hy h_t + b_y                 (R3)
//! p_t = softmax(y_t)                   (R4)
//! ```
//!
//! It is seqcore's [`LanguageModel`] with three more ways to keep it from learning by heart:
//!
//! - *Tied* (Press & Wolf 2017; Inan et al. 2017): W_hy is E itself, so E = H. One table of
//!   vectors, listed once, and its gradient is the sum of both uses.
//! - *Weight drop* (Merity, Keskar & Socher 2018): each training step sees W_hh with a share of its
//!   weights set to zero, the others scaled up: dropout on the recurrence itself, the same at all
//!   steps of a sequence.
//! - *Averaged* (Polyak & Juditsky 1992): what is scored and kept is not the weights of the last step
//!   but their running mean over many steps, which lies nearer to the middle of the valley.

use seqcore::random::MaskStreams;
use seqcore::random::Place;
use seqcore::random::Shard;
use std::borrow::Cow;

use lesson::{Error, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::init::add_forget_bias;
use seqcore::models::language::{LanguageConfig, LanguageGradient, LanguageModel};
use seqcore::nn::{Dropout, DropoutMask, EmbeddingGradient};
use seqcore::optim::average_in;
use seqcore::params::{Named, Scope, Slot, SlotMut};
use seqcore::train::language::{LanguageTask, nats_per_token};
use seqcore::train::{StepLoss, Task};
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
        Ok(self.language.validate()?)
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
    /// A new model: PyTorch's defaults, and `forget_bias` added to the forget gates of an LSTM. A
    /// tied embedding starts as the output matrix would, U(±1/√H).
    pub fn new(shape: &Shape, forget_bias: f64, rng: &mut impl Rng) -> Self {
        let mut language = LanguageModel::new(&shape.language, rng);
        if shape.language.cell == Cell::Lstm && forget_bias != 0.0 {
            for bias in language.rnn.cells.iter_mut().filter_map(|cell| cell.bias_ih.as_mut()) {
                add_forget_bias(bias, forget_bias);
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
    /// The running mean of the weights, and the share of it that a step keeps.
    average: Option<(TextModel, f64)>,
    seed: u64,
}

impl TextTask {
    /// Lays out a task for `model`. Each step keeps the share `average` of the running mean of the
    /// weights; at 0 there is none.
    ///
    /// # Errors
    /// A weight drop outside of 0 to below 1.
    pub fn new(
        model: &TextModel,
        streams: Streams,
        dev: Evaluation,
        weight_drop: f64,
        average: f64,
        seed: u64,
    ) -> Result<Self> {
        Ok(Self {
            inner: LanguageTask::new(&model.language, streams, dev.clone(), seed),
            dev,
            gradient: TextGradient { language: model.language.zero_gradient(), tied: model.tied },
            weight_drop: Dropout::new(weight_drop)?,
            average: (average > 0.0).then(|| (model.clone(), average)),
            seed,
        })
    }

    /// The masks of this step, one for each W_hh. No layer of a shard draws from their stream.
    fn masks(&self, model: &TextModel, step: usize) -> Vec<DropoutMask<f32, ndarray::Ix2>> {
        let streams = MaskStreams { seed: self.seed, step, shard: Shard::Weights };
        let mut rng: ChaCha8Rng = streams.at(Place::Layer(0));
        let cells = &model.language.rnn.cells;
        cells.iter().map(|cell| self.weight_drop.mask(cell.weight_hh.dim(), &mut rng)).collect()
    }
}

/// What goes from step to step: the state of the streams, and the average.
impl Named<f32> for TextTask {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, f32>)) {
        self.inner.states().visit(scope, f);
        if let Some((average, _)) = &self.average {
            average.visit(&scope.inside("average"), f);
        }
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, f32>)) {
        self.inner.carried().visit_mut(scope, f);
        if let Some((average, _)) = &mut self.average {
            average.visit_mut(&scope.inside("average"), f);
        }
    }
}

impl Task for TextTask {
    type Model = TextModel;
    type Gradient = TextGradient;
    type Carried = Self;

    fn gradient(&mut self, model: &TextModel, step: usize) -> (StepLoss, &mut TextGradient) {
        if let Some((average, keep)) = &mut self.average {
            average_in(average, model, *keep, step);
        }
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
        nats_per_token(&self.kept(model).untied(), &self.dev)
    }

    fn kept<'a>(&'a self, model: &'a TextModel) -> &'a TextModel {
        self.average.as_ref().map_or(model, |(average, _)| average)
    }

    fn carried(&mut self) -> &mut Self {
        self
    }

    fn restart(&mut self) {
        self.inner.restart();
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use seqcore::optim::{AdamW, Optimiser, OptimiserConfig};
    use seqcore::train::update;

    use super::*;

    fn shape(vocabulary: usize, tied: bool) -> Shape {
        let (embedding, cell, hidden, layers, dropout) = (6, Cell::Lstm, 6, 2, 0.3);
        let language = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout };
        Shape { language, tied }
    }

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(1)
    }

    fn text(vocabulary: usize) -> (Streams, Evaluation) {
        let ids: Vec<usize> = (0..700).map(|k| k * k % vocabulary).collect();
        let dev = Evaluation::new(0, ids[..50].to_vec(), 2, 16).unwrap();
        (Streams::new(ids, 16, 8).unwrap(), dev)
    }

    fn steps<T: Task>(task: &mut T, model: &mut T::Model, n: usize) {
        let config = OptimiserConfig::AdamW(AdamW::default());
        let mut optimiser = Optimiser::new(config, model).unwrap();
        for step in 0..n {
            update(task, model, &mut optimiser, step, 0.01, Some(1.0));
        }
    }

    #[test]
    fn without_its_extras_it_trains_as_the_library_does() {
        let mut own = TextModel::new(&shape(11, false), 0.0, &mut rng());
        let mut plain = own.untied().into_owned();
        let (streams, dev) = text(11);
        let mut plain_task = LanguageTask::new(&plain, streams.clone(), dev.clone(), 5);
        let mut task = TextTask::new(&own, streams, dev, 0.0, 0.0, 5).unwrap();
        steps(&mut task, &mut own, 12);
        steps(&mut plain_task, &mut plain, 12);
        assert_eq!(*own.untied(), plain);
        assert_eq!(task.evaluate(&own), plain_task.evaluate(&plain));
    }

    /// The loss of a step as a function of the parameters, and the task's gradient of it. Both
    /// uses of a tied embedding and the dropped weights are in it.
    #[test]
    fn the_gradient_is_that_of_the_loss() {
        for (vocabulary, tied, weight_drop) in
            [(11, true, 0.0), (11, false, 0.4), (1100, true, 0.3)]
        {
            let mut model = TextModel::new(&shape(vocabulary, tied), 1.0, &mut rng());
            let names: Vec<String> = model.named().into_iter().map(|(name, _)| name).collect();
            assert_eq!(names.iter().any(|name| name == OUTPUT_WEIGHT), !tied);
            let (streams, dev) = text(vocabulary);
            let mut task = TextTask::new(&model, streams, dev, weight_drop, 0.0, 5).unwrap();
            // A second gradient, so that memory has been used.
            task.gradient(&model, 0);
            task.restart();
            let gradient = task.gradient(&model, 0).1.clone();
            let gradient: Vec<_> = gradient
                .named()
                .into_iter()
                .map(|(name, slot)| (name, slot.dense().to_owned()))
                .collect();
            for (k, (name, gradient)) in gradient.iter().enumerate() {
                // The number with the largest gradient, nudged; the model is in f32.
                let flat: Vec<f32> = gradient.iter().copied().collect();
                let at = (0..flat.len())
                    .max_by(|&a, &b| flat[a].abs().total_cmp(&flat[b].abs()))
                    .unwrap();
                let mut loss_at = |nudge: f32| {
                    nudge_one(&mut model, k, at, nudge);
                    task.restart();
                    let (loss, _) = task.gradient(&model, 0);
                    nudge_one(&mut model, k, at, -nudge);
                    loss.sum / loss.count as f64
                };
                let slope = (loss_at(0.01) - loss_at(-0.01)) / 0.02;
                let found = f64::from(flat[at]);
                assert!(
                    (slope - found).abs() < 2e-2 * found.abs() + 1e-5,
                    "{name}: {found} and {slope}"
                );
            }
        }
    }

    fn nudge_one(model: &mut TextModel, k: usize, at: usize, by: f32) {
        let (_, slot) = model.named_mut().swap_remove(k);
        *slot.dense().iter_mut().nth(at).unwrap() += by;
    }

    #[test]
    fn the_average_is_the_running_mean_of_the_weights() {
        let mut model = TextModel::new(&shape(11, false), 0.0, &mut rng());
        let (streams, dev) = text(11);
        let mut task = TextTask::new(&model, streams, dev, 0.0, 0.8, 5).unwrap();
        let weight = |model: &TextModel| f64::from(model.language.linear.weight[[2, 3]]);
        let mut optimiser =
            Optimiser::new(OptimiserConfig::AdamW(AdamW::default()), &model).unwrap();
        let mut expected = weight(&model);
        for step in 0..40 {
            let before = weight(&model);
            update(&mut task, &mut model, &mut optimiser, step, 0.01, Some(1.0));
            // 0.8 once step / (step + 10) is above it; the average has the weights before the step.
            let keep = f64::min(0.8, step as f64 / (step as f64 + 10.0));
            expected = keep * expected + (1.0 - keep) * before;
        }
        assert!((weight(task.kept(&model)) - expected).abs() < 1e-5);
        assert!((weight(&model) - expected).abs() > 1e-3, "the two differ");
        let names: Vec<String> = task.named().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"average.linear.weight".to_owned()), "{names:?}");
    }

    #[test]
    fn a_task_goes_on_from_what_it_carries() {
        let mut model = TextModel::new(&shape(11, true), 1.0, &mut rng());
        let task = |model: &TextModel| {
            let (streams, dev) = text(11);
            TextTask::new(model, streams, dev, 0.3, 0.9, 5).unwrap()
        };
        // No optimiser with a memory, so that all there is to hand over is what the task carries.
        let run = |task: &mut TextTask, model: &mut TextModel, range: std::ops::Range<usize>| {
            let mut optimiser = Optimiser::new("sgd".parse().unwrap(), model).unwrap();
            range.for_each(|step| _ = update(task, model, &mut optimiser, step, 0.1, Some(1.0)));
        };
        let mut first = task(&model);
        run(&mut first, &mut model, 0..6);
        let (mut resumed, mut second) = (model.clone(), task(&model));
        for ((name, to), (same, from)) in second.named_mut().into_iter().zip(first.named()) {
            assert_eq!(name, same);
            to.dense().assign(&from.dense());
        }
        run(&mut first, &mut model, 6..12);
        run(&mut second, &mut resumed, 6..12);
        assert_eq!(model, resumed);
        assert_eq!(first.kept(&model), second.kept(&resumed));
        assert_ne!(first.kept(&model), &model);
    }

    #[test]
    fn tied_weights_of_two_sizes_are_refused() {
        let mut shape = shape(11, true);
        shape.language.embedding = 5;
        assert!(shape.validate().unwrap_err().to_string().contains("--embedding"));
    }
}
