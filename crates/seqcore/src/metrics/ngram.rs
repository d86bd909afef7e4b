//! Counting as it is done well: interpolated modified Kneser-Ney n-grams (Chen & Goodman 1999).
//!
//! An n-gram model predicts a token w from the n - 1 tokens before it, the context u. It trusts
//! the counts c(u w) it has, takes a little from each (the discount), and gives what it took to
//! the shorter context u', which is u without its oldest token:
//!
//! ```text
//! (R20)  p_k(w | u) = [c(u w) - D(c(u w))] / c(u .)  +  g(u) p_{k-1}(w | u')
//!        g(u) = sum_w D(c(u w)) / c(u .)
//!        p_0(w) = 1 / V,  and p_k(w | u) = p_{k-1}(w | u') where u was never followed
//!        D(0) = 0,  D(1) = D1,  D(2) = D2,  D(3), D(4), ... = D3
//! ```
//!
//! The three discounts of each order k come from the numbers n1..n4 of k-grams with count 1..4:
//!
//! ```text
//!        Y = n1 / (n1 + 2 n2)
//!        D1 = 1 - 2 Y n2 / n1,  D2 = 2 - 3 Y n3 / n2,  D3 = 3 - 4 Y n4 / n3
//! ```
//!
//! Kneser and Ney's idea is what "count" means: only the highest order counts occurrences. Every
//! shorter k-gram counts *in how many different ways it was preceded*, because it is consulted
//! only where the longer context failed. ("Francisco" is frequent, but follows only "San".)
//! At the beginning of the text, "nothing" is one such way.
//!
//! V includes `<unk>`, and the probabilities of all V tokens sum to one in every context.
//!
//! The n-grams are a trie: the node of a k-gram is the child of the node of its first k - 1
//! tokens. A context is the node it ends in, and a text is read once, with the nodes of the last
//! 0, 1, ... n - 1 tokens at hand.

use std::collections::HashMap;

/// The longest n-gram that can be counted.
pub const MAX_ORDER: usize = 10;

/// The discounts used where the counts of counts of an order give none, as for an alphabet whose
/// letters are all frequent, or a very short text.
const FALLBACK: [f64; 3] = [0.5, 1.0, 1.5];

/// The node of the empty context.
const ROOT: u32 = 0;

/// An n-gram model of token ids.
///
/// ```
/// use seqcore::metrics::NGram;
/// let text = [1, 2, 3, 1, 2, 3, 1, 2];
/// let model = NGram::fit(&text, 4, 3); // a vocabulary of 4, trigrams
/// assert!(model.prob(&[1, 2], 3) > model.prob(&[1, 2], 1));
/// let total: f64 = model.distribution(&[1, 2]).iter().sum();
/// assert!((total - 1.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone)]
pub struct NGram {
    vocab_size: usize,
    order: usize,
    trie: Trie,
    discounts: Vec<[f64; 3]>,   // of order k at k - 1
    contexts: Vec<ContextMass>, // one for each node
}

/// What (R20) needs to know of a context u.
#[derive(Debug, Clone, Copy, Default)]
struct ContextMass {
    /// c(u .), the sum of the counts of all tokens that follow.
    total: f64,
    /// What the discounts take from them all: g(u) c(u .).
    reserved: f64,
}

impl NGram {
    /// Counts the n-grams of a text up to length `order`.
    ///
    /// Panics where `order` is not 1 to [`MAX_ORDER`] or an id is not below `vocab_size`.
    pub fn fit(train: &[usize], vocab_size: usize, order: usize) -> Self {
        assert!((1..=MAX_ORDER).contains(&order), "order {order} is not 1 to {MAX_ORDER}");
        check_ids(train, vocab_size);
        let trie = Trie::count(train, order);
        let mut model = Self { vocab_size, order, trie, discounts: vec![], contexts: vec![] };
        model.smooth(order);
        model
    }

    /// n, the length of the longest n-grams.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The discounts D1, D2, D3 of the k-grams, for `k` from 1 to the order.
    pub fn discounts(&self, k: usize) -> [f64; 3] {
        self.discounts[k - 1]
    }

    /// The probability of `token` after `context`, of which the last n - 1 tokens matter. A
    /// shorter context (the beginning of a text) is allowed.
    pub fn prob(&self, context: &[usize], token: usize) -> f64 {
        check_ids(&[token], self.vocab_size);
        self.interpolate(&self.suffixes(context), token)
    }

    /// The probabilities of all tokens after `context`, (V).
    pub fn distribution(&self, context: &[usize]) -> Vec<f64> {
        let suffixes = self.suffixes(context);
        (0..self.vocab_size).map(|token| self.interpolate(&suffixes, token)).collect()
    }

