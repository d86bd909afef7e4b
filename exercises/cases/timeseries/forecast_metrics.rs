//! A season with a trend; the test part is longer than a season, so that a divisor from it exists
//! and is wrong.

use kit::cases::*;

fn metrics(draw: &mut Draw, name: &str, season: usize, training: usize, test: usize) -> Case {
    let level = draw.uniform(2.0, 9.0, season);
    let noise = draw.normal(training + test);
    let all: Vec<f64> = (0..training + test)
        .map(|t| ((level[t % season] + 0.3 * t as f64 + 0.4 * noise[t]) * 100.0).round() / 100.0)
        .collect();
    let came = all[training..].to_vec();
    let errors = draw.uniform(-2.0, 3.0, test);
    let forecast: Vec<f64> =
        came.iter().zip(&errors).map(|(y, e)| ((y + e) * 100.0).round() / 100.0).collect();
    call!(name, forecast_metrics(came, forecast, all[..training].to_vec(), season))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let training = vec![10.0, 14.0, 20.0, 12.0, 12.0, 16.0, 22.0, 14.0];
    let example = call!(
        "worked example",
        forecast_metrics(
            vec![13.0, 19.0, 24.0, 15.0],
            vec![15.0, 18.0, 23.0, 17.0],
            training,
            4_usize
        )
    );
    let [season, more, rest] = draw.sizes();
    vec![
        example.expect(record! { mae: 1.5, rmse: 1.58114, mase: 0.75 }),
        metrics(draw, "without a season", 1, 6 + more, 4),
        metrics(draw, "a season", season, 2 * season + more, season + rest),
        metrics(draw, "a longer season", season + 3, 3 * season + 4, season + 5),
        metrics(draw, "another series", rest, 4 * rest + 1, rest + more).hidden(),
    ]
}
