//! The network: embedding, recurrent layers, pooling, one logit.
//!
//! ```text
//! (C1)  x_t = E[w_t]                          E (V, E)
//! (C19) x_t = E[w_t] + U r_t                  with ratios r_t (N), see [`crate::ratios`]; U (E, N)
//! (C6)  h_t = [h_fwd; h_bwd]                  (D·H), from a recurrent layer read in both directions
//!       p = pooled h_1 .. h_n                 (K·D·H): last, mean (C3), max (C4), attention (C5)
//! (C7)  y = w · dropout(p) + b                the logit; P(positive) = sigmoid(y)
//! (C8)  L = max(y, 0) − y t + ln(1 + e^−|y|)  t = 1 for positive, 0 for negative
//! (C9)  dL/dy = sigmoid(y) − t
//! ```
//!
//! Backwards the same layers in reverse order, and at the bottom (C2): dE\[w\] = sum over the places t with
//! w_t = w of dx_t. A batch touches few of V rows, so that gradient is kept as rows.

use std::sync::Arc;

use lesson::{Error, Result};
use ndarray::{Array2, Array3, ArrayView1, ArrayView2, Axis, Ix2, s};
use rand::Rng;
use seqcore::cells::Cell;
use seqcore::data::buckets::Padded;
use seqcore::loss::{Loss, binary_cross_entropy};
use seqcore::nn::{
    Dropout, DropoutMask, Embedding, EmbeddingGradient, LayerState, Linear, Pool, PoolTape,
    Pooling, Recurrent, RecurrentConfig, RecurrentTape,
};
use seqcore::params::Named;
use seqcore::random::{MaskStreams, Place};
use seqcore::sequence::{Input, InputGradient};
use seqcore::{Float, named, optim};
use serde::{Deserialize, Serialize};

use crate::bags::features::LONGEST;
use crate::ratios::Ratios;

/// The shape of a [`Classifier`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// V, how many distinct words, `<unk>` included.
    pub vocabulary: usize,
    /// E, the size of a word's vector.
    pub embedding: usize,
    /// Which recurrent cell.
    pub cell: Cell,
    /// H, the size of a hidden state in each direction.
    pub hidden: usize,
    /// L, how many recurrent layers.
    pub layers: usize,
    /// Whether reviews are read in both directions.
    pub bidirectional: bool,
    /// Poolings, side by side.
    pub pooling: Vec<Pool>,
    /// The share of pooled values (and of those between layers) dropped while training.
    pub dropout: f64,
    /// The share of words that become `<unk>` while training.
    pub word_dropout: f64,
    /// N, the most words of the n-grams whose ratios it is given (C19); 0 gives it none.
    #[serde(default)]
    pub ratios: usize,
}

/// The most parameters; weights, gradients and Adam's averages of these take about 2 GB.
const MOST_PARAMETERS: f64 = 1e8;

/// The spread of new word vectors: small, so that a rare word says little until it has learned
/// something.
const VECTOR_SPREAD: f64 = 0.1;

impl Config {
    /// The shape of the recurrent layers.
    pub fn recurrent(&self) -> RecurrentConfig {
        RecurrentConfig {
            layers: self.layers,
            bidirectional: self.bidirectional,
            dropout: self.dropout,
            ..RecurrentConfig::new(self.cell, self.embedding, self.hidden)
        }
    }

    /// Refuses shapes that cannot work.
    ///
    /// # Errors
    /// A size of zero, a share outside 0 to below 1, no pooling or one twice, n-grams that are too long, or
    /// too many parameters.
    pub fn validate(&self) -> Result<()> {
        self.recurrent().validate()?;
        Dropout::new(self.word_dropout)?;
        let twice = self.pooling.iter().enumerate().any(|(i, p)| self.pooling[..i].contains(p));
        if self.pooling.is_empty() || twice {
            return Err(Error::config("give each pooling once: last, mean, max or attention."));
        }
        if self.ratios > LONGEST {
            let what =
                format!("--ratios is {}; n-grams have at most {LONGEST} words.", self.ratios);
            return Err(Error::config(what));
        }
        let [v, e, h] = [self.vocabulary, self.embedding, self.hidden].map(|n| n as f64);
        let outputs = self.recurrent().directions() as f64 * h;
        let layers =
            self.layers as f64 * self.cell.gates() as f64 * outputs * (e + outputs + h + 2.0);
        let parameters = v * e + layers;
        if parameters > MOST_PARAMETERS {
            return Err(Error::config(format!(
                "a model with about {parameters:.0} parameters is too large to be trained here; {MOST_PARAMETERS:.0} \
                 are the most. Choose fewer units, layers or words."
            )));
        }
        Ok(())
    }
}

