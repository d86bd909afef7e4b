//! Matrix products for recurrent layers.
//!
//! A recurrent step multiplies a *small* matrix (the states of a batch) with the *same* large one
//! (the weights) again and again. General libraries repack the large matrix at every call. Here it
//! is [packed](Packed) once per sequence, in the order in which the innermost loop reads it:
//!
//! ```text
//! C (m, n) = A (m, k) · B (k, n)
//!
//! B is cut into panels of LANES columns; a panel lies in memory row after row.
//! A tile of MR rows and LANES columns of C is held in registers while p runs over k:
//!     C[i][j] += A[i][p] · B[p][j]        for i < MR, j < LANES
//! ```
//!
//! Per step of p that is one load of a panel row and MR broadcasts for MR · LANES
//! multiply-adds. The loops over i and j have constant length, so the compiler unrolls them into
//! vector instructions (see [`crate::simd`]). A panel serves a few tiles in turn while it is in the cache.
//!
//! The order of the additions is fixed by the shapes: the same call gives the same bits.

use ndarray::{ArrayView2, Axis};

use crate::Float;
use crate::simd::Kernel;

/// Rows of a tile.
const MR: usize = 6;

/// The right-hand side of products, in the order in which they read it.
#[derive(Debug, Clone)]
pub struct Packed<A> {
    rows: usize,
    columns: usize,
    lanes: usize,
    /// Panels of `lanes` columns, then narrow ones of a quarter for the rest; the last one is
    /// filled up with zeros.
    panels: Vec<A>,
}

impl<A: Float> Default for Packed<A> {
    fn default() -> Self {
        Self { rows: 0, columns: 0, lanes: A::lanes(), panels: Vec::new() }
    }
}

/// How many whole panels `columns` make, and how many narrow ones the rest.
fn panel_counts(columns: usize, lanes: usize) -> (usize, usize) {
    (columns / lanes, (columns % lanes).div_ceil(lanes / 4))
}

impl<A: Float> Packed<A> {
    /// Packs `b` (k, n), in any layout; a transposed view costs nothing more. The memory of an
    /// earlier packing is used again.
    pub fn pack(&mut self, b: ArrayView2<A>) {
        let (rows, columns) = b.dim();
        let (whole, narrow) = panel_counts(columns, self.lanes);
        (self.rows, self.columns) = (rows, columns);
        self.panels.resize(rows * (whole * self.lanes + narrow * self.lanes / 4), A::zero());
        let (wide_part, narrow_part) = self.panels.split_at_mut(rows * whole * self.lanes);
        let wide =
            wide_part.chunks_exact_mut((rows * self.lanes).max(1)).map(|panel| (panel, self.lanes));
        let quarter = self.lanes / 4;
        let narrow =
            narrow_part.chunks_exact_mut((rows * quarter).max(1)).map(|panel| (panel, quarter));
        let mut first = 0;
        for (panel, width) in wide.chain(narrow) {
            let columns = first..(first + width).min(columns);
            pack_panel(b.slice(ndarray::s![.., columns.clone()]), panel, width);
            first = columns.end;
        }
    }

    /// (k, n).
    #[inline]
    pub fn dim(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }
}

/// Copies `b` (k, up to `width`) to a panel, row after row; columns that `b` lacks become zero.
fn pack_panel<A: Float>(b: ArrayView2<A>, panel: &mut [A], width: usize) {
    if b.ncols() < width {
        panel.fill(A::zero());
    }
    if b.is_empty() {
        return;
    }
    if b.row(0).as_slice().is_some() {
        for (to, from) in panel.chunks_exact_mut(width).zip(b.outer_iter()) {
            to[..from.len()].copy_from_slice(from.as_slice().expect("all rows are laid out alike"));
        }
    } else if b.column(0).as_slice().is_none() {
        pack_panel(b.as_standard_layout().view(), panel, width);
    } else {
        // The columns are what is contiguous. Four at a time, so that each place in the panel is
        // visited for several numbers and not for one.
        for (block, j) in b.axis_chunks_iter(Axis(1), 4).zip((0..).step_by(4)) {
            let column = |i| block.column(i).to_slice().expect("columns are contiguous");
            if block.ncols() == 4 {
                interleave(column(0), column(1), column(2), column(3), panel, width, j);
                continue;
            }
            for i in 0..block.ncols() {
                for (to, &from) in panel[j + i..].iter_mut().step_by(width).zip(column(i)) {
                    *to = from;
                }
            }
        }
    }
}

