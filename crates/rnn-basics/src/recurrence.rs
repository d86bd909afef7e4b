//! Part 1, **recurrence**: a network of three units reads four letters, and every number is
//! shown, forwards and backwards.
//!
//! The text is "hello": the network reads h, e, l, l and should say e, l, l, o. A letter comes
//! in as a one-hot vector over the vocabulary (h, e, l, o), so W_ih x simply picks a column of
//! W_ih. The weights are round numbers, the same in every run, so that each line can be checked
//! with a pocket calculator.

use lesson::Lesson;
use ndarray::{Array1, Array2, ArrayView1, array};
use seqcore::cells::rnn::{self, Nonlinearity};
use seqcore::cells::{Cell, CellParams};
use seqcore::params::Named;

/// The letters, in the order of the one-hot vectors.
pub const VOCABULARY: [char; 4] = ['h', 'e', 'l', 'o'];
/// What is read, as indices into [`VOCABULARY`].
pub const INPUTS: [usize; 4] = [0, 1, 2, 2];
/// What should be said.
pub const TARGETS: [usize; 4] = [1, 2, 2, 3];

/// A plain recurrent network with a linear output: V = 4 letters, H = 3 units.
#[derive(Debug, Clone)]
pub struct Network {
    /// The recurrent cell; its second bias is left out, one is enough to follow.
    pub cell: CellParams<f64>,
    /// W_hy, (V, H).
    pub output_weight: Array2<f64>,
    /// b_y, (V).
    pub output_bias: Array1<f64>,
}

impl Network {
    /// The weights that the lesson prints.
    pub fn example() -> Self {
        Self {
            cell: CellParams {
                weight_ih: array![
                    [0.5, -0.3, 0.8, 0.1],
                    [-0.6, 0.9, 0.2, -0.4],
                    [0.3, 0.4, -0.7, 0.6]
                ],
                weight_hh: array![[0.4, -0.2, 0.3], [0.1, 0.5, -0.6], [-0.3, 0.2, 0.7]],
                bias_ih: Some(array![0.1, 0.0, -0.1]),
                bias_hh: None,
            },
            output_weight: array![
                [0.2, -0.5, 0.1],
                [0.7, -0.3, 0.4],
                [0.3, 0.8, -0.6],
                [-0.4, 0.1, 0.9]
            ],
            output_bias: array![0.0, 0.1, 0.2, -0.1],
        }
    }
}

/// What happened in one step on the way forward; vectors are (H) or (V).
#[derive(Debug, Clone)]
pub struct Step {
    /// The cell's tape: input, state before, state after.
    pub tape: rnn::Tape<f64>,
    /// Logits (R3).
    pub logits: Array1<f64>,
    /// Probabilities (R4).
    pub probabilities: Array1<f64>,
    /// −ln p of the right letter: this step's share of (R5), not yet divided by N.
    pub loss: f64,
}

/// What happened in one step on the way back; vectors are (H) or (V).
#[derive(Debug, Clone)]
pub struct StepBack {
    /// Gradient of the logits (R6).
    pub d_logits: Array1<f64>,
    /// What reaches h_t from its own output.
    pub dh_output: Array1<f64>,
    /// What reaches h_t from the next step (R10); zero at the last.
    pub dh_next: Array1<f64>,
    /// Gradient of the pre-activation (R8).
    pub da: Array1<f64>,
}

/// The gradients of all weights.
#[derive(Debug, Clone)]
pub struct Gradients {
    /// Of the cell.
    pub cell: CellParams<f64>,
    /// Of W_hy.
    pub output_weight: Array2<f64>,
    /// Of b_y.
    pub output_bias: Array1<f64>,
}

/// Reads the text; the loss is the mean of the steps' losses.
pub fn forward(network: &Network) -> Vec<Step> {
    let mut h = Array2::zeros((1, 3)); // (B, H)
    let mut steps = Vec::new();
    for (&input, &target) in INPUTS.iter().zip(&TARGETS) {
        let mut x = Array2::zeros((1, 4)); // (B, V), one-hot
        x[[0, input]] = 1.0;
        let tape = rnn::forward(Nonlinearity::Tanh, &network.cell, x.view(), h.view()); // (R1) (R2)
        h = tape.h.clone();
        let logits = network.output_weight.dot(&h.row(0)) + &network.output_bias; // (V) (R3)
        let e = logits.mapv(f64::exp); // (V)
        let probabilities = &e / e.sum(); // (R4)
        let loss = -probabilities[target].ln(); // (R5)
        steps.push(Step { tape, logits, probabilities, loss });
    }
    steps
}

