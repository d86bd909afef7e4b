//! What the part says: tables, charts, fans, and one verdict.

use lesson::Lesson;
use lesson::plot::{LineChart, Table};
use seqcore::metrics::comparison::{Kernel, Side, diebold_mariano};
use seqcore::metrics::forecast as metric;

use super::data::Station;
use super::recipe::WeatherRecipe;
use crate::study::{ALPHA, Base, Fitted, Study, mean_interval, paired_difference, skill_interval};

/// What is done, before it is done.
pub(super) fn before(lesson: &mut Lesson, station: &Station, recipe: &WeatherRecipe) {
    let (problem, settings, dev) = (&station.problem, &recipe.study, recipe.holds_out_dev());
    let (train, test) = station.parts(dev);
    let day = |t: usize| problem.times[t].date().to_string();
    let part = if dev { "development part, for choosing settings" } else { "test part" };
    lesson.say(&format!(
        "{}: {} {}s, forecasting the {} from {} columns. Everything is fitted on {} to {} and scored on the {part}, {} \
         to {}. {}",
        station.name,
        problem.len(),
        station.step(),
        problem.target_name,
        problem.inputs.ncols(),
        day(train.start),
        day(train.end - 1),
        day(test.start),
        day(test.end - 1),
        station.notes,
    ));
    let cells: Vec<&str> = settings.cells.iter().map(|cell| cell.label()).collect();
    lesson.say(&format!(
        "{} with {} units read {} {}s and give quantiles of {}, for all leads at once. The training part is cut into {} \
         blocks: each network is blind for one, and its errors there calibrate the intervals. The forecast is the mean of \
         the {} networks. Ridge reads the same window.{}",
        cells.join(" and "),
        settings.hidden,
        problem.shape.history,
        station.step(),
        match settings.base {
            Base::Course => "the departure from the usual course of year and day, which follows slowly what it is off by",
            Base::Ridge => "what ridge leaves over",
        },
        settings.blocks,
        settings.blocks,
        match settings.base {
            Base::Course => " Adapted ridge starts from that course, too; \"+ ridge\" is the plain average of it and the network.",
            Base::Ridge => "",
        },
    ));
}

/// The scores.
pub(super) fn after(lesson: &mut Lesson, station: &Station, study: &Study, fitted: &[Fitted]) {
    let (steps, lambda) = (fitted[0].steps, fitted[0].lambda);
    lesson.say(&format!(
        "Each network was trained for {steps} steps; ridge's λ is {lambda}, chosen by its errors on the held-out blocks."
    ));
    errors(lesson, station, study);
    skill(lesson, station, study);
    intervals(lesson, station, study);
    fans(lesson, station, study);
    verdict(lesson, station, study);
}

fn networks(study: &Study) -> Vec<String> {
    let from = study.methods.iter().position(|m| m.name == "ridge").map_or(0, |i| i + 1);
    study.methods[from..].iter().map(|m| m.name.clone()).collect()
}

/// The forecast that the figures of the part are about, named before anything was scored: the first cell's blend with
/// ridge, or the network itself where it stands on ridge.
fn headline(study: &Study) -> String {
    let names = networks(study);
    names.iter().find(|name| name.ends_with("+ ridge")).unwrap_or(&names[0]).clone()
}

/// A method's name in `metrics.json`.
fn key(name: &str) -> String {
    name.to_lowercase().replace(" + ", "_plus_").replace([' ', '-'], "_")
}

fn errors(lesson: &mut Lesson, station: &Station, study: &Study) {
    lesson.subheading("Mean absolute error by lead time");
    let leads = &station.problem.shape.leads;
    let mut header = vec!["method".to_owned()];
    header.extend(
        leads.iter().map(|lead| format!("{lead} {}", if station.day == 1 { "d" } else { "h" })),
    );
    let mut table = Table::new(header).caption(format!(
        "MAE of the {}, {} forecasts at each lead.",
        station.problem.target_name,
        study.origins.len()
    ));
    for method in &study.methods {
        let mut row = vec![method.name.clone()];
        row.extend((0..leads.len()).map(|l| format!("{:.3}", study.mae(&method.name, l))));
        table.push(row);
        let key = key(&method.name);
        lesson.number(&format!("weather.{key}_test_mae"), study.mae(&method.name, station.main));
    }
    lesson.table(&table);
}

