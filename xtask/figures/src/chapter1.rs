//! The figures of chapter 1: counting, truncation, products of Jacobians, the cliff, initialisation.

use std::sync::LazyLock;

use anyhow::Result;
use lesson::plot::{Figure, LineChart};
use ndarray::{Array2, arr2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rnn_basics::bptt;
use rnn_basics::gradients::distance;
use rnn_basics::gradients::jacobians::{self, DISTANCES, Driven, Radius};
use rnn_basics::scratch::Rnn;
use rnn_basics::text::Play;
use seqcore::cells::unroll::{step, step_backward};
use seqcore::cells::{Cell, CellParams, State};
use seqcore::init;
use seqcore::metrics::{NGram, uniform_nats};
use seqcore::models::language::{LanguageConfig, LanguageModel};

use crate::data::{Data, Series, Tolerance};
use crate::spec::{SEED, Spec, lines};

pub const FIGURES: [Spec; 7] = [
    Spec {
        name: "01_counting",
        how: "Kneser-Ney n-grams fitted on the last characters of the play's first nine tenths; loss on its last tenth",
        tolerance: Tolerance::Share(0.005),
        measure: counting,
        draw: draw_counting,
    },
    Spec {
        name: "01_truncation",
        how: "A new RNN of 32 units reads 48 stretches of 64 characters of the play; dW_hh cut every k steps against the full one; f64",
        tolerance: Tolerance::Share(0.02),
        measure: truncation,
        draw: draw_truncation,
    },
    Spec {
        name: "01_product",
        how: "Norm of the product of Jacobians, 64 units, one random matrix at a spectral radius of 1.25; noise of deviation 0.1 (quiet) and 1 (loud); geometric mean of 4 starts; f64",
        tolerance: Tolerance::Share(0.02),
        measure: product,
        draw: draw_product,
    },
    Spec {
        name: "01_radii",
        how: "As 01_product: five scales of the matrix, quiet noise",
        tolerance: Tolerance::Share(0.02),
        measure: radii,
        draw: draw_radii,
    },
    Spec {
        name: "01_saturation",
        how: "As 01_product, seven scales of the matrix: mean factor of the norm per step between the distances 10 and 50",
        tolerance: Tolerance::Share(0.02),
        measure: saturation,
        draw: draw_saturation,
    },
    Spec {
        name: "01_cliff",
        how: "One relu unit without input, h_0 = 1, weight w, 50 steps; loss (h_50 - 1)^2 / 2 and its gradient by backpropagation through time; f64",
        tolerance: Tolerance::Share(0.001),
        measure: cliff,
        draw: draw_cliff,
    },
    Spec {
        name: "01_initialisation",
        how: "New tanh networks of 64 units with three kinds of W_hh read 100 characters of held-out text; gradient of the last step's loss; geometric mean of 64 places; f64",
        tolerance: Tolerance::Share(0.02),
        measure: initialisation,
        draw: draw_initialisation,
    },
];

/// Characters of training text.
const AMOUNTS: [usize; 3] = [5_000, 20_000, 80_000];

fn counting() -> Result<Vec<Series>> {
    let play = Play::new()?;
    let mut all = Vec::new();
    for amount in AMOUNTS {
        let text = &play.train[play.train.len() - amount..];
        let loss = |n| NGram::fit(text, play.vocabulary, n).nats_per_token(&play.held_out);
        let points = (1..=8).map(|n| (n as f64, loss(n)));
        all.push(Series::new(format!("{} thousand characters", amount / 1000), points));
    }
    let uniform = uniform_nats(play.vocabulary);
    all.push(Series::new("uniform", [(1.0, uniform), (8.0, uniform)]));
    Ok(all)
}

fn draw_counting(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Counting: each order helps less than the one before",
        "Four lines over the order of an n-gram model from 1 to 8. The uniform guess is flat and highest. The three others fall \
         steeply up to order 3 and hardly at all beyond 5; more training text puts the whole line lower.",
    )
    .x("order n (the last n − 1 characters are seen)")
    .y("held-out loss (nats per character)");
    lines(chart, data)
}

