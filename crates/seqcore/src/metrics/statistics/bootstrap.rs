//! The moving-block bootstrap: an interval for a figure of a series whose neighbours depend on
//! each other.
//!
//! Drawing single days would tear apart what belongs together, and give an interval far too
//! narrow. So whole blocks of consecutive days are drawn, with replacement, any block as likely as
//! any other, and laid end to end up to the length of the series:
//!
//! ```text
//! (F14)  index*(k b + j) = s_k + j,   s_k uniform on 0..=n-b,   j < b
//! ```
//!
//! Künsch (1989), *The jackknife and the bootstrap for general stationary observations*. A block
//! should span the dependence: for forecasts h steps ahead at least h, and a day of hourly values.

use rand::Rng;

use super::{Interval, check};

/// The statistic of the series as it is, and the percentile interval of its values on `repeats`
/// resampled ones. The statistic gets indices below n, in the order of the resampled series.
///
/// Ends of the interval are NaN where there is no spread to be measured: a series no longer than
/// one block, no repeats, or a statistic that is NaN for a resample. For n = 0 the statistic is
/// not asked. Panics where `block` is 0.
///
/// ```
/// use rand::SeedableRng;
/// use seqcore::metrics::statistics::moving_block_bootstrap;
/// let errors: Vec<f64> = (0..500).map(|day| f64::from(day % 7)).collect();
/// let mean = |days: &[usize]| days.iter().map(|&day| errors[day]).sum::<f64>() / days.len() as f64;
/// let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// let interval = moving_block_bootstrap(500, 14, 1000, 0.95, &mut rng, mean);
/// assert!(interval.contains(3.0));
/// ```
pub fn moving_block_bootstrap(
    n: usize,
    block: usize,
    repeats: usize,
    confidence: f64,
    rng: &mut impl Rng,
    mut statistic: impl FnMut(&[usize]) -> f64,
) -> Interval {
    check(confidence);
    assert!(block > 0, "a block of no days");
    if n == 0 {
        return Interval::NOTHING;
    }
    let mut indices: Vec<usize> = (0..n).collect();
    let estimate = statistic(&indices);
    if n <= block || repeats == 0 {
        return Interval { estimate, ..Interval::NOTHING };
    }
    let mut values: Vec<f64> = (0..repeats)
        .map(|_| {
            for chunk in indices.chunks_mut(block) {
                let start = rng.random_range(0..=n - block);
                chunk.iter_mut().zip(start..).for_each(|(slot, index)| *slot = index); // (F14)
            }
            statistic(&indices)
        })
        .collect();
    if values.iter().any(|value| value.is_nan()) {
        return Interval { estimate, ..Interval::NOTHING };
    }
    values.sort_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    Interval { estimate, low: percentile(&values, tail), high: percentile(&values, 1.0 - tail) }
}

/// A quantile of sorted values, linear between neighbours (numpy's default).
fn percentile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    // Equal neighbours may be infinite, and their difference NaN.
    if below == above { below } else { below + (at - at.floor()) * (above - below) }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn mean_of(values: &[f64]) -> impl Fn(&[usize]) -> f64 {
        |indices| indices.iter().map(|&i| values[i]).sum::<f64>() / indices.len() as f64
    }

    #[test]
    fn percentiles_as_numpy_has_them() {
        // np.percentile([1, 2, 4, 8], [0, 2.5, 50, 97.5, 100])
        let values = [1.0, 2.0, 4.0, 8.0];
        for (p, expected) in [(0.0, 1.0), (0.025, 1.075), (0.5, 3.0), (0.975, 7.7), (1.0, 8.0)] {
            assert!((percentile(&values, p) - expected).abs() < 1e-12, "{p}");
        }
        assert_eq!(percentile(&[f64::INFINITY; 3], 0.3), f64::INFINITY);
    }

    #[test]
    fn blocks_are_runs_of_the_series() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut calls, mut starts) = (0, [0; 8]);
        moving_block_bootstrap(10, 3, 2000, 0.95, &mut rng, |indices| {
            assert_eq!(indices.len(), 10);
            calls += 1;
            if calls == 1 {
                assert_eq!(indices, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
                return 0.0;
            }
            for block in indices.chunks(3) {
                assert!(block.windows(2).all(|pair| pair[1] == pair[0] + 1));
                starts[block[0]] += 1;
            }
            0.0
        });
        // 4 blocks each time, so each start from 0 to n - b is drawn about 1,000 times.
        assert_eq!(calls, 2001);
        assert!(starts.iter().all(|count| (880..1120).contains(count)), "{starts:?}");
    }

    /// For independent values and blocks of one, the interval is that of the mean: ± 1.96 s / √n.
    /// For an AR(1) series with φ = 0.8 the mean's error is √((1+φ)/(1−φ)) = 3 times as large, and
    /// only blocks see it.
    #[test]
    fn the_width_is_right_for_independent_and_for_dependent_values() {
        use rand::Rng;
        use rand_distr::StandardNormal;
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let n = 4000;
        let noise: Vec<f64> = (0..n).map(|_| rng.sample(StandardNormal)).collect();
        let mut dependent = noise.clone();
        for t in 1..n {
            dependent[t] = 0.8 * dependent[t - 1] + 0.6 * noise[t]; // variance 1
        }
        let mut width = |values: &[f64], block| {
            let interval = moving_block_bootstrap(n, block, 1000, 0.95, &mut rng, mean_of(values));
            (interval.high - interval.low) / (2.0 * 1.96 / (n as f64).sqrt())
        };
        let (independent, blind, seeing) =
            (width(&noise, 1), width(&dependent, 1), width(&dependent, 100));
        assert!((independent - 1.0).abs() < 0.1, "{independent}");
        assert!((blind - 1.0).abs() < 0.1, "{blind}");
        assert!((seeing - 3.0).abs() < 0.5, "{seeing}");
    }

    #[test]
    fn what_cannot_be_known_is_nan() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut run = |n, block, repeats, statistic: &dyn Fn(&[usize]) -> f64| {
            moving_block_bootstrap(n, block, repeats, 0.9, &mut rng, statistic)
        };
        assert!(run(0, 5, 10, &|_| panic!("asked")).estimate.is_nan());
        for (n, block, repeats) in [(1, 1, 10), (5, 5, 10), (5, 9, 10), (5, 2, 0)] {
            let interval = run(n, block, repeats, &|i| i.len() as f64);
            assert_eq!(interval.estimate, n as f64);
            assert!(interval.low.is_nan() && interval.high.is_nan());
        }
        assert!(run(5, 2, 10, &|_| f64::NAN).low.is_nan());
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let values: Vec<f64> = (0..50).map(|i| f64::from(i % 11)).collect();
        let run = || {
            let mut rng = ChaCha8Rng::seed_from_u64(4);
            moving_block_bootstrap(50, 4, 200, 0.95, &mut rng, mean_of(&values))
        };
        assert_eq!(run(), run());
    }
}
