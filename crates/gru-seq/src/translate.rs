//! Part *translate*: French into English.
//!
//! The same network as for dates, on sentences. Three things are new. Words are many and most are
//! rare, so a vocabulary holds the most frequent and the rest becomes `<unk>`, or sentences are cut
//! into subwords. Several answers are right, so BLEU (S15) counts what they share with a reference. And
//! there is a rival that needs no training at all, a translation memory ([`lookup`]): the nearest
//! sentence that is known, and its translation.
//!
//! The tour trains on a phrase book that is embedded and far too small; `train translate --data
//! fra-eng` is the real thing.

pub mod corpus;
pub mod lookup;

use lesson::files::pairs::Pair;
use lesson::plot::Table;
use lesson::run::Outcome;
use lesson::{Lesson, LessonArgs, Result};
use seqcore::data::Subwords;
use seqcore::data::batch::Buckets;
use seqcore::decode::Beam;
use seqcore::metrics::translation::{Bleu, SIGNATURE, bleu, exact_match};
use seqcore::params::Named;

use crate::material::{Material, example};
use crate::percent::percent;
use crate::recipe::Seq2SeqRecipe;
use crate::task::Task;
use crate::text_to_text::{LENGTH_PENALTY, TextToText};
use crate::tokens::{Language, Tokens, Words};
use crate::training::{of_part, train};
use corpus::Corpus;
use lookup::Lookup;

/// Hypotheses that beam search keeps.
pub const BEAM: usize = 5;

/// The recipe of the tour or of the long version, and its pairs.
///
/// # Errors
/// Pairs that cannot be found or read.
pub fn prepare(args: &LessonArgs) -> Result<(Seq2SeqRecipe, Corpus)> {
    let corpus = Corpus::open(args.run.data.as_deref(), args.run.fetch)?;
    Ok((Seq2SeqRecipe::of_part(Task::Translate, args).on(&args.run, corpus.sha256()), corpus))
}

/// Vocabularies of the training part, and its pairs in batches.
///
/// # Errors
/// Too few pairs for a batch, or for the vocabulary that is asked for.
pub fn material(recipe: &Seq2SeqRecipe, corpus: &Corpus) -> Result<Material> {
    let Corpus { train, dev, test, .. } = corpus;
    let tokens = |language: Language, side: fn(&Pair) -> &str| -> Result<Tokens> {
        let sentences = train.iter().map(side);
        Ok(match recipe.subwords {
            Some(size) => Tokens::Subwords(Subwords::train(sentences, size, &[])?),
            None => Tokens::Words(Words::fit(language, sentences, recipe.words)?),
        })
    };
    let source = tokens(Language::French, |pair| &pair.source)?;
    let target = tokens(Language::English, |pair| &pair.target)?;
    let of = |pairs: &[Pair]| -> Vec<_> {
        pairs.iter().map(|pair| example(pair, &source, &target, recipe.reversed)).collect()
    };
    let (train, dev) = (of(train), of(dev));
    let most = train.iter().map(|e| e.target.len()).max().unwrap_or(0);
    let mut buckets = Buckets::new(train, recipe.batch, recipe.seed)?;
    let examples = Box::new(move |step| buckets.batch(step));
    Ok(Material { source, target, examples, dev, test: test.clone(), longest: most.min(60) + 2 })
}

/// Says what the pairs are and how they are split.
pub fn describe(lesson: &mut Lesson, corpus: &Corpus) {
    lesson.data(&corpus.name, &corpus.bytes);
    lesson.say(&format!(
        "{}: {} pairs to train on, {} to watch, {} for the test. No test sentence, French or English, was trained on, not \
         even with other case or punctuation.",
        corpus.name,
        corpus.train.len(),
        corpus.dev.len(),
        corpus.test.len(),
    ));
    lesson.number("translate.train_pairs", corpus.train.len() as f64);
    lesson.number("translate.test_pairs", corpus.test.len() as f64);
}

/// Runs the part.
///
/// # Errors
/// Pairs that cannot be read, a folder that cannot be written, Ctrl-C.
pub fn run(
    lesson: &mut Lesson,
    args: &LessonArgs,
    recipe: &Seq2SeqRecipe,
    corpus: &Corpus,
) -> Result<()> {
    lesson.heading("5 · Translation, beside looking up");
    describe(lesson, corpus);
    let folder = lesson.folder_of("translate")?;
    let run = of_part(args, "translate");
    let (network, Outcome { progress, .. }, _) =
        train(recipe, material(recipe, corpus)?, Some(&folder), &run, None)?;
    lesson.say(&format!(
        "{}: {} parameters, {} steps of {} pairs, {:.0} s.",
        recipe.shape(),
        network.model.count(),
        progress.total,
        recipe.batch,
        progress.seconds,
    ));
    report(lesson, &network, corpus)?;
    if recipe.data.is_none() {
        lesson.say(
            "The phrase book combines few words in many ways: there a network can put together what looking up only finds \
             whole. A phrase with a word of its own, which stands nowhere else, it cannot know, and says something else \
             without a sign of doubt. For real: cargo xtask data fetch fra-eng, then cargo run -p gru-seq -- train \
             translate --data fra-eng.",
        );
    }
    Ok(())
}

