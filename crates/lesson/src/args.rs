//! The arguments that every lesson takes, and its help text.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{CommandFactory, FromArgMatches};
use seqcore::train::Length;

use crate::run::Given;

/// What a lesson is called and consists of.
#[derive(Debug)]
pub struct Syllabus {
    /// The package and binary, such as `rnn-basics`.
    pub name: &'static str,
    /// The title of the lesson and its report.
    pub title: &'static str,
    /// One or two sentences below the title.
    pub about: &'static str,
    /// The parts in the order of the tour.
    pub parts: &'static [Part],
    /// Arguments to try, each with what it does.
    pub examples: &'static [(&'static str, &'static str)],
}

/// A part of a lesson.
#[derive(Debug)]
pub struct Part {
    /// The name for `--part`.
    pub name: &'static str,
    /// One line: what it shows and how long it takes.
    pub about: &'static str,
}

/// The arguments of a lesson's tour; lessons flatten them into their own.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct LessonArgs {
    /// Run one part only
    #[arg(long, value_name = "NAME")]
    pub part: Option<String>,

    /// The long version: larger sizes, more training
    #[arg(long)]
    pub full: bool,

    /// What the tour shares with the lesson's other commands.
    #[command(flatten)]
    pub run: RunArgs,
}

/// The arguments of whatever trains and writes a folder: the tour, and commands such as `train`.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// What was typed; first, see [`Given`].
    #[command(flatten)]
    pub given: Given,

    /// The command as it was typed, for `metrics.json` and to repeat it.
    #[arg(skip = typed())]
    pub command: String,

    /// Seed of all random draws
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,

    /// Threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub threads: Option<usize>,

    /// Folder for metrics.json, report.html and checkpoints
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Data: a name from the catalogue or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,

    /// Download the data first if it is not here
    #[arg(long)]
    pub fetch: bool,

    /// Print only where the results are
    #[arg(long)]
    pub quiet: bool,

    /// Train for exactly N steps
    #[arg(long, value_name = "N", value_parser = positive, conflicts_with = "budget", allow_negative_numbers = true)]
    pub steps: Option<usize>,

    /// Train for about this long: 90, 90s, 3m or 1m30s
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub budget: Option<Duration>,

    /// Go on with the run in this folder
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,

    /// Write the record at least this often [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub save_every: Option<Duration>,

    /// Stop after step N, to go on later with --resume
    #[arg(long, value_name = "N", value_parser = positive, allow_negative_numbers = true)]
    pub stop_at: Option<usize>,
}

impl Default for RunArgs {
    /// A run without arguments.
    fn default() -> Self {
        RunArgs {
            given: Given::default(),
            command: typed(),
            seed: 1,
            threads: None,
            out: None,
            data: None,
            fetch: false,
            quiet: false,
            steps: None,
            budget: None,
            resume: None,
            save_every: None,
            stop_at: None,
        }
    }
}

impl LessonArgs {
    /// Whether a part is to be run: all are, unless `--part` names one.
    pub fn wants(&self, part: &str) -> bool {
        self.part.as_deref().is_none_or(|p| p == part)
    }
}

impl RunArgs {
    /// The number of threads: `--threads`, else all cores.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// The output folder: `--out`, else `out/LESSON`.
    pub fn out_or_default(&self, syllabus: &Syllabus) -> PathBuf {
        self.out.clone().unwrap_or_else(|| ["out", syllabus.name].iter().collect())
    }

    /// How long to train, where `--steps` or `--budget` says so.
    pub fn length(&self) -> Option<Length> {
        self.steps.map(Length::Steps).or(self.budget.map(Length::Budget))
    }
}

/// The command with the lesson's parts, defaults and examples in its help.
pub fn command<Cli: CommandFactory>(syllabus: &'static Syllabus) -> clap::Command {
    let mut command = Cli::command()
        .name(syllabus.name)
        .bin_name(syllabus.name)
        .about(format!("{}\n\n{}", syllabus.title, syllabus.about))
        .after_help(after_help(syllabus))
        .max_term_width(80)
        .mut_arg("out", |a| {
            a.help(format!(
                "Folder for metrics.json, report.html and checkpoints [default: out/{}]",
                syllabus.name
            ))
        });
    if !syllabus.parts.is_empty() {
        let names = PossibleValuesParser::new(syllabus.parts.iter().map(|p| p.name));
        command = command.mut_arg("part", |a| {
            a.value_parser(names).hide_possible_values(true).help("Run one part only (see below)")
        });
    }
    command
}

/// The arguments of this run. Prints help or a usage error and ends the program where clap does.
pub fn parse<Cli: CommandFactory + FromArgMatches>(syllabus: &'static Syllabus) -> Cli {
    let mut command = command::<Cli>(syllabus);
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.format(&mut command).exit())
}

fn after_help(syllabus: &Syllabus) -> String {
    let column = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let mut help = String::new();
    let width = column(&mut syllabus.parts.iter().map(|p| p.name.len()));
    if !syllabus.parts.is_empty() {
        help += "Parts:\n";
    }
    for part in syllabus.parts {
        help += &format!("  {:width$}  {}\n", part.name, part.about);
    }
    help += "\nExamples:\n";
    help += &format!("  cargo run -p {}\n      the guided tour, every part\n", syllabus.name);
    for (arguments, what) in syllabus.examples {
        help += &format!("  cargo run -p {} -- {arguments}\n      {what}\n", syllabus.name);
    }
    help
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".into()),
        Ok(n) => Ok(n),
        Err(_) => Err("it must be a whole number".into()),
    }
}

