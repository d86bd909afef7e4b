//! The commands `forecast` and `predict`: the study of this lesson on any table with dates.
//!
//! `forecast` reads a CSV, walks forward over its end with everything this lesson knows, says in one sentence whether
//! the network is worth it, fits it again on all of the table and writes forecasts with intervals. `predict` uses the
//! fitted model on a newer table.

mod model;
mod request;
mod table;

use std::path::Path;

use ndarray::Array2;
use seqcore::data::catalogue;
use seqcore::data::split::walk_forward;
use seqcore::files::write_atomically;
use seqcore::lesson::{Lesson, RunArgs, Syllabus};
use seqcore::metrics::forecast as metric;
use seqcore::metrics::statistics::Interval;
use seqcore::plot::{LineChart, Table};
use seqcore::train::Length;
use seqcore::{Error, Result};

pub use model::{MODEL, Saved};
pub use request::{ForecastArgs, PredictArgs, Request};
pub use table::Data;

use crate::study::{
    self, Folder, Method, Problem, Settings, Study, compare_methods, skill_interval,
};

/// The file that forecasts are written to.
pub const FORECASTS: &str = "forecasts.csv";

/// What walking forward found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The best method that needs no network, by the same test errors: a generous choice.
    pub rival: String,
    /// Mean absolute error of the network over all leads.
    pub network: f64,
    /// ... of the rival.
    pub best: f64,
    /// The share of the rival's error that the network saves, with its interval.
    pub skill: Interval,
    /// The sentence.
    pub sentence: String,
}

/// Runs `forecast`.
///
/// # Errors
/// Arguments or a table that cannot be used; a folder that cannot be written; Ctrl-C.
pub fn forecast(syllabus: &'static Syllabus, args: &ForecastArgs) -> Result<()> {
    let (request, mut run) = Request::new(args)?;
    catalogue::find(&request.data, run.fetch)?;
    let data = Data::read(&request)?;
    let settings = request.settings(&data, run.length());
    let folds = request.folds(&data)?;
    if let Some(folder) = &run.resume {
        run.out = run.out.take().or_else(|| Some(request::beside(folder)));
    }
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading("Forecast");
    lesson.data(&request.data, &data.bytes);
    let folder = Folder {
        path: Some(lesson.subfolder("forecast")?),
        resume: run.resume.is_some(),
        progress: lesson.shows_progress(),
        save_every: run.save_every,
    };
    folder.begin(&[request::FILE])?;
    request.save(folder.path.as_deref().expect("just made"))?;
    describe(&mut lesson, &request, &data, &settings, folds.len());

    let (study, steps) = walk(&data.problem, &folds, &settings, &folder)?;
    let verdict = judge(&study, &data.problem);
    scores(&mut lesson, &study, &data.problem, &verdict);

    let whole = 0..data.problem.len();
    let last = Settings { length: Length::Steps(steps), ..settings.clone() };
    let fitted = study::fit(&data.problem, &whole, &last, &folder.below("final"))?;
    let saved = Saved::new(&request, &data, fitted, &verdict);
    let path = lesson.folder().join("forecast");
    saved.write(&path.join(MODEL))?;
    let future = saved.forecast(&data.problem);
    let file = lesson.folder().join(FORECASTS);
    write(&file, &data.problem, &future)?;
    show_future(&mut lesson, &data.problem, &future, &saved);
    lesson.say(&verdict.sentence);
    lesson.say(&format!(
        "Wrote {} and the model {}. For a newer table: timeseries predict --model {} --data FILE",
        file.display(),
        path.join(MODEL).display(),
        path.display()
    ));
    lesson.finish()
}

fn describe(
    lesson: &mut Lesson,
    request: &Request,
    data: &Data,
    settings: &Settings,
    folds: usize,
) {
    let problem = &data.problem;
    lesson.say(&format!(
        "{}: {} moments of {:?} from {} to {}, a step of {}, {} further column(s). {}",
        request.data,
        problem.len(),
        request.target,
        problem.times[0],
        problem.times[problem.len() - 1],
        data.grid.words(),
        problem.inputs.ncols() - 1,
        data.notes,
    ));
    lesson.say(&format!(
        "{} steps ahead from windows of {}; season {} steps. Walk-forward: {folds} tests at the end of the table, each \
         forecast by models fitted on what is before. {} on top of ridge, {} networks a fit, each blind for one block that \
         calibrates its intervals.",
        problem.shape.horizon(),
        problem.shape.history,
        problem.season,
        settings.cells[0].label(),
        settings.blocks,
    ));
}

