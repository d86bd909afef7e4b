//! The linear layer.
//!
//! ```text
//! (R3) y = W x + b          W (out, in), b (out)
//!      dx = W^T dy    dW = sum dy x^T    db = sum dy
//! ```
//!
//! A batch holds one input a row, (N, in), so the product is X W^T. Sequences (T, B, in) come in as
//! (T·B, in): the same numbers in the same order.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis};
use rand::Rng;

use crate::{Float, gemm, init, named};

/// Weight and bias of y = W x + b; also the gradient of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear<A> {
    /// (out, in)
    pub weight: Array2<A>,
    /// (out)
    pub bias: Option<Array1<A>>,
}

named!(Linear { weight, bias });

impl<A: Float> Linear<A> {
    /// A new layer with PyTorch's default, U(±1/√in).
    pub fn new(inputs: usize, outputs: usize, bias: bool, rng: &mut (impl Rng + ?Sized)) -> Self {
        let weight = init::fan_in((outputs, inputs), inputs, rng);
        let bias = bias.then(|| init::fan_in(outputs, inputs, rng));
        Self { weight, bias }
    }

    /// Zeros in this layer's shapes: an empty gradient.
    pub fn zeros_like(&self) -> Self {
        let bias = self.bias.as_ref().map(|bias| Array1::zeros(bias.len()));
        Self { weight: Array2::zeros(self.weight.dim()), bias }
    }

    /// Inputs `x` (N, in) to outputs (N, out).
    pub fn forward(&self, x: &ArrayRef2<A>) -> Array2<A> {
        let (outputs, inputs) = self.weight.dim();
        assert_eq!(x.ncols(), inputs, "input {:?} for weight {:?}", x.dim(), self.weight.dim());
        let mut y = Array2::zeros((x.nrows(), outputs)); // (N, out)
        if let Some(bias) = &self.bias {
            y += bias;
        }
        add_product(x, self.weight.t(), &mut y); // (R3)
        y
    }

    /// The gradient of the outputs, `dy` (N, out), to that of the inputs (N, in). `x` is what
    /// `forward` saw; the weights' part is added to `gradient`.
    pub fn backward(&self, x: &ArrayRef2<A>, dy: &ArrayRef2<A>, gradient: &mut Self) -> Array2<A> {
        let (rows, (outputs, inputs)) = (x.nrows(), self.weight.dim());
        assert_eq!(
            (x.dim(), dy.dim()),
            ((rows, inputs), (rows, outputs)),
            "input and output gradient for weight {:?}",
            self.weight.dim()
        );
        let (x, standard_dy) = (x.as_standard_layout(), dy.as_standard_layout());
        let (x, dy_rows) = (x.as_slice().expect(STANDARD), standard_dy.as_slice().expect(STANDARD));
        let weight = gradient.weight.as_slice_mut().expect(STANDARD);
        gemm::add_transposed((outputs, inputs), dy_rows, x, weight, &mut gemm::Scratch::default());
        if let Some(bias) = &mut gradient.bias {
            *bias += &dy.sum_axis(Axis(0));
        }
        let mut dx = Array2::zeros((rows, inputs)); // (N, in)
        add_product(dy, self.weight.view(), &mut dx);
        dx
    }
}

const STANDARD: &str = "standard layout is contiguous";

/// y += x · b.
fn add_product<A: Float>(x: &ArrayRef2<A>, b: ArrayView2<A>, y: &mut Array2<A>) {
    let mut packed = gemm::Packed::default();
    packed.pack(b);
    let x = x.as_standard_layout();
    let (x, y) = (x.as_slice().expect(STANDARD), y.as_slice_mut().expect(STANDARD));
    gemm::multiply(x, &packed, y, gemm::Output::Add);
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::gradcheck::check;

    // W = torch.tensor([[1., 2.], [3., 4.], [5., 6.]]); F.linear(tensor([[1., -1.]]), W, tensor([.5, 0., 1.]))
    #[test]
    fn forward_is_pytorchs() {
        let weight = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let layer = Linear { weight, bias: Some(array![0.5, 0.0, 1.0]) };
        assert_eq!(layer.forward(&array![[1.0, -1.0]]), array![[-0.5, -1.0, 0.0]]);
    }

    #[test]
    fn backward_agrees_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        for bias in [true, false] {
            let mut layer = Linear::<f64>::new(4, 3, bias, rng);
            let mut x = init::normal((5, 4), rng);
            let dy: Array2<f64> = init::normal((5, 3), rng);
            let loss = |layer: &Linear<f64>, x: &Array2<f64>| (layer.forward(x) * &dy).sum();

            let mut gradient = layer.zeros_like();
            let dx = layer.backward(&x, &dy, &mut gradient);
            check(&mut layer.clone(), &gradient, |layer| loss(layer, &x)).assert_below(1e-7);
            check(&mut x, &dx, |x| loss(&layer, x)).assert_below(1e-7);

            // A second backward pass adds to the first.
            let mut twice = gradient.clone();
            layer.backward(&x, &dy, &mut twice);
            layer.weight.assign(&(&gradient.weight * 2.0));
            assert!((&twice.weight - &layer.weight).iter().all(|d| d.abs() < 1e-12));
        }
    }

    #[test]
    #[should_panic(expected = "input (1, 2) for weight (3, 4)")]
    fn an_input_of_another_width_is_named() {
        let layer = Linear { weight: Array2::<f64>::zeros((3, 4)), bias: None };
        layer.forward(&array![[1.0, 2.0]]);
    }
}
