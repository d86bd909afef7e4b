//! Comparison with PyTorch: reads a fixture that PyTorch wrote and computes the same.
//!
//! `parity/make_fixtures.py` writes the fixtures and describes them in its header. A *layer*
//! fixture is one call of a recurrent layer with every gradient; a *trace* is a language model
//! trained for some steps. Both are computed with both engines, the readable reference and the
//! fast one.

use std::fmt;

use ndarray::{Array1, Array3, ArrayD, ArrayViewD, Dim, Dimension, Ix3};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use seqcore::cells::unroll::Reference;
use seqcore::fused::Fused;
use seqcore::models::language::{LanguageConfig, LanguageModel, LanguageTape};
use seqcore::nn::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::optim::{Optimiser, OptimiserConfig, clip_global_norm};
use seqcore::params::Named;
use seqcore::sequence::{Engine, Input, InputGradient};
use seqcore::weights::Weights;
use seqcore::{Error, Float, Result};

/// How far one engine is from PyTorch on one fixture.
#[derive(Debug, Clone)]
pub struct Parity {
    /// `reference` or `fused`.
    pub engine: &'static str,
    /// The largest error of the outputs; of a trace, of the losses and gradient norms.
    pub outputs: Distance,
    /// The largest error of the gradients; of a trace, of the parameters after the last step.
    pub gradients: Distance,
    /// What the errors must stay below: 1e-9 for f64, 2e-5 for f32.
    pub tolerance: f64,
}

impl Parity {
    /// Whether all errors are within the tolerance.
    pub fn passed(&self) -> bool {
        self.outputs.error <= self.tolerance && self.gradients.error <= self.tolerance
    }
}

impl fmt::Display for Parity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "ok" } else { "FAILED" };
        write!(
            f,
            "{:<9}  outputs {}  gradients {}  {verdict}",
            self.engine, self.outputs, self.gradients
        )
    }
}

/// The largest error seen so far and where.
#[derive(Debug, Clone, Default)]
pub struct Distance {
    /// The larger of two measures: the norm of the difference over the norm of the expected
    /// tensor, and the largest |difference| / max(1, |expected|) of an element.
    pub error: f64,
    /// The tensor in which it was seen.
    pub tensor: String,
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1e} ({})", self.error, self.tensor)
    }
}

impl Distance {
    /// Compares one tensor; a difference that is no finite number counts as infinitely far.
    fn compare<A: Float>(&mut self, name: &str, got: ArrayViewD<A>, expected: ArrayViewD<A>) {
        assert_eq!(got.shape(), expected.shape(), "the shape of {name}");
        let (mut difference, mut norm, mut element) = (0.0_f64, 0.0_f64, 0.0_f64);
        let mut finite = true;
        for (got, expected) in got.iter().zip(&expected) {
            let (got, expected) = (got.as_f64(), expected.as_f64());
            let d = got - expected;
            finite &= d.is_finite();
            difference += d * d;
            norm += expected * expected;
            element = element.max(d.abs() / expected.abs().max(1.0));
        }
        let relative = if norm > 0.0 { (difference / norm).sqrt() } else { difference.sqrt() };
        let error = if finite { relative.max(element) } else { f64::INFINITY };
        if self.tensor.is_empty() || error > self.error {
            *self = Self { error, tensor: name.to_owned() };
        }
    }
}

/// Computes what a fixture holds, with the reference and with the fast engine.
///
/// # Errors
/// If the content of the file is no fixture.
pub fn check(content: Vec<u8>) -> Result<Vec<Parity>> {
    let fixture = Weights::from_bytes(content)?;
    let dtype = fixture.metadata("dtype")?;
    match (fixture.metadata("kind")?, dtype) {
        ("layer", "f32") => layer::<f32>(&fixture),
        ("layer", "f64") => layer::<f64>(&fixture),
        ("trace", "f32") => trace::<f32>(&fixture),
        ("trace", "f64") => trace::<f64>(&fixture),
        (kind, dtype) => Err(Error::weights(format!(
            "this is no fixture that is known here: kind {kind}, type {dtype}."
        ))),
    }
}

/// 1e-9 for f64, 2e-5 for f32.
fn tolerance<A: Float>() -> f64 {
    if A::NAME == "f64" { 1e-9 } else { 2e-5 }
}