/// A classifier of reviews.
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier<A> {
    /// A vector for each word.
    pub embedding: Embedding<A>,
    /// U (E, N): where the ratios of n-grams move it (C19), in a network that is given them.
    pub directions: Option<Linear<A>>,
    /// These ratios: counted, not learned, so no parameters. A network that is to be given them cannot read before it has
    /// them.
    pub ratios: Option<Arc<Ratios>>,
    /// The recurrent layers.
    pub rnn: Recurrent<A>,
    /// From states to one vector.
    pub pooling: Pooling<A>,
    /// From that to the logit.
    pub linear: Linear<A>,
}

named!(Classifier { embedding, directions, rnn, pooling, linear });

/// The gradient of a [`Classifier`].
#[derive(Debug, Clone)]
pub struct Gradient<A> {
    /// Of the embedding: the rows of the words that occurred.
    pub embedding: EmbeddingGradient<A>,
    /// Of the directions.
    pub directions: Option<Linear<A>>,
    /// Of the recurrent layers.
    pub rnn: Recurrent<A>,
    /// Of the pooling.
    pub pooling: Pooling<A>,
    /// Of the linear layer.
    pub linear: Linear<A>,
}

named!(Gradient { embedding, directions, rnn, pooling, linear });

/// What a forward pass leaves for the backward pass; its memory is used again.
#[derive(Debug)]
pub struct Tape<A: Float> {
    /// Of the recurrent layers.
    pub rnn: RecurrentTape<A>,
    /// Of the pooling.
    pub pooling: PoolTape<A>,
    /// What the linear layer read, (B, K·D·H).
    pooled: Array2<A>,
    mask: DropoutMask<A, Ix2>,
}

impl<A: Float> Default for Tape<A> {
    fn default() -> Self {
        Self {
            rnn: RecurrentTape::default(),
            pooling: PoolTape::default(),
            pooled: Array2::zeros((0, 0)),
            mask: DropoutMask::none(),
        }
    }
}

/// Reviews side by side, as a network reads them.
#[derive(Debug, Clone)]
pub struct Batch<A> {
    /// Their words.
    pub words: Padded,
    /// The ratios at each place, (T·B, N), if it is given any.
    ratios: Option<Array2<A>>,
}

/// What training draws at random: which words and which values are dropped.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Where the numbers come from.
    pub streams: MaskStreams,
    /// The share of pooled values that is dropped.
    pub dropout: Dropout,
    /// The share of words that become `<unk>`.
    pub words: Dropout,
}

impl Noise {
    /// Makes some of the words unknown. Their ratios stay: an n-gram of three words would lose its ratio far
    /// more often than a word, and the network would learn to expect few of those that it will be given.
    pub fn drop_words<A>(&self, batch: &mut Batch<A>) {
        let ids = batch.words.ids.as_slice_mut().expect("a new array is contiguous");
        self.words.drop_tokens(ids, seqcore::data::UNK, &mut self.streams.at(Place::Tokens));
    }
}

impl<A: Float> Classifier<A> {
    /// A new classifier: word vectors N(0, 0.1²), the rest as in PyTorch; an LSTM's forget gates
    /// begin at sigmoid(1).
    pub fn new(config: &Config, rng: &mut impl Rng) -> Self {
        let recurrent = config.recurrent();
        let size = recurrent.output();
        let mut embedding = Embedding::new(config.vocabulary, config.embedding, rng);
        embedding.scale(A::of(VECTOR_SPREAD));
        let mut rnn = Recurrent::new(recurrent, rng);
        if config.cell == Cell::Lstm {
            for cell in &mut rnn.cells {
                seqcore::init::add_forget_bias(cell.bias_ih.as_mut().expect("it has biases"), 1.0);
            }
        }
        let zeros = |n| Linear { weight: Array2::zeros((config.embedding, n)), bias: None };
        Self {
            embedding,
            directions: (config.ratios > 0).then(|| zeros(config.ratios)),
            ratios: None,
            rnn,
            pooling: Pooling::new(&config.pooling, size, recurrent.directions(), rng),
            linear: Linear::new(config.pooling.len() * size, 1, true, rng),
        }
    }

