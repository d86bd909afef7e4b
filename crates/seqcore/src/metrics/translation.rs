//! How good written sequences are: BLEU and exact match.
//!
//! BLEU (Papineni et al. 2002) compares n-grams of a whole corpus with those of the references:
//!
//! ```text
//! (S15)  BLEU = BP · exp((1/4) Σ_{n=1..4} ln p_n)
//!        p_n = n-grams that occur in the reference too, counted at most as often as there
//!              / all n-grams written
//!        BP = 1 where more words were written than the references have, else e^(1 − ref/written)
//! ```
//!
//! It depends on how words are cut, so figures of different programs cannot be compared unless that
//! is said. These equal sacreBLEU's (Post 2018) with the signature [`SIGNATURE`]: its tokenizer 13a,
//! case kept, exponential smoothing of a p_n of zero. With several references an n-gram may occur as
//! often as in the one that has most of them, and the closest length counts. Tests hold values that
//! sacreBLEU printed, its published example among them.

use std::collections::HashMap;

/// What the values of [`bleu`] mean, as sacreBLEU says it (with version 2.6.0).
pub const SIGNATURE: &str = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp";

/// The longest n-grams that count.
const ORDER: usize = 4;

/// A corpus BLEU and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    /// BLEU, 0 to 100.
    pub score: f64,
    /// p_1 to p_4, 0 to 100, after smoothing.
    pub precisions: [f64; ORDER],
    /// The brevity penalty, 0 to 1.
    pub brevity_penalty: f64,
    /// Tokens written.
    pub written: usize,
    /// Tokens of the references.
    pub reference: usize,
}

/// The corpus BLEU (S15) of `written` sentences with one reference each.
///
/// ```
/// use seqcore::metrics::translation::bleu;
/// let score = bleu([("The cat sat on the mat.", "The cat sat on a mat.")]).score;
/// assert!((score - 48.8923).abs() < 1e-4); // sacrebleu.corpus_bleu, 2.6.0
/// ```
pub fn bleu<S: AsRef<str>, R: AsRef<str>>(pairs: impl IntoIterator<Item = (S, R)>) -> Bleu {
    bleu_of_several(pairs.into_iter().map(|(written, reference)| (written, [reference])))
}

/// The same where each sentence has several references, at least one.
pub fn bleu_of_several<S: AsRef<str>, R: AsRef<str>>(
    sentences: impl IntoIterator<Item = (S, impl IntoIterator<Item = R>)>,
) -> Bleu {
    let (mut matches, mut totals) = ([0_usize; ORDER], [0_usize; ORDER]);
    let (mut written, mut reference) = (0, 0);
    for (hypothesis, targets) in sentences {
        let hypothesis = tokenize(hypothesis.as_ref());
        let targets: Vec<_> = targets.into_iter().map(|t| tokenize(t.as_ref())).collect();
        let lengths = targets.iter().map(Vec::len);
        let closest = lengths.min_by_key(|&n| (n.abs_diff(hypothesis.len()), n));
        reference += closest.expect("a sentence has a reference");
        written += hypothesis.len();
        for n in 1..=ORDER {
            let allowed: Vec<_> = targets.iter().map(|target| counts(target, n)).collect();
            for (gram, count) in counts(&hypothesis, n) {
                let most = allowed.iter().filter_map(|counts| counts.get(gram)).max();
                totals[n - 1] += count;
                matches[n - 1] += count.min(most.copied().unwrap_or(0));
            }
        }
    }
    let brevity_penalty = match written {
        0 => 0.0,
        _ if written < reference => (1.0 - reference as f64 / written as f64).exp(),
        _ => 1.0,
    };
    let mut precisions = [0.0; ORDER];
    let mut smoothing = 1.0;
    let any = matches.iter().any(|&m| m > 0);
    for n in 0..ORDER {
        if !any || totals[n] == 0 {
            break;
        }
        precisions[n] = 100.0 * matches[n] as f64 / totals[n] as f64;
        if matches[n] == 0 {
            smoothing *= 2.0;
            precisions[n] = 100.0 / (smoothing * totals[n] as f64);
        }
    }
    // ln 0 makes the product 0, as it should.
    let mean = precisions.iter().map(|p: &f64| p.ln()).sum::<f64>() / ORDER as f64;
    let score = if any { brevity_penalty * mean.exp() } else { 0.0 }; // (S15)
    Bleu { score, precisions, brevity_penalty, written, reference }
}

/// How often each n-gram occurs.
fn counts(tokens: &[String], n: usize) -> HashMap<&[String], usize> {
    let mut counts = HashMap::new();
    tokens.windows(n).for_each(|gram| *counts.entry(gram).or_default() += 1);
    counts
}

