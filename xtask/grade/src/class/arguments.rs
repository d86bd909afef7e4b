//! The arguments of `grade` that concern other people's submissions, and what is said at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::feedback;
use super::record::Class;
use super::run::{Options, Shard, Source, run};
use crate::bank::Bank;
use crate::catalogue::Exercise;
use crate::jail::Jail;
use crate::report::{Report, escaped};
use crate::screen::{self, points};
use crate::{put, say};

/// Submissions, and how they are graded.
#[derive(Debug, Args)]
pub struct ClassArguments {
    /// One submission: a folder or zip with LESSON/ID.rs files
    #[arg(long, value_name = "DIR", help_heading = "Submissions", conflicts_with = "submissions")]
    submission: Option<PathBuf>,
    /// A class: a folder with a folder or zip for each learner
    #[arg(long, value_name = "DIR", help_heading = "Submissions", requires = "out")]
    submissions: Option<PathBuf>,
    /// Where grades and feedback are written
    #[arg(long, value_name = "DIR", help_heading = "Submissions")]
    out: Option<PathBuf>,
    /// Grades depend on it: a secret seed, and full isolation or nothing
    #[arg(long, help_heading = "Submissions")]
    official: bool,
    /// Official also where code cannot be shut in; every report says so
    #[arg(long, help_heading = "Submissions", requires = "official")]
    allow_degraded: bool,
    /// CSV: learner,name,late_days,attempts [default: roster.csv among the submissions]
    #[arg(long, value_name = "FILE", help_heading = "Submissions")]
    roster: Option<PathBuf>,
    /// CSV: learner,exercise,points,reason [default: overrides.csv among the submissions]
    #[arg(long, value_name = "FILE", help_heading = "Submissions")]
    overrides: Option<PathBuf>,
    /// Percent of the points that a day of lateness costs
    #[arg(long, value_name = "P", default_value_t = 0.0, help_heading = "Submissions")]
    late_percent: f64,
    /// Percent of the points that an attempt beyond the free ones costs
    #[arg(long, value_name = "P", default_value_t = 0.0, help_heading = "Submissions")]
    attempt_percent: f64,
    /// Attempts that cost nothing
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Submissions")]
    free_attempts: u32,
    /// Call learners by another name; identities.csv tells who is who
    #[arg(long, help_heading = "Submissions")]
    anonymous: bool,
    /// Grade part I of N of the class, for several machines; then `grade-merge`
    #[arg(long, value_name = "I/N", help_heading = "Submissions", requires = "submissions")]
    shard: Option<Shard>,
    /// How long the compiler may take for a program
    #[arg(long, value_name = "S", default_value_t = 30, help_heading = "Submissions")]
    compile_seconds: u64,
    /// As on a machine that cannot shut anything in
    #[arg(long, hide = true)]
    without_sandbox: bool,
}

/// Whose files are graded.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The exercises, and what they are judged by.
    pub bank: Bank<'r>,
    /// Those that are graded.
    pub exercises: &'r [&'r Exercise],
    /// The workspace's root.
    pub workspace: &'r Path,
    /// As given.
    pub seed: Option<u64>,
    /// Where the JSON goes, too.
    pub json: Option<&'r Path>,
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
        let Self { out, official, anonymous, .. } = self;
        if *official || *anonymous || out.is_some() {
            bail!(
                "--official, --anonymous and --out are for --submission DIR or --submissions DIR"
            );
        }
        Ok(())
    }

    /// Grades the submissions and says what came of it.
    ///
    /// # Errors
    /// As for [`run`].
    pub fn grade(self, request: Request) -> Result<ExitCode> {
        for (name, percent) in
            [("late-percent", self.late_percent), ("attempt-percent", self.attempt_percent)]
        {
            if !(0.0..=100.0).contains(&percent) {
                bail!("--{name} is {percent}, and should be from 0 to 100");
            }
        }
        let Request { bank, exercises, workspace, seed, json } = request;
        let own = std::env::current_exe().context("cannot find this program")?;
        let mut jail = match self.without_sandbox {
            true => Jail::degraded("--without-sandbox was given"),
            false => Jail::open(&own),
        };
        jail.patience = std::time::Duration::from_secs(self.compile_seconds.max(1));
        // One submission without --out leaves nothing behind.
        let for_now = bank.workshop.folder().join(format!("single-{}", std::process::id()));
        let is_for_now = self.out.is_none();
        let source = match (self.submission, self.submissions) {
            (Some(one), _) => Source::One(one),
            (None, Some(class)) => Source::Class(class),
            (None, None) => bail!("there is nothing to grade"),
        };
        let options = Options {
            source,
            out: self.out.unwrap_or_else(|| for_now.clone()),
            seed,
            official: self.official,
            allow_degraded: self.allow_degraded,
            roster: self.roster,
            overrides: self.overrides,
            late_percent: self.late_percent,
            free_attempts: self.free_attempts,
            attempt_percent: self.attempt_percent,
            anonymous: self.anonymous,
            shard: self.shard,
        };
        let result = run(bank, exercises, workspace, jail, &options);
        if is_for_now {
            _ = fs::remove_dir_all(&for_now);
        }
        let (class, failed) = result?;
        match &options.source {
            Source::One(_) => say_one(&class, json)?,
            Source::Class(_) => {
                say!("{}", summary(&class, &options.out));
                if let Some(path) = json {
                    fs::copy(options.out.join("class.json"), path)
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