/// Writes four columns to the places from `j` on of each row of a panel.
fn interleave<A: Float>(
    a: &[A],
    b: &[A],
    c: &[A],
    d: &[A],
    panel: &mut [A],
    width: usize,
    j: usize,
) {
    let rows = panel.chunks_exact_mut(width);
    for ((((row, &a), &b), &c), &d) in rows.zip(a).zip(b).zip(c).zip(d) {
        *row[j..].first_chunk_mut().expect("whole rows") = [a, b, c, d];
    }
}

/// Whether a product replaces what it is written to or is added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// C = A · B
    Set,
    /// C += A · B
    Add,
}

/// C = A · B or C += A · B, for A (m, k) and C (m, n) row after row in memory.
pub fn multiply<A: Float>(a: &[A], b: &Packed<A>, c: &mut [A], output: Output) {
    let (k, n) = b.dim();
    let m = a.len().checked_div(k).unwrap_or(0);
    assert_eq!((a.len(), c.len()), (m * k, m * n), "A and C against (m, {k}) and (m, {n})");
    A::multiply(Multiply { a, b, c, output });
}

/// The arguments of [`multiply`].
#[derive(Debug)]
pub struct Multiply<'a, A> {
    a: &'a [A],
    b: &'a Packed<A>,
    c: &'a mut [A],
    output: Output,
}

/// Tiles that a panel serves in turn.
const TILES: usize = 4;

impl<A: Float> Kernel for Multiply<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { a, b, c, output } = self;
        let (k, n) = b.dim();
        if a.is_empty() || n == 0 {
            return;
        }
        // Tiles of nearly equal height: thirteen rows are 5, 5 and 3, for a single row is slow.
        let m = a.len() / k;
        let height = m.div_ceil(m.div_ceil(MR));
        let (wide, narrow) = b.panels.split_at(k * (n - n % LANES));
        for (a, c) in a.chunks(TILES * height * k).zip(c.chunks_mut(TILES * height * n)) {
            for (panel, j) in wide.chunks_exact(k * LANES).zip((0..).step_by(LANES)) {
                strip::<A, LANES, FMA>((height, k, n), a, panel, c, j, output);
            }
            let rest = (n - n % LANES..).step_by(QUARTER);
            for (panel, j) in narrow.chunks_exact(k * QUARTER).zip(rest) {
                strip::<A, QUARTER, FMA>((height, k, n), a, panel, c, j, output);
            }
        }
    }
}

/// The tiles of C from column `j` on that one panel makes, each `height` rows high.
#[inline(always)]
fn strip<A: Float, const W: usize, const FMA: bool>(
    (height, k, n): (usize, usize, usize),
    a: &[A],
    panel: &[A],
    c: &mut [A],
    j: usize,
    output: Output,
) {
    for (a, c) in a.chunks(height * k).zip(c.chunks_mut(height * n)) {
        // A single row is frequent, too: generation reads one sequence.
        match a.len() / k {
            1 => write(tile_of_rows::<A, 1, W, FMA>(a, panel), c, n, j, output),
            2 => write(tile_of_rows::<A, 2, W, FMA>(a, panel), c, n, j, output),
            3 => write(tile_of_rows::<A, 3, W, FMA>(a, panel), c, n, j, output),
            4 => write(tile_of_rows::<A, 4, W, FMA>(a, panel), c, n, j, output),
            5 => write(tile_of_rows::<A, 5, W, FMA>(a, panel), c, n, j, output),
            _ => write(tile_of_rows::<A, MR, W, FMA>(a, panel), c, n, j, output),
        }
    }
}

