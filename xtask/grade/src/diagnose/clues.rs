//! What a wrong array has to do with the right one.
//!
//! [`clues`] lists, for one question, all that would explain the difference, the most specific
//! first. A coincidence in one question is not one in all of them, so `pattern` keeps what holds
//! for every wrong answer.

use super::look::Look;
use super::{places, values};

/// Everything that explains the difference, the most specific first.
pub fn clues(look: &Look) -> Vec<String> {
    let mut found = Vec::new();
    let Look { expected, got, .. } = *look;
    if got.shape != expected.shape {
        places::other_shape(look, &mut found);
        return found;
    }
    if expected.data.is_empty() {
        return found;
    }
    if got.data.iter().zip(&expected.data).any(|(g, e)| !g.is_finite() && e.is_finite()) {
        found.push(
            "There are values that are no numbers (NaN or infinite): an exp that overflows, a \
             division by zero, the logarithm of zero, or 0 · infinity."
                .into(),
        );
        return found;
    }
    places::known_array(look, &mut found);
    if let Some(gate) = places::gates(look, &mut found) {
        let inner = Look { expected: &gate.expected, got: &gate.got, gates: &[], ..look.clone() };
        let said = &gate.said;
        found.extend(clues(&inner).into_iter().map(|why| format!("{said} There: {why}")));
        found.push(gate.said);
    }
    places::moved(look, &mut found);
    values::factors(look, &mut found);
    values::functions(look, &mut found);
    values::summands(look, &mut found);
    values::products(look, &mut found);
    values::before_the_last_step(look, &mut found);
    values::totals(look, &mut found);
    values::offsets(look, &mut found);
    places::unfilled(look, &mut found);
    places::first_or_last(look, &mut found);
    places::where_wrong(look, &mut found);
    values::any_factor(look, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::super::grid::Grid;
    use super::*;

    fn grid(shape: &[usize], f: impl Fn(usize) -> f64) -> Grid {
        let count = shape.iter().product();
        Grid { shape: shape.to_vec(), data: (0..count).map(f).collect() }
    }

    /// Numbers without a pattern of their own.
    fn numbers(shape: &[usize], salt: f64) -> Grid {
        grid(shape, |k| ((k as f64 + 1.3) * (2.1 + salt)).sin())
    }

    fn begun_late(right: &Grid) -> Grid {
        Grid {
            data: right
                .data
                .iter()
                .enumerate()
                .map(|(k, x)| if k < 4 { 0.0 } else { 2.0 * x + 0.1 * k as f64 })
                .collect(),
            ..right.clone()
        }
    }

    fn half_negated(right: &Grid) -> Grid {
        Grid {
            data: right
                .data
                .iter()
                .enumerate()
                .map(|(k, x)| if k % 5 < 3 { -x } else { *x })
                .collect(),
            ..right.clone()
        }
    }

    /// What is said first.
    fn said(expected: &Grid, got: &Grid) -> String {
        let x = ("x".to_owned(), numbers(&[3, 5], 0.4));
        let bias = ("bias".to_owned(), numbers(&[4], 0.7));
        let look = Look {
            expected,
            got,
            arguments: &[x, bias],
            others: &[("dx".into(), numbers(&[3, 4], 0.9))],
            gates: &["r".into(), "z".into(), "n".into()],
        };
        clues(&look).into_iter().next().unwrap_or_default()
    }

    #[test]
    fn each_pattern_is_seen() {
        let right = numbers(&[3, 4], 0.0);
        let bias = numbers(&[4], 0.7).stretched(&[3, 4]).unwrap();
        let tanh = right.map(|x| 0.9 * x);
        for (got, begins) in [
            (right.map(|_| 0.0), "All of it is 0"),
            (right.map(|x| -x), "The sign is wrong"),
            (right.map(|x| x / 3.0), "It is too small by the factor the number of rows of `x`"),
            (right.map(|x| x * 5.0), "It is too large by the factor the number of columns of `x`"),
            (right.map(|x| x + 0.5), "It is too large by 0.5, everywhere"),
            (right.map(|x| 1.0 - x), "It is 1 minus what it should be"),
            (right.zip(&bias, |x, b| x - b), "`bias` is missing"),
            (right.zip(&bias, |x, b| x + b), "`bias` is in it once too often"),
            (right.zip(&bias, |x, b| x * b), "One factor too many: it is multiplied by `bias`"),
            (right.transposed(), "It is transposed"),
            (right.reversed(1), "axis 1 runs backwards"),
            (right.running_sum(1), "It adds up along axis 1"),
            (right.part(1, 0..3), "At the end of axis 1, one is missing"),
            (numbers(&[3, 4], 0.9), "It is what `dx` should be"),
            (begun_late(&right), "The first of axis 0 is 0"),
            (half_negated(&right), "Where it is wrong: The sign is wrong"),
            (right.map(|x| x / 0.0), "There are values that are no numbers"),
        ] {
            let said = said(&right, &got);
            assert!(said.starts_with(begins), "{said:?} should begin with {begins:?}");
        }
        assert!(
            said(&tanh.map(f64::tanh), &tanh).starts_with("One step is missing: of yours, tanh")
        );
    }

    #[test]
    fn gates_are_told_apart() {
        let right = numbers(&[6, 2], 0.0);
        let block = |k: usize| right.part(0, 2 * k..2 * k + 2).data;
        let swapped = Grid { shape: vec![6, 2], data: [block(1), block(0), block(2)].concat() };
        assert!(said(&right, &swapped).contains("order z, r, n; it should be r, z, n"));
        let halved = block(1).iter().map(|x| -x).collect();
        let one = Grid { shape: vec![6, 2], data: [block(0), halved, block(2)].concat() };
        assert_eq!(
            said(&right, &one),
            "Only the block of z is wrong (r, n are right). There: The sign is wrong: it is -1 times what it should be."
        );
    }

    #[test]
    fn a_shift_in_time_is_seen() {
        let right = numbers(&[5, 2], 0.0);
        let late = Grid { shape: vec![5, 2], data: [&[0.0, 0.0][..], &right.data[..8]].concat() };
        assert!(said(&right, &late).contains("at t stands what belongs to t - 1"));
    }
}
