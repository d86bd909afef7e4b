//! Generation speed: batch 1, temperature 0.8.

use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::decode::Sampler;

use crate::{Generate, charlm::model};

/// Tokens per second of the fastest of five rounds.
pub fn measure(args: &Generate) -> anyhow::Result<f64> {
    let model = model(args.shape);
    let sampler = Sampler::temperature(0.8)?;
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut generator = model.generator();
    generator.write(50, &sampler, &mut rng);
    let mut best = 0.0_f64;
    for _ in 0..5 {
        let start = Instant::now();
        generator.write(args.tokens, &sampler, &mut rng);
        best = best.max(args.tokens as f64 / start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// The command.
pub fn run(args: &Generate) -> anyhow::Result<()> {
    let rate = measure(args)?;
    let crate::Shape { cell, hidden, layers } = args.shape;
    if args.json {
        println!(
            "{}",
            serde_json::json!({"cfg": [cell.name(), hidden, layers], "tok_s": rate.round()})
        );
    } else {
        println!("{} {hidden}x{layers}: {rate:.0} tokens/s", cell.label());
    }
    Ok(())
}
