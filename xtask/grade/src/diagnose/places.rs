//! Right numbers in wrong places: swapped, shifted, transposed, some missing; or wrong in some places only.

use super::grid::{Grid, axis_name, same};
use super::look::Look;
use super::values::{self, sizes};

/// The answer is something else that exists: zero, an argument, another part.
pub fn known_array(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    if got.largest() == 0.0 && expected.largest() > 0.0 {
        found.push("All of it is 0: it was created, but never filled.".into());
    }
    if expected.len() > 1 && got.data.iter().all(|&x| x == got.data[0]) && got.largest() > 0.0 {
        found.push(
            "All of its values are the same: an index is not used, or a sum goes too far.".into(),
        );
    }
    if let [rows, 2..=usize::MAX] = expected.shape[..]
        && rows > 1
        && got.part(0, 0..1).stretched(&got.shape).is_some_and(|all| got.is(&all))
    {
        found.push("All of its rows are the same: each row has inputs of its own.".into());
    }
    for (name, argument) in look.arguments {
        if got.largest() > 0.0 && got.is(argument) {
            found.push(format!("It is `{name}`, unchanged."));
        }
    }
    for (name, other) in look.others {
        if got.largest() > 0.0 && got.is(other) {
            found.push(format!("It is what `{name}` should be: two parts are swapped."));
        }
    }
}

/// The block of a gate that alone is wrong.
pub struct WrongGate {
    /// The right block.
    pub expected: Grid,
    /// The wrong one.
    pub got: Grid,
    /// Which it is, in words.
    pub said: String,
}

/// Gates in another order, or some of them wrong. Why one alone is, is left to be found out.
pub fn gates(look: &Look, found: &mut Vec<String>) -> Option<WrongGate> {
    let Look { expected, got, gates, .. } = *look;
    let count = gates.len();
    let axis = (0..expected.shape.len()).find(|&axis| {
        let size = expected.shape[axis];
        count > 1 && size % count == 0 && size > 0
    });
    let axis = axis?;
    let size = expected.shape[axis] / count;
    let block = |grid: &Grid, k: usize| grid.part(axis, k * size..(k + 1) * size);
    let right: Vec<Grid> = (0..count).map(|k| block(expected, k)).collect();
    let own: Vec<Grid> = (0..count).map(|k| block(got, k)).collect();
    // Which right block stands at each place.
    let stands: Vec<Option<usize>> =
        own.iter().map(|own| (0..count).find(|&k| own.is(&right[k]))).collect();
    let is_moved = stands.iter().enumerate().any(|(k, at)| at.is_some_and(|at| at != k));
    if let Some(order) = stands.iter().copied().collect::<Option<Vec<_>>>().filter(|_| is_moved) {
        let names: Vec<_> = order.iter().map(|&k| gates[k].as_str()).collect();
        let (names, gates) = (names.join(", "), gates.join(", "));
        found.push(format!(
            "The blocks of the gates stand in the order {names}; it should be {gates}."
        ));
    }
    let wrong: Vec<usize> = (0..count).filter(|&k| !own[k].is(&right[k])).collect();
    if wrong.is_empty() || wrong.len() == count {
        return None;
    }
    let names: Vec<_> = wrong.iter().map(|&k| gates[k].as_str()).collect();
    let others: Vec<_> =
        (0..count).filter(|k| !wrong.contains(k)).map(|k| gates[k].as_str()).collect();
    let said = format!(
        "Only the {} of {} {} wrong ({} {} right).",
        if wrong.len() == 1 { "block" } else { "blocks" },
        names.join(" and "),
        if wrong.len() == 1 { "is" } else { "are" },
        others.join(", "),
        if others.len() == 1 { "is" } else { "are" },
    );
    if let [only] = wrong[..] {
        let [expected, got] = [&right, &own].map(|blocks| blocks[only].clone());
        return Some(WrongGate { expected, got, said });
    }
    found.push(said);
    None
}

/// Right numbers in wrong places.
pub fn moved(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    if expected.shape.len() == 2 && got.is(&expected.transposed()) {
        found.push("It is transposed.".into());
    }
    for (axis, &size) in expected.shape.iter().enumerate().filter(|(_, size)| **size > 1) {
        let axis_name = axis_name(expected, axis);
        if got.is(&expected.reversed(axis)) {
            found.push(format!("{axis_name} runs backwards: the last stands first."));
        }
        if size > 2 {
            let (tail, head) = (1..size, 0..size - 1);
            if got.part(axis, tail.clone()).is(&expected.part(axis, head.clone())) {
                found.push(format!(
                    "Shifted by one along {axis_name}: at t stands what belongs to t - 1."
                ));
            }
            if got.part(axis, head).is(&expected.part(axis, tail)) {
                found.push(format!(
                    "Shifted by one along {axis_name}: at t stands what belongs to t + 1."
                ));
            }
        }
        if got.is(&expected.running_sum(axis)) {
            found.push(format!(
                "It adds up along {axis_name}: each value has the earlier ones in it."
            ));
        }
        if expected.is(&got.running_sum(axis)) {
            found.push(format!(
                "It does not add up along {axis_name}: each value should have the earlier ones in it."
            ));
        }
    }
    let sorted = |grid: &Grid| {
        let mut data = grid.data.clone();
        data.sort_by(f64::total_cmp);
        data
    };
    if expected.len() > 2 && same(&sorted(got), &sorted(expected)) {
        found.push("The numbers are right, but stand in another order.".into());
    }
}

