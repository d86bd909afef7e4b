//! Chronological splits: train, then dev, then test, in the order of the text.
//!
//! A random split of a sequence leaks: the neighbours of a held-out window are in the training
//! data. A chronological split has two cuts and nothing else, so the parts are disjoint, ordered,
//! and cover everything.
//!
//! *Dev* is for choosing (an order, a size, when to stop); *test* is looked at for the
//! reported number. What was chosen may be fitted again on train and dev together
//! ([`Parts::before_test`]).

use std::ops::Range;

use ndarray::{ArrayRef2, ArrayView2, s};

use crate::{Error, Result};

/// How much of the whole the held-out parts take; the rest is for training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fractions {
    /// The end of what comes before test. Zero for none.
    pub dev: f64,
    /// The end of the whole.
    pub test: f64,
}

impl Default for Fractions {
    /// The last 10 % are test; the 10 % before them are dev.
    fn default() -> Self {
        Self { dev: 0.1, test: 0.1 }
    }
}

/// Three ranges that follow one another: of items, or of bytes for [`chronological_text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// For fitting.
    pub train: Range<usize>,
    /// For choosing.
    pub dev: Range<usize>,
    /// For the reported number.
    pub test: Range<usize>,
}

impl Parts {
    /// Train and dev together: everything a final model may see.
    pub fn before_test(&self) -> Range<usize> {
        self.train.start..self.dev.end
    }

    /// The same parts with `steps` items between them that belong to none: the ends of train and of dev are cut off.
    ///
    /// A window that is cut near the end of training has targets that lie next to the first ones of the next part,
    /// and neighbours in time resemble each other. An embargo of one horizon keeps training targets that far away.
    ///
    /// # Errors
    /// Where nothing would be left of train, or of a dev part that was there.
    pub fn with_embargo(self, steps: usize) -> Result<Self> {
        let cut =
            |range: &Range<usize>| range.start..range.end.saturating_sub(steps).max(range.start);
        let parts = Self { train: cut(&self.train), dev: cut(&self.dev), test: self.test };
        if parts.train.is_empty() || (parts.dev.is_empty() && !self.dev.is_empty()) {
            return Err(Error::config(format!(
                "an embargo of {steps} steps leaves nothing of a part of {} or {} steps. Use more data, or a shorter horizon.",
                self.train.len(),
                self.dev.len(),
            )));
        }
        Ok(parts)
    }

    /// The rows of `values` (T, C) that scalers may be fitted on: those of train.
    pub fn training<'a>(&self, values: &'a ArrayRef2<f64>) -> Training<'a> {
        Training(values.slice(s![self.train.clone(), ..]))
    }

    /// The rows of `values` (T, C) before test, for a model that is fitted again on train and dev.
    pub fn training_and_dev<'a>(&self, values: &'a ArrayRef2<f64>) -> Training<'a> {
        Training(values.slice(s![self.before_test(), ..]))
    }
}

/// Rows of a series that come before test, (T, C). Only [`Parts`] makes one, and only of its earlier parts, so
/// that what takes a `Training`, such as a [`Scaler`](super::scaler::Scaler), cannot be fitted on the rest.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a>(pub(super) ArrayView2<'a, f64>);

impl<'a> Training<'a> {
    /// The numbers, (T, C).
    pub fn values(&self) -> ArrayView2<'a, f64> {
        self.0
    }
}

/// Walk-forward (rolling-origin) evaluation: several splits of one series, each training on everything before its
/// test part, with `embargo` steps between. The last `folds · test` items are tested once each, in order.
///
/// ```
/// use seqcore::data::split::walk_forward;
/// let folds = walk_forward(100, 3, 10, 2)?;
/// let spans: Vec<_> = folds.iter().map(|f| (f.train.clone(), f.test.clone())).collect();
/// assert_eq!(spans, [(0..68, 70..80), (0..78, 80..90), (0..88, 90..100)]);
/// # Ok::<(), seqcore::Error>(())
/// ```
///
/// # Errors
/// Where less than half of the series would be left for the first training part, or a part would be empty.
pub fn walk_forward(len: usize, folds: usize, test: usize, embargo: usize) -> Result<Vec<Parts>> {
    let tested = folds.saturating_mul(test);
    if folds == 0 || test == 0 || tested > len / 2 || len - tested <= embargo {
        return Err(Error::config(format!(
            "cannot test {folds} times {test} steps of a series of {len} and train on what is before. Use more data, \
             fewer folds or a shorter horizon."
        )));
    }
    let fold = |k: usize| {
        let start = len - tested + k * test;
        let end = start - embargo;
        Parts { train: 0..end, dev: end..end, test: start..start + test }
    };
    Ok((0..folds).map(fold).collect())
}

