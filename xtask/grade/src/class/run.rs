//! `grade --submissions DIR --out DIR`, and `--submission DIR`, which is a class of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::batch::Grader;
use super::output;
use super::record::{Class, Learner, Settings};
use super::roster;
use super::submission::{self, Submission};
use crate::bank::Bank;
use crate::catalogue::Exercise;
use crate::jail::Jail;
use crate::parallel;
use crate::recorded;
use crate::report::escaped;
use crate::screen::points;

/// What is graded.
#[derive(Debug, Clone)]
pub enum Source {
    /// A folder with a folder or zip for each learner.
    Class(PathBuf),
    /// One learner's folder or zip.
    One(PathBuf),
}

/// Part I of N of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub part: usize,
    /// How many there are.
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((part, of)) if 1 <= part && part <= of => Ok(Self { part, of }),
            _ => Err("it is I/N, with I from 1 to N: 2/8".into()),
        }
    }
}

/// Which exercises are graded, and by what.
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
}

/// How submissions are graded.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Submissions")]
pub struct Options {
    /// Grades depend on it: a secret seed, and full isolation or nothing
    #[arg(long)]
    pub official: bool,
    /// Official also where code cannot be shut in; every report says so
    #[arg(long, requires = "official")]
    pub allow_degraded: bool,
    /// CSV: learner,name,late_days,attempts [default: roster.csv among the submissions]
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// CSV: learner,exercise,points,reason [default: overrides.csv among the submissions]
    #[arg(long, value_name = "FILE")]
    pub overrides: Option<PathBuf>,
    /// Percent of the points that a day of lateness costs
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    pub late_percent: f64,
    /// Percent of the points that an attempt beyond the free ones costs
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    pub attempt_percent: f64,
    /// Attempts that cost nothing
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub free_attempts: u32,
    /// Call learners by another name; identities.csv tells who is who
    #[arg(long)]
    pub anonymous: bool,
    /// Grade part I of N of the class, for several machines; then `grade-merge`
    #[arg(long, value_name = "I/N", requires = "submissions")]
    pub shard: Option<Shard>,
}

/// The variable that an official seed may come from: a command line can be read by others.
pub const SEED_VARIABLE: &str = "XTASK_GRADE_SEED";

/// The seed of an earlier official run into the same folder, so that it can be gone on with.
const SEED_FILE: &str = "=seed";

fn seed(given: Option<u64>, out: &Path, options: &Options) -> Result<u64> {
    if let Some(seed) = given {
        return Ok(seed);
    }
    if !options.official {
        return Ok(1);
    }
    if let Ok(text) = std::env::var(SEED_VARIABLE) {
        let number = text.trim().parse();
        return number.with_context(|| format!("{SEED_VARIABLE} is no whole number"));
    }
    ensure!(
        options.shard.is_none(),
        "the parts of an official run need one seed: set {SEED_VARIABLE}, or --seed"
    );
    let path = out.join("record").join(SEED_FILE);
    if let Some(seed) = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()) {
        return Ok(seed);
    }
    // The system's randomness; 53 bits, so that every reader of JSON keeps them.
    let seed = std::collections::hash_map::RandomState::new().build_hasher().finish() >> 11;
    fs::write(&path, seed.to_string())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(seed)
}

