//! Weights averaged over the steps (Polyak & Juditsky 1992): nearer to the middle of a valley than those of any
//! one step.
//!
//! ```text
//! (C18)  average = k average + (1 - k) weights        k = min(share, s / (s + 10)) in step s
//! ```
//!
//! At first, when there are few to average, the newest count for more; the very first replace whatever
//! stood there.

use crate::params::{self, Named};
use crate::threads;

/// Takes the weights of step `step` into `average`, of which the share `share` stays.
pub fn average_in<M: Named<f32>>(average: &mut M, weights: &M, share: f64, step: usize) {
    let stays = share.min(step as f64 / (step as f64 + 10.0)) as f32;
    threads::map(params::pairs(average, weights), |(_, mut average, weights)| {
        average.zip_mut_with(&weights.dense(), |a, w| *a = stays * *a + (1.0 - stays) * w);
    });
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn an_average_begins_with_the_first_weights_and_follows_the_others() {
        let (mut average, one) = (array![7.0], array![1.0]);
        average_in(&mut average, &one, 0.9, 0);
        assert_eq!(average, one);
        average_in(&mut average, &array![3.0], 0.9, 10); // 10 / 20 stays: half is new
        assert!((average[0] - 2.0).abs() < 1e-6);
        average_in(&mut average, &array![3.0], 0.9, 1_000_000); // 0.9 stays
        assert!((average[0] - 2.1).abs() < 1e-6);
    }
}
