//! A budget of time as a number of steps.

use std::time::{Duration, Instant};

use seqcore::optim::Optimiser;
use seqcore::train::{Length, Plan, Task, update};

use crate::Result;

/// The number of steps that `length` means; a budget is measured on a copy of the model.
pub(super) fn steps<T: Task>(
    task: &mut T,
    model: &T::Model,
    plan: &Plan,
    length: Length,
) -> Result<usize> {
    let budget = match length {
        Length::Steps(steps) => return Ok(steps),
        Length::Budget(budget) => budget,
    };
    let mut copy = model.clone();
    let mut optimiser = Optimiser::new(plan.optimiser, &copy)?;
    let begin = Instant::now();
    // Batches of sequences differ in length: the longer the budget, the more of them are tried.
    let trial = (budget / 20).min(Duration::from_secs(3).max(budget / 100));
    let mut times = Vec::new();
    // The first step warms up caches and memory; it takes part only if there is no other.
    while times.len() < 4 || begin.elapsed() < trial {
        let started = Instant::now();
        let step = task.typical() + times.len();
        update(task, &mut copy, &mut optimiser, step, 0.0, plan.clip);
        times.push(started.elapsed().as_secs_f64());
        if begin.elapsed() >= budget {
            break;
        }
    }
    task.restart();
    let steady = &times[usize::from(times.len() > 1)..];
    let mean = steady.iter().sum::<f64>() / steady.len() as f64;
    let left = budget.saturating_sub(begin.elapsed()).as_secs_f64();
    Ok(((left / mean) as usize).max(1))
}
