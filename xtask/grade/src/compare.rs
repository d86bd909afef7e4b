//! Is an answer right? Shape first, then every number, within a tolerance that comes from how far
//! equally right programs are apart.

use kit::Value;

/// A single array, number, text or bool of an answer, and where it is in it: `dh_prev`, `[2].1`.
#[derive(Debug, Clone)]
pub struct Leaf<'v> {
    /// Empty where the answer is but one.
    pub path: String,
    /// Never a tuple or struct, nor a list that is not empty.
    pub value: &'v Value,
}

/// All leaves of a value, in order.
pub fn leaves(value: &Value) -> Vec<Leaf<'_>> {
    fn collect<'v>(path: String, value: &'v Value, out: &mut Vec<Leaf<'v>>) {
        match value {
            Value::List(items) if !items.is_empty() => {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(k, item)| collect(format!("{path}[{k}]"), item, out));
            }
            Value::Tuple(items) => {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(k, item)| collect(format!("{path}.{k}"), item, out));
            }
            Value::Record(fields) => {
                let dot = if path.is_empty() { "" } else { "." };
                fields
                    .iter()
                    .for_each(|(name, item)| collect(format!("{path}{dot}{name}"), item, out));
            }
            Value::Maybe(Some(item)) => collect(path, item, out),
            value => out.push(Leaf { path, value }),
        }
    }
    let mut out = Vec::new();
    collect(String::new(), value, &mut out);
    out
}

/// The parts of an answer that are graded by themselves: a struct's fields, a tuple's named items;
/// otherwise the answer is one part without a name.
pub fn parts<'v>(value: &'v Value, names: &[String]) -> Vec<(String, &'v Value)> {
    match value {
        Value::Record(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Tuple(items) if items.len() == names.len() => {
            names.iter().cloned().zip(items).collect()
        }
        value => vec![(String::new(), value)],
    }
}

/// The part of this name.
pub fn part<'v>(value: &'v Value, names: &[String], name: &str) -> Option<&'v Value> {
    parts(value, names).into_iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

/// Where and how an answer differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Which leaf; empty where the answer is but one.
    pub path: String,
    /// Which element of it.
    pub index: Option<Vec<usize>>,
    /// In words, beginning small: `expected 0.25 at [1, 0], got 0.5 (3 of 12 values differ)`.
    pub text: String,
}

