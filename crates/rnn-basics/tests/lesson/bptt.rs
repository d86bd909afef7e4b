//! Part **bptt**: the network from scratch and its truncated gradient.

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rnn_basics::bptt::{self, Size, against_seqcore, check, train, truncation};
use rnn_basics::scratch::{Rnn, loss};
use rnn_basics::text::Play;
use seqcore::cells::unroll::Reference;
use seqcore::fused::Fused;

use crate::printed;

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(3)
}

#[test]
fn the_full_gradient_passes_the_check_and_the_cut_one_fails_where_time_matters() {
    for seed in 1..=5 {
        let checked = check(seed);
        checked.full.assert_below(1e-6);
        for array in &checked.cut.arrays {
            let goes_back = ["weight_ih", "weight_hh", "bias"].contains(&array.name.as_str());
            let range = if goes_back { 0.1..f64::INFINITY } else { 0.0..1e-6 };
            assert!(range.contains(&array.error), "{}: {}", array.name, array.error);
        }
        // An untrained network guesses among 11 letters.
        assert!((checked.loss - 11f64.ln()).abs() < 0.3, "{}", checked.loss);
    }
}

#[test]
fn scratch_and_seqcore_agree() {
    let play = Play::new().unwrap();
    for differences in
        [against_seqcore::<Reference>(&play, 100, 7), against_seqcore::<Fused>(&play, 100, 7)]
    {
        assert!(differences.loss < 1e-12, "{differences:?}");
        assert!(differences.worst() < 1e-11, "{differences:?}");
        assert_eq!(differences.gradients.len(), 5);
    }
}

/// What cutting means: windows that are each gone back over alone, the state carried on.
#[test]
fn the_cut_gradient_is_that_of_windows_with_carried_state() {
    let rnn = Rnn::new(5, 6, &mut rng());
    let mut rng = rng();
    let ids: Vec<usize> = (0..13).map(|_| rng.random_range(0..5)).collect();
    let (inputs, targets) = (&ids[..12], &ids[1..]);
    let cut = rnn.backward(&rnn.forward(inputs, &rnn.zero_state()), targets, 5);

    let mut expected = Array2::<f64>::zeros((6, 6));
    let mut h = rnn.zero_state();
    for (inputs, targets) in inputs.chunks(5).zip(targets.chunks(5)) {
        let steps = rnn.forward(inputs, &h);
        // Each window divides by its own length, the whole by 12.
        let share = inputs.len() as f64 / 12.0;
        expected.scaled_add(share, &rnn.backward(&steps, targets, usize::MAX).weight_hh);
        h = steps.last().unwrap().h.clone();
    }
    assert!((&cut.weight_hh - &expected).iter().all(|d| d.abs() < 1e-14));
}

#[test]
fn large_logits_are_no_trouble() {
    let mut rnn = Rnn::zeros(2, 1);
    rnn.bias_y[0] = 2000.0;
    let steps = rnn.forward(&[0], &rnn.zero_state());
    assert_eq!(loss(&steps, &[0]), 0.0);
    assert!(rnn.backward(&steps, &[0], 1).bias_y.iter().all(|d| *d == 0.0));
}

/// Before training short windows do; training makes the past, and with it the cut, matter.
#[test]
fn longer_windows_point_closer_to_the_full_gradient() {
    let play = Play::new().unwrap();
    let size = Size { length: 64, sequences: 24, updates: 400 };
    let mut rnn = Rnn::new(play.vocabulary, 32, &mut rng());
    let before = truncation(&rnn, &play, size);
    let nats = train(&mut rnn, &play, size.updates).unwrap();
    let after = truncation(&rnn, &play, size);
    assert!((1.8..2.8).contains(&nats), "{nats}");
    for rows in [&before, &after] {
        assert_eq!(rows.iter().map(|r| r.k).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 64]);
        assert!(rows.is_sorted_by(|a, b| a.cosine < b.cosine), "{rows:?}");
        assert!((rows[6].cosine - 1.0).abs() < 1e-12 && (rows[6].norm - 1.0).abs() < 1e-12);
    }
    assert!(before[3].cosine > 0.98, "{before:?}");
    assert!(after[0].cosine < before[0].cosine - 0.05, "{before:?} {after:?}");
}

#[test]
fn the_part_reports_what_it_prints() {
    let (text, results) = printed(|lesson| bptt::run(lesson, 1, false).unwrap());
    let number = |name: &str| results[name].as_f64().unwrap();
    assert!(number("bptt.check_worst_error") < 1e-6);
    assert!(number("bptt.largest_difference_fused") < 1e-11);
    let cosine = number("bptt.cosine_trained_k4");
    assert!((0.7..0.99).contains(&cosine), "{cosine}");
    assert!(text.contains(&format!("{cosine:.4}")), "{text}");
    assert!((2.0..2.4).contains(&number("bptt.trained_nats_per_char")));
}
