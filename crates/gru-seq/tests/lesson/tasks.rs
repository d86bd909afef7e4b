//! What the tasks train on, and that short training gets somewhere.

use gru_seq::addition::{self, Part, part};
use gru_seq::exposure::{LENGTH, totals};
use gru_seq::task::{Settings, Task};
use gru_seq::{dates, exposure, task};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::lesson::{Lesson, RunArgs, Screen, Syllabus};
use seqcore::plot::Terminal;
use seqcore::train::Length;

const SYLLABUS: Syllabus =
    Syllabus { name: "gru-seq", title: "Test", about: "A run.", parts: &[], examples: &[] };

/// A lesson that nobody sees, in a folder of its own.
fn lesson(folder: &tempfile::TempDir) -> Lesson {
    let args = RunArgs { out: Some(folder.path().join("out")), quiet: true, ..RunArgs::default() };
    Lesson::on(&SYLLABUS, &args, Screen::memory(Terminal::plain(80), true)).unwrap()
}

/// Trains a network on a task for some steps, keeping nothing.
fn trained(settings: &Settings) -> (gru_seq::trained::Trained, Vec<seqcore::data::pairs::Pair>) {
    let folder = tempfile::tempdir().unwrap();
    let material = settings.material().unwrap();
    let args = RunArgs::default();
    let (trained, _, test) =
        task::train(&lesson(&folder), None, settings, material, &args, None).unwrap();
    (trained, test)
}

fn short(task: Task, hidden: usize, steps: usize) -> Settings {
    let mut settings = Settings { hidden, embedding: 16, batch: 32, ..Settings::new(task, 1) };
    settings.plan.length = Length::Steps(steps);
    settings
}

#[test]
fn tests_hold_what_training_never_draws() {
    let settings = short(Task::Addition, 8, 1);
    let mut material = settings.material().unwrap();
    let numbers = |text: &str| -> (u64, u64) {
        let (a, b) = text.trim_end_matches('=').split_once('+').unwrap();
        (a.parse().unwrap(), b.parse().unwrap())
    };
    for pair in &material.test {
        let (a, b) = numbers(&pair.source);
        assert_eq!((part(a, b), part(b, a)), (Part::Test, Part::Test));
        assert_eq!(pair.target, (a + b).to_string());
    }
    let source = material.source.clone();
    for step in 0..20 {
        for example in (material.examples)(step) {
            let (a, b) = numbers(&source.decode(&example.source));
            assert_eq!(part(a, b), Part::Train);
            assert_eq!(material.target.decode(&example.target), (a + b).to_string());
        }
    }
    // The same step has the same examples, whatever was asked before.
    let (first, _, again) =
        ((material.examples)(3), (material.examples)(9), (material.examples)(3));
    assert_eq!(first, again);
}

#[test]
fn running_totals_are_right() {
    let pair = totals(&mut ChaCha8Rng::seed_from_u64(5));
    let digits =
        |text: &str| -> Vec<u32> { text.chars().map(|c| c.to_digit(10).unwrap()).collect() };
    let (source, target) = (digits(&pair.source), digits(&pair.target));
    assert_eq!(source.len(), LENGTH);
    for t in 0..LENGTH {
        assert_eq!(target[t], source[..=t].iter().sum::<u32>() % 10);
    }
}

#[test]
fn dates_are_learned_in_a_short_time() {
    let (network, test) = trained(&short(Task::Dates, 48, 350));
    let score = dates::score(&network, &test[..400]);
    assert!(score.exact > 0.5, "{}", score.exact);
    let answer = network.answer("3 March 1998").unwrap();
    assert_eq!(answer.attention.dim(), (answer.written.len(), answer.read.len()));
    assert!(answer.attention.outer_iter().all(|row| (row.sum() - 1.0).abs() < 1e-5));
    assert!(network.answer("  ").unwrap_err().to_string().contains("empty"));
}

#[test]
fn a_score_counts_what_it_says() {
    // An untrained network adds nothing right, and every count still adds up.
    let (network, test) = trained(&short(Task::Addition, 8, 1));
    let score = addition::score(&network, &test[..300]);
    assert_eq!(score.by_carries.iter().map(|(_, sums, _)| sums).sum::<usize>(), 300);
    assert!(score.exact < 0.05 && score.digits < 0.5);
    assert_eq!(score.wrong.len(), 5);
}

#[test]
fn free_running_is_not_better_than_with_the_truth() {
    let (network, test) = trained(&short(Task::Totals, 32, 150));
    let places = exposure::by_position(&network, &test[..200]);
    assert_eq!(places.forced.len(), LENGTH);
    // The first step has no beginning to be right or wrong about.
    assert_eq!(places.forced[0], places.free[0]);
    assert!(places.free[LENGTH - 1] <= places.forced[LENGTH - 1] + 0.05);
    assert!(places.exact <= places.free[LENGTH - 1]);
}
