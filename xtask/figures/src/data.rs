//! What was measured for a figure: lines of points, rounded so that the file says no more than
//! the measurement does.

use serde::{Deserialize, Serialize};

/// A line of a figure, or a row of a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// (x, y).
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// A line with its name.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect() }
    }
}

/// How far a value may lie from the kept one when it is measured again.
///
/// Arithmetic in `f64` comes out the same everywhere but for the last digits. Training in `f32`
/// does not: another processor rounds other products, and each step carries the difference on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// By this share of the larger of the two.
    Share(f64),
    /// By this much.
    Amount(f64),
}

impl Tolerance {
    fn allows(self, a: f64, b: f64) -> bool {
        let most = match self {
            Tolerance::Share(share) => share * a.abs().max(b.abs()),
            Tolerance::Amount(amount) => amount,
        };
        (a - b).abs() <= most
    }
}

/// All that a figure shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// How it was measured.
    pub how: String,
    /// How far another measurement may differ.
    pub tolerance: Tolerance,
    /// The lines.
    pub series: Vec<Series>,
}

impl Data {
    /// Rounds all values to four significant digits, and none finer than 1e-4 where the tolerance
    /// is an amount.
    pub fn new(how: &str, tolerance: Tolerance, mut series: Vec<Series>) -> Self {
        for (x, y) in series.iter_mut().flat_map(|line| &mut line.points) {
            (*x, *y) = (rounded(*x), rounded(*y));
            if let Tolerance::Amount(_) = tolerance {
                *y = (*y * 1e4).round() / 1e4;
            }
        }
        Self { how: how.to_owned(), tolerance, series }
    }

    /// A line by its name.
    ///
    /// # Panics
    /// Where there is none, which only a damaged file can bring about.
    pub fn line(&self, name: &str) -> &[(f64, f64)] {
        let line = self.series.iter().find(|line| line.name == name);
        &line.unwrap_or_else(|| panic!("the kept data has no {name:?}")).points
    }

    /// The file, a line of a figure in a line of text.
    pub fn to_json(&self) -> String {
        let text = |value: &str| serde_json::to_string(value).expect("a string");
        let line = |series: &Series| serde_json::to_string(series).expect("finite numbers");
        let lines: Vec<String> = self.series.iter().map(line).collect();
        format!(
            "{{\n\"how\": {},\n\"tolerance\": {},\n\"series\": [\n{}\n]\n}}\n",
            text(&self.how),
            serde_json::to_string(&self.tolerance).expect("a number"),
            lines.join(",\n")
        )
    }

    /// Where another measurement differs by more than the tolerance.
    pub fn differences(&self, again: &Data) -> Vec<String> {
        let names = |data: &Data| -> Vec<String> {
            let line = |s: &Series| format!("{} ({} points)", s.name, s.points.len());
            data.series.iter().map(line).collect()
        };
        let (here, there) = (names(self), names(again));
        if here != there {
            return vec![format!("{here:?} became {there:?}")];
        }
        let mut found = Vec::new();
        for (line, other) in self.series.iter().zip(&again.series) {
            for (p, q) in line.points.iter().zip(&other.points) {
                if !self.tolerance.allows(p.1, q.1) || !self.tolerance.allows(p.0, q.0) {
                    found.push(format!("{}: {p:?} is kept, {q:?} was measured", line.name));
                }
            }
        }
        found
    }
}

/// Four significant digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().expect("a number that was just written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(y: f64) -> Data {
        let points = vec![(1.0, y), (2.0, 0.5)];
        Data::new("by hand", Tolerance::Share(0.01), vec![Series::new("a", points)])
    }

    #[test]
    fn rounding_and_files() {
        assert_eq!(rounded(0.000123456), 0.0001235);
        let data = line(0.123456);
        assert_eq!(data.line("a")[0].1, 0.1235);
        assert_eq!(serde_json::from_str::<Data>(&data.to_json()).unwrap(), data);
    }

    #[test]
    fn only_what_exceeds_the_tolerance_is_a_difference() {
        assert_eq!(line(1.0).differences(&line(1.005)).len(), 0);
        let far = line(1.0).differences(&line(1.1));
        assert_eq!(far, ["a: (1.0, 1.0) is kept, (1.0, 1.1) was measured"]);
        let mut other = line(1.0);
        other.series[0].name = "b".into();
        assert_eq!(line(1.0).differences(&other).len(), 1);
        assert!(Tolerance::Amount(0.05).allows(0.0, 0.04));
        assert!(!Tolerance::Amount(0.05).allows(0.5, 0.56));
    }
}
