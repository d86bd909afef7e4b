//! A recurrent forecaster: it reads the past and says, for every lead, not one number but several quantiles.
//!
//! ```text
//! h_t = recurrent(x_t, h_{t−1})                the window, oldest moment first
//! q   = W [h_T; x_T; k] + b                    (leads · Q): quantiles of all leads at once (multi-output)
//! L   = mean pinball_q(y, q)                   (F10), over samples, leads and levels
//! ```
//!
//! k is what is known of the moments that are forecast, such as the hour; the last moment x_T has a way of its own to
//! the head, so that the network need not carry "as now" through its gates. Nothing forces a higher quantile above a
//! lower one; [`Forecaster::predict`] sorts them, which never makes the pinball loss larger (Chernozhukov,
//! Fernández-Val and Galichon 2010).

pub mod task;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Ix2, concatenate, s};
use rand::Rng;
use serde::{Deserialize, Serialize};

use lesson::run::model::Describes;
use lesson::{Error, Result};
use seqcore::cells::Cell;
use seqcore::data::windows::{Batch, Samples};
use seqcore::fused::Fused;
use seqcore::loss::{self, Loss};
use seqcore::nn::{
    Dropout, DropoutMask, LayerState, Linear, Recurrent, RecurrentConfig, RecurrentTape,
};
use seqcore::params::Named;
use seqcore::random::{MaskStreams, Place};
use seqcore::sequence::{Engine, Input, InputGradient};
use seqcore::{Float, named, optim, threads};

/// The shape of a [`Forecaster`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecasterConfig {
    /// Which recurrent cell.
    pub cell: Cell,
    /// C, numbers a moment.
    pub inputs: usize,
    /// Numbers that are known of the future: leads · K.
    pub known: usize,
    /// H, the size of a hidden state.
    pub hidden: usize,
    /// L, how many recurrent layers.
    pub layers: usize,
    /// The share of values dropped between layers and before the head while training.
    pub dropout: f64,
    /// How many leads are forecast.
    pub leads: usize,
    /// The Q quantile levels, ascending, each between 0 and 1.
    pub levels: Vec<f64>,
}

impl Describes for ForecasterConfig {
    const KIND: &'static str = "quantile network of timeseries";
}

impl ForecasterConfig {
    /// The shape of the recurrent layers.
    pub fn recurrent(&self) -> RecurrentConfig {
        let shape = RecurrentConfig::new(self.cell, self.inputs, self.hidden);
        RecurrentConfig { layers: self.layers, dropout: self.dropout, ..shape }
    }

    /// Refuses shapes that cannot work.
    ///
    /// # Errors
    /// A size of zero, a dropout probability outside 0 to below 1, levels that are not ascending within (0, 1), or
    /// more than 2^26 parameters.
    pub fn validate(&self) -> Result<()> {
        self.recurrent().validate()?;
        let ascending = self.levels.windows(2).all(|pair| pair[0] < pair[1]);
        let within = self.levels.iter().all(|q| *q > 0.0 && *q < 1.0);
        if self.leads == 0 || self.levels.is_empty() || !ascending || !within {
            return Err(Error::config(format!(
                "a forecaster needs leads and ascending quantile levels between 0 and 1, not {} and {:?}.",
                self.leads, self.levels
            )));
        }
        let [c, h, l] = [self.inputs, self.hidden, self.layers].map(|n| n as f64);
        let parameters = self.cell.gates() as f64 * h * (c + h + 2.0 + (l - 1.0) * (2.0 * h + 2.0))
            + (self.leads * self.levels.len()) as f64 * (h + c + self.known as f64 + 1.0);
        if parameters > 67_108_864.0 {
            return Err(Error::config(format!(
                "a forecaster with {parameters:.0} parameters is too large to be trained here. Choose fewer units."
            )));
        }
        Ok(())
    }
}

