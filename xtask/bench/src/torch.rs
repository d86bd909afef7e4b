//! The same work in PyTorch, alternating with ours, so that both sides see the same machine.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use seqcore::cells::Cell;

use crate::{CharLm, Generate, Shape, VsTorch, charlm, generate, machine, threads};

const SCRIPT: &str = include_str!("torch_charlm.py");

/// Cell, hidden, layers, batch, steps.
const TRAINING: [(Cell, u32, u32, u32, u32); 6] = [
    (Cell::RnnTanh, 128, 1, 32, 64),
    (Cell::Lstm, 128, 2, 50, 50),
    (Cell::Lstm, 256, 1, 64, 64),
    (Cell::Lstm, 512, 2, 64, 128),
    (Cell::Gru, 256, 1, 64, 64),
    (Cell::Lstm, 128, 1, 1, 25),
];

/// Cell, hidden, layers.
const GENERATION: [(Cell, u32, u32); 3] =
    [(Cell::RnnTanh, 128, 1), (Cell::Lstm, 256, 1), (Cell::Lstm, 512, 2)];

/// One side's figures in one round.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    ours: f64,
    theirs: f64,
    gflops: f64,
    gemm: f64,
}

/// The command: prints a line per round, and a summary per configuration.
pub fn run(args: &VsTorch) -> anyhow::Result<()> {
    let threads = threads(args.threads);
    torch(args, &["version"])
        .context("this comparison needs a Python with torch: name it with --python")?;
    println!(
        "Best steps, tokens/s; {threads} threads on both sides; {} rounds of {} s each.",
        args.rounds, args.seconds
    );
    let mut ratios = Vec::new();
    for (cell, hidden, layers, batch, seq_len) in TRAINING {
        let shape = Shape { cell, hidden, layers };
        let name = format!("train {} {hidden}x{layers} B{batch} T{seq_len}", cell.label());
        let ours = CharLm {
            shape,
            batch,
            seq_len,
            seconds: args.seconds,
            threads: Some(threads),
            json: false,
        };
        let numbers = [hidden, layers, batch, seq_len, threads as u32].map(|n| n.to_string());
        let seconds = args.seconds.to_string();
        ratios.push(rounds(args, &name, || {
            let before = machine::gemm_rate(threads);
            let speed = charlm::measure(&ours)?;
            let gemm = machine::gemm_rate(threads).max(before);
            let mut words = vec!["train", torch_name(cell)];
            words.extend(numbers.iter().map(String::as_str));
            words.push(&seconds);
            Ok(Pair { ours: speed.best, theirs: torch(args, &words)?, gflops: speed.gflops, gemm })
        })?);
    }
    let mean = (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp();
    println!(
        "training: geometric mean of the ratios {mean:.2}, lowest {:.2}",
        ratios.iter().copied().fold(f64::INFINITY, f64::min)
    );
    for (cell, hidden, layers) in GENERATION {
        let shape = Shape { cell, hidden, layers };
        let name = format!("generate {} {hidden}x{layers}", cell.label());
        let numbers = [hidden, layers, threads as u32].map(|n| n.to_string());
        rounds(args, &name, || {
            let ours = generate::measure(&Generate { shape, tokens: 2000, json: false })?;
            let words = ["generate", torch_name(cell), &numbers[0], &numbers[1], &numbers[2]];
            Ok(Pair { ours, theirs: torch(args, &words)?, ..Pair::default() })
        })?;
    }
    Ok(())
}

/// Measures the rounds of one configuration, prints them, and returns the ratio of the best steps.
fn rounds(
    args: &VsTorch,
    name: &str,
    mut pair: impl FnMut() -> anyhow::Result<Pair>,
) -> anyhow::Result<f64> {
    let mut pairs = Vec::new();
    for round in 1..=args.rounds.max(1) {
        let p = pair()?;
        let mut line = format!(
            "{name}  round {round}: ours {:.0}  torch {:.0}  ratio {:.2}",
            p.ours,
            p.theirs,
            p.ours / p.theirs
        );
        if p.gemm > 0.0 {
            line += &format!(
                "  executed {:.0} GFLOP/s, {:.0} % of {:.0}",
                p.gflops,
                100.0 * p.gflops / p.gemm,
                p.gemm
            );
        }
        println!("  {line}");
        std::io::stdout().flush()?;
        pairs.push(p);
    }
    // Other programs slow one side or the other down; the best step of all rounds is what each can do.
    let best = |f: fn(&Pair) -> f64| pairs.iter().map(f).fold(0.0, f64::max);
    let (ours, theirs) = (best(|p| p.ours), best(|p| p.theirs));
    let mut ratios: Vec<f64> = pairs.iter().map(|p| p.ours / p.theirs).collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!(
        "{name}: best of all rounds ours {ours:.0}, torch {theirs:.0}, ratio {:.2}; median of the rounds' ratios {median:.2}",
        ours / theirs
    );
    Ok(ours / theirs)
}

fn torch_name(cell: Cell) -> &'static str {
    if cell == Cell::RnnTanh { "rnn" } else { cell.name() }
}

/// Runs the script with these words and returns the number that it prints.
fn torch(args: &VsTorch, words: &[&str]) -> anyhow::Result<f64> {
    let mut command = Command::new(&args.python);
    command.arg("-c").arg(SCRIPT).args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().with_context(|| format!("cannot run {}", args.python))?;
    if !output.status.success() {
        bail!(
            "{} failed: {}",
            args.python,
            String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("no message")
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .with_context(|| format!("{} printed {text:?} and not a number", args.python))
}