    /// A gradient of zero.
    pub fn zero_gradient(&self) -> Gradient<A> {
        Gradient {
            embedding: EmbeddingGradient::rows(self.embedding.weight.ncols()),
            directions: self.directions.as_ref().map(Linear::zeros_like),
            rnn: Recurrent::zeros(self.rnn.config),
            pooling: self.pooling.zeros_like(),
            linear: self.linear.zeros_like(),
        }
    }

    fn input<'a>(&'a self, ids: ArrayView2<'a, usize>) -> Input<'a, A> {
        Input::Tokens { ids, table: self.embedding.weight.view() } // (C1)
    }

    /// Reviews as this network reads them: `words` with their ratios, if it is given any. `folds` (B) are those of
    /// training reviews, which must not be counted in their own ratios.
    pub fn batch(&self, words: Padded, folds: Option<&[usize]>) -> Batch<A> {
        let ratios = self.directions.as_ref().map(|_| {
            let counted = self.ratios.as_ref().expect("a network that is given ratios has them");
            rows(counted.read(&words.ids, &words.lengths, folds))
        });
        Batch { words, ratios }
    }

    /// The vectors x (T, B, E) of a batch, (C1) or (C19).
    fn vectors(&self, batch: &Batch<A>) -> Array3<A> {
        let mut x = self.embedding.forward(&batch.words.ids);
        if let (Some(u), Some(r)) = (&self.directions, &batch.ratios) {
            x += &u.forward(r).into_shape_with_order(x.dim()).expect("as many places"); // (C19)
        }
        x
    }

    /// Hands the gradient of the vectors on, to the rows of their words (C2) and to U.
    fn backward_vectors(&self, batch: &Batch<A>, dx: Array3<A>, grads: &mut Gradient<A>) {
        self.embedding.backward(&batch.words.ids, &dx, &mut grads.embedding);
        let (u, du) = (&self.directions, &mut grads.directions);
        if let (Some(u), Some(r), Some(du)) = (u, &batch.ratios, du) {
            u.backward(r, &rows(dx), du);
        }
    }

    /// Reads a batch: every state, (T, B, D·H), is then on the tape.
    pub fn read(&self, batch: &Batch<A>, noise: Option<&Noise>, tape: &mut Tape<A>) {
        let Padded { ids, lengths } = &batch.words;
        match &batch.ratios {
            None => self.read_vectors(self.input(ids.view()), lengths, noise, tape),
            Some(_) => {
                let x = self.vectors(batch);
                self.read_vectors(Input::Dense(x.view()), lengths, noise, tape);
            }
        }
    }

    fn read_vectors(
        &self,
        x: Input<A>,
        lengths: &[usize],
        noise: Option<&Noise>,
        tape: &mut Tape<A>,
    ) {
        let start = LayerState::zeros(&self.rnn.config, lengths.len());
        let streams = noise.map(|noise| &noise.streams);
        self.rnn.forward(x, Some(lengths), &start, streams, &mut tape.rnn); // (C6)
    }

    /// The logits (C7) of a batch, (B, 1). With `noise` for training: values are dropped; words are
    /// not, that is for the caller ([`Noise::drop_words`]).
    pub fn forward(
        &self,
        batch: &Batch<A>,
        noise: Option<&Noise>,
        tape: &mut Tape<A>,
    ) -> Array2<A> {
        self.read(batch, noise, tape);
        self.head(&batch.words.lengths, noise, tape)
    }

    /// From the states on the tape to the logits.
    fn head(&self, lengths: &[usize], noise: Option<&Noise>, tape: &mut Tape<A>) -> Array2<A> {
        tape.pooled = self.pooling.forward(tape.rnn.output(), lengths, &mut tape.pooling);
        tape.mask = match noise {
            Some(n) => n.dropout.mask(tape.pooled.raw_dim(), &mut n.streams.at(Place::Output)),
            None => DropoutMask::none(),
        };
        tape.mask.apply(&mut tape.pooled);
        self.linear.forward(&tape.pooled) // (C7)
    }

