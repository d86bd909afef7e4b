//! Wrong numbers in the right places: a factor, a summand, a function too many or too few.

use super::grid::{Grid, axis_name};
use super::look::Look;

/// A name, and what it does to a number.
type Named = (&'static str, fn(f64) -> f64);

/// The one factor between the two, if there is one.
fn factor(expected: &Grid, got: &Grid) -> Option<f64> {
    let largest = expected.largest();
    let ratio = expected.data.iter().zip(&got.data).find(|(e, _)| e.abs() > 0.5 * largest);
    let ratio = ratio.map(|(e, g)| g / e)?;
    let scaled = expected.map(|x| ratio * x);
    (ratio.is_finite() && ratio.abs() > 1e-6 && got.is(&scaled)).then_some(ratio)
}

/// Sizes that a learner could have multiplied or divided by.
pub fn sizes(look: &Look) -> Vec<(String, f64)> {
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
pub fn factors(look: &Look, found: &mut Vec<String>) {
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
}

/// The same, where the factor is nothing in particular.
pub fn any_factor(look: &Look, found: &mut Vec<String>) {
    let Some(k) = factor(look.expected, look.got) else { return };
    // One number is always a multiple of another.
    if look.expected.data.len() > 1 {
        let k = crate::compare::number(k);
        found.push(format!("It is {k} times what it should be, everywhere."));
        found.push(
            "It is a multiple of what it should be; the factor changes with the inputs.".into(),
        );
    }
}

/// A function too many or too few.
pub fn functions(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let functions: [Named; 6] = [
        ("tanh", f64::tanh),
        ("the sigmoid", sigmoid),
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
    if got.is(&expected.map(|x| sigmoid(x.atanh()))) {
        found.push("It is the sigmoid where tanh belongs.".into());
    }
    if got.is(&expected.map(|x| (x / (1.0 - x)).ln().tanh())) {
        found.push("It is tanh where the sigmoid belongs.".into());
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
pub fn summands(look: &Look, found: &mut Vec<String>) {
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
pub fn offsets(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let off = got.zip(expected, |g, e| g - e);
    let first = off.data[0];
    let is_plain = expected.len() > 1 || (first - first.round()).abs() < 1e-9;
    if is_plain && off.is(&off.map(|_| first)) {
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
pub fn products(look: &Look, found: &mut Vec<String>) {
    let Look { expected, got, .. } = *look;
    let made: [Named; 4] = [
        ("`{}`", |x| x),
        ("`1 - {}`", |x| 1.0 - x),
        ("`1 - {}²`, the slope of tanh", |x| 1.0 - x * x),
        ("`{} (1 - {})`, the slope of the sigmoid", |x| x * (1.0 - x)),
    ];
    for (name, argument) in look.arguments {
        let Some(argument) = argument.stretched(&expected.shape) else { continue };
        for (made_of, f) in made {
            let what = made_of.replace("{}", name);
            let own = argument.map(f);
            if own.largest() == 0.0 || own.is(&own.map(|_| 1.0)) || expected.len() < 2 {
                continue;
            }
            if expected.is(&got.zip(&own, |x, y| x * y)) {
                found.push(format!("A factor is missing: multiplied by {what} it would be right."));
            } else if got.is(&expected.zip(&own, |x, y| x * y)) {
                found.push(format!("One factor too many: it is multiplied by {what}."));
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

/// The same questions about what went into a final tanh, sigmoid or exp.
pub fn before_the_last_step(look: &Look, found: &mut Vec<String>) {
    let inverses: [Named; 3] =
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
pub fn totals(look: &Look, found: &mut Vec<String>) {
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
