//! The worked examples of chapters 4 to 6.
//!
//! Their files were written by another program (PyTorch's automatic derivatives, scipy, sacreBLEU).
//! Here forward passes and statistics are computed by the chapters' formulas as they stand, and
//! every gradient is compared with the slope of the loss, so that a slip on either side shows.

use ndarray::{Array1, Array2, arr1, array};
use seqcore::loss::{IGNORE, binary_cross_entropy, count_targets, cross_entropy, pinball};
use seqcore::metrics::comparison::{Kernel, Side, diebold_mariano};
use seqcore::metrics::statistics::{holm, mcnemar, normal_quantile, student_two_sided_p, wilson};
use seqcore::metrics::{conformal, forecast as metric};
use seqcore::nn::{Embedding, EmbeddingGradient};
use serde_json::Value;

use crate::theory::{example, flat, matrix, same, vector};

/// The slope of `loss` along each number of `at`, by central differences.
fn slopes(at: &Value, loss: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let at = flat(at);
    let moved = |i: usize, by: f64| {
        let mut at = at.clone();
        at[i] += by;
        loss(&at)
    };
    (0..at.len()).map(|i| (moved(i, 1e-5) - moved(i, -1e-5)) / 2e-5).collect()
}

/// Differences are right to about ten digits.
fn slopes_are(what: &str, slopes: &[f64], expected: &Value) {
    for (slope, expected) in slopes.iter().zip(flat(expected)) {
        assert!((slope - expected).abs() < 1e-8, "{what}: slope {slope}, chapter {expected}");
    }
}

fn shaped(numbers: &[f64], like: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_vec(like.dim(), numbers.to_vec()).unwrap()
}

fn softmax(e: &Array1<f64>) -> Array1<f64> {
    let exp = e.mapv(f64::exp);
    &exp / exp.sum()
}

/// A query over real positions: score, weights, context, and the loss of the example.
fn attend(e: &Array1<f64>, values: &Array2<f64>) -> (Array1<f64>, Array1<f64>, f64) {
    let alpha = softmax(e); // (S) (S6)
    let context = values.t().dot(&alpha); // (d) (S7)
    let error = &context - &arr1(&[0.0, 1.0]);
    (alpha, context, error.dot(&error) / 2.0)
}

#[test]
fn dot_attention_of_chapter_4() {
    let example = example(4);
    let (given, part) = (&example["given"], &example["dot"]);
    let q = vector(&given["q"]);
    let all = matrix(&given["h"]);
    let h = all.slice(ndarray::s![..3, ..]).to_owned(); // the fourth is padding
    let score = |q: &Array1<f64>, keys: &Array2<f64>| keys.dot(q) / 2.0_f64.sqrt(); // (S4)
    let e = score(&q, &h);
    let (alpha, context, loss) = attend(&e, &h);
    let forward = &part["forward"];
    same("e", &e, &forward["e"]);
    same("alpha", &alpha, &forward["alpha"]);
    same("c", &context, &forward["c"]);
    same("loss", &[loss], &forward["loss"]);
    let unmasked = softmax(&score(&q, &all));
    same("padding", &[unmasked[3]], &forward["alpha_padding_unmasked"]);

    let back = &part["backward"];
    let cost = |q: &Array1<f64>, k: &Array2<f64>, v: &Array2<f64>| attend(&score(q, k), v).2;
    slopes_are("de", &slopes(&forward["e"], |e| attend(&arr1(e), &h).2), &back["de"]);
    slopes_are("dq", &slopes(&given["q"], |q| cost(&arr1(q), &h, &h)), &back["dq"]);
    let real = serde_json::json!(h.outer_iter().map(|row| row.to_vec()).collect::<Vec<_>>());
    slopes_are("dk", &slopes(&real, |k| cost(&q, &shaped(k, &h), &h)), &back["dk"]);
    slopes_are("dv", &slopes(&real, |v| cost(&q, &h, &shaped(v, &h))), &back["dv"]);
    let both = |h_: &[f64]| cost(&q, &shaped(h_, &h), &shaped(h_, &h));
    slopes_are("dh", &slopes(&real, both), &back["dh"]);
    let dc = &context - &arr1(&[0.0, 1.0]);
    same("dc", &dc, &back["dc"]);
    same("dalpha", &h.dot(&dc), &back["dalpha"]); // (S8)
}

