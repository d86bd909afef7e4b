//! Correlation, of values and of ranks, and how far groups explain a spread.

use ndarray::ArrayView2;
pub use seqcore::metrics::correlation;

/// Spearman's correlation: that of the ranks. It asks only whether the two agree on the order.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    correlation(&ranks(a), &ranks(b))
}

/// The rank of each value, counted from 0; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let mean = first as f64 + (equal.len() - 1) as f64 / 2.0;
        equal.iter().for_each(|&i| ranks[i] = mean);
        first += equal.len();
    }
    ranks
}

/// The share of the points' variance that lies between the groups' means, 0 to 1. `points`
/// (N, K); `groups` has one number below `count` for each point.
pub fn between_groups(points: ArrayView2<f64>, groups: &[usize], count: usize) -> f64 {
    assert_eq!(points.nrows(), groups.len(), "a group for each point");
    let mut total = 0.0;
    let mut between = 0.0;
    for column in points.columns() {
        let mean = column.mean().unwrap_or(0.0);
        let mut sums = vec![(0.0, 0.0); count];
        for (value, &group) in column.iter().zip(groups) {
            total += (value - mean).powi(2);
            sums[group].0 += value - mean;
            sums[group].1 += 1.0;
        }
        between += sums.iter().filter(|s| s.1 > 0.0).map(|(sum, n)| sum * sum / n).sum::<f64>();
    }
    if total > 0.0 { between / total } else { 0.0 }
}
