//! Part *why*: what moves a verdict, and where reading in order helps.
//!
//! Every look into the network is one that could disappoint: words are taken out and the network asked
//! again (*occlusion*; no gradient, no guess), a text is read word by word, pairs of sentences that differ
//! by a negation must come out in the right order, and the confident mistakes are shown as they are.

use lesson::Lesson;
use lesson::files::reviews;
use lesson::plot::{LineChart, Scale, Table, TextHeat};
use seqcore::activation::sigmoid;
use seqcore::data::tokenise;

use crate::bags::Bar;
use crate::corpus::{Corpus, numbers};
use crate::lstm::MeasuredClassifier;
use crate::predict::TrainedClassifier;

/// The most words of a text that are taken out in turn.
const EXPLAINED: usize = 400;

/// A text with what each word adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// P(positive) of the whole text.
    pub positive: f64,
    /// How many words it has.
    pub words: usize,
    /// The text in pieces, each with the fall of the logit when it is taken out; 0 for what
    /// stands between words, and for words behind the first 400.
    pub pieces: Vec<(String, f64)>,
}

/// Takes out each word in turn and asks again.
pub fn occlusion(trained: &TrainedClassifier, text: &str) -> Explained {
    let pieces = tokenise::pieces(text);
    let ids = trained.numbers(text);
    let considered = if ids.len() == pieces.len() { ids.len().min(EXPLAINED) } else { 0 };
    let without = |i: usize| -> Vec<usize> { [&ids[..i], &ids[i + 1..]].concat() };
    let texts: Vec<Vec<usize>> =
        std::iter::once(ids.clone()).chain((0..considered).map(without)).collect();
    let logits = trained.logits(&texts);
    let mut shown = Vec::new();
    let mut end = 0;
    for (i, piece) in pieces.iter().enumerate() {
        if piece.range.start > end {
            shown.push((reviews::plain(&text[end..piece.range.start]).into_owned(), 0.0));
        }
        let added = if i < considered { logits[0] - logits[1 + i] } else { 0.0 };
        shown.push((text[piece.range.clone()].to_owned(), added));
        end = piece.range.end;
    }
    shown.push((reviews::plain(&text[end..]).into_owned(), 0.0));
    shown.retain(|(piece, _)| !piece.is_empty());
    Explained { positive: sigmoid(logits[0]), words: pieces.len(), pieces: shown }
}

/// P(positive) after each word.
pub fn word_by_word(trained: &TrainedClassifier, text: &str) -> Vec<f64> {
    let ids = trained.numbers(text);
    let prefixes: Vec<Vec<usize>> = (1..=ids.len()).map(|n| ids[..n].to_vec()).collect();
    trained.logits(&prefixes).into_iter().map(sigmoid).collect()
}

/// Pairs whose first sentence is the more positive one, by a word or two.
pub const PAIRS: [(&str, &str); 16] = [
    ("This film is good.", "This film is not good."),
    ("I liked it.", "I did not like it."),
    ("I liked it.", "I didn't like it."),
    ("The story works.", "The story does not work."),
    ("The acting is convincing.", "The acting is never convincing."),
    ("It is worth seeing.", "It is not worth seeing."),
    ("I would recommend it.", "I would not recommend it."),
    ("It is funny.", "It is hardly funny."),
    ("The film is not bad.", "The film is bad."),
    ("I was not bored.", "I was bored."),
    ("It is never dull.", "It is always dull."),
    ("It is not a waste of time.", "It is a waste of time."),
    ("Not one weak scene.", "One weak scene after another."),
    (
        "The beginning is slow, but the end is wonderful.",
        "The beginning is wonderful, but the end is slow.",
    ),
    ("I expected a bad film and saw a good one.", "I expected a good film and saw a bad one."),
    ("Everybody hated it, but I loved it.", "Everybody loved it, but I hated it."),
];

/// For each pair, whether the network and NB-SVM put it in the right order.
pub fn pairs(trained: &TrainedClassifier, corpus: &Corpus, bar: &Bar) -> Vec<(bool, bool)> {
    let texts: Vec<&str> = PAIRS.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let network = trained.probabilities(&texts);
    let counts: Vec<f64> = texts
        .iter()
        .map(|text| {
            bar.fitted.model.decision(&bar.features.bag(&numbers(text, &corpus.vocabulary)))
        })
        .collect();
    let ordered = |values: &[f64], k: usize| values[2 * k] > values[2 * k + 1];
    (0..PAIRS.len()).map(|k| (ordered(&network, k), ordered(&counts, k))).collect()
}

/// A kind of test review, and who is right how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// How many.
    pub count: usize,
    /// The network's accuracy.
    pub network: f64,
    /// NB-SVM's.
    pub nb_svm: f64,
}