#[test]
fn additive_attention_of_chapter_4() {
    let example = example(4);
    let (given, part) = (&example["given"], &example["additive"]);
    let h = matrix(&given["h"]).slice(ndarray::s![..3, ..]).to_owned();
    let real = serde_json::json!(h.outer_iter().map(|row| row.to_vec()).collect::<Vec<_>>());
    // The parameters in this order, all as slices, so that each can be moved by itself.
    let names = ["q", "k", "W_q", "W_k", "b", "v"];
    let place = |name: &str| if name == "k" { real.clone() } else { given[name].clone() };
    let scores = |p: [&[f64]; 6]| {
        let [q, k, w_q, w_k, b, v] = p;
        let square = |w: &[f64]| Array2::from_shape_vec((2, 2), w.to_vec()).unwrap();
        let a = shaped(k, &h).dot(&square(w_k).t()) + square(w_q).dot(&arr1(q)) + arr1(b);
        let u = a.mapv(f64::tanh); // (S, A)
        let e = u.dot(&arr1(v)); // (S) (S5)
        (u, e)
    };
    let at: Vec<Vec<f64>> = names.iter().map(|name| flat(&place(name))).collect();
    let all = |at: &[Vec<f64>]| scores(std::array::from_fn(|i| &at[i][..]));
    let (u, e) = all(&at);
    let (alpha, context, loss) = attend(&e, &h);
    let forward = &part["forward"];
    same("u", &u, &forward["u"]);
    same("e", &e, &forward["e"]);
    same("alpha", &alpha, &forward["alpha"]);
    same("c", &context, &forward["c"]);
    same("loss", &[loss], &forward["loss"]);
    for (i, name) in names.iter().enumerate() {
        let slope = slopes(&place(name), |moved| {
            let mut at = at.clone();
            at[i] = moved.to_vec();
            attend(&all(&at).1, &h).2 // the values stay
        });
        slopes_are(name, &slope, &part["backward"][format!("d{name}")]);
    }
    let slope = slopes(&forward["e"], |e| attend(&arr1(e), &h).2);
    slopes_are("de", &slope, &part["backward"]["de"]);
}

#[test]
fn losses_beams_and_bleu_of_chapter_4() {
    let example = example(4);
    // Two classes, the target's probability p: logits (ln p, ln (1 − p)).
    let given = flat(&example["given"]["target_probabilities"]);
    let logits = Array2::from_shape_fn((6, 2), |(row, class)| {
        let p: f64 = given[row];
        if class == 0 { p.ln() } else { (1.0 - p).ln() }
    });
    let targets = [0, 0, 0, 0, IGNORE, IGNORE];
    let masked = cross_entropy(logits.clone(), &targets, count_targets(&targets)); // (S12)
    let part = &example["masked_loss"];
    same("masked", &[masked.mean()], &part["masked"]);
    same("unmasked", &[cross_entropy(logits, &[0; 6], 6).mean()], &part["unmasked"]);
    let nll: Vec<f64> = given[..4].iter().map(|p| -p.ln()).collect();
    same("nll", &nll, &part["nll"]);

    // The table of section 4.8: after start, a, b the probabilities of a, b, end.
    let next = [[0.55, 0.45, 0.0], [0.30, 0.30, 0.40], [0.05, 0.05, 0.90]];
    let part = &example["beam"];
    same("greedy", &[next[0][0] * next[1][2]], &part["p_greedy"]);
    same("beam", &[next[0][1] * next[2][2]], &part["p_beam"]);
    let penalty = |n: f64, alpha: f64| ((5.0 + n) / 6.0).powf(alpha); // (S14)
    same("lp", &[penalty(2.0, 0.6)], &part["lp_2"]);
    same("lp", &[penalty(5.0, 0.6)], &part["lp_5"]);
    for (alpha, ending) in [(0.6, ""), (1.0, "_alpha_1")] {
        same("short", &[-2.0 / penalty(2.0, alpha)], &part[format!("score_short{ending}")]);
        same("long", &[-2.6 / penalty(5.0, alpha)], &part[format!("score_long{ending}")]);
    }

    let text = |name: &str| example["given"][name].as_str().unwrap().to_owned();
    let (reference, candidate) = (text("reference"), text("candidate"));
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (reference, candidate) = (words(&reference), words(&candidate));
    let mut logs = 0.0;
    for n in 1..=4 {
        // No n-gram occurs twice in the candidate, so nothing needs clipping.
        let found = candidate.windows(n).filter(|g| reference.windows(n).any(|r| r == *g)).count();
        let of = candidate.len() + 1 - n;
        same("matches", &[found as f64, of as f64], &example["bleu"]["matches"][n - 1]);
        logs += (found as f64 / of as f64).ln() / 4.0;
    }
    let brevity = (1.0 - reference.len() as f64 / candidate.len() as f64).exp();
    same("bp", &[brevity], &example["bleu"]["bp"]);
    same("mean", &[logs.exp()], &example["bleu"]["geometric_mean"]);
    same("bleu", &[brevity * logs.exp()], &example["bleu"]["bleu"]); // (S15)
}

