//! The optimisers against PyTorch, rows against dense gradients, and what survives a checkpoint.

use ndarray::{Array1, Array2, ShapeBuilder, array};

use super::*;
use crate::named;
use crate::nn::{Embedding, EmbeddingGradient};

const GRADIENTS: [[f64; 3]; 3] = [[0.1, -0.2, 0.3], [1.0, 0.0, -0.5], [-0.4, 2.0, 1e-3]];

/// Three steps from (1, -2, 0.5).
fn three_steps(config: OptimiserConfig, lr: f64) -> Array1<f64> {
    let mut p = array![1.0, -2.0, 0.5];
    let mut optimiser = Optimiser::new(config, &p).unwrap();
    for g in GRADIENTS {
        optimiser.step(&mut p, &Array1::from_iter(g), lr);
    }
    p
}

fn check(config: OptimiserConfig, lr: f64, expected: [f64; 3]) {
    let p = three_steps(config, lr);
    for (p, expected) in p.iter().zip(expected) {
        assert!((p - expected).abs() < 1e-14, "{p} and {expected}");
    }
}

// p = torch.tensor([1., -2., .5], dtype=torch.float64, requires_grad=True); o = OPTIMISER
// for g in GRADIENTS: p.grad = torch.tensor(g, dtype=torch.float64); o.step()
// p.tolist()
#[test]
fn sgd_is_pytorchs() {
    // torch.optim.SGD([p], lr=0.1), then momentum=0.9
    check("sgd".parse().unwrap(), 0.1, [0.93, -2.18, 0.5199]);
    check("momentum".parse().unwrap(), 0.1, [0.8229, -2.1458, 0.5136]);
}

#[test]
fn rmsprop_is_pytorchs() {
    // torch.optim.RMSprop([p], lr=0.01)
    let expected = [0.8376337148203902, -1.9995135681123946, 0.4856904378257066];
    check("rmsprop".parse().unwrap(), 0.01, expected);
}

#[test]
fn adam_is_pytorchs() {
    // torch.optim.Adam([p], lr=0.01)
    let expected = [0.9784963375392534, -1.9891410380174603, 0.4951938830429485];
    check("adam".parse().unwrap(), 0.01, expected);
}

#[test]
fn adamw_is_pytorchs() {
    // torch.optim.AdamW([p], lr=0.01, weight_decay=0.1)
    let config = OptimiserConfig::AdamW(AdamW { weight_decay: 0.1, ..AdamW::default() });
    check(config, 0.01, [0.975527397414669, -1.9831737265985283, 0.4937124369303057]);
}

/// (5, 2) holding 0, 0.1, ... 0.9, and three gradients of rows.
fn table() -> Embedding<f64> {
    Embedding { weight: Array2::from_shape_fn((5, 2), |(i, j)| (2 * i + j) as f64 / 10.0) }
}

fn rows() -> [EmbeddingGradient<f64>; 3] {
    [
        EmbeddingGradient::Rows { ids: vec![1, 3], values: array![[0.1, -0.2], [0.3, 0.4]] },
        EmbeddingGradient::Rows { ids: vec![3, 4], values: array![[1.0, 0.5], [-0.5, 2.0]] },
        EmbeddingGradient::Rows { ids: vec![1], values: array![[0.7, 0.7]] },
    ]
}

// e = (torch.arange(10.) / 10).reshape(5, 2);
// o = torch.optim.SparseAdam([e], lr=0.01, eps=1e-30)
// for each: e.grad = torch.sparse_coo_tensor([ids], values, (5, 2)); o.step()
#[test]
fn lazy_adam_is_pytorchs_sparse_adam() {
    // SparseAdam adds ε before the bias correction, Adam (and this crate) after it: here ε is nothing.
    let config = OptimiserConfig::Adam(Adam { eps: 1e-30, ..Adam::default() });
    let mut p = table();
    let mut optimiser = Optimiser::new(config, &p).unwrap();
    rows().iter().for_each(|g| optimiser.step(&mut p, g, 0.01));
    let expected = array![
        [0.0, 0.1],
        [0.18286291966566753, 0.3054369423997816],
        [0.4, 0.5],
        [0.5809476528919825, 0.6800035896402924],
        [0.8074413682356698, 0.8925586317643303]
    ];
    let close = p.weight.iter().zip(&expected).all(|(p, e)| (p - e).abs() < 1e-14);
    assert!(close, "{p:?}");
}

#[test]
fn sgd_makes_the_dense_step_with_rows() {
    for name in ["sgd", "momentum"] {
        let (mut p, mut q) = (table(), table());
        let mut lazy = Optimiser::new(name.parse().unwrap(), &p).unwrap();
        let mut dense = lazy.clone();
        for g in rows() {
            lazy.step(&mut p, &g, 0.1);
            dense.step(&mut q, &EmbeddingGradient::Dense(g.to_dense(5)), 0.1);
        }
        assert_eq!(p, q, "{name}");
    }
}

