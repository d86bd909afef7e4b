//! From logits to the next token.
//!
//! Every way to choose is the same three steps and one draw:
//!
//! ```text
//! (R18)  p_i = exp(y_i / tau) / sum_j exp(y_j / tau)     temperature tau
//! top-k  keep the k most probable tokens
//! top-p  keep the most probable tokens until they hold p of what is left (the nucleus;
//!        Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration")
//! ```
//!
//! What is kept is scaled to sum to one again, after each step. Greedy decoding is top-k with
//! k = 1. Shapes: logits and distributions (V).

pub mod beam;

use std::cmp::Ordering;

use rand::Rng;

use crate::{Error, Float, Result};
pub use beam::{Beam, Hypothesis};

/// How to choose the next token.
///
/// ```
/// use rand::SeedableRng;
/// use seqcore::decode::Sampler;
/// let logits = [0.0_f32, 1.0, 2.0, 3.0];
/// let sampler = Sampler::temperature(0.8)?.top_k(3)?.top_p(0.9)?;
/// let probs = sampler.filtered_distribution(&logits);
/// assert_eq!((probs[0], probs[1]), (0.0, 0.0)); // cut by top-k, then by top-p
///
/// let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// assert!([2, 3].contains(&sampler.sample(&logits, &mut rng)));
/// assert_eq!(Sampler::greedy().sample(&logits, &mut rng), 3);
/// # Ok::<(), seqcore::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    temperature: f64,
    top_k: usize,
    top_p: f64,
}

impl Sampler {
    /// Always the most probable token; of several, the one with the lowest id.
    pub fn greedy() -> Self {
        Self { temperature: 1.0, top_k: 1, top_p: 1.0 }
    }

    /// Draws from the softmax with this temperature (R18): 1 is the model's own distribution,
    /// less is more cautious, more is wilder.
    ///
    /// # Errors
    /// A temperature that is not a number above 0.
    pub fn temperature(temperature: f64) -> Result<Self> {
        if !(temperature > 0.0 && temperature.is_finite()) {
            return Err(Error::config(format!(
                "the temperature is {temperature}, but must be above 0 (and finite). For the \
                 most probable token, decode greedily."
            )));
        }
        Ok(Self { temperature, top_k: usize::MAX, top_p: 1.0 })
    }

    /// The same, from the `k` most probable tokens only; of equally probable ones the lower ids
    /// are kept.
    ///
    /// # Errors
    /// `k` of zero.
    pub fn top_k(self, k: usize) -> Result<Self> {
        if k == 0 {
            return Err(Error::config("top-k keeps 0 tokens, but must keep at least 1."));
        }
        Ok(Self { top_k: k, ..self })
    }

    /// The same, from the nucleus only: the fewest most probable tokens that together have at
    /// least the probability `p`. It is taken after temperature and top-k.
    ///
    /// # Errors
    /// `p` outside of 0 < p ≤ 1.
    pub fn top_p(self, p: f64) -> Result<Self> {
        if !(p > 0.0 && p <= 1.0) {
            return Err(Error::config(format!("top-p is {p}, but must be above 0 and at most 1.")));
        }
        Ok(Self { top_p: p, ..self })
    }

    /// The probabilities that [`Self::sample`] draws from, (V): zero for what was cut, and they
    /// sum to one.
    ///
    /// Logits that are no numbers do not stop it: a NaN is never chosen, an infinite one wins
    /// (several share), and where nothing else is left all tokens are equally probable. Panics
    /// where there are no logits at all.
    pub fn filtered_distribution<A: Float>(&self, logits: &[A]) -> Vec<f64> {
        let mut probs = softmax(logits, self.temperature);
        if self.top_k >= probs.len() && self.top_p == 1.0 {
            return probs;
        }
        // The most probable first; a stable sort leaves equal ones in the order of their ids.
        let mut ranked: Vec<usize> = (0..probs.len()).collect();
        ranked.sort_by(|&i, &j| probs[j].partial_cmp(&probs[i]).unwrap_or(Ordering::Equal));

        let (_, cut) = ranked.split_at(self.top_k.min(ranked.len()));
        cut.iter().for_each(|&i| probs[i] = 0.0);
        normalise(&mut probs);

        if self.top_p < 1.0 {
            let mut held = 0.0;
            for &i in &ranked {
                let reached = held >= self.top_p;
                held += probs[i];
                if reached {
                    probs[i] = 0.0;
                }
            }
            normalise(&mut probs);
        }
        probs
    }

    /// Draws a token. Exactly one number is taken from `rng`, whatever the settings. Not-a-number
    /// logits are treated as in [`Self::filtered_distribution`].
    pub fn sample<A: Float>(&self, logits: &[A], rng: &mut (impl Rng + ?Sized)) -> usize {
        draw(&self.filtered_distribution(logits), rng.random())
    }
}

