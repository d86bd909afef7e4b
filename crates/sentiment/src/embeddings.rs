//! Part *embeddings*: what the vectors of words have learned.
//!
//! Every word begins with a random vector (C1); training moves the vectors of words that help to tell
//! verdicts apart, since the gradient of a word's vector is the sum over its places (C2). What they have
//! learned is shown with a check that random vectors fail: a direction from negative to positive words is
//! made from one half of the words that [`bayes`](crate::bags::bayes) calls telling, and must sort the *other*
//! half.

use lesson::Lesson;
use lesson::plot::{Scatter, Table};
use ndarray::{Array1, Array2, ArrayView1, Axis};
use seqcore::data::WordVocab;

use crate::bags::bayes::log_count_ratio;
use crate::bags::features::Features;
use crate::corpus::Corpus;
use crate::lstm::MeasuredClassifier;

/// The telling words of each verdict.
const TELLING: usize = 40;

/// Words whose neighbours are shown, as far as the vocabulary has them.
const ASKED: [&str; 8] = ["wonderful", "boring", "not", "funny", "dull", "loved", "film", "great"];

/// The words that say most about the verdict, by log-count ratio times the root of their number:
/// half of them positive. Each with its sign.
pub fn telling(corpus: &Corpus, words: &WordVocab, count: usize) -> Vec<(usize, bool)> {
    let (features, bags) = Features::fit(&corpus.fit.words, 1);
    let (ratio, _) = log_count_ratio(&bags, &corpus.fit.labels, features.len());
    let mut counts = vec![0_u32; features.len()];
    bags.iter().flatten().for_each(|&j| counts[j as usize] += 1);
    let grams = features.grams();
    let mut scored: Vec<(f64, usize)> = Vec::new();
    for (j, gram) in grams.iter().enumerate() {
        let Some(word) = corpus.vocabulary.token(gram[0]) else { continue };
        let id = words.id(word);
        if id > 0 && counts[j] >= 4 && word.chars().all(char::is_alphabetic) {
            scored.push((ratio[j] * f64::from(counts[j]).sqrt(), id));
        }
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let negative = scored.iter().take(count).map(|&(_, id)| (id, false));
    let positive = scored.iter().rev().take(count).map(|&(_, id)| (id, true));
    negative.chain(positive).collect()
}

/// How well a direction made from every other telling word sorts the rest: the share on the right
/// side of the middle. `None` where there are too few to make one, or none is left.
pub fn sorted(vectors: &Array2<f32>, telling: &[(usize, bool)]) -> Option<f64> {
    let mean = |sign: bool| {
        let ids: Vec<usize> =
            telling.iter().step_by(2).filter(|(_, s)| *s == sign).map(|(id, _)| *id).collect();
        vectors.select(Axis(0), &ids).mean_axis(Axis(0))
    };
    let (positive, negative) = (mean(true)?, mean(false)?);
    let (direction, middle) = (&positive - &negative, (&positive + &negative) / 2.0);
    let rest: Vec<_> = telling.iter().skip(1).step_by(2).collect();
    let right = rest.iter().filter(|(id, sign)| {
        let along = (&vectors.row(*id) - &middle).dot(&direction);
        (along > 0.0) == *sign
    });
    let right = right.count();
    (!rest.is_empty()).then(|| right as f64 / rest.len() as f64)
}

/// The words nearest to a word by cosine.
pub fn neighbours(vectors: &Array2<f32>, id: usize, count: usize) -> Vec<(usize, f32)> {
    let length = |v: ArrayView1<f32>| v.dot(&v).sqrt().max(1e-12);
    let word = vectors.row(id);
    let cosine = |other: usize| {
        let v = vectors.row(other);
        v.dot(&word) / (length(v) * length(word))
    };
    let mut all: Vec<(usize, f32)> = (1..vectors.nrows())
        .filter(|&other| other != id)
        .map(|other| (other, cosine(other)))
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(count);
    all
}

/// The first two principal components of some rows, by power iteration: their coordinates, (N, 2).
pub fn plane(vectors: &Array2<f32>, ids: &[usize]) -> Array2<f32> {
    let rows = vectors.select(Axis(0), ids);
    let mut rest = &rows - &rows.mean_axis(Axis(0)).expect("there are words"); // (N, E)
    let centred = rest.clone();
    let mut coordinates = Array2::zeros((ids.len(), 2)); // (N, 2)
    for k in 0..2 {
        let mut axis =
            Array1::from_shape_fn(rest.ncols(), |j| 1.0 + 0.1 * (j as f32 + k as f32).sin());
        for _ in 0..200 {
            let next = rest.t().dot(&rest.dot(&axis));
            let length = next.dot(&next).sqrt();
            if length > 0.0 {
                axis = next / length;
            }
        }
        let along = rest.dot(&axis); // (N)
        coordinates.column_mut(k).assign(&centred.dot(&axis));
        for (mut row, &a) in rest.rows_mut().into_iter().zip(&along) {
            row.scaled_add(-a, &axis);
        }
    }
    coordinates
}

/// Runs the part on a trained network.
pub fn run(lesson: &mut Lesson, corpus: &Corpus, outcome: &MeasuredClassifier) {
    lesson.heading("3 · Embeddings: what the words' vectors have learned");
    let words = &outcome.trained.words;
    let (after, before) =
        (&outcome.trained.networks[0].embedding.weight, &outcome.untrained.embedding.weight);
    let telling = telling(corpus, words, TELLING.min(words.size() / 10).max(2));
    let name = |id: usize| words.decode(&[id]);
    lesson.subheading("Neighbours");
    let mut table = Table::new(["word", "nearest before training", "nearest after"]);
    for word in ASKED {
        let id = words.id(&word.to_owned());
        if id == 0 {
            continue;
        }
        let list = |vectors| {
            let near: Vec<String> =
                neighbours(vectors, id, 5).iter().map(|(id, _)| name(*id)).collect();
            near.join(", ")
        };
        table.push([word.to_owned(), list(before), list(after)]);
    }
    lesson.table(&table.caption("By cosine."));
    lesson.say(
        "These vectors were trained for one question, positive or negative. They know which words speak for the same \
         verdict, not which mean the same: a synonym with another verdict is far away.",
    );
    lesson.subheading("A direction for praise");
    let [Some(b), Some(a)] = [before, after].map(|vectors| sorted(vectors, &telling)) else {
        lesson.say(&format!(
            "The reviews to fit have {} telling words, too few for a direction: a word counts that stands in at least \
             four of them.",
            telling.len()
        ));
        return;
    };
    lesson.say(&format!(
        "A check that random vectors fail. Of {} telling words (by the log-count ratio (C10) of the reviews to fit), every \
         other one makes a direction: the mean of the positive words less that of the negative ones. On which side are \
         the others? Before training {:.0} % are on the right one, after training {:.0} %.",
        telling.len(),
        100.0 * b,
        100.0 * a
    ));
    lesson.number("embeddings.sorted_before", b);
    lesson.number("embeddings.sorted_after", a);
    let ids: Vec<usize> = telling.iter().map(|(id, _)| *id).collect();
    let points = plane(after, &ids);
    let group = |sign: bool| -> Vec<(f64, f64, String)> {
        let rows = points.rows().into_iter().zip(&telling).filter(|(_, (_, s))| *s == sign);
        rows.map(|(p, (id, _))| (f64::from(p[0]), f64::from(p[1]), name(*id))).collect()
    };
    let map = Scatter::new(
        "Telling words on a plane",
        "Words that speak for positive lie on one side, words that speak for negative on the other.",
    )
    .x("first principal component")
    .y("second principal component")
    .labelled("positive", &group(true))
    .labelled("negative", &group(false))
    .caption("The trained vectors of telling words, projected to the plane on which they differ most.");
    lesson.figure(&map.render());
    lesson.say(
        "Ready-made vectors know more about meaning. `--vectors` begins with GloVe's (Pennington, Socher & Manning \
         2014; `cargo xtask data fetch glove`): `train --vectors glove.6B.100d.txt --embedding 100`.",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn vectors_that_follow_the_verdict_are_sorted_and_others_are_not() {
        let telling: Vec<(usize, bool)> = (0..40).map(|i| (i, i % 4 < 2)).collect();
        let follow = Array2::from_shape_fn((40, 3), |(i, j)| {
            (if i % 4 < 2 { 1.0 } else { -1.0 }) + 0.1 * ((i * 7 + j * 3) % 5) as f32
        });
        assert_eq!(sorted(&follow, &telling), Some(1.0));
        let other = Array2::from_shape_fn((40, 3), |(i, j)| ((i * 37 + j * 11) % 17) as f32 - 8.0);
        assert!(sorted(&other, &telling).unwrap() < 0.9);
        assert_eq!(sorted(&other, &telling[..1]), None);
        assert_eq!(sorted(&other, &[]), None);
    }

    #[test]
    fn the_nearest_word_points_the_same_way() {
        let vectors = array![[9.0, 9.0], [1.0, 0.0], [0.0, 1.0], [5.0, 0.5]];
        assert_eq!(neighbours(&vectors, 1, 2)[0].0, 3); // id 0 is <unk> and no word
    }

    #[test]
    fn the_plane_keeps_distances_of_points_that_lie_on_one() {
        let vectors = array![[0.0, 0.0, 0.0], [3.0, 4.0, 0.0], [-3.0, 1.0, 0.0], [1.0, -2.0, 0.0]];
        let plane = plane(&vectors, &[0, 1, 2, 3]);
        let distance = |a: usize, b: usize, m: &Array2<f32>| {
            let d = &m.row(a) - &m.row(b);
            d.dot(&d).sqrt()
        };
        for (a, b) in [(0, 1), (1, 2), (2, 3)] {
            assert!((distance(a, b, &plane) - distance(a, b, &vectors)).abs() < 1e-3);
        }
    }
}
