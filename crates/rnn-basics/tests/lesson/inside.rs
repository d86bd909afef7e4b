//! Looking inside a character model.

use ndarray::{Array2, Array3, array, s};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rnn_basics::inside::attribution::{attribute, attribute_vectors, share_of_last, swap_effect};
use rnn_basics::inside::marks::{KINDS, features, kind, places, speaker_lines};
use rnn_basics::inside::projection::Projection;
use rnn_basics::inside::reading::{losses, states};
use rnn_basics::inside::statistics::{between_groups, correlation, rank_correlation};
use rnn_basics::inside::units::{best_unit, held};
use seqcore::Float;
use seqcore::cells::Cell;
use seqcore::models::language::{LanguageConfig, LanguageModel};

fn model<A: Float>(cell: Cell, layers: usize) -> LanguageModel<A> {
    let config =
        LanguageConfig { vocabulary: 7, embedding: 5, cell, hidden: 6, layers, dropout: 0.0 };
    LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(11))
}

const CONTEXT: [usize; 9] = [1, 4, 2, 6, 3, 3, 5, 1, 2];

#[test]
fn the_gradient_is_the_change_when_an_embedding_is_nudged() {
    for (cell, layers) in [(Cell::RnnTanh, 1), (Cell::Lstm, 1), (Cell::Gru, 2)] {
        let model = model::<f64>(cell, layers);
        let gradient = attribute(&model, &CONTEXT, 4).gradient; // (T, E)
        let ids = Array2::from_shape_vec((CONTEXT.len(), 1), CONTEXT.to_vec()).unwrap();
        let x: Array3<f64> = model.embedding.forward(&ids); // (T, 1, E)
        for t in 0..CONTEXT.len() {
            for e in 0..5 {
                let at = |nudge: f64| {
                    let mut x = x.clone();
                    x[[t, 0, e]] += nudge;
                    attribute_vectors(&model, x.view(), 4).log_probability
                };
                let measured = (at(1e-5) - at(-1e-5)) / 2e-5;
                let computed = gradient[[t, e]];
                assert!(
                    (measured - computed).abs() < 1e-9,
                    "{cell:?} {t} {e}: {measured} {computed}"
                );
            }
        }
    }
}

#[test]
fn the_probability_is_the_models_own() {
    let model = model::<f32>(Cell::RnnTanh, 1);
    let all: f64 = (0..7).map(|next| attribute(&model, &CONTEXT, next).log_probability.exp()).sum();
    assert!((all - 1.0).abs() < 1e-6, "{all}");
    let text: Vec<usize> = CONTEXT.into_iter().chain([4]).collect();
    let direct = losses(&model, &text);
    assert_eq!(direct.len(), CONTEXT.len());
    assert!((direct[8] + attribute(&model, &CONTEXT, 4).log_probability).abs() < 1e-6);
}

#[test]
fn shares_sum_to_one_and_are_ordered_as_the_lengths() {
    let found = attribute(&model::<f64>(Cell::RnnTanh, 1), &CONTEXT, 4);
    let (lengths, shares) = (found.lengths(), found.shares());
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((rank_correlation(&lengths, &shares) - 1.0).abs() < 1e-12);
    assert!((share_of_last(&shares, 9) - 1.0).abs() < 1e-12);
    assert_eq!(share_of_last(&shares, 1), shares[8]);
    // With PyTorch's initial weights, |W_hh| is small: the last character counts most, and the
    // first ones hardly at all.
    assert!(shares[8] > 0.3 && share_of_last(&shares, 4) > 0.8, "{shares:?}");
}

#[test]
fn a_model_that_sees_only_the_last_character_gives_all_to_it() {
    let mut model = model::<f64>(Cell::RnnTanh, 1);
    model.rnn.cells[0].weight_hh.fill(0.0);
    let shares = attribute(&model, &CONTEXT, 4).shares();
    assert_eq!(shares[8], 1.0);
    assert!(shares[..8].iter().all(|share| *share == 0.0));
    let swapped = swap_effect(&model, &CONTEXT, 4, &[3, 6]);
    assert!(swapped[..8].iter().all(|change| *change == 0.0) && swapped[8] > 0.0, "{swapped:?}");
}