/// The first difference of `got` from `expected`. `variants` are other right answers to the same
/// question: how far they are from `expected` says how far a right one may be.
pub fn difference(expected: &Value, variants: &[&Value], got: &Value) -> Option<Difference> {
    if let Some((path, text)) = other_structure(String::new(), expected, got) {
        return Some(Difference { path, index: None, text });
    }
    let variants: Vec<_> = variants.iter().map(|variant| leaves(variant)).collect();
    for (k, (expected, got)) in leaves(expected).iter().zip(leaves(got)).enumerate() {
        let path = &expected.path;
        let found = match (expected.value, got.value) {
            (Value::Floats { shape, data }, Value::Floats { data: got, .. }) => {
                let others = variants.iter().filter_map(|leaves| match leaves.get(k)?.value {
                    Value::Floats { data, .. } => Some(data.as_slice()),
                    _ => None,
                });
                let tolerance = tolerance(data, others);
                let wrong = |k: &usize| is_wrong(data[*k], got[*k], tolerance);
                let said = |k: usize| {
                    let is_lost = data[k].is_finite() && !got[k].is_finite();
                    let why = if is_lost { ", which is no number to go on with" } else { "" };
                    (number(data[k]), number(got[k]) + why)
                };
                in_elements(path, shape, wrong, said)
            }
            (Value::Ints { shape, data }, Value::Ints { data: got, .. }) => {
                let wrong = |k: &usize| data[*k] != got[*k];
                in_elements(path, shape, wrong, |k| (data[k].to_string(), got[k].to_string()))
            }
            (expected, got) if expected == got || both_empty(expected, got) => None,
            (expected, got) => {
                let text = format!("expected {}, got {}", brief(expected), brief(got));
                Some(Difference { path: path.clone(), index: None, text })
            }
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The first wrong element of an array, and how many there are; `said` tells what was expected and
/// what came.
fn in_elements(
    path: &str,
    shape: &[usize],
    wrong: impl Fn(&usize) -> bool,
    said: impl Fn(usize) -> (String, String),
) -> Option<Difference> {
    let of = shape.iter().product();
    let mut all = (0..of).filter(wrong);
    let first = all.next()?;
    let count = 1 + all.count();
    let ((expected, got), path) = (said(first), path.to_owned());
    if shape.is_empty() {
        let text = format!("expected {expected}, got {got}");
        return Some(Difference { path, index: None, text });
    }
    let index = unravel(first, shape);
    let share = match count {
        _ if of == 1 => String::new(),
        count if count == of => format!(" (all {of} values differ)"),
        count => format!(" ({count} of {of} values differ)"),
    };
    let text = format!("expected {expected} at {index:?}, got {got}{share}");
    Some(Difference { path, index: Some(index), text })
}

/// The index of the `k`-th element in row-major order.
pub fn unravel(mut k: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (axis, &size) in shape.iter().enumerate().rev() {
        index[axis] = k % size;
        k /= size;
    }
    index
}

/// NaN is always wrong, infinity where it was not expected.
pub fn is_wrong(expected: f64, got: f64, tolerance: f64) -> bool {
    match expected.is_finite() {
        true => !got.is_finite() || (expected - got).abs() > tolerance,
        false => expected != got,
    }
}

/// How far a right answer may be from `expected`: eight times as far as the right variants are, at least
/// 1e-9 of the largest number, at most 1e-4 of it.
pub fn tolerance<'v>(expected: &[f64], variants: impl Iterator<Item = &'v [f64]>) -> f64 {
    let finite = expected.iter().filter(|x| x.is_finite());
    let largest = finite.fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let apart = |variant: &[f64]| {
        let differences = expected.iter().zip(variant).map(|(x, y)| (x - y).abs());
        differences.filter(|d| d.is_finite()).fold(0.0, f64::max)
    };
    let spread = variants.filter(|v| v.len() == expected.len()).map(apart).fold(0.0, f64::max);
    1e-10 + (8.0 * spread).clamp(1e-9 * largest, 1e-4 * largest)
}

/// Where the two are built differently: another shape, length, variant.
fn other_structure(path: String, expected: &Value, got: &Value) -> Option<(String, String)> {
    let several = |path: &str, expected: &[Value], got: &[Value], open: &str, close: &str| {
        let mut pairs = expected.iter().zip(got).enumerate();
        pairs.find_map(|(k, (e, g))| other_structure(format!("{path}{open}{k}{close}"), e, g))
    };
    match (expected, got) {
        (Value::List(e), Value::List(g)) if e.len() == g.len() => several(&path, e, g, "[", "]"),
        (Value::Tuple(e), Value::Tuple(g)) if e.len() == g.len() => several(&path, e, g, ".", ""),
        (Value::Record(e), Value::Record(g))
            if e.len() == g.len() && e.iter().zip(g).all(|(e, g)| e.0 == g.0) =>
        {
            let dot = if path.is_empty() { "" } else { "." };
            let mut pairs = e.iter().zip(g);
            pairs.find_map(|(e, g)| other_structure(format!("{path}{dot}{}", e.0), &e.1, &g.1))
        }
        (Value::Maybe(Some(e)), Value::Maybe(Some(g))) => other_structure(path, e, g),
        (Value::Floats { shape: e, .. }, Value::Floats { shape: g, .. })
        | (Value::Ints { shape: e, .. }, Value::Ints { shape: g, .. })
            if e == g =>
        {
            None
        }
        (e, g) if both_empty(e, g) => None,
        (Value::Bool(_), Value::Bool(_)) | (Value::Text(_), Value::Text(_)) => None,
        (Value::Maybe(None), Value::Maybe(None)) => None,
        (e, g)
            if std::mem::discriminant(e) == std::mem::discriminant(g)
                && !matches!(e, Value::Maybe(_)) =>
        {
            Some((path, format!("expected {}, got {}", e.kind(), g.kind())))
        }
        (e, g) => Some((path, format!("expected {}, got {}", brief(e), brief(g)))),
    }
}

/// Whether one is an empty list and the other an empty list or an array of no numbers in a row: an
/// empty `Vec` does not know what it would hold.
fn both_empty(a: &Value, b: &Value) -> bool {
    let is_list = |value: &Value| matches!(value, Value::List(items) if items.is_empty());
    let is_array = |value: &Value| match value {
        Value::Floats { shape, .. } | Value::Ints { shape, .. } => *shape == [0],
        _ => false,
    };
    is_list(a) && (is_list(b) || is_array(b)) || is_array(a) && is_list(b)
}

/// A number with six significant digits.
pub fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let digits = 5 - x.abs().log10().floor() as i32;
    if !(0..=9).contains(&digits) {
        return format!("{x:.5e}");
    }
    let text = format!("{x:.*}", digits as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A value in one line: numbers themselves, or the kind where there are many.
pub fn brief(value: &Value) -> String {
    match value {
        Value::Floats { shape, data } if shape.is_empty() => number(data[0]),
        Value::Ints { shape, data } if shape.is_empty() => data[0].to_string(),
        Value::Floats { shape, data } if shape.len() == 1 && data.len() <= 8 => {
            let items: Vec<_> = data.iter().map(|&x| number(x)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Ints { shape, data } if shape.len() == 1 && data.len() <= 12 => format!("{data:?}"),
        Value::Bool(yes) => yes.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Maybe(None) => "None".into(),
        Value::Maybe(Some(value)) => format!("Some({})", brief(value)),
        Value::Tuple(items) if items.len() <= 4 => {
            let items: Vec<_> = items.iter().map(brief).collect();
            format!("({})", items.join(", "))
        }
        Value::List(items) if items.len() <= 12 && items.iter().all(|item| !is_wide(item)) => {
            let items: Vec<_> = items.iter().map(brief).collect();
            format!("[{}]", items.join(", "))
        }
        value => value.kind(),
    }
}

fn is_wide(value: &Value) -> bool {
    matches!(value, Value::Record(_))
        || matches!(value, Value::Floats { shape, .. } | Value::Ints { shape, .. } if shape.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::{Wire, record};

    fn said(expected: &impl Wire, got: &impl Wire) -> Option<String> {
        let found = difference(&expected.encode(), &[], &got.encode())?;
        Some(format!("{}: {}", found.path, found.text))
    }

    #[test]
    fn the_first_difference_is_found_shape_before_values() {
        use ndarray::array;
        let right = (array![[1.0, 2.0], [3.0, 4.0]], 0.5);
        assert_eq!(said(&right, &right), None);
        assert_eq!(
            said(&right, &(array![[1.0, 2.0], [-3.0, 4.0]], 0.5)).unwrap(),
            ".0: expected 3 at [1, 0], got -3 (1 of 4 values differ)"
        );
        assert_eq!(
            said(&right, &(array![[1.0], [2.0]], 9.0)).unwrap(),
            ".0: expected floats of shape (2, 2), got floats of shape (2, 1)"
        );
        assert_eq!(said(&Some(1_usize), &None::<usize>).unwrap(), ": expected Some(1), got None");
    }

    #[test]
    fn an_empty_list_is_an_array_of_no_numbers_in_a_row_and_no_other() {
        use ndarray::{Array1, Array2};
        let (list, ints) = (Vec::<f64>::new(), Array1::<usize>::zeros(0));
        let floats = Array1::<f64>::zeros(0);
        for (expected, got) in [(list.encode(), floats.encode()), (ints.encode(), list.encode())] {
            assert_eq!(difference(&expected, &[], &got), None);
        }
        assert_eq!(said(&(list.clone(), 1.0), &(floats.clone(), 1.0)), None);
        assert!(said(&(list.clone(), 1.0), &(floats.clone(), 2.0)).is_some());
        assert!(said(&list, &Array2::<f64>::zeros((0, 3))).is_some());
        assert!(said(&list, &Array1::<f64>::zeros(1)).is_some());
        assert!(said(&floats, &ints).is_some());
    }

    #[test]
    fn not_a_number_is_never_right_and_infinity_only_where_it_belongs() {
        assert!(said(&1.0, &f64::NAN).is_some());
        assert!(said(&f64::NAN, &f64::NAN).is_some());
        assert!(said(&1.0, &f64::INFINITY).is_some());
        assert!(said(&f64::NEG_INFINITY, &f64::NEG_INFINITY).is_none());
    }

    #[test]
    fn tolerance_follows_the_spread_of_right_answers() {
        let expected = [1.0, 2.0];
        let close = tolerance(&expected, [].into_iter());
        assert!(close < 1e-8);
        let float = [1.0_f32 as f64 + 1e-7, 2.0];
        let wider = tolerance(&expected, [float.as_slice()].into_iter());
        assert!((7e-7..9e-7).contains(&wider), "{wider}");
        let wild = tolerance(&expected, [[5.0, 2.0].as_slice()].into_iter());
        assert!(wild < 3e-4);
    }

    #[test]
    fn a_struct_is_graded_field_by_field() {
        let value = record! { dx: 1.0, dh_prev: 2.0 };
        let names: Vec<_> = parts(&value, &[]).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["dx", "dh_prev"]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(123456.0), "123456");
        assert_eq!(number(-1.0 / 3.0), "-0.333333");
        assert_eq!(number(1.5e-12), "1.50000e-12");
    }
}
