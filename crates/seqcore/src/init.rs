//! Initial weights.
//!
//! The defaults are PyTorch's: recurrent tensors U(±1/√H), linear ones U(±1/√in), embeddings
//! N(0, 1). Recurrent matrices and biases hold their gates one below the other, (G·H, in) and
//! (G·H); the LSTM's blocks are i, f, g, o.
//!
//! Numbers are drawn as `f64` and then rounded, so one seed gives the same weights to a model in
//! `f32` and to its copy in `f64`.

use ndarray::{Array, Array1, Array2, Axis, Dimension, ShapeBuilder, s};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal, Uniform};

use crate::cells::Cell;
use crate::{Error, Float, Result};

/// Uniform between -`bound` and `bound`, which is above 0 and finite.
pub fn uniform<A: Float, D: Dimension>(
    shape: impl ShapeBuilder<Dim = D>,
    bound: f64,
    rng: &mut (impl Rng + ?Sized),
) -> Array<A, D> {
    let range = Uniform::new(-bound, bound).expect("a bound above 0");
    Array::from_shape_simple_fn(shape, || A::of(range.sample(rng)))
}

/// Normal with mean 0 and standard deviation 1: the default of an embedding table (V, E).
pub fn normal<A: Float, D: Dimension>(
    shape: impl ShapeBuilder<Dim = D>,
    rng: &mut (impl Rng + ?Sized),
) -> Array<A, D> {
    Array::from_shape_simple_fn(shape, || A::of(StandardNormal.sample(rng)))
}

/// U(±1/√n). With n = H this is the default of every tensor of a recurrent layer, with n = in
/// that of a linear layer.
pub fn fan_in<A: Float, D: Dimension>(
    shape: impl ShapeBuilder<Dim = D>,
    n: usize,
    rng: &mut (impl Rng + ?Sized),
) -> Array<A, D> {
    uniform(shape, 1.0 / (n as f64).sqrt(), rng)
}

/// Glorot's (Xavier's) uniform initialisation of a matrix (blocks·out, in):
/// U(±√(6 / (in + out))), which keeps the variance of activations and of gradients alike
/// (Glorot & Bengio 2010). `blocks` is the number of gates, 1 for a plain matrix: each gate
/// counts its own outputs.
pub fn xavier<A: Float>(
    (rows, columns): (usize, usize),
    blocks: usize,
    rng: &mut (impl Rng + ?Sized),
) -> Array2<A> {
    let outputs = block_rows(rows, blocks);
    uniform((rows, columns), (6.0 / (columns + outputs) as f64).sqrt(), rng)
}

/// A matrix (blocks·R, C) of which every block is orthogonal: all its singular values are 1, so a
/// product of many neither explodes nor vanishes (Saxe, McClelland & Ganguli 2014). Where a block
/// is not square, the shorter of its rows and columns are orthonormal.
///
/// Each block is the Q of the QR decomposition of a normal matrix with a positive diagonal of R,
/// which makes it uniform over all orthogonal matrices.
pub fn orthogonal<A: Float>(
    (rows, columns): (usize, usize),
    blocks: usize,
    rng: &mut (impl Rng + ?Sized),
) -> Array2<A> {
    let height = block_rows(rows, blocks);
    let mut matrix = Array2::zeros((rows, columns)); // (blocks·R, C)
    for mut block in matrix.axis_chunks_iter_mut(Axis(0), height) {
        let (short, long) = (height.min(columns), height.max(columns));
        let mut vectors = normal::<f64, _>((short, long), rng);
        orthonormalise(&mut vectors);
        let vectors = if height <= columns { vectors.view() } else { vectors.t() };
        block.zip_mut_with(&vectors, |into, &value| *into = A::of(value));
    }
    matrix
}

/// Modified Gram-Schmidt on the rows. Every row is cleaned twice: once is not enough where it lies
/// nearly in the span of those before it. Dividing by the length makes R's diagonal positive.
fn orthonormalise(vectors: &mut Array2<f64>) {
    for j in 0..vectors.nrows() {
        let (done, mut rest) = vectors.view_mut().split_at(Axis(0), j);
        let mut row = rest.row_mut(0);
        for _ in 0..2 {
            for earlier in done.rows() {
                let along = earlier.dot(&row);
                row.scaled_add(-along, &earlier);
            }
        }
        let length = row.dot(&row).sqrt();
        row /= length;
    }
}

/// Adds `value` (usually 1) to the forget gate's block of an LSTM's `bias_ih` (4H), so that a young
/// network remembers (Gers et al. 2000; Jozefowicz et al. 2015). `bias_hh` stays as it is.
pub fn add_forget_bias<A: Float>(bias_ih: &mut Array1<A>, value: f64) {
    let hidden = block_rows(bias_ih.len(), 4);
    bias_ih.slice_mut(s![hidden..2 * hidden]).mapv_inplace(|b| b + A::of(value));
}

