//! Pairs of submissions that somebody should look at.
//!
//! What is compared are n-grams, every ten tokens in a row, as hashes. All names are one token there, and so are
//! all numbers: renaming and reformatting change nothing. What the stub gives out is left out. Files of a dozen lines
//! that solve the same task are alike by nature, so an n-gram that a third of the class has counts for
//! nothing, and the list says where to look, not what happened.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Kind, Token};

/// Tokens in an n-gram.
const LENGTH: usize = 10;
/// Shares of fewer n-grams say nothing.
const FEWEST: usize = 15;
/// From what share on a pair is listed.
const FROM: f64 = 0.5;

/// Keywords and signs carry the structure.
const KEYWORDS: [&str; 14] = [
    "fn", "let", "mut", "for", "in", "if", "else", "while", "loop", "match", "return", "as",
    "struct", "impl",
];

fn hashes(tokens: &[Token]) -> BTreeSet<u32> {
    let code = |token: &Token| match &token.kind {
        Kind::Word(word) => match KEYWORDS.iter().position(|keyword| keyword == word) {
            Some(place) => 1000 + place as u32,
            None => 1,
        },
        Kind::Literal(_) => 2,
        Kind::Sign(sign) | Kind::Open(sign) | Kind::Close(sign) => 3 + *sign as u32,
    };
    // Comments of documentation are attributes by now; they are no code.
    let codes: Vec<u32> = tokens.iter().map(code).collect();
    let fnv =
        |row: &[u32]| row.iter().fold(0x811c_9dc5_u32, |h, c| (h ^ c).wrapping_mul(0x0100_0193));
    codes.windows(LENGTH).map(fnv).collect()
}

/// A file's n-grams, without those of the stub.
pub fn ngrams(own: &[Token], stub: &[Token]) -> Vec<u32> {
    hashes(own).difference(&hashes(stub)).copied().collect()
}

/// Two learners whose files have much in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Indices of the learners, the smaller first.
    pub learners: (usize, usize),
    /// N-grams in both, of all in the smaller.
    pub share: f64,
    /// How many n-grams that is.
    pub common: usize,
    /// The exercises in which they have most in common, most first.
    pub exercises: Vec<String>,
}

/// Pairs to look at, the most alike first. Each learner is a list of exercises with their n-grams.
pub fn pairs(learners: &[Vec<(&str, &[u32])>]) -> Vec<Pair> {
    // Who has an n-gram, by exercise.
    let mut holders: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
    for (index, files) in learners.iter().enumerate() {
        for (id, ngrams) in files {
            for ngram in *ngrams {
                holders.entry((*id, *ngram)).or_default().push(index);
            }
        }
    }
    let usual = (learners.len() / 3).max(2);
    let mut size = vec![0_usize; learners.len()];
    let mut common: BTreeMap<(usize, usize), BTreeMap<&str, usize>> = BTreeMap::new();
    for ((id, _), who) in holders.iter().filter(|(_, who)| who.len() <= usual) {
        who.iter().for_each(|&index| size[index] += 1);
        for (k, &a) in who.iter().enumerate() {
            for &b in &who[k + 1..] {
                *common.entry((a, b)).or_default().entry(id).or_default() += 1;
            }
        }
    }
    let mut pairs: Vec<Pair> = common
        .into_iter()
        .filter_map(|(pair, by_exercise)| {
            let common: usize = by_exercise.values().sum();
            let share = common as f64 / size[pair.0].min(size[pair.1]) as f64;
            let mut exercises: Vec<_> = by_exercise.into_iter().collect();
            exercises.sort_by_key(|(id, count)| (usize::MAX - count, *id));
            let exercises = exercises.into_iter().take(5).map(|(id, _)| id.to_owned()).collect();
            (common >= FEWEST && share >= FROM).then_some(Pair {
                learners: pair,
                share,
                common,
                exercises,
            })
        })
        .collect();
    pairs.sort_by(|a, b| {
        b.share.total_cmp(&a.share).then(b.common.cmp(&a.common)).then(a.learners.cmp(&b.learners))
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn renaming_does_not_hide_a_copy_and_the_usual_way_is_no_copy() {
        let stub = tokens("pub fn f(x: &[f64]) -> f64 { todo!() }").unwrap();
        let of = |source: &str| ngrams(&tokens(source).unwrap(), &stub);
        let odd = of(
            "pub fn f(x: &[f64]) -> f64 { let mut s = 0.0; let mut k = 0; while k < x.len() { if x[k] > 0.0 { s += x[k] * 2.0; } else { s -= x[k]; } k += 1; } s / 7.0 }",
        );
        let copy = of(
            "pub fn f(y: &[f64]) -> f64 {\n let mut total = 0.0; let mut i = 0;\n while i < y.len() { if y[i] > 0.0 { total += y[i] * 2.0; } else { total -= y[i]; } i += 1; } total / 7.0 }",
        );
        let usual = of(
            "pub fn f(x: &[f64]) -> f64 { x.iter().map(|x| if *x > 0.0 { 2.0 * x } else { -x }).sum::<f64>() / 7.0 + x.iter().map(|x| x * 0.0).sum::<f64>() }",
        );
        let class: Vec<_> = [&odd, &usual, &usual, &copy, &usual, &usual]
            .into_iter()
            .map(|ngrams| vec![("f", ngrams.as_slice())])
            .collect();
        let found = pairs(&class);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].learners, found[0].share), ((0, 3), 1.0));
    }
}