/// A tile from R rows of A: Σ_p a[i][p] · panel[p][j], held in registers.
#[inline(always)]
fn tile_of_rows<A: Float, const R: usize, const W: usize, const FMA: bool>(
    a: &[A],
    panel: &[A],
) -> [[A; W]; R] {
    let k = a.len() / R;
    let mut rows: [&[A]; R] = [&[]; R];
    for i in 0..R {
        rows[i] = &a[i * k..][..k];
    }
    let mut sums = [[A::zero(); W]; R];
    for (p, b) in panel.as_chunks::<W>().0[..k].iter().enumerate() {
        let mut a = [A::zero(); R];
        for i in 0..R {
            a[i] = rows[i][p];
        }
        accumulate::<A, R, W, FMA>(&mut sums, &a, b);
    }
    sums
}

/// The same from columns of A, (k, R).
#[inline(always)]
fn tile_of_columns<A: Float, const R: usize, const W: usize, const FMA: bool>(
    columns: &[[A; R]],
    panel: &[A],
) -> [[A; W]; R] {
    let mut sums = [[A::zero(); W]; R];
    for (a, b) in columns.iter().zip(panel.as_chunks::<W>().0) {
        accumulate::<A, R, W, FMA>(&mut sums, a, b);
    }
    sums
}

/// The innermost loop: sums[i][j] += a[i] · b[j].
#[inline(always)]
fn accumulate<A: Float, const R: usize, const W: usize, const FMA: bool>(
    sums: &mut [[A; W]; R],
    a: &[A; R],
    b: &[A; W],
) {
    for i in 0..R {
        for j in 0..W {
            sums[i][j] =
                if FMA { a[i].mul_add(b[j], sums[i][j]) } else { a[i] * b[j] + sums[i][j] };
        }
    }
}

/// Writes a tile to C (·, n), from its column `j` on; columns beyond `n` are left out.
#[inline(always)]
fn write<A: Float, const R: usize, const W: usize>(
    sums: [[A; W]; R],
    c: &mut [A],
    n: usize,
    j: usize,
    output: Output,
) {
    for (sums, row) in sums.iter().zip(c.chunks_exact_mut(n)) {
        // A whole panel has a constant width, which spares a call for every row.
        match row[j..].first_chunk_mut::<W>() {
            Some(c) => {
                for u in 0..W {
                    c[u] = if output == Output::Set { sums[u] } else { c[u] + sums[u] };
                }
            }
            None => {
                for (c, &sum) in row[j..].iter_mut().zip(sums) {
                    *c = if output == Output::Set { sum } else { *c + sum };
                }
            }
        }
    }
}

/// Memory of [`add_transposed`], used again from call to call.
#[derive(Debug, Clone)]
pub struct Scratch<A> {
    b: Packed<A>,
    a: Vec<A>,
}

impl<A: Float> Default for Scratch<A> {
    fn default() -> Self {
        Self { b: Packed::default(), a: Vec::new() }
    }
}

/// Rows of A and B that are packed at a time; their block of B stays in the second cache.
const BLOCK: usize = 256;

/// C += Aᵀ · B for A (k, m), B (k, n) and C (m, n), row after row in memory: the gradient of a
/// weight, summed over k places. It is fastest where n is a multiple of the panels' width.
pub fn add_transposed<A: Float>(
    (m, n): (usize, usize),
    a: &[A],
    b: &[A],
    c: &mut [A],
    scratch: &mut Scratch<A>,
) {
    let k = a.len().checked_div(m).unwrap_or(0);
    assert_eq!((a.len(), b.len(), c.len()), (k * m, k * n, m * n), "A, B, C for m = {m}, n = {n}");
    if k == 0 || n == 0 {
        return;
    }
    for (a, b) in a.chunks(BLOCK * m).zip(b.chunks(BLOCK * n)) {
        let view = ArrayView2::from_shape((b.len() / n, n), b).expect("whole rows");
        scratch.b.pack(view);
        A::add_transposed(AddTransposed { m, a, b: &scratch.b, c, columns: &mut scratch.a });
    }
}