/// The mean loss (R5), in nats per letter.
pub fn mean_loss(steps: &[Step]) -> f64 {
    steps.iter().map(|step| step.loss).sum::<f64>() / steps.len() as f64
}

/// Goes back over what [`forward`] did, last step first. The list is in order of time.
pub fn backward(network: &Network, steps: &[Step]) -> (Vec<StepBack>, Gradients) {
    let mut grads = Gradients {
        cell: CellParams { bias_hh: None, ..CellParams::zeros(Cell::RnnTanh, 4, 3, true) },
        output_weight: Array2::zeros((4, 3)),
        output_bias: Array1::zeros(4),
    };
    let mut dh_next = Array1::zeros(3); // (H)
    let mut back = Vec::new();
    for (step, &target) in steps.iter().zip(&TARGETS).rev() {
        let mut d_logits = step.probabilities.clone(); // (V)
        d_logits[target] -= 1.0;
        d_logits /= steps.len() as f64; // (R6)
        let h = step.tape.h.row(0);
        grads.output_weight += &outer(d_logits.view(), h);
        grads.output_bias += &d_logits;
        let dh_output = network.output_weight.t().dot(&d_logits); // (H)
        let dh = (&dh_output + &dh_next).insert_axis(ndarray::Axis(0)); // (B, H) (R7)
        let da = &dh.row(0) * &h.mapv(|h| 1.0 - h * h); // (R8)
        let (_, dh_prev) = rnn::backward(
            Nonlinearity::Tanh,
            &network.cell,
            &step.tape,
            dh.view(),
            &mut grads.cell,
        ); // (R8)-(R13)
        back.push(StepBack { d_logits, dh_output, dh_next, da });
        dh_next = dh_prev.row(0).to_owned(); // (R10)
    }
    back.reverse();
    (back, grads)
}

/// a bᵀ.
fn outer(a: ArrayView1<f64>, b: ArrayView1<f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.len(), b.len()), |(i, j)| a[i] * b[j])
}

/// Runs the part.
pub fn run(lesson: &mut Lesson) {
    lesson.heading("1 · Recurrence: every number of a tiny network");
    lesson.say(
        "Three units read h, e, l, l and should say e, l, l, o. At each step the new state is made from the \
         letter and from the state before: h_t = tanh(W_ih x_t + b + W_hh h_{t-1}). The same weights serve \
         at every step; only the state changes. That state is all the network remembers.",
    );
    let network = Network::example();
    let steps = forward(&network);
    show_weights(lesson, &network);
    show_forward(lesson, &steps);
    let (back, grads) = backward(&network, &steps);
    show_backward(lesson, &steps, &back);
    show_gradients(lesson, &network, &grads);
}

fn show_weights(lesson: &mut Lesson, network: &Network) {
    lesson.subheading("The weights");
    let bias = network.cell.bias_ih.as_ref().expect("the example has a bias");
    let mut text = matrix("W_ih (columns h e l o)", &network.cell.weight_ih, 1);
    text += &matrix("W_hh", &network.cell.weight_hh, 1);
    text += &format!("b     {}\n", vector(bias.view(), 1));
    text += &matrix("W_hy (rows h e l o)", &network.output_weight, 1);
    text += &format!("b_y   {}", vector(network.output_bias.view(), 1));
    lesson.preformatted(&text);
}

fn show_forward(lesson: &mut Lesson, steps: &[Step]) {
    lesson.subheading("Forwards");
    lesson.say(
        "The third and the fourth step read the same letter l but start from different states, so they answer \
         differently: that is what recurrence buys.",
    );
    for (t, step) in steps.iter().enumerate() {
        let (reads, next) = (VOCABULARY[INPUTS[t]], VOCABULARY[TARGETS[t]]);
        lesson.preformatted(&format!(
            "t = {}   h before       {}\n        a              {}   W_ih x({reads}) + b + W_hh h\n        \
             h              {}   tanh(a)\n        y              {}   W_hy h + b_y\n        \
             p              {}   softmax(y)\n        loss           {:7.4}   -ln p({next})",
            t + 1,
            vector(step.tape.h_prev.row(0), 4),
            vector(step.tape.h.row(0).mapv(f64::atanh).view(), 4),
            vector(step.tape.h.row(0), 4),
            vector(step.logits.view(), 4),
            vector(step.probabilities.view(), 4),
            step.loss,
        ));
    }
    let loss = mean_loss(steps);
    lesson.say(&format!(
        "The mean loss is {loss:.4} nats per letter. Guessing among four letters costs ln 4 = {:.4}; an \
         untrained network is no better than that.",
        4f64.ln()
    ));
    lesson.number("recurrence.loss", loss);
}

