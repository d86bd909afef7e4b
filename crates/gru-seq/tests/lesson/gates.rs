//! The gates' numbers against PyTorch and Keras' formula.

use gru_seq::gates::{costs, example, from_keras, inputs, reset_before, steps};
use ndarray::{Array1, Array2, array};
use seqcore::cells::Cell;

// c = torch.nn.GRUCell(2, 2) with the weights of `example`; h = zeros; for x in inputs: h = c(x, h)
#[test]
fn states_are_pytorchs() {
    let expected = array![
        [0.5231686323778573, -0.16258564797379257],
        [0.343332784284569, 0.08308541986432405],
        [0.5211457350978188, 0.17968170873349032],
    ];
    for (step, expected) in steps(&example(), inputs().view()).iter().zip(expected.outer_iter()) {
        assert!((&step.h.row(0) - &expected).iter().all(|d| d.abs() < 1e-12), "{}", step.h);
    }
}

#[test]
fn the_two_forms_agree_only_without_a_past() {
    // With a state of zero and no bias b_hn there is nothing to reset.
    let mut params = example();
    params.bias_hh.as_mut().unwrap().fill(0.0);
    let after = steps(&params, inputs().view());
    let before = reset_before(&params, inputs().view());
    let gap = |t: usize| (&before.row(t) - &after[t].h.row(0)).mapv(f64::abs).sum();
    assert!(gap(0) < 1e-12);
    assert!(gap(1) > 1e-3 && gap(2) > 1e-3);
}

// Keras, reset_after=True: z, r = σ(x K + b_0 + h U + b_1), hh = tanh(x K_h + b_0h + r (h U_h + b_1h)),
// h' = z h + (1 - z) hh, columns z, r, h.
#[test]
fn keras_weights_give_keras_states() {
    let kernel = array![[0.3, 0.5, -0.8], [-0.2, 0.9, 0.4]];
    let recurrent = array![[0.6, -0.7, 1.1]];
    let bias = array![[0.1, -0.3, 0.2], [0.05, 0.4, -0.6]];
    let params = from_keras(kernel.view(), recurrent.view(), bias.view());
    let x: Array2<f64> = array![[1.0, 2.0], [-0.5, 0.3], [0.7, -1.2]];
    let sigmoid = |a: f64| 1.0 / (1.0 + (-a).exp());
    let mut h = 0.0;
    for (step, x) in steps(&params, x.view()).iter().zip(x.outer_iter()) {
        let u: Array1<f64> = x.dot(&kernel) + bias.row(0);
        let v: Array1<f64> = recurrent.row(0).mapv(|w| w * h) + bias.row(1);
        let (z, r) = (sigmoid(u[0] + v[0]), sigmoid(u[1] + v[1]));
        h = z * h + (1.0 - z) * (u[2] + r * v[2]).tanh();
        assert!((step.h[[0, 0]] - h).abs() < 1e-12);
    }
}

// sum(p.numel() for p in torch.nn.GRU(128, 128).parameters()) = 99072; RNN 33024; LSTM 132096
#[test]
fn parameters_are_pytorchs() {
    let costs = costs(128, 128);
    let of = |cell| costs.iter().find(|cost| cost.cell == cell).unwrap();
    assert_eq!(of(Cell::RnnTanh).parameters, 33_024);
    assert_eq!(of(Cell::Gru).parameters, 99_072);
    assert_eq!(of(Cell::Lstm).parameters, 132_096);
    assert_eq!(of(Cell::Gru).flops, 3 * 2 * 128 * 256);
    assert_eq!((of(Cell::Gru).state, of(Cell::Lstm).state), (128, 256));
}
