//! Optimisers: how a gradient becomes a step.
//!
//! Each follows PyTorch's formulas and defaults; each has its own file. g is the gradient, θ the
//! parameter, η the learning rate, which is handed in at every step: its course over the run is the
//! matter of [`schedule`].
//!
//! ```text
//! SGD              θ ← θ - η g                                        sgd.rs
//! SGD, momentum    b ← μ b + g               θ ← θ - η b              sgd.rs
//! RMSprop          s ← α s + (1-α) g²        θ ← θ - η g / (√s + ε)   rmsprop.rs
//! Adam, AdamW      m ← β₁ m + (1-β₁) g       θ ← θ - η m̂ / (√v̂ + ε)   adam.rs
//!                  v ← β₂ v + (1-β₂) g²
//! ```
//!
//! # Gradients of rows
//!
//! An embedding's gradient may hold only the rows that a batch touched
//! ([`Slot::Rows`]). SGD, with momentum or without, then makes exactly the step of the dense
//! gradient. The others are *lazy*: rows without a gradient are left alone, and so are their
//! averages, which saves a pass over the whole table at each step. This is not the same as a
//! gradient of zeros, under which the averages fade and the row still moves (PyTorch has the lazy
//! form as `SparseAdam`, which differs in where ε is added).
//!
//! # State
//!
//! What an optimiser remembers is [`Named`], under PyTorch's words (`exp_avg.embedding.weight`):
//! saved together with [`Optimiser::steps`] and the [`OptimiserConfig`] it continues to the same
//! bits.

mod adam;
mod average;
mod clip;
mod rmsprop;
pub mod schedule;
mod sgd;
mod sum;

use std::str::FromStr;

use ndarray::{ArrayD, ArrayViewMutD, IxDyn};
use serde::{Deserialize, Serialize};

pub use adam::{Adam, AdamW};
pub use average::average_in;
pub use clip::{clip_global_norm, global_norm};
pub use rmsprop::RmsProp;
pub use schedule::Schedule;
pub use sgd::Sgd;
pub use sum::add;

use crate::params::{Named, Scope, Slot, SlotMut, pairs};
use crate::{Error, Float, Result, threads};

/// Which optimiser, with its settings. As JSON: `{"name": "adam", "beta1": 0.9}`; settings that are
/// left out have PyTorch's defaults.
///
/// ```
/// use seqcore::optim::{OptimiserConfig, Sgd};
///
/// let momentum: OptimiserConfig = "momentum".parse()?;
/// assert_eq!(momentum, OptimiserConfig::Sgd(Sgd { momentum: 0.9 }));
/// # Ok::<(), seqcore::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase")]
pub enum OptimiserConfig {
    /// Stochastic gradient descent, with or without momentum.
    Sgd(Sgd),
    /// RMSprop.
    RmsProp(RmsProp),
    /// Adam.
    Adam(Adam),
    /// Adam with decoupled weight decay.
    AdamW(AdamW),
}

/// By name with the usual settings: `sgd`, `momentum` (SGD with 0.9), `rmsprop`, `adam`, `adamw`.
impl FromStr for OptimiserConfig {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "sgd" => Ok(Self::Sgd(Sgd::default())),
            "momentum" => Ok(Self::Sgd(Sgd { momentum: 0.9 })),
            "rmsprop" => Ok(Self::RmsProp(RmsProp::default())),
            "adam" => Ok(Self::Adam(Adam::default())),
            "adamw" => Ok(Self::AdamW(AdamW::default())),
            _ => Err(Error::config(format!(
                "there is no optimiser named {name:?}. Choose sgd, momentum, rmsprop, adam or adamw."
            ))),
        }
    }
}

impl OptimiserConfig {
    /// Refuses settings that cannot work.
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Sgd(c) => fraction("momentum", c.momentum),
            Self::RmsProp(c) => fraction("alpha", c.alpha).and(not_negative("eps", c.eps)),
            Self::Adam(c) => c.validate(),
            Self::AdamW(c) => c.adam().validate().and(not_negative("weight_decay", c.weight_decay)),
        }
    }

    /// The names of the arrays kept for every parameter, as PyTorch calls them.
    fn state_names(&self) -> &'static [&'static str] {
        match self {
            Self::Sgd(c) if c.momentum == 0.0 => &[],
            Self::Sgd(_) => &["momentum_buffer"],
            Self::RmsProp(_) => &["square_avg"],
            Self::Adam(_) | Self::AdamW(_) => &["exp_avg", "exp_avg_sq"],
        }
    }
}

