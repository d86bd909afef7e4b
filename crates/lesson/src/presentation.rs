//! A running lesson: what its parts say goes to the terminal, into the report and into `metrics.json`.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::args::{RunArgs, Syllabus};
use crate::error::Result;
use crate::files::{Text, sha256, write_atomically};
use crate::plot::{BarChart, Figure, LineChart, Table, TextHeat};
use crate::report::Report;
use crate::run::OutputFolder;
use crate::terminal::{self, Screen, Terminal};

/// A running lesson: what its parts write to.
///
/// Everything said goes to the terminal and into the report at once; numbers and data sources go
/// into `metrics.json`. Nothing but the folder's marker is written before [`Lesson::finish`].
#[derive(Debug)]
pub struct Lesson {
    syllabus: &'static Syllabus,
    output: OutputFolder,
    screen: Screen,
    report: Report,
    metrics: Metrics,
    started: Instant,
    quiet: bool,
}

/// The content of `metrics.json`.
#[derive(Debug, Serialize)]
struct Metrics {
    lesson: String,
    command: String,
    seed: u64,
    threads: usize,
    wall_s: f64,
    data: Vec<Source>,
    /// Sorted by name; `null` for what is not finite.
    results: serde_json::Map<String, serde_json::Value>,
}

/// A data source in `metrics.json`.
#[derive(Debug, Serialize)]
struct Source {
    name: String,
    sha256: String,
    bytes: u64,
}

impl Lesson {
    /// Begins a lesson: claims the output folder and prints the title.
    ///
    /// # Errors
    /// [`crate::Error::Write`] if the folder cannot be written or is not ours (see [`OutputFolder`]).
    pub fn new(syllabus: &'static Syllabus, args: &RunArgs) -> Result<Self> {
        Self::on(syllabus, args, Screen::stdout(args.quiet))
    }

    /// As [`Lesson::new`], on another screen.
    ///
    /// # Errors
    /// As [`Lesson::new`].
    pub fn on(syllabus: &'static Syllabus, args: &RunArgs, screen: Screen) -> Result<Self> {
        // A pool that was set up before stays: there can be only one, and results do not depend on it.
        _ = rayon::ThreadPoolBuilder::new().num_threads(args.threads()).build_global();
        let output = OutputFolder::claim(&args.out_or_default(syllabus), syllabus.name)?;
        let metrics = Metrics {
            lesson: syllabus.name.to_owned(),
            command: args.command.clone(),
            seed: args.seed,
            threads: args.threads(),
            wall_s: 0.0,
            data: Vec::new(),
            results: serde_json::Map::new(),
        };
        let report = Report::new(syllabus.title, syllabus.about);
        let lesson = Lesson {
            syllabus,
            output,
            screen,
            report,
            metrics,
            started: Instant::now(),
            quiet: args.quiet,
        };
        let title = lesson.terminal().bold(&lesson.terminal().wrap(syllabus.title));
        lesson.screen.print(&title);
        lesson.screen.print(&lesson.terminal().wrap(syllabus.about));
        Ok(lesson)
    }

    /// What the terminal can show.
    pub fn terminal(&self) -> Terminal {
        self.screen.terminal
    }

    /// The folder that this run writes to, for checkpoints and histories.
    pub fn folder(&self) -> &Path {
        self.output.path()
    }

    /// A folder below it, for the run of one part. It is this run's as long as it is held.
    ///
    /// # Errors
    /// [`crate::Error::Write`] if it cannot be made, or another run is writing to it.
    pub fn folder_of(&self, part: &str) -> Result<OutputFolder> {
        self.output.below(part)
    }

    /// Whether to show progress bars: not where `--quiet` asks for silence.
    pub fn shows_progress(&self) -> bool {
        !self.quiet
    }

    /// The report, for what only it should show.
    pub fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// The heading of a part.
    pub fn heading(&mut self, text: &str) {
        let terminal = self.terminal();
        let rule = if terminal.unicode { "━" } else { "=" };
        let lines = terminal.wrap(text);
        let width = lines.lines().map(|l| l.chars().count()).max().unwrap_or(0);
        self.screen.print(&format!("\n{}{}\n", terminal.bold(&lines), rule.repeat(width)));
        self.report.section(text);
    }

