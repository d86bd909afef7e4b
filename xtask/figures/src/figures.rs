//! The figures: what each shows, and how it is drawn from its data.
//!
//! The chapters repeat each figure's description for readers who do not see it; a test compares.

use anyhow::Result;
use seqcore::plot::{Figure, LineChart};

use crate::data::{Data, Series};
use crate::measure;

/// A figure.
#[derive(Debug)]
pub struct Spec {
    /// Its files' name.
    pub name: &'static str,
    /// How its data are measured, in words.
    pub how: &'static str,
    /// By which share a value may differ when it is measured again.
    pub tolerance: f64,
    /// Measures.
    pub measure: fn() -> Result<Vec<Series>>,
    /// Draws.
    pub draw: fn(&Data) -> Figure,
}

/// All of them, in the order of the chapters.
pub const FIGURES: [Spec; 6] = [
    Spec {
        name: "01_truncation",
        how: "A new RNN of 32 units reads 48 stretches of 64 characters of the play; dW_hh cut every k steps against the full one; f64",
        tolerance: 0.02,
        measure: measure::truncation,
        draw: truncation,
    },
    Spec {
        name: "01_radii",
        how: "Norm of the product of Jacobians, 64 units, one random matrix at five scales, driven by noise of deviation 0.1; geometric mean of 4 starts; f64",
        tolerance: 0.02,
        measure: measure::radii,
        draw: radii,
    },
    Spec {
        name: "01_product",
        how: "The same matrix at a spectral radius of 1.25; noise of deviation 0.1 (quiet) and 1 (loud)",
        tolerance: 0.02,
        measure: measure::product,
        draw: product,
    },
    Spec {
        name: "02_forget_bias",
        how: "New networks of 64 units read 100 characters of held-out text; gradient of the last step's loss as a share of dL/dh at the last step; geometric mean of 64 places",
        tolerance: 0.02,
        measure: measure::forget_bias,
        draw: forget_bias,
    },
    Spec {
        name: "03_cells",
        how: "As 02_forget_bias; dL/dh",
        tolerance: 0.02,
        measure: measure::cells,
        draw: cells,
    },
    Spec {
        name: "03_speed",
        how: "Forward and backward pass of one layer, 64 inputs, 64 steps, 32 sequences, f32, one thread; best of 12, shares of the LSTM's at equal H",
        // Another processor has another balance of products and the rest.
        tolerance: 0.5,
        measure: measure::speed,
        draw: speed,
    },
];

fn lines(chart: LineChart, data: &Data) -> Figure {
    data.series.iter().fold(chart, |chart, line| chart.series(&line.name, &line.points)).render()
}

fn truncation(data: &Data) -> Figure {
    let chart = LineChart::new(
        "What a truncated gradient keeps",
        "Two curves over the window k from 1 to 64: the cosine between the truncated and the full gradient, and its length as a share of the full one's. Both reach one at 64.",
    )
    .x("window k (steps)")
    .y("share, or cosine")
    .from_zero();
    lines(chart, data)
}

fn radii(data: &Data) -> Figure {
    let chart = LineChart::new(
        "One matrix, five spectral radii",
        "Five curves of the Jacobian's norm over distance on a logarithmic axis, with tanh and quiet input: straight falls for radii 0.5 and 0.9, slower ones for 1 and 1.1, and near the top, far from explosion, 1.5.",
    )
    .x("distance k (steps)")
    .y("norm of the product of Jacobians")
    .log_y();
    lines(chart, data)
}

fn product(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Bound, asymptote and truth at ρ = 1.25",
        "Five curves over distance on a logarithmic axis: the bound rises far above all others, asymptote and linear network rise side by side, with tanh and quiet input the norm hardly grows, with loud input it falls.",
    )
    .x("distance k (steps)")
    .y("norm")
    .log_y();
    lines(chart, data)
}

fn forget_bias(data: &Data) -> Figure {
    let chart = LineChart::new(
        "How far a new network's gradient reaches",
        "Four curves over distance on a logarithmic axis: the RNN's gradient falls fastest, the LSTM's cell gradient falls more slowly the larger its forget bias, 0, 1 or 2.",
    )
    .x("distance k (steps back)")
    .y("norm, as a share")
    .log_y();
    lines(chart, data)
}

fn cells(data: &Data) -> Figure {
    let chart = LineChart::new(
        "New networks: RNN, LSTM, GRU",
        "Three curves of the hidden state's gradient over distance on a logarithmic axis: the RNN's falls fastest; LSTM and GRU fall too, several times more slowly.",
    )
    .x("distance k (steps back)")
    .y("norm of dL/dh, as a share")
    .log_y();
    lines(chart, data)
}

fn speed(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Size and time beside the LSTM",
        "Four curves over the number of hidden units, as shares of the LSTM's: the GRU has 0.75 of the parameters and the RNN 0.25 at every size; their measured times come near these shares at 256 units.",
    )
    .x("hidden units H")
    .y("share of the LSTM's")
    .from_zero()
    .reference("LSTM", 1.0);
    lines(chart, data)
}
