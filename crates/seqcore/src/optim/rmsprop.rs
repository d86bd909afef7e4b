//! RMSprop (Tieleman & Hinton 2012): each number is divided by the root of its own mean square.
//!
//! ```text
//! s ← α s + (1-α) g²      θ ← θ - η g / (√s + ε)
//! ```
//!
//! s starts at zero and is not corrected for it; ε stands outside the root, as in PyTorch.

use serde::{Deserialize, Serialize};

use super::{Rule, State};
use crate::Float;

/// The settings of RMSprop.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// α, how much of the mean square is kept at each step; default 0.99.
    pub alpha: f64,
    /// ε, which keeps the division finite; default 1e-8.
    pub eps: f64,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { alpha: 0.99, eps: 1e-8 }
    }
}

impl RmsProp {
    pub(super) fn rule<A: Float>(&self, lr: f64) -> RmsPropRule<A> {
        RmsPropRule {
            lr: A::of(lr),
            keep: A::of(self.alpha),
            take: A::of(1.0 - self.alpha),
            eps: A::of(self.eps),
        }
    }
}

pub(super) struct RmsPropRule<A> {
    lr: A,
    keep: A,
    take: A,
    eps: A,
}

impl<A: Float> Rule<A> for RmsPropRule<A> {
    fn update(&self, value: &mut [A], gradient: &[A], [square, _]: State<'_, A>) {
        let &Self { lr, keep, take, eps } = self;
        for ((p, &g), s) in value.iter_mut().zip(gradient).zip(square) {
            *s = keep * *s + take * g * g;
            *p -= lr * (g / (s.sqrt() + eps));
        }
    }
}
