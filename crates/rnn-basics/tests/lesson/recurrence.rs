//! Part **recurrence** against PyTorch.

use ndarray::{Array1, array};
use rnn_basics::recurrence::{self, Network, backward, forward, mean_loss};

use crate::printed;

// import torch; torch.set_default_dtype(torch.float64)
// rnn, linear = torch.nn.RNN(4, 3), torch.nn.Linear(3, 4)
// with torch.no_grad():
//     rnn.weight_ih_l0[:] = torch.tensor([[.5, -.3, .8, .1], [-.6, .9, .2, -.4], [.3, .4, -.7, .6]])
//     rnn.weight_hh_l0[:] = torch.tensor([[.4, -.2, .3], [.1, .5, -.6], [-.3, .2, .7]])
//     rnn.bias_ih_l0[:], rnn.bias_hh_l0[:] = torch.tensor([.1, 0, -.1]), 0
//     linear.weight[:] = torch.tensor([[.2, -.5, .1], [.7, -.3, .4], [.3, .8, -.6], [-.4, .1, .9]])
//     linear.bias[:] = torch.tensor([0, .1, .2, -.1])
// x, target, h = torch.eye(4)[[0, 1, 2, 2]], torch.tensor([1, 2, 2, 3]), torch.zeros(3)
// a, states = [], []
// for t in range(4):
//     a.append(rnn.weight_ih_l0 @ x[t] + rnn.bias_ih_l0 + rnn.weight_hh_l0 @ h); a[t].retain_grad()
//     h = torch.tanh(a[t]); h.retain_grad(); states.append(h)
// y = torch.stack([linear(h) for h in states]); y.retain_grad()
// loss = torch.nn.functional.cross_entropy(y, target); loss.backward()
// print(states, y.softmax(1), loss, y.grad, [h.grad for h in states], [v.grad for v in a])
// for p in [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, *linear.parameters()]:
//     print(p.grad); p.data -= p.grad
// print(torch.nn.functional.cross_entropy(linear(rnn(x[:, None])[0][:, 0]), target))
const STATES: [[f64; 3]; 4] = [
    [0.5370495669980353, -0.5370495669980353, 0.19737532022490398],
    [0.17947710427348665, 0.5129721367205674, 0.16802923026693603],
    [0.7257105842843434, 0.3571507438052196, -0.5605454835157159],
    [0.7400954683159485, 0.6569755234479537, -0.8713511910025402],
];
const PROBABILITIES: [[f64; 4]; 4] = [
    [0.2863484404640113, 0.394467541263113, 0.15990616716963277, 0.1592778511032429],
    [0.1716203390456056, 0.2417795727084119, 0.36962010425378816, 0.21697998399219412],
    [0.1667035043446805, 0.2404082710049824, 0.5156693034476402, 0.07721892120269676],
    [0.11737345951583741, 0.16490974009919443, 0.667396534651312, 0.05032026573365621],
];
const LOSS: f64 = 1.394283738947734;
const LOSS_AFTER: f64 = 1.0212404242425033;
const D_LOGITS: [[f64; 4]; 4] = [
    [0.07158711011600283, -0.15138311468422175, 0.03997654179240819, 0.039819462775810735],
    [0.0429050847614014, 0.06044489317710299, -0.15759497393655297, 0.05424499599804854],
    [0.04167587608617013, 0.060102067751245596, -0.12108267413808996, 0.019304730300674186],
    [0.02934336487895935, 0.041227435024798614, 0.166849133662828, -0.23741993356658594],
];
const DH: [[f64; 3]; 4] = [
    [-0.20720663259610972, 0.026578204360631547, 0.24053969334486],
    [-0.03142014871240413, -0.21887764851275, 0.28583565176550785],
    [0.06483786403572063, -0.14073443825716128, 0.06481134349727168],
    [0.17975059101863367, 0.08269740062668456, -0.29436210990980877],
];
const DA: [[f64; 3]; 4] = [
    [-0.14744363201597246, 0.018912459192524166, 0.2311689844138992],
    [-0.030408041909362762, -0.16128209367532792, 0.27776541878825106],
    [0.030690623500900096, -0.1227828242385676, 0.0444468909499149],
    [0.0812937682189485, 0.04700381002349357, -0.07086682488127533],
];