    /// A heading inside a part.
    pub fn subheading(&mut self, text: &str) {
        let line = self.terminal().bold(&self.terminal().wrap(text));
        self.screen.print(&format!("\n{line}"));
        self.report.subsection(text);
    }

    /// A paragraph; an empty line in `text` begins another one.
    pub fn say(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n");
        for paragraph in text.split("\n\n") {
            let one_line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            self.screen.print(&format!("\n{}", self.terminal().wrap(&one_line)));
        }
        self.report.paragraph(text);
    }

    /// A table.
    pub fn table(&mut self, table: &Table) {
        self.screen.print(&format!("\n{}", terminal::table(table, &self.terminal())));
        self.report.table(table);
    }

    /// A figure, which only the report can show.
    pub fn figure(&mut self, figure: &Figure) {
        self.report.figure(figure);
    }

    /// A line chart: characters in the terminal, a figure in the report.
    pub fn line_chart(&mut self, chart: &LineChart) {
        self.terminal_chart(&chart.terminal(&self.terminal()));
        self.figure(&chart.render());
    }

    /// A bar chart: characters in the terminal, a figure in the report.
    pub fn bar_chart(&mut self, chart: &BarChart) {
        self.terminal_chart(&chart.terminal(&self.terminal()));
        self.figure(&chart.render());
    }

    /// A text coloured by values.
    pub fn text_heat(&mut self, heat: &TextHeat) {
        self.terminal_chart(&terminal::heat_text(heat, &self.terminal()));
        self.report.text_heat(heat);
    }

    /// A chart in characters, or anything else that only the terminal should show.
    pub fn terminal_chart(&mut self, text: &str) {
        self.screen.print(&format!("\n{}\n", text.trim_end_matches('\n')));
    }

    /// Text that stands as it is, such as a sample or a matrix.
    pub fn preformatted(&mut self, text: &str) {
        self.screen.print(&format!("\n{}\n", text.trim_end_matches('\n')));
        self.report.preformatted(text);
    }

    /// A line of a list that grows, such as one for each evaluation of a training: lines that follow one
    /// another stand together.
    pub fn line(&mut self, line: &str) {
        let goes_on = self.report.line(line);
        self.screen.print(&if goes_on { format!("{line}\n") } else { format!("\n{line}\n") });
    }

    /// A number for `results` in `metrics.json`, named `part.what`; NaN and infinities become `null`.
    pub fn number(&mut self, name: &str, value: f64) {
        // `From<f64>` gives `Null` for what JSON cannot hold.
        self.metrics.results.insert(name.to_owned(), serde_json::Value::from(value));
    }

    /// A data source for `metrics.json`: its name and exactly the bytes that were read.
    pub fn data(&mut self, name: &str, bytes: &[u8]) {
        self.source(name.to_owned(), sha256(bytes), bytes.len() as u64);
    }

    /// A text as a data source for `metrics.json`: with the checksum and the size of its file.
    pub fn text(&mut self, text: &Text) {
        self.source(text.name.clone(), text.sha256.clone(), text.bytes);
    }

    fn source(&mut self, name: String, sha256: String, bytes: u64) {
        if !self.metrics.data.iter().any(|s| s.name == name && s.sha256 == sha256) {
            self.metrics.data.push(Source { name, sha256, bytes });
        }
    }

    /// Writes `metrics.json` and `report.html` and says so.
    ///
    /// # Errors
    /// [`crate::Error::Write`] if a file cannot be written.
    pub fn finish(mut self) -> Result<()> {
        let seconds = self.started.elapsed().as_secs_f64();
        self.metrics.wall_s = (seconds * 1000.0).round() / 1000.0;
        self.report.footer(self.provenance());

        let metrics = self.folder().join("metrics.json");
        let report = self.folder().join("report.html");
        let json = serde_json::to_string_pretty(&self.metrics).expect("plain values serialise");
        write_atomically(&metrics, (json + "\n").as_bytes())?;
        self.report.write(&report)?;

        let lines = format!(
            "{} took {seconds:.1} s and wrote\n  {}\n  {}\n",
            self.syllabus.name,
            report.display(),
            metrics.display()
        );
        self.screen.print("\n");
        self.screen.print_always(&lines);
        self.screen.finish()
    }

