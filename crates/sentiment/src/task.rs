//! Training a classifier on reviews: batches of similar length, cut into shards.

use ndarray::Array1;
use rand::Rng;
use seqcore::data::buckets::Buckets;
use seqcore::loss;
use seqcore::nn::Dropout;
use seqcore::optim::average_in;
use seqcore::random::{MaskStreams, Place};
use seqcore::train::{StepLoss, Task, shards};

use crate::layout::Layout;
use crate::logits::logits;
use crate::model::{Classifier, Gradient, Noise, Tape};

/// The settings of a [`ReviewTask`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskSettings {
    /// Reviews in a batch.
    pub batch: usize,
    /// The most words that training reads of a review; of a longer one the end.
    pub longest: usize,
    /// How batches are laid out.
    pub layout: Layout,
    /// Steps in which only the head learns, before the rest is unfrozen.
    pub frozen: usize,
    /// The learning rate of what lies below the head, as a share of the head's.
    pub below: f64,
    /// ε of adversarial training (C17), or 0 for none.
    pub adversary: f64,
    /// The share of the averaged weights that stays in a step (C18), or 0 for no average.
    pub average: f64,
    /// The share of reviews of which a step reads a passage only.
    pub passages: f64,
    /// Of all random draws.
    pub seed: u64,
}

/// Words of a passage, at least.
const SHORTEST: usize = 4;

/// A passage of a review. Its length is drawn on a logarithmic scale, so that sentences come as often as
/// paragraphs.
fn passage<'a>(review: &'a [usize], rng: &mut impl Rng) -> &'a [usize] {
    if review.len() <= SHORTEST {
        return review;
    }
    let [least, most] = [SHORTEST, review.len()].map(|length| (length as f64).ln());
    let length = rng.random_range(least..most).exp() as usize;
    let start = rng.random_range(0..=review.len() - length);
    &review[start..start + length]
}

/// Reviews laid out for training, and those that it is watched by.
#[derive(Debug)]
pub struct ReviewTask {
    settings: TaskSettings,
    dropout: Dropout,
    words: Dropout,
    buckets: Buckets,
    reviews: Vec<Vec<usize>>,
    labels: Vec<bool>,
    /// The fold of each review, for the ratios of a network that is given them.
    folds: Vec<usize>,
    dev: Vec<Vec<usize>>,
    dev_labels: Vec<bool>,
    shards: Vec<Shard>,
    /// The mean loss (C8) on dev at each evaluation of this run.
    pub losses: Vec<f64>,
    /// The weights averaged over the steps; one model or none.
    average: Vec<Classifier<f32>>,
}

#[derive(Debug)]
struct Shard {
    tape: Tape<f32>,
    gradient: Gradient<f32>,
}

impl ReviewTask {
    /// Lays out the reviews, whose words are below the model's V. `dropout` is that of the pooled
    /// values, `words` that of words; `folds` are those of the reviews ([`crate::ratios::folds`]). `dev` holds at
    /// least one review: no share can be taken of none.
    pub fn new(
        model: &Classifier<f32>,
        settings: TaskSettings,
        [dropout, words]: [Dropout; 2],
        (reviews, labels): (Vec<Vec<usize>>, Vec<bool>),
        folds: Vec<usize>,
        (dev, dev_labels): (Vec<Vec<usize>>, Vec<bool>),
    ) -> Self {
        assert!(!dev.is_empty(), "training is watched by {} reviews", dev.len());
        let longest = settings.longest;
        let end = |review: Vec<usize>| review[review.len().saturating_sub(longest)..].to_vec();
        let reviews: Vec<Vec<usize>> = reviews.into_iter().map(end).collect();
        let lengths = reviews.iter().map(Vec::len).collect();
        let shard = || Shard { tape: Tape::default(), gradient: model.zero_gradient() };
        Self {
            settings,
            dropout,
            words,
            buckets: Buckets::new(lengths, settings.batch, settings.seed),
            reviews,
            labels,
            folds,
            dev,
            dev_labels,
            shards: (0..shards::cut(settings.batch).len()).map(|_| shard()).collect(),
            losses: Vec::new(),
            average: if settings.average > 0.0 { vec![model.clone()] } else { Vec::new() },
        }
    }

    /// How many steps an epoch has.
    pub fn steps_per_epoch(&self) -> usize {
        self.buckets.batches()
    }
}