fn fraction(name: &str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::config(format!("{name} is {value}; it must be at least 0 and below 1.")))
}

fn not_negative(name: &str, value: f64) -> Result<()> {
    if value >= 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::config(format!("{name} is {value}; it must be 0 or more.")))
}

/// The two arrays that a rule may keep beside a parameter; those it does not keep are empty.
type State<'a, A> = [&'a mut [A]; 2];

/// One optimiser at one step, its scalars worked out: what happens to the numbers.
trait Rule<A: Float>: Sync {
    /// Moves `value` by `gradient`; all slices that are not empty have one length.
    fn update(&self, value: &mut [A], gradient: &[A], state: State<'_, A>);

    /// The same where only the rows `ids`, each `columns` long, have a gradient. By default the
    /// other rows rest.
    fn update_rows(
        &self,
        value: &mut [A],
        ids: &[usize],
        gradient: &[A],
        columns: usize,
        [first, second]: State<'_, A>,
    ) {
        for (&id, gradient) in ids.iter().zip(gradient.chunks_exact(columns)) {
            let state = [row_mut(first, id, columns), row_mut(second, id, columns)];
            self.update(row_mut(value, id, columns), gradient, state);
        }
    }
}

/// Row `id` of a table, or nothing of an empty one.
fn row_mut<A>(table: &mut [A], id: usize, columns: usize) -> &mut [A] {
    if table.is_empty() { table } else { &mut table[id * columns..(id + 1) * columns] }
}

/// An optimiser at work: its settings, its steps so far, and what it remembers of each parameter.
///
/// ```
/// use ndarray::{Array1, array};
/// use seqcore::optim::Optimiser;
///
/// // The minimum of (x - 3)².
/// let mut x = array![0.0_f64];
/// let mut optimiser = Optimiser::new("adam".parse()?, &x)?;
/// for _ in 0..500 {
///     let gradient: Array1<f64> = 2.0 * (&x - 3.0);
///     optimiser.step(&mut x, &gradient, 0.1);
/// }
/// assert!((x[0] - 3.0).abs() < 1e-3);
/// # Ok::<(), seqcore::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Optimiser<A> {
    config: OptimiserConfig,
    steps: u64,
    memories: Vec<Memory<A>>,
}

/// The state kept for one parameter. The arrays past `config.state_names()` are empty.
#[derive(Debug, Clone)]
struct Memory<A> {
    name: String,
    arrays: [ArrayD<A>; 2],
}

impl<A: Float> Optimiser<A> {
    /// An optimiser that has made no step, for parameters like these. Fails on settings that cannot
    /// work.
    pub fn new(config: OptimiserConfig, params: &impl Named<A>) -> Result<Self> {
        config.validate()?;
        let kept = config.state_names().len();
        let memories = params.named().into_iter().map(|(name, slot)| {
            let value = slot.dense();
            let array = |k| {
                if k < kept { ArrayD::zeros(value.shape()) } else { ArrayD::zeros(IxDyn(&[0])) }
            };
            Memory { name, arrays: [array(0), array(1)] }
        });
        Ok(Self { config, steps: 0, memories: memories.collect() })
    }

    /// The settings.
    pub fn config(&self) -> &OptimiserConfig {
        &self.config
    }

