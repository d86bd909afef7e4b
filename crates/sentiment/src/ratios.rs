//! What counting knows, for a network to read: how much more often words stand in positive reviews than
//! in negative ones, place by place.
//!
//! ```text
//! (C19)  x_t = E[w_t] + U r_t       r_t (N): the log-count ratios (C10) of the word at t, of the pair that
//!                                   ends there, ...; U (E, N) is learned, and begins with 0
//! ```
//!
//! A review must not be counted in its own ratios. A pair of words that only this review has would give away
//! its verdict, and the network would learn to trust what it will never see again. So the training
//! reviews are cut into [`FOLDS`], whole groups at a time, and in training each is read with the ratios of
//! the other folds, as a new review will be (*cross-fitting*). Afterwards all are counted.
//!
//! An n-gram that fewer than [`FEWEST`] of the counted reviews hold has the ratio 0: it says nothing.

use std::collections::HashMap;

use ndarray::{Array2, Array3, s};
use rayon::prelude::*;
use seqcore::Float;
use seqcore::data::{UNK, WordVocab};

use crate::bags::bayes;
use crate::bags::features::Features;
use crate::corpus::ReviewPart;

/// Parts of the training reviews, each of which is read with the ratios of the others.
pub const FOLDS: usize = 5;

/// Reviews that must hold an n-gram for it to say something.
pub const FEWEST: f64 = 2.0;

/// The log-count ratios of n-grams.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratios {
    longest: usize,
    features: Features,
    /// How many negative and positive reviews hold each n-gram.
    counts: Vec<[f64; 2]>,
    /// The ratio of each n-gram, of all reviews.
    all: Vec<f64>,
    /// The same without the reviews of one fold; only where they were counted.
    without: Vec<Vec<f64>>,
}

/// The fold of each review: reviews of one group, such as those of one film, are in the same.
pub fn folds(groups: &[String]) -> Vec<usize> {
    let mut known = HashMap::new();
    let fold = |group| {
        let next = known.len() % FOLDS;
        *known.entry(group).or_insert(next)
    };
    groups.iter().map(fold).collect()
}

impl Ratios {
    /// Counts the n-grams of up to `longest` words of `reviews`, those of `part` in a network's numbers.
    pub fn fit(reviews: &[Vec<usize>], part: &ReviewPart, longest: usize) -> Self {
        let features = telling(reviews, part, longest);
        let bags = features.bags(reviews);
        let folds = folds(&part.groups);
        let count = |left_out: Option<usize>| {
            let reviews = bags.iter().zip(&part.labels).zip(&folds);
            let counted = reviews.filter(|&(_, &fold)| Some(fold) != left_out);
            bayes::count(counted.map(|(review, _)| review), features.len())
        };
        let without = |fold| ratios(&count(Some(fold)));
        let without = (0..FOLDS).into_par_iter().map(without).collect();
        let counts = count(None);
        Self { longest, all: ratios(&counts), without, counts, features }
    }

    /// The ratios (T, B, N) of words side by side, `ids` (T, B), `lengths` (B) of them real. `folds` (B) are
    /// given in training: a review of fold k is read with the ratios of the others.
    pub fn read<A: Float>(
        &self,
        ids: &Array2<usize>,
        lengths: &[usize],
        folds: Option<&[usize]>,
    ) -> Array3<A> {
        let mut ratios = Array3::zeros((ids.nrows(), ids.ncols(), self.longest));
        for (b, &length) in lengths.iter().enumerate() {
            let table = folds.map_or(&self.all, |folds| &self.without[folds[b]]);
            let words = ids.slice(s![..length, b]).to_vec();
            for n in 1..=self.longest {
                for (start, gram) in words.windows(n).enumerate() {
                    ratios[[start + n - 1, b, n - 1]] = A::of(self.ratio(table, gram));
                }
            }
        }
        ratios
    }

    fn ratio(&self, table: &[f64], gram: &[usize]) -> f64 {
        let known = (!gram.contains(&UNK)).then(|| self.features.number(gram)).flatten();
        known.map_or(0.0, |number| table[number as usize])
    }

    /// How many reviews of each verdict hold each n-gram, as CSV: what a model's file keeps.
    pub fn to_csv(&self, words: &WordVocab) -> String {
        let grams = self.features.grams();
        let mut lines: Vec<_> = grams.iter().zip(&self.counts).collect();
        lines.sort_unstable_by_key(|(gram, _)| *gram);
        let mut csv = csv::Writer::from_writer(Vec::new());
        let in_memory = "memory can be written";
        csv.write_record(["words", "negative", "positive"]).expect(in_memory);
        for (gram, counts) in lines {
            let word = |&id: &usize| words.token(id).map_or("", String::as_str);
            let gram = gram.iter().map(word).collect::<Vec<_>>().join(" ");
            let [negative, positive] = counts.map(|count| count.to_string());
            csv.write_record([gram, negative, positive]).expect(in_memory);
        }
        String::from_utf8(csv.into_inner().expect(in_memory)).expect("words are text")
    }

