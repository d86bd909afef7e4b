//! What *can* be forecast: how much a share will move, though not where.
//!
//! ```text
//! (F19) proxy of day t     v_t = ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)²        Garman and Klass (1980)
//! (F20) QLIKE(v, h)        v/h − ln(v/h) − 1
//! (F21) EWMA               h_{t+1} = 0.94 h_t + 0.06 v_t                    RiskMetrics (1996), on the same proxy
//! (F22) HAR                ln h_{t+1} = b_0 + b_d ln v_t + b_w ⟨ln v⟩_5 + b_m ⟨ln v⟩_22        Corsi (2009)
//! ```
//!
//! The exponential of a mean logarithm is below the mean: HAR and GRU are multiplied by the training mean of v/h.

use lesson::Result;
use ndarray::Array2;
use seqcore::data::windows::{Shape, flat};
use seqcore::metrics::comparison::{Comparison, Kernel, Side, diebold_mariano};
use seqcore::metrics::forecast as metric;
use seqcore::metrics::statistics::{Interval, holm};
use seqcore::models::ridge::Ridge;

use super::panel::{Share, stack};
use super::walk::{BLOCK, WalkForward, lags};
use crate::network;
use crate::study::skill_interval;

/// Days that the network looks back.
const HISTORY: usize = 44;
/// What is left of the EWMA after a day.
const DECAY: f64 = 0.94;