fn skill(lesson: &mut Lesson, station: &Station, study: &Study) {
    lesson.subheading("Skill by lead time");
    let mut chart = LineChart::new(
        "Skill against persistence",
        "Lines: the share of persistence's error that each method saves, over the lead time; the networks and ridge lie \
         close together above the rest.",
    )
    .x(format!("lead ({}s)", station.step()))
    .y("1 − MAE / MAE of persistence");
    let mut names = networks(study);
    names.extend(["ridge", "damped anomaly", "climatology", "seasonal naive"].map(String::from));
    for name in names {
        let points: Vec<(f64, f64)> = station
            .problem
            .shape
            .leads
            .iter()
            .enumerate()
            .map(|(l, lead)| {
                (*lead as f64, metric::skill(study.mae(&name, l), study.mae("persistence", l)))
            })
            .filter(|(_, skill)| *skill > -0.6) // a far worse one would flatten the picture
            .collect();
        chart = chart.series(name, &points);
    }
    lesson.line_chart(
        &chart
            .reference("persistence", 0.0)
            .caption("Methods that are worse than −0.6 are not drawn."),
    );
}

fn intervals(lesson: &mut Lesson, station: &Station, study: &Study) {
    lesson.subheading("90 % intervals, measured");
    let main = station.main;
    let mut table = Table::new(["method", "coverage", "95 % interval", "mean width", "interval score"]).caption(format!(
        "At a lead of {} {}(s). Coverage with its moving-block bootstrap interval (blocks of {} {}s). A low interval score \
         is good: width plus a fine for each miss.",
        station.problem.shape.leads[main], station.step(), station.block(), station.step()
    ));
    let mut push = |name: String, (covered, width, scores): (Vec<f64>, f64, Vec<f64>)| {
        let share = mean_interval(&covered, station.block(), 1);
        let percent = |x: f64| format!("{:.1} %", 100.0 * x);
        table.push([
            name,
            percent(share.estimate),
            format!("{} to {}", percent(share.low), percent(share.high)),
            format!("{width:.2}"),
            format!("{:.3}", metric::mean(scores.iter().copied())),
        ]);
        share
    };
    for method in &study.methods {
        let Some(found) = method.intervals(&study.observed, main) else { continue };
        let score = metric::mean(found.2.iter().copied());
        let width = found.1;
        let share = push(method.name.clone(), found);
        let key = key(&method.name);
        lesson.number(&format!("weather.{key}_coverage90"), share.estimate);
        lesson.number(&format!("weather.{key}_interval_score"), score);
        if method.raw.is_some() {
            lesson.number(&format!("weather.{key}_coverage90_low"), share.low);
            lesson.number(&format!("weather.{key}_coverage90_high"), share.high);
            lesson.number(&format!("weather.{key}_width90"), width);
        }
    }
    for method in &study.methods {
        if let Some((low, high)) = &method.raw {
            let observed = study.observed.column(main).to_vec();
            let (low, high) = (low.column(main).to_vec(), high.column(main).to_vec());
            let scores = metric::interval_scores(&observed, &low, &high, ALPHA);
            let found =
                (metric::covered(&observed, &low, &high), metric::width(&low, &high), scores);
            push(format!("{}, not calibrated", method.name), found);
        }
    }
    lesson.table(&table);
}

fn fans(lesson: &mut Lesson, station: &Station, study: &Study) {
    lesson.subheading("Fans");
    let leads = &station.problem.shape.leads;
    let series = station.problem.series();
    let best = headline(study);
    let method = study.method(&best);
    for (k, share) in [0.12, 0.55].into_iter().enumerate() {
        let n = (share * study.origins.len() as f64) as usize;
        let t = study.origins[n];
        let past: Vec<(f64, f64)> = (t + 1 - (3 * leads[leads.len() - 1]).min(t + 1)..=t)
            .map(|s| (s as f64 - t as f64, series[s]))
            .collect();
        let observed: Vec<(f64, f64)> =
            (0..=station.problem.shape.horizon()).map(|h| (h as f64, series[t + h])).collect();
        let point: Vec<(f64, f64)> =
            leads.iter().enumerate().map(|(l, h)| (*h as f64, method.point[(n, l)])).collect();
        let band = |low: &ndarray::Array2<f64>,
                    high: &ndarray::Array2<f64>|
         -> Vec<(f64, f64, f64)> {
            leads.iter().enumerate().map(|(l, h)| (*h as f64, low[(n, l)], high[(n, l)])).collect()
        };
        let mut chart = LineChart::new(
            format!("A forecast made at {}", station.problem.times[t].format("%Y-%m-%d %H:%M")),
            "A line of the past, then the forecast as a line in two bands, 50 and 90 %, and what was observed.",
        )
        .x(format!("{}s from the origin", station.step()))
        .y(&*station.problem.target_name)
        .series(format!("{best}, with 90 and 50 % intervals"), &point);
        if let (Some(low), Some(high)) = (&method.low, &method.high) {
            chart = chart.band(&band(low, high));
        }
        if let Some((low, high)) = &method.inner {
            chart = chart.series("", &[]).band(&band(low, high));
        }
        chart = chart.series("observed", &observed).series("the past", &past);
        if k == 0 { lesson.line_chart(&chart) } else { lesson.figure(&chart.render()) }
    }
}

