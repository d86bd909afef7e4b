//! Part *metrics*: where each metric misleads, on real forecasts.
//!
//! No forecast here is a network's. Each case is a few baselines on a real series, one metric that flatters, and the one
//! that tells.

use std::ops::Range;

use crate::baselines::{drift, moving_average, persistence, seasonal_naive};
use chrono::Datelike;
use lesson::files::tables::{self, Select};
use lesson::plot::Table;
use lesson::{Lesson, Result, catalogue};
use ndarray::Array2;
use seqcore::data::windows::{Shape, targets};
use seqcore::metrics::conformal;
use seqcore::metrics::forecast as metric;

use crate::stocks::panel;
use crate::study::{self, Study, fill_gaps};
use crate::weather::data::{Station, station};

/// One way to be misled.
#[derive(Debug, Clone)]
pub struct Case {
    /// Which metric, and where.
    pub title: &'static str,
    /// Rows of names and numbers.
    pub rows: Vec<(String, Vec<f64>)>,
    /// What the numbers are.
    pub columns: Vec<&'static str>,
    /// What to learn from it.
    pub lesson: &'static str,
}

/// Forecasts of one lead from the last `share` of a series: what was known, what was observed, and the forecasts.
struct Trial {
    series: Vec<f64>,
    origins: Vec<usize>,
    shape: Shape,
}

impl Trial {
    fn new(series: Vec<f64>, lead: usize, share: f64) -> Self {
        let shape = Shape { history: 1, leads: vec![lead] };
        let start = (series.len() as f64 * (1.0 - share)) as usize;
        let origins = shape.origins(&(start..series.len())).collect();
        Self { series, origins, shape }
    }

    fn observed(&self) -> Vec<f64> {
        targets(&self.series, &self.origins, &self.shape).column(0).to_vec()
    }

    fn now(&self) -> Vec<f64> {
        self.origins.iter().map(|&t| self.series[t]).collect()
    }

    fn of(&self, rule: impl Fn(&[f64], &[usize], &Shape) -> Array2<f64>) -> Vec<f64> {
        rule(&self.series, &self.origins, &self.shape).column(0).to_vec()
    }

    fn training(&self) -> &[f64] {
        &self.series[..=self.origins[0]]
    }
}

fn column(id: &str, select: &Select, name: &str) -> Result<Vec<f64>> {
    let mut series = tables::read(catalogue::resolve(id)?.path, select)?;
    fill_gaps(&mut series)?;
    Ok(series.column(name)?.to_vec())
}

/// MAPE divides by what was observed: near zero it explodes, and it depends on where the scale has its zero.
fn mape() -> Result<Case> {
    let celsius = column(
        "nyc-weather-hourly",
        &Select::default().columns(["temp"]).only("station", "EWR"),
        "temp",
    )?;
    let rows =
        [("°C", 1.0, 0.0), ("°F", 1.8, 32.0), ("K", 1.0, 273.15)].map(|(name, factor, zero)| {
            let trial = Trial::new(celsius.iter().map(|c| factor * c + zero).collect(), 24, 0.1);
            let (observed, forecast) = (trial.observed(), trial.of(persistence));
            let scale = metric::mase_scale(trial.training(), 24);
            let percent = |x: f64| 100.0 * x;
            let row = vec![
                metric::mae(&observed, &forecast) / factor,
                percent(metric::mape(&observed, &forecast)),
                percent(metric::smape(&observed, &forecast)),
                metric::mase(&observed, &forecast, scale),
            ];
            (name.to_owned(), row)
        });
    Ok(Case {
        title: "MAPE and sMAPE: the same forecast in three units (New York, 24 h ahead, persistence)",
        rows: rows.to_vec(),
        columns: vec!["MAE in °C", "MAPE %", "sMAPE %", "MASE"],
        lesson: "A degree is a degree, but MAPE calls the same errors large or tiny by the choice of zero, and is infinite where a \
                 zero was observed. Percentages need a true zero and values far from it. MAE and MASE do not change.",
    })
}

/// The mean wins by RMSE, the median by MAE.
fn which_loss() -> Result<Case> {
    let rain =
        column("seattle-weather", &Select::default().columns(["precipitation"]), "precipitation")?;
    let trial = Trial::new(rain, 1, 0.25);
    let (observed, training) = (trial.observed(), trial.training());
    let mut sorted = training.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (mean, median) = (metric::mean(training.iter().copied()), sorted[sorted.len() / 2]);
    let constant = |x: f64| vec![x; observed.len()];
    let rows = [
        ("always the training mean".to_owned(), constant(mean)),
        ("always the training median".to_owned(), constant(median)),
        ("persistence".to_owned(), trial.of(persistence)),
    ];
    let score = |f: &Vec<f64>| vec![metric::mae(&observed, f), metric::rmse(&observed, f)];
    Ok(Case {
        title: "MAE or RMSE: tomorrow's rain in Seattle, mm",
        rows: rows.into_iter().map(|(name, f)| (name, score(&f))).collect(),
        columns: vec!["MAE", "RMSE"],
        lesson: "By MAE the best constant is the median, next to no rain at all, for ever; by RMSE it is the mean. Decide which loss the use has \
                 before looking at results: a model trained for one is not ranked by the other.",
    })
}

