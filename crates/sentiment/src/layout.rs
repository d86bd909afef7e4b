//! How reviews of different length are made one batch.

use seqcore::data::UNK;
use seqcore::data::buckets::{Padded, pad};

/// How reviews of different length are made one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Each with its own length: what is padding is never read. The course's way.
    Masked,
    /// All `width` words long, `<unk>` behind the shorter ones, and read to the end.
    Post(usize),
    /// The same with `<unk>` in front.
    Pre(usize),
}

impl Layout {
    /// Reviews side by side. A longer one keeps its end.
    pub fn pad<'a>(self, reviews: impl IntoIterator<Item = &'a [usize]>) -> Padded {
        let (width, front) = match self {
            Layout::Masked => return pad(reviews),
            Layout::Post(width) => (width, false),
            Layout::Pre(width) => (width, true),
        };
        let fill = |review: &[usize]| {
            let kept = &review[review.len().saturating_sub(width)..];
            let filler = vec![UNK; width - kept.len()];
            if front { [&filler, kept].concat() } else { [kept, &filler].concat() }
        };
        let filled: Vec<Vec<usize>> = reviews.into_iter().map(fill).collect();
        pad(filled.iter().map(Vec::as_slice))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn layouts() {
        let reviews = [&[1, 2, 3][..], &[4]];
        assert_eq!(Layout::Masked.pad(reviews).lengths, [3, 1]);
        let post = Layout::Post(2).pad(reviews);
        assert_eq!((post.ids, post.lengths), (array![[2, 4], [3, 0]], vec![2, 2]));
        assert_eq!(Layout::Pre(2).pad(reviews).ids, array![[2, 0], [3, 4]]);
    }
}