/// The most threads; far more only compete for the cores, and starting them takes minutes.
const MOST_THREADS: usize = 512;

fn threads(text: &str) -> Result<usize, String> {
    match positive(text)? {
        n if n > MOST_THREADS => Err(format!("it must be at most {MOST_THREADS}")),
        n => Ok(n),
    }
}

/// A duration such as `90`, `90s`, `1.5m`, `1m30s` or `2h`; a number without a unit is seconds.
///
/// # Errors
/// A sentence that says what is expected.
///
/// ```
/// use lesson::parse_duration;
/// assert_eq!(parse_duration("1m30s").unwrap().as_secs(), 90);
/// assert!(parse_duration("soon").is_err());
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a time such as 90, 90s, 3m or 1m30s".to_owned();
    let mut rest = text.trim();
    let (mut seconds, mut last_unit) = (0.0, f64::INFINITY);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value: f64 = rest[..end].parse().map_err(|_| wrong())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match rest[..end].trim() {
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        // Units go down: 1m30s, and not 30s1m.
        if unit >= last_unit {
            return Err(wrong());
        }
        (seconds, last_unit, rest) = (seconds + value * unit, unit, &rest[end..]);
    }
    if seconds > 0.0 && seconds <= 1e7 {
        Ok(Duration::from_secs_f64(seconds))
    } else if last_unit.is_finite() {
        Err("it must be more than zero and less than 100 days".into())
    } else {
        Err(wrong())
    }
}

/// The command of this program as one would type it.
fn typed() -> String {
    // A path need not be Unicode.
    let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let program = words.next().unwrap_or_default();
    let name = std::path::Path::new(&program).file_stem().unwrap_or_default().to_string_lossy();
    command_line(&name, words)
}

/// A command as one would type it.
fn command_line(name: &str, arguments: impl Iterator<Item = String>) -> String {
    let quoted = arguments.map(|a| {
        let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@\\".contains(c);
        if !a.is_empty() && a.chars().all(plain) {
            a
        } else {
            format!("'{}'", a.replace('\'', r"'\''"))
        }
    });
    [name.to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[command(flatten)]
        lesson: LessonArgs,
        /// Hidden units
        #[arg(long, value_name = "H", default_value_t = 128)]
        hidden: usize,
    }

    const SYLLABUS: Syllabus = Syllabus {
        name: "rnn-basics",
        title: "Recurrent networks from the ground up",
        about: "From one equation to a character model that you train yourself.",
        parts: &[
            Part { name: "recurrence", about: "a 3-unit RNN, every number printed (1 s)" },
            Part { name: "char-lm", about: "a character model on real text (60 s)" },
        ],
        examples: &[
            ("--part char-lm --budget 3m", "train for three minutes"),
            ("--data play.txt", "on your own text"),
        ],
    };

    fn parse_from(line: &str) -> Result<Cli, clap::Error> {
        let words = ["rnn-basics"].into_iter().chain(line.split_whitespace());
        let matches = command::<Cli>(&SYLLABUS).try_get_matches_from(words)?;
        Cli::from_arg_matches(&matches)
    }

    #[test]
    fn defaults_are_the_tour() {
        let args = parse_from("").unwrap().lesson;
        assert!(args.wants("recurrence") && args.wants("char-lm"));
        assert_eq!((args.run.seed, args.run.length()), (1, None));
        assert!(args.run.threads() >= 1);
        assert_eq!(args.run.out_or_default(&SYLLABUS), PathBuf::from("out").join("rnn-basics"));
    }

    #[test]
    fn mistakes_are_told() {
        let cases = [
            ("--part charlm", "char-lm"),
            ("--threads 0", "at least 1"),
            ("--threads 100000", "at most 512"),
            ("--steps many", "whole number"),
            ("--budget soon", "1m30s"),
            ("--steps 5 --budget 5s", "cannot be used with"),
            ("--seed -1", "--seed"),
        ];
        for (line, expected) in cases {
            let error = parse_from(line).unwrap_err();
            assert!(error.to_string().contains(expected), "{line}: {error}");
            assert_eq!(error.exit_code(), 2);
        }
        let cli = parse_from("--part char-lm --hidden 3 --budget 1m30s --threads 2").unwrap();
        assert!(!cli.lesson.wants("recurrence"));
        assert_eq!(
            (cli.hidden, cli.lesson.run.length()),
            (3, Some(Length::Budget(Duration::from_secs(90))))
        );
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("90", 90.0),
            ("90s", 90.0),
            ("3m", 180.0),
            ("1m30s", 90.0),
            ("1.5m", 90.0),
            ("2h", 7200.0),
            ("1m30", 90.0),
            (" 5 s", 5.0),
        ] {
            assert_eq!(parse_duration(text).unwrap().as_secs_f64(), seconds, "{text}");
        }
        for text in ["", "s", "-5", "5d", "0", "1e99", "inf", "nan", "30s1m", "1..2", "99999h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn help_fits_80_columns() {
        let help = command::<Cli>(&SYLLABUS).term_width(80).render_help().to_string();
        assert_eq!(help, include_str!("help.txt"));
        assert!(help.lines().all(|l| l.chars().count() <= 80));
    }

    #[test]
    fn the_command_can_be_typed_again() {
        let arguments = ["--data", "king's play.txt", ""].into_iter().map(str::to_owned);
        let expected = r"rnn-basics --data 'king'\''s play.txt' ''";
        assert_eq!(command_line("rnn-basics", arguments), expected);
    }
}
