//! Part *weather*: how much does a network know about tomorrow that today's thermometer does not say?
//!
//! GRU and LSTM with quantile heads, beside ridge and everything else a sceptic would try first. Settings are
//! chosen on the development part (`--hold-out dev`); the test part is a later stretch that is scored once.

pub mod data;
mod settings;
mod show;

use seqcore::files::write_atomically;
use seqcore::lesson::{Lesson, LessonArgs};
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

pub use data::{Station, station};
pub use settings::{HoldOut, Options};

use crate::study::{self, Folder, Settings, Study};

/// The part, ready to run: arguments understood, table read.
#[derive(Debug)]
pub struct Weather {
    /// The station.
    pub station: Station,
    /// How to fit.
    pub settings: Settings,
    request: Request,
    resume: bool,
    save_every: Option<std::time::Duration>,
}

/// What was asked, stored beside the checkpoints.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    data: Option<String>,
    full: bool,
    seed: u64,
    options: Options,
}

const REQUEST: &str = "request.json";

impl Weather {
    /// Understands the arguments and reads the table, before anything is printed or written.
    ///
    /// # Errors
    /// A table that cannot be read or used, settings that cannot work.
    pub fn prepare(args: &LessonArgs, options: &Options) -> Result<Self> {
        let stocks_table = args.part.as_deref() == Some("stocks");
        let mut station =
            station(args.run.data.as_deref().filter(|_| !stocks_table), args.run.fetch)?;
        let settings = options.settings(args, &mut station)?;
        let request = Request {
            data: args.run.data.clone(),
            full: args.full,
            seed: args.run.seed,
            options: options.clone(),
        };
        let (resume, save_every) = (args.run.resume.is_some(), args.run.save_every);
        Ok(Self { station, settings, request, resume, save_every })
    }

    /// With `--resume DIR`: takes what the stopped run was asked from its folder, and puts the output beside it.
    ///
    /// # Errors
    /// A folder that is not this part's.
    pub fn resumed(args: &mut LessonArgs, options: &mut Options) -> Result<()> {
        let Some(folder) = args.run.resume.clone() else { return Ok(()) };
        let path = folder.join(REQUEST);
        let text = std::fs::read(&path).map_err(|e| Error::read(&path, e))?;
        let stored: Request = serde_json::from_slice(&text).map_err(|e| {
            Error::data(&path, e.line(), format!("this is no request of the part weather ({e}). Only weather and forecast can be resumed."))
        })?;
        (args.run.data, args.full, args.run.seed) = (stored.data, stored.full, stored.seed);
        *options = stored.options;
        args.part = Some("weather".into());
        let parent = folder.parent().filter(|p| !p.as_os_str().is_empty());
        args.run.out =
            args.run.out.take().or(Some(parent.map_or_else(|| ".".into(), |p| p.to_owned())));
        Ok(())
    }

    /// Fits and scores.
    ///
    /// # Errors
    /// As [`study::run`].
    pub fn measure(&self, folder: &Folder) -> Result<(Study, Vec<study::Fitted>)> {
        let (train, test) = self.station.parts(self.request.options.holds_out_dev());
        study::run(&self.station.problem, &train, &test, &self.settings, folder)
    }

    /// Runs the part.
    ///
    /// # Errors
    /// As [`Weather::measure`].
    pub fn run(self, lesson: &mut Lesson) -> Result<()> {
        lesson.heading("2 · Weather: skill beside what costs nothing");
        lesson.data(&self.station.name, &self.station.bytes);
        show::before(lesson, &self.station, &self.settings, self.request.options.holds_out_dev());
        let folder = Folder {
            path: Some(lesson.subfolder("weather")?),
            resume: self.resume,
            progress: lesson.shows_progress(),
            save_every: self.save_every,
        };
        folder.begin(&[REQUEST])?;
        let path = folder.path.as_ref().expect("just made").join(REQUEST);
        write_atomically(
            &path,
            serde_json::to_string_pretty(&self.request).expect("plain data").as_bytes(),
        )?;
        let (study, fitted) = self.measure(&folder)?;
        show::after(lesson, &self.station, &study, &fitted, &self.settings);
        Ok(())
    }
}