fn mean(terms: impl IntoIterator<Item = f64>) -> f64 {
    let terms: Vec<f64> = terms.into_iter().collect();
    terms.iter().sum::<f64>() / terms.len() as f64
}

#[test]
fn scaling_and_metrics_of_chapter_5() {
    let example = example(5);
    let given = |name: &str| flat(&example["given"][name]);
    let (train, test, forecast) = (given("train"), given("test"), given("forecast"));
    let deviation = |values: &[f64]| {
        let centre = mean(values.iter().copied());
        (centre, mean(values.iter().map(|v| (v - centre).powi(2))).sqrt())
    };
    let part = &example["scaling"];
    let (centre, spread) = deviation(&train);
    same("mean", &[centre], &part["mean"]);
    same("deviation", &[spread], &part["deviation"]);
    same("scaled", &[(test[0] - centre) / spread], &part["first_test_scaled"]); // (F1)
    let (centre, spread) = deviation(&[train.clone(), test.clone()].concat());
    same(
        "leaked",
        &[centre, spread],
        &serde_json::json!([part["leaked_mean"], part["leaked_deviation"]]),
    );

    let whole = [train.clone(), test.clone()].concat();
    let naive = &whole[4..8]; // (F15): one season of four before
    let before = &whole[7..11];
    let scale = mean((4..8).map(|t| (train[t] - train[t - 4]).abs()));
    let average = mean(test.iter().copied());
    for (name, f) in [("model", &forecast[..]), ("seasonal_naive", naive), ("persistence", before)]
    {
        let part = &example["metrics"][name];
        let each =
            |term: &dyn Fn(f64, f64) -> f64| mean(test.iter().zip(f).map(|(&y, &f)| term(y, f)));
        let mae = each(&|y, f| (y - f).abs());
        same(name, &[mae], &part["mae"]); // (F3)
        same(name, &[each(&|y, f| (y - f).powi(2)).sqrt()], &part["rmse"]); // (F4)
        same(name, &[each(&|y, f| ((y - f) / y).abs())], &part["mape"]); // (F5)
        same(name, &[each(&|y, f| 2.0 * (y - f).abs() / (y + f))], &part["smape"]); // (F5)
        same(name, &[mae / scale], &part["mase"]); // (F6)
        let r2 = 1.0 - each(&|y, f| (y - f).powi(2)) / each(&|y, _| (y - average).powi(2));
        same(name, &[r2], &part["r2"]); // (F7)
        // The library's own.
        let scale = metric::mase_scale(&train, 4);
        same(name, &[metric::mae(&test, f)], &part["mae"]);
        same(name, &[metric::rmse(&test, f)], &part["rmse"]);
        same(name, &[metric::mape(&test, f)], &part["mape"]);
        same(name, &[metric::smape(&test, f)], &part["smape"]);
        same(name, &[metric::mase(&test, f, scale)], &part["mase"]);
        same(name, &[metric::r2(&test, f)], &part["r2"]);
    }
    let number = |of: &str, what: &str| example["metrics"][of][what].as_f64().unwrap();
    for what in ["mae", "rmse"] {
        let skill = 1.0 - number("model", what) / number("seasonal_naive", what); // (F8)
        same(what, &[skill], &example["metrics"][format!("skill_{what}")]);
    }
    let right = (0..4).map(|t| f64::from((forecast[t] > before[t]) == (test[t] > before[t]))); // (F9)
    let expected = &example["metrics"]["directional_accuracy"];
    same("direction", &[mean(right)], expected);
    same("direction", &[metric::directional_accuracy(before, &test, &forecast)], expected);
}

