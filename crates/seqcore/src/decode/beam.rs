//! Beam search: the best few unfinished sequences, one step at a time.
//!
//! Greedy decoding takes the best token and can never take it back. A beam keeps the `width` most
//! probable beginnings, extends each by every token, and keeps the best again. What ends is set
//! aside; at the end the finished sequences are compared by
//!
//! ```text
//! (S14)  score = ln p(y|x) / lp(|y|)       lp(n) = ((5 + n) / 6)^α
//! ```
//!
//! (Wu et al. 2016). Without the length penalty (α = 0) short sequences win, because every token
//! costs; n counts *end*.

use ndarray::Array2;

use crate::{Error, Float, Result};

/// The widest beam: each beginning costs a state, and a row of logits at every step.
const MOST_WIDTH: usize = 1000;

/// The settings of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beam {
    /// How many beginnings are kept; 1 is greedy decoding.
    pub width: usize,
    /// The most tokens to write, *end* included.
    pub most: usize,
    /// α of the length penalty (S14).
    pub length_penalty: f64,
}

/// A sequence that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Its tokens, without *end*.
    pub tokens: Vec<usize>,
    /// Its natural log-probability, *end* included.
    pub log_probability: f64,
    /// What hypotheses are compared by (S14).
    pub score: f64,
    /// Whether it came to its *end*; otherwise it was cut off at the most tokens.
    pub ended: bool,
}

/// A beginning: its tokens and ln p.
type Beginning = (Vec<usize>, f64);

impl Beam {
    /// Refuses settings that cannot work.
    ///
    /// # Errors
    /// A width of 0 or above 1000, a length of 0, a penalty that is negative or no number.
    pub fn validate(&self) -> Result<()> {
        if self.width == 0 || self.most == 0 {
            return Err(Error::config("a beam needs a width and a length of at least 1."));
        }
        if self.width > MOST_WIDTH {
            return Err(Error::config(format!(
                "a beam of {} is too wide; {MOST_WIDTH} is the most.",
                self.width
            )));
        }
        if !(self.length_penalty >= 0.0 && self.length_penalty.is_finite()) {
            let alpha = self.length_penalty;
            return Err(Error::config(format!(
                "the length penalty is {alpha}; it must be 0 or above."
            )));
        }
        Ok(())
    }

    /// Searches; the finished sequences with the best score first, at most `width`.
    ///
    /// `step(parents, tokens)` advances the model: row i of its new state follows from row
    /// `parents[i]` of the old one by reading `tokens[i]`; it returns the logits (rows, V). The first
    /// call is `step(&[0], &[end])`.
    pub fn search<A: Float>(
        &self,
        end: usize,
        mut step: impl FnMut(&[usize], &[usize]) -> Array2<A>,
    ) -> Vec<Hypothesis> {
        let mut live: Vec<Beginning> = vec![(Vec::new(), 0.0)];
        let (mut parents, mut tokens) = (vec![0], vec![end]);
        let mut done = Vec::new();
        for length in 1..=self.most {
            let logits = step(&parents, &tokens);
            let best = self.extensions(&live, &logits);
            let mut next = Vec::new();
            (parents, tokens) = (Vec::new(), Vec::new());
            for (rank, (parent, token, log_probability)) in best.into_iter().enumerate() {
                let mut sequence = live[parent].0.clone();
                if token == end && rank < self.width {
                    done.push(self.hypothesis(sequence, log_probability, length, true));
                } else if token != end && next.len() < self.width {
                    sequence.push(token);
                    next.push((sequence, log_probability));
                    parents.push(parent);
                    tokens.push(token);
                }
            }
            live = next;
            if done.len() >= self.width || live.is_empty() {
                break;
            }
        }
        if done.len() < self.width {
            // What is cut off competes: an end that came too early may be far less probable.
            for (tokens, ln_p) in live {
                let length = tokens.len();
                done.push(self.hypothesis(tokens, ln_p, length, false));
            }
        }
        done.sort_by(|a, b| b.score.total_cmp(&a.score)); // stable: equal ones as they were found
        done.truncate(self.width);
        done
    }

