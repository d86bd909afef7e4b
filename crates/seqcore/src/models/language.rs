//! A language model: embedding, recurrent layers, linear layer, softmax.
//!
//! ```text
//! x_t = E[token_t]          embedding, (V, E)
//! h_t = recurrent(x_t, h_{t-1})
//! y_t = W_hy h_t + b_y      (R3), logits over the V tokens
//! p_t = softmax(y_t)        (R4), the probability of token_{t+1}
//! ```
//!
//! Parameters are called as in the PyTorch module with `embedding`, `rnn` and `linear`.

use crate::random::{MaskStreams, Place};
use ndarray::{Array2, ArrayView2, ArrayView3, Ix2};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::fused::Fused;
use crate::loss::{self, Loss};
use crate::nn::{
    Dropout, DropoutMask, Embedding, EmbeddingGradient, LayerState, Linear, Recurrent,
    RecurrentConfig, RecurrentTape,
};
use crate::params::Named;
use crate::sequence::{Engine, Input, InputGradient};
use crate::{Error, Float, Result, cells::Cell, named, optim};

/// The shape of a [`LanguageModel`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LanguageConfig {
    /// V, how many distinct tokens.
    pub vocabulary: usize,
    /// E, the size of a token's vector.
    pub embedding: usize,
    /// Which recurrent cell.
    pub cell: Cell,
    /// H, the size of a hidden state.
    pub hidden: usize,
    /// L, how many recurrent layers.
    pub layers: usize,
    /// The share of values dropped between layers while training.
    pub dropout: f64,
}

impl LanguageConfig {
    /// The shape of the recurrent layers.
    pub fn recurrent(&self) -> RecurrentConfig {
        let shape = RecurrentConfig::new(self.cell, self.embedding, self.hidden);
        RecurrentConfig { layers: self.layers, dropout: self.dropout, ..shape }
    }

    /// Refuses shapes that cannot work.
    ///
    /// # Errors
    /// A size of zero, a dropout probability outside 0 to below 1, or more parameters than a
    /// laptop can train.
    pub fn validate(&self) -> Result<()> {
        self.recurrent().validate()?;
        let parameters = self.parameters();
        if parameters > MOST_PARAMETERS {
            return Err(Error::config(format!(
                "a model with {parameters:.0} parameters is too large to be trained here; {MOST_PARAMETERS:.0} are \
                 the most. Choose fewer units or layers."
            )));
        }
        Ok(())
    }

    /// How many parameters there are; a float, because that does not overflow.
    fn parameters(&self) -> f64 {
        let [v, e, h] = [self.vocabulary, self.embedding, self.hidden].map(|size| size as f64);
        let layer = |input: f64| self.cell.gates() as f64 * h * (input + h + 2.0);
        v * e + layer(e) + (self.layers as f64 - 1.0) * layer(h) + v * (h + 1.0)
    }
}

/// 2^28: weights, gradients of all shards and the optimiser's averages then take about 10 GB.
const MOST_PARAMETERS: f64 = 268_435_456.0;

/// A recurrent language model.
#[derive(Debug, Clone, PartialEq)]
pub struct LanguageModel<A> {
    /// A vector for each token.
    pub embedding: Embedding<A>,
    /// The recurrent layers.
    pub rnn: Recurrent<A>,
    /// From the last layer's state to the logits.
    pub linear: Linear<A>,
    /// The share of the last layer's output that is dropped before the linear layer while
    /// training; 0 in a new model. Dropout *between* layers belongs to [`Recurrent`].
    pub output_dropout: f64,
}

named!(LanguageModel { embedding, rnn, linear });

/// The gradient of a [`LanguageModel`].
#[derive(Debug, Clone)]
pub struct LanguageGradient<A> {
    /// Of the embedding; only the rows of tokens that occurred where the vocabulary is large.
    pub embedding: EmbeddingGradient<A>,
    /// Of the recurrent layers.
    pub rnn: Recurrent<A>,
    /// Of the linear layer.
    pub linear: Linear<A>,
}

named!(LanguageGradient { embedding, rnn, linear });

/// What a forward pass leaves for the backward pass; its memory is used again.
#[derive(Debug)]
pub struct LanguageTape<A: Float, E: Engine<A> = Fused> {
    /// Of the recurrent layers.
    pub rnn: RecurrentTape<A, E>,
    /// What the linear layer read, (T·B, H), and its mask, where dropout changed it.
    dropped: Option<(Array2<A>, DropoutMask<A, Ix2>)>,
}

impl<A: Float, E: Engine<A>> Default for LanguageTape<A, E> {
    fn default() -> Self {
        Self { rnn: RecurrentTape::default(), dropped: None }
    }
}

impl<A: Float> LanguageModel<A> {
    /// A new model with PyTorch's default initialisation: N(0, 1) for the embedding, U(±1/√H)
    /// for the rest.
    pub fn new(config: &LanguageConfig, rng: &mut impl Rng) -> Self {
        Self {
            embedding: Embedding::new(config.vocabulary, config.embedding, rng),
            rnn: Recurrent::new(config.recurrent(), rng),
            linear: Linear::new(config.hidden, config.vocabulary, true, rng),
            output_dropout: 0.0,
        }
    }

    /// Its shape.
    pub fn config(&self) -> LanguageConfig {
        let RecurrentConfig { cell, input, hidden, layers, dropout, .. } = self.rnn.config;
        LanguageConfig {
            vocabulary: self.embedding.weight.nrows(),
            embedding: input,
            cell,
            hidden,
            layers,
            dropout,
        }
    }

