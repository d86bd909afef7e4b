//! The answers come worst first. Scores are negative; the best is the largest.

use ndarray::{Array1, Array2};

/// The probabilities of the next token.
pub struct Model {
    /// At the beginning, (V).
    pub start: Array1<f64>,
    /// After each token, (V, V): row v belongs to token v.
    pub after: Array2<f64>,
}

impl Model {
    /// The distribution over the next token, (V), after `written`.
    pub fn next(&self, written: &[usize]) -> Array1<f64> {
        match written.last() {
            None => self.start.clone(),
            Some(&token) => self.after.row(token).to_owned(),
        }
    }
}

/// A finished answer: its tokens without the end mark, and its score.
pub struct Answer {
    pub tokens: Vec<usize>,
    pub score: f64,
}

/// The finished answers, the best score first.
pub fn beam_search(
    model: &Model,
    end: usize,
    width: usize,
    most: usize,
    alpha: f64,
) -> Vec<Answer> {
    let mut unfinished: Vec<(Vec<usize>, f64)> = vec![(Vec::new(), 0.0)];
    let mut finished = Vec::new();
    for n in 1..=most {
        let mut all = Vec::new();
        for (tokens, so_far) in &unfinished {
            for (token, p) in model.next(tokens).into_iter().enumerate() {
                all.push(([tokens.as_slice(), &[token]].concat(), so_far + p.ln()));
            }
        }
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(width);
        unfinished.clear();
        for (mut tokens, log_p) in all {
            if tokens.last() == Some(&end) {
                tokens.pop();
                let penalty = ((5.0 + n as f64) / 6.0).powf(alpha);
                finished.push(Answer { tokens, score: log_p / penalty }); // (S14)
            } else {
                unfinished.push((tokens, log_p));
            }
        }
    }
    finished.sort_by(|a, b| a.score.total_cmp(&b.score));
    finished
}
