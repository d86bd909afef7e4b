//! Named arrays: the one way in which optimisers, clipping, checkpoints and parity tests see a
//! model.
//!
//! A layer is a plain struct of arrays. It implements [`Named`], which lists those arrays with
//! PyTorch's names; so does its gradient, with the same names in the same order. Nothing else in
//! the crate knows what a layer is made of.
//!
//! A gradient is *dense* (the parameter's shape) or, for an embedding of which a batch touches
//! a few rows, a set of *rows*: ids and one vector each, ids distinct and ascending. Tied
//! weights are listed once.

mod table;

pub use table::EmbeddingGradient;

use ndarray::{Array, ArrayView2, ArrayViewD, ArrayViewMut2, ArrayViewMutD, Dimension};

use crate::Float;

/// One named array, borrowed.
#[derive(Debug, Clone)]
pub enum Slot<'a, A> {
    /// All of it.
    Dense(ArrayViewD<'a, A>),
    /// Some rows of a (rows, columns) array; all others are zero. Gradients only.
    Rows {
        /// Which rows: distinct and ascending.
        ids: &'a [usize],
        /// Their values, (ids, columns).
        values: ArrayView2<'a, A>,
    },
}

/// One named array, borrowed mutably.
#[derive(Debug)]
pub enum SlotMut<'a, A> {
    /// All of it.
    Dense(ArrayViewMutD<'a, A>),
    /// Some rows of it; see [`Slot::Rows`].
    Rows {
        /// Which rows: distinct and ascending.
        ids: &'a [usize],
        /// Their values, (ids, columns).
        values: ArrayViewMut2<'a, A>,
    },
}

impl<'a, A: Float> Slot<'a, A> {
    /// The array; panics on rows, which only gradients have.
    pub fn dense(self) -> ArrayViewD<'a, A> {
        match self {
            Slot::Dense(view) => view,
            Slot::Rows { .. } => panic!("a dense array was expected, but these are rows"),
        }
    }

    /// Every stored value, rows that are not stored left out.
    pub fn values(&self) -> ArrayViewD<'_, A> {
        match self {
            Slot::Dense(view) => view.view(),
            Slot::Rows { values, .. } => values.view().into_dyn(),
        }
    }
}

impl<'a, A: Float> SlotMut<'a, A> {
    /// The array; panics on rows, which only gradients have.
    pub fn dense(self) -> ArrayViewMutD<'a, A> {
        match self {
            SlotMut::Dense(view) => view,
            SlotMut::Rows { .. } => panic!("a dense array was expected, but these are rows"),
        }
    }

    /// Every stored value, rows that are not stored left out.
    pub fn values_mut(&mut self) -> ArrayViewMutD<'_, A> {
        match self {
            SlotMut::Dense(view) => view.view_mut(),
            SlotMut::Rows { values, .. } => values.view_mut().into_dyn(),
        }
    }
}

/// Where in a model an array stands; this becomes its name.
///
/// ```
/// use seqcore::params::Scope;
/// let layer = Scope::root().inside("rnn").with_suffix("_l0_reverse");
/// assert_eq!(layer.inside("weight_ih").name(), "rnn.weight_ih_l0_reverse");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Scope {
    path: String,
    suffix: String,
}

impl Scope {
    /// The model itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// One part of it: `part` is appended to the path, behind a dot.
    pub fn inside(&self, part: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { path: format!("{}{dot}{part}", self.path), suffix: self.suffix.clone() }
    }

    /// The same place with `suffix` behind every name, as PyTorch numbers layers.
    pub fn with_suffix(&self, suffix: &str) -> Self {
        Self { path: self.path.clone(), suffix: suffix.to_owned() }
    }

    /// The full name of the array that stands here.
    pub fn name(&self) -> String {
        format!("{}{}", self.path, self.suffix)
    }
}