/// An array of known shape.
fn array<A: Float, D: Dimension>(
    fixture: &Weights,
    name: &str,
    shape: D,
) -> Result<ndarray::Array<A, D>> {
    let array: ArrayD<A> = fixture.array(name)?;
    if array.shape() != shape.slice() {
        return Err(misshapen(name, array.shape(), &format!("{:?}", shape.slice())));
    }
    Ok(array.into_dimensionality().expect("of this dimension, by its shape"))
}

/// The error for an array whose shape does not fit the rest of the fixture.
fn misshapen(name: &str, found: &[usize], needed: &str) -> Error {
    Error::weights(format!("{name} has the shape {found:?}, where {needed} is needed."))
}

fn layer<A: Float>(fixture: &Weights) -> Result<Vec<Parity>> {
    let config = RecurrentConfig {
        cell: fixture.parse("cell")?,
        input: fixture.parse("input_size")?,
        hidden: fixture.parse("hidden_size")?,
        layers: fixture.parse("num_layers")?,
        bidirectional: fixture.metadata("bidirectional")? == "1",
        bias: fixture.metadata("bias")? == "1",
        dropout: 0.0,
    };
    config.validate()?;
    Ok(vec![
        layer_with::<A, Reference>("reference", fixture, config)?,
        layer_with::<A, Fused>("fused", fixture, config)?,
    ])
}

fn layer_with<A: Float, E: Engine<A>>(
    engine: &'static str,
    fixture: &Weights,
    config: RecurrentConfig,
) -> Result<Parity> {
    let mut recurrent = Recurrent::zeros(config);
    fixture.load_into("", &mut recurrent)?;
    let x: ArrayD<A> = fixture.array("input")?;
    let found = x.shape().to_vec();
    let x = match x.into_dimensionality::<Ix3>() {
        Ok(x) if !x.is_empty() && x.dim().2 == config.input => x, // (T, B, I)
        _ => return Err(misshapen("input", &found, "(T, B, input_size)")),
    };
    let (steps, batch, _) = x.dim();
    let state_dim = Dim((config.layers * config.directions(), batch, config.hidden));
    let state = |h: &str, c: &str| -> Result<LayerState<A>> {
        let has_c = config.cell.has_cell_state();
        let c = if has_c { Some(array(fixture, c, state_dim)?) } else { None };
        Ok(LayerState { h: array(fixture, h, state_dim)?, c })
    };
    let (start, d_last) = (state("h0", "c0")?, state("d_h_n", "d_c_n")?);
    let lengths = lengths(fixture, steps, batch)?;
    let d_output = array(fixture, "d_output", Dim((steps, batch, config.output())))?;

    let mut tape = RecurrentTape::<A, E>::default();
    let input = || Input::Dense(x.view());
    recurrent.forward(input(), lengths.as_deref(), &start, None, &mut tape);
    let mut outputs = Distance::default();
    let compare = |name: &str, got: ArrayViewD<A>, to: &mut Distance| -> Result<()> {
        let expected = array(fixture, name, got.raw_dim())?;
        to.compare(name, got, expected.view());
        Ok(())
    };
    compare("output", tape.output().into_dyn(), &mut outputs)?;
    compare("h_n", tape.last().h.view().into_dyn(), &mut outputs)?;
    if let Some(c) = &tape.last().c {
        compare("c_n", c.view().into_dyn(), &mut outputs)?;
    }

    let mut grads = Recurrent::zeros(config);
    let mut dx = Array3::zeros(x.dim()); // (T, B, I)
    let d_input = InputGradient::Dense(dx.view_mut());
    let d_start =
        recurrent.backward(input(), &mut tape, d_output.view(), Some(&d_last), &mut grads, d_input);
    let mut gradients = Distance::default();
    compare("grad.input", dx.view().into_dyn(), &mut gradients)?;
    compare("grad.h0", d_start.h.view().into_dyn(), &mut gradients)?;
    if let Some(c) = &d_start.c {
        compare("grad.c0", c.view().into_dyn(), &mut gradients)?;
    }
    for (name, slot) in grads.named() {
        compare(&format!("grad.{name}"), slot.dense(), &mut gradients)?;
    }
    Ok(Parity { engine, outputs, gradients, tolerance: tolerance::<A>() })
}

