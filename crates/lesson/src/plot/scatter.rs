//! Scatters: groups of points, told apart by colour and shape, with labels where there is room.

use super::axis::Axis;
use super::canvas::{self, Anchor, Face, Marker, SMALL};
use super::frame::{Frame, Key, Spec};
use super::{Figure, Table, palette};
use crate::text;

/// Points in two dimensions.
///
/// ```
/// use lesson::plot::Scatter;
/// let figure = Scatter::new("Hidden states", "Vowels lie to the left of consonants.")
///     .x("first component")
///     .y("second component")
///     .labelled("vowels", &[(-1.0, 0.2, "a"), (-0.8, 0.1, "e")])
///     .group("others", &[(0.7, 0.3), (0.9, -0.2)])
///     .render();
/// assert!(figure.svg.contains("vowels"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scatter {
    title: String,
    alt: String,
    caption: String,
    x_label: String,
    y_label: String,
    groups: Vec<(String, Vec<Point>)>,
    diagonal: bool,
}

/// x, y, label
type Point = (f64, f64, String);

setters!(Scatter: new, x, y, caption);

impl Scatter {
    /// A group of points without labels.
    pub fn group(self, name: impl Into<String>, points: &[(f64, f64)]) -> Self {
        let points: Vec<_> = points.iter().map(|&(x, y)| (x, y, "")).collect();
        self.labelled(name, &points)
    }

    /// A group of points with labels. A label that finds no room is left to the data table.
    pub fn labelled<S: AsRef<str>>(
        mut self,
        name: impl Into<String>,
        points: &[(f64, f64, S)],
    ) -> Self {
        let points = points.iter().map(|(x, y, l)| (*x, *y, l.as_ref().to_owned())).collect();
        self.groups.push((name.into(), points));
        self
    }

    /// The line y = x, for predictions against truth.
    pub fn diagonal(mut self) -> Self {
        self.diagonal = true;
        self
    }

    /// Draws the figure.
    pub fn render(&self) -> Figure {
        let points = || self.groups.iter().flat_map(|g| &g.1);
        let (x, y) = (
            Axis::over(points().map(|p| p.0), false, false),
            Axis::over(points().map(|p| p.1), false, false),
        );
        let legend = self.groups.iter().enumerate();
        let frame = Frame::new(Spec {
            title: &self.title,
            x_label: &self.x_label,
            y_label: &self.y_label,
            legend: legend.map(|(i, g)| (g.0.as_str(), Key::Marker(i))).collect(),
            references: &[],
            x,
            y,
        });
        let svg = canvas::draw(frame.height, &self.alt, |canvas| {
            frame.paint(canvas);
            if self.diagonal {
                let line = diagonal(&x, &y);
                if let Some(line) =
                    line.and_then(|(a, b)| Some([frame.point(a, a)?, frame.point(b, b)?]))
                {
                    canvas.path(&line, palette::MUTED, 1.2, Some((4.0, 3.0)));
                }
            }
            let radius = if points().count() > 300 { 2.5 } else { 4.0 };
            let mut taken = Vec::new();
            for (i, (_, points)) in self.groups.iter().enumerate() {
                for at in points.iter().filter_map(|p| frame.point(p.0, p.1)) {
                    canvas.marker(at, Marker::of(i), radius, palette::series(i));
                    taken.push((at.0 - radius, at.1 - radius, at.0 + radius, at.1 + radius));
                }
            }
            let face = Face { ink: palette::TEXT, ..SMALL };
            for (x, y, label) in points().filter(|p| !p.2.is_empty()) {
                let Some(at) = frame.point(*x, *y) else { continue };
                if let Some(place) = find_room(label, at, radius, frame.area(), &mut taken) {
                    canvas.text(label, place, Anchor::Left, face);
                }
            }
        });
        let mut data =
            Table::new(["group", or(&self.x_label, "x"), or(&self.y_label, "y"), "label"]);
        for (name, points) in &self.groups {
            for (x, y, label) in points {
                data.push([name.clone(), x.to_string(), y.to_string(), label.clone()]);
            }
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

fn or<'a>(label: &'a str, default: &'a str) -> &'a str {
    if label.is_empty() { default } else { label }
}

/// The ends of y = x inside both axes.
fn diagonal(x: &Axis, y: &Axis) -> Option<(f64, f64)> {
    let (low, high) = (x.low().max(y.low()), x.high().min(y.high()));
    (low < high).then_some((low, high))
}

/// Left, top, right, bottom.
type Box = (f64, f64, f64, f64);

/// The left end of a label beside its point that keeps clear of everything so far.
fn find_room(
    label: &str,
    (x, y): (f64, f64),
    radius: f64,
    area: Box,
    taken: &mut Vec<Box>,
) -> Option<(f64, f64)> {
    let (wide, half) = (text::width(label, SMALL.size), 0.6 * SMALL.size);
    let off = radius + 3.0;
    let places = [
        (x + off, y),
        (x - off - wide, y),
        (x - 0.5 * wide, y - off - half),
        (x - 0.5 * wide, y + off + half),
    ];
    places.into_iter().find(|&(left, middle)| {
        let b = (left, middle - half, left + wide, middle + half);
        let inside = b.0 >= area.0 && b.1 >= area.1 && b.2 <= area.2 && b.3 <= area.3;
        let clear =
            inside && taken.iter().all(|t| b.2 <= t.0 || t.2 <= b.0 || b.3 <= t.1 || t.3 <= b.1);
        if clear {
            taken.push(b);
        }
        clear
    })
}
