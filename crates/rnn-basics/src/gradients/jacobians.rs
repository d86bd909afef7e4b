//! Products of Jacobians: what the spectral radius of W_hh predicts, and what tanh makes of it.
//!
//! One random matrix is scaled to several spectral radii ρ. For each, over the distance k:
//!
//! ```text
//! ρ^k        the linear asymptote
//! σ_max^k    the bound, since every derivative of tanh is at most 1                        (R15)
//! ‖W^k‖      what a network without tanh does
//! ‖dh_{t+k}/dh_t‖   the product of diag(1 − h_s²) W_hh over k steps, measured        (R14)
//! ```
//!
//! The measured network starts from a random state and is driven by normal noise in place of
//! text: h_s = tanh(W_hh h_{s−1} + noise_s). Norms are largest singular values.

use lesson::Lesson;
use lesson::plot::{LineChart, Table};
use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;
use seqcore::init;
use seqcore::random::numbered;

use crate::spectral::{largest_singular_value, spectral_radius};

/// The spectral radii.
pub const RADII: [f64; 7] = [0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5];
/// The standard deviations of the noise that drives the network: quiet and loud.
pub const NOISE: [f64; 2] = [0.1, 1.0];
/// The distances k at which norms are taken.
pub const DISTANCES: [usize; 14] = [1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 35, 40, 50];

/// The size of the experiment.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// H.
    pub hidden: usize,
    /// Random starts for each radius and noise.
    pub starts: usize,
}

impl Size {
    /// Of the tour.
    pub const TOUR: Self = Self { hidden: 64, starts: 4 };
    /// With `--full`.
    pub const FULL: Self = Self { hidden: 128, starts: 8 };
}

/// What was measured at one spectral radius; lists go along [`DISTANCES`].
#[derive(Debug, Clone)]
pub struct Radius {
    /// ρ(W_hh).
    pub rho: f64,
    /// σ_max(W_hh).
    pub sigma: f64,
    /// ‖W^k‖.
    pub linear: Vec<f64>,
    /// The network with tanh, for each of [`NOISE`].
    pub tanh: [Driven; 2],
}

/// A network driven by noise.
#[derive(Debug, Clone)]
pub struct Driven {
    /// ‖dh_{t+k}/dh_t‖, the geometric mean over the random starts.
    pub mean: Vec<f64>,
    /// The largest of them.
    pub largest: Vec<f64>,
    /// The root mean square of the derivatives 1 − h² on the way.
    pub derivative: f64,
}

impl Driven {
    /// By which factor the norm changes in one step, on average between the distances 10 and 50.
    pub fn factor(&self) -> f64 {
        let at = |k| self.mean[DISTANCES.iter().position(|&d| d == k).expect("a distance")];
        (at(50) / at(10)).powf(1.0 / 40.0)
    }
}

impl Radius {
    /// ρ^k and σ_max^k along [`DISTANCES`].
    pub fn predictions(&self) -> [Vec<f64>; 2] {
        [self.rho, self.sigma].map(|base| DISTANCES.map(|k| base.powi(k as i32)).to_vec())
    }
}

/// Measures at every radius.
pub fn measure_all(size: Size, seed: u64) -> Vec<Radius> {
    let drawn: Array2<f64> = init::normal((size.hidden, size.hidden), &mut numbered(seed, 0));
    let unit = &drawn / spectral_radius(drawn.view()); // ρ = 1
    RADII.par_iter().map(|&rho| measure(&unit, rho, size.starts, seed)).collect()
}

