//! Training speed.

use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::data::{Evaluation, Streams};
use seqcore::models::language::{LanguageConfig, LanguageModel};
use seqcore::optim::Optimiser;
use seqcore::train::language::LanguageTask;
use seqcore::train::{shards, update};

use crate::{CharLm, Shape, VOCABULARY, machine, threads};

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// Tokens per second, over the whole time.
    pub mean: f64,
    /// Tokens per second of the fastest step.
    pub best: f64,
    /// GFLOP/s of the fastest step, counting what is executed.
    pub gflops: f64,
}

/// A model of the benchmark's kind.
pub fn model(shape: Shape) -> LanguageModel<f32> {
    let hidden = shape.hidden as usize;
    let config = LanguageConfig {
        vocabulary: VOCABULARY,
        embedding: hidden,
        cell: shape.cell,
        hidden,
        layers: shape.layers as usize,
        dropout: 0.0,
    };
    LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(0))
}

/// A model of that shape, and random tokens to train it on.
pub fn task(
    shape: Shape,
    batch: usize,
    steps: usize,
) -> anyhow::Result<(LanguageModel<f32>, LanguageTask)> {
    let model = model(shape);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let ids: Vec<usize> =
        (0..4 * batch * steps + 1).map(|_| rng.random_range(0..VOCABULARY)).collect();
    let unused = Evaluation::new(0, ids[..2].to_vec(), 1, 1)?;
    let task = LanguageTask::new(&model, Streams::new(ids, batch, steps)?, unused, 0);
    Ok((model, task))
}

/// Trains for `args.seconds` in the thread pool that is set up.
pub fn measure(args: &CharLm) -> anyhow::Result<Speed> {
    let (batch, steps) = (args.batch as usize, args.seq_len as usize);
    let (mut model, mut task) = task(args.shape, batch, steps)?;
    let mut optimiser = Optimiser::new("adam".parse()?, &model)?;
    let mut step = 0;
    let mut next = |model: &mut LanguageModel<f32>| {
        let start = Instant::now();
        update(&mut task, model, &mut optimiser, step, 2e-3, Some(1.0));
        step += 1;
        start.elapsed().as_secs_f64()
    };
    for _ in 0..3 {
        next(&mut model);
    }
    let start = Instant::now();
    let (mut count, mut fastest) = (0, f64::INFINITY);
    while count == 0 || start.elapsed().as_secs_f64() < args.seconds {
        fastest = next(&mut model).min(fastest);
        count += 1;
    }
    let tokens = (batch * steps) as f64;
    Ok(Speed {
        mean: tokens * f64::from(count) / start.elapsed().as_secs_f64(),
        best: tokens / fastest,
        gflops: executed_flops(args) / fastest / 1e9,
    })
}

/// The floating-point operations of one step's matrix products, as our code executes them. Each
/// weight takes part in three products: forward, gradient of its input, gradient of itself.
fn executed_flops(args: &CharLm) -> f64 {
    let Shape { cell, hidden, layers } = args.shape;
    let (h, gates, places) = (
        f64::from(hidden),
        cell.gates() as f64 * f64::from(hidden),
        f64::from(args.batch * args.seq_len),
    );
    let shards = shards::cut(args.batch as usize).len() as f64;
    // The first layer's inputs are multiplied once per distinct token and shard.
    let tokens = (VOCABULARY as f64 * shards).min(places);
    let recurrent = f64::from(layers) * places * gates * h;
    let inputs = tokens * gates * h + f64::from(layers - 1) * places * gates * h;
    let linear = places * h * VOCABULARY as f64;
    3.0 * 2.0 * (recurrent + inputs + linear)
}

/// The command.
pub fn run(args: &CharLm) -> anyhow::Result<()> {
    let threads = threads(args.threads);
    let before = machine::gemm_rate(threads);
    let speed = measure(args)?;
    // Other programs may have slowed one of the two down.
    let rate = machine::gemm_rate(threads).max(before);
    let Shape { cell, hidden, layers } = args.shape;
    if args.json {
        let cfg = serde_json::json!([cell.name(), hidden, layers, args.batch, args.seq_len]);
        let line = serde_json::json!({
            "cfg": cfg,
            "tok_s": speed.mean.round(),
            "best_tok_s": speed.best.round(),
            "gflops": (speed.gflops * 10.0).round() / 10.0,
            "gemm_share": (speed.gflops / rate * 1000.0).round() / 1000.0,
        });
        println!("{line}");
    } else {
        println!(
            "{} {hidden}x{layers}, batch {}, {} steps, {threads} threads: {:.0} tokens/s, best step {:.0}; \
             {:.0} GFLOP/s executed, {:.0} % of {rate:.0} in plain products",
            cell.label(),
            args.batch,
            args.seq_len,
            speed.mean,
            speed.best,
            speed.gflops,
            100.0 * speed.gflops / rate,
        );
    }
    Ok(())
}