/// The token in whose share of [0, 1) the number `u` falls, the shares laid side by side.
fn draw(probs: &[f64], u: f64) -> usize {
    let mut upper = 0.0;
    for (token, &prob) in probs.iter().enumerate() {
        upper += prob;
        if u < upper {
            return token;
        }
    }
    // The shares summed to a hair less than one, and `u` fell behind them.
    probs.iter().rposition(|&prob| prob > 0.0).expect("probabilities sum to one")
}

/// (R18) in f64, with limits where logits are infinite.
fn softmax<A: Float>(logits: &[A], temperature: f64) -> Vec<f64> {
    assert!(!logits.is_empty(), "no logits to choose from");
    let logits = logits.iter().map(|&y| Float::as_f64(y));
    let max = logits.clone().fold(f64::NEG_INFINITY, f64::max); // passes over NaN
    let mut probs: Vec<f64> = logits
        .map(|y| match y.partial_cmp(&max) {
            None => 0.0,
            Some(Ordering::Less) => ((y - max) / temperature).exp(), // (R18)
            Some(_) => 1.0, // not exp(y - max), which is NaN where both are infinite
        })
        .collect();
    if max == f64::NEG_INFINITY {
        probs.fill(1.0); // nothing can be chosen, so anything may
    }
    normalise(&mut probs);
    probs
}

