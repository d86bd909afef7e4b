//! Right gradients by the chain rule, and the same with a bug planted. Nothing is near the limit of 1e-6.

use kit::cases::*;

/// A loss's inputs and targets, with the weights.
struct Neuron {
    inputs: Array2<f64>,
    targets: Array1<f64>,
    w: Array1<f64>,
}

impl Neuron {
    fn draw(draw: &mut Draw, n: usize, p: usize) -> Self {
        let mut signed = |low: f64, high: f64| {
            draw.number(low, high) * if draw.chance(0.5) { 1.0 } else { -1.0 }
        };
        let w = Array1::from_shape_simple_fn(p, || signed(0.1, 0.4));
        let inputs = draw.uniform(0.3, 1.0, (n, p));
        let targets = draw.uniform(1.2, 2.0, n); // out of tanh's reach: no gradient is near 0
        Self { inputs, targets, w }
    }

    /// tanh(x w) of each example.
    fn outputs(&self) -> Array1<f64> {
        self.inputs.dot(&self.w).mapv(f64::tanh)
    }

    /// The sum over the examples of weight_n x_n, divided by `divisor`.
    fn gradient(&self, slope: impl Fn(f64) -> f64, divisor: f64) -> Array1<f64> {
        let y = self.outputs();
        let d = (&y - &self.targets) * y.mapv(slope);
        self.inputs.t().dot(&d) / divisor
    }

    fn right(&self) -> Array1<f64> {
        self.gradient(|y| 1.0 - y * y, self.targets.len() as f64)
    }

    fn check(&self, name: &str, gradient: Array1<f64>) -> Case {
        let loss = record! { inputs: self.inputs, targets: self.targets };
        call!(name, wrong_entries(loss, self.w.clone(), gradient))
    }

    fn numeric(&self, name: &str) -> Case {
        let loss = record! { inputs: self.inputs, targets: self.targets };
        call!(name, numeric_gradient(loss, self.w.clone()))
    }
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = Neuron { inputs: array![[1.0]], targets: array![0.0], w: array![0.5] };
    let [n, p] = draw.sizes();
    let (one, two, other) =
        (Neuron::draw(draw, n, p), Neuron::draw(draw, p, n), Neuron::draw(draw, n + 1, p + 1));
    let j = draw.int(0, p);

    let mut flipped = one.right();
    flipped[j] = -flipped[j];
    let mut off = one.right();
    off[j] *= 1.001;
    let mut nan = one.right();
    nan[j] = f64::NAN;

    // A column of tiny inputs has a tiny gradient, off by half a per cent.
    let mut tiny = Neuron::draw(draw, n, p);
    tiny.inputs.column_mut(j).mapv_inplace(|x| x * 2e-4);
    let mut tiny_off = tiny.right();
    tiny_off[j] *= 1.005;

    let verdict = "worked example: verdict, and on the right gradient";
    vec![
        example.numeric("worked example").expect(array![0.3634]),
        example.check(verdict, array![0.4621]).expect(vec![0_usize]),
        example.check(verdict, example.right()),
        one.numeric("numeric gradient"),
        two.numeric("numeric gradient"),
        one.check("bug: the sign of one entry; and no bug", flipped),
        one.check("bug: the sign of one entry; and no bug", one.right()),
        two.check("bug: no slope, sum for mean", two.gradient(|_| 1.0, two.targets.len() as f64)),
        two.check("bug: no slope, sum for mean", two.gradient(|y| 1.0 - y * y, 1.0)),
        two.check("bug: no slope, sum for mean", two.right()),
        one.check("bug: one entry is off by 0.1 %", off),
        tiny.check("bug: a tiny entry is off by 0.5 %", tiny_off),
        one.check("bug: not a number", nan),
        other
            .check("another bug", other.gradient(|y| 1.0 - y, other.targets.len() as f64))
            .hidden(),
        other.check("another bug", other.right()).hidden(),
        other.numeric("another bug").hidden(),
    ]
}