    /// The mean loss on a text in nats per token, NaN where it is empty. The first token is
    /// predicted from nothing, every later one from those before it in this text.
    pub fn nats_per_token(&self, text: &[usize]) -> f64 {
        check_ids(text, self.vocab_size);
        let mut suffixes = vec![ROOT];
        let mut nats = 0.0;
        for &token in text {
            nats -= self.interpolate(&suffixes, token).ln();
            self.advance(&mut suffixes, token);
        }
        nats / text.len() as f64
    }

    /// (R20), from the shortest context to the longest one that was seen.
    fn interpolate(&self, suffixes: &[u32], token: usize) -> f64 {
        let mut prob = 1.0 / self.vocab_size as f64; // p_0
        for (k, &context) in (1..=self.order).zip(suffixes) {
            let ContextMass { total, reserved } = self.contexts[context as usize];
            if total == 0.0 {
                break; // seen, but never followed: nor was any longer context
            }
            let count = self.trie.child(context, token).map_or(0, |node| self.count(k, node));
            let kept = f64::from(count) - discount(self.discounts[k - 1], count);
            prob = (kept + reserved * prob) / total; // (R20)
        }
        prob
    }

    /// The nodes of the last 0, 1, ... tokens of a context, as far as they were seen.
    fn suffixes(&self, context: &[usize]) -> Vec<u32> {
        check_ids(context, self.vocab_size);
        let mut suffixes = vec![ROOT];
        let recent = context.len().saturating_sub(self.order - 1);
        for &token in &context[recent..] {
            self.advance(&mut suffixes, token);
        }
        suffixes
    }

    /// Appends a token to the context whose suffixes are given.
    fn advance(&self, suffixes: &mut Vec<u32>, token: usize) {
        // Where a suffix was not seen, none of those that contain it was.
        let longer: Vec<u32> = suffixes
            .iter()
            .take(self.order - 1)
            .map_while(|&node| self.trie.child(node, token))
            .collect();
        suffixes.truncate(1);
        suffixes.extend(longer);
    }

    /// What "count" means for a k-gram: occurrences at the highest order, else predecessors.
    fn count(&self, k: usize, node: u32) -> u32 {
        let node = &self.trie.nodes[node as usize];
        if k == self.order { node.occurrences } else { node.predecessors }
    }

    /// Estimates the discounts and sums up the contexts, for n-grams up to `order`, which may be
    /// lower than the one counted.
    fn smooth(&mut self, order: usize) {
        self.order = order;
        let grams = 1..self.trie.nodes.len() as u32; // all nodes but the root
        let grams: Vec<(usize, u32, u32)> = grams
            .map(|node| (usize::from(self.trie.nodes[node as usize].length), node))
            .filter(|&(k, _)| k <= order)
            .map(|(k, node)| (k, node, self.count(k, node)))
            .collect();

        let mut counts_of_counts = vec![[0_usize; 4]; order];
        for &(k, _, count) in &grams {
            if let Some(n) = counts_of_counts[k - 1].get_mut(count as usize - 1) {
                *n += 1;
            }
        }
        self.discounts = counts_of_counts.into_iter().map(estimate_discounts).collect();

        self.contexts = vec![ContextMass::default(); self.trie.nodes.len()];
        for &(k, node, count) in &grams {
            let context = &mut self.contexts[self.trie.nodes[node as usize].context as usize];
            context.total += f64::from(count);
            context.reserved += discount(self.discounts[k - 1], count);
        }
    }
}

/// Picks the order: fits on `train`, measures on `dev`. Returns the order with the lowest loss
/// (the lower one of two equal) and the losses of the orders 1 to `max_order` in nats per token.
/// The final model is then fitted on both texts with that order.
///
/// Panics as [`NGram::fit`].
pub fn choose_order(
    train: &[usize],
    dev: &[usize],
    vocab_size: usize,
    max_order: usize,
) -> (usize, Vec<f64>) {
    let mut model = NGram::fit(train, vocab_size, max_order); // counted once for all orders
    let losses: Vec<f64> = (1..=max_order)
        .map(|order| {
            model.smooth(order);
            model.nats_per_token(dev)
        })
        .collect();
    let best = (1..max_order).fold(0, |best, i| if losses[i] < losses[best] { i } else { best });
    (best + 1, losses)
}

fn check_ids(ids: &[usize], vocab_size: usize) {
    let outside = ids.iter().find(|&&id| id >= vocab_size);
    assert!(outside.is_none(), "token {outside:?} in a vocabulary of {vocab_size}");
}

