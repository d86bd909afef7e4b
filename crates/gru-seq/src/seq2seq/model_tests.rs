//! The encoder-decoder against finite differences and against PyTorch.

use std::path::{Path, PathBuf};

use lesson::files::weights::Reader;
use ndarray::{Array1, Ix1, Ix2, Ix3};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use seqcore::IGNORE;
use seqcore::cells::unroll::Reference;
use seqcore::data::batch::Example;
use seqcore::gradcheck::GradCheck;
use seqcore::optim::Optimiser;
use seqcore::train::shards;

fn config(
    cell: Cell,
    layers: usize,
    bidirectional: bool,
    attention: Option<Score>,
) -> Seq2SeqConfig {
    Seq2SeqConfig {
        source_vocabulary: 6,
        target_vocabulary: 5,
        embedding: 3,
        cell,
        hidden: 4,
        layers,
        bidirectional,
        attention,
        dropout: 0.0,
    }
}

/// Sequences of different length on both sides.
fn examples() -> Vec<Example> {
    let example = |source: &[usize], target: &[usize]| Example {
        source: source.to_vec(),
        target: target.to_vec(),
    };
    vec![example(&[1, 5, 2, 2], &[3, 1]), example(&[4], &[0, 2, 2]), example(&[3, 3, 0], &[])]
}

const SHAPES: [(Cell, usize, bool, Option<Score>); 5] = [
    (Cell::Gru, 1, true, Some(Score::Additive)),
    (Cell::Lstm, 2, true, Some(Score::Dot)),
    (Cell::Lstm, 1, false, None),
    (Cell::Gru, 2, false, Some(Score::Dot)),
    (Cell::RnnTanh, 1, true, None),
];

#[test]
fn gradients_agree_with_finite_differences() {
    for (cell, layers, bidirectional, attention) in SHAPES {
        let config = config(cell, layers, bidirectional, attention);
        let mut model = Seq2Seq::<f64>::new(&config, &mut ChaCha8Rng::seed_from_u64(3));
        assert_eq!(model.config(), config);
        let batch = Batch::new(&examples(), config.end());
        let loss = |model: &Seq2Seq<f64>| {
            let logits = model.forward(&batch, None, &mut Seq2SeqTape::<f64, Reference>::default());
            let targets: Vec<usize> = batch.targets.iter().copied().collect();
            loss::cross_entropy(logits, &targets, 1).mean()
        };
        let mut gradient = model.zero_gradient();
        let mut tape = Seq2SeqTape::<f64>::default();
        model.loss_and_gradient(&batch, batch.count(), None, &mut tape, &mut gradient);
        let check = GradCheck { max_per_array: 60, ..GradCheck::default() };
        check.check(&mut model, &gradient, loss).assert_below(1e-6);
    }
}

#[test]
fn a_batch_in_shards_has_the_same_loss_and_gradient() {
    let config = config(Cell::Gru, 2, true, Some(Score::Additive));
    let model = Seq2Seq::<f64>::new(&config, &mut ChaCha8Rng::seed_from_u64(4));
    let all: Vec<_> = examples().into_iter().cycle().take(20).collect();
    let whole = Batch::new(&all, config.end());
    let mut expected = model.zero_gradient();
    let mut tape = Seq2SeqTape::<f64>::default();
    let loss = model.loss_and_gradient(&whole, whole.count(), None, &mut tape, &mut expected);
    let mut sum = model.zero_gradient();
    let mut total = 0.0;
    assert!(shards::cut(20).len() > 1);
    for range in shards::cut(20) {
        let batch = Batch::new(&all[range], config.end());
        let mut gradient = model.zero_gradient();
        total += model.loss_and_gradient(&batch, whole.count(), None, &mut tape, &mut gradient).sum;
        sum.add(&gradient);
    }
    assert!((total - loss.sum).abs() < 1e-9);
    for ((name, a), (_, b)) in expected.named().into_iter().zip(sum.named()) {
        let far = (&a.values() - &b.values()).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
        assert!(far < 1e-12, "{name}: {far}");
    }
}

#[test]
fn own_tokens_replace_some_inputs() {
    let config = config(Cell::Gru, 1, true, None);
    let model = Seq2Seq::<f32>::new(&config, &mut ChaCha8Rng::seed_from_u64(5));
    let batch = Batch::new(&examples(), config.end());
    let tape = &mut Seq2SeqTape::<f32>::default();
    let own = model.predictions(&batch, tape);
    let rng = &mut ChaCha8Rng::seed_from_u64(6);
    assert_eq!(model.mix_own_tokens(&batch, 0.0, rng, tape), batch);
    let mixed = model.mix_own_tokens(&batch, 1.0, rng, tape);
    assert_eq!((&mixed.source, &mixed.targets), (&batch.source, &batch.targets));
    assert_eq!(mixed.inputs.row(0), batch.inputs.row(0));
    assert_eq!(mixed.inputs.slice(s![1.., ..]), own.slice(s![..3, ..]));
}

#[test]
fn dropout_changes_training_only() {
    let config = Seq2SeqConfig { dropout: 0.5, ..config(Cell::Gru, 2, true, Some(Score::Dot)) };
    let model = Seq2Seq::<f64>::new(&config, &mut ChaCha8Rng::seed_from_u64(5));
    let batch = Batch::new(&examples(), config.end());
    let tape = &mut Seq2SeqTape::<f64>::default();
    let plain = model.forward(&batch, None, tape);
    let streams = MaskStreams::new(1, 2, 0);
    let dropped = model.forward(&batch, Some(&streams), tape);
    assert_ne!(plain, dropped);
    assert_eq!(dropped, model.forward(&batch, Some(&streams), tape));
    assert_eq!(plain, model.forward(&batch, None, tape));
}

