//! Weights sum to less than 1, so that forecasts stay small, and are different, so that order
//! shows.

use kit::cases::*;

fn forecast(draw: &mut Draw, name: &str, size: usize, horizon: usize) -> Case {
    let weights: Vec<f64> = draw
        .distinct(0.1, 0.9, size)
        .into_iter()
        .map(|w| (100.0 * w / size as f64).round() / 100.0)
        .collect();
    let model = record! { weights: weights, bias: draw.number(0.5, 1.5) };
    call!(name, recursive_forecast(model, draw.distinct(-3.0, 5.0, size), horizon))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let model = record! { weights: vec![0.2, 0.7], bias: 1.0 };
    let [w, h, other] = draw.sizes();
    vec![
        call!("worked example", recursive_forecast(model, vec![2.0, 4.0], 3_usize))
            .expect(vec![4.2, 4.74, 5.158]),
        forecast(draw, "fewer steps than the window has values", h + 2, h),
        forecast(draw, "more steps than the window has values", w, 2 * w + h),
        forecast(draw, "a window of one value", 1, h + 1),
        forecast(draw, "another model", other, h + 4).hidden(),
    ]
}