    /// How many steps were made. Adam's bias correction depends on it, so it is saved with the state.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Sets the number of steps made: the last part of restoring a saved state.
    pub fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }

    /// Moves every parameter by its gradient, with the learning rate `lr`.
    ///
    /// Panics where parameters, gradients and this optimiser do not belong to one model.
    pub fn step(&mut self, params: &mut impl Named<A>, gradients: &impl Named<A>, lr: f64) {
        let rates = vec![lr; self.memories.len()];
        self.step_each(params, gradients, &rates);
    }

    /// The same with a learning rate for each array, in their order (Howard & Ruder 2018 call these
    /// discriminative rates).
    pub fn step_each(
        &mut self,
        params: &mut impl Named<A>,
        gradients: &impl Named<A>,
        rates: &[f64],
    ) {
        assert_eq!(rates.len(), self.memories.len(), "a rate for each parameter");
        self.steps += 1;
        let k = self.steps;
        match self.config {
            OptimiserConfig::Sgd(c) => self.apply(params, gradients, |i, _| c.rule(rates[i])),
            OptimiserConfig::RmsProp(c) => self.apply(params, gradients, |i, _| c.rule(rates[i])),
            OptimiserConfig::Adam(c) => self.apply(params, gradients, |i, _| c.rule(rates[i], k)),
            OptimiserConfig::AdamW(c) => {
                self.apply(params, gradients, |i, name| c.rule(name, rates[i], k));
            }
        }
    }

    /// Walks over parameters, gradients and memories in step. `rule` gives the rule for an array,
    /// by its place and its name.
    fn apply<R: Rule<A>>(
        &mut self,
        params: &mut impl Named<A>,
        gradients: &impl Named<A>,
        rule: impl Fn(usize, &str) -> R + Sync,
    ) {
        let pairs = pairs(params, gradients);
        assert_eq!(pairs.len(), self.memories.len(), "the model that the optimiser was made for");
        let numbers = pairs.iter().map(|(_, value, _)| value.len()).sum();
        let work = pairs.into_iter().zip(&mut self.memories).enumerate().collect();
        side_by_side(work, numbers, |(i, ((name, value, gradient), memory))| {
            assert_eq!(name, memory.name, "the parameters that the optimiser was made for");
            update_array(&rule(i, &name), &name, value, gradient, &mut memory.arrays);
        });
    }
}

/// From so many numbers on, a pass over them is worth waking other threads for.
const WORTH_THREADS: usize = 100_000;

/// Calls `f` for every item, on several threads where the items hold many numbers, and returns the
/// results in the items' order. Each array is one thread's alone, so the bits are the same.
fn side_by_side<T: Send, R: Send>(
    items: Vec<T>,
    numbers: usize,
    f: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    if numbers < WORTH_THREADS {
        items.into_iter().map(f).collect()
    } else {
        threads::map(items, f)
    }
}

/// One parameter's step. Parameters are updated in one pass over plain slices, so they must be
/// in standard layout; a gradient in another layout is copied.
fn update_array<A: Float>(
    rule: &impl Rule<A>,
    name: &str,
    mut value: ArrayViewMutD<'_, A>,
    gradient: Slot<'_, A>,
    [first, second]: &mut [ArrayD<A>; 2],
) {
    let shape = value.shape().to_vec();
    let plain = "standard layout";
    let state = [first.as_slice_mut().expect(plain), second.as_slice_mut().expect(plain)];
    let Some(value) = value.as_slice_mut() else {
        panic!("{name}: parameters are in standard layout; see Array::as_standard_layout");
    };
    match gradient {
        Slot::Dense(gradient) => {
            assert_eq!(shape, gradient.shape(), "{name}: the gradient has the parameter's shape");
            let gradient = gradient.as_standard_layout();
            rule.update(value, gradient.as_slice().expect(plain), state);
        }
        Slot::Rows { ids, values } => {
            let (columns, last) = (values.ncols(), ids.last().copied());
            assert_eq!(&shape[1..], &[columns], "{name}: rows as long as the parameter's");
            assert!(last < Some(shape[0]), "{name}: row {last:?} of {}", shape[0]);
            let values = values.as_standard_layout();
            rule.update_rows(value, ids, values.as_slice().expect(plain), columns, state);
        }
    }
}

/// The state: for each parameter the arrays that are kept, such as `exp_avg.rnn.weight_ih_l0`.
impl<A: Float> Named<A> for Optimiser<A> {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>)) {
        for memory in &self.memories {
            for (kind, array) in self.config.state_names().iter().zip(&memory.arrays) {
                array.visit(&scope.inside(kind).inside(&memory.name), f);
            }
        }
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>)) {
        for memory in &mut self.memories {
            for (kind, array) in self.config.state_names().iter().zip(&mut memory.arrays) {
                array.visit_mut(&scope.inside(kind).inside(&memory.name), f);
            }
        }
    }
}

#[cfg(test)]
mod tests;