    /// A gradient of zero.
    pub fn zero_gradient(&self) -> LanguageGradient<A> {
        LanguageGradient {
            embedding: EmbeddingGradient::suited_to(&self.embedding.weight),
            rnn: Recurrent::zeros(self.rnn.config),
            linear: self.linear.zeros_like(),
        }
    }

    /// The state before anything was read, for `batch` streams.
    pub fn zero_state(&self, batch: usize) -> LayerState<A> {
        LayerState::zeros(&self.rnn.config, batch)
    }

    /// Reads `inputs` (T, B) and returns the logits (R3), (T·B, V), in order of time. The state
    /// after the last step is `tape.rnn.last()`.
    pub fn forward<E: Engine<A>>(
        &self,
        inputs: ArrayView2<usize>,
        start: &LayerState<A>,
        dropout: Option<&MaskStreams>,
        tape: &mut LanguageTape<A, E>,
    ) -> Array2<A> {
        let input = Input::Tokens { ids: inputs, table: self.embedding.weight.view() };
        self.rnn.forward(input, None, start, dropout, &mut tape.rnn);
        tape.dropped = None;
        let output = tape.rnn.output();
        let output = rows(&output); // (T·B, H)
        let Some(streams) = dropout.filter(|_| self.output_dropout > 0.0) else {
            return self.linear.forward(&output); // (T·B, V)
        };
        let dropout = Dropout::new(self.output_dropout).expect("a probability below 1");
        let mask = dropout.mask(output.dim(), &mut streams.at(Place::Output));
        let mut output = output.into_owned();
        mask.apply(&mut output);
        let logits = self.linear.forward(&output); // (T·B, V)
        tape.dropped = Some((output, mask));
        logits
    }

    /// Goes back over the batch that `tape` holds; `d_logits` (T·B, V). Adds to `grads`.
    pub fn backward<E: Engine<A>>(
        &self,
        inputs: ArrayView2<usize>,
        d_logits: ArrayView2<A>,
        tape: &mut LanguageTape<A, E>,
        grads: &mut LanguageGradient<A>,
    ) {
        let (steps, batch) = inputs.dim();
        let dh = match &tape.dropped {
            None => {
                let output = tape.rnn.output();
                self.linear.backward(&rows(&output), &d_logits, &mut grads.linear) // (T·B, H)
            }
            Some((output, mask)) => {
                let mut dh = self.linear.backward(output, &d_logits, &mut grads.linear); // (T·B, H)
                mask.apply(&mut dh);
                dh
            }
        };
        let dh =
            dh.into_shape_with_order((steps, batch, self.rnn.config.output())).expect("T·B rows");
        let input = Input::Tokens { ids: inputs, table: self.embedding.weight.view() };
        let d_table = InputGradient::Table(&mut grads.embedding);
        self.rnn.backward(input, &mut tape.rnn, dh.view(), None, &mut grads.rnn, d_table);
    }

    /// Loss (R5) and gradient of one batch or one shard of it: `inputs` and `targets` (T, b).
    /// The gradient is divided by `divisor`, how many targets the *whole* batch has, and added
    /// to `grads`.
    pub fn loss_and_gradient<E: Engine<A>>(
        &self,
        inputs: ArrayView2<usize>,
        targets: ArrayView2<usize>,
        divisor: usize,
        start: &LayerState<A>,
        dropout: Option<&MaskStreams>,
        tape: &mut LanguageTape<A, E>,
        grads: &mut LanguageGradient<A>,
    ) -> Loss<A, Ix2> {
        let logits = self.forward(inputs, start, dropout, tape);
        let targets: Vec<usize> = targets.iter().copied().collect();
        let loss = loss::cross_entropy(logits, &targets, divisor);
        self.backward(inputs, loss.gradient.view(), tape, grads);
        loss
    }
}

impl<A: Float> LanguageGradient<A> {
    /// Back to zero, keeping the memory.
    pub fn set_zero(&mut self) {
        self.embedding.set_zero();
        self.rnn.scale(A::zero());
        self.linear.scale(A::zero());
    }

    /// Adds the gradient of another shard.
    pub fn add(&mut self, other: &Self) {
        self.embedding.add(&other.embedding);
        optim::add(&mut self.rnn, &other.rnn);
        optim::add(&mut self.linear, &other.linear);
    }
}

/// (T, B, H) as (T·B, H).
fn rows<'a, A: Float>(x: &'a ArrayView3<'_, A>) -> ndarray::CowArray<'a, A, Ix2> {
    let (steps, batch, size) = x.dim();
    x.to_shape((steps * batch, size)).expect("as many elements as before")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn the_number_of_parameters_is_known_before_they_exist() {
        for (cell, layers) in [(Cell::RnnTanh, 1), (Cell::Gru, 2), (Cell::Lstm, 3)] {
            let (vocabulary, embedding, hidden, dropout) = (11, 5, 7, 0.0);
            let config = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout };
            let model = LanguageModel::<f32>::new(&config, &mut ChaCha8Rng::seed_from_u64(1));
            assert_eq!(config.parameters(), model.count() as f64);
            assert!(config.validate().is_ok());
            let refused = |hidden, layers| {
                LanguageConfig { hidden, layers, ..config }.validate().unwrap_err().to_string()
            };
            assert!(refused(1 << 20, 1).contains("fewer units or layers"));
            assert!(refused(usize::MAX, 1).contains("fewer units or layers"));
            assert!(refused(100, 300).contains("300 layers are too many; 250 are the most"));
        }
    }
}