/// Chrono initialisation of the biases (G·H each) of a cell with gates, for dependencies up to
/// `max_time` steps (Tallec & Ollivier 2018), so that the units' memories last from one step to T:
///
/// ```text
/// LSTM   b_f = ln U(1, T - 1),  b_i = -b_f
/// GRU    b_z = ln U(1, T - 1)                  z keeps the old state (G5)
/// ```
///
/// The values go into `bias_ih`; the same blocks of `bias_hh` become zero, because the two are
/// added. The other blocks stay as they are, and so does a plain cell, which has no gates.
///
/// # Errors
/// A `max_time` that is not above 2.
pub fn chrono<A: Float>(
    cell: Cell,
    bias_ih: &mut Array1<A>,
    bias_hh: &mut Array1<A>,
    max_time: f64,
    rng: &mut (impl Rng + ?Sized),
) -> Result<()> {
    check_time(max_time)?;
    assert_eq!(bias_ih.len(), bias_hh.len(), "bias_ih and bias_hh have one length");
    let hidden = block_rows(bias_ih.len(), cell.gates());
    let first = match cell {
        Cell::Lstm => 0,
        Cell::Gru => hidden,
        Cell::RnnTanh | Cell::RnnRelu => return Ok(()),
    };
    for j in 0..hidden {
        // The gate that keeps is the second block of both cells.
        let keep = rng.random_range(1.0..max_time - 1.0).ln();
        bias_ih[hidden + j] = A::of(keep);
        if cell == Cell::Lstm {
            bias_ih[j] = A::of(-keep);
        }
    }
    bias_hh.slice_mut(s![first..2 * hidden]).fill(A::zero());
    Ok(())
}

fn check_time(max_time: f64) -> Result<()> {
    if max_time > 2.0 && max_time.is_finite() {
        return Ok(());
    }
    Err(Error::config(format!(
        "chrono initialisation needs a time span of more than 2 steps, not {max_time}."
    )))
}

