//! Sums to read and to learn from.
//!
//! A sum is held out as a *pair of numbers*: where 61 and 535 are for testing, neither `61+535=` nor
//! `535+61=` is ever trained on. Which pairs those are depends on the numbers alone, so it is the same
//! in every run.

use lesson::files::pairs::Pair;
use rand::Rng;

/// What a sum may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// To train on: nine pairs in ten.
    Train,
    /// To watch and to choose settings: one in twenty.
    Dev,
    /// For the reported numbers: one in twenty.
    Test,
}

/// The split of a pair, whichever stands first.
pub fn split(a: u64, b: u64) -> Split {
    // A mixing function (SplitMix64's), so that neighbours do not share a split.
    let mut h = (a.min(b) << 32 | a.max(b)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    h = (h ^ (h >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    match (h ^ (h >> 31)) % 20 {
        0 => Split::Test,
        1 => Split::Dev,
        _ => Split::Train,
    }
}

/// The sum as text: `535+61=` and `596`.
pub fn sum(a: u64, b: u64) -> Pair {
    Pair { source: format!("{a}+{b}="), target: (a + b).to_string() }
}

/// How many columns carry when a and b are added on paper.
///
/// ```
/// assert_eq!(gru_seq::addition::carries(535, 61), 0);
/// assert_eq!(gru_seq::addition::carries(999, 1), 3);
/// ```
pub fn carries(mut a: u64, mut b: u64) -> usize {
    let (mut carry, mut count) = (0, 0);
    while a + b + carry > 0 {
        carry = u64::from(a % 10 + b % 10 + carry > 9);
        count += carry as usize;
        (a, b) = (a / 10, b / 10);
    }
    count
}

/// Draws numbers of up to `digits` digits that belong to the split. Each value is equally likely; in
/// training a quarter of the sums have numbers whose *length* is drawn first, or short ones would
/// hardly ever be seen.
pub fn draw(digits: u32, wanted: Split, rng: &mut impl Rng) -> (u64, u64) {
    loop {
        let short = wanted == Split::Train && rng.random_range(0..4) == 0;
        let mut number = || {
            let length = if short { rng.random_range(1..=digits) } else { digits };
            rng.random_range(0..10_u64.pow(length))
        };
        let (a, b) = (number(), number());
        if split(a, b) == wanted {
            return (a, b);
        }
    }
}

/// Numbers of exactly `digits` digits, for tests beyond the trained length.
pub fn draw_long(digits: u32, rng: &mut impl Rng) -> (u64, u64) {
    let mut number = || rng.random_range(10_u64.pow(digits - 1)..10_u64.pow(digits));
    (number(), number())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_held_out_sum_is_held_out_both_ways_round() {
        let mut counts = [0_usize; 3];
        for a in 0..1000 {
            for b in a..1000 {
                assert_eq!(split(a, b), split(b, a));
                counts[split(a, b) as usize] += 1;
            }
        }
        // 500,500 pairs; five standard deviations of a share of 1/20 are about 770.
        assert!(counts[1].abs_diff(25_025) < 800 && counts[2].abs_diff(25_025) < 800, "{counts:?}");
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        for wanted in [Split::Train, Split::Dev, Split::Test] {
            for _ in 0..500 {
                let (a, b) = draw(3, wanted, rng);
                assert!(split(b, a) == wanted && a < 1000 && b < 1000);
            }
        }
    }

    #[test]
    fn carries_are_counted_as_on_paper() {
        for (a, b, expected) in
            [(0, 0, 0), (12, 34, 0), (5, 5, 1), (15, 85, 2), (999, 999, 3), (195, 7, 2), (99, 1, 2)]
        {
            assert_eq!(carries(a, b), expected, "{a}+{b}");
            assert_eq!(carries(b, a), expected, "{b}+{a}");
        }
        let pair = sum(535, 61);
        assert_eq!((pair.source.as_str(), pair.target.as_str()), ("535+61=", "596"));
    }
}