/// A recurrent network with a head of quantiles; also the type of its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecaster<A> {
    /// The shape.
    pub config: ForecasterConfig,
    /// Reads the window.
    pub rnn: Recurrent<A>,
    /// From the last state, the last moment and what is known of the future to the quantiles: (leads·Q, H + C + known).
    pub head: Linear<A>,
}

named!(Forecaster { rnn, head });

/// What a forward pass leaves for the backward pass.
#[derive(Debug)]
pub struct ForecasterTape<A: Float, E: Engine<A> = Fused> {
    rnn: RecurrentTape<A, E>,
    mask: DropoutMask<A, Ix2>,
    /// [h_T; x_T; k], (B, H + C + known), after dropout.
    joined: Array2<A>,
}

impl<A: Float, E: Engine<A>> Default for ForecasterTape<A, E> {
    fn default() -> Self {
        Self {
            rnn: RecurrentTape::default(),
            mask: DropoutMask::none(),
            joined: Array2::zeros((0, 0)),
        }
    }
}

impl<A: Float> Forecaster<A> {
    /// A new model with PyTorch's default initialisation.
    pub fn new(config: &ForecasterConfig, rng: &mut impl Rng) -> Self {
        let rnn = Recurrent::new(config.recurrent(), rng);
        let outputs = config.leads * config.levels.len();
        let head = Linear::new(config.hidden + config.inputs + config.known, outputs, true, rng);
        Self { config: config.clone(), rnn, head }
    }

    /// Zeros in this model's shapes: an empty gradient.
    pub fn zeros_like(&self) -> Self {
        let (config, rnn) = (self.config.clone(), Recurrent::zeros(self.rnn.config));
        Self { config, rnn, head: self.head.zeros_like() }
    }

    /// Back to zero, keeping the memory.
    pub fn set_zero(&mut self) {
        self.scale(A::zero());
    }

    /// Adds the gradient of another shard.
    pub fn add(&mut self, other: &Self) {
        optim::add(self, other);
    }

    /// Quantiles (B, leads·Q) for windows `x` (T, B, C) and `known` (B, leads·K). Dropout acts where its streams
    /// are given, that is while training.
    pub fn forward<E: Engine<A>>(
        &self,
        x: ArrayView3<A>,
        known: ArrayView2<A>,
        dropout: Option<&MaskStreams>,
        tape: &mut ForecasterTape<A, E>,
    ) -> Array2<A> {
        let (steps, batch, _) = x.dim();
        assert_eq!(known.dim(), (batch, self.config.known), "what is known against (B, known)");
        let start = LayerState::zeros(&self.rnn.config, batch);
        self.rnn.forward(Input::Dense(x), None, &start, dropout, &mut tape.rnn);
        let mut h = tape.rnn.output().index_axis(Axis(0), steps - 1).to_owned(); // (B, H)
        tape.mask = match dropout {
            Some(streams) => Dropout::new(self.config.dropout)
                .expect("a valid configuration")
                .mask(h.raw_dim(), &mut streams.at(Place::Layer(self.config.layers))),
            None => DropoutMask::none(),
        };
        tape.mask.apply(&mut h);
        let now = x.index_axis(Axis(0), steps - 1); // (B, C)
        tape.joined = concatenate![Axis(1), h, now, known]; // (B, H + C + known)
        self.head.forward(&tape.joined) // (B, leads·Q)
    }

    /// Goes back over the batch that `tape` holds; `dq` (B, leads·Q). Adds to `grads`.
    pub fn backward<E: Engine<A>>(
        &self,
        x: ArrayView3<A>,
        dq: ArrayView2<A>,
        tape: &mut ForecasterTape<A, E>,
        grads: &mut Self,
    ) {
        let (steps, batch, _) = x.dim();
        let d_joined = self.head.backward(&tape.joined, &dq, &mut grads.head);
        let mut dh = d_joined.slice(s![.., ..self.config.hidden]).to_owned(); // (B, H)
        tape.mask.apply(&mut dh);
        let mut d_output = Array3::zeros((steps, batch, self.config.hidden)); // (T, B, H)
        d_output.index_axis_mut(Axis(0), steps - 1).assign(&dh);
        let unused = InputGradient::Unused;
        self.rnn.backward(
            Input::Dense(x),
            &mut tape.rnn,
            d_output.view(),
            None,
            &mut grads.rnn,
            unused,
        );
    }

