//! Part **gradients**: the measured curves within stated ranges.

use rnn_basics::gradients::{self, clipping, distance, jacobians};
use rnn_basics::text::Play;

use crate::printed;

/// A size between a quick look and the tour.
const REACH: distance::Size = distance::Size { hidden: 32, updates: 150, windows: 16 };

#[test]
fn gradients_vanish_fastest_in_an_rnn_and_training_favours_gates() {
    let play = Play::new().unwrap();
    let all = distance::measure_all(&play, REACH, 1).unwrap();
    let [rnn, gru, lstm, remembering] = &all[..] else { panic!("four networks") };
    for m in &all {
        assert!((1.5..2.8).contains(&m.nats), "{}: {}", m.network.name, m.nats);
        for curve in [&m.new, &m.trained] {
            assert_eq!(curve.h.len(), distance::FARTHEST + 1);
            assert_eq!(curve.h[0], 1.0);
            assert!(curve.h[80] < curve.h[40] && curve.h[40] < curve.h[10], "{:?}", curve.h);
            assert!(curve.h.iter().all(|norm| norm.is_finite() && *norm > 0.0));
        }
    }
    // Below 0.577, the gain of the default weights (theory, section 1.11): tanh takes its share.
    assert!((0.35..0.577).contains(&rnn.new.factor()), "{}", rnn.new.factor());
    // Gates start near σ(0) = 0.5 and σ(1) = 0.73; the slowest units rule at long distances.
    assert!((0.5..0.75).contains(&lstm.new.factor()), "{}", lstm.new.factor());
    assert!((0.5..0.75).contains(&gru.new.factor()), "{}", gru.new.factor());
    assert!((0.73..0.92).contains(&remembering.new.factor()), "{}", remembering.new.factor());
    for k in [20, 40, 80] {
        assert!(lstm.trained.h[k] > 100.0 * rnn.trained.h[k], "distance {k}");
        // The path along c carries more than h shows.
        let c = remembering.new.c.as_ref().unwrap();
        assert!(c[k] > remembering.new.h[k], "distance {k}");
    }
    assert!(rnn.new.c.is_none() && gru.new.c.is_none());
}

#[test]
fn every_product_of_jacobians_keeps_the_bound_and_tanh_only_shrinks_it() {
    let all = jacobians::measure_all(jacobians::Size { hidden: 40, starts: 3 }, 2);
    assert_eq!(all.iter().map(|r| r.rho).collect::<Vec<_>>(), jacobians::RADII);
    for r in &all {
        let [asymptote, bound] = r.predictions();
        for k in 0..jacobians::DISTANCES.len() {
            let roof = bound[k] * (1.0 + 1e-6);
            assert!(r.linear[k] <= roof);
            // No norm of a power can lie below the power of the radius.
            assert!(r.linear[k] >= asymptote[k] * (1.0 - 1e-6));
            assert!(r.tanh.iter().all(|t| t.largest[k] <= roof && t.mean[k] <= t.largest[k]));
        }
        // For a large random matrix σ_max tends to 2ρ.
        assert!((1.4..2.2).contains(&(r.sigma / r.rho)), "{}", r.sigma / r.rho);
        let [quiet, loud] = &r.tanh;
        assert!(loud.derivative < quiet.derivative && loud.factor() < quiet.factor());
        for t in &r.tanh {
            let predicted = r.rho * t.derivative;
            assert!((t.factor() / predicted - 1.0).abs() < 0.2, "{} {predicted}", t.factor());
        }
    }
    let quiet = |i: usize| all[i].tanh[0].factor();
    assert!((0.45..0.5).contains(&quiet(0)), "ρ = 0.5: nearly linear");
    assert!((0.9..1.2).contains(&quiet(6)), "ρ = 1.5: held by saturation");
    assert!(all[6].tanh[0].mean[13] < 1e-4 * all[6].linear[13]);
}

#[test]
fn clipping_bounds_the_step_and_saves_what_explodes() {
    let play = Play::new().unwrap();
    let size = clipping::Size { seeds: 2, updates: 120 };
    let [mild, wild, relu] =
        clipping::SETTINGS.map(|setting| clipping::measure(&play, setting, size, 1).unwrap());
    for pair in mild.iter().chain(&wild).chain(&relu) {
        assert!(pair.clipped.used.iter().all(|norm| *norm <= clipping::LIMIT));
        assert!(!pair.clipped.broke());
        assert!(pair.clipped.final_loss() < 2.8, "{}", pair.clipped.final_loss());
        // The same weights and the same first batch.
        assert_eq!(pair.free.losses[0], pair.clipped.losses[0]);
        assert_eq!(pair.free.norms[0], pair.clipped.norms[0]);
    }
    for pair in &mild {
        assert!(pair.free.largest_norm() < 2.0);
        assert!((pair.free.final_loss() - pair.clipped.final_loss()).abs() < 0.02);
    }
    for pair in &wild {
        assert!(pair.free.norms[0] > 1e3 && !pair.free.broke());
        assert!(pair.free.saturated > 0.9, "{}", pair.free.saturated);
        assert!(pair.free.final_loss() > pair.clipped.final_loss() + 0.1);
    }
    assert!(relu.iter().all(|pair| pair.free.broke()));
}

#[test]
fn the_part_reports_what_it_prints() {
    let (text, results) = printed(|lesson| gradients::run(lesson, 1, false).unwrap());
    let number = |name: &str| results[name].as_f64().unwrap_or_else(|| panic!("{name}"));
    let shown = [
        format!("{:.3}", number("gradients.rnn_new_factor")),
        format!("{:.3}", number("gradients.lstm_trained_factor")),
        format!("{:.0e}", number("gradients.rho125_bound_k50")),
        format!("{:.3}", number("gradients.rho150_quiet_factor")),
    ];
    assert!(shown.iter().all(|s| text.contains(s)), "{shown:?}\n{text}");
    let reach = number("gradients.lstm_trained_dh_k40") / number("gradients.rnn_trained_dh_k40");
    assert!(reach > 1e3, "{reach}");
    assert_eq!(number("gradients.relu_clipped_broken"), 0.0);
    assert!(results["gradients.relu_free_loss"].is_null()); // it is not a number
    let cost = number("gradients.tanh_wild_free_loss") - number("gradients.tanh_wild_clipped_loss");
    assert!(cost > 0.2, "{cost}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns");
}
