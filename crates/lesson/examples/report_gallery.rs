//! Every kind of figure, table and text in one report, from made-up numbers: the place to look when
//! the style is changed.
//!
//! `cargo run -p seqcore --example report_gallery` writes `out/report-gallery/report.html`.

use std::process::ExitCode;

use lesson::plot::{BarChart, HeatMap, LineChart, Scale, Scatter, Table, TextHeat};
use lesson::{self, Lesson, LessonArgs, Part, Syllabus};
use ndarray::Array2;

const SYLLABUS: Syllabus = Syllabus {
    name: "report-gallery",
    title: "A gallery of figures",
    about: "Every kind of figure, table and text that a lesson can show. The numbers are made up.",
    parts: &[
        Part { name: "charts", about: "lines, bands, bars, points" },
        Part { name: "matrices", about: "heat maps and coloured text" },
        Part { name: "text", about: "tables, samples, formulas" },
    ],
    examples: &[("--part charts", "the charts only")],
};

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
}

fn main() -> ExitCode {
    lesson::run_binary(|| {
        let cli: Cli = lesson::parse(&SYLLABUS);
        let mut lesson = Lesson::new(&SYLLABUS, &cli.lesson.run)?;
        if cli.lesson.wants("charts") {
            charts(&mut lesson);
        }
        if cli.lesson.wants("matrices") {
            matrices(&mut lesson);
        }
        if cli.lesson.wants("text") {
            text(&mut lesson);
        }
        lesson.finish()
    })
}

/// `n` points of a curve over 0, 1, 2, ...
fn curve(n: usize, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (0..n).map(|i| (i as f64, f(i as f64))).collect()
}

/// Points with their x multiplied: a value every `factor` steps.
fn spread(points: Vec<(f64, f64)>, factor: f64) -> Vec<(f64, f64)> {
    points.into_iter().map(|(x, y)| (x * factor, y)).collect()
}

fn charts(lesson: &mut Lesson) {
    lesson.heading("Lines");
    lesson.say(
        "A loss curve with the baselines that a sceptic would pick. The labels of reference lines \
         stand beside the plot and never on each other.",
    );
    let noise = |t: f64| 0.05 * (t * 12.9898).sin() * (t * 78.233).cos();
    let losses = LineChart::new(
        "Character model on the play",
        "The training loss falls from 4.2 to 1.6 nats per character in 600 steps; the held-out \
         loss stops at 1.8, below the unigram and bigram baselines and above the 5-gram.",
    )
    .x("step")
    .y("loss (nats/char)")
    .series("training", &curve(600, |t| 1.55 + 2.6 * (-t / 60.0).exp() + noise(t)))
    .series("held out", &spread(curve(13, |t| 1.78 + 2.4 * (-t / 1.2).exp()), 50.0))
    .reference("unigram", 3.31)
    .reference("bigram", 2.46)
    .reference("5-gram (Kneser–Ney)", 1.69)
    .caption("Loss over training steps. The held-out text is the last 10 % of the play.");
    lesson.line_chart(&losses);

    lesson.subheading("Intervals, and characters that are not ASCII");
    let season = |t: f64| 12.0 + 8.0 * (t / 18.0).sin();
    let band: Vec<_> = (60..120)
        .map(f64::from)
        .map(|t| (t, season(t) - 0.05 * (t - 50.0), season(t) + 0.05 * (t - 50.0)))
        .collect();
    let forecast = LineChart::new(
        "Température à l’aéroport – 80 % interval",
        "The forecast follows the measured temperature; its interval widens from 1 to 7 °C.",
    )
    .x("day")
    .y("temperature (°C)")
    .series(
        "mesurée (°C)",
        &curve(
            120,
            |t| if (30.0..34.0).contains(&t) { f64::NAN } else { season(t) + 14.0 * noise(t) },
        ),
    )
    .series("prévision – GRU", &curve(120, season)[60..])
    .band(&band)
    .series("naïve – yesterday’s value", &curve(120, |t| season(t - 6.0))[60..])
    .caption("A gap in the measurements is a gap in the line.");
    lesson.line_chart(&forecast);

    lesson.subheading("A logarithmic axis");
    let decay = LineChart::new(
        "How far gradients reach",
        "Gradient norms fall exponentially with distance, fastest for the RNN, slowest for the LSTM.",
    )
    .x("distance (steps back)")
    .y("‖∂L/∂h‖, relative")
    .log_y();
    let decay =
        [("RNN", 0.62), ("GRU", 0.9), ("LSTM", 0.97), ("ρᵏ, predicted", 0.6), ("bound", 0.75)]
            .into_iter()
            .fold(decay, |c, (name, r): (&str, f64)| c.series(name, &curve(41, |k| r.powf(k))));
    lesson.line_chart(&decay);

    lesson.heading("Bars");
    let ladder = BarChart::new(
        "The ladder on held-out text",
        "Uniform 4.17, unigram 3.31, bigram 2.46, 5-gram 1.69 and RNN 1.78 nats per character.",
    )
    .unit("nats per character – less is better")
    .bar("uniform", 4.174)
    .bar("unigram", 3.31)
    .bar("bigram", 2.46)
    .bar("5-gram, interpolated modified Kneser–Ney", 1.69)
    .highlight("RNN, 128 units", 1.78)
    .caption("On little text, counting wins.");
    lesson.bar_chart(&ladder);
    lesson.number("ladder.rnn", 1.78);
    lesson.number("ladder.diverged", f64::NAN);

    lesson.heading("Points");
    let letters: Vec<_> = "aeiouAEIOU"
        .chars()
        .enumerate()
        .map(|(i, c)| {
            (-1.0 + 0.3 * (i as f64 * 2.4).sin(), 0.5 * (i as f64 * 1.7).cos(), c.to_string())
        })
        .collect();
    let others: Vec<_> = "bcdfghjklmnpqrst"
        .chars()
        .enumerate()
        .map(|(i, c)| {
            (0.8 + 0.6 * (i as f64 * 1.1).sin(), 0.9 * (i as f64 * 2.3).cos(), c.to_string())
        })
        .collect();
    let states = Scatter::new(
        "Hidden states after one character",
        "Vowels lie to the left, consonants to the right, line ends far above.",
    )
    .x("first principal component")
    .y("second principal component")
    .labelled("vowels", &letters)
    .labelled("consonants", &others)
    .labelled("line ends", &[(0.1, 1.6, "↵")])
    .caption("Hidden states projected to two dimensions.");
    lesson.figure(&states.render());
}

