//! What a figure is, and what several of them need.

use anyhow::Result;
use lesson::plot::{Figure, LineChart};

use crate::data::{Data, Series, Tolerance};

/// A figure.
#[derive(Debug)]
pub struct Spec {
    /// Its files' name.
    pub name: &'static str,
    /// How its data are measured, in words.
    pub how: &'static str,
    /// How far another measurement may differ.
    pub tolerance: Tolerance,
    /// Measures.
    pub measure: fn() -> Result<Vec<Series>>,
    /// Draws.
    pub draw: fn(&Data) -> Figure,
}

/// The figure as a file: on a ground of its own, so that it can be read on a page of either
/// colour, whichever colours the reader's system asks for.
pub fn drawing(spec: &Spec, data: &Data) -> String {
    const GROUND: &str = "svg.plot{background:#FFFFFF}\
        @media screen and (prefers-color-scheme:dark){svg.plot{background:#15191E}}</style>";
    (spec.draw)(data).svg.replacen("</style>", GROUND, 1) + "\n"
}

/// Of all random draws.
pub const SEED: u64 = 1;

/// All lines of the data into a chart.
pub fn lines(chart: LineChart, data: &Data) -> Figure {
    data.series.iter().fold(chart, |chart, line| chart.series(&line.name, &line.points)).render()
}

/// The ends of an interval's lines, behind the line's own name.
pub const ENDS: [&str; 2] = [", low", ", high"];

/// The lines called `names` into a chart, each with the interval around it.
pub fn with_intervals(chart: LineChart, data: &Data, names: &[&str]) -> LineChart {
    names.iter().fold(chart, |chart, name| {
        let [low, high] = ENDS.map(|end| data.line(&format!("{name}{end}")));
        let band: Vec<_> = low.iter().zip(high).map(|(l, h)| (l.0, l.1, h.1)).collect();
        chart.series(*name, data.line(name)).band(&band)
    })
}