#[test]
fn swapping_measures_the_change_of_the_log_probability() {
    let model = model::<f64>(Cell::RnnTanh, 1);
    let swapped = swap_effect(&model, &CONTEXT, 4, &[3, 6]);
    let at = |other: usize| {
        let mut context = CONTEXT;
        context[6] = other;
        attribute(&model, &context, 4).log_probability
    };
    let base = attribute(&model, &CONTEXT, 4).log_probability;
    let expected = ((at(3) - base).abs() + (at(6) - base).abs()) / 2.0;
    assert!((swapped[6] - expected).abs() < 1e-12);
}

#[test]
fn components_of_known_points() {
    // Four points along u = (2, 1)/√5, at ±2 and ±1, and two across it, at ±0.5.
    let (u, w) = (array![2.0, 1.0] / 5f64.sqrt(), array![-1.0, 2.0] / 5f64.sqrt());
    let mut points = Array2::zeros((6, 2));
    for (i, (a, b)) in [(2.0, 0.0), (-2.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 0.5), (0.0, -0.5)]
        .iter()
        .enumerate()
    {
        points.row_mut(i).assign(&(&u * *a + &w * *b + array![3.0, -7.0]));
    }
    let found = Projection::fit(points.view(), 2, &mut ChaCha8Rng::seed_from_u64(1));
    // Along u: (4 + 4 + 1 + 1) / 6; along w: (0.25 + 0.25) / 6.
    assert!((found.variances[0] - 10.0 / 6.0).abs() < 1e-12);
    assert!((found.variances[1] - 0.5 / 6.0).abs() < 1e-12);
    assert!((found.explained()[0] - 10.0 / 10.5).abs() < 1e-12);
    assert!((&found.axes.row(0) - &u).iter().all(|d| d.abs() < 1e-9), "{}", found.axes);
    assert!((&found.axes.row(1) - &w).iter().all(|d| d.abs() < 1e-9), "{}", found.axes);
    assert!((&found.mean - &array![3.0, -7.0]).iter().all(|d| d.abs() < 1e-12));
    let projected = found.project(points.view());
    assert!((projected[[0, 0]] - 2.0).abs() < 1e-9 && projected[[0, 1]].abs() < 1e-9);
}

#[test]
fn components_of_many_points_are_orthogonal_and_of_no_variance_are_nothing() {
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let points = Array2::from_shape_fn((200, 12), |(_, j)| rng.random::<f64>() * (j + 1) as f64);
    let found = Projection::fit(points.view(), 12, rng);
    let product = found.axes.dot(&found.axes.t());
    assert!((product - Array2::<f64>::eye(12)).iter().all(|d| d.abs() < 1e-6));
    assert!(found.variances.is_sorted_by(|a, b| a >= b));
    assert!((found.explained().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let still = Projection::fit(Array2::ones((5, 3)).view(), 2, rng);
    assert_eq!(still.explained(), [0.0, 0.0]);
}

#[test]
fn correlations_by_hand() {
    assert!((correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]) - 1.0).abs() < 1e-12);
    // Deviations (−1, 0, 1) and (−1/3, 2/3, −1/3): no common part.
    assert!(correlation(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0]).abs() < 1e-12);
    assert_eq!(correlation(&[1.0, 1.0], &[0.0, 1.0]), 0.0);
    assert!((rank_correlation(&[1.0, 10.0, 100.0], &[-3.0, -2.0, 5.0]) - 1.0).abs() < 1e-12);
    // Two groups at 0 and 2, each ±1 around: between 1, within 1.
    let points = array![[-1.0], [1.0], [1.0], [3.0]];
    assert!((between_groups(points.view(), &[0, 0, 1, 1], 2) - 0.5).abs() < 1e-12);
}