fn matrices(lesson: &mut Lesson) {
    lesson.heading("Matrices");
    lesson.say("Zero is the colour of the page; blue is positive, orange is negative.");
    let weights = Array2::from_shape_fn((6, 8), |(i, j)| ((i * 8 + j) as f64 * 0.7).sin() * 1.2);
    let weights =
        HeatMap::new("W_hh – recurrent weights", "No pattern: made-up weights.", weights.view())
            .rows("to unit", (1..=6).map(|i| format!("h{i}")))
            .columns("from unit", (1..=8).map(|j| format!("h{j}")))
            .scale(Scale::Diverging)
            .show_values()
            .caption("Weights, with their values.");
    lesson.figure(&weights.render());
    let text: Vec<String> =
        "To be, or not to be: that is the question".chars().map(|c| c.to_string()).collect();
    let gates = Array2::from_shape_fn((12, text.len()), |(i, j)| {
        0.5 + 0.5 * ((i + 1) as f64 * j as f64 * 0.13).sin()
    });
    let gates = HeatMap::new("Forget gate", "Each unit opens at its own rhythm.", gates.view())
        .rows("unit", (1..=12).map(|i| i.to_string()))
        .columns("character", text)
        .range(0.0, 1.0)
        .caption("One row a unit, one column a character.");
    lesson.figure(&gates.render());
    let confusion = ndarray::array![[11_024.0, 1_476.0], [1_702.0, 10_798.0]];
    let confusion =
        HeatMap::new("Confusion", "Most reviews are classified correctly.", confusion.view())
            .rows("true class", ["negative", "positive"])
            .columns("predicted class", ["negative", "positive"])
            .show_values();
    lesson.figure(&confusion.render());

    lesson.subheading("Coloured text");
    let line = "HAMLET.\nTo be, or not to be: that is the question:\nWhether ’tis nobler <in> the mind to suffer\n";
    let pieces = line.chars().enumerate().map(|(i, c)| (c.to_string(), (i as f64 * 0.21).sin()));
    let heat = TextHeat::new("One unit’s activation", pieces)
        .scale(Scale::Diverging)
        .caption("Point at a character to see the value.");
    lesson.text_heat(&heat);
    let words = "a wonderful film with a dull ending".split(' ');
    let pieces =
        words.zip([0.02, 0.9, 0.3, 0.1, 0.02, 0.75, 0.4]).map(|(w, v)| (format!("{w} "), v));
    lesson.text_heat(&TextHeat::new("Attention over words", pieces));
}

fn text(lesson: &mut Lesson) {
    lesson.heading("Text");
    lesson.say(
        "A recurrent network computes aₜ = W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh and hₜ = tanh(aₜ). \
         Run `cargo run -p rnn-basics -- --part recurrence` to follow it by hand.",
    );
    let table =
        Table::new(["model", "parameters", "nats/char", "bits/char", "training time", "note"])
            .row(["uniform", "–", "4.174", "6.022", "–", "knows the alphabet"])
            .row(["unigram", "65", "3.310", "4.775", "0.0 s", "knows the letters’ shares"])
            .row([
                "5-gram (Kneser–Ney)",
                "412,000",
                "1.690",
                "2.438",
                "0.4 s",
                "counts contexts of up to four characters",
            ])
            .row(["RNN", "33,345", "1.780 ± 0.02", "2.568", "60.0 s", "one layer of 128 units"])
            .caption("The same held-out text for all. Numbers are made up.");
    lesson.table(&table);
    lesson.subheading("A sample");
    lesson.preformatted("LUCIO.\nWhat light is this upon the <harbour> wall,\n  that makes the salt & silver of the sea\n  look like a street where lanterns fall and fall, and this line is too long for a telephone?");
    lesson.report().list(["a list item", "another with `code`", "and a third one"]);
    lesson.report().details("History as CSV", "step,loss\n0,4.17\n100,2.5\n");
    lesson.data("made-up.txt", b"abc");
}