#[test]
fn shapes_that_cannot_work_are_refused() {
    let good = config(Cell::Gru, 1, true, None);
    good.validate().unwrap();
    for bad in [
        Seq2SeqConfig { hidden: 0, ..good },
        Seq2SeqConfig { layers: 0, ..good },
        Seq2SeqConfig { dropout: 1.0, ..good },
        Seq2SeqConfig { hidden: 1 << 20, ..good },
        Seq2SeqConfig { target_vocabulary: 1 << 40, ..good },
        Seq2SeqConfig { target_vocabulary: 1, ..good },
    ] {
        assert!(matches!(bad.validate(), Err(Error::Config(_))), "{bad:?}");
    }
}

/// `parity/fixtures/seq2seq`, which `parity/make_fixtures.py --small` writes.
fn fixture(name: &str) -> Reader {
    let folder: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../parity/fixtures/seq2seq");
    Reader::open(&folder.join(name)).unwrap()
}

#[track_caller]
fn close(what: &str, got: ndarray::ArrayViewD<f64>, expected: ndarray::ArrayViewD<f64>) {
    assert_eq!(got.shape(), expected.shape(), "{what}");
    let far = (&got - &expected).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
    assert!(far < 1e-10, "{what}: {far:.1e} from PyTorch");
}

#[test]
fn attention_is_pytorchs() {
    for score in [Score::Dot, Score::Additive] {
        let file = fixture(&format!("attention_{score}.safetensors"));
        let deep = |name| file.array::<f64>(name).unwrap().into_dimensionality::<Ix3>().unwrap();
        let (queries, values) = (deep("queries"), deep("values"));
        let size = file.array::<f64>("query.weight").unwrap().shape()[0];
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut layer = Attention::new(score, queries.dim().2, values.dim().2, size, rng);
        file.load_into("", &mut layer).unwrap();
        let lengths = file.indices("lengths").unwrap().into_raw_vec_and_offset().0;
        let mut tape = AttentionTape::default();
        let contexts = layer.forward(queries.view(), values.view(), &lengths, &mut tape);
        close("contexts", contexts.view().into_dyn(), deep("contexts").view().into_dyn());
        close("weights", tape.weights().into_dyn(), deep("weights").view().into_dyn());
        let mut gradient = layer.zeros_like();
        let d = deep("d_contexts");
        let (dq, dv) =
            layer.backward(queries.view(), values.view(), &tape, d.view(), &mut gradient);
        close("dq", dq.view().into_dyn(), deep("grad.queries").view().into_dyn());
        close("dv", dv.view().into_dyn(), deep("grad.values").view().into_dyn());
        for (name, slot) in gradient.named() {
            close(&name, slot.values(), file.array(&format!("grad.{name}")).unwrap().view());
        }
    }
}

/// Three steps of Adam on a whole encoder-decoder: losses, first gradients, last parameters.
fn whole_steps<E: Engine<f64>>(name: &str, config: &Seq2SeqConfig) {
    let file = fixture(name);
    let flat = |name: &str, k: usize| -> Array2<usize> {
        let all = file.indices(name).unwrap().into_dimensionality::<Ix3>().unwrap();
        all.index_axis(Axis(0), k).to_owned()
    };
    let mut model = Seq2Seq::<f64>::new(config, &mut ChaCha8Rng::seed_from_u64(1));
    file.load_into("init.", &mut model).unwrap();
    let expected: Array1<f64> = file.array("losses").unwrap().into_dimensionality::<Ix1>().unwrap();
    let mut optimiser = Optimiser::new("adam".parse().unwrap(), &model).unwrap();
    let lengths = file.indices("lengths").unwrap().into_dimensionality::<Ix2>().unwrap();
    for (k, expected) in expected.iter().enumerate() {
        let targets = flat("targets", k).mapv(|id| if id == 99 { IGNORE } else { id });
        let batch = Batch {
            source: flat("source", k),
            lengths: lengths.row(k).to_vec(),
            inputs: flat("inputs", k),
            targets,
        };
        let mut gradient = model.zero_gradient();
        let mut tape = Seq2SeqTape::<f64, E>::default();
        let loss = model.loss_and_gradient(&batch, batch.count(), None, &mut tape, &mut gradient);
        assert!((loss.mean() - expected).abs() < 1e-10, "{name}, loss of step {k}");
        if k == 0 {
            for (name, slot) in gradient.named() {
                close(&name, slot.values(), file.array(&format!("grad.{name}")).unwrap().view());
            }
        }
        optimiser.step(&mut model, &gradient, 1e-2);
    }
    for (name, slot) in model.named() {
        close(&name, slot.values(), file.array(&format!("final.{name}")).unwrap().view());
    }
}

#[test]
fn whole_training_steps_are_pytorchs() {
    let shape = Seq2SeqConfig {
        source_vocabulary: 7,
        target_vocabulary: 6,
        embedding: 4,
        hidden: 5,
        ..config(Cell::Gru, 1, true, Some(Score::Additive))
    };
    whole_steps::<Fused>("seq2seq_gru_additive.safetensors", &shape);
    whole_steps::<Reference>("seq2seq_gru_additive.safetensors", &shape);
    let shape = Seq2SeqConfig { cell: Cell::Lstm, layers: 2, attention: Some(Score::Dot), ..shape };
    whole_steps::<Fused>("seq2seq_lstm_dot.safetensors", &shape);
}
