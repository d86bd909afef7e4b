//! Which words and groups of neighbours, *n-grams*, a review holds: sets of numbers, nothing of their order.
//!
//! Counts are *binarised*: a word that is there five times counts once. That is a little better
//! for sentiment (Pang, Lee & Vaithyanathan 2002): what matters is that somebody wrote "awful".

use std::collections::HashMap;

use rayon::prelude::*;
use seqcore::data::UNK;

/// The n-grams of the training reviews and their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    longest: usize,
    numbers: HashMap<u128, u32>,
}

/// The most words of an n-gram.
pub const LONGEST: usize = 3;

/// The n-grams of each review: distinct, ascending.
pub type Bags = Vec<Vec<u32>>;

impl Features {
    /// Numbers every n-gram of up to `longest` words (at most [`LONGEST`]) of the training reviews. Returns
    /// their bags, too.
    pub fn fit(reviews: &[Vec<usize>], longest: usize) -> (Self, Bags) {
        assert!((1..=LONGEST).contains(&longest), "n-grams of {longest} words");
        let mut features = Self { longest, numbers: HashMap::new() };
        let keys: Vec<Vec<u128>> = reviews.par_iter().map(|review| features.keys(review)).collect();
        let numbers = &mut features.numbers;
        let bags = keys.into_iter().map(|keys| {
            let number = |key| {
                let next = numbers.len() as u32;
                *numbers.entry(key).or_insert(next)
            };
            let mut bag: Vec<u32> = keys.into_iter().map(number).collect();
            bag.sort_unstable();
            bag
        });
        let bags = bags.collect();
        (features, bags)
    }

    /// The features that these n-grams are, numbered as they stand here.
    pub fn of(grams: &[Vec<usize>]) -> Self {
        let numbers = grams.iter().zip(0..).map(|(gram, number)| (key(gram), number)).collect();
        Self { longest: grams.iter().map(Vec::len).max().unwrap_or(1), numbers }
    }

    /// Forgets the n-grams whose number is not to be kept, and numbers the others anew.
    pub fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let mut kept: Vec<(u32, u128)> =
            self.numbers.iter().map(|(&key, &number)| (number, key)).collect();
        kept.retain(|&(number, _)| keep(number as usize));
        kept.sort_unstable();
        self.numbers = kept.into_iter().zip(0..).map(|((_, key), number)| (key, number)).collect();
    }

    /// How many n-grams there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The bags of other reviews: n-grams that the training reviews do not have are left out.
    pub fn bags(&self, reviews: &[Vec<usize>]) -> Bags {
        reviews.par_iter().map(|review| self.bag(review)).collect()
    }

    /// The bag of one review.
    pub fn bag(&self, review: &[usize]) -> Vec<u32> {
        let known = |key| self.numbers.get(&key).copied();
        let mut bag: Vec<u32> = self.keys(review).into_iter().filter_map(known).collect();
        bag.sort_unstable();
        bag
    }

    /// The number of an n-gram.
    pub fn number(&self, gram: &[usize]) -> Option<u32> {
        self.numbers.get(&key(gram)).copied()
    }

    /// The words of every n-gram, by its number.
    pub fn grams(&self) -> Vec<Vec<usize>> {
        let mut grams = vec![Vec::new(); self.len()];
        for (&key, &number) in &self.numbers {
            let word = |k: usize| (key >> (BITS * k)) as usize & ((1 << BITS) - 1);
            grams[number as usize] = (0..LONGEST).rev().map(word).filter(|&id| id > 0).collect();
        }
        grams
    }

    /// The distinct n-grams of a review, ascending; those with unknown words say nothing.
    fn keys(&self, review: &[usize]) -> Vec<u128> {
        let known = |gram: &&[usize]| !gram.contains(&UNK);
        let of = |n| review.windows(n).filter(known).map(key);
        let mut keys: Vec<u128> = (1..=self.longest).flat_map(of).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// The bits of a word in a [`key`], which has room for [`LONGEST`].
const BITS: usize = 40;

/// One number for up to [`LONGEST`] words; ids are above 0 and below 2^40.
fn key(gram: &[usize]) -> u128 {
    gram.iter().fold(0, |key, &id| key << BITS | id as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bag_is_a_set() {
        let (features, bags) = Features::fit(&[vec![1, 2, 1, 2], vec![3, 1, 2]], 2);
        // 1, 2, (1, 2), (2, 1); then 3 and (3, 1)
        assert_eq!(features.len(), 6);
        assert_eq!(bags[0].len(), 4);
        assert_eq!(bags[1].len(), 5);
        assert_eq!(
            features.bag(&[2, 9, 1, UNK, 1]),
            features
                .bag(&[1, 2, UNK])
                .iter()
                .copied()
                .filter(|&n| Some(n) != features.number(&[1, 2]))
                .collect::<Vec<_>>()
        );
        let grams = features.grams();
        assert_eq!(grams[features.number(&[2, 1]).unwrap() as usize], [2, 1]);
        let (single, _) = Features::fit(&[vec![1, 2, 1]], 1);
        assert_eq!((single.len(), single.number(&[1, 2])), (2, None));
    }

    #[test]
    fn n_grams_have_their_words_in_order() {
        let (triples, bags) = Features::fit(&[vec![3, 1, 2, 3, 1]], 3);
        let all =
            [&[3][..], &[1], &[2], &[3, 1], &[1, 2], &[2, 3], &[3, 1, 2], &[1, 2, 3], &[2, 3, 1]];
        assert_eq!((triples.len(), bags[0].len()), (9, 9));
        let grams = triples.grams();
        for gram in all {
            assert_eq!(grams[triples.number(gram).unwrap() as usize], gram);
        }
        assert_eq!(triples.number(&[1, 3, 2]), None);
        assert_eq!(Features::of(&grams), triples);
        let mut fewer = triples.clone();
        fewer.retain(|number| number % 2 == 1);
        let odd: Vec<Vec<usize>> = grams.into_iter().skip(1).step_by(2).collect();
        assert_eq!((fewer.grams(), fewer.len()), (odd, 4));
    }
}