fn close<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
) {
    let (got, expected): (Array1<_>, Array1<_>) =
        (got.into_iter().copied().collect(), expected.into_iter().copied().collect());
    assert_eq!(got.len(), expected.len(), "{what}");
    assert!((&got - &expected).iter().all(|d| d.abs() < 1e-12), "{what}: {got} for {expected}");
}

#[test]
fn every_step_is_pytorchs() {
    let network = Network::example();
    let steps = forward(&network);
    assert!((mean_loss(&steps) - LOSS).abs() < 1e-12);
    let (back, _) = backward(&network, &steps);
    for t in 0..4 {
        close("h", steps[t].tape.h.row(0), &STATES[t]);
        close("p", &steps[t].probabilities, &PROBABILITIES[t]);
        close("dy", &back[t].d_logits, &D_LOGITS[t]);
        close("dh", &(&back[t].dh_output + &back[t].dh_next), &DH[t]);
        close("da", &back[t].da, &DA[t]);
    }
}

#[test]
fn the_weights_gradients_are_pytorchs() {
    let network = Network::example();
    let (_, grads) = backward(&network, &forward(&network));
    let weight_ih = array![
        [-0.14744363201597246, -0.030408041909362762, 0.1119843917198486, 0.0],
        [0.018912459192524166, -0.16128209367532792, -0.07577901421507402, 0.0],
        [0.2311689844138992, 0.27776541878825106, -0.026419933931360426, 0.0]
    ];
    let weight_hh = array![
        [0.0481733865264571, 0.06110819024135114, -0.046413729779109215],
        [-0.07454202188599021, 0.0404197565821975, -0.07881198174921787],
        [0.10572219227794177, -0.151683920483556, 0.1020164939731063]
    ];
    let bias = [-0.06586728220548664, -0.2181486486978778, 0.48251446927078984];
    let output = array![
        [0.0981078226191404, 0.01772572915978159, -0.027590762896849187],
        [0.0036771827401687746, 0.16085769610630282, -0.08933629910208024],
        [0.028798004410340514, -0.035940185181717224, -0.09610202464147172],
        [-0.13058300976964973, -0.1426432400843672, 0.21302908664040113]
    ];
    let output_bias =
        [0.1855114358425337, 0.01039128126892546, -0.07185197261940673, -0.12405074449205249];
    close("dW_ih", &grads.cell.weight_ih, &weight_ih);
    close("dW_hh", &grads.cell.weight_hh, &weight_hh);
    close("db", grads.cell.bias_ih.as_ref().unwrap(), &bias);
    close("dW_hy", &grads.output_weight, &output);
    close("db_y", &grads.output_bias, &output_bias);
}

#[test]
fn what_is_printed_is_what_pytorch_says() {
    let (text, results) = printed(recurrence::run);
    let vectors = [STATES, DH, DA].concat().into_iter().map(|v| v.to_vec());
    let longer = [PROBABILITIES, D_LOGITS].concat().into_iter().map(|v| v.to_vec());
    for vector in vectors.chain(longer) {
        let numbers: Vec<_> = vector.iter().map(|v| format!("{v:7.4}")).collect();
        let line = format!("[{}]", numbers.join(" "));
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    let number = |name: &str| results[name].as_f64().unwrap();
    assert!((number("recurrence.loss") - LOSS).abs() < 1e-12);
    assert!((number("recurrence.loss_after_one_step") - LOSS_AFTER).abs() < 1e-12);
    let derivative = 0.06110819024135114; // dW_hh[1,2]
    assert!((number("recurrence.backprop_derivative") - derivative).abs() < 1e-12);
    assert!((number("recurrence.nudged_derivative") - derivative).abs() < 1e-8);
}