/// Cuts `len` items into train, dev and test. Cuts are rounded down, so that test
/// begins at item ⌊0.9 · len⌋ by default.
///
/// ```
/// use seqcore::data::{Fractions, split::chronological};
/// let parts = chronological(100, Fractions::default())?;
/// assert_eq!((parts.train, parts.dev, parts.test), (0..80, 80..90, 90..100));
/// # Ok::<(), seqcore::Error>(())
/// ```
///
/// # Errors
/// Fractions that leave nothing to train on, or so few items that a part asked for would be
/// empty.
pub fn chronological(len: usize, fractions: Fractions) -> Result<Parts> {
    let Fractions { dev, test } = fractions;
    let possible = dev >= 0.0 && test > 0.0 && dev + test < 1.0;
    if !possible {
        return Err(Error::config(format!(
            "cannot hold out {dev} for dev and {test} for test. Test must be \
             above 0, dev not negative, and both together below 1."
        )));
    }
    let cut = |fraction: f64| (len as f64 * fraction) as usize;
    let (first, second) = (cut(1.0 - test - dev), cut(1.0 - test));
    let parts = Parts { train: 0..first, dev: first..second, test: second..len };
    if parts.train.is_empty() || parts.test.is_empty() || (dev > 0.0 && parts.dev.is_empty()) {
        return Err(Error::config(format!(
            "the data has only {len} items, too few to split into train, dev and test. \
             Use more data."
        )));
    }
    Ok(parts)
}

/// The same for a text, counted in characters. The ranges are in bytes and begin and end between
/// characters, so that `&text[parts.train]` is the training text.
///
/// # Errors
/// As [`chronological`].
pub fn chronological_text(text: &str, fractions: Fractions) -> Result<Parts> {
    let parts = chronological(text.chars().count(), fractions)?;
    let mut starts = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
    let first = starts.nth(parts.dev.start).expect("a cut lies inside the text");
    let second = match parts.dev.len() {
        0 => first,
        n => starts.nth(n - 1).expect("a cut lies inside the text"),
    };
    Ok(Parts { train: 0..first, dev: first..second, test: second..text.len() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn default_cuts_are_those_of_the_published_figures() {
        // tinyshakespeare: int(0.9 * 1115394) = 1003854 (Python)
        let parts = chronological(1_115_394, Fractions::default()).unwrap();
        assert_eq!(parts.test, 1_003_854..1_115_394);
        assert_eq!(parts.dev.start, 892_315);
        assert_eq!(parts.before_test(), 0..1_003_854);
    }

    #[test]
    fn text_is_cut_between_characters() {
        let text = "äöüßéèêëñõ"; // ten characters of two bytes
        let parts = chronological_text(text, Fractions { dev: 0.2, test: 0.1 }).unwrap();
        assert_eq!(&text[parts.train], "äöüßéèê");
        assert_eq!(&text[parts.dev], "ëñ");
        assert_eq!(&text[parts.test], "õ");
        let parts = chronological_text(text, Fractions { dev: 0.0, test: 0.5 }).unwrap();
        assert_eq!((&text[parts.train], &text[parts.dev]), ("äöüßé", ""));
    }

    #[test]
    fn impossible_splits_are_errors() {
        for (dev, test) in [(0.5, 0.5), (-0.1, 0.1), (0.1, 0.0), (f64::NAN, 0.1)] {
            let error = chronological(100, Fractions { dev, test }).unwrap_err();
            assert!(error.to_string().contains("cannot hold out"), "{error}");
        }
        for len in [0, 1, 2, 3] {
            let error = chronological(len, Fractions::default()).unwrap_err();
            assert!(error.to_string().contains(&format!("only {len} items")), "{error}");
        }
        assert!(chronological_text("", Fractions::default()).is_err());
    }

    #[test]
    fn an_embargo_cuts_the_ends_before_the_next_part() {
        let parts = chronological(100, Fractions::default()).unwrap().with_embargo(3).unwrap();
        assert_eq!((parts.train, parts.dev, parts.test), (0..77, 80..87, 90..100));
        let error = chronological(100, Fractions::default()).unwrap().with_embargo(10).unwrap_err();
        assert!(error.to_string().contains("an embargo of 10 steps"), "{error}");
        let no_dev = Fractions { dev: 0.0, test: 0.1 };
        assert!(chronological(100, no_dev).unwrap().with_embargo(10).is_ok());
    }

    #[test]
    fn walk_forward_needs_room() {
        for (len, folds, test) in [(100, 6, 10), (0, 1, 1), (10, 0, 1), (10, 1, 0)] {
            assert!(walk_forward(len, folds, test, 0).is_err(), "{len} {folds} {test}");
        }
        assert!(walk_forward(100, 5, 10, 50).is_err() && walk_forward(100, 5, 10, 49).is_ok());
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_ordered_and_cover_everything(
            len in 0..5000_usize, dev in 0.0..0.6, test in 0.01..0.6,
        ) {
            if let Ok(parts) = chronological(len, Fractions { dev, test }) {
                prop_assert_eq!(parts.train.start, 0);
                prop_assert_eq!(parts.train.end, parts.dev.start);
                prop_assert_eq!(parts.dev.end, parts.test.start);
                prop_assert_eq!(parts.test.end, len);
                prop_assert!(!parts.train.is_empty() && !parts.test.is_empty());
            }
        }

        #[test]
        fn text_parts_give_the_text_back(text in "\\PC{0,80}") {
            if let Ok(parts) = chronological_text(&text, Fractions::default()) {
                let characters = text.chars().count();
                prop_assert_eq!(text[parts.train.clone()].chars().count(), characters * 8 / 10);
                let joined = [&text[parts.train], &text[parts.dev], &text[parts.test]].concat();
                prop_assert_eq!(joined, text);
            }
        }
    }
}
