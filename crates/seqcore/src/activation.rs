//! The functions between a gate's sum and its value, and their derivatives.
//!
//! Derivatives are written in terms of the *value*, because that is what the tape holds:
//! σ' = σ(1 − σ) and tanh' = 1 − tanh².

use crate::Float;

/// The logistic function σ(x) = 1 / (1 + e^(−x)), without overflow at either end.
///
/// ```
/// use seqcore::activation::sigmoid;
/// assert_eq!(sigmoid(0.0), 0.5);
/// assert_eq!(sigmoid(-1000.0_f32), 0.0);
/// ```
pub fn sigmoid<A: Float>(x: A) -> A {
    // e^(-|x|) never overflows; which side of the fraction it belongs to depends on the sign.
    let e = (-x.abs()).exp();
    if x >= A::zero() { A::one() / (A::one() + e) } else { e / (A::one() + e) }
}

/// σ'(x), from the value s = σ(x).
pub fn sigmoid_slope<A: Float>(s: A) -> A {
    s * (A::one() - s)
}

/// tanh'(x), from the value t = tanh(x).
pub fn tanh_slope<A: Float>(t: A) -> A {
    A::one() - t * t
}

/// relu(x) = max(0, x).
pub fn relu<A: Float>(x: A) -> A {
    if x > A::zero() { x } else { A::zero() }
}

/// relu'(x), from the value r = relu(x). At zero it is zero, as in PyTorch.
pub fn relu_slope<A: Float>(r: A) -> A {
    if r > A::zero() { A::one() } else { A::zero() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigmoid_is_symmetric_and_saturates_without_nan() {
        for x in [0.1, 1.0, 5.0, 30.0] {
            assert!((sigmoid(x) + sigmoid(-x) - 1.0_f64).abs() < 1e-15);
        }
        assert_eq!(sigmoid(f64::INFINITY), 1.0);
        assert_eq!(sigmoid(f64::NEG_INFINITY), 0.0);
    }

    #[test]
    fn slopes_match_finite_differences() {
        let d = 1e-6;
        for x in [-2.0, -0.3, 0.4, 1.7_f64] {
            let central = |f: fn(f64) -> f64| (f(x + d) - f(x - d)) / (2.0 * d);
            assert!((central(sigmoid) - sigmoid_slope(sigmoid(x))).abs() < 1e-9);
            assert!((central(f64::tanh) - tanh_slope(x.tanh())).abs() < 1e-9);
            assert!((central(relu) - relu_slope(relu(x))).abs() < 1e-9);
        }
    }
}