/// Grades, writes everything below `out`, and returns the class. What could not be graded is in the second
/// list.
///
/// # Errors
/// What only the instructor can mend: an incomplete sandbox in an official run, a folder that is not
/// ours, a faulty roster, broken files of the course.
pub fn run(
    request: Request,
    source: &Source,
    out: &Path,
    jail: Jail,
    options: &Options,
) -> Result<(Class, Vec<String>)> {
    let Request { bank, exercises, workspace, seed: given } = request;
    ensure!(
        !options.official || !recorded::is_handout(bank.course),
        "an official run needs the instructor's copy of the course: this one has no hidden cases"
    );
    if let Some(lack) = jail.lack() {
        if options.official && !options.allow_degraded {
            bail!(
                "an official run needs full isolation, and this machine has none: {lack}.\n\
                 --allow-degraded grades all the same, and every report will say so."
            );
        }
        eprintln!(
            "Degraded mode: {}. Submitted code is not shut in; only deadlines are kept.",
            escaped(lack, 300)
        );
    }
    let found = match source {
        Source::Class(folder) => {
            ensure!(folder.is_dir(), "{} is no folder", folder.display());
            let (found, notes) = submission::find(folder)?;
            notes.iter().for_each(|note| eprintln!("{}", escaped(note, 300)));
            found
        }
        Source::One(path) => {
            ensure!(path.exists(), "{} is no folder", path.display());
            BTreeMap::from([("submission".to_owned(), path.clone())])
        }
    };
    let beside = |given: &Option<PathBuf>, name: &str| match (given, source) {
        (Some(path), _) => Some(path.clone()),
        (None, Source::Class(folder)) => Some(folder.join(name)).filter(|path| path.is_file()),
        (None, Source::One(_)) => None,
    };
    let roster = beside(&options.roster, "roster.csv").map(|path| roster::roster(&path));
    let roster = roster.transpose()?;
    let by_hand = beside(&options.overrides, "overrides.csv");
    let by_hand = by_hand.map(|path| roster::overrides(&path, bank.course)).transpose()?;
    let (by_hand, has_roster) = (by_hand.unwrap_or_default(), roster.is_some());
    let roster = roster.unwrap_or_default();
    let _claimed = output::claim(out)?;
    let seed = seed(given, out, options)?;

    let mut everybody: BTreeSet<&String> = found.keys().chain(roster.keys()).collect();
    for learner in by_hand.keys().filter(|learner| !everybody.contains(learner)) {
        eprintln!("overrides: nobody is called {}", escaped(learner, 100));
    }
    if let Some(Shard { part, of }) = options.shard {
        let mut place = 0..;
        everybody.retain(|_| place.next().is_some_and(|k: usize| k % of == part - 1));
    }
    let everybody: Vec<&String> = everybody.into_iter().collect();

    let grader =
        Grader::new(bank, exercises, workspace, out, jail.clone(), seed, options.official)?;
    let done = AtomicUsize::new(0);
    let everybody: Vec<(usize, &String)> = everybody.into_iter().enumerate().collect();
    let learners = parallel::map(&everybody, |(place, id)| {
        let nothing = || Submission { learner: (*id).clone(), ..Submission::default() };
        let path = found.get(*id);
        let submission = path.map_or_else(nothing, |path| submission::read(bank.course, path, id));
        let (exercises, failures) = grader.grade(&submission, &format!("slot{place}"));
        let entry = roster.get(*id);
        let mut notes = submission.notes;
        if entry.is_none() && has_roster {
            notes.push("not in the roster".into());
        }
        notes.extend(failures.iter().cloned());
        let learner = Learner {
            id: (*id).clone(),
            name: entry.and_then(|entry| entry.name.clone()),
            late_days: entry.map_or(0.0, |entry| entry.late_days),
            attempts: entry.map_or(0, |entry| entry.attempts),
            has_submitted: path.is_some(),
            notes,
            exercises,
            overrides: by_hand.get(*id).cloned().unwrap_or_default(),
        };
        let number = 1 + done.fetch_add(1, Ordering::Relaxed);
        eprintln!(
            "[{number}/{}] {}: {} of {} points",
            everybody.len(),
            escaped(id, 60),
            points(learner.sum()),
            points(learner.most())
        );
        (learner, failures)
    });
    let settings = Settings {
        seed,
        official: options.official,
        isolation: jail.isolation().to_owned(),
        lack: jail.lack().map(str::to_owned),
        toolchain: bank.workshop.rustc(),
        exam: grader.exam(),
        late_percent: options.late_percent,
        free_attempts: options.free_attempts,
        attempt_percent: options.attempt_percent,
        anonymous: options.anonymous,
        shard: options.shard.map(|shard| (shard.part, shard.of)),
    };
    let mut failed = Vec::new();
    let mut class = Class { settings, learners: Vec::new() };
    for (learner, failures) in learners {
        failed.extend(failures.into_iter().map(|what| format!("{}: {what}", learner.id)));
        class.learners.push(learner);
    }
    grader.clean()?;
    output::write_record(out, &class)?;
    output::write_all(out, class.clone())?;
    Ok((class, failed))
}