/// Cuts a sentence as sacreBLEU's tokenizer *13a* does (after NIST's mteval-v13a): symbols stand
/// alone, full stops and commas too unless they are inside a number, a hyphen behind a digit too.
/// Apostrophes and other hyphens stay in their word.
pub fn tokenize(sentence: &str) -> Vec<String> {
    let mut text = sentence.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    for (entity, c) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
        text = text.replace(entity, c);
    }
    let mut spaced = String::with_capacity(2 * text.len());
    for c in format!(" {text} ").chars() {
        if stands_alone(c) {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    let mark = |c: char| c == '.' || c == ',';
    let digit = |c: char| c.is_ascii_digit();
    let text = space_out(&spaced, |a, b| !digit(a) && mark(b), |a, b| [a, ' ', b, ' ']);
    let text = space_out(&text, |a, b| mark(a) && !digit(b), |a, b| [' ', a, ' ', b]);
    let text = space_out(&text, |a, b| digit(a) && b == '-', |a, b| [a, ' ', b, ' ']);
    text.split_whitespace().map(str::to_owned).collect()
}

/// ASCII symbols without `'`, `,`, `-` and `.`.
fn stands_alone(c: char) -> bool {
    matches!(c, '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/')
}

/// Replaces each pair of neighbours for which `is` holds, from left to right, without overlap: what
/// a regular expression of two characters does.
fn space_out(
    text: &str,
    is: impl Fn(char, char) -> bool,
    by: impl Fn(char, char) -> [char; 4],
) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 16);
    let mut i = 0;
    while i < chars.len() {
        match chars.get(i + 1) {
            Some(&next) if is(chars[i], next) => {
                out.extend(by(chars[i], next));
                i += 2;
            }
            _ => {
                out.push(chars[i]);
                i += 1;
            }
        }
    }
    out
}

/// The share of written sequences that equal their targets, 0 to 1.
pub fn exact_match<T: PartialEq>(pairs: impl IntoIterator<Item = (T, T)>) -> f64 {
    let (mut right, mut all) = (0_usize, 0_usize);
    for (written, target) in pairs {
        right += usize::from(written == target);
        all += 1;
    }
    right as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    // for s in ...: print(Tokenizer13a()(s).split())        (sacrebleu 2.6.0)
    #[test]
    fn tokens_are_sacrebleus() {
        for (sentence, tokens) in [
            ("Hello, world!", "Hello , world !"),
            ("It's 3.14, or 1,000.5. OK...", "It's 3.14 , or 1,000.5 . OK . . ."),
            ("a-b 5-6 x-7 7-x", "a-b 5 - 6 x-7 7 - x"),
            ("&quot;Tom &amp; Jerry&quot; <skipped>", "\" Tom & Jerry \""),
            ("C'est l'été ; « oui » !", "C'est l'été ; « oui » !"),
            ("e.g. this,that .. ,, end.", "e . g . this , that . . , , end ."),
            ("price: $5.00/unit (50%)", "price : $ 5.00 / unit ( 50 % )"),
            ("J’ai 2,5 m.", "J’ai 2,5 m ."),
            ("[a]{b}~^`_\\", "[ a ] { b } ~ ^ ` _ \\"),
            ("1.", "1 ."),
            ("Line one-\ntwo\nthree", "Line onetwo three"),
            ("Ça va\u{202f}? Oui\u{a0}!", "Ça va ? Oui !"),
            ("-5 -x 3--4", "-5 -x 3 - -4"),
            ("1,2,3", "1,2,3"),
            ("a.,b", "a . , b"),
            ("", ""),
        ] {
            assert_eq!(tokenize(sentence).join(" "), tokens, "{sentence}");
        }
    }

    #[track_caller]
    fn close(got: Bleu, score: f64, brevity_penalty: f64, lengths: (usize, usize)) {
        assert!((got.score - score).abs() < 1e-9, "{got:?} against {score}");
        assert!((got.brevity_penalty - brevity_penalty).abs() < 1e-12, "{got:?}");
        assert_eq!((got.written, got.reference), lengths);
    }

    // sacrebleu.corpus_bleu(written, [references])          (sacrebleu 2.6.0)
    #[test]
    fn scores_are_sacrebleus() {
        close(
            bleu([("The cat sat on the mat.", "The cat sat on a mat.")]),
            48.892302243490086,
            1.0,
            (7, 7),
        );
        let corpus = [
            ("The dog bit the man.", "The dog had bit the man."),
            ("It was not unexpected.", "No one was surprised."),
            ("The man bit him first.", "The man had bitten the dog."),
        ];
        close(bleu(corpus), 23.932595221309676, 0.8890097654027757, (17, 19));
        close(bleu([("a b c d", "e f g h")]), 0.0, 1.0, (4, 4));
        close(bleu([("hello", "hello")]), 0.0, 1.0, (1, 1));
        let brief = ("Je suis", "Je suis ici depuis trois jours.");
        close(bleu([brief]), 0.0, 0.0820849986238988, (2, 7));
        let smooth = [("a b x y z", "a b c d e"), ("p q r s t", "q p s r u")];
        close(bleu(smooth), 14.058533129758727, 1.0, (10, 10));
        let case = ("the Cat is here .", "The cat is here .");
        close(bleu([case]), 39.76353643835252, 1.0, (5, 5));
        close(bleu([("", "no"), ("yes it is", "yes it is")]), 0.0, 0.7165313105737893, (3, 4));
        close(bleu([("", "no")]), 0.0, 0.0, (0, 1));
    }

    // The example of sacreBLEU's README, "Using SacreBLEU from Python": BLEU = 48.53.
    #[test]
    fn the_published_example_with_two_references() {
        let sentences = [
            ("The dog bit the man.", ["The dog bit the man.", "The dog had bit the man."]),
            ("It wasn't surprising.", ["It was not unexpected.", "No one was surprised."]),
            (
                "The man had just bitten him.",
                ["The man bit him first.", "The man had bitten the dog."],
            ),
        ];
        let got = bleu_of_several(sentences);
        assert!((got.score - 48.53).abs() < 0.005, "{got:?}");
        assert!((got.brevity_penalty - 0.943).abs() < 5e-4);
    }

    #[test]
    fn exact_matches_are_counted() {
        assert_eq!(exact_match([("596", "596"), ("12", "13"), ("", ""), ("1", "10")]), 0.5);
        assert_eq!(exact_match::<&str>([]), 0.0);
    }
}
