//! Every forecast is at least 0.1 away from what came, where the slope is not in doubt; both sides
//! occur for each level.

use kit::cases::*;

fn forecasts(draw: &mut Draw, name: &str, n: usize, levels: Vec<f64>) -> Case {
    let came = draw.normal(n);
    let away = draw.uniform(0.1, 2.0, (n, levels.len()));
    let forecasts = Array2::from_shape_fn((n, levels.len()), |(t, k)| {
        let side = if (t + k) % 2 == 0 { 1.0 } else { -1.0 };
        ((came[t] + side * away[[t, k]]) * 1000.0).round() / 1000.0
    });
    call!(name, pinball_loss(came, forecasts, levels))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = array![[12.0, 18.0], [15.0, 18.5], [20.0, 26.0], [14.0, 19.0]];
    let upper = |first: f64| [first, -0.1125, 0.0125, 0.0125];
    let d = Array2::from_shape_fn((4, 2), |(t, k)| if k == 0 { -0.0125 } else { upper(0.0125)[t] });
    let [n, q] = draw.sizes();
    let mut levels = |count: usize| -> Vec<f64> {
        let mut levels = draw.distinct(0.05, 0.95, count);
        levels.sort_by(f64::total_cmp);
        levels
    };
    let (some, one, others) = (levels(q), levels(1), levels(q + 2));
    // Not near 0.5, where the sides are alike.
    let one = vec![if one[0] > 0.5 { 0.8 } else { 0.2 }];
    vec![
        call!(
            "worked example",
            pinball_loss(array![13.0, 19.0, 24.0, 15.0], example, vec![0.1, 0.9])
        )
        .expect((0.31875, d)),
        forecasts(draw, "one level", n + 2, one),
        forecasts(draw, "several levels", n, some),
        forecasts(draw, "one outcome", 1, vec![0.1, 0.4, 0.9]),
        forecasts(draw, "other levels", n + 3, others).hidden(),
    ]
}
