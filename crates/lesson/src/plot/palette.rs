//! Colours: the Okabe-Ito palette (Okabe and Ito 2008, *Color Universal Design*), chosen so that
//! colour-blind readers can tell its members apart, and the few greys of text and grid.
//!
//! plotters writes a colour as `fill="#RRGGBB"` or `stroke="#RRGGBB"`. A style sheet inside the SVG
//! restyles exactly these values for readers who prefer dark pages.

use plotters::style::RGBColor;

/// A colour on a light page and the one that replaces it on a dark page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ink {
    pub(crate) light: (u8, u8, u8),
    pub(crate) dark: (u8, u8, u8),
}

const fn ink(light: u32, dark: u32) -> Ink {
    const fn rgb(c: u32) -> (u8, u8, u8) {
        ((c >> 16) as u8, (c >> 8) as u8, c as u8)
    }
    Ink { light: rgb(light), dark: rgb(dark) }
}

/// Text.
pub(crate) const TEXT: Ink = ink(0x1F2328, 0xE6E8EB);
/// Text on a coloured cell that is already too bright for light letters on a dark page.
pub(crate) const TEXT_DARK: Ink = ink(0x1F2329, 0x101418);
/// Text on a strongly coloured cell.
pub(crate) const TEXT_INVERSE: Ink = ink(0xFFFFFE, 0x101418);
/// Tick labels, axes, reference lines.
pub(crate) const MUTED: Ink = ink(0x59636E, 0xA3ABB4);
/// Grid lines.
pub(crate) const GRID: Ink = ink(0xE2E5E9, 0x33393F);
/// Negative values of diverging scales; also the second series.
pub(crate) const NEGATIVE: Ink = SERIES[1];
/// Positive values and sequential scales; also the first series.
pub(crate) const POSITIVE: Ink = SERIES[0];

/// The series' colours, in order of use.
pub(crate) const SERIES: [Ink; 7] = [
    ink(0x0072B2, 0x58B0E8), // blue
    ink(0xD55E00, 0xF28A45), // vermillion
    ink(0x009E73, 0x35C79B), // bluish green
    ink(0xCC79A7, 0xE39CC4), // reddish purple
    ink(0xE69F00, 0xF0B840), // orange
    ink(0x56B4E9, 0x8FD0F7), // sky blue
    ink(0x000000, 0xF5F5F5), // black
];

/// The ink for a number on a cell of this amount (−1 to 1): at least 3.5:1 in light and in dark.
pub(crate) fn on_cell(amount: f64) -> Ink {
    match amount {
        a if a.abs() < 0.6 => TEXT,
        a if a < 0.85 => TEXT_DARK,
        _ => TEXT_INVERSE,
    }
}

/// The colour of series `i`.
pub(crate) fn series(i: usize) -> Ink {
    SERIES[i % SERIES.len()]
}

/// The dash of series `i` as (length, gap) in pixels; `None` is a solid line.
pub(crate) fn dash(i: usize) -> Option<(f64, f64)> {
    [None, Some((9.0, 4.0)), Some((2.5, 3.5)), Some((15.0, 5.0)), Some((5.0, 2.5))][i % 5]
}

impl From<Ink> for RGBColor {
    fn from(ink: Ink) -> Self {
        RGBColor(ink.light.0, ink.light.1, ink.light.2)
    }
}

pub(crate) fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// The style sheet that every figure carries. It is the same for all, so that figures can share a page.
pub(crate) fn style_sheet() -> String {
    let mut css = String::from(
        ".plot text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif;\
         font-variant-numeric:tabular-nums}\
         .plot polyline,.plot line{stroke-linejoin:round;stroke-linecap:butt}\
         @media screen and (prefers-color-scheme:dark){",
    );
    for ink in [TEXT, TEXT_DARK, TEXT_INVERSE, MUTED, GRID].iter().chain(&SERIES) {
        let (light, dark) = (hex(ink.light), hex(ink.dark));
        css += &format!(
            ".plot [fill=\"{light}\"]{{fill:{dark}}}.plot [stroke=\"{light}\"]{{stroke:{dark}}}"
        );
    }
    css + "}"
}
