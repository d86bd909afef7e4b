//! Holt and Winters' exponential smoothing, additive: a level, a trend that fades, and a season of m steps.
//!
//! ```text
//! ℓ_t = α (x_t − s_{t−m}) + (1 − α) (ℓ_{t−1} + φ b_{t−1})
//! b_t = β (ℓ_t − ℓ_{t−1}) + (1 − β) φ b_{t−1}
//! s_t = γ (x_t − ℓ_{t−1} − φ b_{t−1}) + (1 − γ) s_{t−m}
//! forecast of x_{t+h} = ℓ_t + (φ + … + φ^h) b_t + s_{t + h − m ⌈h/m⌉}
//! ```
//!
//! Holt (1957), Winters (1960), with Gardner and McKenzie's (1985) damped trend. The rates are picked on a coarse grid
//! by the squared error of one-step forecasts over the training part: simple, and good enough to be beaten honestly.

use ndarray::Array2;

use seqcore::data::windows::Shape;

/// The rates of the smoothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// α, how fast the level follows.
    pub level: f64,
    /// β, how fast the trend follows.
    pub trend: f64,
    /// γ, how fast the season follows.
    pub season: f64,
    /// φ, how much of the trend is left one step later.
    pub damping: f64,
}

/// Level, trend and season at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// ℓ
    pub level: f64,
    /// b
    pub trend: f64,
    /// s of the last m moments, the oldest first; one zero where there is no season.
    pub season: Vec<f64>,
}

impl State {
    /// From the first two seasons (or what there is of them): their means and their difference.
    fn start(series: &[f64], season: usize) -> Self {
        let m = season.min(series.len() / 2).max(1);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
        let (first, second) = (mean(&series[..m]), mean(&series[m..(2 * m).min(series.len())]));
        let trend = if second.is_finite() && series.len() >= 2 * m {
            (second - first) / m as f64
        } else {
            0.0
        };
        let middle = (m as f64 - 1.0) / 2.0;
        let departure =
            |k: usize| if m == 1 { 0.0 } else { series[k] - first - trend * (k as f64 - middle) };
        Self {
            level: first - trend * (middle + 1.0),
            trend,
            season: (0..m).map(departure).collect(),
        }
    }

    /// Takes in one value; returns the error of its forecast.
    pub fn update(&mut self, x: f64, rates: &Rates) -> f64 {
        let Rates { level: alpha, trend: beta, season: gamma, damping: phi } = *rates;
        let (expected, season) = (self.level + phi * self.trend, self.season[0]);
        let level = alpha * (x - season) + (1.0 - alpha) * expected;
        self.trend = beta * (level - self.level) + (1.0 - beta) * phi * self.trend;
        self.level = level;
        self.season.rotate_left(1);
        let newest = self.season.len() - 1;
        self.season[newest] =
            if newest == 0 { 0.0 } else { gamma * (x - expected) + (1.0 - gamma) * season };
        x - expected - season
    }

    /// The forecast `lead` steps ahead.
    pub fn forecast(&self, lead: usize, rates: &Rates) -> f64 {
        let fading: f64 = (1..=lead).map(|k| rates.damping.powi(k as i32)).sum();
        self.level + fading * self.trend + self.season[(lead - 1) % self.season.len()]
    }
}

/// The rates with the smallest squared one-step error over `training`, and a season of `season` steps (1: none).
pub fn fit(training: &[f64], season: usize) -> Rates {
    let grid = [0.02, 0.1, 0.3, 0.6, 0.9];
    let (mut best, mut lowest) =
        (Rates { level: 0.3, trend: 0.0, season: 0.1, damping: 0.9 }, f64::INFINITY);
    for level in grid {
        for trend in [0.0, 0.02, 0.1, 0.3] {
            for season_rate in if season > 1 { &grid[..4] } else { &grid[..1] } {
                for damping in [0.8, 0.95, 1.0] {
                    let rates = Rates { level, trend, season: *season_rate, damping };
                    let mut state = State::start(training, season);
                    let error =
                        training.iter().map(|&x| state.update(x, &rates).powi(2)).sum::<f64>();
                    if error < lowest {
                        (best, lowest) = (rates, error);
                    }
                }
            }
        }
    }
    best
}

/// Forecasts (N, leads) from `origins` in ascending order, each with all values up to its origin taken in.
pub fn forecasts(
    series: &[f64],
    origins: &[usize],
    shape: &Shape,
    season: usize,
    rates: &Rates,
) -> Array2<f64> {
    assert!(origins.is_sorted(), "origins in order of time");
    let first = origins.first().map_or(0, |t| t + 1);
    let mut state = State::start(&series[..first], season);
    let mut seen = 0;
    let mut all = Array2::zeros((origins.len(), shape.leads.len())); // (N, leads)
    for (mut row, &t) in all.rows_mut().into_iter().zip(origins) {
        while seen <= t {
            state.update(series[seen], rates);
            seen += 1;
        }
        row.iter_mut()
            .zip(&shape.leads)
            .for_each(|(into, &lead)| *into = state.forecast(lead, rates));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: [f64; 16] = [
        112.0, 118.0, 132.0, 129.0, 121.0, 135.0, 148.0, 148.0, 136.0, 119.0, 104.0, 118.0, 115.0,
        126.0, 141.0, 135.0,
    ];

    // from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    // m = ETSModel(y, error='add', trend='add', damped_trend=phi < 1, seasonal='add', seasonal_periods=4,
    //     initialization_method='known', initial_level=120, initial_trend=1.5, initial_seasonal=[-8, -2, 8, 2])
    // m.smooth([.4, .4 * .2, .3, (phi)]).forecast(6); its beta is alpha times the beta here
    #[test]
    fn the_recursion_is_statsmodels() {
        for (damping, expected, sse) in [
            (
                1.0,
                [128.15160304, 131.57546202, 138.9858775, 139.86960987, 132.8566696, 136.28052858],
                3755.989600715003,
            ),
            (
                0.9,
                [128.30675242, 131.5435668, 138.70180264, 139.25004696, 131.87040478, 134.75085393],
                3527.214426418052,
            ),
        ] {
            let rates = Rates { level: 0.4, trend: 0.2, season: 0.3, damping };
            let mut state = State { level: 120.0, trend: 1.5, season: vec![-8.0, -2.0, 8.0, 2.0] };
            let error: f64 = SERIES.iter().map(|&x| state.update(x, &rates).powi(2)).sum();
            assert!((error - sse).abs() < 1e-8 * sse, "{error} {sse}");
            for (lead, value) in (1..).zip(expected) {
                assert!((state.forecast(lead, &rates) - value).abs() < 1e-7, "{lead}");
            }
        }
    }

    #[test]
    fn a_trend_with_a_season_is_followed_exactly() {
        let series: Vec<f64> =
            (0..60).map(|t| 5.0 + 0.5 * t as f64 + [3.0, -1.0, -2.0][t % 3]).collect();
        let rates = fit(&series[..48], 3);
        let shape = Shape::new(1, 5);
        let found = forecasts(&series, &[48, 54], &shape, 3, &rates);
        for (row, t) in found.rows().into_iter().zip([48, 54]) {
            for (lead, value) in (1..).zip(row) {
                assert!(
                    (value - series[t + lead]).abs() < 0.05,
                    "{t} {lead} {value} {}",
                    series[t + lead]
                );
            }
        }
    }
}
