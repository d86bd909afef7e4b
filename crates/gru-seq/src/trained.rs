//! A trained network with all that is needed to use it.
//!
//! Its folder holds `model.safetensors`, the weights under PyTorch's names, and `task.json`: the
//! task, the model's shape and both vocabularies.

use std::path::Path;

use ndarray::Array2;
use rayon::prelude::*;
use seqcore::checkpoint::Reader;
use seqcore::decode::{Beam, Hypothesis};
use seqcore::files::write_atomically;
use seqcore::models::seq2seq::{Seq2Seq, Seq2SeqConfig};
use seqcore::models::translator::Translator;
use seqcore::plot::HeatMap;
use seqcore::train::MODEL_FILE;
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::task::{self, Task, read_order};
use crate::tokens::Tokens;

/// The file that says how to use the weights.
pub const CARD_FILE: &str = "task.json";

/// A network that knows its task.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// What it does.
    pub task: Task,
    /// How sources become ids.
    pub source: Tokens,
    /// How ids become answers.
    pub target: Tokens,
    /// Whether it reads from the end.
    pub reversed: bool,
    /// The most tokens of an answer, *end* included.
    pub longest: usize,
    /// The network.
    pub model: Seq2Seq<f32>,
}

/// What stands in [`CARD_FILE`].
#[derive(Debug, Serialize, Deserialize)]
struct Card {
    task: Task,
    model: Seq2SeqConfig,
    reversed: bool,
    longest: usize,
    source: Tokens,
    target: Tokens,
}

/// An answer, and where the network looked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The answer.
    pub text: String,
    /// Its tokens, *end* last if it came to it.
    pub written: Vec<String>,
    /// The source's tokens in the order of the text.
    pub read: Vec<String>,
    /// The weights α (written, read); no columns without attention.
    pub attention: Array2<f64>,
    /// How many of the source's tokens are `<unk>`.
    pub unknown: usize,
}

/// How many sources are read side by side.
const SIDE_BY_SIDE: usize = 64;

impl Trained {
    /// A text as ids in the order in which the encoder reads them.
    ///
    /// # Errors
    /// A text without anything to read.
    fn ids(&self, text: &str) -> Result<Vec<usize>> {
        let ids = self.source.encode(text.trim());
        if ids.is_empty() {
            return Err(Error::config("there is nothing to read: the text is empty."));
        }
        Ok(read_order(ids, self.reversed))
    }

    /// The answers to many texts, greedily. Panics where a text is empty.
    pub fn answers(&self, texts: &[&str]) -> Vec<String> {
        self.in_parallel(texts, |translator, source| {
            let written = translator.greedy(source, self.longest);
            self.target.decode(&written.tokens)
        })
    }

    /// The answers to many texts with a beam. Panics where a text is empty.
    pub fn beam_answers(&self, texts: &[&str], beam: &Beam) -> Vec<String> {
        self.in_parallel(texts, |translator, source| {
            self.target.decode(&translator.beam(source, beam)[0].tokens)
        })
    }

