//! A recurrent network that is read out at some of its steps: the model of the parts *memory*,
//! *predict* and *duel*.
//!
//! ```text
//! h_t = cell(x_t, h_{t-1})         for every step
//! (R3) y_t = W_hy h_t + b_y        for the steps that are read
//! ```

use std::ops::Range;

use lesson::Result;
use ndarray::{Array2, Array3, ArrayView3, s};
use rand::Rng;
use seqcore::nn::{LayerState, Linear, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::params::Named;
use seqcore::sequence::{Input, InputGradient};
use seqcore::{Float, init, named, optim};

/// The model; also its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Readout<A> {
    /// The recurrent layers.
    pub rnn: Recurrent<A>,
    /// From a state to an output.
    pub out: Linear<A>,
}

named!(Readout { rnn, out });

impl<A: Float> Readout<A> {
    /// A new model with PyTorch's default initialisation.
    pub fn new(config: RecurrentConfig, outputs: usize, rng: &mut impl Rng) -> Self {
        let rnn = Recurrent::new(config, rng);
        Self { out: Linear::new(config.output(), outputs, true, rng), rnn }
    }

    /// A gradient of zero.
    pub fn zeros_like(&self) -> Self {
        Self { rnn: Recurrent::zeros(self.rnn.config), out: self.out.zeros_like() }
    }

    /// Chrono initialisation for dependencies up to `max_time` steps (Tallec & Ollivier 2018);
    /// a plain RNN has no gates and stays as it is.
    ///
    /// # Errors
    /// A time of 2 steps or fewer.
    pub fn chrono(&mut self, max_time: f64, rng: &mut impl Rng) -> Result<()> {
        for cell in &mut self.rnn.cells {
            let (Some(bias_ih), Some(bias_hh)) = (&mut cell.bias_ih, &mut cell.bias_hh) else {
                continue;
            };
            init::chrono(self.rnn.config.cell, bias_ih, bias_hh, max_time, rng)?;
        }
        Ok(())
    }

    /// Reads `x` (T, B, I) and gives the outputs of `steps`, (steps·B, O) in order of time.
    pub fn forward(
        &self,
        x: ArrayView3<A>,
        start: &LayerState<A>,
        steps: Range<usize>,
        tape: &mut RecurrentTape<A>,
    ) -> Array2<A> {
        self.rnn.forward(Input::Dense(x), None, start, None, tape);
        self.out.forward(&states(tape, steps))
    }

    /// The way back: `dy` (steps·B, O) is the gradient of what [`Readout::forward`] gave. Adds to
    /// `grads`.
    pub fn backward(
        &self,
        x: ArrayView3<A>,
        steps: Range<usize>,
        dy: &Array2<A>,
        tape: &mut RecurrentTape<A>,
        grads: &mut Self,
    ) {
        let (length, batch, _) = x.dim();
        let dh = self.out.backward(&states(tape, steps.clone()), dy, &mut grads.out);
        let size = self.rnn.config.output();
        let dh = dh.into_shape_with_order((steps.len(), batch, size)).expect("steps·B rows");
        let mut d_output = Array3::zeros((length, batch, size)); // (T, B, D·H)
        d_output.slice_mut(s![steps, .., ..]).assign(&dh);
        let (d_output, grads) = (d_output.view(), &mut grads.rnn);
        self.rnn.backward(Input::Dense(x), tape, d_output, None, grads, InputGradient::Unused);
    }

    /// Adds another shard's gradient.
    pub fn add(&mut self, other: &Self) {
        optim::add(self, other);
    }

    /// Back to zero, keeping the memory.
    pub fn set_zero(&mut self) {
        self.scale(A::zero());
    }
}

/// The outputs of the recurrent layers at `steps`, (steps·B, D·H).
fn states<A: Float>(tape: &RecurrentTape<A>, steps: Range<usize>) -> Array2<A> {
    let output = tape.output();
    let (_, batch, size) = output.dim();
    let read = output.slice(s![steps.clone(), .., ..]);
    read.to_shape((steps.len() * batch, size)).expect("steps·B rows").into_owned()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::cells::Cell;
    use seqcore::gradcheck::check;

    use super::*;

    #[test]
    fn the_way_back_agrees_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        for (cell, steps) in [(Cell::Gru, 2..4), (Cell::Lstm, 4..5), (Cell::RnnTanh, 0..5)] {
            let config = RecurrentConfig { layers: 2, ..RecurrentConfig::new(cell, 3, 4) };
            let mut model = Readout::<f64>::new(config, 2, rng);
            let x: Array3<f64> = init::normal((5, 3, 3), rng);
            let dy: Array2<f64> = init::normal((steps.len() * 3, 2), rng);
            let start = LayerState::zeros(&config, 3);
            let loss = |model: &Readout<f64>| {
                let mut tape = RecurrentTape::default();
                (model.forward(x.view(), &start, steps.clone(), &mut tape) * &dy).sum()
            };
            let (mut tape, mut gradient) = (RecurrentTape::default(), model.zeros_like());
            model.forward(x.view(), &start, steps.clone(), &mut tape);
            model.backward(x.view(), steps.clone(), &dy, &mut tape, &mut gradient);
            check(&mut model, &gradient, |model| loss(model)).assert_below(1e-6);
        }
    }
}