/// The arguments of one block of [`add_transposed`].
#[derive(Debug)]
pub struct AddTransposed<'a, A> {
    m: usize,
    a: &'a [A],
    b: &'a Packed<A>,
    c: &'a mut [A],
    columns: &'a mut Vec<A>,
}

impl<A: Float> Kernel for AddTransposed<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { m, a, b, c, columns } = self;
        let (k, n) = b.dim();
        columns.resize(k * MR, A::zero());
        let (wide, narrow) = b.panels.split_at(k * (n - n % LANES));
        for (first, c) in (0..m).step_by(MR).zip(c.chunks_mut(MR * n)) {
            // MR columns of A side by side, so that the innermost loop reads on.
            let rows = MR.min(m - first);
            let (columns, _) = columns.as_chunks_mut::<MR>();
            for (to, from) in columns.iter_mut().zip(a.chunks_exact(m)) {
                match from[first..].first_chunk() {
                    Some(from) => *to = *from,
                    None => to[..rows].copy_from_slice(&from[first..]),
                }
            }
            let columns = &columns[..k];
            for (panel, j) in wide.chunks_exact(k * LANES).zip((0..).step_by(LANES)) {
                write(tile_of_columns::<A, MR, LANES, FMA>(columns, panel), c, n, j, Output::Add);
            }
            let rest = (n - n % LANES..).step_by(QUARTER);
            for (panel, j) in narrow.chunks_exact(k * QUARTER).zip(rest) {
                write(tile_of_columns::<A, MR, QUARTER, FMA>(columns, panel), c, n, j, Output::Add);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    fn random(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
        crate::init::uniform(
            (rows, columns),
            1.0,
            &mut rand_chacha::ChaCha8Rng::seed_from_u64(seed),
        )
    }

    fn close(got: &Array2<f32>, a: &Array2<f32>, b: &Array2<f32>) {
        let expected = a.mapv(f64::from).dot(&b.mapv(f64::from));
        for (got, expected) in got.iter().zip(&expected) {
            assert!(
                (f64::from(*got) - expected).abs() <= 1e-5 * (a.ncols() as f64),
                "{got} against {expected}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn products_of_any_shape((m, k, n) in (0..20_usize, 1..40_usize, 0..150_usize)) {
            let (a, b) = (random(m, k, 1), random(k, n, 2));
            let mut packed = Packed::default();
            for transposed in [false, true] {
                if transposed {
                    packed.pack(b.t().as_standard_layout().t());
                } else {
                    packed.pack(b.view());
                }
                let mut c = Array2::from_elem((m, n), 7.0);
                multiply(a.as_slice().unwrap(), &packed, c.as_slice_mut().unwrap(), Output::Set);
                close(&c, &a, &b);
                multiply(a.as_slice().unwrap(), &packed, c.as_slice_mut().unwrap(), Output::Add);
                close(&(c / 2.0), &a, &b);
            }
        }

        #[test]
        fn transposed_products_of_any_shape((m, k, n) in (1..20_usize, 0..600_usize, 0..150_usize)) {
            let (a, b) = (random(k, m, 1), random(k, n, 2));
            let mut c = Array2::zeros((m, n));
            let (a_slice, b_slice) = (a.as_slice().unwrap(), b.as_slice().unwrap());
            add_transposed((m, n), a_slice, b_slice, c.as_slice_mut().unwrap(), &mut Scratch::default());
            close(&c, &a.t().to_owned(), &b);
        }
    }
}
