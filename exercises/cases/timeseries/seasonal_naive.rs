//! All values differ; the history is at least two seasons long and no multiple of the season.

use kit::cases::*;

fn forecast(draw: &mut Draw, name: &str, season: usize, more: usize, horizon: usize) -> Case {
    call!(name, seasonal_naive(draw.distinct(0.0, 20.0, 2 * season + more), season, horizon))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let history = vec![10.0, 14.0, 20.0, 12.0, 12.0, 16.0, 22.0, 14.0];
    let season = draw.int(3, 6);
    vec![
        call!("worked example", seasonal_naive(history, 4_usize, 6_usize))
            .expect(vec![12.0, 16.0, 22.0, 14.0, 12.0, 16.0]),
        forecast(draw, "less than a season ahead", season, 1, season - 1),
        forecast(draw, "one season ahead", season, 2, season),
        forecast(draw, "several seasons ahead", season, 1, 2 * season + 2),
        forecast(draw, "no season: m is 1", 1, 4, 3),
        forecast(draw, "another season", season + 2, 3, 2 * season + 5).hidden(),
    ]
}
