//! The functions between a gate's sum and its value, and their derivatives.
//!
//! Derivatives are written in terms of the *value*, because that is what the tape holds:
//! σ' = σ(1 − σ) and tanh' = 1 − tanh².
//!
//! Each function comes twice. [`sigmoid`] and its neighbours are for reading and for checking.
//! [`Fast`] holds versions without branches, which the compiler turns into vector instructions
//! inside a [`Kernel`](crate::simd::Kernel): for `f32` a polynomial with an error of about two units
//! in the last place, for `f64` the standard library's.

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
#[inline(always)]
pub fn sigmoid_slope<A: Float>(s: A) -> A {
    s * (A::one() - s)
}

/// tanh'(x), from the value t = tanh(x).
#[inline(always)]
pub fn tanh_slope<A: Float>(t: A) -> A {
    A::one() - t * t
}

/// relu(x) = max(0, x).
#[inline(always)]
pub fn relu<A: Float>(x: A) -> A {
    if x > A::zero() { x } else { A::zero() }
}

/// relu'(x), from the value r = relu(x). At zero it is zero, as in PyTorch.
#[inline(always)]
pub fn relu_slope<A: Float>(r: A) -> A {
    if r > A::zero() { A::one() } else { A::zero() }
}

/// Branch-free functions for the inner loops of kernels. `FMA` as in
/// [`Kernel::run`](crate::simd::Kernel::run).
pub trait Fast: Copy {
    /// e^x. An `f32` below −87.3 gives 0, and one above 88.3 a huge number instead of infinity.
    fn fast_exp<const FMA: bool>(self) -> Self;

    /// σ(x).
    fn fast_sigmoid<const FMA: bool>(self) -> Self;

    /// tanh(x).
    fn fast_tanh<const FMA: bool>(self) -> Self;
}

/// a · b + c.
#[inline(always)]
fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// A polynomial in x, highest power first (Horner).
#[inline(always)]
fn polynomial<const N: usize, const FMA: bool>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    for &c in &coefficients[1..] {
        sum = fma::<FMA>(sum, x, c);
    }
    sum
}

// The coefficients are the minimax fits of Moshier's Cephes library (expf.c, tanhf.c).
impl Fast for f32 {
    /// x = n ln 2 + r with |r| ≤ ln 2 / 2, so that e^x = 2^n e^r; e^r is a polynomial.
    #[inline(always)]
    fn fast_exp<const FMA: bool>(self) -> f32 {
        // Adding 1.5 · 2^23 leaves no bits for a fraction: the sum is rounded to a whole number,
        // which then stands in its lowest bits.
        const ROUND: f32 = 12_582_912.0;
        // ln 2 in two parts: the first has few bits, so that its product with n is exact.
        const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
        const EXP: [f32; 6] =
            [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5];
        let x = self.clamp(-87.3, 88.3);
        let shifted = fma::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
        let n = shifted - ROUND;
        let r = fma::<FMA>(n, -LN_2.1, fma::<FMA>(n, -LN_2.0, x));
        let e_r = fma::<FMA>(r * r, polynomial::<6, FMA>(r, EXP), r) + 1.0;
        // n goes where a float has its exponent; the bias of 127 makes it 2^n.
        let two_n = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3F80_0000));
        if self < -87.3 { 0.0 } else { e_r * two_n }
    }

    #[inline(always)]
    fn fast_sigmoid<const FMA: bool>(self) -> f32 {
        1.0 / (1.0 + (-self).fast_exp::<FMA>())
    }

    /// Near zero an odd polynomial, farther out 1 − 2 / (e^(2x) + 1), which near zero would lose
    /// its digits. Both are computed and one is taken: that is cheaper than a branch.
    #[inline(always)]
    fn fast_tanh<const FMA: bool>(self) -> f32 {
        #[allow(clippy::excessive_precision)] // as published
        const TANH: [f32; 5] =
            [-5.704_988_7e-3, 2.063_908_9e-2, -5.373_971_6e-2, 0.133_314_42, -0.333_332_8];
        let z = self.abs();
        let square = z * z;
        let near = fma::<FMA>(z * square, polynomial::<5, FMA>(square, TANH), z);
        let far = 1.0 - 2.0 / ((z + z).fast_exp::<FMA>() + 1.0);
        (if z < 0.625 { near } else { far }).copysign(self)
    }
}

impl Fast for f64 {
    #[inline(always)]
    fn fast_exp<const FMA: bool>(self) -> f64 {
        self.exp()
    }

    #[inline(always)]
    fn fast_sigmoid<const FMA: bool>(self) -> f64 {
        sigmoid(self)
    }

    #[inline(always)]
    fn fast_tanh<const FMA: bool>(self) -> f64 {
        self.tanh()
    }
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

    /// The largest error in units in the last place of the exact value, over many `f32` in ±`range`.
    fn worst_ulp(range: f32, fast: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        let steps = 400_000;
        let error = |k: i32| {
            let x = range * (2.0 * k as f32 / steps as f32 - 1.0);
            let expected = exact(f64::from(x));
            let ulp =
                f64::from((expected as f32).abs().next_up()) - f64::from((expected as f32).abs());
            (f64::from(fast(x)) - expected).abs() / ulp
        };
        (0..=steps).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn fast_functions_err_by_two_units_in_the_last_place() {
        let exact_sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let both = |name: &str, bound: f64, with: f64, without: f64| {
            assert!(
                with <= bound && without <= bound,
                "{name}: {with:.2} ulp with FMA, {without:.2} without"
            );
        };
        let exp = (
            worst_ulp(80.0, f32::fast_exp::<true>, f64::exp),
            worst_ulp(80.0, f32::fast_exp::<false>, f64::exp),
        );
        both("exp", 2.0, exp.0, exp.1);
        for range in [1.0, 10.0, 80.0] {
            let sigmoid = (
                worst_ulp(range, f32::fast_sigmoid::<true>, exact_sigmoid),
                worst_ulp(range, f32::fast_sigmoid::<false>, exact_sigmoid),
            );
            both("sigmoid", 3.0, sigmoid.0, sigmoid.1);
            let tanh = (
                worst_ulp(range, f32::fast_tanh::<true>, f64::tanh),
                worst_ulp(range, f32::fast_tanh::<false>, f64::tanh),
            );
            both("tanh", 2.0, tanh.0, tanh.1);
        }
    }

    #[test]
    fn fast_functions_at_the_ends() {
        assert_eq!(f32::INFINITY.fast_sigmoid::<true>(), 1.0);
        assert!(f32::NEG_INFINITY.fast_sigmoid::<true>() < 1e-37);
        assert_eq!(f32::INFINITY.fast_tanh::<true>(), 1.0);
        assert_eq!(f32::NEG_INFINITY.fast_tanh::<true>(), -1.0);
        assert_eq!((-0.0_f32).fast_tanh::<true>().to_bits(), (-0.0_f32).to_bits());
        for nan in [
            f32::NAN.fast_exp::<true>(),
            f32::NAN.fast_sigmoid::<true>(),
            f32::NAN.fast_tanh::<true>(),
        ] {
            assert!(nan.is_nan(), "a NaN must not become a number");
        }
    }
}