/// `unit` has spectral radius 1.
fn measure(unit: &Array2<f64>, rho: f64, starts: usize, seed: u64) -> Radius {
    let w = &(unit * rho); // (H, H)
    let along = |factors: &mut dyn FnMut() -> Array2<f64>| {
        let mut product = Array2::eye(w.nrows()); // (H, H)
        let mut norms = Vec::new();
        for k in 1..=DISTANCES[DISTANCES.len() - 1] {
            product = factors().dot(&product);
            if DISTANCES.contains(&k) {
                norms.push(largest_singular_value(product.view()));
            }
        }
        norms
    };
    let driven = |noise: f64| {
        let mut derivatives = Vec::new();
        let norms: Vec<Vec<f64>> = (0..starts)
            .map(|start| {
                let rng = &mut numbered(seed, 1 + start as u64);
                let mut h: Array1<f64> = init::uniform(w.nrows(), 1.0, rng); // (H)
                let mut next = || {
                    let input: Array1<f64> = init::normal(w.nrows(), rng);
                    h = (w.dot(&h) + noise * input).mapv(f64::tanh); // (R1) (R2)
                    let derivative = h.mapv(|h| 1.0 - h * h); // (H)
                    derivatives.push(derivative.dot(&derivative) / derivative.len() as f64);
                    &derivative.insert_axis(Axis(1)) * w // one factor of (R14)
                };
                // The first steps lead from the random start to states that such a network has.
                (0..SETTLING).for_each(|_| drop(next()));
                along(&mut next)
            })
            .collect();
        let over = |f: &dyn Fn(Vec<f64>) -> f64| -> Vec<f64> {
            (0..DISTANCES.len()).map(|k| f(norms.iter().map(|n| n[k]).collect())).collect()
        };
        Driven {
            mean: over(&|n| (n.iter().map(|v| v.ln()).sum::<f64>() / n.len() as f64).exp()),
            largest: over(&|n| n.into_iter().fold(0.0, f64::max)),
            derivative: (derivatives.iter().sum::<f64>() / derivatives.len() as f64).sqrt(),
        }
    };
    Radius {
        rho,
        sigma: largest_singular_value(w.view()),
        linear: along(&mut || w.clone()),
        tanh: NOISE.map(driven),
    }
}

/// Steps before the product begins.
const SETTLING: usize = 50;

/// The radius whose curves are drawn against each other.
const EXAMPLE: usize = 5;

