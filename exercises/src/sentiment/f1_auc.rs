//! # F1 and the area under the ROC curve
//!
//! Accuracy hides what is rare. Two measures that do not, equations (C12) and (C13) of
//! `theory/06_text_classification.md`:
//!
//! ```text
//! (C12)  precision = TP / (TP + FP)    recall = TP / (TP + FN)
//!        F1 = 2 precision recall / (precision + recall)
//! (C13)  AUC = (1 / (n1 n0)) sum over pairs (positive i, negative j) of [y_i > y_j] + [y_i = y_j] / 2
//! ```
//!
//! 1. `f1`: a review is called positive when its probability is 0.5 or more. Where no positive was
//!    found (TP = 0), F1 is 0.
//! 2. `auc`: needs no threshold. How often does a positive score higher than a negative? A tie
//!    counts one half.
//!
//! | | |
//! |---|---|
//! | `probabilities`, `scores` | N numbers |
//! | `labels` | N, true for positive; `auc` gets at least one of each |
//!
//! Example, section 6.9: the positives have 0.9, 0.8, 0.4 and the negatives 0.7, 0.4, 0.1. TP = 2,
//! FN = 1, FP = 1, so F1 = 0.6667. Of the nine pairs 7.5 are won: AUC = 0.8333.

/// F1 of the positive class, at the threshold 0.5.
pub fn f1(probabilities: &[f64], labels: &[bool]) -> f64 {
    // TODO: count TP, FP and FN, then (C12).
    todo!()
}

/// The share of pairs in the right order.
pub fn auc(scores: &[f64], labels: &[bool]) -> f64 {
    // TODO: every positive against every negative (C13).
    todo!()
}