/// Where the network beats counting and where not: test reviews by what they hold.
pub fn groups(corpus: &Corpus, network: &[bool], nb_svm: &[bool]) -> Vec<Group> {
    let id = |word: &str| corpus.vocabulary.id(&word.to_owned());
    let has = |i: usize, words: &[&str]| {
        let ids: Vec<usize> = words.iter().map(|w| id(w)).filter(|&id| id > 0).collect();
        corpus.test.words[i].iter().any(|word| ids.contains(word))
    };
    let mut lengths: Vec<usize> = corpus.test.words.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    let n = corpus.test.len();
    let group = |name: String, members: Vec<usize>| {
        let share = |right: &[bool]| {
            members.iter().filter(|&&i| right[i]).count() as f64 / members.len() as f64
        };
        Group { name, count: members.len(), network: share(network), nb_svm: share(nb_svm) }
    };
    let select = |keep: &dyn Fn(usize) -> bool| (0..n).filter(|&i| keep(i)).collect::<Vec<_>>();
    let negated = |i: usize| has(i, &["not", "n't", "never"]);
    let turns = |i: usize| has(i, &["but", "however", "although", "though"]);
    let mut groups = vec![
        group("all".into(), select(&|_| true)),
        group(format!("up to {median} words"), select(&|i| corpus.test.words[i].len() <= median)),
        group(
            format!("more than {median} words"),
            select(&|i| corpus.test.words[i].len() > median),
        ),
        group("with not, n't or never".into(), select(&negated)),
        group("without them".into(), select(&|i| !negated(i))),
        group("with but, however, although, though".into(), select(&turns)),
        group("without them ".into(), select(&|i| !turns(i))),
    ];
    // There is no share of none.
    groups.retain(|group| group.count > 0);
    groups
}

/// The numbers of the `count` mistakes of the test part that the network is surest of.
pub fn mistakes(corpus: &Corpus, logits: &[f64], count: usize) -> Vec<usize> {
    let wrong = |&i: &usize| (logits[i] >= 0.0) != corpus.test.labels[i];
    let mut wrong: Vec<usize> = (0..logits.len()).filter(wrong).collect();
    wrong.sort_by(|&a, &b| logits[b].abs().total_cmp(&logits[a].abs()));
    wrong.truncate(count);
    wrong
}

/// Runs the part on a trained network.
pub fn run(lesson: &mut Lesson, corpus: &Corpus, bar: &Bar, outcome: &MeasuredClassifier) {
    lesson.heading("6 · Why this verdict?");
    show_word_by_word(lesson, corpus, outcome);
    show_pairs(lesson, corpus, bar, outcome);
    show_mistakes(lesson, corpus, bar, outcome);
    show_groups(lesson, corpus, bar, outcome);
    lesson.subheading("Does 90 % mean 90 %?");
    lesson.say(&format!(
        "Calibration: reviews are sorted into ten ranges of P(positive), and the share that is positive is set beside \
         the mean prediction. The expected calibration error is {:.3} for the network, {:.3} for NB-SVM, whose decisions \
         were turned into probabilities on dev. The report has the figures.",
        outcome.scores.calibration_error(),
        bar.scores.calibration_error()
    ));
    bar.scores.figures(lesson, "NB-SVM");
    outcome.scores.figures(lesson, "the network");
}

fn show_word_by_word(lesson: &mut Lesson, corpus: &Corpus, outcome: &MeasuredClassifier) {
    lesson.subheading("Word by word");
    // A review of ordinary length that is right, whose verdict turned on the way.
    let turns = |i: &usize| {
        let n = corpus.test.words[*i].len();
        (30..130).contains(&n) && outcome.scores.right[*i]
    };
    let candidates: Vec<usize> = (0..corpus.test.len()).filter(turns).take(40).collect();
    let swing = |i: usize| {
        let p = word_by_word(&outcome.trained, &corpus.test.texts[i]);
        let (low, high) = p.iter().fold((1.0_f64, 0.0_f64), |(l, h), &p| (l.min(p), h.max(p)));
        (high - low, p)
    };
    let widest = candidates
        .into_iter()
        .map(|i| (i, swing(i)))
        .reduce(|a, b| if b.1.0 > a.1.0 { b } else { a });
    let Some((i, (_, path))) = widest else { return };
    lesson.say(
        "The network reads a test review word by word; after each word it is asked for P(positive). Of forty reviews \
         that it gets right, this is the one on which it changes its mind most.",
    );
    let points: Vec<(f64, f64)> =
        path.iter().enumerate().map(|(t, &p)| (t as f64 + 1.0, p)).collect();
    let chart =
        LineChart::new("P(positive) after each word", "A line over the words of one review.")
            .x("words read")
            .y("P(positive)")
            .series("P(positive)", &points)
            .reference("undecided", 0.5);
    lesson.line_chart(&chart);
    let explained = occlusion(&outcome.trained, &corpus.test.texts[i]);
    show_heat(lesson, &explained, corpus.test.labels[i]);
}