/// The gradient of W_hh that is cut every k steps beside the full one, in a new network.
fn truncation() -> Result<Vec<Series>> {
    let play = Play::new()?;
    let rnn = Rnn::new(play.vocabulary, 32, &mut ChaCha8Rng::seed_from_u64(SEED));
    let size = bptt::Size { length: 64, sequences: 48, updates: 0 };
    let rows = bptt::truncation(&rnn, &play, size);
    let points = |of: fn(&bptt::Truncation) -> f64| rows.iter().map(move |r| (r.k as f64, of(r)));
    Ok(vec![
        Series::new("direction: cosine with the full gradient", points(|r| r.cosine)),
        Series::new("length: share of the full gradient's", points(|r| r.norm)),
    ])
}

fn draw_truncation(data: &Data) -> Figure {
    let chart = LineChart::new(
        "What a truncated gradient keeps",
        "Two curves over the window k from 1 to 64: the cosine between the truncated and the full gradient, and its length as \
         a share of the full one's. Both rise quickly and reach one.",
    )
    .x("window k (steps)")
    .y("share, or cosine")
    .from_zero();
    lines(chart, data)
}

static JACOBIANS: LazyLock<Vec<Radius>> =
    LazyLock::new(|| jacobians::measure_all(jacobians::Size::TOUR, SEED));

fn along_distances(norms: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    DISTANCES.iter().map(|&k| k as f64).zip(norms.iter().copied())
}

/// One matrix at ρ = 1.25: asymptote, bound, linear network, and tanh under quiet and loud noise.
fn product() -> Result<Vec<Series>> {
    let r = JACOBIANS.iter().find(|r| r.rho == 1.25).expect("one of the radii");
    let [asymptote, bound] = r.predictions();
    Ok(vec![
        Series::new("bound, σ_max to the k", along_distances(&bound)),
        Series::new("asymptote, ρ to the k", along_distances(&asymptote)),
        Series::new("without tanh", along_distances(&r.linear)),
        Series::new("tanh, quiet input", along_distances(&r.tanh[0].mean)),
        Series::new("tanh, loud input", along_distances(&r.tanh[1].mean)),
    ])
}

fn draw_product(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Bound, asymptote and truth at ρ = 1.25",
        "Five curves over distance on a logarithmic axis. The bound rises far above all others; asymptote and linear network \
         rise side by side; with tanh and quiet input the norm stays between 1 and 5, with loud input it falls.",
    )
    .x("distance k (steps)")
    .y("norm of the product of k Jacobians")
    .log_y();
    lines(chart, data)
}

/// The same network with tanh and quiet noise at several radii.
fn radii() -> Result<Vec<Series>> {
    let shown = JACOBIANS.iter().filter(|r| [0.5, 0.9, 1.0, 1.1, 1.5].contains(&r.rho));
    let line = |r: &Radius| Series::new(format!("ρ = {}", r.rho), along_distances(&r.tanh[0].mean));
    Ok(shown.map(line).collect())
}

fn draw_radii(data: &Data) -> Figure {
    let chart = LineChart::new(
        "One matrix, five spectral radii, with tanh",
        "Five curves of the Jacobian's norm over distance on a logarithmic axis, with tanh and quiet input: steep straight \
         falls for radii 0.5 and 0.9, a slow one for 1, a flat line for 1.1, and at 1.5 a rise to \
         no more than 20, where the radius alone would give several hundred million.",
    )
    .x("distance k (steps)")
    .y("norm of the product of k Jacobians")
    .log_y();
    lines(chart, data)
}

/// The factor per step over the spectral radius.
fn saturation() -> Result<Vec<Series>> {
    let at = |norms: &[f64], k| norms[DISTANCES.iter().position(|&d| d == k).expect("a distance")];
    let linear = |r: &Radius| (at(&r.linear, 50) / at(&r.linear, 10)).powf(1.0 / 40.0);
    let line = |name: &str, of: &dyn Fn(&Radius) -> f64| {
        Series::new(name, JACOBIANS.iter().map(|r| (r.rho, of(r))))
    };
    Ok(vec![
        line("without tanh", &linear),
        line("tanh, quiet input", &|r| Driven::factor(&r.tanh[0])),
        line("tanh, loud input", &|r| Driven::factor(&r.tanh[1])),
        line("loud: ρ times tanh's slope (rms)", &|r| r.rho * r.tanh[1].derivative),
    ])
}

fn draw_saturation(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Saturation takes back what the matrix gives",
        "Four lines over the spectral radius from 0.5 to 1.5, with a reference at factor 1. Without tanh the factor per step is \
         the radius itself. With quiet input it follows at first, then bends and stays near 1. With loud input it stays below 1 \
         at every radius, close to the radius times the root mean square of tanh's slopes.",
    )
    .x("spectral radius ρ of W_hh")
    .y("factor of the norm per step")
    .from_zero()
    .reference("neither vanishes nor explodes", 1.0);
    lines(chart, data)
}

