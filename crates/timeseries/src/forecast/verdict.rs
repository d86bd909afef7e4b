//! Is the network worth it?

use seqcore::metrics::forecast as metric;
use seqcore::metrics::statistics::Interval;

use crate::study::{Problem, Study, compare_methods, skill_interval};

/// What walking forward found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The best method that needs no network, by the same test errors: a generous choice.
    pub rival: String,
    /// Mean absolute error of the network over all leads.
    pub network: f64,
    /// ... of the rival.
    pub best: f64,
    /// The share of the rival's error that the network saves, with its interval.
    pub skill: Interval,
    /// The sentence.
    pub sentence: String,
}

/// Is the network worth it?
pub fn judge(study: &Study, problem: &Problem) -> Verdict {
    let network = &study.methods[study.methods.len() - 1].name;
    let mean = |name: &str| {
        metric::mean((&study.method(name).point - &study.observed).iter().map(|e| e.abs()))
    };
    let rivals = &study.methods[..study.methods.len() - 1];
    let rival = rivals
        .iter()
        .map(|m| m.name.clone())
        .min_by(|a, b| mean(a).total_cmp(&mean(b)))
        .expect("baselines");
    let (own, other) = compare_methods(study, network, &rival);
    let block = problem.shape.horizon().max(problem.season).min(own.len() / 4).max(1);
    let skill = skill_interval(&own, &other, block, 1);
    let half = (skill.high - skill.low) / 2.0;
    let sentence = if skill.low > 0.0 {
        format!(
            "Verdict: the {network} beats {rival} by {:.1} % ± {:.1} % of its mean absolute error: use it.",
            100.0 * skill.estimate,
            100.0 * half
        )
    } else {
        format!(
            "Verdict: the {network} does not beat {rival} ({:+.1} % ± {:.1} %): use {rival}.",
            100.0 * skill.estimate,
            100.0 * half
        )
    };
    Verdict { network: mean(network), best: mean(&rival), rival, skill, sentence }
}
