//! Part *windows*: from a series to tensors, with every number of a small one, and three ways to reach a horizon.

use crate::baselines::{persistence, seasonal_naive};
use lesson::files::tables::{self, Select, Series};
use lesson::plot::{LineChart, Table};
use lesson::{Lesson, Result, catalogue};
use ndarray::{Array2, s};
use seqcore::data::scaler::Scaler;
use seqcore::data::split::{Fractions, Parts, chronological};
use seqcore::data::windows::{Samples, Shape, flat, recursive, targets};
use seqcore::metrics::forecast as metric;
use seqcore::models::ridge::Ridge;

/// Years of the past in a window: two cycles.
const HISTORY: usize = 22;
/// Years ahead.
const HORIZON: usize = 11;

/// The sunspots, cut.
#[derive(Debug, Clone)]
pub struct Sunspots {
    /// Years and numbers.
    pub series: Series,
    /// The parts, with an embargo of a horizon between.
    pub parts: Parts,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Sunspots {
    /// Reads and cuts.
    ///
    /// # Errors
    /// If the embedded table cannot be read.
    pub fn new() -> Result<Self> {
        let path = catalogue::resolve("sunspots")?.path;
        let bytes = std::fs::read(&path).map_err(|e| lesson::Error::read(&path, e))?;
        let series = tables::read(&path, &Select::default())?;
        let fractions = Fractions { dev: 0.0, test: 0.2 };
        let parts = chronological(series.times.len(), fractions)?.with_embargo(HORIZON)?;
        Ok(Self { series, parts, bytes })
    }

    /// The numbers, (T).
    pub fn values(&self) -> Vec<f64> {
        self.series.values.column(0).to_vec()
    }
}

/// Mean absolute errors by lead of three ways to a horizon and two baselines, each (leads).
#[derive(Debug, Clone)]
pub struct Strategies {
    /// Names and errors.
    pub rows: Vec<(&'static str, Vec<f64>)>,
}

/// One ridge regression a step ahead fed with its own forecasts; one for each lead; one with all leads as outputs.
pub fn strategies(data: &Sunspots) -> Strategies {
    let (series, parts) = (data.values(), &data.parts);
    let shape = Shape::new(HISTORY, HORIZON);
    let table = Array2::from_shape_fn((series.len(), 1), |(t, _)| series[t]);
    let none = Array2::zeros((series.len() + HORIZON, 0));
    let (seen, tested): (Vec<usize>, Vec<usize>) =
        (shape.origins(&parts.train).collect(), shape.origins(&parts.test).collect());
    let (x, x_test) = (flat(&table, &none, &seen, &shape), flat(&table, &none, &tested, &shape));
    let (y, observed) = (targets(&series, &seen, &shape), targets(&series, &tested, &shape));
    let lambda = 10.0;
    let by_lead = |forecast: &Array2<f64>| -> Vec<f64> {
        (0..HORIZON)
            .map(|l| metric::mae(&observed.column(l).to_vec(), &forecast.column(l).to_vec()))
            .collect()
    };

    let one = Ridge::fit(&x, &y.slice(s![.., ..1]), lambda);
    let step = |window: &[f64]| {
        one.predict(&Array2::from_shape_fn((1, window.len()), |(_, c)| window[c]))[(0, 0)]
    };
    let mut fed = Array2::zeros(observed.dim()); // (N, leads)
    for (mut row, window) in fed.rows_mut().into_iter().zip(x_test.rows()) {
        let window: Vec<f64> = window.to_vec();
        row.iter_mut().zip(recursive(&window, HORIZON, step)).for_each(|(into, f)| *into = f);
    }
    let mut direct = Array2::zeros(observed.dim()); // (N, leads)
    for l in 0..HORIZON {
        let model = Ridge::fit(&x, &y.slice(s![.., l..l + 1]), lambda);
        direct.column_mut(l).assign(&model.predict(&x_test).column(0));
    }
    let together = Ridge::fit(&x, &y, lambda).predict(&x_test);
    Strategies {
        rows: vec![
            ("persistence", by_lead(&persistence(&series, &tested, &shape))),
            ("seasonal naive (11)", by_lead(&seasonal_naive(&series, &tested, &shape, 11))),
            ("recursive", by_lead(&fed)),
            ("direct, one model a lead", by_lead(&direct)),
            ("multi-output, one model", by_lead(&together)),
        ],
    }
}

/// Runs the part.
///
/// # Errors
/// If the embedded table cannot be read.
pub fn run(lesson: &mut Lesson) -> Result<()> {
    lesson.heading("1 · From a series to tensors");
    by_hand(lesson);
    let data = Sunspots::new()?;
    lesson.data("sunspots", &data.bytes);
    cuts(lesson, &data);
    horizons(lesson, &data);
    Ok(())
}

/// A series of ten numbers.
fn by_hand(lesson: &mut Lesson) {
    let series: Vec<f64> = vec![3.0, 4.0, 6.0, 5.0, 7.0, 9.0, 8.0, 10.0, 12.0, 11.0];
    let shape = Shape::new(3, 2);
    lesson.say("Ten numbers, a window of three, a horizon of two. An origin is the last moment that is known (F2).");
    let mut text = String::from("series   ");
    series.iter().for_each(|v| text += &format!("{v:>4}"));
    text += "\n";
    let origins: Vec<usize> = shape.origins(&(0..series.len())).collect();
    for &t in &origins {
        let mark = |k: usize| match k {
            k if k + shape.history > t && k <= t => format!("{:>4}", series[k]),
            k if k > t && k <= t + 2 => format!("{:>4}", format!("({})", series[k])),
            _ => "   ·".to_owned(),
        };
        text += &format!("origin {t} {}\n", (0..series.len()).map(mark).collect::<String>());
    }
    lesson.preformatted(&text);
    let values = Array2::from_shape_fn((10, 1), |(t, _)| series[t]);
    let parts = Parts { train: 0..6, dev: 6..6, test: 6..10 };
    let scaler = Scaler::fit(&parts.training(&values));
    let in_train: Vec<usize> = shape.origins(&parts.train).collect();
    let in_test: Vec<usize> = shape.origins(&parts.test).collect();
    lesson.say(&format!(
        "Split at 6: training has origins {in_train:?}, whose targets lie before the cut; the test has {in_test:?}, whose targets \
         lie behind it, though their past may reach back. The scaler sees the first six numbers only: mean {:.3}, \
         deviation {:.3} (F1). Over all ten they would be 7.5 and 2.872: the test would have told how high it is.",
        scaler.mean[0], scaler.deviation[0],
    ));
    let samples = Samples {
        shape: shape.clone(),
        inputs: scaler.apply(&values),
        known: Array2::zeros((10, 0)),
        targets: targets(&series, &in_train, &shape).mapv(|y| y as f32),
        origins: in_train.clone(),
    };
    let batch = samples.gather(&(0..in_train.len()).collect::<Vec<_>>());
    let (t, b, c) = batch.x.dim();
    let mut text = format!("x (T, B, C) = ({t}, {b}, {c}), scaled\n");
    for (step, row) in batch.x.outer_iter().enumerate() {
        text += &format!(
            "  t = {step}   {}\n",
            row.iter().map(|v| format!("{v:>7.3}")).collect::<String>()
        );
    }
    text += &format!("y (B, leads) = {:?}\n", batch.y.dim());
    for row in batch.y.rows() {
        text +=
            &format!("        {}\n", row.iter().map(|v| format!("{v:>7.1}")).collect::<String>());
    }
    lesson.preformatted(&text);
    lesson.number("windows.train_mean", scaler.mean[0]);
    lesson.number("windows.train_deviation", scaler.deviation[0]);
}

fn cuts(lesson: &mut Lesson, data: &Sunspots) {
    lesson.subheading("A real series, cut in order of time");
    let (values, parts) = (data.values(), &data.parts);
    let year = |t: usize| 1700 + t;
    lesson.say(&format!(
        "Yearly sunspots, {} to {}. Training ends in {}, the test begins in {}; the {HORIZON} years between belong to neither. \
         This embargo keeps the last training targets away from the first test years, which resemble them.",
        year(0),
        year(values.len() - 1),
        year(parts.train.end - 1),
        year(parts.test.start),
    ));
    let points = |range: std::ops::Range<usize>| -> Vec<(f64, f64)> {
        range.map(|t| (year(t) as f64, values[t])).collect()
    };
    let chart = LineChart::new(
        "Sunspots and the cuts",
        "Three stretches of one series: training, embargo, test.",
    )
    .x("year")
    .y("sunspots")
    .series("training", &points(parts.train.clone()))
    .series("embargo", &points(parts.train.end..parts.test.start))
    .series("test", &points(parts.test.clone()));
    lesson.line_chart(&chart);
}

fn horizons(lesson: &mut Lesson, data: &Sunspots) {
    lesson.subheading("Three ways to a horizon");
    lesson.say(&format!(
        "The same linear model (ridge on {HISTORY} years) in three ways. Recursive: one model for one year, fed with its own \
         forecasts. Direct: one model for each lead. Multi-output: one model with {HORIZON} outputs, as the networks of this \
         lesson have. For ridge the last two are the same equations, so their numbers agree; for a network they differ, \
         because all leads share one state."
    ));
    let found = strategies(data);
    let shown = [0, 1, 2, 4, 7, 10];
    let mut header = vec!["method".to_owned()];
    header.extend(shown.iter().map(|l| format!("{} y", l + 1)));
    let mut table = Table::new(header).caption("Mean absolute error on the test years, by lead.");
    let mut chart = LineChart::new(
        "Error by lead time",
        "Lines: persistence is worst in mid-cycle; the models lie below it.",
    )
    .x("lead (years)")
    .y("MAE (sunspots)")
    .from_zero();
    for (name, errors) in &found.rows {
        let mut row = vec![(*name).to_owned()];
        row.extend(shown.iter().map(|&l| format!("{:.1}", errors[l])));
        table.push(row);
        let points: Vec<(f64, f64)> =
            errors.iter().enumerate().map(|(l, e)| ((l + 1) as f64, *e)).collect();
        chart = chart.series(*name, &points);
        let key = name.split([' ', ',', '-']).next().expect("a name");
        lesson.number(&format!("windows.{key}_mae_1"), errors[0]);
        lesson.number(&format!("windows.{key}_mae_11"), errors[10]);
    }
    lesson.table(&table);
    lesson.line_chart(&chart);
}
