//! Chronological splits: train, then dev, then validation, in the order of the text.
//!
//! A random split of a sequence leaks: the neighbours of a held-out window are in the training
//! data. A chronological split has two cuts and nothing else, so the parts are disjoint, ordered,
//! and cover everything.
//!
//! *Dev* is for choosing (an order, a size, when to stop); *validation* is looked at for the
//! reported number. What was chosen may be fitted again on train and dev together
//! ([`Parts::before_validation`]).

use std::ops::Range;

use crate::{Error, Result};

/// How much of the whole the held-out parts take; the rest is for training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fractions {
    /// The end of what comes before validation. Zero for none.
    pub dev: f64,
    /// The end of the whole.
    pub validation: f64,
}

impl Default for Fractions {
    /// The last 10 % are validation; the 10 % before them are dev.
    fn default() -> Self {
        Self { dev: 0.1, validation: 0.1 }
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
    pub validation: Range<usize>,
}

impl Parts {
    /// Train and dev together: everything a final model may see.
    pub fn before_validation(&self) -> Range<usize> {
        self.train.start..self.dev.end
    }
}

/// Cuts `len` items into train, dev and validation. Cuts are rounded down, so that validation
/// begins at item ⌊0.9 · len⌋ by default.
///
/// ```
/// use seqcore::data::{Fractions, split::chronological};
/// let parts = chronological(100, Fractions::default())?;
/// assert_eq!((parts.train, parts.dev, parts.validation), (0..80, 80..90, 90..100));
/// # Ok::<(), seqcore::Error>(())
/// ```
///
/// # Errors
/// Fractions that leave nothing to train on, or so few items that a part asked for would be
/// empty.
pub fn chronological(len: usize, fractions: Fractions) -> Result<Parts> {
    let Fractions { dev, validation } = fractions;
    let possible = dev >= 0.0 && validation > 0.0 && dev + validation < 1.0;
    if !possible {
        return Err(Error::config(format!(
            "cannot hold out {dev} for dev and {validation} for validation. Validation must be \
             above 0, dev not negative, and both together below 1."
        )));
    }
    let cut = |fraction: f64| (len as f64 * fraction) as usize;
    let (first, second) = (cut(1.0 - validation - dev), cut(1.0 - validation));
    let parts = Parts { train: 0..first, dev: first..second, validation: second..len };
    if parts.train.is_empty() || parts.validation.is_empty() || (dev > 0.0 && parts.dev.is_empty())
    {
        return Err(Error::config(format!(
            "the data has only {len} items, too few to split into train, dev and validation. \
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
    Ok(Parts { train: 0..first, dev: first..second, validation: second..text.len() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn default_cuts_are_those_of_the_published_figures() {
        // tinyshakespeare: int(0.9 * 1115394) = 1003854 (Python)
        let parts = chronological(1_115_394, Fractions::default()).unwrap();
        assert_eq!(parts.validation, 1_003_854..1_115_394);
        assert_eq!(parts.dev.start, 892_315);
        assert_eq!(parts.before_validation(), 0..1_003_854);
    }

    #[test]
    fn text_is_cut_between_characters() {
        let text = "äöüßéèêëñõ"; // ten characters of two bytes
        let parts = chronological_text(text, Fractions { dev: 0.2, validation: 0.1 }).unwrap();
        assert_eq!(&text[parts.train], "äöüßéèê");
        assert_eq!(&text[parts.dev], "ëñ");
        assert_eq!(&text[parts.validation], "õ");
        let parts = chronological_text(text, Fractions { dev: 0.0, validation: 0.5 }).unwrap();
        assert_eq!((&text[parts.train], &text[parts.dev]), ("äöüßé", ""));
    }

    #[test]
    fn impossible_splits_are_errors() {
        for (dev, validation) in [(0.5, 0.5), (-0.1, 0.1), (0.1, 0.0), (f64::NAN, 0.1)] {
            let error = chronological(100, Fractions { dev, validation }).unwrap_err();
            assert!(error.to_string().contains("cannot hold out"), "{error}");
        }
        for len in [0, 1, 2, 3] {
            let error = chronological(len, Fractions::default()).unwrap_err();
            assert!(error.to_string().contains(&format!("only {len} items")), "{error}");
        }
        assert!(chronological_text("", Fractions::default()).is_err());
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_ordered_and_cover_everything(
            len in 0..5000_usize, dev in 0.0..0.6, validation in 0.01..0.6,
        ) {
            if let Ok(parts) = chronological(len, Fractions { dev, validation }) {
                prop_assert_eq!(parts.train.start, 0);
                prop_assert_eq!(parts.train.end, parts.dev.start);
                prop_assert_eq!(parts.dev.end, parts.validation.start);
                prop_assert_eq!(parts.validation.end, len);
                prop_assert!(!parts.train.is_empty() && !parts.validation.is_empty());
            }
        }

        #[test]
        fn text_parts_give_the_text_back(text in "\\PC{0,80}") {
            if let Ok(parts) = chronological_text(&text, Fractions::default()) {
                let characters = text.chars().count();
                prop_assert_eq!(text[parts.train.clone()].chars().count(), characters * 8 / 10);
                let joined = [&text[parts.train], &text[parts.dev], &text[parts.validation]].concat();
                prop_assert_eq!(joined, text);
            }
        }
    }
}