/// A struct of named arrays: a layer, a model, or the gradient of one.
///
/// Most implementations are one line of [`named!`](crate::named).
pub trait Named<A: Float> {
    /// Calls `f` with every array and its name, always in the same order.
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>));

    /// The same, mutably.
    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>));

    /// All arrays with their names, in order.
    fn named(&self) -> Vec<(String, Slot<'_, A>)> {
        let mut list = Vec::new();
        self.visit(&Scope::root(), &mut |name, slot| list.push((name, slot)));
        list
    }

    /// All arrays with their names, in order, mutably.
    fn named_mut(&mut self) -> Vec<(String, SlotMut<'_, A>)> {
        let mut list = Vec::new();
        self.visit_mut(&Scope::root(), &mut |name, slot| list.push((name, slot)));
        list
    }

    /// How many numbers there are in all.
    fn count(&self) -> usize {
        self.named().iter().map(|(_, slot)| slot.values().len()).sum()
    }

    /// Multiplies every number by `factor`.
    fn scale(&mut self, factor: A) {
        self.visit_mut(&Scope::root(), &mut |_, mut slot| {
            slot.values_mut().mapv_inplace(|v| v * factor);
        });
    }
}

/// Parameters and their gradients, pair by pair. Panics where the two do not list the same names in
/// the same order: they belong to different models.
pub fn pairs<'a, A: Float>(
    params: &'a mut impl Named<A>,
    gradients: &'a impl Named<A>,
) -> Vec<(String, ArrayViewMutD<'a, A>, Slot<'a, A>)> {
    let params = params.named_mut();
    let gradients = gradients.named();
    assert_eq!(params.len(), gradients.len(), "as many gradients as parameters");
    let pair = |((name, value), (other, gradient)): ((String, SlotMut<'a, A>), (String, _))| {
        assert_eq!(name, other, "parameters and gradients in the same order");
        (name, value.dense(), gradient)
    };
    params.into_iter().zip(gradients).map(pair).collect()
}

/// An array is the simplest [`Named`]: it lists itself.
impl<A: Float, D: Dimension> Named<A> for Array<A, D> {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>)) {
        f(scope.name(), Slot::Dense(self.view().into_dyn()));
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>)) {
        f(scope.name(), SlotMut::Dense(self.view_mut().into_dyn()));
    }
}

/// Nothing is listed for `None`, as for a layer without bias.
impl<A: Float, T: Named<A>> Named<A> for Option<T> {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>)) {
        self.iter().for_each(|part| part.visit(scope, f));
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>)) {
        self.iter_mut().for_each(|part| part.visit_mut(scope, f));
    }
}

/// Several of a kind: numbered from 0.
impl<A: Float, T: Named<A>> Named<A> for Vec<T> {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>)) {
        self.iter().enumerate().for_each(|(k, part)| part.visit(&scope.inside(&k.to_string()), f));
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>)) {
        self.iter_mut()
            .enumerate()
            .for_each(|(k, part)| part.visit_mut(&scope.inside(&k.to_string()), f));
    }
}

/// Implements [`Named`](crate::params::Named) for a struct whose fields are `Named`: each is listed under its own
/// name, in the order given here.
///
/// ```
/// use ndarray::{Array1, Array2, array};
/// use seqcore::{named, params::Named};
///
/// struct Affine<A> { weight: Array2<A>, bias: Option<Array1<A>> }
/// named!(Affine { weight, bias });
///
/// let layer = Affine { weight: array![[1.0, 2.0]], bias: Some(array![3.0]) };
/// let names: Vec<_> = layer.named().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["weight", "bias"]);
/// ```
#[macro_export]
macro_rules! named {
    ($type:ident { $($field:ident),+ $(,)? }) => {
        impl<A: $crate::Float> $crate::params::Named<A> for $type<A> {
            fn visit<'a>(
                &'a self,
                scope: &$crate::params::Scope,
                f: &mut dyn FnMut(String, $crate::params::Slot<'a, A>),
            ) {
                $($crate::params::Named::visit(&self.$field, &scope.inside(stringify!($field)), f);)+
            }

            fn visit_mut<'a>(
                &'a mut self,
                scope: &$crate::params::Scope,
                f: &mut dyn FnMut(String, $crate::params::SlotMut<'a, A>),
            ) {
                $($crate::params::Named::visit_mut(&mut self.$field, &scope.inside(stringify!($field)), f);)+
            }
        }
    };
}