impl Task for ReviewTask {
    type Model = Classifier<f32>;
    type Gradient = Gradient<f32>;
    type Carried = Vec<Classifier<f32>>;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        let Self {
            settings, dropout, words, buckets, reviews, labels, folds, shards, average, ..
        } = self;
        average.iter_mut().for_each(|average| average_in(average, model, settings.average, step));
        let batch = buckets.batch(step);
        let head_only = step < settings.frozen;
        // A batch is sorted by length: dealt out like cards, the shards have equal work. A last
        // batch that is small leaves some without any.
        let count = shards.len();
        let losses = shards::for_each(shards, |k, Shard { tape, gradient }| {
            gradient.set_zero();
            let own: Vec<usize> = batch.iter().copied().skip(k).step_by(count).collect();
            if own.is_empty() {
                return StepLoss { sum: 0.0, count: 0 };
            }
            let streams = MaskStreams::new(settings.seed, step, k);
            let folds: Vec<usize> = own.iter().map(|&i| folds[i]).collect();
            let noise = Noise { streams, dropout: *dropout, words: *words };
            let mut draw = streams.at(Place::Samples);
            let padded = settings.layout.pad(own.iter().map(|&i| {
                let is_passage = draw.random_bool(settings.passages);
                if is_passage { passage(&reviews[i], &mut draw) } else { &reviews[i] }
            }));
            let mut padded = model.batch(padded, Some(&folds));
            noise.drop_words(&mut padded);
            let targets: Array1<f32> = own.iter().map(|&i| f32::from(labels[i])).collect(); // (B)
            let noise = Some(&noise);
            let (targets, count, adversary) = (targets.view(), batch.len(), settings.adversary);
            let loss = if adversary > 0.0 && !head_only {
                model.adversarial_loss_and_gradient(
                    &padded, targets, count, noise, adversary, tape, gradient,
                )
            } else {
                model.loss_and_gradient(&padded, targets, count, noise, head_only, tape, gradient)
            };
            StepLoss { sum: loss.sum, count: loss.count }
        });
        let gradient = shards::add_up(shards, |shard| &mut shard.gradient, Gradient::add);
        (losses.into_iter().sum(), gradient)
    }

    fn rate(&self, name: &str) -> f64 {
        let head = ["directions", "linear", "pooling"].iter().any(|own| name.starts_with(own));
        if head { 1.0 } else { self.settings.below }
    }

    /// The share of dev reviews that are wrong; notes the mean loss, too. Errors choose, and not the loss:
    /// a network that goes on learning becomes too sure of itself, and its loss rises while it still
    /// gets more reviews right.
    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        // What is kept is what is measured, and chosen by.
        let logits = logits(self.kept(model), &self.dev, self.settings.layout);
        let wrong =
            logits.iter().zip(&self.dev_labels).filter(|(y, label)| (**y >= 0.0) != **label);
        let error = wrong.count() as f64 / logits.len() as f64;
        let targets: Array1<f64> = self.dev_labels.iter().map(|&label| f64::from(label)).collect();
        self.losses.push(loss::binary_cross_entropy(Array1::from(logits), &targets, 1).mean());
        // A loss that is no number must stop the run.
        if self.losses.last().is_some_and(|loss| loss.is_nan()) { f64::NAN } else { error }
    }

    fn typical(&self) -> usize {
        self.settings.frozen
    }

    fn kept<'a>(&'a self, model: &'a Self::Model) -> &'a Self::Model {
        self.average.first().unwrap_or(model)
    }

    fn carried(&mut self) -> &mut Self::Carried {
        &mut self.average
    }

    fn restart(&mut self) {
        self.losses.clear();
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::model::tests::config;

    #[test]
    fn what_is_kept_is_what_is_measured() {
        let model = |seed| Classifier::<f32>::new(&config(), &mut ChaCha8Rng::seed_from_u64(seed));
        let (kept, other) = (model(1), model(2));
        let loss = |average: f64, measured: &Classifier<f32>| {
            let settings = TaskSettings {
                batch: 2,
                longest: 9,
                layout: Layout::Masked,
                frozen: 0,
                below: 1.0,
                adversary: 0.0,
                average,
                passages: 0.0,
                seed: 1,
            };
            let none = || Dropout::new(0.0).unwrap();
            let reviews = || (vec![vec![1, 2, 3], vec![4]], vec![true, false]);
            let mut task = ReviewTask::new(
                &kept,
                settings,
                [none(), none()],
                reviews(),
                vec![0; 2],
                reviews(),
            );
            task.evaluate(measured);
            task.losses[0]
        };
        assert_eq!(loss(0.9, &other), loss(0.0, &kept), "the average still is what it began with");
        assert_ne!(loss(0.0, &other), loss(0.0, &kept));
    }

    #[test]
    fn passages_are_short_as_often_as_long_and_lie_anywhere() {
        let review: Vec<usize> = (0..400).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let drawn: Vec<&[usize]> = (0..2000).map(|_| passage(&review, &mut rng)).collect();
        assert!(drawn.iter().all(|p| (4..400).contains(&p.len()) && p[p.len() - 1] < 400));
        assert!(drawn.iter().all(|p| p.windows(2).all(|pair| pair[1] == pair[0] + 1)));
        // Half of the lengths lie below the geometric mean of 4 and 400; five standard errors.
        let short = drawn.iter().filter(|p| p.len() < 40).count();
        assert!((888..1112).contains(&short), "{short}");
        assert!(drawn.iter().any(|p| p[0] == 0) && drawn.iter().any(|p| p[p.len() - 1] == 399));
        assert_eq!(passage(&[7, 8], &mut rng), [7, 8]);
    }
}
