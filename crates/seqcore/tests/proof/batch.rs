//! A batch for recurrent layers with everything that arrives from above, drawn at random, and
//! what an engine makes of it.

use ndarray::{Array, Array2, Array3, ArrayD, Axis, Dim, Dimension, ShapeBuilder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::nn::{EmbeddingGradient, LayerState, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::params::Named;
use seqcore::random::MaskStreams;
use seqcore::sequence::{Engine, Input, InputGradient};
use seqcore::{Float, init};

/// The rows of the table that tokens stand for.
pub const VOCABULARY: usize = 6;

/// A batch. Its input is `x`, or the rows `ids` of `table`.
#[derive(Debug, Clone)]
pub struct Batch<A> {
    pub x: Array3<A>,               // (T, B, I)
    pub ids: Option<Array2<usize>>, // (T, B)
    pub table: Array2<A>,           // (V, I)
    pub lengths: Option<Vec<usize>>,
    pub start: LayerState<A>,
    pub d_output: Array3<A>, // (T, B, D·H)
    pub d_last: LayerState<A>,
    pub dropout: MaskStreams,
}

/// What came out, and all gradients, with their names.
pub type Results<A> = Vec<(String, ArrayD<A>)>;

impl<A: Float> Batch<A> {
    /// Draws one of (T, B). Where `lengths` is set, the sequences have different lengths, some of
    /// them equal; where `tokens` is set, the input is tokens.
    pub fn draw(
        config: &RecurrentConfig,
        (steps, batch): (usize, usize),
        lengths: bool,
        tokens: bool,
        rng: &mut impl Rng,
    ) -> Self {
        let mut state = |_: &str| {
            let mut state = LayerState::zeros(config, batch);
            for (_, slot) in state.named_mut() {
                let mut array = slot.dense();
                let drawn: ArrayD<A> = init::normal(array.raw_dim(), rng);
                array.assign(&drawn);
            }
            state
        };
        let (start, d_last) = (state("before"), state("gradient"));
        Self {
            x: init::normal((steps, batch, config.input), rng),
            table: init::normal((VOCABULARY, config.input), rng),
            d_output: init::normal((steps, batch, config.output()), rng),
            ids: tokens.then(|| {
                Array2::from_shape_simple_fn((steps, batch), || rng.random_range(0..VOCABULARY))
            }),
            lengths: lengths.then(|| (0..batch).map(|_| rng.random_range(1..=steps)).collect()),
            start,
            d_last,
            dropout: MaskStreams::new(rng.random(), 3, 1),
        }
    }

    /// What the layers read.
    pub fn input(&self) -> Input<'_, A> {
        match &self.ids {
            Some(ids) => Input::Tokens { ids: ids.view(), table: self.table.view() },
            None => Input::Dense(self.x.view()),
        }
    }

    /// Forward alone: the sum of all results times what arrives at them from above, whose
    /// gradient is what [`Batch::run`] computes.
    pub fn loss<E: Engine<A>>(&self, layers: &Recurrent<A>) -> f64 {
        let mut tape = RecurrentTape::<A, E>::default();
        self.forward(layers, &mut tape);
        let times = |a: &Array3<A>, b: &Array3<A>| (a * b).sum().as_f64();
        let last = tape.last();
        let c = last.c.as_ref().zip(self.d_last.c.as_ref()).map_or(0.0, |(c, d)| times(c, d));
        times(&tape.output().to_owned(), &self.d_output) + times(&last.h, &self.d_last.h) + c
    }

    fn forward<E: Engine<A>>(&self, layers: &Recurrent<A>, tape: &mut RecurrentTape<A, E>) {
        let (lengths, dropout) = (self.lengths.as_deref(), Some(&self.dropout));
        layers.forward(self.input(), lengths, &self.start, dropout, tape);
    }

    /// Forward and backward.
    pub fn run<E: Engine<A>>(
        &self,
        layers: &Recurrent<A>,
        tape: &mut RecurrentTape<A, E>,
    ) -> (Results<A>, Gradients<A>) {
        self.forward(layers, tape);
        let mut results = vec![("output".to_owned(), tape.output().to_owned().into_dyn())];
        keep("last.", tape.last(), &mut results);
        let mut gradients = Gradients {
            layers: Recurrent::zeros(layers.config),
            x: Array3::zeros(self.x.raw_dim()),
            table: EmbeddingGradient::dense(VOCABULARY, layers.config.input),
            start: LayerState::zeros(&layers.config, self.start.h.dim().1),
        };
        let d_input = match &self.ids {
            Some(_) => InputGradient::Table(&mut gradients.table),
            None => InputGradient::Dense(gradients.x.view_mut()),
        };
        gradients.start = layers.backward(
            self.input(),
            tape,
            self.d_output.view(),
            Some(&self.d_last),
            &mut gradients.layers,
            d_input,
        );
        keep("grad.", &gradients.layers, &mut results);
        keep("grad.start.", &gradients.start, &mut results);
        results.push(("grad.x".to_owned(), gradients.x.clone().into_dyn()));
        results.push(("grad.table".to_owned(), gradients.table.to_dense(VOCABULARY).into_dyn()));
        (results, gradients)
    }

    /// The same batch in another memory order: the first index runs fastest, not the last.
    pub fn in_column_order(&self) -> Self {
        fn column_order<A: Float, D: Dimension>(array: &mut Array<A, D>) {
            let mut other = Array::zeros(array.raw_dim().f());
            other.assign(array);
            *array = other;
        }
        let mut batch = self.clone();
        column_order(&mut batch.x);
        column_order(&mut batch.table);
        column_order(&mut batch.d_output);
        for state in [&mut batch.start, &mut batch.d_last] {
            column_order(&mut state.h);
            state.c.iter_mut().for_each(column_order);
        }
        batch
    }

    /// The same batch with NaN, and another token, wherever a sequence is over.
    pub fn with_spoilt_padding(&self) -> Self {
        let mut spoilt = self.clone();
        let lengths = self.lengths.as_ref().expect("a batch with lengths");
        let (steps, batch, _) = self.x.dim();
        for b in 0..batch {
            for t in lengths[b]..steps {
                let nan = A::of(f64::NAN);
                for array in [&mut spoilt.x, &mut spoilt.d_output] {
                    array.index_axis_mut(Axis(0), t).index_axis_mut(Axis(0), b).fill(nan);
                }
                if let Some(ids) = &mut spoilt.ids {
                    ids[Dim((t, b))] = (ids[Dim((t, b))] + 1) % VOCABULARY;
                }
            }
        }
        spoilt
    }
}

/// Where the gradients go.
pub struct Gradients<A: Float> {
    pub layers: Recurrent<A>,
    pub x: Array3<A>,
    pub table: EmbeddingGradient<A>,
    pub start: LayerState<A>,
}

fn keep<A: Float>(prefix: &str, part: &impl Named<A>, results: &mut Results<A>) {
    for (name, slot) in part.named() {
        results.push((format!("{prefix}{name}"), slot.dense().to_owned()));
    }
}

/// A generator of its own for each case.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}
