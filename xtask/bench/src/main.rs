//! `cargo xtask bench`: how fast training and generation are on this machine.
//!
//! The work is that of `torch_charlm.py` beside this file: embedding, recurrent layers, linear,
//! cross-entropy over all T·B tokens, backward, global-norm clipping, Adam. `--vs-torch` alternates
//! with PyTorch, configuration by configuration, where a Python with torch is on the PATH.

mod charlm;
mod generate;
mod machine;
mod scaling;
mod steps;
mod torch;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use seqcore::cells::Cell;

/// Speed of training and generation on this machine
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask bench",
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    versus: VsTorch,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a character model on random tokens
    Charlm(CharLm),
    /// Generate one token after the other, one sequence
    Generate(Generate),
    /// How the time of a training step grows with threads, steps, sequences and layers
    Scaling(Scaling),
    /// What each transformation of the fast engine gains
    Steps(Steps),
}

/// A model's shape.
#[derive(Debug, Clone, Copy, Args)]
struct Shape {
    /// rnn, rnn_relu, lstm or gru
    #[arg(long, default_value = "lstm")]
    cell: Cell,
    /// Units in a layer, and the size of a token's vector
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=16384))]
    hidden: u32,
    /// Layers
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    layers: u32,
}

#[derive(Debug, Clone, Copy, Args)]
struct CharLm {
    #[command(flatten)]
    shape: Shape,
    /// Streams side by side
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    batch: u32,
    /// Steps of a batch
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    seq_len: u32,
    /// How long to measure
    #[arg(long, value_name = "S", default_value_t = 6.0)]
    seconds: f64,
    /// Threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
struct Generate {
    #[command(flatten)]
    shape: Shape,
    /// Tokens to generate in a round; the fastest of five rounds counts
    #[arg(long, value_name = "N", default_value_t = 2000)]
    tokens: usize,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
struct Scaling {
    /// Units in a layer
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=16384))]
    hidden: u32,
    /// How long each row is measured in each round
    #[arg(long, value_name = "S", default_value_t = 0.5)]
    seconds: f64,
    /// Rounds; each measures every row
    #[arg(long, value_name = "N", default_value_t = 10)]
    rounds: usize,
}

#[derive(Debug, Clone, Copy, Args)]
struct Steps {
    /// Units in a layer
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(16..=4096))]
    hidden: u32,
    /// Rounds; each measures both sides of every row
    #[arg(long, value_name = "N", default_value_t = 20)]
    rounds: usize,
}

#[derive(Debug, Clone, Args)]
struct VsTorch {
    /// Six training and three generation configurations beside PyTorch's, alternating
    #[arg(long)]
    vs_torch: bool,
    /// The Python that has torch
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: String,
    /// How long to measure each side of each round
    #[arg(long, value_name = "S", default_value_t = 3.0)]
    seconds: f64,
    /// Rounds; each measures both sides of every configuration
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Threads of both sides [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Symbols of the vocabulary, as in the PyTorch script.
const VOCABULARY: usize = 65;

fn main() -> ExitCode {
    lesson::run_binary(|| -> anyhow::Result<()> {
        let cli = Cli::parse();
        match cli.command {
            Some(Command::Charlm(args)) => charlm::run(&args),
            Some(Command::Generate(args)) => generate::run(&args),
            Some(Command::Scaling(args)) => scaling::run(&args),
            Some(Command::Steps(args)) => steps::run(&args),
            None if cli.versus.vs_torch => torch::run(&cli.versus),
            None => {
                anyhow::bail!("say what to measure: charlm, generate, scaling, steps or --vs-torch")
            }
        }
    })
}

/// `--threads`, or all cores; sets up the pool.
fn threads(given: Option<usize>) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = given.unwrap_or_else(all).max(1);
    _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    threads
}
