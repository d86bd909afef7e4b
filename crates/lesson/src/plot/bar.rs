//! Bar charts: horizontal bars, so that names of any length stay readable, with the value at each end.

use super::axis::{Axis, number};
use super::canvas::{self, Anchor, LABEL, SMALL, WIDTH};
use super::frame::paint_title;
use super::{Figure, Table, palette};
use crate::text::{width, wrap};

/// One bar a name, such as the ladder of models on the same held-out text.
///
/// ```
/// use lesson::plot::BarChart;
/// let figure = BarChart::new("Held-out loss", "Uniform 4.17, unigram 3.31, RNN 1.98 nats/char.")
///     .unit("nats/char")
///     .bar("uniform", 4.17)
///     .bar("unigram", 3.31)
///     .highlight("RNN", 1.98)
///     .render();
/// assert!(figure.svg.contains("1.98"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct BarChart {
    pub(crate) title: String,
    alt: String,
    caption: String,
    pub(crate) unit: String,
    pub(crate) bars: Vec<Bar>,
}

#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) highlight: bool,
}

setters!(BarChart: new, caption);

impl BarChart {
    /// What the values are measured in.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// A bar from zero to `value`; one that is not finite is shown as "–".
    pub fn bar(mut self, name: impl Into<String>, value: f64) -> Self {
        self.bars.push(Bar { name: name.into(), value, highlight: false });
        self
    }

    /// A bar that the chart is about, in another colour.
    pub fn highlight(mut self, name: impl Into<String>, value: f64) -> Self {
        self.bars.push(Bar { name: name.into(), value, highlight: true });
        self
    }

    /// Draws the figure.
    pub fn render(&self) -> Figure {
        let (title, mut y) = paint_title(&self.title);
        let names: Vec<Vec<String>> = self
            .bars
            .iter()
            .map(|b| wrap(&b.name, 0.4 * WIDTH, |t| width(t, LABEL.size)))
            .collect();
        let measure = |texts: &mut dyn Iterator<Item = &String>, size| {
            texts.map(|t| width(t, size)).fold(0.0, f64::max)
        };
        let name_width = measure(&mut names.iter().flatten(), LABEL.size);
        let values: Vec<String> = self.bars.iter().map(|b| number(b.value)).collect();
        let value_width = measure(&mut values.iter(), LABEL.size);

        let mut unit = wrap(&self.unit, WIDTH, |t| width(t, SMALL.size));
        unit.retain(|line| !line.is_empty());
        let unit_at = y + 0.65 * SMALL.size;
        if !unit.is_empty() {
            y += unit.len() as f64 * 1.3 * SMALL.size + 6.0;
        }
        // (middle, lines of the name)
        let mut rows = Vec::new();
        for lines in &names {
            let height = (lines.len() as f64 * 1.3 * LABEL.size).max(20.0) + 8.0;
            rows.push(y + 0.5 * height);
            y += height;
        }

        let axis = Axis::over(self.bars.iter().map(|b| b.value), false, true);
        let any_negative = self.bars.iter().any(|b| b.value < 0.0 && b.value.is_finite());
        let left = name_width + 12.0 + if any_negative { value_width + 6.0 } else { 0.0 };
        let right = WIDTH - value_width - 8.0;
        let across = |v: f64| Some(left + axis.place(v)? * (right - left));
        let zero = across(0.0).unwrap_or(left);

        let svg = canvas::draw(y + 4.0, &self.alt, |canvas| {
            title(canvas);
            for (i, line) in unit.iter().enumerate() {
                let at = (0.0, unit_at + i as f64 * 1.3 * SMALL.size);
                canvas.text(line, at, Anchor::Left, SMALL);
            }
            for (((bar, lines), &middle), value) in
                self.bars.iter().zip(&names).zip(&rows).zip(&values)
            {
                for (i, line) in lines.iter().enumerate() {
                    let off = (i as f64 - 0.5 * (lines.len() - 1) as f64) * 1.3 * LABEL.size;
                    canvas.text(line, (name_width, middle + off), Anchor::Right, LABEL);
                }
                let end =
                    if bar.value.is_finite() { across(bar.value).unwrap_or(zero) } else { zero };
                let ink = palette::SERIES[usize::from(bar.highlight)];
                let (from, to) = (end.min(zero), end.max(zero));
                canvas.rect((from, middle - 9.0), (to, middle + 9.0), ink, 0.9);
                let (at, anchor) = match end < zero {
                    true => (end - 6.0, Anchor::Right),
                    false => (end + 6.0, Anchor::Left),
                };
                canvas.text(value, (at, middle), anchor, LABEL);
            }
            if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
                let line = [(zero, first - 13.0), (zero, last + 13.0)];
                canvas.path(&line, palette::MUTED, 1.0, None);
            }
        });
        let mut data =
            Table::new(["name", if self.unit.is_empty() { "value" } else { &self.unit }]);
        for bar in &self.bars {
            data.push([bar.name.clone(), bar.value.to_string()]);
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
