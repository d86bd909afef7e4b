//! What a wrong array has to do with the right one.
//!
//! [`candidates`] lists, for one question, all that would explain the difference, the most specific
//! first. A coincidence in one question is not one in all of them, so `blocks` keeps what holds
//! for every wrong answer.

use crate::compare::unravel;

/// Numbers of any kind with their shape, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Sizes of the axes.
    pub shape: Vec<usize>,
    /// As many as the shape says.
    pub data: Vec<f64>,
}

/// A wrong array and what it can be held against.
#[derive(Debug, Clone)]
pub struct Look<'l> {
    /// The right answer.
    pub expected: &'l Grid,
    /// The wrong one.
    pub got: &'l Grid,
    /// Names and values of the arguments that are numbers.
    pub arguments: &'l [(String, Grid)],
    /// The other parts of the right answer.
    pub others: &'l [(String, Grid)],
    /// Names of the gates that share an axis.
    pub gates: &'l [String],
}

impl Grid {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn largest(&self) -> f64 {
        let finite = self.data.iter().filter(|x| x.is_finite());
        finite.fold(0.0, |largest, x| largest.max(x.abs()))
    }

    /// The same up to rounding.
    pub fn is(&self, other: &Self) -> bool {
        self.shape == other.shape && same(&self.data, &other.data)
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self { shape: self.shape.clone(), data: self.data.iter().map(|&x| f(x)).collect() }
    }

    fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let data = self.data.iter().zip(&other.data).map(|(&x, &y)| f(x, y)).collect();
        Self { shape: self.shape.clone(), data }
    }

    /// Reordered: the element at `index` of the new one is the element at `from(index)` of this one.
    fn gather(&self, shape: Vec<usize>, from: impl Fn(&[usize]) -> Vec<usize>) -> Self {
        let count: usize = shape.iter().product();
        let at = |index: &[usize]| index.iter().zip(&self.shape).fold(0, |k, (i, n)| k * n + i);
        let data = (0..count).map(|k| self.data[at(&from(&unravel(k, &shape)))]).collect();
        Self { shape, data }
    }

    fn transposed(&self) -> Self {
        let shape = self.shape.iter().rev().copied().collect();
        self.gather(shape, |index| index.iter().rev().copied().collect())
    }

    /// `range` of an axis.
    fn part(&self, axis: usize, range: std::ops::Range<usize>) -> Self {
        let mut shape = self.shape.clone();
        shape[axis] = range.len();
        self.gather(shape, |index| {
            let mut index = index.to_vec();
            index[axis] += range.start;
            index
        })
    }

    fn reversed(&self, axis: usize) -> Self {
        self.gather(self.shape.clone(), |index| {
            let mut index = index.to_vec();
            index[axis] = self.shape[axis] - 1 - index[axis];
            index
        })
    }

    fn running_sum(&self, axis: usize) -> Self {
        let stride: usize = self.shape[axis + 1..].iter().product();
        let mut sum = self.clone();
        for k in 0..sum.len() {
            if (k / stride) % self.shape[axis] > 0 {
                sum.data[k] += sum.data[k - stride];
            }
        }
        sum
    }

    /// Repeated along leading axes, as ndarray broadcasts.
    fn stretched(&self, shape: &[usize]) -> Option<Self> {
        let extra = shape.len().checked_sub(self.shape.len())?;
        let fits = self.shape.iter().zip(&shape[extra..]).all(|(&n, &m)| n == m || n == 1);
        let one = |index: &[usize]| {
            let own = index[extra..].iter().zip(&self.shape);
            own.map(|(&i, &n)| if n == 1 { 0 } else { i }).collect()
        };
        fits.then(|| self.gather(shape.to_vec(), one))
    }
}

fn same(a: &[f64], b: &[f64]) -> bool {
    let largest = b.iter().filter(|x| x.is_finite()).fold(0.0_f64, |m, x| m.max(x.abs()));
    let close = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= 1e-9 + 1e-6 * largest;
    a.len() == b.len() && a.iter().zip(b).all(close)
}