/// The rows of one block out of `blocks`.
fn block_rows(rows: usize, blocks: usize) -> usize {
    assert!(rows.is_multiple_of(blocks), "{rows} rows do not make {blocks} equal blocks");
    rows / blocks
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(7)
    }

    /// The largest difference between M Mᵀ and the unit matrix.
    fn far_from_orthonormal(rows: &Array2<f64>) -> f64 {
        let product = rows.dot(&rows.t()) - Array2::<f64>::eye(rows.nrows());
        product.iter().fold(0.0, |worst, v| v.abs().max(worst))
    }

    #[test]
    fn uniform_has_its_bounds_and_moments() {
        let w: Array2<f64> = fan_in((200, 100), 25, &mut rng());
        assert!(w.iter().all(|v| v.abs() <= 0.2));
        assert!(w.iter().any(|v| *v > 0.199) && w.iter().any(|v| *v < -0.199));
        // Mean 0, variance bound²/3, each within five standard errors of 20,000 draws.
        assert!(w.mean().unwrap().abs() < 5.0 * 0.2 / (3.0_f64 * 20_000.0).sqrt());
        assert!((w.var(0.0) / (0.04 / 3.0) - 1.0).abs() < 5.0 * (0.8_f64 / 20_000.0).sqrt());
    }

    #[test]
    fn normal_has_its_moments() {
        let w: Array2<f64> = normal((200, 100), &mut rng());
        assert!(w.mean().unwrap().abs() < 5.0 / 20_000.0_f64.sqrt());
        assert!((w.var(0.0) - 1.0).abs() < 5.0 * (2.0_f64 / 20_000.0).sqrt());
    }

    #[test]
    fn xavier_counts_the_outputs_of_one_gate() {
        let bound = (6.0_f64 / (20.0 + 30.0)).sqrt();
        let w: Array2<f64> = xavier((4 * 30, 20), 4, &mut rng());
        let largest = w.iter().fold(0.0_f64, |m, v| v.abs().max(m));
        assert!(largest <= bound && largest > 0.99 * bound, "{largest} of {bound}");
    }

    #[test]
    fn every_block_is_orthogonal() {
        let w: Array2<f64> = orthogonal((4 * 40, 40), 4, &mut rng());
        for k in 0..4 {
            let block = w.slice(s![40 * k..40 * (k + 1), ..]).to_owned();
            assert!(far_from_orthonormal(&block) < 1e-13);
            assert!(far_from_orthonormal(&block.t().to_owned()) < 1e-13);
        }
        assert_ne!(w.slice(s![..40, ..]), w.slice(s![40..80, ..]));
        assert!(w.is_standard_layout());
    }

    #[test]
    fn blocks_that_are_not_square_are_orthonormal_along_the_shorter_side() {
        let wide: Array2<f64> = orthogonal((5, 9), 1, &mut rng());
        assert!(far_from_orthonormal(&wide) < 1e-13);
        let tall: Array2<f64> = orthogonal((9, 5), 1, &mut rng());
        assert!(far_from_orthonormal(&tall.t().to_owned()) < 1e-13);
    }

    #[test]
    fn orthogonal_matrices_have_no_preferred_direction() {
        // Uniform over the orthogonal group: each entry has mean 0 and variance 1/n, the diagonal too.
        let rng = &mut rng();
        let draws: Vec<Array2<f64>> = (0..4000).map(|_| orthogonal((3, 3), 1, rng)).collect();
        for index in [(0, 0), (1, 1), (2, 2), (0, 2)] {
            let mean = draws.iter().map(|q| q[index]).sum::<f64>() / 4000.0;
            let square = draws.iter().map(|q| q[index].powi(2)).sum::<f64>() / 4000.0;
            assert!(mean.abs() < 5.0 * (1.0_f64 / 3.0 / 4000.0).sqrt(), "{index:?} {mean}");
            assert!((square - 1.0 / 3.0).abs() < 0.025, "{index:?} {square}");
        }
    }

    #[test]
    fn the_forget_bias_touches_one_block() {
        let mut bias = Array1::<f32>::zeros(12);
        add_forget_bias(&mut bias, 1.0);
        assert_eq!(bias.to_vec(), [0., 0., 0., 1., 1., 1., 0., 0., 0., 0., 0., 0.]);
    }

    #[test]
    fn chrono_spreads_the_memories() {
        let hidden = 2000;
        let (mut ih, mut hh) = (Array1::<f64>::ones(4 * hidden), Array1::<f64>::ones(4 * hidden));
        chrono(Cell::Lstm, &mut ih, &mut hh, 101.0, &mut rng()).unwrap();
        let (input, forget) = (ih.slice(s![..hidden]), ih.slice(s![hidden..2 * hidden]));
        assert!(forget.iter().all(|b| (0.0..=100.0_f64.ln()).contains(b)));
        assert_eq!(&input + &forget, Array1::<f64>::zeros(hidden));
        // exp(b_f) is uniform on (1, 100): mean 50.5, standard error 28.6 / √2000.
        let mean = forget.mapv(f64::exp).mean().unwrap();
        assert!((mean - 50.5).abs() < 5.0 * 28.6 / (hidden as f64).sqrt(), "{mean}");
        assert!(ih.slice(s![2 * hidden..]).iter().all(|b| *b == 1.0));
        assert!(hh.slice(s![..2 * hidden]).iter().all(|b| *b == 0.0));
        assert!(hh.slice(s![2 * hidden..]).iter().all(|b| *b == 1.0));
    }

    #[test]
    fn chrono_of_a_gru_touches_the_update_gate() {
        let hidden = 2000;
        let (mut ih, mut hh) = (Array1::<f64>::ones(3 * hidden), Array1::<f64>::ones(3 * hidden));
        chrono(Cell::Gru, &mut ih, &mut hh, 101.0, &mut rng()).unwrap();
        let keep = ih.slice(s![hidden..2 * hidden]).mapv(f64::exp);
        assert!(keep.iter().all(|k| (1.0..=100.0).contains(k)));
        let mean = keep.mean().unwrap();
        assert!((mean - 50.5).abs() < 5.0 * 28.6 / (hidden as f64).sqrt(), "{mean}");
        for (bias, update) in [(&ih, None), (&hh, Some(0.0))] {
            for (j, value) in bias.iter().enumerate() {
                let inside = (hidden..2 * hidden).contains(&j);
                let expected = if inside { update } else { Some(1.0) };
                assert!(expected.is_none_or(|expected| *value == expected), "{j}: {value}");
            }
        }
        assert!(chrono(Cell::Gru, &mut ih, &mut hh, 2.0, &mut rng()).is_err());
    }

    #[test]
    fn chrono_refuses_a_span_without_memory() {
        let (mut ih, mut hh) = (Array1::<f32>::zeros(4), Array1::<f32>::zeros(4));
        for max_time in [2.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = chrono(Cell::Lstm, &mut ih, &mut hh, max_time, &mut rng()).unwrap_err();
            assert!(error.to_string().contains("more than 2 steps"), "{error}");
        }
    }

    #[test]
    fn one_seed_gives_both_precisions_the_same_weights() {
        let double: Array2<f64> = orthogonal((8, 4), 2, &mut rng());
        let single: Array2<f32> = orthogonal((8, 4), 2, &mut rng());
        assert_eq!(double.mapv(|v| v as f32), single);
    }
}
