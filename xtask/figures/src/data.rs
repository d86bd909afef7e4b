//! What was measured for a figure: lines of points, rounded so that the file says no more than
//! the measurement does.

use serde::{Deserialize, Serialize};

/// A line of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// (x, y).
    pub points: Vec<(f64, f64)>,
}

/// All that a figure shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// How it was measured.
    pub how: String,
    /// By which share a value may differ when it is measured again.
    pub tolerance: f64,
    /// The lines.
    pub series: Vec<Series>,
}

impl Data {
    /// Rounds all values to four significant digits.
    pub fn new(how: &str, tolerance: f64, mut series: Vec<Series>) -> Self {
        for (x, y) in series.iter_mut().flat_map(|line| &mut line.points) {
            (*x, *y) = (rounded(*x), rounded(*y));
        }
        Self { how: how.to_owned(), tolerance, series }
    }

    /// The file, a line of a figure in a line of text.
    pub fn to_json(&self) -> String {
        let text = |value: &str| serde_json::to_string(value).expect("a string");
        let line = |series: &Series| serde_json::to_string(series).expect("finite numbers");
        let lines: Vec<String> = self.series.iter().map(line).collect();
        format!(
            "{{\n\"how\": {},\n\"tolerance\": {},\n\"series\": [\n{}\n]\n}}\n",
            text(&self.how),
            self.tolerance,
            lines.join(",\n")
        )
    }

    /// Where another measurement differs by more than the tolerance.
    pub fn differences<'a>(&'a self, again: &'a Data) -> impl Iterator<Item = String> + 'a {
        let names = |data: &Data| -> Vec<String> {
            let line = |s: &Series| format!("{} ({} points)", s.name, s.points.len());
            data.series.iter().map(line).collect()
        };
        let (here, there) = (names(self), names(again));
        let other = (here != there).then(|| format!("{here:?} became {there:?}"));
        let points = self.series.iter().zip(&again.series).flat_map(move |(a, b)| {
            let pairs = a.points.iter().zip(&b.points);
            pairs.filter(|(a, b)| !self.close(a.1, b.1) || a.0 != b.0).map(|(p, q)| {
                format!("{} at {}: {} is kept, {} was measured", a.name, p.0, p.1, q.1)
            })
        });
        other.into_iter().chain(points)
    }

    fn close(&self, a: f64, b: f64) -> bool {
        (a - b).abs() <= self.tolerance * a.abs().max(b.abs())
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
        Data::new("by hand", 0.01, vec![Series { name: "a".into(), points }])
    }

    #[test]
    fn rounding_and_files() {
        assert_eq!(rounded(0.000123456), 0.0001235);
        let data = line(0.123456);
        assert_eq!(data.series[0].points[0].1, 0.1235);
        assert_eq!(serde_json::from_str::<Data>(&data.to_json()).unwrap(), data);
    }

    #[test]
    fn only_what_exceeds_the_tolerance_is_a_difference() {
        assert_eq!(line(1.0).differences(&line(1.005)).count(), 0);
        let far: Vec<_> = line(1.0).differences(&line(1.1)).collect();
        assert_eq!(far, ["a at 1: 1 is kept, 1.1 was measured"]);
        let mut other = line(1.0);
        other.series[0].name = "b".into();
        assert_eq!(line(1.0).differences(&other).count(), 1);
    }
}