/// Everything that explains the difference, the most specific first.
pub fn candidates(look: &Look) -> Vec<String> {
    let mut found = Vec::new();
    let Look { expected, got, .. } = *look;
    if got.shape != expected.shape {
        other_shape(look, &mut found);
        return found;
    }
    if expected.len() == 0 {
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
    known_array(look, &mut found);
    blocks(look, &mut found);
    moved(look, &mut found);
    factors(look, &mut found);
    functions(look, &mut found);
    summands(look, &mut found);
    products(look, &mut found);
    before_the_last_step(look, &mut found);
    totals(look, &mut found);
    offsets(look, &mut found);
    places(look, &mut found);
    found
}

/// The same questions about what went into a final tanh, sigmoid or exp.
fn before_the_last_step(look: &Look, found: &mut Vec<String>) {
    let inverses: [(&str, fn(f64) -> f64); 3] =
        [("tanh", f64::atanh), ("sigmoid", |x| (x / (1.0 - x)).ln()), ("exp", f64::ln)];
    for (name, inverse) in inverses {
        let (expected, got) = (look.expected.map(inverse), look.got.map(inverse));
        // Near its limits, nothing of what went in can be seen any more.
        if !(expected.largest() < 6.0 && got.largest() < 6.0)
            || expected.data.iter().chain(&got.data).any(|x| !x.is_finite())
        {
            continue;
        }
        let inner = Look { expected: &expected, got: &got, ..look.clone() };
        let mut inside = Vec::new();
        if expected.len() > 1 && factor(&expected, &got).is_some() {
            factors(&inner, &mut inside);
        }
        summands(&inner, &mut inside);
        found.extend(inside.into_iter().map(|text| format!("Before the {name}: {text}")));
    }
}

/// What should add up to one does not.
fn totals(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let sums_to_one = |grid: &Grid, axis: usize| {
        let count = grid.shape[axis];
        let sum = grid.running_sum(axis).part(axis, count - 1..count);
        sum.is(&sum.map(|_| 1.0))
    };
    for axis in (0..expected.shape.len()).filter(|&axis| expected.shape[axis] > 1) {
        if expected.data.iter().all(|&x| x >= 0.0)
            && sums_to_one(expected, axis)
            && !sums_to_one(got, axis)
        {
            let name = axis_name(expected, axis);
            found.push(format!("Along {name} it should add up to 1, and does not."));
        }
    }
}

/// The answer is something else that exists: zero, an argument, another part.
fn known_array(look: &Look, found: &mut Vec<String>) {
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

/// Gates in another order, or one of them wrong.
fn blocks(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, gates, .. } = *look;
    let count = gates.len();
    let axis = (0..expected.shape.len()).find(|&axis| {
        let size = expected.shape[axis];
        count > 1 && size % count == 0 && size > 0
    });
    let Some(axis) = axis else { return };
    let size = expected.shape[axis] / count;
    let block = |grid: &Grid, k: usize| grid.part(axis, k * size..(k + 1) * size);
    let right: Vec<Grid> = (0..count).map(|k| block(expected, k)).collect();
    let own: Vec<Grid> = (0..count).map(|k| block(got, k)).collect();
    // Which right block stands at each place.
    let stands: Vec<Option<usize>> =
        own.iter().map(|own| (0..count).find(|&k| own.is(&right[k]))).collect();
    if stands.iter().enumerate().any(|(k, at)| at.is_some_and(|at| at != k)) {
        if let Some(order) = stands.iter().copied().collect::<Option<Vec<_>>>() {
            let names: Vec<_> = order.iter().map(|&k| gates[k].as_str()).collect();
            let (names, gates) = (names.join(", "), gates.join(", "));
            found.push(format!(
                "The blocks of the gates stand in the order {names}; it should be {gates}."
            ));
        }
    }
    let wrong: Vec<usize> = (0..count).filter(|&k| !own[k].is(&right[k])).collect();
    if wrong.is_empty() || wrong.len() == count {
        return;
    }
    let names: Vec<_> = wrong.iter().map(|&k| gates[k].as_str()).collect();
    let others: Vec<_> =
        (0..count).filter(|k| !wrong.contains(k)).map(|k| gates[k].as_str()).collect();
    let which = format!(
        "Only the {} of {} {} wrong ({} {} right).",
        if wrong.len() == 1 { "block" } else { "blocks" },
        names.join(" and "),
        if wrong.len() == 1 { "is" } else { "are" },
        others.join(", "),
        if others.len() == 1 { "is" } else { "are" },
    );
    if let [only] = wrong.as_slice() {
        let inner = Look { expected: &right[*only], got: &own[*only], gates: &[], ..look.clone() };
        found.extend(candidates(&inner).into_iter().map(|why| format!("{which} There: {why}")));
    }
    found.push(which);
}

/// Right numbers in wrong places.
fn moved(look: &Look, found: &mut Vec<String>) {
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

fn axis_name(grid: &Grid, axis: usize) -> String {
    match (grid.shape.len(), axis) {
        (1, _) => "the list".into(),
        (_, axis) => format!("axis {axis}"),
    }
}

/// The one factor between the two, if there is one.
fn factor(expected: &Grid, got: &Grid) -> Option<f64> {
    let largest = expected.largest();
    let ratio = expected.data.iter().zip(&got.data).find(|(e, _)| e.abs() > 0.5 * largest);
    let ratio = ratio.map(|(e, g)| g / e)?;
    let scaled = expected.map(|x| ratio * x);
    (ratio.is_finite() && ratio.abs() > 1e-6 && got.is(&scaled)).then_some(ratio)
}

/// Sizes that a learner could have multiplied or divided by.
fn sizes(look: &Look) -> Vec<(String, f64)> {
    let mut sizes = Vec::new();
    for (name, argument) in look.arguments {
        for (axis, &size) in argument.shape.iter().enumerate().filter(|(_, size)| **size > 1) {
            let what = match (argument.shape.len(), axis) {
                (1, _) => format!("the length of `{name}`"),
                (2, 0) => format!("the number of rows of `{name}`"),
                (2, _) => format!("the number of columns of `{name}`"),
                (_, axis) => format!("the size of axis {axis} of `{name}`"),
            };
            sizes.push((what, size as f64));
        }
        if let [n] = argument.data.as_slice()
            && argument.shape.is_empty()
        {
            sizes.push((format!("`{name}`"), *n));
        }
    }
    sizes
}

/// Too large or too small by one factor everywhere.
fn factors(look: &Look, found: &mut Vec<String>) {
    let Some(k) = factor(look.expected, look.got) else { return };
    let is = |x: f64| x.is_finite() && (k - x).abs() <= 1e-6 * x.abs().max(1e-3);
    if is(1.0) {
        return;
    }
    if is(-1.0) {
        found.push("The sign is wrong: it is -1 times what it should be.".into());
        return;
    }
    for (what, n) in sizes(look) {
        let said = [
            (
                n,
                format!(
                    "It is too large by the factor {what}: a division is missing, or a sum should be a mean."
                ),
            ),
            (
                1.0 / n,
                format!(
                    "It is too small by the factor {what}: divided once too often, or a mean should be a sum."
                ),
            ),
            (-n, format!("The sign is wrong, and it is too large by the factor {what}.")),
            (-1.0 / n, format!("The sign is wrong, and it is too small by the factor {what}.")),
            (
                (n - 1.0) / n,
                format!(
                    "Divided by n where n - 1 belongs (or summed over one too few): n is {what}."
                ),
            ),
            (n / (n - 1.0), format!("Divided by n - 1 where n belongs: n is {what}.")),
            (n.sqrt(), format!("It is too large by the square root of {what}.")),
            (1.0 / n.sqrt(), format!("It is too small by the square root of {what}.")),
        ];
        found.extend(said.into_iter().filter(|(x, _)| is(*x)).map(|(_, text)| text));
    }
    let ln2 = std::f64::consts::LN_2;
    for (x, text) in [
        (ln2, "It is ln 2 times what it should be: nats and bits are mixed up."),
        (1.0 / ln2, "It is 1 / ln 2 times what it should be: nats and bits are mixed up."),
        (
            std::f64::consts::LN_10,
            "It is ln 10 times what it should be: the base of the logarithm.",
        ),
        (
            1.0 / std::f64::consts::LN_10,
            "It is 1 / ln 10 of what it should be: the base of the logarithm is 10.",
        ),
        (2.0, "It is twice what it should be."),
        (0.5, "It is half of what it should be."),
        (100.0, "It is 100 times what it should be: per cent?"),
        (0.01, "It is a hundredth of what it should be: per cent?"),
    ] {
        if is(x) {
            found.push(text.into());
        }
    }
    found.push(format!("It is {} times what it should be, everywhere.", crate::compare::number(k)));
    found.push("It is a multiple of what it should be; the factor changes with the inputs.".into());
}

/// A function too many or too few.
fn functions(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let functions: [(&str, fn(f64) -> f64); 6] = [
        ("tanh", f64::tanh),
        ("the sigmoid", |x| 1.0 / (1.0 + (-x).exp())),
        ("exp", f64::exp),
        ("the logarithm", f64::ln),
        ("the square root", f64::sqrt),
        ("the square", |x| x * x),
    ];
    for (name, f) in functions {
        if expected.is(&got.map(f)) {
            found.push(format!("One step is missing: of yours, {name} would be right."));
        } else if got.is(&expected.map(f)) {
            found.push(format!("One step too many: yours is {name} of the right answer."));
        }
    }
    if got.is(&expected.map(|x| 1.0 - x)) {
        found.push("It is 1 minus what it should be.".into());
    }
    if got.is(&expected.map(|x| 1.0 / x)) {
        found.push("It is 1 divided by what it should be: upside down.".into());
    }
    if got.is(&expected.map(|x| x.atanh().max(0.0))) && expected.len() > 1 {
        found.push("It is the ReLU where tanh belongs: negative values have become 0.".into());
    }
    if got.is(&expected.map(f64::abs)) {
        found.push("The signs are lost: it is the absolute value.".into());
    }
    if got.is(&expected.map(|x| x.max(0.0))) {
        found.push("Negative values have become 0.".into());
    }
    if got.is(&expected.map(f64::trunc)) && expected.data.iter().any(|x| x.fract() != 0.0) {
        found.push("The decimals are lost: a division of whole numbers?".into());
    }
}

/// Something was not added, or added twice.
fn summands(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let off = got.zip(expected, |g, e| g - e);
    for (name, argument) in look.arguments {
        let Some(argument) = argument.stretched(&expected.shape) else { continue };
        if argument.largest() == 0.0 {
            continue;
        }
        if off.is(&argument.map(|x| -x)) {
            found.push(format!("`{name}` is missing: with it added, all would be right."));
        } else if off.is(&argument) {
            found.push(format!("`{name}` is in it once too often."));
        } else if off.is(&argument.map(|x| -2.0 * x)) {
            found.push(format!("`{name}` is subtracted where it should be added."));
        } else if off.is(&argument.map(|x| 2.0 * x)) {
            found.push(format!("`{name}` is added where it should be subtracted."));
        }
    }
}

/// The same amount off, everywhere or along an axis.
fn offsets(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let off = got.zip(expected, |g, e| g - e);
    let first = off.data[0];
    if expected.len() > 1 && off.is(&off.map(|_| first)) || expected.shape.is_empty() {
        let text = crate::compare::number(first.abs());
        let way = if first > 0.0 { "large" } else { "small" };
        found.push(format!("It is too {way} by {text}, everywhere."));
        if expected.len() > 2 {
            found.push("It is off by the same amount everywhere.".into());
        }
    }
    // What is missing is the same in every row: it does not depend on the sequence.
    if let [rows, columns] = expected.shape[..]
        && rows > 1
        && columns > 1
    {
        let first_row = off.part(0, 0..1);
        let first_column = off.part(1, 0..1);
        if first_row.stretched(&expected.shape).is_some_and(|all| off.is(&all)) {
            found.push(
                "Every row is off by the same numbers: something like a bias is wrong or missing."
                    .into(),
            );
        } else if first_column.stretched(&expected.shape).is_some_and(|all| off.is(&all)) {
            found.push("Every column is off by the same numbers.".into());
        }
    }
}

/// A factor of each element is missing: an argument, or a slope made of one.
fn products(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let made: [(&str, &str, fn(f64) -> f64); 4] = [
        ("`", "`", |x| x),
        ("`1 - ", "`", |x| 1.0 - x),
        ("the slope `1 - ", "²` of tanh", |x| 1.0 - x * x),
        ("`", " (1 - it)`, the slope of the sigmoid", |x| x * (1.0 - x)),
    ];
    for (name, argument) in look.arguments {
        let Some(argument) = argument.stretched(&expected.shape) else { continue };
        for (before, after, f) in made {
            let own = argument.map(f);
            if own.largest() == 0.0 || own.is(&own.map(|_| 1.0)) || expected.len() < 2 {
                continue;
            }
            if expected.is(&got.zip(&own, |x, y| x * y)) {
                found.push(format!(
                    "A factor is missing: multiplied by {before}{name}{after} it would be right."
                ));
            } else if got.is(&expected.zip(&own, |x, y| x * y)) {
                found.push(format!(
                    "One factor too many: it is multiplied by {before}{name}{after}."
                ));
            }
        }
    }
    for (k, (name, argument)) in look.arguments.iter().enumerate() {
        for (other_name, other) in &look.arguments[k + 1..] {
            if argument.shape == expected.shape
                && other.shape == expected.shape
                && expected.len() > 1
                && got.is(&argument.zip(other, |x, y| x * y))
            {
                found.push(format!(
                    "It is `{name}` times `{other_name}` and nothing more: what else belongs to it?"
                ));
            }
        }
    }
    // The same factor along an axis.
    for (axis, &size) in expected.shape.iter().enumerate().filter(|(_, size)| **size > 1) {
        let of_its_own = (0..size).all(|k| {
            let (e, g) = (expected.part(axis, k..k + 1), got.part(axis, k..k + 1));
            e.len() > 1 && factor(&e, &g).is_some()
        });
        if of_its_own && factor(expected, got).is_none() {
            let what = match expected.shape.len() {
                2 if axis == 0 => "row".to_owned(),
                2 => "column".to_owned(),
                _ => format!("index of axis {axis}"),
            };
            found.push(format!(
                "Each {what} is off by a factor of its own: something that should be the same for all is \
                 taken for each, or the other way round."
            ));
        }
    }
}

/// Only certain places are wrong.
fn places(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let wrong =
        |axis: usize, k: usize| !got.part(axis, k..k + 1).is(&expected.part(axis, k..k + 1));
    for (axis, &size) in expected.shape.iter().enumerate().filter(|(_, size)| **size > 1) {
        let all: Vec<usize> = (0..size).filter(|&k| wrong(axis, k)).collect();
        let name = axis_name(expected, axis);
        match all.as_slice() {
            [0] => found.push(format!("Only the first of {name} is wrong: look at where the loop begins.")),
            [k] if *k + 1 == size => {
                found.push(format!("Only the last of {name} is wrong: look at where the loop ends."));
            }
            wrong if wrong.len() + 1 == size && size > 2 => match (0..size).find(|k| !wrong.contains(k)) {
                Some(0) => found.push(format!(
                    "The first of {name} is right, everything after it is wrong: look at what is handed from one to the next."
                )),
                Some(k) if k + 1 == size => found.push(format!(
                    "The last of {name} is right, everything before it is wrong: look at what is handed from one to the next."
                )),
                _ => {}
            },
            _ => {}
        }
    }
}

/// Another shape: transposed, an axis of 1, one too few or too many.
fn other_shape(look: &Look, found: &mut Vec<String>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(shape: &[usize], f: impl Fn(usize) -> f64) -> Grid {
        let count = shape.iter().product();
        Grid { shape: shape.to_vec(), data: (0..count).map(f).collect() }
    }

    /// Numbers without a pattern of their own.
    fn numbers(shape: &[usize], salt: f64) -> Grid {
        grid(shape, |k| ((k as f64 + 1.3) * (2.1 + salt)).sin())
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
        candidates(&look).into_iter().next().unwrap_or_default()
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