    /// Reads what [`Self::to_csv`] wrote, for n-grams of up to `longest` words.
    ///
    /// # Errors
    /// Which line is damaged, or has words that `words` do not have.
    pub fn from_csv(text: &str, words: &WordVocab, longest: usize) -> Result<Self, String> {
        let (mut grams, mut counts) = (Vec::new(), Vec::new());
        for (i, record) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
            let damaged = |what: String| format!("line {}: {what}", i + 2);
            let (text, negative, positive): (String, u32, u32) =
                record.map_err(|e| damaged(e.to_string()))?;
            let gram: Vec<usize> = text.split(' ').map(|word| words.id(&word.to_owned())).collect();
            if gram.len() > longest || gram.contains(&UNK) {
                return Err(damaged(format!("{text:?} is not made of the model's words")));
            }
            grams.push(gram);
            counts.push([f64::from(negative), f64::from(positive)]);
        }
        let features = Features::of(&grams);
        if features.len() != counts.len() {
            return Err("the same words stand there twice".to_owned());
        }
        Ok(Self { longest, features, all: ratios(&counts), counts, without: Vec::new() })
    }
}

/// The n-grams that say something. Most stand in one review alone, and would take a gigabyte.
fn telling(reviews: &[Vec<usize>], part: &ReviewPart, longest: usize) -> Features {
    let (mut features, bags) = Features::fit(reviews, longest);
    let counts = bayes::count(bags.iter().zip(&part.labels), features.len());
    features.retain(|number| says_something(&counts[number]));
    features
}

fn says_something(counts: &[f64; 2]) -> bool {
    counts[0] + counts[1] >= FEWEST
}

/// The ratio of each n-gram that says something, and 0 for the others.
fn ratios(counts: &[[f64; 2]]) -> Vec<f64> {
    let telling: Vec<[f64; 2]> = counts.iter().copied().filter(says_something).collect();
    let mut telling = bayes::ratios(&telling).into_iter();
    let ratio = |c| if says_something(c) { telling.next().unwrap_or_default() } else { 0.0 };
    counts.iter().map(ratio).collect()
}

#[cfg(test)]
mod tests {
    use seqcore::data::buckets::pad;
    use seqcore::data::tokenise::vocabulary;

    use super::*;
    use crate::corpus::numbers;

    /// Five groups: "good film" is positive and "bad film" negative; "odd end" stands in one review alone.
    fn counted() -> (Ratios, WordVocab, Vec<Vec<usize>>) {
        let texts =
            ["good film", "bad film", "good film odd end", "bad film", "good film", "bad film"];
        let words = vocabulary(&texts, 10, 1);
        let reviews: Vec<Vec<usize>> = texts.iter().map(|text| numbers(text, &words)).collect();
        let part = ReviewPart {
            labels: vec![true, false, true, false, true, false],
            groups: ["a", "b", "c", "d", "e", "a"].map(str::to_owned).to_vec(),
            ..ReviewPart::default()
        };
        (Ratios::fit(&reviews, &part, 2), words, reviews)
    }

    #[test]
    fn reviews_of_a_group_are_in_one_fold() {
        let groups: Vec<String> = (0..20).map(|i| format!("film {}", i % 7)).collect();
        let folds = folds(&groups);
        assert!((0..13).all(|i| folds[i] == folds[i + 7]));
        assert_eq!(folds[..7], [0, 1, 2, 3, 4, 0, 1]);
    }

    #[test]
    fn each_place_has_the_ratio_of_its_word_and_of_the_pair_that_ends_there() {
        let (ratios, words, reviews) = counted();
        let batch = pad([&reviews[0][..], &reviews[2]]);
        let r = ratios.read::<f64>(&batch.ids, &batch.lengths, None);
        // good 3 : 0, film 3 : 3, bad 0 : 3, "good film" 3 : 0, "bad film" 0 : 3, by (C10) with all sums 14
        let expected = (4.0_f64 / 14.0).ln() - (1.0_f64 / 14.0).ln();
        assert!((r[[0, 0, 0]] - expected).abs() < 1e-12, "{r:?}");
        assert!(r[[1, 0, 0]].abs() < 1e-12 && r[[0, 0, 1]] == 0.0);
        assert!((r[[1, 0, 1]] - expected).abs() < 1e-12);
        assert!(r.slice(s![2.., 0, ..]).iter().all(|&r| r == 0.0), "behind the end");
        assert!(r.slice(s![2.., 1, ..]).iter().all(|&r| r == 0.0), "one review says nothing");
        assert_eq!(words.size(), 6);
    }

    #[test]
    fn a_review_is_not_counted_in_its_own_ratios() {
        let (ratios, _, reviews) = counted();
        let batch = pad([&reviews[2][..]]);
        let read = |fold| ratios.read::<f64>(&batch.ids, &batch.lengths, Some(&[fold]));
        let own = read(2); // the fold of its group, "c"
        // Without it: good 2 : 0, film 2 : 3, bad 0 : 3, and the same of the pairs but "film" and "bad film".
        let (p, q): (f64, f64) = (3.0 + 3.0 + 1.0 + 3.0 + 1.0, 1.0 + 4.0 + 4.0 + 1.0 + 4.0);
        assert!((own[[0, 0, 0]] - ((3.0 / p) / (1.0 / q)).ln()).abs() < 1e-12, "{own:?}");
        assert_ne!(own, read(0));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let (ratios, words, reviews) = counted();
        let opened = Ratios::from_csv(&ratios.to_csv(&words), &words, 2).unwrap();
        let batch = pad(reviews.iter().map(Vec::as_slice));
        let read = |ratios: &Ratios| ratios.read::<f64>(&batch.ids, &batch.lengths, None);
        assert_eq!(read(&opened), read(&ratios));
        for (text, says) in [
            ("words,negative,positive\ngood film,0,3\nzebra,1,1\n", "line 3"),
            ("words,negative,positive\ngood,0,x\n", "line 2"),
            ("words,negative,positive\ngood,0,3\ngood,0,3\n", "twice"),
        ] {
            let error = Ratios::from_csv(text, &words, 2).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