/// Steps of the cliff.
const STEPS: usize = 50;

/// Loss and gradient over the weight of a single unit.
fn cliff() -> Result<Vec<Series>> {
    let (mut losses, mut slopes) = (Vec::new(), Vec::new());
    for hundredths in 80..=110 {
        let w = f64::from(hundredths) / 100.0;
        if w == 1.0 {
            continue; // where both are zero
        }
        let (loss, slope) = one_unit(w);
        losses.push((w, loss));
        slopes.push((w, slope.abs()));
    }
    Ok(vec![Series::new("loss", losses), Series::new("size of the gradient", slopes)])
}

/// h_t = relu(w h_{t-1}) from 1: the loss after the last step, and its derivative by w.
fn one_unit(w: f64) -> (f64, f64) {
    let params = CellParams {
        weight_ih: arr2(&[[0.0]]),
        weight_hh: arr2(&[[w]]),
        bias_ih: None,
        bias_hh: None,
    };
    let nothing = Array2::zeros((1, 1)); // (B, I)
    let mut state = State { h: arr2(&[[1.0]]), ..State::zeros(Cell::RnnRelu, 1, 1) };
    let mut tapes = Vec::new();
    for _ in 0..STEPS {
        let (next, tape) = step(Cell::RnnRelu, &params, nothing.view(), &state);
        state = next;
        tapes.push(tape);
    }
    let error = state.h[[0, 0]] - 1.0;
    let mut d = State { h: arr2(&[[error]]), ..State::zeros(Cell::RnnRelu, 1, 1) };
    let mut gradient = CellParams::zeros(Cell::RnnRelu, 1, 1, false);
    for tape in tapes.iter().rev() {
        (_, d) = step_backward(&params, tape, &d, &mut gradient);
    }
    (error * error / 2.0, gradient.weight_hh[[0, 0]])
}

fn draw_cliff(data: &Data) -> Figure {
    let chart = LineChart::new(
        "A plain, and a cliff",
        "Two curves over the weight w from 0.8 to 1.1 on a logarithmic axis. Left of 1 the loss is flat at one half and the \
         gradient small. Right of 1 both rise by several powers of ten: at 1.1 the gradient is above 600,000.",
    )
    .x("weight w")
    .y("loss, size of its gradient")
    .log_y();
    lines(chart, data)
}

/// How far the gradient reaches with three kinds of recurrent weights.
fn initialisation() -> Result<Vec<Series>> {
    let play = Play::new()?;
    let (hidden, places) = (64, 64);
    let shape = LanguageConfig {
        vocabulary: play.vocabulary,
        embedding: hidden,
        cell: Cell::RnnTanh,
        hidden,
        layers: 1,
        dropout: 0.0,
    };
    let new = || LanguageModel::<f32>::new(&shape, &mut ChaCha8Rng::seed_from_u64(SEED));
    let mut kinds = [("default, uniform ±1/√H", new()), ("Xavier", new()), ("orthogonal", new())];
    let rng = &mut ChaCha8Rng::seed_from_u64(SEED + 1);
    kinds[1].1.rnn.cells[0].weight_hh = init::xavier((hidden, hidden), 1, rng);
    kinds[2].1.rnn.cells[0].weight_hh = init::orthogonal((hidden, hidden), 1, rng);
    let line = |(name, model): &(&str, LanguageModel<f32>)| {
        let reach = distance::measure(model, &play, places);
        Series::new(*name, every_second(&reach.h))
    };
    Ok(kinds.iter().map(line).collect())
}

/// Enough points for a line. What is smaller than 1e-16 is nothing for all purposes of training.
pub fn every_second(norms: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    let points = norms.iter().enumerate().step_by(2).filter(|(_, norm)| **norm > 1e-16);
    points.map(|(k, &norm)| (k as f64, norm))
}

fn draw_initialisation(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Three initialisations of W_hh",
        "Three lines of the gradient's norm over distance on a logarithmic axis, all straight and all falling: the default \
         steepest by far, Xavier and orthogonal less steep and nearly one line.",
    )
    .x("distance k (steps back)")
    .y("norm of dL/dh, as a share")
    .log_y();
    lines(chart, data)
}
