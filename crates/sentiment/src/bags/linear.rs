//! Linear classifiers on bags, fitted by coordinate descent on the dual (Hsieh et al. 2008 for the
//! support vector machine, Yu, Huang & Lin 2011 for logistic regression): what LIBLINEAR does.
//!
//! With labels y = ±1 and a feature's value x_ij = s_j where review i holds feature j, both minimise
//!
//! ```text
//! ½ |w|² + C sum_i loss(y_i w·x_i)      svm: max(0, 1 − m)²      logistic: ln(1 + e^−m)
//! ```
//!
//! The dual has one number α_i a review, and w = sum_i α_i y_i x_i. One α at a time is moved to its
//! best value, which needs w·x_i and nothing else; a pass takes each review once, in random order.
//! A constant feature plays the bias, as in LIBLINEAR. As s_j is the same in all reviews, v_j = s_j w_j is
//! kept in place of w_j: then w·x_i is a plain sum.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::features::Bags;

/// Which loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Squared hinge: a linear support vector machine.
    Svm,
    /// Logistic regression.
    Logistic,
}

/// A fitted classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// v_j = s_j w_j: what a feature adds to the decision.
    pub weights: Vec<f64>,
    /// Added to every decision.
    pub bias: f64,
    /// Passes until it had converged.
    pub passes: usize,
}

/// After so many passes the fit ends, converged or not.
const MOST_PASSES: usize = 200;

/// Converged: no α was further than this from its best value, in terms of the margin.
const TOLERANCE: f64 = 0.02;

impl Linear {
    /// Fits `bags` with their labels; `scale` is s, one number a feature, and `c` the weight of the
    /// losses against that of |w|².
    pub fn fit(bags: &Bags, labels: &[bool], scale: &[f64], loss: Loss, c: f64, seed: u64) -> Self {
        assert_eq!(bags.len(), labels.len(), "a label for every bag");
        let squared: Vec<f64> = scale.iter().map(|s| s * s).collect();
        let norms: Vec<f64> = bags
            .iter()
            .map(|bag| 1.0 + bag.iter().map(|&j| squared[j as usize]).sum::<f64>())
            .collect();
        let mut model = Self { weights: vec![0.0; scale.len()], bias: 0.0, passes: 0 };
        let mut alphas = vec![0.0; bags.len()];
        if loss == Loss::Logistic {
            // Its α lies strictly between 0 and C: start near 0, with the w that belongs to it.
            alphas.fill(0.001 * c);
            for (bag, &label) in bags.iter().zip(labels) {
                model.add(bag, &squared, sign(label) * 0.001 * c);
            }
        }
        let mut order: Vec<usize> = (0..bags.len()).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        while model.passes < MOST_PASSES {
            model.passes += 1;
            order.shuffle(&mut rng);
            let mut worst = 0.0_f64;
            for &i in &order {
                let y = sign(labels[i]);
                let margin = y * model.decision(&bags[i]);
                let (best, violation) = match loss {
                    Loss::Svm => best_svm(alphas[i], margin, norms[i], c),
                    Loss::Logistic => best_logistic(alphas[i], margin, norms[i], c),
                };
                worst = worst.max(violation);
                let change = best - alphas[i];
                if change != 0.0 {
                    alphas[i] = best;
                    model.add(&bags[i], &squared, y * change);
                }
            }
            if worst < TOLERANCE {
                break;
            }
        }
        model
    }

    /// w·x + b of a bag: above 0 is positive.
    pub fn decision(&self, bag: &[u32]) -> f64 {
        self.bias + bag.iter().map(|&j| self.weights[j as usize]).sum::<f64>()
    }

    /// The decisions on many bags.
    pub fn decisions(&self, bags: &Bags) -> Vec<f64> {
        bags.par_iter().map(|bag| self.decision(bag)).collect()
    }

    /// w += amount · x.
    fn add(&mut self, bag: &[u32], squared: &[f64], amount: f64) {
        self.bias += amount;
        bag.iter().for_each(|&j| self.weights[j as usize] += amount * squared[j as usize]);
    }
}

fn sign(label: bool) -> f64 {
    if label { 1.0 } else { -1.0 }
}

/// The best α ≥ 0 of one review, and how steep the dual is in α now: for the squared hinge the
/// derivative is m − 1 + α / 2C, and the curvature |x|² + 1 / 2C.
fn best_svm(alpha: f64, margin: f64, norm: f64, c: f64) -> (f64, f64) {
    let derivative = margin - 1.0 + alpha / (2.0 * c);
    let at_bound = alpha == 0.0 && derivative > 0.0;
    let best = (alpha - derivative / (norm + 1.0 / (2.0 * c))).max(0.0);
    (best, if at_bound { 0.0 } else { derivative.abs() })
}

/// The same for logistic regression, 0 < α < C, whose derivative is m + ln(α / (C − α)). It has one
/// zero, which Newton's steps find; where one would leave the bracket, it is halved instead.
fn best_logistic(alpha: f64, margin: f64, norm: f64, c: f64) -> (f64, f64) {
    let derivative = |a: f64| margin + norm * (a - alpha) + (a / (c - a)).ln();
    let (mut low, mut high, mut best) = (0.0, c, alpha);
    let first = derivative(alpha).abs();
    for _ in 0..30 {
        let g = derivative(best);
        if g.abs() < 1e-6 {
            break;
        }
        if g > 0.0 {
            high = best
        } else {
            low = best
        }
        let newton = best - g / (norm + c / (best * (c - best)));
        best = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
    }
    (best, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    // import numpy as np; from sklearn.svm import LinearSVC; from sklearn.linear_model import LogisticRegression
    // X = np.array([[1,1,0,0],[1,0,1,0],[0,1,0,1],[0,0,1,1],[1,0,0,1],[0,1,1,0]]) * [1, .5, 2, 1]
    // y = [1, 1, 0, 0, 1, 0]; a column of ones appended, fit_intercept=False
    // LinearSVC(C=.7, dual=True, tol=1e-10, max_iter=10**6).fit(X1, y).coef_
    // LogisticRegression(C=.7, solver='liblinear', tol=1e-10).fit(X1, y).coef_
    #[test]
    fn weights_are_those_of_liblinear() {
        let bags: Bags =
            vec![vec![0, 1], vec![0, 2], vec![1, 3], vec![2, 3], vec![0, 3], vec![1, 2]];
        let labels = [true, true, false, false, true, false];
        let scale = [1.0, 0.5, 2.0, 1.0];
        for (loss, expected) in [
            (Loss::Svm, [1.122522, -0.392475, -0.218757, -0.351162, -0.061485]),
            (Loss::Logistic, [0.788754, -0.157195, -0.295347, -0.258419, 0.034135]),
        ] {
            let model = Linear::fit(&bags, &labels, &scale, loss, 0.7, 1);
            let found: Vec<f64> =
                model.weights.iter().zip(scale).map(|(v, s)| v / s).chain([model.bias]).collect();
            for (a, b) in found.iter().zip(expected) {
                assert!((a - b).abs() < 0.02, "{loss:?}: {found:?} and {expected:?}");
            }
        }
    }
}
