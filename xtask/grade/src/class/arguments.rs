//! The arguments of `grade` that concern other people's submissions, and what is said at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::feedback;
use super::record::Class;
use super::run::{Options, Request, Source, run};
use crate::jail::Jail;
use crate::report::{Report, escaped};
use crate::screen::{self, points};
use crate::{put, say};

/// Submissions, and how they are graded.
#[derive(Debug, Args)]
#[command(next_help_heading = "Submissions")]
pub struct ClassArguments {
    /// One submission: a folder or zip with LESSON/ID.rs files
    #[arg(long, value_name = "DIR", conflicts_with = "submissions")]
    submission: Option<PathBuf>,
    /// A class: a folder with a folder or zip for each learner
    #[arg(long, value_name = "DIR", requires = "out")]
    submissions: Option<PathBuf>,
    /// Where grades and feedback are written
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    /// How long the compiler may take for a program
    #[arg(long, value_name = "S", default_value_t = 30)]
    compile_seconds: u64,
    /// As on a machine that cannot shut anything in
    #[arg(long, hide = true)]
    without_sandbox: bool,
}

impl ClassArguments {
    /// Whether it is about submissions at all, and not about one's own files.
    pub fn is_asked(&self) -> bool {
        self.submission.is_some() || self.submissions.is_some()
    }

    /// What is given without submissions and means nothing then.
    ///
    /// # Errors
    /// Names it.
    pub fn nothing_else(&self) -> Result<()> {
        if self.options.official || self.options.anonymous || self.out.is_some() {
            bail!(
                "--official, --anonymous and --out are for --submission DIR or --submissions DIR"
            );
        }
        Ok(())
    }

    /// Grades the submissions and says what came of it, also as `json`.
    ///
    /// # Errors
    /// As for [`run`].
    pub fn grade(self, request: Request, json: Option<&Path>) -> Result<ExitCode> {
        let Options { late_percent, attempt_percent, .. } = self.options;
        for (name, percent) in
            [("late-percent", late_percent), ("attempt-percent", attempt_percent)]
        {
            if !(0.0..=100.0).contains(&percent) {
                bail!("--{name} is {percent}, and should be from 0 to 100");
            }
        }
        let own = std::env::current_exe().context("cannot find this program")?;
        let mut jail = match self.without_sandbox {
            true => Jail::degraded("--without-sandbox was given"),
            false => Jail::open(&own),
        };
        jail.patience = std::time::Duration::from_secs(self.compile_seconds.max(1));
        let source = match (self.submission, self.submissions) {
            (Some(one), _) => Source::One(one),
            (None, Some(class)) => Source::Class(class),
            (None, None) => bail!("there is nothing to grade"),
        };
        // One submission without --out leaves nothing behind.
        let for_now = format!("single-{}", std::process::id());
        let for_now = request.bank.workshop.folder().join(for_now);
        let out = self.out.as_ref().unwrap_or(&for_now);
        let result = run(request, &source, out, jail, &self.options);
        _ = fs::remove_dir_all(&for_now);
        let (class, failed) = result?;
        match &source {
            Source::One(_) => say_one(&class, json)?,
            Source::Class(_) => {
                say!("{}", summary(&class, out));
                if let Some(path) = json {
                    fs::copy(out.join("class.json"), path)
                        .with_context(|| format!("cannot write {}", path.display()))?;
                }
            }
        }
        for what in &failed {
            eprintln!("could not be graded: {}", escaped(what, 500));
        }
        Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn say_one(class: &Class, json: Option<&Path>) -> Result<()> {
    let (settings, learner) = (&class.settings, &class.learners[0]);
    let mut report: Report = learner.report(settings);
    for (shown, graded) in report.exercises.iter_mut().zip(&learner.exercises) {
        shown.detail = graded.detail.clone();
        shown.printed = graded.printed.clone();
    }
    match report.exercises.as_slice() {
        [one] => put!("{}", screen::exercise(one)),
        _ => put!("{}", screen::overview(&report)),
    }
    for note in &learner.notes {
        say!("Note: {}", escaped(note, 300));
    }
    say!("Isolation: {}.", settings.isolation);
    match settings.official {
        true => say!("An official run: its seed is not told."),
        false => say!("Seed {}; --seed N draws other inputs.", settings.seed),
    }
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&feedback::report(learner, settings))? + "\n";
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What is said when a class is graded.
pub fn summary(class: &Class, out: &Path) -> String {
    let Class { settings, learners } = class;
    let mean = learners.iter().map(|learner| learner.score(settings)).sum::<f64>()
        / learners.len().max(1) as f64;
    format!(
        "{} learners, on average {} of {} points. Isolation: {}. {}\n\
         Grades in {}, feedback for each below {}.",
        learners.len(),
        points(mean),
        points(learners.first().map_or(0.0, |learner| learner.most())),
        settings.isolation,
        match settings.official {
            true => "An official run: the seed is in class.json.".to_owned(),
            false => format!("Seed {}.", settings.seed),
        },
        out.join("grades.csv").display(),
        out.join("feedback").display(),
    )
}