    /// Goes back over the head of what `tape` holds, from `d_logits` (B, 1) to the gradient of the
    /// states, (T, B, D·H). Adds to `grads`.
    fn backward_head(
        &self,
        lengths: &[usize],
        d_logits: &Array2<A>,
        tape: &Tape<A>,
        grads: &mut Gradient<A>,
    ) -> Array3<A> {
        let mut d_pooled = self.linear.backward(&tape.pooled, d_logits, &mut grads.linear);
        tape.mask.apply(&mut d_pooled);
        let h = tape.rnn.output();
        self.pooling.backward(h, lengths, &tape.pooling, d_pooled.view(), &mut grads.pooling)
    }

    /// Loss (C8) and gradient of one batch or one shard of it; `targets` (B) are 1 or 0. The gradient
    /// is divided by `divisor`, the size of the whole batch, and added to `grads`. With `head_only` it
    /// ends below the linear layer and the pooling: what is below is frozen.
    pub fn loss_and_gradient(
        &self,
        batch: &Batch<A>,
        targets: ArrayView1<A>,
        divisor: usize,
        noise: Option<&Noise>,
        head_only: bool,
        tape: &mut Tape<A>,
        grads: &mut Gradient<A>,
    ) -> Loss<A, Ix2> {
        let targets = targets.insert_axis(Axis(1)).to_owned(); // (B, 1)
        let Padded { ids, lengths } = &batch.words;
        if batch.ratios.is_some() && !head_only {
            let x = self.vectors(batch);
            let mut dx = Array3::zeros(x.dim());
            let loss = self.of_vectors(&x, lengths, &targets, divisor, noise, tape, &mut dx, grads);
            self.backward_vectors(batch, dx, grads);
            return loss;
        }
        let logits = self.forward(batch, noise, tape);
        let loss = binary_cross_entropy(logits, &targets, divisor); // (C8) (C9)
        let dh = self.backward_head(lengths, &loss.gradient, tape, grads);
        if !head_only {
            let d_table = InputGradient::Table(&mut grads.embedding); // (C2)
            let input = self.input(ids.view());
            self.rnn.backward(input, &mut tape.rnn, dh.view(), None, &mut grads.rnn, d_table);
        }
        loss
    }

    /// As [`Self::loss_and_gradient`], of vectors `x` (T, B, E); their gradient is added to `dx`.
    fn of_vectors(
        &self,
        x: &Array3<A>,
        lengths: &[usize],
        targets: &Array2<A>,
        divisor: usize,
        noise: Option<&Noise>,
        tape: &mut Tape<A>,
        dx: &mut Array3<A>,
        grads: &mut Gradient<A>,
    ) -> Loss<A, Ix2> {
        let input = Input::Dense(x.view());
        self.read_vectors(input, lengths, noise, tape);
        let loss = binary_cross_entropy(self.head(lengths, noise, tape), targets, divisor);
        let dh = self.backward_head(lengths, &loss.gradient, tape, grads);
        let d_input = InputGradient::Dense(dx.view_mut());
        self.rnn.backward(input, &mut tape.rnn, dh.view(), None, &mut grads.rnn, d_input);
        loss
    }

    /// As [`Self::loss_and_gradient`], half of it on the words and half on vectors that have been moved
    /// by `epsilon` to where the loss rises fastest (C17). The loss is that of the words.
    pub fn adversarial_loss_and_gradient(
        &self,
        batch: &Batch<A>,
        targets: ArrayView1<A>,
        divisor: usize,
        noise: Option<&Noise>,
        epsilon: f64,
        tape: &mut Tape<A>,
        grads: &mut Gradient<A>,
    ) -> Loss<A, Ix2> {
        let targets = targets.insert_axis(Axis(1)).to_owned(); // (B, 1)
        let lengths = &batch.words.lengths;
        let mut x = self.vectors(batch); // (T, B, E)
        let mut dx = Array3::zeros(x.dim()); // of both halves
        let mut half = |x: &Array3<A>, dx: &mut Array3<A>| {
            self.of_vectors(x, lengths, &targets, 2 * divisor, noise, tape, dx, grads)
        };
        let loss = half(&x, &mut dx);
        move_against(&mut x, &dx, lengths, epsilon);
        half(&x, &mut dx);
        self.backward_vectors(batch, dx, grads);
        loss
    }
}

/// (T, B, N) as (T·B, N).
fn rows<A: Float>(x: Array3<A>) -> Array2<A> {
    let (t, b, n) = x.dim();
    x.into_shape_with_order((t * b, n)).expect("a new array is contiguous")
}

