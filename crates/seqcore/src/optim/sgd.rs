//! Stochastic gradient descent, plain or with momentum.
//!
//! ```text
//! plain       θ ← θ - η g
//! momentum    b ← μ b + g      θ ← θ - η b
//! ```
//!
//! b starts at zero. There is no dampening and no Nesterov step (PyTorch's defaults).

use serde::{Deserialize, Serialize};

use super::{Rule, State, row_mut};
use crate::Float;

/// The settings of SGD.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// μ, how much of the last direction is kept; default 0.
    pub momentum: f64,
}

impl Sgd {
    pub(super) fn rule<A: Float>(&self, lr: f64) -> SgdRule<A> {
        SgdRule { lr: A::of(lr), momentum: A::of(self.momentum) }
    }
}

pub(super) struct SgdRule<A> {
    lr: A,
    momentum: A,
}

impl<A: Float> Rule<A> for SgdRule<A> {
    fn update(&self, value: &mut [A], gradient: &[A], [buffer, _]: State<'_, A>) {
        let (lr, momentum) = (self.lr, self.momentum);
        if momentum == A::zero() {
            for (p, &g) in value.iter_mut().zip(gradient) {
                *p -= lr * g;
            }
            return;
        }
        for ((p, &g), b) in value.iter_mut().zip(gradient).zip(buffer) {
            *b = momentum * *b + g;
            *p -= lr * *b;
        }
    }

    /// Momentum carries every row on, so the whole table moves: this is the dense step exactly.
    fn update_rows(
        &self,
        value: &mut [A],
        ids: &[usize],
        gradient: &[A],
        columns: usize,
        [buffer, _]: State<'_, A>,
    ) {
        let (lr, momentum) = (self.lr, self.momentum);
        let rows = ids.iter().zip(gradient.chunks_exact(columns));
        if momentum == A::zero() {
            rows.for_each(|(&id, g)| {
                self.update(row_mut(value, id, columns), g, [&mut [], &mut []])
            });
            return;
        }
        buffer.iter_mut().for_each(|b| *b *= momentum);
        for (&id, gradient) in rows {
            for (b, &g) in row_mut(buffer, id, columns).iter_mut().zip(gradient) {
                *b += g;
            }
        }
        for (p, &b) in value.iter_mut().zip(&*buffer) {
            *p -= lr * b;
        }
    }
}