fn show_backward(lesson: &mut Lesson, steps: &[Step], back: &[StepBack]) {
    lesson.subheading("Backwards");
    lesson.say(
        "Now from the last step to the first. Two things pull at each state: the step's own output, and the \
         next step, which used this state. Their sum, times tanh' = 1 − h², is da. It goes to the weights, and \
         through W_hh to the step before. This is backpropagation through time.",
    );
    for (t, (step, back)) in steps.iter().zip(back).enumerate().rev() {
        let derivative = step.tape.h.row(0).mapv(|h| 1.0 - h * h);
        let dh = &back.dh_output + &back.dh_next;
        lesson.preformatted(&format!(
            "t = {}   dy            {}   (p − onehot)/4\n        dh from y_t    {}   W_hyᵀ dy\n        \
             dh from t+1    {}   W_hhᵀ da of the next step\n        dh             {}   their sum\n        \
             1 − h²         {}\n        da             {}",
            t + 1,
            vector(back.d_logits.view(), 4),
            vector(back.dh_output.view(), 4),
            vector(back.dh_next.view(), 4),
            vector(dh.view(), 4),
            vector(derivative.view(), 4),
            vector(back.da.view(), 4),
        ));
    }
}

fn show_gradients(lesson: &mut Lesson, network: &Network, grads: &Gradients) {
    lesson.subheading("The gradients, and a check");
    lesson.preformatted(
        &(matrix("dW_hh", &grads.cell.weight_hh, 4) + &matrix("dW_ih", &grads.cell.weight_ih, 4)),
    );
    let nudge = 1e-5;
    let loss_at = |delta: f64| {
        let mut nudged = network.clone();
        nudged.cell.weight_hh[[0, 1]] += delta;
        mean_loss(&forward(&nudged))
    };
    let measured = (loss_at(nudge) - loss_at(-nudge)) / (2.0 * nudge);
    let computed = grads.cell.weight_hh[[0, 1]];
    lesson.say(&format!(
        "Is it right? Nudge one weight, W_hh[1,2], by ±{nudge} and measure how the loss changes: the derivative is \
         {measured:.6}. Backpropagation says {computed:.6}. A gradient that fails this check is wrong, \
         however well the network seems to learn.",
    ));
    let mut stepped = network.clone();
    let rate = 1.0;
    for ((_, weight), (_, gradient)) in stepped.cell.named_mut().into_iter().zip(grads.cell.named())
    {
        weight.dense().scaled_add(-rate, &gradient.dense());
    }
    stepped.output_weight.scaled_add(-rate, &grads.output_weight);
    stepped.output_bias.scaled_add(-rate, &grads.output_bias);
    let (before, after) = (mean_loss(&forward(network)), mean_loss(&forward(&stepped)));
    lesson.say(&format!(
        "One step against the gradient, with learning rate {rate}, takes the loss from {before:.4} to {after:.4}."
    ));
    lesson.number("recurrence.nudged_derivative", measured);
    lesson.number("recurrence.backprop_derivative", computed);
    lesson.number("recurrence.loss_after_one_step", after);
}

/// A vector in brackets, every number as wide as the others.
fn vector(v: ArrayView1<f64>, digits: usize) -> String {
    let width = digits + 3;
    let numbers: Vec<_> = v.iter().map(|v| format!("{v:width$.digits$}")).collect();
    format!("[{}]", numbers.join(" "))
}

/// A named matrix, a row a line.
fn matrix(name: &str, m: &Array2<f64>, digits: usize) -> String {
    let rows: Vec<_> =
        m.outer_iter().map(|row| format!("      {}\n", vector(row, digits))).collect();
    format!("{name}\n{}", rows.concat())
}