    /// Calls `f` with each text as it was read; the results in order, for any number of threads.
    pub fn in_parallel<R: Send>(
        &self,
        texts: &[&str],
        f: impl Fn(&mut Translator<'_, f32>, &seqcore::models::translator::Source<f32>) -> R + Sync,
    ) -> Vec<R> {
        let chunks = texts.par_chunks(SIDE_BY_SIDE).map(|texts| {
            let ids: Vec<Vec<usize>> =
                texts.iter().map(|text| self.ids(text).expect("a text to read")).collect();
            let mut translator = Translator::new(&self.model);
            let sources = translator.read(&ids.iter().map(Vec::as_slice).collect::<Vec<_>>());
            sources.iter().map(|source| f(&mut translator, source)).collect::<Vec<_>>()
        });
        chunks.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// The best answers to a text, the best first.
    ///
    /// # Errors
    /// An empty text, a beam that cannot work.
    pub fn hypotheses(&self, text: &str, width: usize) -> Result<Vec<(String, Hypothesis)>> {
        let beam = Beam { width, most: self.longest, length_penalty: LENGTH_PENALTY };
        beam.validate()?;
        let ids = self.ids(text)?;
        let mut translator = Translator::new(&self.model);
        let source = translator.read(&[&ids]).remove(0);
        let found = translator.beam(&source, &beam).into_iter();
        Ok(found.map(|h| (self.target.decode(&h.tokens), h)).collect())
    }

    /// The answer to a text, greedily, and where the network looked.
    ///
    /// # Errors
    /// An empty text.
    pub fn answer(&self, text: &str) -> Result<Answer> {
        let ids = self.ids(text)?;
        let mut translator = Translator::new(&self.model);
        let source = translator.read(&[&ids]).remove(0);
        let result = translator.greedy(&source, self.longest);
        let mut attention = result.attention.mapv(f64::from);
        if self.reversed {
            attention.invert_axis(ndarray::Axis(1));
        }
        let read = read_order(ids, self.reversed);
        let label = |tokens: &Tokens, id: usize| tokens.label(id);
        let mut written: Vec<String> =
            result.tokens.iter().map(|&id| label(&self.target, id)).collect();
        written.extend(result.ended.then(|| "end".to_owned()));
        Ok(Answer {
            text: self.target.decode(&result.tokens),
            written,
            unknown: self.source.unknown(&read),
            read: read.iter().map(|&id| label(&self.source, id)).collect(),
            attention,
        })
    }

    /// Writes what is needed beside the weights.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save_card(&self, folder: &Path) -> Result<()> {
        let card = Card {
            task: self.task,
            model: self.model.config(),
            reversed: self.reversed,
            longest: self.longest,
            source: self.source.clone(),
            target: self.target.clone(),
        };
        let json = serde_json::to_string(&card).expect("a card is plain data");
        write_atomically(&folder.join(CARD_FILE), json.as_bytes())
    }

    /// Opens the network in `folder`.
    ///
    /// # Errors
    /// A folder without one, or with one that is damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(CARD_FILE);
        if folder.exists() && !path.exists() {
            let what = format!(
                "it holds no {CARD_FILE}. Name the folder of a trained model, such as out/gru-seq/dates."
            );
            return Err(Error::checkpoint(folder, what));
        }
        let json = std::fs::read_to_string(&path).map_err(|e| Error::read(&path, e))?;
        let broken = |why: String| Error::checkpoint(&path, format!("{why} Train again."));
        let card: Card = serde_json::from_str(&json)
            .map_err(|e| broken(format!("it is no description of a model ({e}).")))?;
        let fits = card.model.source_vocabulary == card.source.size()
            && card.model.target_vocabulary == card.target.size() + 1
            && card.longest > 0;
        if !fits || card.model.validate().is_err() {
            return Err(broken("vocabularies and model do not belong together.".into()));
        }
        let reader = Reader::open(&folder.join(MODEL_FILE))?;
        let mut rng = task::stream(0, 0); // the weights are read, not drawn
        let mut model = Seq2Seq::new(&card.model, &mut rng);
        reader.load_into("", &mut model)?;
        let Card { task, reversed, longest, source, target, .. } = card;
        Ok(Self { task, source, target, reversed, longest, model })
    }
}

/// α of beam search's length penalty, a usual value (Wu et al. 2016 found 0.6 to 0.7 best).
pub const LENGTH_PENALTY: f64 = 0.6;

impl Answer {
    /// The attention matrix as a figure; `None` without attention.
    pub fn figure(&self, title: &str) -> Option<HeatMap> {
        if self.attention.ncols() == 0 {
            return None;
        }
        let alt =
            format!("One row for each token of “{}”, one column for each token read.", self.text);
        let map = HeatMap::new(title, alt, self.attention.view())
            .rows("written", self.written.clone())
            .columns("read", self.read.clone())
            .range(0.0, 1.0)
            .caption("Each row is one step of the decoder: the weights α (S6), which sum to one.");
        Some(map)
    }

    /// The attention matrix in characters: a column for each token read, dark where the decoder
    /// looked.
    pub fn sketch(&self, unicode: bool) -> String {
        let shades: Vec<char> = if unicode { " ░▒▓█" } else { " .:*#" }.chars().collect();
        let wide = |labels: &[String]| labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
        let (left, cell) = (wide(&self.written), wide(&self.read).clamp(1, 12) + 1);
        let pad =
            |text: &str| format!("{:<cell$}", text.chars().take(cell - 1).collect::<String>());
        let header: String = self.read.iter().map(|label| pad(label)).collect();
        let mut text = format!("  {:left$}  {}\n", "", header.trim_end());
        for (label, row) in self.written.iter().zip(self.attention.outer_iter()) {
            let shade = |w: &f64| shades[((w * 5.0) as usize).min(4)];
            let line: String =
                row.iter().map(|w| pad(&shade(w).to_string().repeat(cell - 1))).collect();
            text += format!("  {label:left$}  {line}").trim_end();
            text.push('\n');
        }
        text
    }
}
