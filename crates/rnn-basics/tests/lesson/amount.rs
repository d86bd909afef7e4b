//! The loss over the amount of training text.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rnn_basics::amount::{AmountSettings, Row, measure};
use seqcore::cells::Cell;

const SETTINGS: AmountSettings = AmountSettings {
    cell: Cell::RnnTanh,
    hidden: 24,
    batch: 8,
    seq_len: 16,
    steps: 120,
    learning_rate: 1e-2,
    seed: 1,
};

/// A chain over 6 tokens: each token depends on the two before it, so that an order must be
/// chosen and there is something to learn.
fn chain(length: usize, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut ids = vec![1, 2];
    while ids.len() < length {
        let (a, b) = (ids[ids.len() - 2], ids[ids.len() - 1]);
        let likely = 1 + (2 * a + b) % 5;
        ids.push(if rng.random::<f64>() < 0.8 { likely } else { rng.random_range(1..6) });
    }
    ids
}

fn rows() -> Vec<Row> {
    let text = chain(5000, 3);
    let (train, held_out) = text.split_at(4000);
    let mut seen = Vec::new();
    let rows = measure(train, held_out, 6, &SETTINGS, |row| seen.push(*row)).unwrap();
    assert_eq!(seen, rows);
    rows
}

#[test]
fn amounts_double_and_more_text_is_no_worse() {
    let rows = rows();
    let characters: Vec<_> = rows.iter().map(|row| row.characters).collect();
    assert_eq!(characters, [250, 500, 1000, 2000, 4000]);
    // The source's own entropy: p = 0.8 + 0.2 / 5 for the likely token, 0.04 for the others.
    let entropy = -(0.84 * 0.84_f64.ln() + 4.0 * 0.04 * 0.04_f64.ln());
    for pair in rows.windows(2) {
        // Twice the text does not make either much worse: chance on 1000 held-out tokens is
        // about 0.02 nats.
        assert!(pair[1].ngram < pair[0].ngram + 0.03, "{pair:?}");
        assert!(pair[1].network < pair[0].network + 0.05, "{pair:?}");
    }
    for row in &rows {
        // Nobody beats the source by more than chance.
        assert!(row.ngram > entropy - 0.08 && row.network > entropy - 0.08, "{row:?}");
        // 120 steps of 8 × 16 characters, but never more than 40 times through the text.
        let steps = (40 * row.characters / 128).min(120) as f64;
        assert_eq!(row.epochs, steps * 128.0 / row.characters as f64);
    }
    let last = rows[4];
    assert_eq!(last.order, 3, "two tokens of context decide");
    assert!(last.ngram < entropy + 0.08, "{last:?}");
    // Little text is learned by heart, much is not.
    assert!(rows[0].network_train + 0.3 < rows[0].network, "{:?}", rows[0]);
    assert!((last.network_train - last.network).abs() < 0.15, "{last:?}");
}

#[test]
fn amounts_that_fill_no_batch_are_left_out() {
    let text = chain(700, 5);
    let (train, held_out) = text.split_at(600);
    let few = AmountSettings { steps: 2, ..SETTINGS };
    let rows = measure(train, held_out, 6, &few, |_| {}).unwrap();
    let divisors: Vec<_> = rows.iter().map(|row| row.divisor).collect();
    assert_eq!(divisors, [4, 2, 1]); // 37 and 75 tokens are not 8 streams of 16
}

#[test]
fn the_nearest_text_is_the_one_that_is_kept() {
    // The first half has other rules than the second half and the held-out part.
    let other: Vec<usize> = chain(2000, 7).into_iter().map(|id| 6 - id).collect();
    let train: Vec<usize> = other.into_iter().chain(chain(2000, 8)).collect();
    let rows =
        measure(&train, &chain(1000, 9), 6, &AmountSettings { steps: 1, ..SETTINGS }, |_| {});
    let rows = rows.unwrap();
    assert!(rows[3].ngram < rows[4].ngram, "half the text, all of it right, is better: {rows:?}");
}
