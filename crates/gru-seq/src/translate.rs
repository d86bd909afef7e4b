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

use seqcore::data::batch::Buckets;
use seqcore::data::pairs::Pair;
use seqcore::data::{Subwords, catalogue};
use seqcore::decode::Beam;
use seqcore::files::sha256;
use seqcore::lesson::{Lesson, LessonArgs, RunArgs};
use seqcore::metrics::translation::{Bleu, SIGNATURE, bleu, exact_match};
use seqcore::plot::Table;
use seqcore::train::Length;
use seqcore::{Error, Result, params::Named};

use crate::addition::percent;
use crate::task::{self, Material, Settings, Task, example};
use crate::tokens::{Language, Tokens, Words};
use crate::trained::{LENGTH_PENALTY, Trained};
use corpus::Corpus;
use lookup::Lookup;

/// Hypotheses that beam search keeps.
pub const BEAM: usize = 5;

/// What `--data` says, fetched where `--fetch` allows it, and the sha256 of what is there.
///
/// # Errors
/// A file that cannot be found, fetched or read.
pub fn source(args: &RunArgs) -> Result<(Option<String>, String)> {
    if let Some(data) = &args.data {
        catalogue::find(data, args.fetch)?;
    }
    Ok((args.data.clone(), sha256(&corpus::bytes(args.data.as_deref())?)))
}

/// The settings of the tour or of the long version.
///
/// # Errors
/// Pairs that cannot be found or read.
pub fn prepare(args: &LessonArgs) -> Result<Settings> {
    let data = args.run.data.as_deref();
    let (seed, large) = (args.run.seed, data.is_some());
    let mut settings = if args.full {
        Settings::full(Task::Translate, seed, large)
    } else {
        Settings::new(Task::Translate, seed)
    };
    (settings.data, settings.sha256) = source(&args.run)?;
    if let Some(steps) = args.run.steps {
        settings.plan.length = Length::Steps(steps);
    }
    Corpus::open(data)?;
    Ok(settings)
}

/// Vocabularies of the training part, and its pairs in batches.
///
/// # Errors
/// Pairs that cannot be read, have changed, or are too few.
pub(crate) fn material(settings: &Settings) -> Result<Material> {
    let data = settings.data.as_deref();
    if sha256(&corpus::bytes(data)?) != settings.sha256 {
        let what =
            "the pairs have changed since the run began, so it cannot go on. Start a new run.";
        return Err(Error::data(data.unwrap_or(corpus::PHRASES_NAME).as_ref(), None, what));
    }
    let Corpus { train, dev, test, .. } = Corpus::open(data)?;
    let tokens = |language: Language, side: fn(&Pair) -> &str| -> Result<Tokens> {
        let sentences = train.iter().map(side);
        Ok(match settings.subwords {
            Some(size) => Tokens::Subwords(Subwords::train(sentences, size, &[])?),
            None => Tokens::Words(Words::fit(language, sentences, settings.words)?),
        })
    };
    let source = tokens(Language::French, |pair| &pair.source)?;
    let target = tokens(Language::English, |pair| &pair.target)?;
    let of = |pairs: &[Pair]| -> Vec<_> {
        pairs.iter().map(|pair| example(pair, &source, &target, settings.reversed)).collect()
    };
    let (train, dev) = (of(&train), of(&dev));
    let most = train.iter().map(|e| e.target.len()).max().unwrap_or(0);
    let mut buckets = Buckets::new(train, settings.batch, settings.seed)?;
    let examples = Box::new(move |step| buckets.batch(step));
    Ok(Material { source, target, examples, dev, test, longest: most.min(60) + 2 })
}

/// Reads and splits the pairs, and says so.
///
/// # Errors
/// As [`Corpus::open`].
pub fn describe(lesson: &mut Lesson, settings: &Settings) -> Result<Corpus> {
    let data = settings.data.as_deref();
    let corpus = Corpus::open(data)?;
    lesson.data(&corpus.name, &corpus::bytes(data)?);
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
    Ok(corpus)
}

/// Runs the part.
///
/// # Errors
/// Pairs that cannot be read, a folder that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &LessonArgs, settings: &Settings) -> Result<()> {
    lesson.heading("5 · Translation, beside looking up");
    let corpus = describe(lesson, settings)?;
    let folder = lesson.subfolder("translate")?;
    let (trained, progress, _) =
        task::train(lesson, Some(folder), settings, settings.material()?, &args.run, None)?;
    lesson.say(&format!(
        "{}: {} parameters, {} steps of {} pairs, {:.0} s.",
        settings.shape(),
        trained.model.count(),
        progress.total,
        settings.batch,
        progress.seconds,
    ));
    report(lesson, &trained, &corpus)?;
    if settings.data.is_none() {
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
pub struct Results {
    /// Greedily.
    pub greedy: Vec<String>,
    /// With a beam.
    pub beam: Vec<String>,
    /// By looking up.
    pub lookup: Vec<String>,
}

impl Results {
    /// Asks network and memory.
    pub fn of(trained: &Trained, corpus: &Corpus) -> Self {
        let sources: Vec<&str> = corpus.test.iter().map(|pair| pair.source.as_str()).collect();
        let beam = Beam { width: BEAM, most: trained.longest, length_penalty: LENGTH_PENALTY };
        Self {
            greedy: trained.answers(&sources),
            beam: trained.beam_answers(&sources, &beam),
            lookup: Lookup::new(&corpus.train).answers(&sources),
        }
    }
}

/// Measures network and memory on the test, shows and books it.
///
/// # Errors
/// None: no test sentence is empty.
pub fn report(lesson: &mut Lesson, trained: &Trained, corpus: &Corpus) -> Result<()> {
    let test = &corpus.test;
    let references: Vec<&str> = test.iter().map(|pair| pair.target.as_str()).collect();
    let share = |tokens: &Tokens, texts: &mut dyn Iterator<Item = &str>| {
        let ids: Vec<usize> = texts.flat_map(|text| tokens.encode(text)).collect();
        tokens.unknown(&ids) as f64 / ids.len().max(1) as f64
    };
    let unknown = (
        share(&trained.source, &mut test.iter().map(|pair| pair.source.as_str())),
        share(&trained.target, &mut references.iter().copied()),
    );
    let again = |text: &&str| trained.target.decode(&trained.target.encode(text));
    let with_unknown = bleu(references.iter().map(again).zip(&references)).score;
    lesson.say(&format!(
        "The vocabularies have {} French and {} English tokens; {} and {} of the test's are <unk>. A perfect \
         network that says <unk> for each of them would get BLEU {with_unknown:.1}.",
        trained.source.size(),
        trained.target.size(),
        percent(unknown.0),
        percent(unknown.1),
    ));
    lesson.number("translate.unknown_source", unknown.0);
    lesson.number("translate.unknown_target", unknown.1);
    let results = Results::of(trained, corpus);
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
        let answer = trained.answer(&pair.source)?;
        if let Some(figure) = answer.figure("Attention of a translation") {
            lesson.figure(&figure.render());
        }
    }
    Ok(())
}

/// Good and bad answers: the best and the worst by the similarity of their words to the reference,
/// long ones first, so that neither is a matter of chance.
fn examples(lesson: &mut Lesson, corpus: &Corpus, results: &Results) {
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
