//! Line charts: several series, an optional band, reference lines, a linear or logarithmic y axis.

use super::axis::Axis;
use super::canvas::{self, Canvas, Marker};
use super::frame::{Frame, Key, Spec};
use super::{Figure, Table, palette};

/// Lines over a common x axis.
///
/// ```
/// use lesson::plot::LineChart;
/// let loss = [(0.0, 4.1), (100.0, 2.6), (200.0, 2.2)];
/// let figure = LineChart::new("Loss", "The training loss falls from 4.1 to 2.2 in 200 steps.")
///     .x("step")
///     .y("loss (nats/char)")
///     .series("train", &loss)
///     .reference("unigram", 3.3)
///     .render();
/// assert!(figure.svg.contains("unigram 3.3"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct LineChart {
    pub(crate) title: String,
    alt: String,
    caption: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) log_y: bool,
    zero: bool,
    pub(crate) series: Vec<Series>,
    pub(crate) references: Vec<(String, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// (x, low, high)
    band: Vec<(f64, f64, f64)>,
}

setters!(LineChart: new, x, y, caption);

impl LineChart {
    /// A logarithmic y axis; values that are not positive are gaps.
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// A y axis that includes zero.
    pub fn from_zero(mut self) -> Self {
        self.zero = true;
        self
    }

    /// A line through (x, y) points in the order given; NaN and infinities are gaps.
    pub fn series(mut self, name: impl Into<String>, points: &[(f64, f64)]) -> Self {
        let (name, points, band) = (name.into(), points.to_vec(), Vec::new());
        self.series.push(Series { name, points, band });
        self
    }

    /// A shaded band of (x, low, high) in the colour of the last series: an interval around it.
    /// Without a series before it, the band gets one without a name.
    pub fn band(mut self, band: &[(f64, f64, f64)]) -> Self {
        if self.series.is_empty() {
            self = self.series("", &[]);
        }
        if let Some(series) = self.series.last_mut() {
            series.band = band.to_vec();
        }
        self
    }

    /// A labelled horizontal line, such as a baseline. A value that is not finite is left out.
    pub fn reference(mut self, name: impl Into<String>, value: f64) -> Self {
        if value.is_finite() {
            self.references.push((name.into(), value));
        }
        self
    }

    /// Both axes, wide enough for all series, bands and references.
    pub(crate) fn axes(&self) -> (Axis, Axis) {
        let xs = self
            .series
            .iter()
            .flat_map(|s| s.points.iter().map(|p| p.0).chain(s.band.iter().map(|b| b.0)));
        let ys = self.series.iter().flat_map(|s| {
            s.points.iter().map(|p| p.1).chain(s.band.iter().flat_map(|b| [b.1, b.2]))
        });
        let ys = ys.chain(self.references.iter().map(|r| r.1));
        (Axis::tight(xs), Axis::over(ys, self.log_y, self.zero))
    }

    /// Draws the figure.
    pub fn render(&self) -> Figure {
        let (x, y) = self.axes();
        let legend = self.series.iter().enumerate();
        let frame = Frame::new(Spec {
            title: &self.title,
            x_label: &self.x_label,
            y_label: &self.y_label,
            legend: legend.map(|(i, s)| (s.name.as_str(), Key::Line(i))).collect(),
            references: &self.references,
            x,
            y,
        });
        let svg = canvas::draw(frame.height, &self.alt, |canvas| {
            frame.paint(canvas);
            for (i, series) in self.series.iter().enumerate() {
                series.paint_band(i, canvas, &frame);
            }
            // The first series is the last drawn: it lies on top.
            for (i, series) in self.series.iter().enumerate().rev() {
                series.paint(i, canvas, &frame);
            }
        });
        Figure {
            title: self.title.clone(),
            svg,
            alt: self.alt.clone(),
            caption: self.caption.clone(),
            data: self.data(),
        }
    }

    fn data(&self) -> Table {
        let x = if self.x_label.is_empty() { "x" } else { &self.x_label };
        let y = if self.y_label.is_empty() { "y" } else { &self.y_label };
        let banded = self.series.iter().any(|s| !s.band.is_empty());
        let mut header = vec!["series", x, y];
        header.extend(banded.then_some(["low", "high"]).into_iter().flatten());
        let mut table = Table::new(header);
        for s in &self.series {
            for (i, &(x, y)) in s.points.iter().enumerate() {
                let mut row = vec![s.name.clone(), x.to_string(), y.to_string()];
                if let Some(&(_, low, high)) = s.band.get(i) {
                    row.extend([low.to_string(), high.to_string()]);
                }
                table.push(row);
            }
            for &(x, low, high) in s.band.iter().skip(s.points.len()) {
                let row = [x.to_string(), String::new(), low.to_string(), high.to_string()];
                table.push([s.name.clone()].into_iter().chain(row));
            }
        }
        for (name, value) in &self.references {
            table.push([name.clone(), String::new(), value.to_string()]);
        }
        table
    }
}

impl Series {
    fn paint(&self, i: usize, canvas: &Canvas, frame: &Frame) {
        let pixels = self.points.iter().map(|&(x, y)| frame.point(x, y));
        for run in runs(pixels) {
            match run.as_slice() {
                [one] => canvas.marker(*one, Marker::Circle, 2.5, palette::series(i)),
                _ => canvas.path(&thin(&run), palette::series(i), 2.0, palette::dash(i)),
            }
        }
    }

    fn paint_band(&self, i: usize, canvas: &Canvas, frame: &Frame) {
        let pixels = self
            .band
            .iter()
            .map(|&(x, low, high)| Some((frame.point(x, low)?, frame.point(x, high)?)));
        for run in runs(pixels) {
            let outline: Vec<_> =
                run.iter().map(|p| p.0).chain(run.iter().rev().map(|p| p.1)).collect();
            canvas.polygon(&outline, palette::series(i), 0.18);
        }
    }
}

/// The stretches between gaps.
fn runs<P>(points: impl Iterator<Item = Option<P>>) -> Vec<Vec<P>> {
    let mut runs = vec![Vec::new()];
    for point in points {
        match point {
            Some(p) => runs.last_mut().expect("never empty").push(p),
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// At most four points a pixel column (first, lowest, highest, last): the same picture from fewer bytes.
fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        if column.len() <= 4 {
            kept.extend_from_slice(column);
            continue;
        }
        let by_y = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
        let low = (0..column.len()).min_by(by_y).unwrap_or(0);
        let high = (0..column.len()).max_by(by_y).unwrap_or(0);
        let mut indices = [0, low.min(high), low.max(high), column.len() - 1].to_vec();
        indices.dedup();
        kept.extend(indices.into_iter().map(|i| column[i]));
    }
    kept
}