fn verdict(lesson: &mut Lesson, station: &Station, study: &Study) {
    lesson.subheading("Verdict");
    let (main, block) = (station.main, station.block());
    let lead = station.problem.shape.leads[main];
    let ridge = study.method("ridge").absolute_errors(&study.observed, main);
    let persistence = study.method("persistence").absolute_errors(&study.observed, main);
    for name in networks(study) {
        let errors = study.method(&name).absolute_errors(&study.observed, main);
        let against = paired_difference(&errors, &ridge, block, 1);
        let saved = skill_interval(&errors, &persistence, block, 1);
        let d: Vec<f64> = errors.iter().zip(&ridge).map(|(a, b)| a - b).collect();
        let test =
            diebold_mariano(&d, lead, Kernel::Bartlett((3 * lead).max(block / 2)), Side::Two);
        let word = match (against.high < 0.0, against.low > 0.0) {
            (true, _) => "beats ridge",
            (_, true) => "is worse than ridge",
            _ => "cannot be told from ridge",
        };
        lesson.say(&format!(
            "{name}, {lead} {}(s) ahead: MAE {:.3}, {:.1} % below persistence ({:.1} to {:.1} %). It {word}: mean difference \
             of the absolute errors {:+.3}, 95 % interval {:+.3} to {:+.3} (moving blocks of {block}); Diebold-Mariano \
             on absolute errors, two-sided, p = {:.2e}.",
            station.step(),
            metric::mean(errors.iter().copied()),
            100.0 * saved.estimate,
            100.0 * saved.low,
            100.0 * saved.high,
            against.estimate,
            against.low,
            against.high,
            test.p_value,
        ));
        let key = key(&name);
        lesson.number(&format!("weather.{key}_minus_ridge"), against.estimate);
        lesson.number(&format!("weather.{key}_minus_ridge_low"), against.low);
        lesson.number(&format!("weather.{key}_minus_ridge_high"), against.high);
        lesson.number(&format!("weather.{key}_dm_p_value"), test.p_value);
        if let Some(adapted) = study.methods.iter().find(|m| m.name == "adapted ridge") {
            let adapted = adapted.absolute_errors(&study.observed, main);
            let rest = paired_difference(&errors, &adapted, block, 1);
            lesson.say(&format!(
                "{name} against adapted ridge ({:.3}): mean difference {:+.3}, 95 % interval {:+.3} to {:+.3}.",
                metric::mean(adapted.iter().copied()),
                rest.estimate,
                rest.low,
                rest.high
            ));
            lesson.number(&format!("weather.{key}_minus_adapted_ridge"), rest.estimate);
            lesson.number(&format!("weather.{key}_minus_adapted_ridge_low"), rest.low);
            lesson.number(&format!("weather.{key}_minus_adapted_ridge_high"), rest.high);
        }
        if name == headline(study) {
            lesson.number("weather.test_mae", metric::mean(errors.iter().copied()));
            lesson.number("weather.skill", saved.estimate);
            lesson.number("weather.skill_low", saved.low);
            lesson.number("weather.skill_high", saved.high);
            if let Some((covered, ..)) = study.method(&name).intervals(&study.observed, main) {
                lesson.number("weather.coverage90", metric::mean(covered));
            }
        }
    }
    let score =
        |name: &str| study.method(name).intervals(&study.observed, main).map(|(.., scores)| scores);
    if let Some(linear) = score("ridge") {
        for name in networks(study) {
            let Some(own) = score(&name) else { continue };
            let d = paired_difference(&own, &linear, block, 1);
            lesson.say(&format!(
                "Interval score of {name} minus that of conformalised ridge: {:+.3}, 95 % interval {:+.3} to {:+.3}.",
                d.estimate, d.low, d.high
            ));
            let key = key(&name);
            lesson.number(&format!("weather.{key}_interval_score_minus_ridge"), d.estimate);
            lesson.number(&format!("weather.{key}_interval_score_minus_ridge_high"), d.high);
        }
    }
}