#[test]
fn the_lazy_ones_leave_other_rows_alone() {
    for name in ["rmsprop", "adam", "adamw"] {
        let mut p = table();
        let mut optimiser = Optimiser::new(name.parse().unwrap(), &p).unwrap();
        rows().iter().for_each(|g| optimiser.step(&mut p, g, 0.01));
        for row in [0, 2] {
            assert_eq!(p.weight.row(row), table().weight.row(row), "{name}");
        }
        for row in [1, 3, 4] {
            assert_ne!(p.weight.row(row), table().weight.row(row), "{name}");
        }
    }
}

struct Layer<A> {
    weight: Array2<A>,
    bias_ih_l0: Array1<A>,
}
named!(Layer { weight, bias_ih_l0 });

fn layer() -> Layer<f64> {
    Layer { weight: array![[1.0, -1.0]], bias_ih_l0: array![2.0] }
}

#[test]
fn biases_can_be_spared_from_decay() {
    let zero = Layer { weight: array![[0.0, 0.0]], bias_ih_l0: array![0.0] };
    for (decay_biases, bias) in [(true, 2.0 * 0.95), (false, 2.0)] {
        let config = AdamW { weight_decay: 0.5, decay_biases, ..AdamW::default() };
        let mut p = layer();
        Optimiser::new(OptimiserConfig::AdamW(config), &p).unwrap().step(&mut p, &zero, 0.1);
        assert_eq!(p.weight, array![[0.95, -0.95]]);
        assert_eq!(p.bias_ih_l0[0], bias);
    }
}

#[test]
fn a_restored_optimiser_goes_on_to_the_same_bits() {
    for name in ["sgd", "momentum", "rmsprop", "adam", "adamw"] {
        let config: OptimiserConfig = name.parse().unwrap();
        let gradient = Layer { weight: array![[0.3, -0.7]], bias_ih_l0: array![0.1] };
        let mut p = layer();
        let mut first = Optimiser::new(config, &p).unwrap();
        (0..3).for_each(|_| first.step(&mut p, &gradient, 0.01));

        // Through JSON and a copy of the named arrays, as a checkpoint does it.
        let text = serde_json::to_string(first.config()).unwrap();
        let mut q = Layer { weight: p.weight.clone(), bias_ih_l0: p.bias_ih_l0.clone() };
        let mut second = Optimiser::new(serde_json::from_str(&text).unwrap(), &q).unwrap();
        for ((a, from), (b, into)) in first.named().into_iter().zip(second.named_mut()) {
            assert_eq!(a, b);
            into.dense().assign(&from.dense());
        }
        second.set_steps(first.steps());

        (0..3).for_each(|_| first.step(&mut p, &gradient, 0.01));
        (0..3).for_each(|_| second.step(&mut q, &gradient, 0.01));
        assert_eq!((p.weight, p.bias_ih_l0), (q.weight, q.bias_ih_l0), "{name}");
    }
}

#[test]
fn the_state_has_pytorchs_names() {
    let names = |name: &str| -> Vec<String> {
        let optimiser = Optimiser::new(name.parse().unwrap(), &layer()).unwrap();
        optimiser.named().into_iter().map(|(name, _)| name).collect()
    };
    assert!(names("sgd").is_empty());
    assert_eq!(names("momentum"), ["momentum_buffer.weight", "momentum_buffer.bias_ih_l0"]);
    assert_eq!(names("adam")[..2], ["exp_avg.weight", "exp_avg_sq.weight"]);
}

#[test]
fn a_gradient_in_column_order_counts_the_same() {
    let mut p = Array2::<f64>::zeros((2, 3));
    let mut g = Array2::zeros((2, 3).f());
    g.assign(&array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    Optimiser::new("sgd".parse().unwrap(), &p).unwrap().step(&mut p, &g, 1.0);
    assert_eq!(p, -g);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let x = array![0.0_f64];
    let wrong = [
        OptimiserConfig::Sgd(Sgd { momentum: 1.0 }),
        OptimiserConfig::RmsProp(RmsProp { alpha: -0.1, ..RmsProp::default() }),
        OptimiserConfig::Adam(Adam { beta2: f64::NAN, ..Adam::default() }),
        OptimiserConfig::AdamW(AdamW { weight_decay: -1.0, ..AdamW::default() }),
    ];
    for config in wrong {
        assert!(Optimiser::new(config, &x).is_err(), "{config:?}");
    }
    let error = "adams".parse::<OptimiserConfig>().unwrap_err().to_string();
    assert!(error.contains("\"adams\"") && error.contains("adamw"), "{error}");
}

#[test]
fn the_configuration_is_plain_json() {
    let config: OptimiserConfig = serde_json::from_str(r#"{"name":"adamw","beta1":0.8}"#).unwrap();
    assert_eq!(config, OptimiserConfig::AdamW(AdamW { beta1: 0.8, ..AdamW::default() }));
    let error = serde_json::from_str::<OptimiserConfig>(r#"{"name":"adam","beta":0.8}"#);
    assert!(error.unwrap_err().to_string().contains("beta"));
}

#[test]
#[should_panic(expected = "the gradient has the parameter's shape")]
fn a_gradient_of_another_shape_is_named() {
    let mut p = Array2::<f64>::zeros((2, 3));
    let g = Array2::zeros((3, 2));
    Optimiser::new("sgd".parse().unwrap(), &p).unwrap().step(&mut p, &g, 1.0);
}
