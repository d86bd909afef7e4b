//! Adam (Kingma & Ba 2015), and AdamW, which decays the weights apart from the gradient
//! (Loshchilov & Hutter 2019).
//!
//! ```text
//! m ← β₁ m + (1-β₁) g        m̂ = m / (1 - β₁^k)
//! v ← β₂ v + (1-β₂) g²       v̂ = v / (1 - β₂^k)       k counts steps from 1
//! θ ← θ - η m̂ / (√v̂ + ε)
//! AdamW first: θ ← θ - η λ θ
//! ```
//!
//! m and v start at zero, and the hats correct for that. ε stands outside the root.

use serde::{Deserialize, Serialize};

use super::{Rule, State, fraction, not_negative};
use crate::{Float, Result};

/// The settings of Adam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// β₁, how much of the mean gradient is kept; default 0.9.
    pub beta1: f64,
    /// β₂, how much of the mean square is kept; default 0.999.
    pub beta2: f64,
    /// ε, which keeps the division finite; default 1e-8.
    pub eps: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, eps: 1e-8 }
    }
}

/// The settings of AdamW.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// β₁, how much of the mean gradient is kept; default 0.9.
    pub beta1: f64,
    /// β₂, how much of the mean square is kept; default 0.999.
    pub beta2: f64,
    /// ε, which keeps the division finite; default 1e-8.
    pub eps: f64,
    /// λ, the share of a weight (times the learning rate) that each step takes away; default 0.01.
    pub weight_decay: f64,
    /// Whether biases decay too, as in PyTorch (default). A bias is an array whose own name starts
    /// with `bias`.
    pub decay_biases: bool,
}

impl Default for AdamW {
    fn default() -> Self {
        let Adam { beta1, beta2, eps } = Adam::default();
        Self { beta1, beta2, eps, weight_decay: 0.01, decay_biases: true }
    }
}

impl Adam {
    pub(super) fn validate(&self) -> Result<()> {
        fraction("beta1", self.beta1)?;
        fraction("beta2", self.beta2)?;
        not_negative("eps", self.eps)
    }

    /// `step` counts from 1. The corrections are worked out in `f64`: 1 - β₂^k is small at first.
    pub(super) fn rule<A: Float>(&self, lr: f64, step: u64) -> AdamRule<A> {
        let k = step as f64;
        AdamRule {
            shrink: None,
            lr: A::of(lr / (1.0 - self.beta1.powf(k))),
            root: A::of((1.0 - self.beta2.powf(k)).sqrt()),
            take1: A::of(1.0 - self.beta1),
            keep2: A::of(self.beta2),
            take2: A::of(1.0 - self.beta2),
            eps: A::of(self.eps),
        }
    }
}

impl AdamW {
    pub(super) fn adam(&self) -> Adam {
        Adam { beta1: self.beta1, beta2: self.beta2, eps: self.eps }
    }

    pub(super) fn rule<A: Float>(&self, name: &str, lr: f64, step: u64) -> AdamRule<A> {
        let own_name = name.rsplit('.').next().unwrap_or(name);
        let decays = self.decay_biases || !own_name.starts_with("bias");
        let shrink = decays.then(|| A::of(1.0 - lr * self.weight_decay));
        AdamRule { shrink, ..self.adam().rule(lr, step) }
    }
}

/// One step of either; `lr` and `root` hold the bias corrections.
pub(super) struct AdamRule<A> {
    /// What AdamW multiplies a weight with.
    shrink: Option<A>,
    lr: A,
    root: A,
    take1: A,
    keep2: A,
    take2: A,
    eps: A,
}

impl<A: Float> Rule<A> for AdamRule<A> {
    fn update(&self, value: &mut [A], gradient: &[A], [mean, square]: State<'_, A>) {
        let &Self { shrink, lr, root, take1, keep2, take2, eps } = self;
        let shrink = shrink.unwrap_or(A::one());
        for (((p, &g), m), v) in value.iter_mut().zip(gradient).zip(mean).zip(square) {
            *m += take1 * (g - *m);
            *v = keep2 * *v + take2 * g * g;
            *p = shrink * *p - lr * (*m / (v.sqrt() / root + eps));
        }
    }
}
