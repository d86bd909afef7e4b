//! Can tomorrow's return be forecast? Walk-forward, year by year, each model refitted on all days before.

use lesson::Result;
use ndarray::Array2;
use seqcore::data::windows::{Samples, Shape, flat};
use seqcore::metrics::comparison::{Comparison, Kernel, Side, clark_west, diebold_mariano};
use seqcore::metrics::forecast as metric;
use seqcore::metrics::forecast::CopyCheck;
use seqcore::metrics::statistics::{Interval, holm};
use seqcore::models::ridge::Ridge;

use super::panel::{Share, stack};
use super::walk::{BLOCK, WalkForward, lags};
use crate::network;
use crate::study::{mean_interval, skill_interval};

/// Days that the models look back.
const HISTORY: usize = 21;

/// Forecasts of one share's returns, day by day over the whole test.
#[derive(Debug, Clone)]
pub struct Forecasts {
    /// The ticker.
    pub name: String,
    /// The close before each forecast.
    pub price: Vec<f64>,
    /// The returns that were observed.
    pub observed: Vec<f64>,
    /// Methods with their forecasts: drift, yesterday, ridge, GRU.
    pub methods: Vec<(&'static str, Vec<f64>)>,
}

impl Forecasts {
    /// The forecasts of a method. Panics on another name.
    pub fn of(&self, name: &str) -> &[f64] {
        &self.methods.iter().find(|m| m.0 == name).unwrap_or_else(|| panic!("no method {name}")).1
    }
}

/// The columns that the network reads: the return and the size of the day's movement, both in units of training.
fn table(share: &Share, train: usize) -> (Array2<f64>, f64) {
    let spread = metric::mean(share.returns[1..train].iter().map(|r| r * r)).sqrt();
    let size = metric::mean(share.variance[..train].iter().map(|v| v.ln()));
    let columns = Array2::from_shape_fn((share.returns.len(), 2), |(t, c)| match c {
        0 => (share.returns[t] / spread).clamp(-6.0, 6.0),
        _ => (share.variance[t].ln() - size) / 2.0,
    });
    (columns, spread)
}

/// Walks forward over the years of `walk` and forecasts every return.
///
/// # Errors
/// Training that diverges.
pub fn walk_forward(shares: &[Share], walk: &WalkForward) -> Result<Vec<Forecasts>> {
    let shape = Shape::new(HISTORY, 1);
    let empty = |share: &Share| Forecasts {
        name: share.name.clone(),
        price: Vec::new(),
        observed: Vec::new(),
        methods: ["drift", "yesterday", "ridge", "GRU"].map(|name| (name, Vec::new())).to_vec(),
    };
    let mut all: Vec<Forecasts> = shares.iter().map(empty).collect();
    for (fold, &year) in walk.years.iter().enumerate() {
        let last = walk.years.get(fold + 1).copied().unwrap_or(i32::MAX);
        let cuts: Vec<(usize, usize)> =
            shares.iter().map(|s| (s.start_of(year), s.start_of(last))).collect();
        let prepared: Vec<(Array2<f64>, f64)> =
            shares.iter().zip(&cuts).map(|(s, c)| table(s, c.0)).collect();
        let tables: Vec<Array2<f64>> = prepared.iter().map(|p| p.0.clone()).collect();
        let origins = |part: fn(&(usize, usize)) -> std::ops::Range<usize>| -> Vec<Vec<usize>> {
            cuts.iter().map(|cut| shape.origins(&part(cut)).collect()).collect()
        };
        let (seen, tested) = (origins(|c| 1..c.0), origins(|c| c.0..c.1));
        let scaled = |which: &[Vec<usize>]| -> Vec<Vec<f64>> {
            let of = |k: usize| {
                which[k].iter().map(|&t| shares[k].returns[t + 1] / prepared[k].1).collect()
            };
            (0..shares.len()).map(of).collect()
        };
        let train: Samples = stack(&tables, &shape, &seen, &scaled(&seen));
        let model =
            network::median(&train, 16, walk.steps, 0.002, walk.seed + fold as u64, walk.progress)?;
        let test = stack(&tables, &shape, &tested, &scaled(&tested));
        let network = model.predict(&test);
        let mut row = 0;
        for (k, share) in shares.iter().enumerate() {
            let (spread, forecasts) = (prepared[k].1, &mut all[k]);
            let none = Array2::zeros((share.returns.len() + 1, 0));
            let rows = |which: &[usize]| flat(&tables[k], &none, which, &shape);
            let target =
                Array2::from_shape_fn((seen[k].len(), 1), |(n, _)| share.returns[seen[k][n] + 1]);
            // Returns are nearly all noise: a large λ, as large as the number of days.
            let ridge = Ridge::fit(&rows(&seen[k]), &target, seen[k].len() as f64);
            let linear = ridge.predict(&rows(&tested[k]));
            let drift = metric::mean(share.returns[1..cuts[k].0].iter().copied());
            for (n, &t) in tested[k].iter().enumerate() {
                forecasts.price.push(share.close[t]);
                forecasts.observed.push(share.returns[t + 1]);
                let found = [
                    drift,
                    share.returns[t],
                    linear[(n, 0)],
                    spread * f64::from(network[(row, 0, 0)]),
                ];
                forecasts.methods.iter_mut().zip(found).for_each(|(method, f)| method.1.push(f));
                row += 1;
            }
        }
    }
    Ok(all)
}

/// How a method does on one share.
#[derive(Debug, Clone, Copy)]
pub struct ReturnSkill {
    /// Out-of-sample R² against a return of zero, with its block-bootstrap interval.
    pub r2: Interval,
    /// Diebold-Mariano against zero: squared errors, two-sided, one day ahead.
    pub dm: Comparison,
    /// Clark-West against zero, one-sided.
    pub cw: Comparison,
    /// How often the direction was right.
    pub direction: f64,
}

/// The skill of a method on one share.
pub fn skill(forecasts: &Forecasts, method: &str) -> ReturnSkill {
    let (observed, f) = (&forecasts.observed, forecasts.of(method));
    let own: Vec<f64> = observed.iter().zip(f).map(|(y, f)| (y - f).powi(2)).collect();
    let zero: Vec<f64> = observed.iter().map(|y| y * y).collect();
    let d: Vec<f64> = own.iter().zip(&zero).map(|(a, b)| a - b).collect();
    let kernel = Kernel::Bartlett(lags(observed.len()));
    ReturnSkill {
        r2: skill_interval(&own, &zero, BLOCK, 1), // 1 − Σ e² / Σ y²: R² against zero
        dm: diebold_mariano(&d, 1, kernel, Side::Two),
        cw: clark_west(observed, &vec![0.0; observed.len()], f, kernel),
        direction: metric::directional_accuracy(&vec![0.0; observed.len()], observed, f),
    }
}

/// One test over all shares: the mean difference of squared errors, in units of each share's variance, day by day
/// from the end (shares that began later have no early days).
pub fn pooled(all: &[Forecasts], method: &str) -> Comparison {
    let days = all.iter().map(|f| f.observed.len()).min().unwrap_or(0);
    let term = |f: &Forecasts, back: usize| {
        let i = f.observed.len() - days + back;
        let (y, x) = (f.observed[i], f.of(method)[i]);
        ((y - x).powi(2) - y * y) / metric::mean(f.observed.iter().map(|r| r * r))
    };
    let d: Vec<f64> =
        (0..days).map(|back| metric::mean(all.iter().map(|f| term(f, back)))).collect();
    diebold_mariano(&d, 1, Kernel::Bartlett(lags(days)), Side::Two)
}

/// Clark-West p-values of a method over all shares, as they are and after Holm.
pub fn after_holm(all: &[Forecasts], method: &str) -> Vec<(f64, f64)> {
    let raw: Vec<f64> = all.iter().map(|f| skill(f, method).cw.p_value).collect();
    raw.iter().copied().zip(holm(&raw)).collect()
}

/// Holding the share when the forecast is above zero, else nothing.
#[derive(Debug, Clone, Copy)]
pub struct Trading {
    /// Mean yearly log return before costs.
    pub gross: f64,
    /// After costs.
    pub net: f64,
    /// Of buying once and holding.
    pub hold: f64,
    /// Trades a year.
    pub trades: f64,
    /// Net minus hold, a year, with its interval.
    pub against_hold: Interval,
}

/// Trades on a method's forecasts; each change of position costs `cost` of its value.
pub fn trade(forecasts: &Forecasts, method: &str, cost: f64) -> Trading {
    const YEAR: f64 = 252.0;
    let (mut position, mut trades) = (0.0, 0.0);
    let (mut gross, mut difference) = (0.0, Vec::new());
    for (&r, &f) in forecasts.observed.iter().zip(forecasts.of(method)) {
        let wanted = f64::from(f > 0.0);
        let paid = if wanted == position { 0.0 } else { cost };
        trades += f64::from(wanted != position);
        position = wanted;
        gross += position * r;
        difference.push(YEAR * (position * r - paid - r));
    }
    let days = forecasts.observed.len() as f64;
    let hold = YEAR * forecasts.observed.iter().sum::<f64>() / days;
    Trading {
        gross: YEAR * gross / days,
        net: YEAR * (gross - cost * trades) / days,
        hold,
        trades: YEAR * trades / days,
        against_hold: mean_interval(&difference, BLOCK, 1),
    }
}

/// The same forecasts seen as prices: R² on prices, R² on returns, and the copy detector.
pub fn illusion(forecasts: &Forecasts, method: &str) -> (f64, f64, CopyCheck) {
    let ahead = |r: &[f64]| -> Vec<f64> {
        forecasts.price.iter().zip(r).map(|(p, r)| p * r.exp()).collect()
    };
    let (observed, predicted) = (ahead(&forecasts.observed), ahead(forecasts.of(method)));
    let zero = vec![0.0; forecasts.observed.len()];
    let on_returns = metric::r2_against(&forecasts.observed, forecasts.of(method), &zero);
    (
        metric::r2(&observed, &predicted),
        on_returns,
        CopyCheck::of(&forecasts.price, &observed, &predicted),
    )
}
