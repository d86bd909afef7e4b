//! What the tasks train on, and that short training gets somewhere.

use gru_seq::addition::{self, Split, split};
use gru_seq::dates;
use gru_seq::exposure::{self, LENGTH, totals};
use gru_seq::material::Material;
use gru_seq::recipe::Seq2SeqRecipe;
use gru_seq::task::Task;
use gru_seq::text_to_text::TextToText;
use gru_seq::training::train;
use lesson::RunArgs;
use lesson::files::pairs::Pair;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Trains a network on a task for some steps, keeping nothing.
fn trained(recipe: &Seq2SeqRecipe, material: Material) -> (TextToText, Vec<Pair>) {
    let args = RunArgs { quiet: true, ..RunArgs::default() };
    let (network, _, test) = train(recipe, material, None, &args, None).unwrap();
    (network, test)
}

fn short(task: Task, hidden: usize, steps: usize) -> Seq2SeqRecipe {
    let recipe = Seq2SeqRecipe::new(task, 1).with_steps(steps);
    Seq2SeqRecipe { hidden, embedding: 16, batch: 32, ..recipe }
}

#[test]
fn tests_hold_what_training_never_draws() {
    let mut material = addition::material(&short(Task::Addition, 8, 1));
    let numbers = |text: &str| -> (u64, u64) {
        let (a, b) = text.trim_end_matches('=').split_once('+').unwrap();
        (a.parse().unwrap(), b.parse().unwrap())
    };
    for pair in &material.test {
        let (a, b) = numbers(&pair.source);
        assert_eq!((split(a, b), split(b, a)), (Split::Test, Split::Test));
        assert_eq!(pair.target, (a + b).to_string());
    }
    let source = material.source.clone();
    for step in 0..20 {
        for example in (material.examples)(step) {
            let (a, b) = numbers(&source.decode(&example.source));
            assert_eq!(split(a, b), Split::Train);
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
    let recipe = short(Task::Dates, 48, 350);
    let (network, test) = trained(&recipe, dates::material(&recipe));
    let results = dates::results(&network, &test[..400]);
    assert!(results.exact > 0.5, "{}", results.exact);
    let answer = network.answer("3 March 1998").unwrap();
    assert_eq!(answer.attention.dim(), (answer.written.len(), answer.read.len()));
    assert!(answer.attention.outer_iter().all(|row| (row.sum() - 1.0).abs() < 1e-5));
    assert!(network.answer("  ").unwrap_err().to_string().contains("empty"));
}

#[test]
fn results_count_what_they_say() {
    // An untrained network adds nothing right, and every count still adds up.
    let recipe = short(Task::Addition, 8, 1);
    let (network, test) = trained(&recipe, addition::material(&recipe));
    let results = addition::results(&network, &test[..300]);
    assert_eq!(results.by_carries.iter().map(|(_, sums, _)| sums).sum::<usize>(), 300);
    assert!(results.exact < 0.05 && results.digits < 0.5);
    assert_eq!(results.wrong.len(), 5);
}

#[test]
fn free_running_is_not_better_than_with_the_truth() {
    let recipe = short(Task::Totals, 32, 150);
    let (network, test) = trained(&recipe, exposure::material(&recipe));
    let places = exposure::by_position(&network, &test[..200]);
    assert_eq!(places.forced.len(), LENGTH);
    // The first step has no beginning to be right or wrong about.
    assert_eq!(places.forced[0], places.free[0]);
    assert!(places.free[LENGTH - 1] <= places.forced[LENGTH - 1] + 0.05);
    assert!(places.exact <= places.free[LENGTH - 1]);
}