/// Moves the vectors `x` (T, B, E) of each review to where its loss rises fastest: x + r, (C17). Their
/// length is measured in the root mean square of the batch's vectors, or else a network would escape by
/// making its vectors longer.
fn move_against<A: Float>(x: &mut Array3<A>, dx: &Array3<A>, lengths: &[usize], epsilon: f64) {
    let square = |v: &A| v.as_f64() * v.as_f64();
    let reviews = x.axis_iter(Axis(1)).zip(lengths);
    let sum: f64 =
        reviews.map(|(x, &n)| x.slice(s![..n, ..]).iter().map(square).sum::<f64>()).sum();
    let count = lengths.iter().sum::<usize>() * x.dim().2;
    let scale = epsilon * (sum / count as f64).sqrt();
    for (mut x, dx) in x.axis_iter_mut(Axis(1)).zip(dx.axis_iter(Axis(1))) {
        let norm = dx.iter().map(square).sum::<f64>().sqrt();
        if norm > 0.0 {
            x.scaled_add(A::of(scale / norm), &dx);
        }
    }
}

impl<A: Float> Gradient<A> {
    /// Back to zero, keeping the memory.
    pub fn set_zero(&mut self) {
        self.embedding.set_zero();
        self.directions.iter_mut().for_each(|directions| directions.scale(A::zero()));
        self.rnn.scale(A::zero());
        self.pooling.scale(A::zero());
        self.linear.scale(A::zero());
    }