fn normalise(probs: &mut [f64]) {
    let total: f64 = probs.iter().sum();
    probs.iter_mut().for_each(|prob| *prob /= total);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Logits whose softmax is 0.1, 0.4, 0.2, 0.3.
    fn logits() -> [f64; 4] {
        [0.1, 0.4, 0.2, 0.3].map(f64::ln)
    }

    #[track_caller]
    fn check(sampler: Result<Sampler>, logits: &[f64], expected: &[f64]) {
        let probs = sampler.unwrap().filtered_distribution(logits);
        let close = probs.iter().zip(expected).all(|(p, e)| (p - e).abs() < 1e-12);
        assert!(close && probs.len() == expected.len(), "{probs:?}, expected {expected:?}");
    }

    #[test]
    fn temperature_sharpens_and_flattens() {
        check(Sampler::temperature(1.0), &logits(), &[0.1, 0.4, 0.2, 0.3]);
        // tau = 1/2 squares: 1, 16, 4, 9 of 30
        let squared = [1.0 / 30.0, 16.0 / 30.0, 4.0 / 30.0, 9.0 / 30.0];
        check(Sampler::temperature(0.5), &logits(), &squared);
        check(Sampler::temperature(1e-300), &logits(), &[0.0, 1.0, 0.0, 0.0]);
        check(Sampler::temperature(1e300), &logits(), &[0.25; 4]);
    }

    #[test]
    fn top_k_keeps_the_most_probable() {
        let one = || Sampler::temperature(1.0).unwrap();
        check(one().top_k(2), &logits(), &[0.0, 4.0 / 7.0, 0.0, 3.0 / 7.0]);
        check(one().top_k(9), &logits(), &[0.1, 0.4, 0.2, 0.3]);
        check(Ok(Sampler::greedy()), &logits(), &[0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn top_p_keeps_the_nucleus() {
        let one = || Sampler::temperature(1.0).unwrap();
        check(one().top_p(0.3), &logits(), &[0.0, 1.0, 0.0, 0.0]); // 0.4 is enough
        check(one().top_p(0.6), &logits(), &[0.0, 4.0 / 7.0, 0.0, 3.0 / 7.0]); // 0.4 + 0.3
        check(one().top_p(0.8), &logits(), &[0.0, 4.0 / 9.0, 2.0 / 9.0, 3.0 / 9.0]);
        check(one().top_p(1.0), &logits(), &[0.1, 0.4, 0.2, 0.3]);
        check(one().top_p(f64::MIN_POSITIVE), &logits(), &[0.0, 1.0, 0.0, 0.0]);
        // A nucleus that is reached exactly: 1/2 + 1/4.
        let halves = [0.25, 0.5, 0.125, 0.125].map(f64::ln);
        check(one().top_p(0.75), &halves, &[1.0 / 3.0, 2.0 / 3.0, 0.0, 0.0]);
    }

    #[test]
    fn temperature_comes_first_then_top_k_then_top_p() {
        // Squared: 1, 16, 4, 9 of 30. The top three: 16, 4, 9 of 29. Of these 25/29 = 0.862
        // are held by two; of the unsquared ones (4/9 + 3/9 = 0.78) it would have been three.
        let sampler = || Sampler::temperature(0.5).unwrap().top_k(3).unwrap();
        check(sampler().top_p(0.85), &logits(), &[0.0, 0.64, 0.0, 0.36]);
        check(sampler().top_p(0.87), &logits(), &[0.0, 16.0 / 29.0, 4.0 / 29.0, 9.0 / 29.0]);
    }

    #[test]
    fn ties_go_to_the_lower_id() {
        let even = [1.0; 5];
        check(Ok(Sampler::greedy()), &even, &[1.0, 0.0, 0.0, 0.0, 0.0]);
        let one = || Sampler::temperature(1.0).unwrap();
        check(one().top_k(2), &even, &[0.5, 0.5, 0.0, 0.0, 0.0]);
        check(one().top_p(0.5), &[0.0; 4], &[0.5, 0.5, 0.0, 0.0]);
    }

    #[test]
    fn logits_that_are_no_numbers() {
        const NAN: f64 = f64::NAN;
        const INF: f64 = f64::INFINITY;
        let one = || Sampler::temperature(1.0);
        check(one(), &[NAN, 0.0, 0.0], &[0.0, 0.5, 0.5]);
        check(one(), &[INF, 5.0, INF, NAN], &[0.5, 0.0, 0.5, 0.0]);
        check(one(), &[-INF, 3.0, -INF], &[0.0, 1.0, 0.0]);
        check(one(), &[-INF, NAN], &[0.5, 0.5]);
        check(one(), &[NAN; 4], &[0.25; 4]);
        check(one(), &[f64::MAX, f64::MIN], &[1.0, 0.0]);
        check(Ok(Sampler::greedy()), &[NAN, 1.0, INF], &[0.0, 0.0, 1.0]);
        check(Ok(Sampler::greedy()), &[NAN; 2], &[1.0, 0.0]);
    }

    #[test]
    fn impossible_settings_are_errors() {
        for tau in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let message = Sampler::temperature(tau).unwrap_err().to_string();
            assert!(message.contains(&format!("the temperature is {tau}")), "{message}");
        }
        assert!(Sampler::greedy().top_k(0).is_err());
        for p in [0.0, -0.5, 1.0001, f64::NAN] {
            assert!(Sampler::greedy().top_p(p).is_err(), "{p}");
        }
    }

    #[test]
    fn frequencies_are_those_of_the_distribution() {
        let sampler = Sampler::temperature(0.5).unwrap().top_k(3).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let draws = 100_000;
        let mut counts = [0_u32; 4];
        for _ in 0..draws {
            counts[sampler.sample(&logits(), &mut rng)] += 1;
        }
        assert_eq!(counts[0], 0);
        for (count, expected) in counts.into_iter().zip([0.0, 16.0 / 29.0, 4.0 / 29.0, 9.0 / 29.0])
        {
            let share = f64::from(count) / f64::from(draws);
            assert!((share - expected).abs() < 0.006, "{share}, expected {expected}"); // 4 sigma
        }
    }

    #[test]
    fn a_draw_takes_one_number_whatever_the_settings() {
        let numbers_after = |sampler: Sampler| {
            let mut rng = ChaCha8Rng::seed_from_u64(3);
            sampler.sample(&logits(), &mut rng);
            rng.random::<u64>()
        };
        let plain = numbers_after(Sampler::temperature(1.0).unwrap());
        assert_eq!(numbers_after(Sampler::greedy()), plain);
        assert_eq!(numbers_after(Sampler::greedy().top_p(0.5).unwrap()), plain);
    }

    #[test]
    fn the_edges_of_the_shares() {
        assert_eq!(draw(&[0.0, 0.5, 0.5, 0.0], 0.0), 1);
        assert_eq!(draw(&[0.0, 0.5, 0.5, 0.0], 0.5), 2);
        let nearly_one = 1.0 - f64::EPSILON / 2.0;
        assert_eq!(draw(&[0.5, 0.5 - 1e-12, 0.0], nearly_one), 1); // rounding left a gap
    }

    proptest! {
        #[test]
        fn whatever_the_logits_a_possible_token_is_drawn(
            logits in prop::collection::vec(prop::num::f32::ANY, 1..20),
            tau in 1e-6..1e6, k in 1..25_usize, p in 1e-9..=1.0, seed: u64,
        ) {
            let sampler = Sampler::temperature(tau).unwrap().top_k(k).unwrap().top_p(p).unwrap();
            let probs = sampler.filtered_distribution(&logits);
            prop_assert!((probs.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(probs.iter().filter(|&&prob| prob > 0.0).count() <= k);
            let token = sampler.sample(&logits, &mut ChaCha8Rng::seed_from_u64(seed));
            prop_assert!(probs[token] > 0.0);
        }
    }
}