    /// Loss (F10) and gradient of one batch or one shard of it, targets `y` (B, leads). The gradient is divided by
    /// `divisor`, how many numbers the *whole* batch forecasts (B·leads·Q), and added to `grads`.
    pub fn loss_and_gradient<E: Engine<A>>(
        &self,
        x: ArrayView3<A>,
        known: ArrayView2<A>,
        y: ArrayView2<A>,
        divisor: usize,
        dropout: Option<&MaskStreams>,
        tape: &mut ForecasterTape<A, E>,
        grads: &mut Self,
    ) -> Loss<A, Ix2> {
        let q = self.forward(x, known, dropout, tape);
        let loss = self.pinball(q, y, divisor);
        self.backward(x, loss.gradient.view(), tape, grads);
        loss
    }

    /// The pinball loss of quantiles `q` (B, leads·Q); its gradient has that shape.
    fn pinball(&self, q: Array2<A>, y: ArrayView2<A>, divisor: usize) -> Loss<A, Ix2> {
        let (shape, count) = (q.raw_dim(), self.config.levels.len());
        assert_eq!(y.dim(), (shape[0], self.config.leads), "targets against (B, leads)");
        let rows = q.into_shape_with_order((y.len(), count)).expect("B·leads rows of Q");
        let observed = y.iter().copied().collect::<ndarray::Array1<A>>();
        let loss = loss::pinball(rows, &observed, &self.config.levels, divisor);
        let gradient = loss.gradient.into_shape_with_order(shape).expect("the shape it had");
        Loss { gradient, sum: loss.sum, count: loss.count }
    }
}

/// Samples that are read at once when nothing is trained.
const CHUNK: usize = 128;

impl Forecaster<f32> {
    /// Quantiles of all samples, (N, leads, Q), ascending, in the network's units.
    pub fn predict(&self, samples: &Samples) -> Array3<f32> {
        let (leads, levels) = (self.config.leads, self.config.levels.len());
        let all: Vec<usize> = (0..samples.len()).collect();
        let parts: Vec<Array2<f32>> = threads::map(all.chunks(CHUNK).collect(), |which| {
            let Batch { x, known, .. } = samples.gather(which);
            let mut tape = ForecasterTape::<f32>::default();
            self.forward(x.view(), known.view(), None, &mut tape)
        });
        let mut sorted = Array3::zeros((samples.len(), leads, levels)); // (N, leads, Q)
        let rows = parts.iter().flat_map(|part| part.rows());
        for (mut into, row) in sorted.outer_iter_mut().zip(rows) {
            into.iter_mut().zip(row).for_each(|(into, q)| *into = *q);
            for mut quantiles in into.rows_mut() {
                quantiles.as_slice_mut().expect("standard layout").sort_by(f32::total_cmp);
            }
        }
        sorted
    }

