//! What a training step asks of the allocator: nothing for each time step, and in bytes no more than the tape of
//! its shards, their gradients and one workspace each.
//!
//! The only test of this binary: the counter counts what every thread allocates.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::models::language::{LanguageConfig, LanguageModel};
use seqcore::optim::Optimiser;
use seqcore::params::Named;
use seqcore::train::language::LanguageTask;
use seqcore::train::{shards, update};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const VOCABULARY: usize = 65;
const HIDDEN: usize = 96;
const LAYERS: usize = 2;
const BATCH: usize = 64;

/// What training asks for.
struct Use {
    /// Allocations of one step, after some others.
    blocks: u64,
    /// Bytes in use at the peak, without the model and its optimiser.
    peak: usize,
    parameters: usize,
}

fn step_of(cell: Cell, seq_len: usize) -> Use {
    let rng = &mut ChaCha8Rng::seed_from_u64(0);
    let config = LanguageConfig {
        vocabulary: VOCABULARY,
        embedding: HIDDEN,
        cell,
        hidden: HIDDEN,
        layers: LAYERS,
        dropout: 0.0,
    };
    let mut model = LanguageModel::<f32>::new(&config, rng);
    let ids: Vec<usize> =
        (0..40 * BATCH * seq_len + 1).map(|_| rng.random_range(0..VOCABULARY)).collect();
    let unused = Evaluation::new(0, ids[..2].to_vec(), 1, 1).unwrap();
    let streams = Streams::new(ids, BATCH, seq_len).unwrap();
    let mut task = LanguageTask::new(&model, streams, unused, 0);
    let mut optimiser = Optimiser::new("adam".parse().unwrap(), &model).unwrap();
    let profiler = dhat::Profiler::builder().testing().build();
    let mut blocks = 0;
    for step in 0..6 {
        let before = dhat::HeapStats::get().total_blocks;
        update(&mut task, &mut model, &mut optimiser, step, 1e-3, Some(1.0));
        blocks = dhat::HeapStats::get().total_blocks - before;
    }
    let peak = dhat::HeapStats::get().max_bytes;
    drop(profiler);
    Use { blocks, peak, parameters: model.count() }
}

#[test]
fn a_step_allocates_nothing_for_a_time_step_and_keeps_to_its_bound() {
    // Numbers that the tape holds for a token in a layer: gates, h, and c and tanh(c) or v_n. A GRU's
    // workspace has room for the gradients dv of every step (G11) beside them, once for all layers.
    for (cell, tape, workspace) in
        [(Cell::Lstm, 7 * HIDDEN, 0), (Cell::Gru, 5 * HIDDEN, 3 * HIDDEN)]
    {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let [short, long] = pool.install(|| [32, 96].map(|steps| step_of(cell, steps)));
        // How many distinct tokens a batch has differs, so a list may grow once more; 64 steps more would show.
        let more = long.blocks.abs_diff(short.blocks);
        assert!(more < 8, "{} and {} allocations, {cell:?}", short.blocks, long.blocks);
        // Beside the tape a token has its logits and the indices of its input, target and row.
        let token = LAYERS * tape + workspace + VOCABULARY + 8;
        let shards = shards::cut(BATCH).len();
        for (steps, used) in [(32, short), (96, long)] {
            // The gradients of a shard, and its packed weights, which are fewer than all parameters.
            let bound = size_of::<f32>() * (BATCH * steps * token + shards * 2 * used.parameters);
            assert!(used.peak <= bound, "{} of {bound} bytes, {cell:?}, {steps} steps", used.peak);
        }
    }
}