/// The sequences' lengths, where they have lengths of their own.
fn lengths(fixture: &Weights, steps: usize, batch: usize) -> Result<Option<Vec<usize>>> {
    if !fixture.has("lengths") {
        return Ok(None);
    }
    let (lengths, _) = fixture.indices("lengths")?.into_raw_vec_and_offset();
    if lengths.len() != batch || lengths.iter().any(|n| !(1..=steps).contains(n)) {
        let what =
            format!("it holds the lengths {lengths:?} of {batch} sequences of {steps} steps.");
        return Err(Error::weights(what));
    }
    Ok(Some(lengths))
}

fn trace<A: Float>(fixture: &Weights) -> Result<Vec<Parity>> {
    Ok(vec![
        trace_with::<A, Reference>("reference", fixture)?,
        trace_with::<A, Fused>("fused", fixture)?,
    ])
}

/// The optimiser of a trace, with the settings that its metadata names.
fn optimiser(fixture: &Weights) -> Result<OptimiserConfig> {
    let name = fixture.metadata("optimiser")?;
    let mut config: OptimiserConfig = name.parse()?;
    match &mut config {
        OptimiserConfig::Sgd(sgd) if name == "momentum" => {
            sgd.momentum = fixture.parse("momentum")?
        }
        OptimiserConfig::RmsProp(rmsprop) => rmsprop.alpha = fixture.parse("alpha")?,
        OptimiserConfig::AdamW(adamw) => adamw.weight_decay = fixture.parse("weight_decay")?,
        OptimiserConfig::Sgd(_) | OptimiserConfig::Adam(_) => {}
    }
    Ok(config)
}

fn trace_with<A: Float, E: Engine<A>>(engine: &'static str, fixture: &Weights) -> Result<Parity> {
    let shape = LanguageConfig {
        vocabulary: fixture.parse("vocab")?,
        embedding: fixture.parse("embed")?,
        cell: fixture.parse("cell")?,
        hidden: fixture.parse("hidden")?,
        layers: fixture.parse("layers")?,
        dropout: 0.0,
    };
    shape.validate()?;
    let mut model = LanguageModel::<A>::new(&shape, &mut ChaCha8Rng::seed_from_u64(0));
    fixture.load_into("init.", &mut model)?;
    let mut optimiser = Optimiser::new(optimiser(fixture)?, &model)?;
    let (rate, clip): (f64, f64) = (fixture.parse("lr")?, fixture.parse("clip")?);
    let tokens = |name: &str| -> Result<Array3<usize>> {
        let ids = fixture.indices(name)?;
        let found = ids.shape().to_vec();
        match ids.into_dimensionality() {
            Ok(ids) if !ids.is_empty() && ids.iter().all(|&id| id < shape.vocabulary) => Ok(ids),
            _ => Err(misshapen(name, &found, "(S, T, B) with tokens below vocab")),
        }
    };
    let (x, y) = (tokens("x")?, tokens("y")?); // (S, T, B)
    if x.dim() != y.dim() {
        return Err(misshapen("y", y.shape(), "the shape of x"));
    }
    let mut state = model.zero_state(x.shape()[2]);
    let mut tape = LanguageTape::<A, E>::default();
    let (mut losses, mut norms) = (Vec::new(), Vec::new());
    for (x, y) in x.outer_iter().zip(y.outer_iter()) {
        let mut gradient = model.zero_gradient();
        let loss = model.loss_and_gradient(x, y, y.len(), &state, None, &mut tape, &mut gradient);
        norms.push(A::of(clip_global_norm(&mut gradient, clip)));
        optimiser.step(&mut model, &gradient, rate);
        losses.push(A::of(loss.mean()));
        state = tape.rnn.last().clone();
    }
    let (mut outputs, mut gradients) = (Distance::default(), Distance::default());
    for (name, got) in [("losses", Array1::from(losses)), ("grad_norms", Array1::from(norms))] {
        let expected = array(fixture, name, got.raw_dim())?;
        outputs.compare(name, got.view().into_dyn(), expected.view().into_dyn());
    }
    for (name, slot) in model.named() {
        let got = slot.dense();
        let expected = array(fixture, &format!("final.{name}"), got.raw_dim())?;
        gradients.compare(&name, got, expected.view());
    }
    Ok(Parity { engine, outputs, gradients, tolerance: tolerance::<A>() })
}
