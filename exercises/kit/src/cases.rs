//! The cases of an exercise: inputs drawn from a seed, and fixed ones.
//!
//! ```
//! use kit::cases::*;
//!
//! pub fn cases(draw: &mut Draw) -> Vec<Case> {
//!     let mut cases = vec![call!("worked example", scale(vec![1.0, 2.0], 3.0)).expect(vec![3.0, 6.0])];
//!     for _ in 0..3 {
//!         let [n] = draw.sizes();
//!         cases.push(call!("random numbers", scale(draw.normal(n), draw.number(0.5, 2.0))));
//!     }
//!     cases
//! }
//! assert_eq!(cases(&mut Draw::new(1))[1], cases(&mut Draw::new(1))[1]);
//! ```

use ndarray::{Array, Dimension, ShapeBuilder};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

pub use crate::{Value, Wire, call, record};
pub use ndarray::{Array1, Array2, Array3, Array4, array};

/// One call with its inputs. Cases of one name are graded together: all must pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it looks at, in a few words; the same name joins several calls.
    pub name: String,
    /// The function that is called.
    pub function: String,
    /// Its arguments, in order.
    pub arguments: Vec<Value>,
    /// Whether a learner may see the inputs.
    pub visible: bool,
    /// The answer by hand, for a check of the reference; never needed for grading.
    pub expected: Option<Value>,
}

impl Case {
    /// A visible case. The macro [`call!`](crate::call) is shorter.
    pub fn new(name: &str, function: &str, arguments: Vec<Value>) -> Self {
        let (name, function) = (name.to_owned(), function.to_owned());
        Self { name, function, arguments, visible: true, expected: None }
    }

    /// The learner is told whether it passed and what was wrong, but not the inputs.
    pub fn hidden(mut self) -> Self {
        self.visible = false;
        self
    }

    /// The answer, worked out by hand (or elsewhere). `selfcheck` holds the reference against it.
    pub fn expect(mut self, answer: impl Wire) -> Self {
        self.expected = Some(answer.encode());
        self
    }
}

impl Wire for Case {
    fn encode(&self) -> Value {
        Value::Record(vec![
            ("name".into(), self.name.encode()),
            ("function".into(), self.function.encode()),
            ("arguments".into(), Value::Tuple(self.arguments.clone())),
            ("visible".into(), self.visible.encode()),
            ("expected".into(), self.expected.encode()),
        ])
    }

    fn decode(value: Value) -> Result<Self, String> {
        let mut fields = crate::Fields::new(value)?;
        let arguments = match fields.take("arguments")? {
            Value::Tuple(items) => items,
            other => return Err(format!("arguments are {}", other.kind())),
        };
        Ok(Self {
            name: fields.take("name")?,
            function: fields.take("function")?,
            arguments,
            visible: fields.take("visible")?,
            expected: fields.take("expected")?,
        })
    }
}

/// A visible [`Case`]: `call!("a batch", step(x, h))`.
#[macro_export]
macro_rules! call {
    ($name:expr, $function:ident($($argument:expr),* $(,)?)) => {
        $crate::cases::Case::new(
            $name,
            stringify!($function),
            vec![$($crate::Wire::encode(&$argument)),*],
        )
    };
}

/// Draws inputs. Floats have two or three decimals, so that what a learner is shown is exact.
#[derive(Debug, Clone)]
pub struct Draw(ChaCha8Rng);

fn rounded(x: f64, unit: f64) -> f64 {
    (x * unit).round() / unit
}

impl Draw {
    /// The same seed, the same inputs, on every machine.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Sizes for the axes (B, I, H, ...), all different and from 2 to 6 (or to N + 2, where that is
    /// more): a swapped axis shows, and the first wrong case is small enough to look at.
    pub fn sizes<const N: usize>(&mut self) -> [usize; N] {
        let mut sizes: Vec<usize> = (2..=(N + 2).max(6)).collect();
        sizes.shuffle(&mut self.0);
        std::array::from_fn(|k| sizes[k])
    }

    /// Standard normal numbers, two decimals: `draw.normal((b, i))`.
    pub fn normal<D: Dimension>(&mut self, shape: impl ShapeBuilder<Dim = D>) -> Array<f64, D> {
        let mut number = || rounded(self.0.sample(StandardNormal), 100.0);
        Array::from_shape_simple_fn(shape, &mut number)
    }

    /// Numbers from `low` to `high`, three decimals. Weights of ±0.8 and states of ±0.9 keep gates
    /// out of saturation, where mistakes hide.
    pub fn uniform<D: Dimension>(
        &mut self,
        low: f64,
        high: f64,
        shape: impl ShapeBuilder<Dim = D>,
    ) -> Array<f64, D> {
        let mut number = || self.number(low, high);
        Array::from_shape_simple_fn(shape, &mut number)
    }

    /// One number from `low` to `high`, three decimals.
    pub fn number(&mut self, low: f64, high: f64) -> f64 {
        rounded(self.0.random_range(low..=high), 1000.0)
    }

    /// A whole number of `low..high`.
    pub fn int(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..high)
    }

    /// `count` whole numbers of `low..high`; they may repeat.
    pub fn ints(&mut self, count: usize, low: usize, high: usize) -> Vec<usize> {
        (0..count).map(|_| self.int(low, high)).collect()
    }

    /// Yes with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability)
    }

    /// One of them.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.int(0, from.len())].clone()
    }

    /// The same items in another order.
    pub fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        items.shuffle(&mut self.0);
        items
    }

    /// `count` numbers in random order of which no two are closer than `(high - low) / (2 count)`:
    /// for sorting, ranking and picking the largest, where a near tie would turn on rounding.
    pub fn distinct(&mut self, low: f64, high: f64, count: usize) -> Vec<f64> {
        let width = (high - low) / count as f64;
        let numbers = (0..count)
            .map(|k| rounded(low + width * (k as f64 + self.number(0.25, 0.75)), 1000.0))
            .collect();
        self.shuffled(numbers)
    }

    /// A word of `letters` small letters.
    pub fn word(&mut self, letters: usize) -> String {
        (0..letters).map(|_| (b'a' + self.int(0, 26) as u8) as char).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_different_and_above_one() {
        let mut draw = Draw::new(3);
        for _ in 0..50 {
            let [a, b, c] = draw.sizes();
            assert!(a > 1 && b > 1 && c > 1 && a != b && b != c && a != c);
        }
    }

    #[test]
    fn distinct_numbers_keep_their_distance() {
        let mut numbers = Draw::new(4).distinct(-2.0, 2.0, 8);
        numbers.sort_by(f64::total_cmp);
        assert!(numbers.windows(2).all(|pair| pair[1] - pair[0] >= 0.24));
        assert!(numbers[0] >= -2.0 && numbers[7] <= 2.0);
    }

    #[test]
    fn a_case_comes_back() {
        let case = call!("a name", f(vec![1.0], "x".to_owned())).hidden().expect(3.0);
        assert_eq!(Case::decode(case.encode()), Ok(case));
    }
}
