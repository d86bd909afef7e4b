//! Naive Bayes on bags (C10), and what NB-SVM makes of it (C11), after Wang & Manning 2012.
//!
//! ```text
//! p_j = 1 + number of positive reviews that hold j      q_j = 1 + number of negative ones
//! (C10)  r_j = ln (p_j / |p|) − ln (q_j / |q|)          |p| = sum_j p_j
//! naive Bayes: sum over the review's n-grams of r_j, plus ln (positive reviews / negative reviews)
//! (C11)  NB-SVM: an SVM whose features are r_j in place of 1; then w' = (1 − β) mean|w| + β w
//! ```
//!
//! r says how much more often an n-gram stands in positive reviews. Naive Bayes adds these up as
//! if n-grams knew nothing of each other; the SVM learns how far to trust each. β = 1/4 draws it
//! back towards naive Bayes, where all are trusted alike.

use super::features::Bags;
use super::linear::{Linear, Loss};

/// The interpolation of Wang & Manning.
pub const BETA: f64 = 0.25;

/// How many negative and how many positive reviews hold each feature.
pub fn count<'a>(
    reviews: impl IntoIterator<Item = (&'a Vec<u32>, &'a bool)>,
    features: usize,
) -> Vec<[f64; 2]> {
    let mut counts = vec![[0.0; 2]; features];
    for (bag, &label) in reviews {
        bag.iter().for_each(|&j| counts[j as usize][usize::from(label)] += 1.0);
    }
    counts
}

/// The log-count ratio r of features (C10), from how many negative and positive reviews hold each.
pub fn ratios(counts: &[[f64; 2]]) -> Vec<f64> {
    let totals =
        counts.iter().fold([0.0, 0.0], |sum, c| [sum[0] + c[0] + 1.0, sum[1] + c[1] + 1.0]);
    let ratio = |[q, p]: &[f64; 2]| ((p + 1.0) / totals[1]).ln() - ((q + 1.0) / totals[0]).ln(); // (C10)
    counts.iter().map(ratio).collect()
}

/// The log-count ratio r of every feature (C10), and the bias of naive Bayes.
pub fn log_count_ratio(bags: &Bags, labels: &[bool], features: usize) -> (Vec<f64>, f64) {
    let ratios = ratios(&count(bags.iter().zip(labels), features));
    let positive = labels.iter().filter(|&&label| label).count() as f64;
    let bias = (positive / (labels.len() as f64 - positive)).ln();
    (ratios, bias)
}

/// Naive Bayes as a linear classifier.
pub fn naive_bayes(bags: &Bags, labels: &[bool], features: usize) -> Linear {
    let (weights, bias) = log_count_ratio(bags, labels, features);
    Linear { weights, bias, passes: 1 }
}

/// NB-SVM (C11).
pub fn nb_svm(bags: &Bags, labels: &[bool], features: usize, c: f64, seed: u64) -> Linear {
    let (ratio, _) = log_count_ratio(bags, labels, features);
    let mut model = Linear::fit(bags, labels, &ratio, Loss::Svm, c, seed);
    // weights hold r_j w_j; a feature with r_j = 0 has no weight.
    let size = |(v, r): (&f64, &f64)| if *r == 0.0 { 0.0 } else { (v / r).abs() };
    let mean = model.weights.iter().zip(&ratio).map(size).sum::<f64>() / features as f64;
    for (v, r) in model.weights.iter_mut().zip(&ratio) {
        *v = (1.0 - BETA) * mean * r + BETA * *v; // (C11)
    }
    model.bias *= BETA;
    model
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_by_hand() {
        // "good film", "good" are positive, "bad film" is negative; good 0, film 1, bad 2.
        let bags: Bags = vec![vec![0, 1], vec![0], vec![1, 2]];
        let (r, bias) = log_count_ratio(&bags, &[true, true, false], 3);
        // p = (3, 2, 1) of 6, q = (1, 2, 2) of 5
        let expected =
            [(3.0 / 6.0) / (1.0 / 5.0), (2.0 / 6.0) / (2.0 / 5.0), (1.0 / 6.0) / (2.0 / 5.0)];
        for (r, e) in r.iter().zip(expected) {
            assert!((r - f64::ln(e)).abs() < 1e-12);
        }
        assert!((bias - 2_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn nb_svm_separates_what_can_be_separated() {
        let bags: Bags = (0..40).map(|i| vec![i % 2, 2 + i % 7]).collect();
        let labels: Vec<bool> = (0..40).map(|i| i % 2 == 0).collect();
        let model = nb_svm(&bags, &labels, 9, 1.0, 1);
        assert!(bags.iter().zip(&labels).all(|(bag, &y)| (model.decision(bag) > 0.0) == y));
    }
}