/// R² on a level that wanders is near 1 for a copy.
fn r_squared() -> Result<Case> {
    let (shares, _) = panel::read(&catalogue::resolve("stock-prices")?.path)?;
    let mut rows = Vec::new();
    for share in &shares {
        let trial = Trial::new(share.close.clone(), 1, 0.4);
        let (now, observed, forecast) = (trial.now(), trial.observed(), trial.of(persistence));
        let change: Vec<f64> = observed.iter().zip(&now).map(|(y, x)| y - x).collect();
        let zero = vec![0.0; change.len()];
        let moved: Vec<f64> = forecast.iter().zip(&now).map(|(f, x)| f - x).collect();
        let row =
            vec![metric::r2(&observed, &forecast), metric::r2_against(&change, &moved, &zero)];
        rows.push((format!("{}, persistence", share.name), row));
    }
    Ok(Case {
        title: "R²: yesterday's price as a forecast of today's",
        rows,
        columns: vec!["R² of the price", "R² of the change"],
        lesson: "The textbook R² compares with the mean of what was observed, which nobody would forecast and nobody knew. On a wandering level \
                 everything has an R² near 1. Ask for R² of changes, against a reference that one could have used.",
    })
}

/// sMAPE, called symmetric, is not.
fn symmetric() -> Result<Case> {
    let passengers = column("airline-passengers", &Select::default(), "passengers")?;
    let trial = Trial::new(passengers, 1, 0.25);
    let observed = trial.observed();
    let off = |factor: f64| -> Vec<f64> { observed.iter().map(|y| factor * y).collect() };
    let row = |name: &str, f: Vec<f64>| {
        (
            name.to_owned(),
            vec![
                metric::mae(&observed, &f),
                100.0 * metric::mape(&observed, &f),
                100.0 * metric::smape(&observed, &f),
            ],
        )
    };
    Ok(Case {
        title: "sMAPE: always 30 % too low, or 30 % too high (airline passengers)",
        rows: vec![row("30 % too low", off(0.7)), row("30 % too high", off(1.3))],
        columns: vec!["MAE", "MAPE %", "sMAPE %"],
        lesson: "Errors of one size, but sMAPE punishes the low forecast more, since the forecast stands in the denominator, too. A model \
                 tuned for it learns to aim high.",
    })
}

/// Skill is as large as its baseline is weak.
fn skill() -> Result<Case> {
    let temp = column(
        "nyc-weather-hourly",
        &Select::default().columns(["temp"]).only("station", "EWR"),
        "temp",
    )?;
    let trial = Trial::new(temp, 12, 0.6);
    let observed = trial.observed();
    let model = metric::mae(&observed, &trial.of(|s, o, shape| seasonal_naive(s, o, shape, 24)));
    let against = |name: &str, forecast: Vec<f64>| {
        let mae = metric::mae(&observed, &forecast);
        (name.to_owned(), vec![mae, metric::skill(model, mae)])
    };
    let rows = vec![
        against("drift", trial.of(drift)),
        against("persistence", trial.of(persistence)),
        against("mean of the last 24 h", trial.of(|s, o, shape| moving_average(s, o, shape, 24))),
        against("seasonal naive itself", trial.of(|s, o, shape| seasonal_naive(s, o, shape, 24))),
    ];
    Ok(Case {
        title: "Skill: \"the same hour of yesterday\" as the model, 12 h ahead in New York",
        rows,
        columns: vec!["MAE of the baseline", "skill of the model"],
        lesson: "Twelve hours ahead persistence forecasts noon's temperature for midnight: whoever beats it has only noticed that \
                 nights are cold. Show the skill against the best simple baseline, not against the handiest.",
    })
}

/// Coverage alone says nothing.
fn coverage(study: &Study) -> Case {
    let mut rows: Vec<(String, Vec<f64>)> = Vec::new();
    for name in ["climatology", "damped anomaly", "persistence"] {
        let Some((covered, width, scores)) = study.method(name).intervals(&study.observed, 0)
        else {
            continue;
        };
        rows.push((
            name.to_owned(),
            vec![100.0 * metric::mean(covered), width, metric::mean(scores)],
        ));
    }
    let observed = study.observed.column(0).to_vec();
    // Honest on average, useless every day: everything nine days of ten, nothing on the tenth.
    let silly = |day: usize| if day % 10 == 9 { (99.0, 99.0) } else { (-60.0, 60.0) };
    let (low, high): (Vec<f64>, Vec<f64>) = (0..observed.len()).map(silly).unzip();
    let scores = metric::interval_scores(&observed, &low, &high, study::ALPHA);
    let row = vec![
        100.0 * metric::coverage(&observed, &low, &high),
        metric::width(&low, &high),
        metric::mean(scores),
    ];
    rows.push(("\"−60 to 60 °C\" nine days of ten".to_owned(), row));
    Case {
        title: "Coverage: 90 % intervals for tomorrow's highest temperature in Seattle",
        rows,
        columns: vec!["coverage %", "mean width", "interval score"],
        lesson: "Even the last row covers what it promised. Coverage must come with width, or as one number, the interval score, which \
                 fines width and misses together.",
    }
}