fn show_heat(lesson: &mut Lesson, explained: &Explained, positive: bool) {
    let verdict = if positive { "positive" } else { "negative" };
    let heat = TextHeat::new(
        format!("Truly {verdict}; P(positive) = {:.3}", explained.positive),
        explained.pieces.clone(),
    )
    .scale(Scale::Diverging)
    .caption("How much the log-odds fall when a word is taken out.");
    lesson.text_heat(&heat);
}

fn show_pairs(lesson: &mut Lesson, corpus: &Corpus, bar: &Bar, outcome: &MeasuredClassifier) {
    lesson.subheading("Negation in pairs");
    let results = pairs(&outcome.trained, corpus, bar);
    let mark = |right: bool| if right { "yes" } else { "no" };
    let mut table = Table::new(["more positive", "less positive", "network", "NB-SVM"]);
    for ((a, b), (network, counts)) in PAIRS.iter().zip(&results) {
        table.push([*a, *b, mark(*network), mark(*counts)]);
    }
    lesson.table(&table.caption("In the right order?"));
    let network = results.iter().filter(|(network, _)| *network).count();
    let counts = results.iter().filter(|(_, counts)| *counts).count();
    lesson.say(&format!(
        "{network} of {} pairs in the right order for the network, {counts} for NB-SVM; by chance it would be {}. A bag \
         of pairs sees \"not good\", but the last three pairs hold the same words on both sides.",
        PAIRS.len(),
        PAIRS.len() / 2
    ));
    lesson.number("why.pairs_network", network as f64);
    lesson.number("why.pairs_nbsvm", counts as f64);
}

fn show_mistakes(lesson: &mut Lesson, corpus: &Corpus, bar: &Bar, outcome: &MeasuredClassifier) {
    lesson.subheading("The mistakes it is surest of");
    for i in mistakes(corpus, &outcome.logits, 3) {
        // A long review is cut for the screen, as its colours would fill pages.
        let text: String = corpus.test.texts[i].chars().take(700).collect();
        show_heat(lesson, &occlusion(&outcome.trained, &text), corpus.test.labels[i]);
        let also =
            if bar.scores.right[i] { "NB-SVM has it right." } else { "NB-SVM has it wrong, too." };
        lesson.say(&format!(
            "Of the whole review the network says P(positive) = {:.3}. {also}",
            sigmoid(outcome.logits[i])
        ));
    }
}

fn show_groups(lesson: &mut Lesson, corpus: &Corpus, bar: &Bar, outcome: &MeasuredClassifier) {
    lesson.subheading("Where does it beat a bag of pairs?");
    let mut table = Table::new(["test reviews", "number", "network", "NB-SVM", "difference"]);
    for group in groups(corpus, &outcome.scores.right, &bar.scores.right) {
        table.push([
            group.name.trim().to_owned(),
            group.count.to_string(),
            format!("{:.1} %", 100.0 * group.network),
            format!("{:.1} %", 100.0 * group.nb_svm),
            format!("{:+.1}", 100.0 * (group.network - group.nb_svm)),
        ]);
    }
    lesson.table(
        &table.caption(
            "Small groups say little: of 100 reviews one standard error is 3 to 5 points.",
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Classifier;
    use crate::model::tests::config;
    use rand::SeedableRng;

    fn trained() -> TrainedClassifier {
        let rng = &mut rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let words = tokenise::vocabulary(&["a b c d e f g h"], 8, 1);
        TrainedClassifier { networks: vec![Classifier::new(&config(), rng)], words }
    }

    #[test]
    fn occlusion_is_the_difference_without_a_word() {
        let trained = trained();
        let explained = occlusion(&trained, "A  b,<br />c");
        let pieces: Vec<&str> = explained.pieces.iter().map(|(piece, _)| piece.as_str()).collect();
        assert_eq!(pieces, ["A", "  ", "b", ",", "\n", "c"]);
        let logit = |text: &str| trained.logits(&[trained.numbers(text)])[0];
        let expected = logit("a b, c") - logit("a, c");
        assert!((explained.pieces[2].1 - expected).abs() < 1e-5);
        assert_eq!(explained.pieces[1].1, 0.0);
    }

    #[test]
    fn nothing_and_very_much_can_be_explained() {
        let trained = trained();
        assert!(occlusion(&trained, "").pieces.is_empty());
        assert_eq!(occlusion(&trained, "👍").words, 1);
        assert_eq!(occlusion(&trained, &"a ".repeat(100_000)).words, 100_000);
        assert_eq!(word_by_word(&trained, "a b c").len(), 3);
    }

    #[test]
    fn both_sentences_of_a_pair_differ() {
        assert!(PAIRS.iter().all(|(a, b)| tokenise::words(a) != tokenise::words(b)));
    }
}
