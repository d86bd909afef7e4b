//! Two problems that ask for nothing but memory.

use std::ops::Range;

use ndarray::{Array2, Array3};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::examples::{Examples, Problem, Targets};

/// The adding problem (Hochreiter & Schmidhuber 1997, as in Bai et al. 2018).
///
/// Each of T steps brings a number from U(0, 1) and a marker. One marker of each half is 1: the
/// answer, asked for after the last step, is the sum of the two marked numbers. Whoever always says
/// 1 has a squared error of 1/6.
#[derive(Debug, Clone, Copy)]
pub struct Adding {
    /// T.
    pub steps: usize,
}

impl Adding {
    /// The squared error of always answering 1: the variance of a sum of two numbers from U(0, 1).
    pub const BASELINE: f64 = 1.0 / 6.0;
}

impl Problem for Adding {
    fn inputs(&self) -> usize {
        2
    }

    fn outputs(&self) -> usize {
        1
    }

    fn read(&self) -> Range<usize> {
        self.steps - 1..self.steps
    }

    fn draw(&self, batch: usize, rng: &mut ChaCha8Rng) -> Examples {
        let mut x = Array3::zeros((self.steps, batch, 2)); // (T, B, 2)
        let mut sums = Array2::zeros((batch, 1));
        for b in 0..batch {
            for t in 0..self.steps {
                x[[t, b, 0]] = rng.random::<f32>();
            }
            let half = self.steps / 2;
            for marked in [rng.random_range(0..half), rng.random_range(half..self.steps)] {
                x[[marked, b, 1]] = 1.0;
                sums[[b, 0]] += x[[marked, b, 0]];
            }
        }
        Examples { x, targets: Targets::Numbers(sums) }
    }
}

/// Copy memory (Hochreiter & Schmidhuber 1997, as in Arjovsky et al. 2016).
///
/// K symbols out of eight come first, then T − 1 blanks, then a signal, and at the K steps from
/// there on the symbols are asked for in their order; papers have K = 10. Whoever remembers nothing
/// has a loss of ln 8 nats a symbol; averaged over all T + 20 steps, as papers do it,
/// 10 ln 8 / (T + 20).
#[derive(Debug, Clone, Copy)]
pub struct Copying {
    /// K, how many symbols are to be remembered.
    pub length: usize,
    /// T.
    pub blanks: usize,
}

impl Copying {
    /// How many symbols there are to choose from.
    pub const SYMBOLS: usize = 8;

    /// The problem of the papers, ten symbols, over T = `blanks` steps.
    pub fn ten(blanks: usize) -> Self {
        Self { length: 10, blanks }
    }

    /// The loss of a network without memory, in nats a symbol.
    pub fn baseline() -> f64 {
        (Self::SYMBOLS as f64).ln()
    }
}

impl Problem for Copying {
    fn inputs(&self) -> usize {
        Self::SYMBOLS + 2
    }

    fn outputs(&self) -> usize {
        Self::SYMBOLS
    }

    fn read(&self) -> Range<usize> {
        let first = self.length + self.blanks - 1; // the signal's step
        first..first + self.length
    }

    fn draw(&self, batch: usize, rng: &mut ChaCha8Rng) -> Examples {
        let (blank, signal) = (Self::SYMBOLS, Self::SYMBOLS + 1);
        let read = self.read();
        let mut x = Array3::zeros((read.end, batch, self.inputs())); // (T, B, 10)
        let mut targets = vec![0; self.length * batch];
        for b in 0..batch {
            for k in 0..self.length {
                let symbol = rng.random_range(0..Self::SYMBOLS);
                x[[k, b, symbol]] = 1.0;
                targets[k * batch + b] = symbol;
            }
            for t in self.length..read.end {
                x[[t, b, if t == read.start { signal } else { blank }]] = 1.0;
            }
        }
        Examples { x, targets: Targets::Classes(targets) }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::s;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_sum_of_the_marked_numbers_is_asked_for() {
        let Examples { x, targets: Targets::Numbers(sums) } =
            Adding { steps: 9 }.draw(2000, &mut ChaCha8Rng::seed_from_u64(1))
        else {
            panic!("numbers")
        };
        for b in 0..2000 {
            let marked: Vec<usize> = (0..9).filter(|&t| x[[t, b, 1]] == 1.0).collect();
            assert!(marked.len() == 2 && marked[0] < 4 && marked[1] >= 4, "{marked:?}");
            assert_eq!(sums[[b, 0]], x[[marked[0], b, 0]] + x[[marked[1], b, 0]]);
        }
        let error = sums.mapv(|sum| f64::from(sum - 1.0).powi(2)).mean().unwrap();
        assert!((error - Adding::BASELINE).abs() < 0.02, "{error}");
    }

    #[test]
    fn the_symbols_come_back_in_their_order() {
        let problem = Copying::ten(5);
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let Examples { x, targets: Targets::Classes(targets) } = problem.draw(3, rng) else {
            panic!("classes")
        };
        assert_eq!(x.dim(), (24, 3, 10));
        assert_eq!(problem.read(), 14..24);
        assert!(x.sum_axis(ndarray::Axis(2)).iter().all(|&sum| sum == 1.0), "one-hot");
        for b in 0..3 {
            for k in 0..10 {
                assert_eq!(x[[k, b, targets[k * 3 + b]]], 1.0);
            }
            assert_eq!(x.slice(s![.., b, 9]).sum(), 1.0);
            assert_eq!(x[[14, b, 9]], 1.0, "one signal, after T − 1 blanks");
        }
    }
}