/// What the systems say to the test.
#[derive(Debug, Clone)]
pub struct Translations {
    /// Greedily.
    pub greedy: Vec<String>,
    /// With a beam.
    pub beam: Vec<String>,
    /// By looking up.
    pub lookup: Vec<String>,
}

impl Translations {
    /// Asks network and memory.
    pub fn of(network: &TextToText, corpus: &Corpus) -> Self {
        let sources: Vec<&str> = corpus.test.iter().map(|pair| pair.source.as_str()).collect();
        let beam = Beam { width: BEAM, most: network.longest, length_penalty: LENGTH_PENALTY };
        Self {
            greedy: network.answers(&sources),
            beam: network.beam_answers(&sources, &beam),
            lookup: Lookup::new(&corpus.train).answers(&sources),
        }
    }
}

/// Measures network and memory on the test, shows and books it.
///
/// # Errors
/// None: no test sentence is empty.
pub fn report(lesson: &mut Lesson, network: &TextToText, corpus: &Corpus) -> Result<()> {
    let test = &corpus.test;
    let references: Vec<&str> = test.iter().map(|pair| pair.target.as_str()).collect();
    let share = |tokens: &Tokens, texts: &mut dyn Iterator<Item = &str>| {
        let ids: Vec<usize> = texts.flat_map(|text| tokens.encode(text)).collect();
        tokens.unknown(&ids) as f64 / ids.len().max(1) as f64
    };
    let unknown = (
        share(&network.source, &mut test.iter().map(|pair| pair.source.as_str())),
        share(&network.target, &mut references.iter().copied()),
    );
    let again = |text: &&str| network.target.decode(&network.target.encode(text));
    let with_unknown = bleu(references.iter().map(again).zip(&references)).score;
    lesson.say(&format!(
        "The vocabularies have {} French and {} English tokens; {} and {} of the test's are <unk>. A perfect \
         network that says <unk> for each of them would get BLEU {with_unknown:.1}.",
        network.source.size(),
        network.target.size(),
        percent(unknown.0),
        percent(unknown.1),
    ));
    lesson.number("translate.unknown_source", unknown.0);
    lesson.number("translate.unknown_target", unknown.1);
    let results = Translations::of(network, corpus);
    let scored = |answers: &[String]| -> (Bleu, f64) {
        let exact = exact_match(answers.iter().map(String::as_str).zip(references.iter().copied()));
        (bleu(answers.iter().zip(&references)), exact)
    };
    let mut table = Table::new(["system", "BLEU", "exactly the reference", "brevity penalty"])
        .caption(format!("{} sentences. BLEU as sacreBLEU computes it, {SIGNATURE}.", test.len()));
    for (name, key, answers) in [
        ("translation memory", "memory", &results.lookup),
        ("network, greedy", "greedy", &results.greedy),
        (&format!("network, beam of {BEAM}"), "beam", &results.beam),
    ] {
        let (score, exact) = scored(answers);
        table.push([
            name.to_owned(),
            format!("{:.1}", score.score),
            percent(exact),
            format!("{:.3}", score.brevity_penalty),
        ]);
        lesson.number(&format!("translate.bleu_{key}"), score.score);
        lesson.number(&format!("translate.exact_{key}"), exact);
        if key == "beam" {
            lesson.number("translate.bleu", score.score);
        }
    }
    lesson.table(&table);
    examples(lesson, corpus, &results);
    // The longest of the short ones: a matrix that still can be read.
    let readable = test.iter().filter(|pair| pair.source.chars().count() <= 50);
    if let Some(pair) = readable.max_by_key(|pair| pair.source.chars().count()) {
        let answer = network.answer(&pair.source)?;
        if let Some(figure) = answer.figure("Attention of a translation") {
            lesson.figure(&figure.render());
        }
    }
    Ok(())
}

/// Good and bad answers: the best and the worst by the similarity of their words to the reference,
/// long ones first, so that neither is a matter of chance.
fn examples(lesson: &mut Lesson, corpus: &Corpus, results: &Translations) {
    let words = |text: &str| crate::tokens::cut(Language::English, text);
    let far = |k: usize| {
        let (said, truth) = (words(&results.beam[k]), words(&corpus.test[k].target));
        lookup::edit_distance(&said, &truth) as f64 / said.len().max(truth.len()).max(1) as f64
    };
    let mut ranked: Vec<(usize, f64)> = (0..corpus.test.len()).map(|k| (k, far(k))).collect();
    let length = |k: usize| corpus.test[k].source.chars().count();
    ranked.sort_by(|a, b| {
        a.1.total_cmp(&b.1).then(length(b.0).cmp(&length(a.0))).then(a.0.cmp(&b.0))
    });
    let shown = 4.min(ranked.len() / 2);
    let worst = ranked.iter().rev().take(shown);
    for (title, list) in
        [("Good", ranked.iter().take(shown).collect::<Vec<_>>()), ("Bad", worst.collect())]
    {
        let mut table = Table::new(["French", "network", "reference", "memory"])
            .caption(format!("{title} answers, by distance from the reference."));
        for &&(k, _) in &list {
            let Pair { source, target } = &corpus.test[k];
            table.push([source, &results.beam[k], target, &results.lookup[k]]);
        }
        lesson.table(&table);
    }
}
