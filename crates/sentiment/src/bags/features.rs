//! Which words and pairs of neighbours a review holds: sets of numbers, nothing of their order.
//!
//! Counts are *binarised*: a word that is there five times counts once. That is a little better
//! for sentiment (Pang, Lee & Vaithyanathan 2002): what matters is that somebody wrote "awful".

use std::collections::HashMap;

use rayon::prelude::*;
use seqcore::data::UNK;

/// The n-grams of the training reviews and their numbers.
#[derive(Debug, Clone)]
pub struct Features {
    bigrams: bool,
    numbers: HashMap<u64, u32>,
}

/// The n-grams of each review: distinct, ascending.
pub type Bags = Vec<Vec<u32>>;

impl Features {
    /// Numbers every word, and with `bigrams` every pair of neighbours, of the training reviews.
    /// Returns their bags, too.
    pub fn fit(reviews: &[Vec<usize>], bigrams: bool) -> (Self, Bags) {
        let mut features = Self { bigrams, numbers: HashMap::new() };
        let keys: Vec<Vec<u64>> = reviews.par_iter().map(|review| features.keys(review)).collect();
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

    /// The number of a word, or of a pair of neighbours.
    pub fn number(&self, gram: &[usize]) -> Option<u32> {
        self.numbers.get(&key(gram)).copied()
    }

    /// The words of every n-gram, by its number.
    pub fn grams(&self) -> Vec<Vec<usize>> {
        let mut grams = vec![Vec::new(); self.len()];
        for (&key, &number) in &self.numbers {
            let (first, second) = ((key >> 32) as usize, (key & 0xFFFF_FFFF) as usize);
            grams[number as usize] = [first, second].into_iter().filter(|&id| id > 0).collect();
        }
        grams
    }

    /// The distinct n-grams of a review, ascending; those with unknown words say nothing.
    fn keys(&self, review: &[usize]) -> Vec<u64> {
        let known = |gram: &&[usize]| !gram.contains(&UNK);
        let mut keys: Vec<u64> = review.chunks(1).filter(known).map(key).collect();
        if self.bigrams {
            keys.extend(review.windows(2).filter(known).map(key));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// One number for one or two words; ids are above 0 and below 2^32.
fn key(gram: &[usize]) -> u64 {
    gram.iter().fold(0, |key, &id| key << 32 | id as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bag_is_a_set() {
        let (features, bags) = Features::fit(&[vec![1, 2, 1, 2], vec![3, 1, 2]], true);
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
        let (single, _) = Features::fit(&[vec![1, 2, 1]], false);
        assert_eq!((single.len(), single.number(&[1, 2])), (2, None));
    }
}
