//! `cargo run -p timeseries`: arguments, parts, report; and the commands `forecast` and `predict`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lesson::{Lesson, LessonArgs, Part, Syllabus};
use timeseries::forecast::{self, ForecastArgs, PredictArgs};
use timeseries::weather::{self, Weather};
use timeseries::{leaks, metrics, stocks, windows};

const SYLLABUS: Syllabus = Syllabus {
    name: "timeseries",
    title: "Forecasting that a sceptic would accept",
    about: "Everything is scored on a later period, beside the baselines, with the uncertainty of the score.",
    parts: &[
        Part { name: "windows", about: "from a series to tensors; split, scaling, horizon (1 s)" },
        Part { name: "weather", about: "GRU and LSTM beside ridge; skill, intervals, fans (15 s)" },
        Part { name: "stocks", about: "returns: nothing to find; volatility: something (20 s)" },
        Part { name: "leaks", about: "five planted leaks and the checks that find them (10 s)" },
        Part { name: "metrics", about: "where each metric misleads (2 s)" },
    ],
    examples: &[
        ("--part weather --data beijing-weather-hourly --full", "hourly weather, as in the README"),
        (
            "--part weather --hold-out dev --hidden 32",
            "choose settings without touching the test part",
        ),
        (
            "forecast --data airline-passengers --target passengers --horizon 12",
            "any table: baselines, network, verdict",
        ),
        (
            "predict --model out/timeseries/forecast --data airline-passengers",
            "use the fitted model on a newer table",
        ),
        ("--resume out/timeseries/weather", "go on after Ctrl-C"),
    ],
};

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
    #[command(flatten)]
    weather: weather::Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Forecast any CSV: baselines, a network, walk-forward scores, a verdict
    Forecast(Box<ForecastArgs>),
    /// Forecast a newer table with a model that `forecast` wrote
    Predict(PredictArgs),
}

fn main() -> ExitCode {
    lesson::run_binary(|| {
        let Cli { lesson: args, weather: options, command } = lesson::parse(&SYLLABUS);
        match command {
            Some(Command::Forecast(args)) => forecast::forecast(&SYLLABUS, &args),
            Some(Command::Predict(args)) => forecast::predict(&SYLLABUS, &args),
            None => tour(args, options),
        }
    })
}

fn tour(mut args: LessonArgs, options: weather::Options) -> lesson::Result<()> {
    // What is resumed is this part, whatever else was asked for.
    let prepares = args.wants("weather") || args.run.resume.is_some();
    let weather = prepares.then(|| Weather::prepare(&mut args, &options)).transpose()?;
    let mut lesson = Lesson::new(&SYLLABUS, &args.run)?;
    if args.wants("windows") {
        windows::run(&mut lesson)?;
    }
    if let Some(weather) = weather {
        weather.run(&mut lesson, &args.run)?;
    }
    if args.wants("stocks") {
        stocks::run(&mut lesson, &args)?;
    }
    if args.wants("leaks") {
        leaks::run(&mut lesson, args.run.seed, args.full)?;
    }
    if args.wants("metrics") {
        metrics::run(&mut lesson)?;
    }
    lesson.finish()
}