const SCENE: &str = "the end\n\nANSEL:\nThe sea is here.\n[Exit]\n\nWREN:\nNo.\n";

#[test]
fn features_of_a_small_scene() {
    let text: Vec<char> = SCENE.chars().collect();
    let names: Vec<String> =
        speaker_lines(&text).into_iter().map(|range| text[range].iter().collect()).collect();
    assert_eq!(names, ["ANSEL", "WREN"]);
    let features = features(&text);
    let of = |name: &str| &features.iter().find(|f| f.name == name).unwrap().values;
    assert_eq!(of("a space was just read")[..5], [0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(of("letters since the word began")[..5], [1.0, 2.0, 3.0, 0.0, 1.0]);
    assert_eq!(of("position in the line")[5..11], [6.0, 7.0, 0.0, 0.0, 1.0, 2.0]);
    assert_eq!(of("inside a speaker's name")[8..15], [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    let kinds: Vec<_> = "aTt \n!7é".chars().map(|c| KINDS[kind(c)]).collect();
    let expected = ["vowel", "capital", "consonant", "space", "newline"];
    assert_eq!(kinds[..5], expected);
    assert_eq!(kinds[5..], ["punctuation", "punctuation", "consonant"]);
}

#[test]
fn places_are_what_they_say() {
    let text: Vec<char> = format!("In {SCENE}").repeat(20).chars().collect();
    let places = places(&text, 100);
    let found: Vec<_> = places.iter().map(|place| text[place.at]).collect();
    assert_eq!(places.len(), 3, "no word of five small letters: {places:?}");
    assert_eq!((found[0], text[places[0].at - 1].is_uppercase()), (':', true));
    assert_eq!(text[places[1].at - 4..places[1].at], ['t', 'h', 'e', ' ']);
    assert_eq!(text[places[2].at - 2..places[2].at], ['\n', '\n']);
    assert!(places.iter().all(|place| place.at >= 100));
    assert_eq!(rnn_basics::inside::marks::places(&['x'; 150], 100), [], "no capital, no space");
    assert_eq!(rnn_basics::inside::marks::places(&[], 100), []);
}

#[test]
fn the_best_unit_is_chosen_on_one_half_and_measured_on_the_other() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let text: Vec<char> = SCENE.repeat(8).chars().collect();
    let feature = features(&text).swap_remove(2);
    let cut = text.len() / 2;
    let mut states = Array2::from_shape_fn((text.len(), 5), |_| rng.random::<f64>());
    // Unit 3 follows the feature, with the other sign; unit 1 does so only where it is chosen.
    for (i, value) in feature.values.iter().enumerate() {
        states[[i, 3]] = -value + 4.0 * states[[i, 3]];
        states[[i, 1]] += if i < cut { 0.05 * value } else { 0.0 };
    }
    let best = best_unit(states.view(), &feature, cut);
    assert_eq!(best.unit, 3);
    assert!(best.fresh < -0.8 && best.chosen < -0.8, "{best:?}");
    states.slice_mut(s![cut.., 3]).mapv_inplace(|_| rng.random::<f64>());
    let fooled = best_unit(states.view(), &feature, cut);
    assert!(fooled.chosen < -0.8 && fooled.fresh.abs() < 0.2, "{fooled:?}");
}

#[test]
fn a_held_unit_says_nothing() {
    let model = model::<f32>(Cell::RnnTanh, 1);
    let still = held(&model, 2, 0.3).unwrap();
    let states = states(&still, &CONTEXT);
    assert!(states.column(2).iter().all(|h| (h - 0.3).abs() < 1e-6), "{states}");
    assert!(states.column(1).iter().any(|h| (h - states[[0, 1]]).abs() > 1e-3));
    assert!(held(&self::model::<f32>(Cell::Gru, 1), 2, 0.3).is_none());
    assert!(held(&self::model::<f32>(Cell::RnnTanh, 2), 2, 0.3).is_none());
}
