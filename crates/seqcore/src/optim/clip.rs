//! Clipping by the global norm (Pascanu, Mikolov & Bengio 2013): all gradients are scaled by one
//! factor, so that their direction stays.
//!
//! ```text
//! (R16) g ← g · min(1, max / (norm + 1e-6))        norm = √(Σ g²) over all gradients together
//! ```

use super::side_by_side;
use crate::Float;
use crate::params::Named;

/// Scales all gradients so that their common norm is at most `max`, and returns the norm before.
///
/// Gradients whose norm is infinite or not a number are left as they are: no factor can mend them,
/// and the caller sees it from the norm.
pub fn clip_global_norm<A: Float>(gradients: &mut impl Named<A>, max: f64) -> f64 {
    let norm = global_norm(gradients);
    let factor = max / (norm + 1e-6); // (R16)
    if factor < 1.0 && norm.is_finite() {
        let (factor, numbers) = (A::of(factor), gradients.count());
        side_by_side(gradients.named_mut(), numbers, |(_, mut slot)| {
            slot.values_mut().mapv_inplace(|g| g * factor);
        });
    }
    norm
}

/// The L2 norm of all gradients together, summed in `f64` and always in the same order.
pub fn global_norm<A: Float>(gradients: &impl Named<A>) -> f64 {
    let squares = side_by_side(gradients.named(), gradients.count(), |(_, slot)| {
        let values = slot.values();
        let plain = values.as_standard_layout();
        sum_of_squares(plain.as_slice().expect("standard layout"))
    });
    squares.into_iter().sum::<f64>().sqrt()
}

/// Eight sums side by side: one alone would wait for each addition.
fn sum_of_squares<A: Float>(values: &[A]) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for k in 0..8 {
            lanes[k] += square(chunk[k]);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&value| square(value)).sum::<f64>()
}

fn square<A: Float>(value: A) -> f64 {
    value.as_f64() * value.as_f64()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::named;
    use crate::nn::EmbeddingGradient;

    struct Two<A> {
        weight: Array2<A>,
        bias: Array1<A>,
    }
    named!(Two { weight, bias });

    // pa.grad = [[3, -4], [0, 0]]; pb.grad = [12]
    // torch.nn.utils.clip_grad_norm_([pa, pb], 2.0), pa.grad, pb.grad
    #[test]
    fn clipping_is_pytorchs() {
        let mut g = Two { weight: array![[3.0, -4.0], [0.0, 0.0]], bias: array![12.0] };
        assert_eq!(clip_global_norm(&mut g, 2.0), 13.0);
        assert!((g.weight[[0, 0]] - 0.46153842603550577_f64).abs() < 1e-15);
        assert!((g.weight[[0, 1]] - -0.615384568047341).abs() < 1e-15);
        assert!((g.bias[0] - 1.846153704142023).abs() < 1e-15);
    }

    #[test]
    fn a_small_gradient_is_left_alone() {
        let mut g = array![0.3_f32, 0.4];
        assert!((clip_global_norm(&mut g, 1.0) - 0.5).abs() < 1e-7);
        assert_eq!(g, array![0.3, 0.4]);
    }

    #[test]
    fn a_broken_gradient_is_reported() {
        let mut g = array![1.0, f64::INFINITY, 1.0];
        assert_eq!(clip_global_norm(&mut g, 1.0), f64::INFINITY);
        assert_eq!(g[0], 1.0);
        assert!(clip_global_norm(&mut array![f64::NAN], 1.0).is_nan());
    }

    #[test]
    fn rows_that_repeat_are_merged_before_they_are_measured() {
        // Token 1 twice: its two gradients of 3 and 1 make one of 4.
        let mut g = EmbeddingGradient::from_tokens(&[1, 1], array![[3.0], [1.0]].view(), 5);
        assert_eq!(clip_global_norm(&mut g, 2.0), 4.0);
    }

    #[test]
    fn many_small_numbers_add_up_in_f32() {
        let g = Array1::from_elem(4_000_003, 1e-3_f32);
        let expected = (4_000_003.0_f64).sqrt() * f64::from(1e-3_f32);
        assert!((global_norm(&g) / expected - 1.0).abs() < 1e-10);
    }
}
