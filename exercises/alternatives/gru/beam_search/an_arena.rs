//! Picks the best `width` times; products of probabilities, and logarithms at the end.

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
    let mut beams: Vec<(f64, Vec<usize>, bool)> = vec![(1.0, vec![], false)];
    let mut done: Vec<(f64, usize, Vec<usize>)> = vec![];
    for round in 0..most {
        let mut next: Vec<(f64, Vec<usize>, bool)> = vec![];
        for (p, tokens, _) in beams.iter().filter(|beam| !beam.2) {
            let shares = model.next(tokens);
            for token in 0..shares.len() {
                let mut longer = tokens.clone();
                if token != end {
                    longer.push(token);
                }
                next.push((p * shares[token], longer, token == end));
            }
        }
        beams = vec![];
        for _ in 0..width.min(next.len()) {
            let best =
                (0..next.len()).fold(0, |best, k| if next[k].0 > next[best].0 { k } else { best });
            let beam = next.swap_remove(best);
            if beam.2 {
                done.push((beam.0, round + 1, beam.1.clone()));
            }
            beams.push(beam);
        }
    }
    let mut answers: Vec<Answer> = done
        .into_iter()
        .map(|(p, n, tokens)| Answer { tokens, score: p.ln() * (6.0 / (5 + n) as f64).powf(alpha) })
        .collect();
    answers.sort_by(|a, b| a.score.total_cmp(&b.score));
    answers.reverse();
    answers
}