/// Measures and shows.
pub(super) fn run(lesson: &mut Lesson, size: Size, seed: u64) {
    lesson.subheading("Why: a product of Jacobians");
    let all = measure_all(size, seed);
    let last = DISTANCES.len() - 1;
    let [quiet, loud] = NOISE;
    let (low, high) = (&all[0], &all[all.len() - 1]);
    lesson.say(&format!(
        "Each step back multiplies by W_hh and by tanh's derivatives. With a spectral radius of {} and no tanh, 50 steps multiply by \
         {:.0e}; with {}, by {:.0e}. So much for the linear network. With tanh, and driven by quiet noise, the second number \
         is {:.0}; driven by loud noise it is {:.0e}. The network explodes much less than its matrix does, or not at all: large \
         states sit where tanh is flat.",
        low.rho, low.linear[last], high.rho, high.linear[last], high.tanh[0].mean[last], high.tanh[1].mean[last],
    ));
    let mut table = Table::new(["ρ", "σ_max", "ρ^50", "σ_max^50", "‖W^50‖", "quiet", "loud"]).caption(format!(
        "Norms of the product of Jacobians over 50 steps for one random matrix ({0} units) at seven scales: the asymptote, the bound, \
         without tanh, and with tanh under noise of standard deviation {quiet} and {loud}, over {1} random starts.",
        size.hidden, size.starts,
    ));
    let mut factors = Table::new(["ρ", "derivative, quiet", "ρ · derivative", "measured", "derivative, loud", "ρ · derivative", "measured"])
        .caption("Slope: the root mean square of 1 − h². Measured: the mean factor per step between the distances 10 and 50.");
    for r in &all {
        let [asymptote, bound] = r.predictions();
        let norms = [&asymptote, &bound, &r.linear, &r.tanh[0].mean, &r.tanh[1].mean];
        let cells = norms.map(|n| format!("{:.0e}", n[last]));
        table.push([r.rho.to_string(), format!("{:.2}", r.sigma)].into_iter().chain(cells));
        let cells = r.tanh.iter().flat_map(|t| [t.derivative, r.rho * t.derivative, t.factor()]);
        factors.push([r.rho.to_string()].into_iter().chain(cells.map(|v| format!("{v:.3}"))));
        let percent = 100.0 * r.rho;
        let keys = ["asymptote", "bound", "linear", "quiet", "loud"];
        for (key, norm) in keys.iter().zip(norms) {
            lesson.number(&format!("gradients.rho{percent:.0}_{key}_k50"), norm[last]);
        }
        lesson.number(&format!("gradients.rho{percent:.0}_sigma_max"), r.sigma);
        lesson.number(&format!("gradients.rho{percent:.0}_quiet_factor"), r.tanh[0].factor());
        lesson.number(&format!("gradients.rho{percent:.0}_loud_factor"), r.tanh[1].factor());
    }
    lesson.table(&table);
    lesson.line_chart(&example(&all[EXAMPLE]));
    lesson.say(&format!(
        "The bound holds everywhere and says little: σ_max is {:.2} times ρ here, and for large random matrices it tends to twice. \
         The asymptote has the rate right and the size wrong: ‖W^50‖ is {:.1} times ρ^50 at every scale, since the norm rules \
         the first steps and the radius only the long run.",
        high.sigma / high.rho,
        high.linear[last] / high.rho.powi(50),
    ));
    lesson.line_chart(&radii(&all));
    let driven = || all.iter().flat_map(|r| r.tanh.iter().map(move |t| (r, t)));
    let miss = |(r, t): (&Radius, &Driven)| (r.rho * t.derivative / t.factor() - 1.0).abs();
    let worst = driven().map(miss).fold(0.0, f64::max);
    let vanishing = all.iter().filter(|r| r.tanh[1].factor() < 1.0).count();
    lesson.say(&format!(
        "What does predict the network with tanh? The radius times the typical derivative of tanh on the way: it comes within {:.0} % of \
         the measured factor per step, mostly above it. At ρ = {} under quiet noise that factor is {:.2}, not {}. Under loud noise the \
         gradient vanishes at {vanishing} of {} radii. The derivatives depend on the input: the same weights may vanish on one text \
         and explode on another.",
        100.0 * worst,
        high.rho,
        high.tanh[0].factor(),
        high.rho,
        all.len(),
    ));
    lesson.table(&factors);
}

fn points(norms: &[f64]) -> Vec<(f64, f64)> {
    DISTANCES.iter().zip(norms).map(|(&k, &norm)| (k as f64, norm)).collect()
}

/// All curves at one radius.
fn example(r: &Radius) -> LineChart {
    let [asymptote, bound] = r.predictions();
    let title = format!("Asymptote, bound and truth at ρ = {}", r.rho);
    let alt = "Lines over the distance: the bound by the largest singular value rises steepest, the linear network follows the \
               asymptote a little above it, the network with tanh stays flat under quiet noise and falls under loud noise.";
    LineChart::new(title, alt)
        .x("distance k")
        .y("norm of the product of Jacobians")
        .log_y()
        .series("tanh, quiet", &points(&r.tanh[0].mean))
        .series("tanh, loud", &points(&r.tanh[1].mean))
        .series("‖W^k‖", &points(&r.linear))
        .series("ρ^k", &points(&asymptote))
        .series("σ_max^k", &points(&bound))
}

/// The network with tanh under quiet noise at all radii.
fn radii(all: &[Radius]) -> LineChart {
    let alt = "Lines, one a radius: below 1 they fall, the smaller the radius the steeper; above 1 they rise a little and stay near their height.";
    let chart = LineChart::new("The network with tanh, quiet noise", alt)
        .x("distance k")
        .y("norm of the product of Jacobians")
        .log_y()
        .caption("Above ρ = 1 the linear network would leave the picture; tanh holds it.");
    all.iter()
        .fold(chart, |chart, r| chart.series(format!("ρ = {}", r.rho), &points(&r.tanh[0].mean)))
}
