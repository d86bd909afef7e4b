//! A drawing surface in pixels with fractions, on top of plotters' SVG backend.

use plotters::coord::Shift;
use plotters::element::{DashedPathElement, Drawable, PointCollection};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::{self, Ink};

/// plotters counts whole pixels; drawing four times as large keeps curves smooth.
const FINE: f64 = 4.0;
/// plotters' SVG backend writes a font size divided by this.
const FONT_UNIT: f64 = 1.24;

/// The width of every figure in pixels: a page's measure, so that text keeps its size.
pub(crate) const WIDTH: f64 = 640.0;

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A text's look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    pub(crate) size: f64,
    pub(crate) ink: Ink,
    pub(crate) bold: bool,
}

/// The title's, labels' and small print's faces.
pub(crate) const TITLE: Face = Face { size: 15.0, ink: palette::TEXT, bold: true };
pub(crate) const LABEL: Face = Face { size: 13.0, ink: palette::TEXT, bold: false };
pub(crate) const SMALL: Face = Face { size: 12.0, ink: palette::MUTED, bold: false };

/// The shapes of a scatter's groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
}

impl Marker {
    /// The marker of group `i`.
    pub(crate) fn of(i: usize) -> Self {
        [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond][i % 4]
    }
}

pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws on a canvas of `WIDTH` × `height` pixels and returns the `<svg>` element.
pub(crate) fn draw(height: f64, alt: &str, paint: impl FnOnce(&Canvas)) -> String {
    let size = ((WIDTH * FINE) as u32, (height * FINE).ceil() as u32);
    let mut svg = String::new();
    {
        let canvas = Canvas { area: SVGBackend::with_string(&mut svg, size).into_drawing_area() };
        paint(&canvas);
        canvas.area.present().expect("drawing into a string cannot fail");
    }
    // plotters' opening tag fixes the size in pixels; ours scales and speaks.
    let (_, body) = svg.split_once(">\n").expect("the SVG begins with its opening tag");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" aria-label=\"{}\" \
         width=\"{WIDTH}\" height=\"{}\" viewBox=\"0 0 {} {}\" style=\"max-width:100%;height:auto\">\n\
         <style>{}</style>\n{body}",
        crate::text::escape(alt),
        height.ceil(),
        size.0,
        size.1,
        palette::style_sheet(),
    )
}

fn fine((x, y): (f64, f64)) -> (i32, i32) {
    // `as` saturates and turns NaN into 0: nothing here can overflow.
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

impl<'a> Canvas<'a> {
    fn put<E>(&self, element: &E)
    where
        for<'b> &'b E: PointCollection<'b, (i32, i32)>,
        E: Drawable<SVGBackend<'a>>,
    {
        self.area.draw(element).expect("drawing into a string cannot fail");
    }

    fn pen(ink: Ink, width: f64) -> ShapeStyle {
        let color = RGBColor::from(ink).to_rgba();
        ShapeStyle { color, filled: false, stroke_width: (width * FINE).round() as u32 }
    }

    fn paint(ink: Ink, opacity: f64) -> ShapeStyle {
        let opacity = (opacity * 1000.0).round() / 1000.0;
        ShapeStyle { color: RGBColor::from(ink).mix(opacity), filled: true, stroke_width: 0 }
    }

    /// A line through the points; `dash` is (length, gap).
    pub(crate) fn path(
        &self,
        points: &[(f64, f64)],
        ink: Ink,
        width: f64,
        dash: Option<(f64, f64)>,
    ) {
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        let pen = Self::pen(ink, width);
        match dash {
            None => self.put(&PathElement::new(points, pen)),
            Some((length, gap)) => {
                let (length, gap) = ((length * FINE) as u32, (gap * FINE) as u32);
                let dashed = DashedPathElement::new(points, length, gap, pen);
                self.area.draw(&dashed).expect("drawing into a string cannot fail");
            }
        }
    }

    /// A filled polygon.
    pub(crate) fn polygon(&self, points: &[(f64, f64)], ink: Ink, opacity: f64) {
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        self.put(&Polygon::new(points, Self::paint(ink, opacity)));
    }

    /// A filled rectangle from its left upper to its right lower corner.
    pub(crate) fn rect(&self, from: (f64, f64), to: (f64, f64), ink: Ink, opacity: f64) {
        self.put(&Rectangle::new([fine(from), fine(to)], Self::paint(ink, opacity)));
    }

    /// A point of a scatter or a line that is one point long.
    pub(crate) fn marker(&self, (x, y): (f64, f64), marker: Marker, radius: f64, ink: Ink) {
        let r = radius;
        match marker {
            Marker::Circle => self.put(&Circle::new(
                fine((x, y)),
                (r * FINE).round() as u32,
                Self::paint(ink, 0.85),
            )),
            Marker::Square => self.polygon(
                &[(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
                ink,
                0.85,
            ),
            Marker::Triangle => self.polygon(
                &[(x, y - 1.3 * r), (x + 1.2 * r, y + 0.9 * r), (x - 1.2 * r, y + 0.9 * r)],
                ink,
                0.85,
            ),
            Marker::Diamond => {
                let r = 1.35 * r;
                self.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], ink, 0.85);
            }
        }
    }

    /// One line of text; `at` is the anchor's end (or middle) at half the letters' height.
    pub(crate) fn text(&self, text: &str, at: (f64, f64), anchor: Anchor, face: Face) {
        self.write(text, at, anchor, face, FontTransform::None);
    }

    /// A text that reads upwards; `at` is its beginning.
    pub(crate) fn text_upwards(&self, text: &str, at: (f64, f64), face: Face) {
        self.write(text, at, Anchor::Left, face, FontTransform::Rotate270);
    }

    fn write(
        &self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        face: Face,
        transform: FontTransform,
    ) {
        if text.is_empty() {
            return;
        }
        // XML cannot hold control characters.
        let text: String = text
            .chars()
            .map(|c| match c {
                '\n' => '↵',
                c if c.is_control() => '·',
                c => c,
            })
            .collect();
        let style = if face.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = face.size * FINE * FONT_UNIT;
        let h = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let font = FontDesc::new(FontFamily::SansSerif, size, style).transform(transform);
        let style = font.color(&RGBColor::from(face.ink)).pos(Pos::new(h, VPos::Center));
        self.area.draw_text(&text, &style, fine(at)).expect("drawing into a string cannot fail");
    }
}