/// An interval that was calibrated in one season, used in another.
fn seasons(station: &Station) -> Case {
    let problem = &station.problem;
    let (train, test) = station.parts(false);
    let shape = Shape::new(1, 1);
    let season = |t: &usize| (problem.times[*t].month0() + 1) % 12 / 3;
    let of = |part: &Range<usize>, wanted: u32| -> (Vec<f64>, Vec<f64>) {
        let origins: Vec<usize> = shape.origins(part).filter(|t| season(t) == wanted).collect();
        let series = problem.series().to_vec();
        let column = |a: Array2<f64>| a.column(0).to_vec();
        (column(targets(&series, &origins, &shape)), column(persistence(&series, &origins, &shape)))
    };
    let half = |wanted: u32| {
        let (observed, forecast) = of(&train, wanted);
        conformal::quantile(&conformal::point_scores(&observed, &forecast), study::ALPHA)
    };
    let winter = half(0);
    let row = |(wanted, name): (u32, &str)| {
        let (observed, forecast) = of(&test, wanted);
        let covered = |half: f64| {
            let end = |sign: f64| forecast.iter().map(|f| f + sign * half).collect::<Vec<f64>>();
            100.0 * metric::coverage(&observed, &end(-1.0), &end(1.0))
        };
        (name.to_owned(), vec![covered(winter), covered(half(wanted)), half(wanted)])
    };
    let names = [(0, "winter"), (1, "spring"), (2, "summer"), (3, "autumn")];
    Case {
        title: "Coverage by season: a 90 % interval from the errors of winters (Seattle, persistence, 1 day ahead)",
        rows: names.into_iter().map(row).collect(),
        columns: vec!["coverage %", "from its own season %", "± of its own season, °C"],
        lesson: "The promise holds for days like those that it was calibrated on. Look at the coverage by season, or calibrate on errors in \
                 units of a forecast of their size, as the networks' quantiles do.",
    }
}

/// Up is more frequent than down.
fn direction() -> Result<Case> {
    let (shares, _) = panel::read(&catalogue::resolve("stock-prices")?.path)?;
    let mut rows = Vec::new();
    for share in &shares {
        let trial = Trial::new(share.close.clone(), 1, 0.4);
        let (now, observed) = (trial.now(), trial.observed());
        let up: Vec<f64> = now.iter().map(|x| 1.001 * x).collect();
        let again: Vec<f64> =
            trial.origins.iter().map(|&t| 2.0 * trial.series[t] - trial.series[t - 1]).collect();
        let direction = |f: &[f64]| 100.0 * metric::directional_accuracy(&now, &observed, f);
        rows.push((share.name.clone(), vec![direction(&up), direction(&again)]));
    }
    Ok(Case {
        title: "Directional accuracy: share of days with the right sign, %",
        rows,
        columns: vec!["always up", "as yesterday"],
        lesson: "Above 50 % is no proof of anything: saying \"up\" every day is often there. And a right sign on small days pays nothing.",
    })
}

/// All cases.
///
/// # Errors
/// If an embedded table cannot be read.
pub fn cases() -> Result<Vec<Case>> {
    let station = station(None, false)?;
    let (train, test) = station.parts(false);
    let study = study::baselines(&station.problem, &train, &test)?;
    Ok(vec![
        mape()?,
        which_loss()?,
        r_squared()?,
        symmetric()?,
        skill()?,
        coverage(&study),
        seasons(&station),
        direction()?,
    ])
}

/// Runs the part.
///
/// # Errors
/// As [`cases`].
pub fn run(lesson: &mut Lesson) -> Result<()> {
    lesson.heading("5 · Metrics: where each one misleads");
    for (k, case) in cases()?.iter().enumerate() {
        lesson.subheading(case.title);
        let mut header = vec!["forecast"];
        header.extend(&case.columns);
        let mut table = Table::new(header);
        for (row, (name, numbers)) in case.rows.iter().enumerate() {
            let mut cells = vec![name.clone()];
            cells.extend(numbers.iter().map(|x| show(*x)));
            table.push(cells);
            for (column, x) in numbers.iter().enumerate() {
                lesson.number(&format!("metrics.case{}_{}_{}", k + 1, row + 1, column + 1), *x);
            }
        }
        lesson.table(&table);
        lesson.say(case.lesson);
    }
    Ok(())
}

/// Three digits behind the point for small numbers, one for large ones.
fn show(x: f64) -> String {
    if !x.is_finite() {
        "infinite".to_owned()
    } else if x.abs() < 10.0 {
        format!("{x:.3}")
    } else {
        format!("{x:.1}")
    }
}
