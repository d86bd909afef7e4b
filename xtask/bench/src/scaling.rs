//! How the time of a training step grows: with threads, steps, sequences and layers.
//!
//! A machine with two cores does not always give two cores' worth, so every figure stands beside the rate
//! of plain products on as many threads, measured in turn with it, round by round.

use std::time::Instant;

use seqcore::cells::Cell;
use seqcore::models::language::LanguageModel;
use seqcore::optim::Optimiser;
use seqcore::train::language::LanguageTask;
use seqcore::train::update;

use crate::{Scaling, Shape, charlm, machine};

/// What one row measures: threads, layers, batch, steps.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    what: &'static str,
    threads: usize,
    layers: u32,
    batch: u32,
    seq_len: u32,
}

/// A row with its own threads, model and data.
struct Bench {
    row: Row,
    pool: rayon::ThreadPool,
    model: LanguageModel<f32>,
    task: LanguageTask,
    optimiser: Optimiser<f32>,
    step: usize,
    /// Seconds of the fastest step.
    best: f64,
    /// GFLOP/s of plain products on as many threads.
    products: f64,
}

impl Bench {
    fn new(row: Row, shape: Shape) -> anyhow::Result<Self> {
        let shape = Shape { layers: row.layers, ..shape };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(row.threads).build()?;
        let (model, task) = charlm::task(shape, row.batch as usize, row.seq_len as usize)?;
        let optimiser = Optimiser::new("adam".parse()?, &model)?;
        let (best, products) = (f64::INFINITY, 0.0);
        Ok(Self { row, pool, model, task, optimiser, step: 0, best, products })
    }

    /// One round: steps for `seconds`, then plain products.
    fn round(&mut self, seconds: f64) {
        let Self { row, pool, model, task, optimiser, step, best, products } = self;
        pool.install(|| {
            let begin = Instant::now();
            loop {
                let start = Instant::now();
                update(task, model, optimiser, *step, 2e-3, Some(1.0));
                *step += 1;
                *best = start.elapsed().as_secs_f64().min(*best);
                if begin.elapsed().as_secs_f64() > seconds {
                    break;
                }
            }
            *products = machine::gemm_rate(row.threads).max(*products);
        });
    }
}

/// The command.
pub fn run(args: &Scaling) -> anyhow::Result<()> {
    let shape = Shape { cell: Cell::Lstm, hidden: args.hidden, layers: 1 };
    let base = Row { what: "one thread", threads: 1, layers: 1, batch: 64, seq_len: 64 };
    let rows = [
        base,
        Row { what: "two threads", threads: 2, ..base },
        Row { what: "T doubled", seq_len: 128, ..base },
        Row { what: "B doubled", batch: 128, ..base },
        Row { what: "two layers", layers: 2, ..base },
        Row { what: "three layers", layers: 3, ..base },
    ];
    let mut benches =
        rows.into_iter().map(|row| Bench::new(row, shape)).collect::<anyhow::Result<Vec<_>>>()?;
    for _ in 0..args.rounds.max(1) {
        benches.iter_mut().for_each(|bench| bench.round(args.seconds));
    }
    println!(
        "LSTM {}, one layer, batch 64, 64 steps; best step of {} rounds of {} s",
        args.hidden, args.rounds, args.seconds
    );
    println!("{:14} {:>10} {:>12} {:>18}", "", "ms a step", "tokens/s", "products, GFLOP/s");
    for Bench { row, best, products, .. } in &benches {
        let tokens = f64::from(row.batch * row.seq_len);
        println!("{:14} {:>10.1} {:>12.0} {products:>18.0}", row.what, best * 1e3, tokens / best);
    }
    let [one, two, steps, batch, layers, third] = &benches[..] else { unreachable!("six rows") };
    println!(
        "two threads: {:.2} times as fast; plain products {:.2} times",
        one.best / two.best,
        two.products / one.products
    );
    println!(
        "time of a step: T doubled {:.2} times; B doubled {:.2} times; the third layer {:.2} times the second's",
        steps.best / one.best,
        batch.best / one.best,
        (third.best - layers.best) / (layers.best - one.best),
    );
    Ok(())
}
