//! The figures of chapter 5: errors and coverage by lead, on a year that nothing was fitted on.

use std::sync::LazyLock;

use anyhow::Result;
use lesson::LessonArgs;
use lesson::plot::{Figure, LineChart};
use seqcore::cells::Cell;
use seqcore::metrics::forecast as metric;
use timeseries::study::{Networks, Study};
use timeseries::weather::{Options, Weather};

use crate::data::{Data, Series, Tolerance};
use crate::spec::{Spec, lines};

pub const FIGURES: [Spec; 2] = [
    Spec {
        name: "05_leads",
        how: "Seattle's highest temperature of the day, one to seven days ahead, the last year as test, everything fitted on the years before; GRU of 32 units, mean of 4 networks",
        tolerance: Tolerance::Share(0.05),
        measure: leads,
        draw: draw_leads,
    },
    Spec {
        name: "05_coverage",
        how: "As 05_leads: share of the test year's values inside the 90 per cent interval, in per cent",
        tolerance: Tolerance::Amount(4.0),
        measure: coverage,
        draw: draw_coverage,
    },
];

/// The lesson's part, as its tour runs it, with one network.
static STUDY: LazyLock<Study> = LazyLock::new(|| {
    let prepared = Weather::prepare(&mut LessonArgs::default(), &Options::default());
    let mut weather = prepared.expect("the embedded table");
    weather.recipe.study.cells = vec![Cell::Gru];
    weather.measure(&mut Networks::default()).expect("the embedded table").0
});

/// (days ahead, value) for each lead.
fn by_lead(of: impl Fn(usize) -> f64) -> Vec<(f64, f64)> {
    (0..STUDY.observed.ncols()).map(|lead| ((lead + 1) as f64, of(lead))).collect()
}

fn leads() -> Result<Vec<Series>> {
    let names = ["persistence", "climatology", "damped anomaly", "ridge", "adapted ridge", "GRU"];
    let line = |name| Series::new(name, by_lead(|lead| STUDY.mae(name, lead)));
    Ok(names.map(line).into())
}

fn draw_leads(data: &Data) -> Figure {
    let chart = LineChart::new(
        "What each day ahead costs",
        "Six lines of the mean absolute error over one to seven days ahead. Climatology is flat. Persistence starts far below it \
         and is above it from the second day on. Damped anomaly and ridge start low and approach climatology; adapted ridge stays a \
         little below them, and the GRU clearly.",
    )
    .x("days ahead")
    .y("mean absolute error (°C)");
    lines(chart, data)
}

fn coverage() -> Result<Vec<Series>> {
    let percent = |low: &ndarray::Array2<f64>, high: &ndarray::Array2<f64>, lead: usize| {
        let column = |of: &ndarray::Array2<f64>| of.column(lead).to_vec();
        100.0 * metric::coverage(&column(&STUDY.observed), &column(low), &column(high))
    };
    let ends = |name| {
        let method = STUDY.method(name);
        (method.low.as_ref().expect("an interval"), method.high.as_ref().expect("an interval"))
    };
    let (raw_low, raw_high) = STUDY.method("GRU").raw.as_ref().expect("quantiles");
    let (low, high) = ends("GRU");
    let (damped_low, damped_high) = ends("damped anomaly");
    Ok(vec![
        Series::new("GRU's quantiles as trained", by_lead(|l| percent(raw_low, raw_high, l))),
        Series::new("the same, calibrated", by_lead(|l| percent(low, high, l))),
        Series::new("damped anomaly", by_lead(|l| percent(damped_low, damped_high, l))),
    ])
}

fn draw_coverage(data: &Data) -> Figure {
    let mean = |name| {
        let line = data.line(name);
        line.iter().map(|p| p.1).sum::<f64>() / line.len() as f64
    };
    let alt = format!(
        "Three lines of coverage over one to seven days ahead, with a reference at 90 per cent. The network's own quantiles cover \
         {:.0} per cent on average, the calibrated ones {:.0}, the intervals around damped anomaly {:.0}.",
        mean("GRU's quantiles as trained"),
        mean("the same, calibrated"),
        mean("damped anomaly"),
    );
    let chart = LineChart::new("Do 90 per cent intervals hold 90 per cent?", alt)
        .x("days ahead")
        .y("inside the interval (per cent)")
        .reference("promised", 90.0);
    lines(chart, data)
}
