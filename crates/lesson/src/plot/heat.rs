//! Heat maps: a matrix as coloured cells, and a text whose characters are coloured by a value.
//!
//! Colour is one hue whose opacity is the value (two hues for diverging values), so that zero is
//! the page itself, light or dark.

use ndarray::ArrayView2;

use super::axis::number;
use super::canvas::{self, Anchor, Canvas, Face, LABEL, SMALL, WIDTH};
use super::frame::paint_title;
use super::{Figure, Table, palette};
use crate::text::{shorten, width};

/// How values become colours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scale {
    /// From the smallest to the largest value, one hue.
    #[default]
    Sequential,
    /// Around zero: blue for positive values, orange for negative ones.
    Diverging,
}

/// A scale fitted to data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shading {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) scale: Scale,
}

impl Shading {
    pub(crate) fn fit(
        values: impl Iterator<Item = f64>,
        scale: Scale,
        range: Option<(f64, f64)>,
    ) -> Self {
        let (low, high) = range.unwrap_or_else(|| {
            values
                .filter(|v| v.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
        });
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        match scale {
            Scale::Sequential => Shading { low, high, scale },
            Scale::Diverging => {
                let limit = low.abs().max(high.abs());
                Shading { low: -limit, high: limit, scale }
            }
        }
    }

    /// From −1 to 1 (diverging) or 0 to 1 (sequential); 0 for what is not finite.
    pub(crate) fn amount(&self, value: f64) -> f64 {
        if !value.is_finite() {
            return 0.0;
        }
        let amount = match self.scale {
            Scale::Diverging => value / self.high,
            Scale::Sequential if self.low == self.high => 0.5,
            // Halved, so that the span of the largest values does not overflow.
            Scale::Sequential => {
                (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
            }
        };
        if amount.is_finite() { amount.clamp(-1.0, 1.0) } else { 0.0 }
    }
}

/// A matrix of coloured cells.
///
/// ```
/// use ndarray::array;
/// use lesson::plot::{HeatMap, Scale};
/// let weights = array![[0.5, -0.2], [0.1, 0.9]];
/// let figure = HeatMap::new("W_hh", "The second unit holds on to itself.", weights.view())
///     .rows("to", ["h₁", "h₂"])
///     .columns("from", ["h₁", "h₂"])
///     .scale(Scale::Diverging)
///     .show_values()
///     .render();
/// assert!(figure.svg.contains("−0.2"));
/// ```
#[derive(Clone, Debug)]
pub struct HeatMap {
    title: String,
    alt: String,
    caption: String,
    values: ndarray::Array2<f64>,
    rows: (String, Vec<String>),
    columns: (String, Vec<String>),
    scale: Scale,
    range: Option<(f64, f64)>,
    texts: bool,
}

setters!(HeatMap: caption, scale, range);

impl HeatMap {
    /// A map of `values` (rows, columns) with a title and the text for readers who do not see it.
    pub fn new(title: impl Into<String>, alt: impl Into<String>, values: ArrayView2<f64>) -> Self {
        HeatMap {
            title: title.into(),
            alt: alt.into(),
            caption: String::new(),
            values: values.to_owned(),
            rows: Default::default(),
            columns: Default::default(),
            scale: Scale::Sequential,
            range: None,
            texts: false,
        }
    }

    /// What the rows are, and a label for each; missing labels are empty.
    pub fn rows<S: Into<String>>(
        mut self,
        axis: impl Into<String>,
        labels: impl IntoIterator<Item = S>,
    ) -> Self {
        self.rows = (axis.into(), labels.into_iter().map(Into::into).collect());
        self
    }

    /// What the columns are, and a label for each; missing labels are empty.
    pub fn columns<S: Into<String>>(
        mut self,
        axis: impl Into<String>,
        labels: impl IntoIterator<Item = S>,
    ) -> Self {
        self.columns = (axis.into(), labels.into_iter().map(Into::into).collect());
        self
    }

    /// Writes the value into each cell, where it fits.
    pub fn show_values(mut self) -> Self {
        self.texts = true;
        self
    }

    /// Draws the figure.
    pub fn render(&self) -> Figure {
        let (rows, columns) = self.values.dim();
        let shading = Shading::fit(self.values.iter().copied(), self.scale, self.range);
        let (title, mut y) = paint_title(&self.title);
        let row_labels: Vec<_> = (0..rows).map(|i| label(&self.rows.1, i, 24)).collect();
        let column_labels: Vec<_> = (0..columns).map(|j| label(&self.columns.1, j, 16)).collect();
        let widest =
            |labels: &[String]| labels.iter().map(|l| width(l, SMALL.size)).fold(0.0, f64::max);

        let left = widest(&row_labels) + 8.0;
        let cell_width = ((WIDTH - left - 2.0) / columns.max(1) as f64).min(72.0);
        let cell_height = cell_width.clamp(16.0, 34.0).min((1200.0 / rows.max(1) as f64).max(3.0));
        let upright = widest(&column_labels) > cell_width - 4.0;
        let label_height = match (self.columns.1.is_empty(), upright) {
            (true, _) => 0.0,
            (false, false) => 1.3 * SMALL.size,
            (false, true) => widest(&column_labels) + 4.0,
        };

        // One line that says what the axes are, and the scale's key.
        let axes = match (self.rows.0.as_str(), self.columns.0.as_str()) {
            ("", "") => String::new(),
            (r, "") => format!("↓ {r}"),
            ("", c) => format!("→ {c}"),
            (r, c) => format!("↓ {r}   → {c}"),
        };
        let key_width = 130.0
            + width(&number(shading.low), SMALL.size)
            + width(&number(shading.high), SMALL.size)
            + 16.0;
        let axes_lines = crate::text::wrap(&axes, WIDTH - key_width, |t| width(t, SMALL.size));
        let axes_at = y + 0.65 * SMALL.size;
        y += axes_lines.len() as f64 * 1.3 * SMALL.size + 8.0;
        let top = y + label_height + 4.0;
        let bottom = top + rows as f64 * cell_height;

        let every = |size: f64| (1.25 * SMALL.size / size).ceil().max(1.0) as usize;
        let svg = canvas::draw(bottom + 4.0, &self.alt, |canvas| {
            title(canvas);
            for (i, line) in axes_lines.iter().enumerate() {
                let at = (0.0, axes_at + i as f64 * 1.3 * SMALL.size);
                canvas.text(line, at, Anchor::Left, SMALL);
            }
            paint_key(canvas, &shading, axes_at);
            for (i, label) in row_labels.iter().enumerate().step_by(every(cell_height)) {
                let middle = top + (i as f64 + 0.5) * cell_height;
                canvas.text(label, (left - 8.0, middle), Anchor::Right, SMALL);
            }
            let step = if upright { every(cell_width) } else { 1 };
            for (j, label) in column_labels.iter().enumerate().step_by(step) {
                let middle = left + (j as f64 + 0.5) * cell_width;
                if upright {
                    canvas.text_upwards(label, (middle, top - 6.0), SMALL);
                } else {
                    let at = (middle, top - 0.65 * SMALL.size - 2.0);
                    canvas.text(label, at, Anchor::Middle, SMALL);
                }
            }
            // A thin gap between cells that are large enough for one.
            let gap = if cell_width.min(cell_height) > 8.0 { 0.5 } else { 0.0 };
            for ((i, j), &value) in self.values.indexed_iter() {
                let (x, y) = (left + j as f64 * cell_width, top + i as f64 * cell_height);
                let to = (x + cell_width - gap, y + cell_height - gap);
                let amount = shading.amount(value);
                paint_cell(canvas, (x + gap, y + gap), to, amount);
                let text = number(round3(value));
                if self.texts && width(&text, SMALL.size) <= cell_width - 2.0 && cell_height >= 16.0
                {
                    let ink = palette::on_cell(amount);
                    let middle = (x + 0.5 * cell_width, y + 0.5 * cell_height);
                    canvas.text(&text, middle, Anchor::Middle, Face { ink, ..SMALL });
                }
            }
            let corners = [(left, top), (left + columns as f64 * cell_width, bottom)];
            let [(l, t), (r, b)] = corners;
            canvas.path(&[(l, t), (r, t), (r, b), (l, b), (l, t)], palette::GRID, 1.0, None);
        });
        let mut data = Table::new([String::new()].into_iter().chain(column_labels));
        for (row, label) in self.values.rows().into_iter().zip(row_labels) {
            data.push([label].into_iter().chain(row.iter().map(f64::to_string)));
        }
        Figure {
            title: self.title.clone(),
            svg,
            alt: self.alt.clone(),
            caption: self.caption.clone(),
            data,
        }
    }
}

fn label(labels: &[String], i: usize, max: usize) -> String {
    labels.get(i).map_or_else(String::new, |l| shorten(l, max))
}

fn round3(value: f64) -> f64 {
    if value.abs() < 1e6 { (value * 1000.0).round() / 1000.0 } else { value }
}

fn paint_cell(canvas: &Canvas, from: (f64, f64), to: (f64, f64), amount: f64) {
    let ink = if amount < 0.0 { palette::NEGATIVE } else { palette::POSITIVE };
    canvas.rect(from, to, ink, amount.abs());
}

/// The scale from its low to its high end, at the right of the line at height `y`.
fn paint_key(canvas: &Canvas, shading: &Shading, y: f64) {
    const STEPS: usize = 22;
    let high = number(shading.high);
    let right = WIDTH - width(&high, SMALL.size) - 6.0;
    let left = right - 110.0;
    canvas.text(&high, (WIDTH, y), Anchor::Right, SMALL);
    canvas.text(&number(shading.low), (left - 6.0, y), Anchor::Right, SMALL);
    let wide = (right - left) / STEPS as f64;
    for i in 0..STEPS {
        let at = i as f64 / (STEPS - 1) as f64;
        let amount = match shading.scale {
            Scale::Sequential => at,
            Scale::Diverging => 2.0 * at - 1.0,
        };
        let x = left + i as f64 * wide;
        paint_cell(canvas, (x, y - 0.4 * LABEL.size), (x + wide, y + 0.4 * LABEL.size), amount);
    }
}

/// A text whose pieces (characters or words) are coloured by a value each.
///
/// ```
/// use lesson::plot::{Scale, TextHeat};
/// use lesson::terminal::{self, Terminal};
/// let heat = TextHeat::new("What moved the prediction", [("t", 0.0), ("h", 0.5), ("e", 1.0)]);
/// assert_eq!(terminal::heat_text(&heat, &Terminal::plain(80)).lines().nth(2), Some("059"));
/// ```
#[derive(Clone, Debug)]
pub struct TextHeat {
    /// The title.
    pub title: String,
    /// The sentence below; may be empty.
    pub caption: String,
    /// The pieces in reading order, each with its value.
    pub pieces: Vec<(String, f64)>,
    scale: Scale,
    range: Option<(f64, f64)>,
}

setters!(TextHeat: caption, scale, range);

impl TextHeat {
    /// A coloured text; sequential scale from the smallest to the largest value.
    pub fn new<S: Into<String>>(
        title: impl Into<String>,
        pieces: impl IntoIterator<Item = (S, f64)>,
    ) -> Self {
        let pieces = pieces.into_iter().map(|(s, v)| (s.into(), v)).collect();
        TextHeat {
            title: title.into(),
            caption: String::new(),
            pieces,
            scale: Scale::Sequential,
            range: None,
        }
    }

    pub(crate) fn shading(&self) -> Shading {
        Shading::fit(self.pieces.iter().map(|p| p.1), self.scale, self.range)
    }
}