/// Only certain places are wrong.
pub fn first_or_last(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let wrong =
        |axis: usize, k: usize| !got.part(axis, k..k + 1).is(&expected.part(axis, k..k + 1));
    for (axis, &size) in expected.shape.iter().enumerate().filter(|(_, size)| **size > 1) {
        let is_wrong: Vec<bool> = (0..size).map(|k| wrong(axis, k)).collect();
        let name = axis_name(expected, axis);
        let (first, rest) = is_wrong.split_first().expect("it is longer than one");
        let (last, others) = is_wrong.split_last().expect("it is longer than one");
        let (all, none) = (|s: &[bool]| s.iter().all(|&w| w), |s: &[bool]| !s.iter().any(|&w| w));
        // Of two, both may be said; which it is, the other questions tell.
        for (holds, said) in [
            (*first && none(rest), "Only the first of {} is wrong: look at where the loop begins."),
            (*last && none(others), "Only the last of {} is wrong: look at where the loop ends."),
            (
                !first && all(rest),
                "The first of {} is right, everything after it is wrong: look at what is handed from one to the next.",
            ),
            (
                !last && all(others),
                "The last of {} is right, everything before it is wrong: look at what is handed from one to the next.",
            ),
        ] {
            if holds {
                found.push(said.replace("{}", &name));
            }
        }
    }
}

/// The first or the last was never written.
pub fn unfilled(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    for (axis, &size) in expected.shape.iter().enumerate().filter(|(_, size)| **size > 0) {
        let name = axis_name(expected, axis);
        let is_empty = |k: usize| {
            let zero = |grid: &Grid| grid.part(axis, k..k + 1).largest() == 0.0;
            zero(got) && !zero(expected)
        };
        if is_empty(0) {
            found.push(format!(
                "The first of {name} is 0: nothing was written there. Look at where the loop begins."
            ));
        }
        if is_empty(size - 1) {
            found.push(format!(
                "The last of {name} is 0: nothing was written there. Look at where the loop ends."
            ));
        }
    }
}

/// Where only some elements are wrong: what the wrong ones have in common.
pub fn where_wrong(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let one = |x: f64| Grid { shape: vec![1], data: vec![x] };
    let pairs = expected.data.iter().zip(&got.data).enumerate();
    let wrong: Vec<usize> =
        pairs.filter(|(_, (e, g))| !one(**g).is(&one(**e))).map(|(k, _)| k).collect();
    if wrong.is_empty() || wrong.len() == expected.data.len() {
        return;
    }
    let only = |grid: &Grid| {
        let data: Vec<f64> = wrong.iter().map(|&k| grid.data[k]).collect();
        Grid { shape: vec![data.len()], data }
    };
    let of_this_shape = |(name, grid): &(String, Grid)| {
        let grid = grid.stretched(&expected.shape)?;
        Some((name.clone(), only(&grid)))
    };
    let (right, own) = (only(expected), only(got));
    let arguments: Vec<_> = look.arguments.iter().filter_map(of_this_shape).collect();
    let others: Vec<_> = look.others.iter().filter_map(of_this_shape).collect();
    let inner =
        Look { expected: &right, got: &own, arguments: &arguments, others: &others, gates: &[] };
    let mut inside = Vec::new();
    known_array(&inner, &mut inside);
    values::summands(&inner, &mut inside);
    values::factors(&inner, &mut inside);
    values::functions(&inner, &mut inside);
    values::products(&inner, &mut inside);
    values::offsets(&inner, &mut inside);
    found.extend(inside.into_iter().map(|text| format!("Where it is wrong: {text}")));
}

/// Another shape: transposed, an axis of 1, one too few or too many.
pub fn other_shape(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    if expected.shape.len() == 2 && got.is(&expected.transposed()) {
        found.push("It is transposed.".into());
        return;
    }
    let without_ones =
        |shape: &[usize]| -> Vec<usize> { shape.iter().copied().filter(|&n| n != 1).collect() };
    if without_ones(&expected.shape) == without_ones(&got.shape) && same(&got.data, &expected.data)
    {
        found.push(
            "The numbers are right, but the shape has an axis of size 1 too many or too few."
                .into(),
        );
    }
    if expected.shape.len() != got.shape.len() {
        return;
    }
    for axis in 0..expected.shape.len() {
        let (n, m) = (expected.shape[axis], got.shape[axis]);
        let name = axis_name(expected, axis);
        let long = |grid: &Grid| grid.shape[axis];
        let (short, full, said) = match m.cmp(&n) {
            std::cmp::Ordering::Less => (got, expected, "missing"),
            std::cmp::Ordering::Greater => (expected, got, "too much"),
            std::cmp::Ordering::Equal => continue,
        };
        let by = long(full) - long(short);
        let what = if by == 1 { "one is".to_owned() } else { format!("{by} are") };
        if short.is(&full.part(axis, 0..long(short))) {
            found.push(format!("At the end of {name}, {what} {said}; the others are right."));
        } else if short.is(&full.part(axis, by..long(full))) {
            found.push(format!("At the beginning of {name}, {what} {said}; the others are right."));
        } else if by == 1 {
            found.push(format!(
                "{name} has one {} and the values differ, too.",
                if m < n { "too few" } else { "too many" }
            ));
        }
        for (what, size) in sizes(look) {
            if size as usize == m {
                found.push(format!("{name} has {what}; it should have {n}."));
            }
        }
    }
}