#[test]
fn intervals_and_tests_of_chapter_5() {
    let example = example(5);
    let given = |name: &str| flat(&example["given"][name]);
    let (test, low, high) = (given("test"), given("lower"), given("upper"));
    let part = &example["intervals"];
    for (q, end, name) in [(0.1, &low, "pinball_10"), (0.9, &high, "pinball_90")] {
        let predictions = Array2::from_shape_vec((4, 1), end.clone()).unwrap();
        same(name, &[pinball(predictions, &arr1(&test), &[q], 4).mean()], &part[name]); // (F10)
    }
    let fine = |miss: f64| 2.0 / 0.2 * miss.max(0.0);
    let score = |t: usize| high[t] - low[t] + fine(low[t] - test[t]) + fine(test[t] - high[t]); // (F11)
    let scores: Vec<f64> = (0..4).map(score).collect();
    same("scores", &scores, &part["interval_scores"]);
    same("scores", &metric::interval_scores(&test, &low, &high, 0.2), &part["interval_scores"]);
    same("score", &[mean(scores)], &part["interval_score"]);
    let inside = (0..4).map(|t| f64::from(low[t] <= test[t] && test[t] <= high[t]));
    same("coverage", &[mean(inside)], &part["coverage"]);
    let errors = given("calibration");
    let k = ((errors.len() + 1) as f64 * 0.8).ceil() as usize;
    same("conformal", &[errors[k - 1]], &part["conformal_quantile"]); // (F12)
    same("conformal", &[conformal::quantile(&errors, 0.2)], &part["conformal_quantile"]);

    let d = given("loss_differences");
    let (n, centre) = (d.len() as f64, mean(d.iter().copied()));
    let gamma =
        |k: usize| (k..d.len()).map(|t| (d[t] - centre) * (d[t - k] - centre)).sum::<f64>() / n;
    let part = &example["diebold_mariano"];
    same("gamma", &[gamma(0)], &part["gamma0"]);
    same("gamma", &[gamma(1)], &part["gamma1"]);
    for (h, variance) in [(1.0, gamma(0)), (2.0, gamma(0) + 2.0 * gamma(1))] {
        let dm = centre / (variance / n).sqrt();
        let corrected = dm * ((n + 1.0 - 2.0 * h + h * (h - 1.0) / n) / n).sqrt(); // (F13)
        same("dm", &[dm], &part[format!("dm_h{h}")]);
        same("dm", &[corrected], &part[format!("harvey_h{h}")]);
        let p = student_two_sided_p(corrected, n - 1.0);
        let expected = part[format!("p_h{h}")].as_f64().unwrap();
        assert!((p - expected).abs() < 1e-9, "p {p}, chapter {expected}");
        let own = diebold_mariano(&d, h as usize, Kernel::Rectangular(h as usize - 1), Side::Two);
        same("dm", &[own.statistic], &part[format!("harvey_h{h}")]);
        same("p", &[own.p_value], &part[format!("p_h{h}")]);
    }

    let adjusted = holm(&given("p_values")); // (F23)
    same("holm", &adjusted, &example["stocks"]["holm"]);
}

