//! Part *weather*: how much does a network know about tomorrow that today's thermometer does not say?
//!
//! GRU and LSTM with quantile heads, beside ridge and everything else a sceptic would try first. Settings are
//! chosen on the development part (`--hold-out dev`); the test part is a later stretch that is scored once.

pub mod data;
mod recipe;
mod show;

use lesson::files::sha256;
use lesson::run::resume::same_data;
use lesson::{Lesson, LessonArgs, Result, RunArgs};

pub use data::{Station, station};
pub use recipe::{HoldOut, Options, WeatherRecipe};

use crate::study::{self, Networks, Study};

/// The part, ready to run: arguments understood, table read.
#[derive(Debug)]
pub struct Weather {
    /// The station.
    pub station: Station,
    /// All that the run depends on.
    pub recipe: WeatherRecipe,
}

impl Weather {
    /// Understands the arguments and reads the table, before anything is printed or written. With
    /// `--resume` the recipe is that of the record, and the output goes beside it.
    ///
    /// # Errors
    /// A table that cannot be read or used, settings that cannot work or that contradict a resumed run.
    pub fn prepare(args: &mut LessonArgs, options: &Options) -> Result<Self> {
        let other_part = args.part.as_deref().filter(|part| *part != "weather");
        let part = format!("--part {}", other_part.unwrap_or_default());
        let fixed = [(part.as_str(), other_part.is_some()), ("--full", args.full)];
        let fetch = args.run.fetch;
        let read = |data: Option<&str>| station(data, fetch);
        let (mut station, recipe) = match study::resumed::<WeatherRecipe>(&mut args.run, &fixed)? {
            None => {
                let station = read(args.run.data.as_deref())?;
                let recipe = WeatherRecipe::new(args, options, &station)?;
                (station, recipe)
            }
            Some((recipe, resume)) => {
                let sum = |station: &Station| sha256(&station.bytes);
                let station = same_data(&recipe, &args.run, &resume, read, sum)?;
                args.part = Some("weather".into());
                (station, recipe)
            }
        };
        station.problem.shape.history = recipe.history();
        Ok(Self { station, recipe })
    }

    /// Fits and scores.
    ///
    /// # Errors
    /// As [`study::run`].
    pub fn measure(&self, networks: &mut Networks) -> Result<(Study, Vec<study::Fitted>)> {
        let (train, test) = self.station.parts(self.recipe.holds_out_dev());
        study::run(&self.station.problem, &train, &test, &self.recipe.study, networks)
    }

    /// Runs the part.
    ///
    /// # Errors
    /// As [`Weather::measure`].
    pub fn run(self, lesson: &mut Lesson, args: &RunArgs) -> Result<()> {
        lesson.heading("2 · Weather: skill beside what costs nothing");
        lesson.data(&self.station.name, &self.station.bytes);
        show::before(lesson, &self.station, &self.recipe);
        let folder = lesson.folder_of("weather")?;
        let mut networks = Networks::new(&self.recipe, folder.path(), args)?;
        let (study, fitted) = self.measure(&mut networks)?;
        show::after(lesson, &self.station, &study, &fitted);
        lesson.say(&networks.repeat());
        Ok(())
    }
}