/// QLIKE of every forecast of one share.
#[derive(Debug, Clone)]
pub struct Losses {
    /// The ticker.
    pub name: String,
    /// Methods with one loss a day: constant, EWMA, HAR, GRU.
    pub methods: Vec<(&'static str, Vec<f64>)>,
}

impl Losses {
    /// The losses of a method. Panics on another name.
    pub fn of(&self, name: &str) -> &[f64] {
        &self.methods.iter().find(|m| m.0 == name).unwrap_or_else(|| panic!("no method {name}")).1
    }
}

/// Means of the last day, week and month of ln v, (T, 3).
fn har_table(log: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((log.len(), 3), |(t, c)| {
        let width = [1, 5, 22][c].min(t + 1);
        metric::mean(log[t + 1 - width..=t].iter().copied())
    })
}

fn ewma(variance: &[f64]) -> Vec<f64> {
    let mut h = metric::mean(variance[..22.min(variance.len())].iter().copied());
    let step = |v: &f64| {
        h = DECAY * h + (1.0 - DECAY) * v; // (F21)
        h
    };
    variance.iter().map(step).collect()
}

/// Walks forward over the years and scores every day.
///
/// # Errors
/// Training that diverges.
pub fn walk_forward(shares: &[Share], walk: &WalkForward) -> Result<Vec<Losses>> {
    let shape = Shape::new(HISTORY, 1);
    let empty = |share: &Share| Losses {
        name: share.name.clone(),
        methods: ["constant", "EWMA", "HAR", "GRU"].map(|name| (name, Vec::new())).to_vec(),
    };
    let mut all: Vec<Losses> = shares.iter().map(empty).collect();
    let logs: Vec<Vec<f64>> =
        shares.iter().map(|s| s.variance.iter().map(|v| v.ln()).collect()).collect();
    let har: Vec<Array2<f64>> = logs.iter().map(|log| har_table(log)).collect();
    let smooth: Vec<Vec<f64>> = shares.iter().map(|s| ewma(&s.variance)).collect();
    for (fold, &year) in walk.years.iter().enumerate() {
        let last = walk.years.get(fold + 1).copied().unwrap_or(i32::MAX);
        let (mut tables, mut seen, mut tested, mut left, mut linear) =
            (vec![], vec![], vec![], vec![], vec![]);
        let mut spreads = Vec::new();
        for (k, share) in shares.iter().enumerate() {
            let (start, end) = (share.start_of(year), share.start_of(last));
            let fit: Vec<usize> = shape.origins(&(1..start)).collect();
            let one = Shape::new(1, 1);
            let none = Array2::zeros((share.days.len() + 1, 0));
            let y = Array2::from_shape_fn((fit.len(), 1), |(n, _)| logs[k][fit[n] + 1]);
            let ridge = Ridge::fit(&flat(&har[k], &none, &fit, &one), &y, 1.0); // (F22)
            let everywhere: Vec<usize> = (0..share.days.len()).collect();
            let expected =
                ridge.predict(&flat(&har[k], &none, &everywhere, &one)).column(0).to_vec();
            let rest: Vec<f64> = fit.iter().map(|&t| logs[k][t + 1] - expected[t]).collect();
            let spread = metric::mean(rest.iter().map(|r| r * r)).sqrt();
            left.push(rest.iter().map(|r| r / spread).collect::<Vec<f64>>());
            let (mean, returns) = (
                metric::mean(logs[k][..start].iter().copied()),
                metric::mean(share.variance[..start].iter().copied()).sqrt(),
            );
            tables.push(Array2::from_shape_fn((share.days.len(), 3), |(t, c)| match c {
                0 => logs[k][t] - mean,
                1 => (share.returns[t] / returns / 2.0).clamp(-4.0, 4.0),
                _ => expected[t] - mean,
            }));
            seen.push(fit);
            tested.push(shape.origins(&(start..end)).collect::<Vec<usize>>());
            linear.push(expected);
            spreads.push(spread);
        }
        let train = stack(&tables, &shape, &seen, &left);
        let model = network::median(
            &train,
            16,
            walk.steps,
            0.003,
            walk.seed + 100 + fold as u64,
            walk.progress,
        )?;
        let nothing: Vec<Vec<f64>> = tested.iter().map(|t| vec![0.0; t.len()]).collect();
        let (on_train, on_test) =
            (model.predict(&train), model.predict(&stack(&tables, &shape, &tested, &nothing)));
        let (mut row_seen, mut row) = (0, 0);
        for (k, share) in shares.iter().enumerate() {
            let v = &share.variance;
            let network = |t: usize, raw: f32| (linear[k][t] + spreads[k] * f64::from(raw)).exp();
            // The training mean of v/h makes the exponential of a logarithm's forecast a forecast of v.
            let lift_har = metric::mean(seen[k].iter().map(|&t| v[t + 1] / linear[k][t].exp()));
            let lift_gru = metric::mean(
                seen[k]
                    .iter()
                    .enumerate()
                    .map(|(n, &t)| v[t + 1] / network(t, on_train[(row_seen + n, 0, 0)])),
            );
            row_seen += seen[k].len();
            let constant = metric::mean(seen[k].iter().map(|&t| v[t + 1]));
            for &t in &tested[k] {
                let h = [
                    constant,
                    smooth[k][t],
                    lift_har * linear[k][t].exp(),
                    lift_gru * network(t, on_test[(row, 0, 0)]),
                ];
                row += 1;
                for (method, h) in all[k].methods.iter_mut().zip(h) {
                    method.1.extend(metric::qlike(&[v[t + 1]], &[h]));
                }
            }
        }
    }
    Ok(all)
}

/// One method against another on one share.
#[derive(Debug, Clone, Copy)]
pub struct Duel {
    /// 1 − QLIKE / QLIKE of the other, with its interval.
    pub saved: Interval,
    /// Diebold-Mariano on QLIKE, two-sided, one day ahead.
    pub test: Comparison,
}

/// `a` against `b`.
pub fn duel(losses: &Losses, a: &str, b: &str) -> Duel {
    let (a, b) = (losses.of(a), losses.of(b));
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let test = diebold_mariano(&d, 1, Kernel::Bartlett(lags(d.len())), Side::Two);
    Duel { saved: skill_interval(a, b, BLOCK, 1), test }
}

/// The p-values of `a` against `b` over all shares after Holm.
pub fn after_holm(all: &[Losses], a: &str, b: &str) -> Vec<f64> {
    holm(&all.iter().map(|losses| duel(losses, a, b).test.p_value).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baselines_by_hand() {
        let table = har_table(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(table.row(5).to_vec(), [6.0, 4.0, 3.5]);
        let smooth = ewma(&[1.0, 1.0, 2.0]);
        assert!(
            (smooth[2] - (0.94 * (0.94 * (0.94 * 4.0 / 3.0 + 0.06) + 0.06) + 0.12)).abs() < 1e-12
        );
    }
}