    /// Adds the gradient of another shard.
    pub fn add(&mut self, other: &Self) {
        self.embedding.add(&other.embedding);
        optim::add(&mut self.directions, &other.directions);
        optim::add(&mut self.rnn, &other.rnn);
        optim::add(&mut self.pooling, &other.pooling);
        optim::add(&mut self.linear, &other.linear);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use ndarray::array;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::data::buckets::pad;
    use seqcore::gradcheck::check;

    use super::*;
    use crate::corpus::ReviewPart;

    pub(crate) fn config() -> Config {
        Config {
            vocabulary: 9,
            embedding: 3,
            cell: Cell::Lstm,
            hidden: 4,
            layers: 1,
            bidirectional: true,
            pooling: vec![Pool::Mean, Pool::Max, Pool::Last, Pool::Attention],
            dropout: 0.3,
            word_dropout: 0.1,
            ratios: 0,
        }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (cell, layers, ratios) in [(Cell::Lstm, 1, 0), (Cell::Gru, 2, 0), (Cell::Lstm, 1, 2)] {
            let config = Config { cell, layers, ratios, ..config() };
            let mut model = given(Classifier::<f64>::new(&config, &mut rng));
            let batch = model.batch(pad([&[1, 5, 5, 2][..], &[8], &[3, 1, 7]]), Some(&[0, 1, 0]));
            let targets = array![1.0, 0.0, 1.0];
            let noise = Noise {
                streams: MaskStreams::new(1, 2, 0),
                dropout: Dropout::new(0.3).unwrap(),
                words: Dropout::new(0.0).unwrap(),
            };
            let run = |model: &Classifier<f64>, grads: &mut Gradient<f64>| {
                let (noise, tape) = (Some(&noise), &mut Tape::default());
                model.loss_and_gradient(&batch, targets.view(), 3, noise, false, tape, grads).mean()
            };
            let mut grads = model.zero_gradient();
            run(&model, &mut grads);
            check(&mut model, &grads, |m| run(m, &mut m.zero_gradient())).assert_below(1e-6);
        }
    }

    /// The network with ratios of a few reviews, and directions that are not zero, if it is given any.
    fn given<A: Float>(mut model: Classifier<A>) -> Classifier<A> {
        let reviews =
            vec![vec![1, 5, 5, 2], vec![8, 1], vec![3, 1, 7], vec![1, 5], vec![8, 3, 1, 7]];
        let part = ReviewPart {
            labels: vec![true, false, true, true, false],
            groups: ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec(),
            ..ReviewPart::default()
        };
        if let Some(directions) = &mut model.directions {
            let weight = |(e, n)| A::of(0.1 * (e as f64 + 1.0) - 0.2 * n as f64);
            directions.weight = Array2::from_shape_fn(directions.weight.dim(), weight);
            let longest = directions.weight.ncols();
            model.ratios = Some(Arc::new(Ratios::fit(&reviews, &part, longest)));
        }
        model
    }

    #[test]
    fn ratios_move_the_vectors_and_are_those_of_the_other_folds_in_training() {
        let config = Config { ratios: 2, ..config() };
        let model = given(Classifier::<f64>::new(&config, &mut ChaCha8Rng::seed_from_u64(3)));
        let deaf = Classifier { directions: None, ..model.clone() };
        let logits = |model: &Classifier<f64>, folds: Option<&[usize]>| {
            let batch = model.batch(pad([&[1, 5, 5, 2][..], &[8, 1]]), folds);
            model.forward(&batch, None, &mut Tape::default())
        };
        assert_ne!(logits(&model, None), logits(&deaf, None));
        assert_ne!(logits(&model, Some(&[0, 1])), logits(&model, None));
        assert_ne!(logits(&model, Some(&[0, 1])), logits(&model, Some(&[2, 2])));
    }

    #[test]
    fn without_a_move_an_adversary_changes_no_gradient() {
        for ratios in [0, 3] {
            let config = Config { ratios, ..config() };
            let mut rng = ChaCha8Rng::seed_from_u64(3);
            no_move(&given(Classifier::new(&config, &mut rng)));
        }
    }

    fn no_move(model: &Classifier<f64>) {
        let batch = model.batch(pad([&[1, 5, 5, 0][..], &[8], &[3, 1, 7]]), None);
        let targets = array![1.0, 0.0, 1.0];
        let mut tape = Tape::default();
        let (mut plain, mut moved) = (model.zero_gradient(), model.zero_gradient());
        let a =
            model.loss_and_gradient(&batch, targets.view(), 3, None, false, &mut tape, &mut plain);
        let b = model.adversarial_loss_and_gradient(
            &batch,
            targets.view(),
            3,
            None,
            0.0,
            &mut tape,
            &mut moved,
        );
        assert!((a.mean() - b.mean()).abs() < 1e-12);
        for ((name, a), (_, b)) in plain.named().iter().zip(moved.named()) {
            let (a, b) = (a.values(), b.values());
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12), "{name}");
        }
    }

    #[test]
    fn a_move_has_the_length_that_was_asked_for_and_stays_in_the_review() {
        let mut x = Array3::from_elem((4, 2, 3), 2.0); // (T, B, E)
        let mut dx = Array3::from_shape_fn((4, 2, 3), |(t, b, e)| (t + 2 * b) as f64 - e as f64);
        dx.slice_mut(s![2.., 1, ..]).fill(0.0);
        let before = x.clone();
        move_against(&mut x, &dx, &[4, 2], 5.0);
        let r = &x - &before;
        for review in r.axis_iter(Axis(1)) {
            assert!((review.mapv(|r| r * r).sum().sqrt() - 10.0).abs() < 1e-12); // 5 times 2
        }
        assert!((&r * &dx).sum() > 0.0, "uphill");
        assert!(r.slice(s![2.., 1, ..]).iter().all(|&r| r == 0.0));
        move_against(&mut x, &Array3::zeros((4, 2, 3)), &[4, 2], 5.0);
        assert_eq!(x, &before + &r, "where nothing rises, nothing is moved");
    }

    #[test]
    fn what_stands_behind_an_end_changes_nothing() {
        let model = Classifier::<f32>::new(&config(), &mut ChaCha8Rng::seed_from_u64(2));
        let logits = |words| model.forward(&model.batch(words, None), None, &mut Tape::default());
        let mut words = pad([&[1, 5, 5, 2][..], &[8]]);
        let both = logits(words.clone());
        words.ids[[2, 1]] = 7;
        assert_eq!(logits(words), both);
        let alone = logits(pad([&[8][..]]));
        assert!((alone[[0, 0]] - both[[1, 0]]).abs() < 1e-6);
    }

    #[test]
    fn shapes_that_cannot_work_are_refused() {
        assert!(config().validate().is_ok());
        for wrong in [
            Config { hidden: 0, ..config() },
            Config { pooling: vec![], ..config() },
            Config { pooling: vec![Pool::Max, Pool::Max], ..config() },
            Config { word_dropout: 1.0, ..config() },
            Config { hidden: 1 << 20, ..config() },
        ] {
            assert!(wrong.validate().is_err(), "{wrong:?}");
        }
    }
}