#[test]
fn stocks_of_chapter_5() {
    let example = example(5);
    let part = &example["stocks"];
    let returns = [(110.0_f64 / 100.0).ln(), (99.0_f64 / 110.0).ln()]; // (F18)
    same("returns", &returns, &part["log_returns"]);
    same("sum", &[returns.iter().sum()], &part["sum"]);
    let ohlc = flat(&example["given"]["ohlc"]);
    let [open, high, low, close] = ohlc[..] else { panic!("four prices") };
    let range = (high / low).ln().powi(2) / 2.0;
    let variance = range - (2.0 * 2.0_f64.ln() - 1.0) * (close / open).ln().powi(2); // (F19)
    same("variance", &[variance * 1e4], &part["garman_klass"]);
    same("volatility", &[variance.sqrt() * 100.0], &part["garman_klass_volatility"]);
    same("squared", &[(close / open).ln().powi(2) * 1e4], &part["squared_return"]);
    let qlike = |truth: f64, forecast: f64| truth / forecast - (truth / forecast).ln() - 1.0; // (F20)
    same("half", &[qlike(1.0, 0.5)], &part["qlike_half"]);
    same("double", &[qlike(1.0, 2.0)], &part["qlike_double"]);
    same("half", &metric::qlike(&[1.0], &[0.5]), &part["qlike_half"]);
    let mut v = 1.0;
    let next = |r: f64| {
        v = 0.94 * v + 0.06 * r; // (F21)
        v
    };
    let path: Vec<f64> = flat(&example["given"]["squared_returns"]).into_iter().map(next).collect();
    same("ewma", &path, &part["ewma"]);
    // Section 5.4: a jump of 4 degrees, 34 days later.
    let after_a_jump = (0..34).fold(0.0, |b, _| b + 0.02 * (4.0 - b)); // (F24)
    assert!((4.0_f64 - after_a_jump - 2.01).abs() < 5e-3);
    // Section 5.4: ridge with one column, x = 1, 2, 3 and y = 2, 4, 5.
    let ridge = |lambda: f64| (2.0 + 8.0 + 15.0) / (1.0 + 4.0 + 9.0 + lambda); // (F17)
    assert!((ridge(0.0) - 1.7857).abs() < 5e-5 && (ridge(1.0) - 1.6667).abs() < 5e-5);
}

#[test]
fn classification_of_chapter_6() {
    let example = example(6);
    let given = &example["given"];
    let ids = array![[1, 2], [1, 0], [3, 0]]; // (T, B)
    let lengths = [3.0, 1.0];
    let targets = array![1.0, 0.0];
    let real = |t: usize, b: usize| (t as f64) < lengths[b];
    let (table, w, bias) = (matrix(&given["E"]), vector(&given["w"]), 0.1);
    let pooled = |table: &Array2<f64>| {
        let x = Embedding { weight: table.clone() }.forward(&ids); // (T, B, E) (C1)
        Array2::from_shape_fn((2, 2), |(b, j)| {
            (0..3).filter(|&t| real(t, b)).map(|t| x[[t, b, j]]).sum::<f64>() / lengths[b] // (C3)
        })
    };
    let cost = |table: &Array2<f64>, w: &Array1<f64>, bias: f64| {
        let y = pooled(table).dot(w) + bias; // (B) (C7)
        (y.clone(), binary_cross_entropy(y, &targets, 2))
    };
    let (y, loss) = cost(&table, &w, bias);
    let forward = &example["forward"];
    same("pooled", &pooled(&table), &forward["pooled"]);
    same("y", &y, &forward["y"]);
    same("p", &y.mapv(|y| 1.0 / (1.0 + (-y).exp())), &forward["p"]);
    let one = |b: usize| {
        binary_cross_entropy(arr1(&[y[b]]), &arr1(&[targets[b]]), 1).mean() // (C8)
    };
    same("bce", &[one(0), one(1)], &forward["bce"]);
    same("loss", &[loss.mean()], &forward["loss"]);
    same("dy", &loss.gradient, &example["backward"]["dy"]); // (C9)

    // Backwards by hand, down to the library's embedding; then everything by differences.
    let d_pooled = Array2::from_shape_fn((2, 2), |(b, j)| loss.gradient[b] * w[j]);
    same("dpooled", &d_pooled, &example["backward"]["dpooled"]);
    let dx = ndarray::Array3::from_shape_fn((3, 2, 2), |(t, b, j)| {
        if real(t, b) { d_pooled[[b, j]] / lengths[b] } else { 0.0 } // (C3)
    });
    let shown = [dx[[0, 0, 0]], dx[[0, 0, 1]], dx[[1, 0, 0]], dx[[1, 0, 1]]];
    let rest = [dx[[2, 0, 0]], dx[[2, 0, 1]], dx[[0, 1, 0]], dx[[0, 1, 1]]];
    same("dx", &[shown, rest].concat(), &example["backward"]["dx"]);
    for mut gradient in [EmbeddingGradient::rows(2), EmbeddingGradient::dense(4, 2)] {
        Embedding { weight: table.clone() }.backward(&ids, &dx, &mut gradient); // (C2)
        let dense = gradient.to_dense(4);
        same("E", dense.slice(ndarray::s![1.., ..]), &example["gradients"]["E"]);
        assert!(dense.row(0).iter().all(|&d| d == 0.0), "padding has no gradient");
    }
    let at = |what: &str| &given[what];
    let mean_cost = |table: &Array2<f64>, w: &Array1<f64>, b: f64| cost(table, w, b).1.mean();
    let slope = slopes(at("E"), |e| mean_cost(&shaped(e, &table), &w, bias));
    slopes_are("E", &slope[2..], &example["gradients"]["E"]);
    slopes_are(
        "w",
        &slopes(at("w"), |w| mean_cost(&table, &arr1(w), bias)),
        &example["gradients"]["w"],
    );
    slopes_are("b", &slopes(at("b"), |b| mean_cost(&table, &w, b[0])), &example["gradients"]["b"]);

    let part = &example["unmasked"];
    let diluted = pooled(&table).row(1).to_owned() / 3.0; // two paddings that are zero
    let y = diluted.dot(&w) + bias;
    same("unmasked", &diluted, &part["pooled_review_2"]);
    same("unmasked", &[y], &part["y_review_2"]);
    same("unmasked", &[1.0 / (1.0 + (-y).exp())], &part["p_review_2"]);
    let review = ndarray::stack![ndarray::Axis(0), table.row(1), table.row(1), table.row(3)];
    let largest = review.map_axis(ndarray::Axis(0), |c| c.fold(f64::MIN, |a, &b| a.max(b))); // (C4)
    same("max", &largest, &example["pooling"]["max"]);
    let e = review.mapv(f64::tanh).dot(&vector(at("attention_u"))); // (C5)
    same("scores", &e, &example["pooling"]["attention_scores"]);
    same("weights", &softmax(&e), &example["pooling"]["attention_weights"]);
    same("attention", &review.t().dot(&softmax(&e)), &example["pooling"]["attention"]);
}