    /// The best 2·width continuations of the beginnings as (which one, token, ln p): so many that
    /// `width` remain even if half of them end.
    fn extensions<A: Float>(
        &self,
        live: &[Beginning],
        logits: &Array2<A>,
    ) -> Vec<(usize, usize, f64)> {
        let mut all = Vec::with_capacity(logits.len());
        for (parent, ((_, so_far), row)) in live.iter().zip(logits.outer_iter()).enumerate() {
            let largest = row.iter().fold(f64::NEG_INFINITY, |m, y| m.max(y.as_f64()));
            let total: f64 = row.iter().map(|y| (y.as_f64() - largest).exp()).sum();
            let base = so_far - largest - total.ln();
            all.extend(row.iter().enumerate().map(|(token, y)| (parent, token, base + y.as_f64())));
        }
        let better = |a: &(usize, usize, f64), b: &(usize, usize, f64)| {
            b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1)))
        };
        let wanted = (2 * self.width).min(all.len());
        if wanted < all.len() {
            all.select_nth_unstable_by(wanted, better);
            all.truncate(wanted);
        }
        all.sort_by(better);
        all
    }

    fn hypothesis(&self, tokens: Vec<usize>, ln_p: f64, length: usize, ended: bool) -> Hypothesis {
        let penalty = ((5.0 + length as f64) / 6.0).powf(self.length_penalty);
        Hypothesis { tokens, log_probability: ln_p, score: ln_p / penalty, ended } // (S14)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens a = 0, b = 1, end = 2. After nothing: a 0.6, b 0.4. After a: a, b, end 1/3 each. After
    /// b: end 0.9. So greedy begins with a; the best whole sequence is "b" with 0.36.
    fn table(context: &[usize]) -> [f64; 3] {
        match context {
            [] => [0.6, 0.4, 0.0],
            [1] => [0.05, 0.05, 0.9],
            _ => [1.0 / 3.0 - 1e-3, 1.0 / 3.0 - 2e-3, 1.0 / 3.0 + 3e-3],
        }
    }

    fn search(width: usize, most: usize, length_penalty: f64) -> Vec<Hypothesis> {
        let beam = Beam { width, most, length_penalty };
        beam.validate().unwrap();
        let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
        beam.search(2, |parents, tokens| {
            let read = |(&parent, &token): (&usize, &usize)| {
                let mut row: Vec<usize> = rows[parent].clone();
                row.extend((token != 2).then_some(token));
                row
            };
            rows = parents.iter().zip(tokens).map(read).collect();
            Array2::from_shape_fn((rows.len(), 3), |(i, v)| table(&rows[i])[v].ln())
        })
    }

    #[test]
    fn a_beam_finds_what_greedy_misses() {
        let greedy = search(1, 10, 0.0);
        assert_eq!(greedy[0].tokens, [0]);
        assert!((greedy[0].log_probability - (0.6_f64 * (1.0 / 3.0 + 3e-3)).ln()).abs() < 1e-12);
        let two = search(2, 10, 0.0);
        assert_eq!(two[0].tokens, [1]);
        assert!((two[0].log_probability.exp() - 0.36).abs() < 1e-12);
        assert_eq!(two.len(), 2);
        assert!(two[0].score >= two[1].score && two.iter().all(|h| h.ended));
    }

    #[test]
    fn all_sequences_by_brute_force() {
        // A wide beam sees everything up to three tokens; compare with all of them.
        let mut all = Vec::new();
        for k in 0..4_usize {
            for code in 0..2_usize.pow(k as u32) {
                let tokens: Vec<usize> = (0..k).map(|i| code >> i & 1).collect();
                let p: f64 = (0..=k)
                    .map(|i| table(&tokens[..i])[tokens.get(i).copied().unwrap_or(2)])
                    .product();
                let lp = ((5.0 + k as f64 + 1.0) / 6.0).powf(0.7);
                if p > 0.0 {
                    all.push((tokens, p.ln() / lp));
                }
            }
        }
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let found = search(100, 4, 0.7);
        let found: Vec<_> = found.iter().filter(|h| h.ended && h.score.is_finite()).collect();
        assert_eq!((found.len(), &found[0].tokens), (all.len(), &all[0].0));
        for (hypothesis, (_, score)) in found.iter().zip(&all) {
            assert!((hypothesis.score - score).abs() < 1e-12);
            let of_it = all.iter().find(|(tokens, _)| *tokens == hypothesis.tokens).unwrap().1;
            assert!((hypothesis.score - of_it).abs() < 1e-12);
        }
    }

    #[test]
    fn the_length_penalty_prefers_longer_ones() {
        let length = |alpha| search(50, 6, alpha)[0].tokens.len();
        assert!(length(0.0) < length(8.0), "{} {}", length(0.0), length(8.0));
    }

    #[test]
    fn what_never_ends_is_cut() {
        let beam = Beam { width: 2, most: 3, length_penalty: 1.0 };
        let found = beam.search(4, |rows, _| {
            Array2::from_shape_fn((rows.len(), 5), |(_, v)| if v < 4 { -(v as f32) } else { -1e9 })
        });
        assert_eq!(found[0].tokens, [0, 0, 0]);
        assert!(!found[0].ended);
    }

    #[test]
    fn settings_that_cannot_work() {
        let good = Beam { width: 4, most: 10, length_penalty: 0.6 };
        good.validate().unwrap();
        for bad in [
            Beam { width: 0, ..good },
            Beam { width: usize::MAX, ..good },
            Beam { most: 0, ..good },
            Beam { length_penalty: -1.0, ..good },
            Beam { length_penalty: f64::NAN, ..good },
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
    }
}
