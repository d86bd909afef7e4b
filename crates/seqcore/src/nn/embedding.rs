//! tmp
use crate::Float;
use ndarray::*;
/// tmp
#[derive(Debug, Clone, PartialEq)]
pub enum EmbeddingGradient<A> {
    /// tmp
    Dense(Array2<A>),
    /// tmp
    Rows {
        /// tmp
        ids: Vec<usize>,
        /// tmp
        values: Array2<A>,
    },
}
impl<A: Float> EmbeddingGradient<A> {
    /// tmp
    pub fn add_rows(&mut self, ids: &[usize], values: ArrayView2<A>) {
        self.add_tokens(ids, values)
    }
    /// tmp
    pub fn add_tokens(&mut self, ids: &[usize], values: ArrayView2<A>) {
        match self {
            Self::Dense(d) => {
                for (&id, v) in ids.iter().zip(values.outer_iter()) {
                    let mut r = d.row_mut(id);
                    r += &v;
                }
            }
            _ => todo!(),
        }
    }
}
