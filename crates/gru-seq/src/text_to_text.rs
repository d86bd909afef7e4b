//! A trained network with all that is needed to use it: text in, text out.
//!
//! In a file it is its weights under PyTorch's names, with a [`TextToTextDescription`] beside them.

use std::path::Path;

use lesson::plot::HeatMap;
use lesson::run::model::Describes;
use lesson::run::{MODEL_FILE, open_model};
use lesson::{Error, Result};
use ndarray::Array2;
use rayon::prelude::*;
use seqcore::decode::{Beam, Hypothesis};
use seqcore::random::numbered;
use serde::{Deserialize, Serialize};

use crate::seq2seq::translator::{Source, Translator};
use crate::seq2seq::{Seq2Seq, Seq2SeqConfig};
use crate::task::Task;
use crate::tokens::{Tokens, read_order};

/// A network that knows its task.
#[derive(Debug, Clone, PartialEq)]
pub struct TextToText {
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

/// A [`TextToText`] without its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextToTextDescription {
    /// What it does.
    pub task: Task,
    /// The shape of the network.
    pub model: Seq2SeqConfig,
    /// Whether it reads from the end.
    pub reversed: bool,
    /// The most tokens of an answer, *end* included.
    pub longest: usize,
    /// How sources become ids.
    pub source: Tokens,
    /// How ids become answers.
    pub target: Tokens,
}

impl Describes for TextToTextDescription {
    const KIND: &'static str = "sequence-to-sequence network of gru-seq";
}

impl TextToTextDescription {
    /// Whether vocabularies and model fit each other.
    fn is_consistent(&self) -> bool {
        self.model.source_vocabulary == self.source.size()
            && self.model.target_vocabulary == self.target.size() + 1
            && self.longest > 0
            && self.model.validate().is_ok()
    }
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

impl TextToText {
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
        f: impl Fn(&mut Translator<'_, f32>, &Source<f32>) -> R + Sync,
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

    /// What the file of its weights says of it.
    pub fn description(&self) -> TextToTextDescription {
        TextToTextDescription {
            task: self.task,
            model: self.model.config(),
            reversed: self.reversed,
            longest: self.longest,
            source: self.source.clone(),
            target: self.target.clone(),
        }
    }

    /// Opens the network in a folder or a file: that of `task`, where a folder holds those of several.
    ///
    /// # Errors
    /// A folder without one, one of another task, or one that is damaged.
    pub fn open(path: &Path, task: Option<Task>) -> Result<Self> {
        let (description, reader) = open_model::<TextToTextDescription>(path, below(path, task)?)?;
        if let Some(task) = task.filter(|&task| task != description.task) {
            let trained = description.task.name();
            return Err(
                reader.error(format!("it was trained for {trained}, not for {}.", task.name()))
            );
        }
        if !description.is_consistent() {
            return Err(reader.error("vocabularies and model do not belong together. Train again."));
        }
        let mut rng = numbered(0, 0); // the weights are read, not drawn
        let mut model = Seq2Seq::new(&description.model, &mut rng);
        reader.load_into("", &mut model)?;
        let TextToTextDescription { task, reversed, longest, source, target, .. } = description;
        Ok(Self { task, source, target, reversed, longest, model })
    }
}

/// The folder below `path` that holds the network to open: that of `task`, or the only one there.
fn below(path: &Path, task: Option<Task>) -> Result<&'static str> {
    let has_model = |folder: &Path| folder.join(MODEL_FILE).is_file();
    if let Some(task) = task.filter(|_| !has_model(path)) {
        return Ok(task.name());
    }
    let names = Task::KEPT.map(Task::name);
    let found: Vec<_> = names.into_iter().filter(|name| has_model(&path.join(name))).collect();
    match found[..] {
        [first, _, ..] if !has_model(path) => Err(Error::checkpoint(
            path,
            format!(
                "it holds several networks: {}. Name one, such as {}.",
                found.join(", "),
                path.join(first).display()
            ),
        )),
        [only] => Ok(only),
        _ => Ok(""),
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

#[cfg(test)]
mod tests {
    use lesson::files::weights::Writer;
    use lesson::run::export;
    use seqcore::cells::Cell;

    use super::*;

    fn network(task: Task) -> TextToText {
        let tokens = Tokens::characters(["0123456789"]);
        let config = Seq2SeqConfig {
            source_vocabulary: tokens.size(),
            target_vocabulary: tokens.size() + 1,
            embedding: 3,
            cell: Cell::Gru,
            hidden: 4,
            layers: 1,
            bidirectional: true,
            attention: None,
            dropout: 0.0,
        };
        let model = Seq2Seq::new(&config, &mut numbered(1, 0));
        let (source, target) = (tokens.clone(), tokens);
        TextToText { task, source, target, reversed: false, longest: 5, model }
    }

    fn write(folder: &Path, network: &TextToText, description: &TextToTextDescription) {
        std::fs::create_dir_all(folder).unwrap();
        let mut writer = Writer::default();
        writer.named("", &network.model);
        export(&folder.join(MODEL_FILE), &description.described(), writer).unwrap();
    }

    #[test]
    fn a_network_is_found_alone_or_by_its_task() {
        let folder = tempfile::tempdir().unwrap();
        let (dates, sums) = (network(Task::Dates), network(Task::Addition));
        write(&folder.path().join("dates"), &dates, &dates.description());
        assert_eq!(TextToText::open(folder.path(), None).unwrap(), dates);
        assert_eq!(TextToText::open(&folder.path().join("dates"), None).unwrap(), dates);
        write(&folder.path().join("addition"), &sums, &sums.description());
        assert_eq!(TextToText::open(folder.path(), Some(Task::Dates)).unwrap(), dates);
        let error = TextToText::open(folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("several networks: addition, dates"), "{error}");
        let own = folder.path().join("dates");
        let error = TextToText::open(&own, Some(Task::Addition)).unwrap_err().to_string();
        assert!(error.contains("trained for dates, not for addition"), "{error}");
    }

    #[test]
    fn a_description_of_another_model_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let network = network(Task::Dates);
        let mut description = network.description();
        description.target = Tokens::characters(["01"]);
        write(folder.path(), &network, &description);
        let error = TextToText::open(folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("do not belong together"), "{error}");
    }
}