    /// How the report was made.
    fn provenance(&self) -> String {
        let m = &self.metrics;
        let mut text = format!(
            "Written by `{}` with seed {}, {} threads, in {:.1} s.",
            m.command, m.seed, m.threads, m.wall_s
        );
        for source in &m.data {
            text += &format!(
                "\n\nData: {}, {} bytes, sha256 `{}`.",
                source.name, source.bytes, source.sha256
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::args::Part;

    const SYLLABUS: Syllabus = Syllabus {
        name: "test-lesson",
        title: "A lesson for tests",
        about: "It says little.",
        parts: &[Part { name: "one", about: "the only part" }],
        examples: &[],
    };

    fn args(out: PathBuf, quiet: bool) -> RunArgs {
        RunArgs { out: Some(out), quiet, threads: Some(2), ..RunArgs::default() }
    }

    fn speak(lesson: &mut Lesson) {
        lesson.heading("Ladder");
        lesson.say("A paragraph that is long enough to be\nbroken again.\n\nAnother.");
        lesson.table(&Table::new(["model", "loss"]).row(["RNN", "1.98"]));
        lesson.preformatted("  as it stands\n");
        lesson.line("step 1");
        lesson.line("step 2");
        lesson.bar_chart(&BarChart::new("Bars", "one bar").bar("a", 1.0));
        lesson.number("ladder.rnn", 1.98);
        lesson.number("ladder.failed", f64::NAN);
        lesson.data("text", b"abc");
        lesson.data("text", b"abc");
    }

    #[test]
    fn a_run_prints_and_writes_what_the_contract_says() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out/test");
        let screen = Screen::memory(Terminal::plain(30), false);
        let shown = screen.clone();
        let mut lesson = Lesson::on(&SYLLABUS, &args(out.clone(), false), screen).unwrap();
        speak(&mut lesson);
        lesson.finish().unwrap();

        let expected = "\
A lesson for tests
It says little.

Ladder
━━━━━━

A paragraph that is long
enough to be broken again.

Another.

model  loss
─────  ────
RNN    1.98

  as it stands

step 1
step 2

Bars
a █████████████████████████  1

test-lesson took ";
        let text = shown.text();
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("report.html\n"));

        let json = std::fs::read_to_string(out.join("metrics.json")).unwrap();
        let keys = ["lesson", "command", "seed", "threads", "wall_s", "data", "results"];
        let places: Vec<_> = keys.map(|k| json.find(&format!("\"{k}\":")).expect(k)).to_vec();
        assert!(places.is_sorted(), "{json}");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value.as_object().unwrap().len(), keys.len());
        assert_eq!(value["results"]["ladder.rnn"], 1.98);
        assert!(value["results"]["ladder.failed"].is_null());
        assert_eq!(value["seed"], 1);
        assert_eq!(value["data"].as_array().unwrap().len(), 1);
        assert_eq!(value["data"][0]["bytes"], 3);
        // FIPS 180-2, appendix B.1
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(value["data"][0]["sha256"], abc);
        let html = std::fs::read_to_string(out.join("report.html")).unwrap();
        assert!(html.contains("<svg") && html.contains(abc));
    }

    #[test]
    fn quiet_prints_the_last_lines_only() {
        let folder = tempfile::tempdir().unwrap();
        let screen = Screen::memory(Terminal::plain(30), true);
        let shown = screen.clone();
        let out = folder.path().join("new");
        let mut lesson = Lesson::on(&SYLLABUS, &args(out, true), screen).unwrap();
        speak(&mut lesson);
        lesson.finish().unwrap();
        assert_eq!(shown.text().trim().lines().count(), 3, "{}", shown.text());
    }
}