/// D(c), which is never more than c itself.
fn discount(discounts: [f64; 3], count: u32) -> f64 {
    match count {
        0 => 0.0,
        1..=3 => discounts[count as usize - 1],
        _ => discounts[2],
    }
}

/// D1, D2, D3 from n1, n2, n3, n4; [`FALLBACK`] where these are too few to give sensible ones.
fn estimate_discounts(counts_of_counts: [usize; 4]) -> [f64; 3] {
    let [n1, n2, n3, n4] = counts_of_counts.map(|n| n as f64);
    if counts_of_counts.contains(&0) {
        return FALLBACK;
    }
    let y = n1 / (n1 + 2.0 * n2);
    let discounts = [1.0 - 2.0 * y * n2 / n1, 2.0 - 3.0 * y * n3 / n2, 3.0 - 4.0 * y * n4 / n3];
    let sensible = (1..=3).zip(discounts).all(|(c, d)| d > 0.0 && d <= f64::from(c));
    if sensible { discounts } else { FALLBACK }
}

/// All n-grams of a text up to a length.
#[derive(Debug, Clone)]
struct Trie {
    nodes: Vec<Node>,
    children: HashMap<(u32, u32), u32>, // (context, token) to node
}

#[derive(Debug, Clone, Copy)]
struct Node {
    /// The node of all its tokens but the last.
    context: u32,
    /// The number of its tokens.
    length: u8,
    /// How often it occurs in the text.
    occurrences: u32,
    /// How many different tokens come before it; the beginning of the text counts as one.
    predecessors: u32,
}

impl Trie {
    fn count(text: &[usize], order: usize) -> Self {
        let root = Node { context: ROOT, length: 0, occurrences: 0, predecessors: 0 };
        let mut trie = Self { nodes: vec![root], children: HashMap::new() };
        let mut contexts = vec![ROOT]; // the nodes of the last 0, 1, ... tokens
        for (i, &token) in text.iter().enumerate() {
            let mut nodes = vec![ROOT];
            for &context in &contexts {
                let (node, is_new) = trie.child_or_new(context, token);
                trie.nodes[node as usize].occurrences += 1;
                let shorter = nodes[nodes.len() - 1]; // the same without the oldest token
                if is_new && shorter != ROOT {
                    trie.nodes[shorter as usize].predecessors += 1;
                }
                nodes.push(node);
            }
            if i < order {
                // The whole text up to here: only its beginning comes before.
                trie.nodes[nodes[i + 1] as usize].predecessors += 1;
            }
            nodes.truncate(order);
            contexts = nodes;
        }
        trie
    }

    fn child(&self, context: u32, token: usize) -> Option<u32> {
        self.children.get(&(context, token as u32)).copied()
    }

