//! The commands `forecast` and `predict`: the study of this lesson on any table with dates.
//!
//! `forecast` reads a CSV, walks forward over its end with everything this lesson knows, says in one sentence whether
//! the network is worth it, fits it again on all of the table and writes forecasts with intervals. `predict` uses the
//! fitted model on a newer table.

mod model;
mod recipe;
mod table;
mod verdict;
mod walk;

use std::path::Path;

use lesson::files::{sha256, write_atomically};
use lesson::plot::{LineChart, Table};
use lesson::run::MODEL_FILE;
use lesson::run::resume::same_data;
use lesson::{Lesson, Result, RunArgs, Syllabus};
use ndarray::Array2;
use seqcore::metrics::forecast as metric;

pub use model::ForecastModel;
pub use recipe::{ForecastArgs, ForecastOptions, ForecastRecipe, ForecastRequest, PredictArgs};
pub use table::Data;
pub use verdict::{Verdict, judge};

use crate::study::{self, Method, Networks, Problem, Study, StudySettings};

/// The file that forecasts are written to.
pub const FORECASTS: &str = "forecasts.csv";

/// Runs `forecast`.
///
/// # Errors
/// Arguments or a table that cannot be used; a folder that cannot be written; Ctrl-C.
pub fn forecast(syllabus: &'static Syllabus, args: &ForecastArgs) -> Result<()> {
    let mut run = args.run.clone();
    let (recipe, data) = prepare(args, &mut run)?;
    let (problem, settings) = (&data.problem, &recipe.study);
    let folds = walk::folds(problem, settings.blocks)?;
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading("Forecast");
    lesson.data(&recipe.request.data, &data.bytes);
    let folder = lesson.folder_of("forecast")?;
    describe(&mut lesson, &recipe.request, &data, settings, folds.len());

    let mut networks = Networks::new(&recipe, folder.path(), &run)?;
    let study = walk::walk_forward(problem, &folds, settings, &mut networks)?;
    let verdict = judge(&study, problem);
    scores(&mut lesson, &study, problem, &verdict);

    networks.begin_names_with("final-");
    let whole = 0..problem.len();
    let fitted = study::fit(problem, &whole, settings, settings.cells[0], &mut networks)?;
    let model = ForecastModel::new(&recipe.request, &data, fitted, &verdict);
    let path = folder.path().join(MODEL_FILE);
    model.write(&path)?;
    let future = model.forecast(problem);
    let file = lesson.folder().join(FORECASTS);
    write(&file, problem, &future)?;
    show_future(&mut lesson, problem, &future, &model);
    lesson.say(&verdict.sentence);
    lesson.say(&networks.repeat());
    lesson.say(&format!(
        "Wrote {} and the model {}. For a newer table: timeseries predict --model {} --data FILE",
        file.display(),
        path.display(),
        folder.path().display()
    ));
    lesson.finish()
}

/// Understands the arguments and reads the table. With `--resume` the recipe is that of the record.
fn prepare(args: &ForecastArgs, run: &mut RunArgs) -> Result<(ForecastRecipe, Data)> {
    let fetch = run.fetch;
    let Some((recipe, resume)) = study::resumed::<ForecastRecipe>(run, &[])? else {
        let request = ForecastRequest::new(args)?;
        let data = Data::read(&request, fetch)?;
        let recipe = ForecastRecipe::new(request, args, &data.bytes, data.problem.len());
        return Ok((recipe, data));
    };
    let request = &recipe.request;
    let read =
        |data: Option<&str>| Data::read(&request.of_table(data.unwrap_or(&request.data)), fetch);
    let data = same_data(&recipe, run, &resume, read, |data| sha256(&data.bytes))?;
    Ok((recipe, data))
}

fn describe(
    lesson: &mut Lesson,
    request: &ForecastRequest,
    data: &Data,
    settings: &StudySettings,
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
        let errors = &method.point - &study.observed;
        let mae = metric::mean(errors.iter().map(|e| e.abs()));
        let rmse = metric::mean(errors.iter().map(|e| e * e)).sqrt();
        let mut row = vec![
            method.name.clone(),
            format!("{mae:.4}"),
            format!("{rmse:.4}"),
            format!("{:.3}", mae / scale),
        ];
        row.extend(shown.iter().map(|&l| format!("{:.4}", study.mae(&method.name, l))));
        let by_lead: Vec<_> =
            (0..leads).filter_map(|l| method.intervals(&study.observed, l)).collect();
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

fn show_future(lesson: &mut Lesson, problem: &Problem, methods: &[Method], model: &ForecastModel) {
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
    .caption(format!("The last column is the rival's forecast. {}", model.verdict));
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
    let model = ForecastModel::open(&args.model)?;
    let data = Data::read(&model.request.of_table(&args.data), false)?;
    model.fits(&data)?;
    let run = RunArgs { out: args.out.clone(), quiet: args.quiet, ..RunArgs::default() };
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading("Predict");
    lesson.data(&args.data, &data.bytes);
    let future = model.forecast(&data.problem);
    let file = lesson.folder().join(FORECASTS);
    write(&file, &data.problem, &future)?;
    show_future(&mut lesson, &data.problem, &future, &model);
    lesson.say(&format!("Wrote {}.", file.display()));
    lesson.finish()
}
