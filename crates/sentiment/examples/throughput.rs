//! How many reviews a second: training steps on batches of a file's reviews, and the same batches as
//! JSON for `parity/torch_reviews.py`, which times PyTorch on them.
//!
//! `cargo run -p sentiment --example throughput -- imdb batches.json` trains 60 steps and prints one line.

use std::time::Instant;

use lesson::{Result, RunArgs};
use sentiment::corpus::Corpus;
use sentiment::encoder::Encoder;
use sentiment::options::Options;
use sentiment::recipe::SentimentRecipe;
use seqcore::data::buckets::Buckets;
use seqcore::optim::Optimiser;
use seqcore::train::update;

const STEPS: usize = 60;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let run = RunArgs { data: arguments.next(), ..RunArgs::default() };
    let corpus = Corpus::read(run.data.as_deref(), run.fetch, 0.1, run.seed)?;
    let recipe = SentimentRecipe::new(&run, &Options::default(), &corpus)?;
    let words = recipe.words(&corpus)?;
    let mut model = recipe.untrained(&words)?;
    let mut task = recipe.task(&model, &words, &corpus);
    if let Some(path) = arguments.next() {
        let reviews = Encoder::new(&corpus, &words).encode(&corpus.fit);
        let end = |r: &Vec<usize>| r[r.len().saturating_sub(recipe.longest)..].to_vec();
        let reviews: Vec<Vec<usize>> = reviews.iter().map(end).collect();
        let lengths = reviews.iter().map(Vec::len).collect();
        let mut buckets = Buckets::new(lengths, recipe.batch, recipe.seed);
        let batches: Vec<Vec<(&[usize], bool)>> = (0..STEPS)
            .map(|step| {
                let batch = buckets.batch(step);
                batch.iter().map(|&i| (reviews[i].as_slice(), corpus.fit.labels[i])).collect()
            })
            .collect();
        let config = &recipe.config;
        let json = serde_json::json!({
            "vocabulary": config.vocabulary, "embedding": config.embedding,
            "hidden": config.hidden, "dropout": config.dropout, "batches": batches,
        });
        std::fs::write(&path, json.to_string())
            .map_err(|e| lesson::Error::write(std::path::Path::new(&path), e))?;
    }
    let mut optimiser = Optimiser::new(recipe.plan.optimiser, &model)?;
    let (mut seconds, mut reviews) = (0.0, 0);
    for step in 0..STEPS {
        let started = Instant::now();
        let (loss, _) = update(&mut task, &mut model, &mut optimiser, step, 0.002, Some(1.0));
        // The first steps warm up caches and memory.
        if step >= 5 {
            seconds += started.elapsed().as_secs_f64();
            reviews += loss.count;
        }
    }
    println!("{{\"reviews_per_s\": {:.1}, \"steps\": {}}}", reviews as f64 / seconds, STEPS - 5);
    Ok(())
}