/// All folds as one study, in order of time, and the steps of training.
///
/// # Errors
/// As [`study::run`].
pub fn walk(
    problem: &Problem,
    folds: &[seqcore::data::Parts],
    settings: &Settings,
    folder: &Folder,
) -> Result<(Study, usize)> {
    let mut all: Option<Study> = None;
    let mut length = settings.length;
    for (k, parts) in folds.iter().enumerate() {
        let settings = Settings { length, ..settings.clone() };
        let below = folder.below(&format!("fold-{}", k + 1));
        let (study, fitted) =
            study::run(problem, &parts.train, &parts.validation, &settings, &below)?;
        length = Length::Steps(fitted[0].steps);
        match &mut all {
            None => all = Some(study),
            Some(all) => all.append(study),
        }
    }
    let steps = match length {
        Length::Steps(steps) => steps,
        Length::Budget(_) => 1,
    };
    Ok((all.expect("at least one fold"), steps))
}

/// The folds of a walk over the end of a series: up to three, each of a tenth or at least two horizons, as many as leave
/// enough to fit on.
///
/// # Errors
/// A series that is too short.
fn folds_of(problem: &Problem, blocks: usize) -> Result<Vec<seqcore::data::Parts>> {
    let (len, horizon) = (problem.len(), problem.shape.horizon());
    let test = (len / 10).max(2 * horizon);
    let folds = (len / 2 / test.max(1)).min(3);
    let short = || {
        Error::config(format!(
            "the series has {len} moments, too few to forecast {horizon} ahead and test it: at least {} are needed. Use a shorter \
             --horizon or more data.",
            (4 * horizon).max(40)
        ))
    };
    let walks = (1..=folds).rev().filter_map(|folds| walk_forward(len, folds, test, 0).ok());
    let fits = |walk: &Vec<seqcore::data::Parts>| {
        walk.iter().all(|parts| study::enough(&problem.shape, &parts.train, blocks))
    };
    walks.filter(|_| len >= 40).find(fits).ok_or_else(short)
}

/// Is the network worth it?
pub fn judge(study: &Study, problem: &Problem) -> Verdict {
    let network = &study.methods[study.methods.len() - 1].name;
    let mean = |name: &str| {
        metric::mean((&study.method(name).point - &study.came).iter().map(|e| e.abs()))
    };
    let rivals = &study.methods[..study.methods.len() - 1];
    let rival = rivals
        .iter()
        .map(|m| m.name.clone())
        .min_by(|a, b| mean(a).total_cmp(&mean(b)))
        .expect("baselines");
    let (own, other) = compare_methods(study, network, &rival);
    let block = problem.shape.horizon().max(problem.season).min(own.len() / 4).max(1);
    let skill = skill_interval(&own, &other, block, 1);
    let half = (skill.high - skill.low) / 2.0;
    let sentence = if skill.low > 0.0 {
        format!(
            "Verdict: the {network} beats {rival} by {:.1} % ± {:.1} % of its mean absolute error: use it.",
            100.0 * skill.estimate,
            100.0 * half
        )
    } else {
        format!(
            "Verdict: the {network} does not beat {rival} ({:+.1} % ± {:.1} %): use {rival}.",
            100.0 * skill.estimate,
            100.0 * half
        )
    };
    Verdict { network: mean(network), best: mean(&rival), rival, skill, sentence }
}

fn scores(lesson: &mut Lesson, study: &Study, problem: &Problem, verdict: &Verdict) {
    lesson.subheading("Walk-forward scores");
    let leads = problem.shape.leads.len();
    let training = problem.series().to_vec();
    let scale = metric::mase_scale(&training[..=study.origins[0]], problem.season);
    let shown: Vec<usize> = if leads == 1 { vec![0] } else { vec![0, leads / 2, leads - 1] };
    let mut header = vec!["method".to_owned(), "MAE".into(), "RMSE".into(), "MASE".into()];
    header.extend(shown.iter().map(|l| format!("lead {}", problem.shape.leads[*l])));
    let mut table = Table::new(header).caption(format!(
        "{} origins, all leads together; then the MAE at single leads. MASE: MAE over that of the seasonal naive forecast (season {}) on the first \
         training part.",
        study.origins.len(), problem.season
    ));
    let mut intervals = Table::new(["method", "coverage", "mean width", "interval score"])
        .caption("90 % intervals, all leads together. A low interval score is good: width plus a fine for each miss.");
    for method in &study.methods {
        let errors = &method.point - &study.came;
        let mae = metric::mean(errors.iter().map(|e| e.abs()));
        let rmse = metric::mean(errors.iter().map(|e| e * e)).sqrt();
        let mut row = vec![
            method.name.clone(),
            format!("{mae:.4}"),
            format!("{rmse:.4}"),
            format!("{:.3}", mae / scale),
        ];
        row.extend(shown.iter().map(|&l| format!("{:.4}", study.mae(&method.name, l))));
        let by_lead: Vec<_> = (0..leads).filter_map(|l| method.intervals(&study.came, l)).collect();
        let coverage =
            metric::mean(by_lead.iter().flat_map(|(covered, ..)| covered.iter().copied()));
        let score = metric::mean(by_lead.iter().flat_map(|(.., scores)| scores.iter().copied()));
        let width = metric::mean(by_lead.iter().map(|(_, width, _)| *width));
        table.push(row);
        intervals.push([
            method.name.clone(),
            format!("{:.1} %", 100.0 * coverage),
            format!("{width:.4}"),
            format!("{score:.4}"),
        ]);
        let key = method.name.to_lowercase().replace([' ', '-'], "_");
        lesson.number(&format!("forecast.{key}_mae"), mae);
        lesson.number(&format!("forecast.{key}_coverage90"), coverage);
        lesson.number(&format!("forecast.{key}_interval_score"), score);
    }
    lesson.table(&table);
    lesson.table(&intervals);
    lesson.number("forecast.skill", verdict.skill.estimate);
    lesson.number("forecast.skill_low", verdict.skill.low);
    lesson.number("forecast.skill_high", verdict.skill.high);
    lesson.number("forecast.mae", verdict.network);
    lesson.number("forecast.best_baseline_mae", verdict.best);
    lesson.say(&format!(
        "The rival is {}, the best of the others on these same tests: a choice that favours it.",
        verdict.rival
    ));
}

