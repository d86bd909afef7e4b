//! What line charts and scatters have in common: title, legend, axes, and where everything stands.
//!
//! From top to bottom: title, legend rows, the y axis's label, the plot, tick labels, the x axis's
//! label. Labels of reference lines stand to the right of the plot. Everything is measured first, so
//! that nothing is cut off or overlaps; only the height depends on the content.

use super::axis::{Axis, number};
use super::canvas::{Anchor, Canvas, Face, LABEL, Marker, SMALL, TITLE, WIDTH};
use super::palette;
use crate::text::{width, wrap};

/// Line height in em.
const LEADING: f64 = 1.3;
/// Space between parts.
const GAP: f64 = 10.0;
const PLOT_HEIGHT: f64 = 280.0;

/// How a legend entry is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Key {
    Line(usize),
    Marker(usize),
}

/// What a frame is made from.
pub(crate) struct Spec<'a> {
    pub(crate) title: &'a str,
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
    pub(crate) legend: Vec<(&'a str, Key)>,
    pub(crate) references: &'a [(String, f64)],
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

/// A text that has its place.
struct Placed {
    text: String,
    at: (f64, f64),
    anchor: Anchor,
    face: Face,
}

/// The measured frame of a figure.
pub(crate) struct Frame {
    pub(crate) height: f64,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    x: Axis,
    y: Axis,
    texts: Vec<Placed>,
    keys: Vec<(Key, (f64, f64))>,
    /// Heights of the reference lines and of their labels.
    references: Vec<(f64, f64)>,
    y_ticks: Vec<f64>,
    x_ticks: Vec<f64>,
}

/// Sets lines of text below each other from `top`; returns where the next part may begin.
fn stack(
    texts: &mut Vec<Placed>,
    text: &str,
    (x, top): (f64, f64),
    max: f64,
    anchor: Anchor,
    face: Face,
) -> f64 {
    if text.is_empty() {
        return top;
    }
    let mut y = top;
    for text in wrap(text, max, |t| text_width(t, face)) {
        texts.push(Placed { text, at: (x, y + 0.5 * LEADING * face.size), anchor, face });
        y += LEADING * face.size;
    }
    y
}

/// The width of a text in its face; bold letters are wider.
pub(crate) fn text_width(text: &str, face: Face) -> f64 {
    width(text, face.size) * if face.bold { 1.08 } else { 1.0 }
}

/// The title at the top of any figure, as wrapped lines; returns where the rest begins.
pub(crate) fn paint_title(title: &str) -> (impl Fn(&Canvas), f64) {
    let mut texts = Vec::new();
    let below = stack(&mut texts, title, (0.0, 2.0), WIDTH, Anchor::Left, TITLE);
    let paint = move |canvas: &Canvas| {
        for t in &texts {
            canvas.text(&t.text, t.at, t.anchor, t.face);
        }
    };
    (paint, below + GAP)
}

impl Frame {
    /// Measures everything.
    pub(crate) fn new(spec: Spec) -> Frame {
        let mut texts = Vec::new();
        let mut y = stack(&mut texts, spec.title, (0.0, 2.0), WIDTH, Anchor::Left, TITLE);
        if !spec.title.is_empty() {
            y += 0.6 * GAP;
        }

        // The legend: entries side by side, as many rows as they need.
        let mut keys = Vec::new();
        const SAMPLE: f64 = 28.0;
        let (mut x, row) = (0.0, LEADING * LABEL.size + 2.0);
        for (name, key) in spec.legend.iter().filter(|(name, _)| !name.is_empty()) {
            let wide = SAMPLE + 6.0 + width(name, LABEL.size);
            if x > 0.0 && x + wide > WIDTH {
                (x, y) = (0.0, y + row);
            }
            keys.push((*key, (x, y + 0.5 * LEADING * LABEL.size)));
            let at = (x + SAMPLE + 6.0, y);
            let below = stack(&mut texts, name, at, WIDTH - at.0, Anchor::Left, LABEL);
            y = below - LEADING * LABEL.size;
            x += wide + 18.0;
        }
        if !keys.is_empty() {
            y += row + 0.6 * GAP;
        }
        y = stack(&mut texts, spec.y_label, (0.0, y), WIDTH, Anchor::Left, SMALL);

        // The labels of reference lines, to the right.
        const GUTTER: f64 = 175.0;
        let small_row = LEADING * SMALL.size;
        let labels: Vec<Vec<String>> = spec
            .references
            .iter()
            .map(|(name, value)| {
                let text = format!("{name} {}", number(*value));
                wrap(&text, GUTTER, |t| width(t, SMALL.size))
            })
            .collect();
        let widest = labels.iter().flatten().map(|t| width(t, SMALL.size)).fold(0.0, f64::max);
        let gutter = if labels.is_empty() { 0.0 } else { widest + 14.0 };
        let label_rows: usize = labels.iter().map(Vec::len).sum();

        let top = y + GAP;
        let bottom = top + PLOT_HEIGHT.max(label_rows as f64 * small_row);
        let y_ticks = spec.y.ticks(6);
        let tick_width = y_ticks.iter().map(|(_, t)| width(t, SMALL.size)).fold(0.0, f64::max);
        let (left, right) = (tick_width + 9.0, WIDTH - gutter.max(8.0));
        let down = |at: f64| bottom - at * (bottom - top);
        let mut y_lines = Vec::new();
        for (value, text) in y_ticks {
            let Some(at) = spec.y.place(value).map(down) else { continue };
            y_lines.push(at);
            let at = (left - 7.0, at);
            texts.push(Placed { text, at, anchor: Anchor::Right, face: SMALL });
        }

        let mut x_lines = Vec::new();
        let mut free = f64::NEG_INFINITY;
        for (value, text) in spec.x.ticks(7) {
            let Some(at) = spec.x.place(value).map(|p| left + p * (right - left)) else { continue };
            x_lines.push(at);
            let half = 0.5 * width(&text, SMALL.size);
            let centre = at.clamp(half, WIDTH - half);
            if centre - half < free {
                continue;
            }
            free = centre + half + 10.0;
            let at = (centre, bottom + 6.0 + 0.5 * small_row);
            texts.push(Placed { text, at, anchor: Anchor::Middle, face: SMALL });
        }
        let below = bottom + 6.0 + small_row + 2.0;
        let centre = 0.5 * (left + right);
        let max = 2.0 * centre.min(WIDTH - centre);
        let height =
            stack(&mut texts, spec.x_label, (centre, below), max, Anchor::Middle, SMALL) + 4.0;

        let mut frame = Frame {
            height,
            left,
            right,
            top,
            bottom,
            x: spec.x,
            y: spec.y,
            texts,
            keys,
            references: Vec::new(),
            y_ticks: y_lines,
            x_ticks: x_lines,
        };
        frame.place_references(spec.references, &labels, small_row);
        frame
    }

    /// Sets each label beside its line, moved only as far as its neighbours ask for.
    fn place_references(&mut self, values: &[(String, f64)], labels: &[Vec<String>], row: f64) {
        let mut order: Vec<(f64, usize)> = values
            .iter()
            .enumerate()
            .filter_map(|(i, (_, v))| Some((self.down(self.y.place(*v)?), i)))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let heights: Vec<f64> = order.iter().map(|&(_, i)| labels[i].len() as f64 * row).collect();
        // Tops: pushed down from above, then up from below.
        let mut tops: Vec<f64> = Vec::new();
        let mut free = self.top - 0.5 * row;
        for (&(line, _), height) in order.iter().zip(&heights) {
            tops.push((line - 0.5 * height).max(free));
            free = tops.last().expect("just pushed") + height;
        }
        let mut limit = self.bottom + 0.5 * row;
        for (top, height) in tops.iter_mut().zip(&heights).rev() {
            *top = top.min(limit - height);
            limit = *top;
        }
        for ((&(line, i), top), height) in order.iter().zip(tops).zip(heights) {
            for (k, text) in labels[i].iter().enumerate() {
                let at = (self.right + 12.0, top + (k as f64 + 0.5) * row);
                let text = text.clone();
                self.texts.push(Placed { text, at, anchor: Anchor::Left, face: SMALL });
            }
            self.references.push((line, top + 0.5 * height));
        }
    }

    fn down(&self, at: f64) -> f64 {
        self.bottom - at * (self.bottom - self.top)
    }

    /// The pixel of a point; `None` where it cannot be shown.
    pub(crate) fn point(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let across = self.left + self.x.place(x)? * (self.right - self.left);
        Some((across, self.down(self.y.place(y)?)))
    }

    /// Draws all of the frame; data come on top.
    pub(crate) fn paint(&self, canvas: &Canvas) {
        for &y in &self.y_ticks {
            canvas.path(&[(self.left, y), (self.right, y)], palette::GRID, 1.0, None);
        }
        canvas.path(
            &[(self.left, self.bottom), (self.right, self.bottom)],
            palette::MUTED,
            1.0,
            None,
        );
        for &x in &self.x_ticks {
            canvas.path(&[(x, self.bottom), (x, self.bottom + 4.0)], palette::MUTED, 1.0, None);
        }
        for &(line, label) in &self.references {
            let dash = Some((4.0, 3.0));
            canvas.path(&[(self.left, line), (self.right, line)], palette::MUTED, 1.2, dash);
            let leader = [(self.right + 1.0, line), (self.right + 10.0, label)];
            canvas.path(&leader, palette::MUTED, 0.75, None);
        }
        for &(key, (x, y)) in &self.keys {
            match key {
                Key::Line(i) => {
                    let line = [(x, y), (x + 28.0, y)];
                    canvas.path(&line, palette::series(i), 2.25, palette::dash(i));
                }
                Key::Marker(i) => {
                    canvas.marker((x + 14.0, y), Marker::of(i), 4.5, palette::series(i));
                }
            }
        }
        for t in &self.texts {
            canvas.text(&t.text, t.at, t.anchor, t.face);
        }
    }

    /// The boxes of all texts inside or near the plot: labels of points keep clear of them.
    pub(crate) fn area(&self) -> (f64, f64, f64, f64) {
        (self.left, self.top, self.right, self.bottom)
    }
}