    /// The mean pinball loss over all samples, in the network's units.
    pub fn mean_loss(&self, samples: &Samples) -> f64 {
        let all: Vec<usize> = (0..samples.len()).collect();
        let sums: Vec<f64> = threads::map(all.chunks(CHUNK).collect(), |which| {
            let Batch { x, known, y } = samples.gather(which);
            let mut tape = ForecasterTape::<f32>::default();
            let q = self.forward(x.view(), known.view(), None, &mut tape);
            self.pinball(q, y.view(), 1).sum
        });
        let count = samples.len() * self.config.leads * self.config.levels.len();
        sums.iter().sum::<f64>() / count.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use seqcore::cells::unroll::Reference;
    use seqcore::data::windows::Shape;
    use seqcore::gradcheck::check;
    use seqcore::init;

    fn config(cell: Cell, dropout: f64) -> ForecasterConfig {
        let levels = vec![0.1, 0.5, 0.9];
        ForecasterConfig {
            cell,
            inputs: 3,
            known: 4,
            hidden: 5,
            layers: 2,
            dropout,
            leads: 2,
            levels,
        }
    }

    #[test]
    fn backward_agrees_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        for (cell, dropout) in [(Cell::Gru, 0.0), (Cell::Lstm, 0.4)] {
            let mut model = Forecaster::<f64>::new(&config(cell, dropout), rng);
            let x: Array3<f64> = init::normal((6, 4, 3), rng);
            let (known, y): (Array2<f64>, Array2<f64>) =
                (init::normal((4, 4), rng), init::normal((4, 2), rng));
            let streams = MaskStreams::new(1, 2, 0);
            let mut gradient = model.zeros_like();
            let loss = |model: &Forecaster<f64>, gradient: &mut Forecaster<f64>| {
                let mut tape: ForecasterTape<f64> = ForecasterTape::default();
                let found = model.loss_and_gradient(
                    x.view(),
                    known.view(),
                    y.view(),
                    24,
                    Some(&streams),
                    &mut tape,
                    gradient,
                );
                assert_eq!(found.count, 24);
                found.mean()
            };
            loss(&model, &mut gradient);
            let mut thrown_away = model.zeros_like();
            check(&mut model, &gradient, |model| loss(model, &mut thrown_away)).assert_below(1e-6);
        }
    }

    #[test]
    fn both_engines_agree() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let model = Forecaster::<f64>::new(&config(Cell::Gru, 0.0), rng);
        let x: Array3<f64> = init::normal((6, 4, 3), rng);
        let known: Array2<f64> = init::normal((4, 4), rng);
        let mut slow: ForecasterTape<f64, Reference> = ForecasterTape::default();
        let mut fast: ForecasterTape<f64> = ForecasterTape::default();
        let a = model.forward(x.view(), known.view(), None, &mut slow);
        let b = model.forward(x.view(), known.view(), None, &mut fast);
        assert!((a - b).iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn predictions_are_sorted_and_the_loss_is_the_mean_over_everything() {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let shape = Shape::new(4, 2);
        let origins: Vec<usize> = shape.origins(&(0..300)).collect();
        let inputs = init::normal((300, 3), rng);
        let known = init::normal((300, 2), rng);
        let targets: Array2<f32> = init::normal((origins.len(), 2), rng);
        let samples = Samples { shape, inputs, known, origins, targets };
        let model = Forecaster::<f32>::new(&config(Cell::Gru, 0.3), rng);
        let quantiles = model.predict(&samples);
        assert_eq!(quantiles.dim(), (samples.len(), 2, 3));
        assert!(quantiles.rows().into_iter().all(|q| q[0] <= q[1] && q[1] <= q[2]));
        // Sorting never makes the loss larger.
        let mut sum = 0.0;
        for (n, row) in quantiles.outer_iter().enumerate() {
            let observed: Array1<f32> = samples.targets.row(n).to_owned();
            sum += loss::pinball(row.to_owned(), &observed, &model.config.levels, 1).mean();
        }
        let sorted = sum / samples.len() as f64;
        assert!(sorted <= model.mean_loss(&samples) && sorted > 0.0);
    }

    #[test]
    fn shapes_that_cannot_work_are_refused() {
        let good = config(Cell::Gru, 0.0);
        assert!(good.validate().is_ok());
        for bad in [
            ForecasterConfig { levels: vec![0.9, 0.1], ..good.clone() },
            ForecasterConfig { levels: vec![], ..good.clone() },
            ForecasterConfig { leads: 0, ..good.clone() },
            ForecasterConfig { hidden: 100_000, ..good.clone() },
            ForecasterConfig { dropout: 1.0, ..good.clone() },
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
    }
}