/// Writes forecasts: one row a moment and method.
///
/// # Errors
/// If the file cannot be written.
fn write(path: &Path, problem: &Problem, methods: &[Method]) -> Result<()> {
    let mut table =
        Table::new(["time", "lead", "method", "forecast", "low50", "high50", "low90", "high90"]);
    for method in methods {
        for (l, &lead) in problem.shape.leads.iter().enumerate() {
            let at =
                |a: Option<&Array2<f64>>| a.map_or(String::new(), |a| format!("{}", a[(0, l)]));
            table.push([
                problem.times[problem.len() - 1 + lead].format("%Y-%m-%dT%H:%M:%S").to_string(),
                lead.to_string(),
                method.name.clone(),
                format!("{}", method.point[(0, l)]),
                at(method.inner.as_ref().map(|i| &i.0)),
                at(method.inner.as_ref().map(|i| &i.1)),
                at(method.low.as_ref()),
                at(method.high.as_ref()),
            ]);
        }
    }
    write_atomically(path, table.to_csv().as_bytes())
}

fn show_future(lesson: &mut Lesson, problem: &Problem, methods: &[Method], saved: &Saved) {
    lesson.subheading("What is to come");
    let network = &methods[0];
    let (Some(low), Some(high)) = (&network.low, &network.high) else { return };
    let mut table = Table::new([
        "time",
        "forecast",
        "90 % from",
        "to",
        methods[methods.len() - 1].name.as_str(),
    ])
    .caption(format!("The last column is the rival's forecast. {}", saved.verdict));
    let leads = &problem.shape.leads;
    for l in (0..leads.len()).take(14) {
        table.push([
            problem.times[problem.len() - 1 + leads[l]].to_string(),
            format!("{:.4}", network.point[(0, l)]),
            format!("{:.4}", low[(0, l)]),
            format!("{:.4}", high[(0, l)]),
            format!("{:.4}", methods[methods.len() - 1].point[(0, l)]),
        ]);
    }
    lesson.table(&table);
    let series = problem.series();
    let last = problem.len() - 1;
    let shown = (4 * leads[leads.len() - 1]).max(20).min(problem.len());
    let past: Vec<(f64, f64)> =
        (0..shown).map(|k| (k as f64 + 1.0 - shown as f64, series[last + 1 + k - shown])).collect();
    let point: Vec<(f64, f64)> =
        leads.iter().enumerate().map(|(l, h)| (*h as f64, network.point[(0, l)])).collect();
    let band: Vec<(f64, f64, f64)> =
        leads.iter().enumerate().map(|(l, h)| (*h as f64, low[(0, l)], high[(0, l)])).collect();
    let chart =
        LineChart::new("Forecast", "The past as a line, then the forecast in its 90 % band.")
            .x("steps from now")
            .y(&*problem.target_name)
            .series("forecast, 90 % interval", &point)
            .band(&band)
            .series("past", &past);
    lesson.line_chart(&chart);
}

/// Runs `predict`.
///
/// # Errors
/// A model or table that cannot be used; a folder that cannot be written.
pub fn predict(syllabus: &'static Syllabus, args: &PredictArgs) -> Result<()> {
    let saved = Saved::open(&args.model)?;
    let request = Request { data: args.data.clone(), ..saved.request.clone() };
    let data = Data::read(&request)?;
    saved.fits(&data)?;
    let run = RunArgs { out: args.out.clone(), quiet: args.quiet, ..RunArgs::default() };
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading("Predict");
    lesson.data(&request.data, &data.bytes);
    let future = saved.forecast(&data.problem);
    let file = lesson.folder().join(FORECASTS);
    write(&file, &data.problem, &future)?;
    show_future(&mut lesson, &data.problem, &future, &saved);
    lesson.say(&format!("Wrote {}.", file.display()));
    lesson.finish()
}