    fn child_or_new(&mut self, context: u32, token: usize) -> (u32, bool) {
        let next = u32::try_from(self.nodes.len()).expect("fewer than 2^32 different n-grams");
        let node = *self.children.entry((context, token as u32)).or_insert(next);
        if node == next {
            let length = self.nodes[context as usize].length + 1;
            self.nodes.push(Node { context, length, occurrences: 0, predecessors: 0 });
        }
        (node, node == next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "the king is dead and the queen is dead and the fool is king of all the land and all the sand";

    /// Letters as 1 to 26, a space as 0; the vocabulary has 28.
    fn ids(text: &str) -> Vec<usize> {
        text.bytes().map(|b| if b == b' ' { 0 } else { usize::from(b - 96) }).collect()
    }

    /// Expected values from twenty lines of Python that follow (R20) literally: sets of
    /// predecessors for the counts, and recursion over the context for the probability.
    #[test]
    fn probabilities_are_those_of_the_definition() {
        let cases = [
            (1, "th", "e", 0.08685947204968944),
            (1, "qk", "i", 0.043381211180124224),
            (1, "d", "z", 0.01077251552795031),
            (3, "th", "e", 0.9008043221457854),
            (3, "an", "d", 0.8265796910105853),
            (3, "xq", "z", 0.0072701688555347095),
            (3, "", "a", 0.07645403377110693),
            (3, "qk", "i", 0.5178236397748592),
            (3, "al", "l", 0.2927275976056464),
            (3, "d", "z", 0.0072701688555347095),
            (4, "th", "e", 0.7691135084427767),
            (4, "an", "d", 0.5963492808005003),
            (4, "xq", "z", 0.0072701688555347095),
            (4, "", "a", 0.07645403377110693),
            (4, "qk", "i", 0.5178236397748592),
            (4, "al", "l", 0.5816135084427767),
            (4, "d", "z", 0.0072701688555347095),
        ];
        for (order, context, token, expected) in cases {
            let model = NGram::fit(&ids(TEXT), 28, order);
            let prob = model.prob(&ids(context), ids(token)[0]);
            assert!((prob - expected).abs() < 1e-14, "{order} {context:?} {token} {prob}");
        }
        for (order, expected) in [
            (1, 2.759407127523775),
            (2, 1.962356643293421),
            (3, 1.3965686606718972),
            (4, 1.1311571075435207),
        ] {
            let nats = NGram::fit(&ids(TEXT), 28, order).nats_per_token(&ids("the dead king"));
            assert!((nats - expected).abs() < 1e-14, "{order} {nats}");
        }
    }

    #[test]
    fn discounts_are_estimated_where_the_counts_allow_it() {
        // Y = 10 / (10 + 2 * 5) = 1/2
        let [d1, d2, d3] = estimate_discounts([10, 5, 3, 2]);
        assert!((d1 - 0.5).abs() < 1e-15); // 1 - 2 * 1/2 * 5/10
        assert!((d2 - 1.1).abs() < 1e-15); // 2 - 3 * 1/2 * 3/5
        assert!((d3 - 5.0 / 3.0).abs() < 1e-15); // 3 - 4 * 1/2 * 2/3
        let degenerate = [[0, 0, 0, 0], [9, 3, 2, 0], [0, 5, 3, 2], [1, 2, 9, 3], [9, 8, 1, 40]];
        for counts_of_counts in degenerate {
            assert_eq!(estimate_discounts(counts_of_counts), FALLBACK, "{counts_of_counts:?}");
        }
    }

    #[test]
    fn shorter_grams_count_predecessors_and_not_occurrences() {
        // 2 occurs most often, but only after 1; 3 follows everything.
        let text = [1, 2, 1, 2, 1, 2, 1, 2, 3, 3, 1, 3, 0, 3, 1, 2];
        let after_unseen = NGram::fit(&text, 6, 2).distribution(&[5]);
        assert!(after_unseen[3] > after_unseen[2]);
        let unigram = NGram::fit(&text, 6, 1).distribution(&[]);
        assert!(unigram[2] > unigram[3]);
    }

    #[test]
    fn nothing_to_count_is_uniform() {
        let model = NGram::fit(&[], 4, 3);
        assert_eq!(model.distribution(&[1, 2]), [0.25; 4]);
        assert!((model.nats_per_token(&[0, 3, 1]) - 4_f64.ln()).abs() < 1e-15);
        assert!(model.nats_per_token(&[]).is_nan());
    }

    #[test]
    fn order_is_chosen_on_dev_as_by_fitting_each() {
        let (train, dev) = (ids(TEXT), ids("the fool is dead and the king of sand is dead"));
        let (best, losses) = choose_order(&train, &dev, 28, 6);
        for (order, &loss) in (1..).zip(&losses) {
            assert_eq!(loss, NGram::fit(&train, 28, order).nats_per_token(&dev), "order {order}");
        }
        assert!(losses.iter().all(|&loss| loss >= losses[best - 1]));
        assert!(best > 2, "{losses:?}");
        assert_eq!(choose_order(&[], &dev, 28, 4).0, 1); // all equal: the lowest
    }

    #[test]
    #[should_panic(expected = "token Some(4) in a vocabulary of 4")]
    fn an_id_outside_the_vocabulary_is_a_mistake() {
        NGram::fit(&[1, 4], 4, 2);
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one_in_every_context(
            text in prop::collection::vec(0..6_usize, 0..200),
            context in prop::collection::vec(0..7_usize, 0..12), // 6 never occurs
            order in 1..=MAX_ORDER,
            at in 0..200_usize,
        ) {
            let model = NGram::fit(&text, 7, order);
            let seen = &text[..at.min(text.len())];
            for context in [&context[..], seen, &text[..]] {
                let distribution = model.distribution(context);
                let total: f64 = distribution.iter().sum();
                prop_assert!((total - 1.0).abs() < 1e-12, "{} after {:?}", total, context);
                prop_assert!(distribution.iter().all(|&p| p > 0.0));
                prop_assert_eq!(distribution[2], model.prob(context, 2));
            }
        }

        #[test]
        fn the_loss_of_a_text_is_that_of_its_tokens_one_by_one(
            train in prop::collection::vec(0..5_usize, 0..100),
            text in prop::collection::vec(0..5_usize, 1..30),
            order in 1..6_usize,
        ) {
            let model = NGram::fit(&train, 5, order);
            let nats: f64 = (0..text.len()).map(|i| -model.prob(&text[..i], text[i]).ln()).sum();
            let mean = nats / text.len() as f64;
            prop_assert!((model.nats_per_token(&text) - mean).abs() < 1e-12);
        }
    }
}
