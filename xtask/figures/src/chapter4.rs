//! The figures of chapter 4: where a decoder looks, and what its own mistakes cost it.

use anyhow::Result;
use gru_seq::exposure::{self, ByPosition};
use gru_seq::material::Material;
use gru_seq::recipe::Seq2SeqRecipe;
use gru_seq::task::Task;
use gru_seq::text_to_text::TextToText;
use gru_seq::{dates, training};
use lesson::RunArgs;
use lesson::files::pairs::Pair;
use lesson::plot::{Figure, HeatMap, LineChart};
use ndarray::Array2;

use crate::data::{Data, Series, Tolerance};
use crate::spec::{SEED, Spec, lines};

pub const FIGURES: [Spec; 2] = [
    Spec {
        name: "04_exposure",
        how: "Running totals of 16 digits, GRU of 64 units trained for 850 steps; 1000 unseen sequences",
        tolerance: Tolerance::Amount(10.0),
        measure: exposure,
        draw: draw_exposure,
    },
    Spec {
        name: "04_attention",
        how: "Dates, GRU of 64 units with additive attention trained for 600 steps; the weights for the 3rd of April, 1998, a day that training never saw",
        tolerance: Tolerance::Amount(0.25),
        measure: attention,
        draw: draw_attention,
    },
];

/// Trains on a task as the lesson's tour does.
fn trained(
    task: Task,
    material: fn(&Seq2SeqRecipe) -> Material,
) -> Result<(TextToText, Vec<Pair>)> {
    let recipe = Seq2SeqRecipe::new(task, SEED);
    let args = RunArgs { quiet: true, ..RunArgs::default() };
    let (network, _, test) = training::train(&recipe, material(&recipe), None, &args, None)?;
    Ok((network, test))
}

fn exposure() -> Result<Vec<Series>> {
    let (trained, test) = trained(Task::Totals, exposure::material)?;
    let ByPosition { forced, free, .. } = exposure::by_position(&trained, &test);
    let percent = |shares: Vec<f64>| {
        let places = shares.into_iter().enumerate();
        places.map(|(t, share)| ((t + 1) as f64, 100.0 * share))
    };
    Ok(vec![
        Series::new("with the true totals before it", percent(forced)),
        Series::new("with its own totals before it", percent(free)),
    ])
}

fn draw_exposure(data: &Data) -> Figure {
    let last = |name| data.line(name).last().map_or(0.0, |p| p.1);
    let alt = format!(
        "Two lines over the place in the answer, 1 to 16. With the true totals before it the network is right in {:.0} per cent of \
         the cases at the last place; with its own totals the line falls from place to place down to {:.0} per cent.",
        last("with the true totals before it"),
        last("with its own totals before it"),
    );
    let chart = LineChart::new("Exposure bias, place by place", alt)
        .x("place in the answer")
        .y("right (per cent)")
        .from_zero()
        .reference("guessing", 10.0);
    lines(chart, data)
}

/// The date that is read. Its day is one of those that are held out.
const DATE: &str = "the 3rd of April, 1998";

fn attention() -> Result<Vec<Series>> {
    let (trained, _) = trained(Task::Dates, dates::material)?;
    let answer = trained.answer(DATE)?;
    let rows = answer.written.iter().zip(answer.attention.outer_iter());
    let points =
        |row: ndarray::ArrayView1<f64>| row.to_vec().into_iter().enumerate().collect::<Vec<_>>();
    let row = |(written, row): (&String, ndarray::ArrayView1<f64>)| {
        Series::new(written, points(row).into_iter().map(|(s, weight)| (s as f64, weight)))
    };
    Ok(rows.map(row).collect())
}

fn draw_attention(data: &Data) -> Figure {
    let columns = data.series.first().map_or(0, |row| row.points.len());
    let weight = |(t, s): (usize, usize)| data.series[t].points[s].1;
    let weights = Array2::from_shape_fn((data.series.len(), columns), weight); // (T, S)
    let map = HeatMap::new(
        "Where the decoder looks while it writes 1998-04-03",
        "A map with a row for each symbol written and a column for each symbol read. The four digits of the year are written while \
         looking at the end of the source, where the year stands; the month while looking at the letters of April; the last 3 \
         while looking at the 3 near the beginning. The rows of the zeros and of the second hyphen are pale and spread out.",
        weights.view(),
    );
    let written = data.series.iter().map(|row| row.name.clone());
    let read = DATE.chars().map(|c| if c == ' ' { '␣' } else { c }.to_string());
    map.rows("written", written).columns("read", read).range(0.0, 1.0).render()
}