#[test]
fn counting_and_measuring_of_chapter_6() {
    let example = example(6);
    let given = |name: &str| flat(&example["given"][name]);
    let smoothed = |name: &str| vector(&example["given"][name]) + 1.0;
    let (p, q) = (smoothed("positive_counts"), smoothed("negative_counts"));
    let r = ((&p / p.sum()) / (&q / q.sum())).mapv(f64::ln); // (C10)
    same("r", &r, &example["naive_bayes"]["r"]);

    let part = &example["evaluation"];
    let (positive, negative) = (given("positive_scores"), given("negative_scores"));
    let called = |scores: &[f64]| scores.iter().filter(|&&s| s >= 0.5).count() as f64;
    let (found, wrong) = (called(&positive), called(&negative));
    let (precision, recall) = (found / (found + wrong), found / 3.0); // (C12)
    same("precision", &[precision], &part["precision"]);
    same("recall", &[recall], &part["recall"]);
    same("f1", &[2.0 * precision * recall / (precision + recall)], &part["f1"]);
    let win = |a: f64, b: f64| if a == b { 0.5 } else { f64::from(a > b) };
    let wins = positive.iter().flat_map(|&a| negative.iter().map(move |&b| win(a, b)));
    same("auc", &[mean(wins)], &part["auc"]); // (C13)
    let gap = |bin: &[f64]| bin[0] / 10.0 * (bin[2] - bin[1]).abs();
    same("ece", &[given("bins").chunks(3).map(gap).sum()], &part["ece"]); // (C14)

    let (share, n, z) = (45.0 / 50.0, 50.0_f64, normal_quantile(0.975));
    let interval = wilson(45, 50, 0.95); // (C15)
    same("wilson", &[interval.low, interval.high], &part["wilson"]);
    for end in [interval.low, interval.high] {
        // The ends are where the observed share is just unsurprising.
        assert!(((share - end).abs() - z * (end * (1.0 - end) / n).sqrt()).abs() < 1e-9);
    }
    let half = z * (share * (1.0 - share) / n).sqrt();
    same("wald", &[share - half, share + half], &part["wald"]);
    let (b, c) = (10.0_f64, 3.0);
    same("mcnemar", &[((b - c).abs() - 1.0).powi(2) / (b + c)], &part["mcnemar_statistic"]); // (C16)
    same("mcnemar", &[mcnemar(10, 3)], &part["mcnemar_p_exact"]); // (C16)
}
