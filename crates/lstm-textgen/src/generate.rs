//! The command `generate`: writes text, a token at a time, as it is drawn.

use std::io::Write;
use std::path::PathBuf;

use lesson::{Error, Result};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::data::UNK;
use seqcore::decode::Sampler;
use seqcore::models::generator::Generator;

use crate::text::{Level, Vocabulary};
use crate::trained::Trained;

/// The arguments of `generate`.
#[derive(Debug, Clone, clap::Args)]
pub struct GenerateArgs {
    /// The folder of a trained model
    #[arg(long, value_name = "DIR", default_value = "out/lstm-textgen")]
    pub model: PathBuf,
    /// What the text begins with; \n is a new line
    #[arg(long, value_name = "TEXT", default_value = "\\n")]
    pub prompt: String,
    /// How many characters (or words) to write
    #[arg(long, value_name = "N", default_value_t = 500, allow_negative_numbers = true)]
    pub length: usize,
    #[command(flatten)]
    /// How to choose.
    pub choice: Choice,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,
}

/// How to choose the next token.
#[derive(Debug, Clone, clap::Args)]
pub struct Choice {
    /// Below 1 more cautious, above 1 wilder; 0 always takes the likeliest
    #[arg(long, value_name = "T", default_value_t = 0.8, allow_negative_numbers = true)]
    pub temperature: f64,
    /// Only from the K likeliest
    #[arg(long, value_name = "K", allow_negative_numbers = true)]
    pub top_k: Option<usize>,
    /// Only from the fewest that together have the probability P
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub top_p: Option<f64>,
}

impl Choice {
    /// The sampler that they describe.
    ///
    /// # Errors
    /// Values that cannot be.
    pub fn sampler(&self) -> Result<Sampler> {
        let mut sampler = match self.temperature {
            0.0 => Sampler::greedy(),
            temperature => Sampler::temperature(temperature)?,
        };
        if let (Some(k), true) = (self.top_k, self.temperature != 0.0) {
            sampler = sampler.top_k(k)?;
        }
        if let Some(p) = self.top_p {
            sampler = sampler.top_p(p)?;
        }
        Ok(sampler)
    }
}

/// A prompt as the model can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Its tokens; `<unk>` for what a word model does not know.
    pub ids: Vec<usize>,
    /// What the model does not know, each once.
    pub unknown: Vec<String>,
}

/// Encodes a prompt. Characters that the model never saw are left out; unknown words are read as
/// `<unk>`, which a word model has seen in training.
pub fn read_prompt(prompt: &str, vocabulary: &Vocabulary) -> Prompt {
    let mut unknown: Vec<String> = Vec::new();
    let mut note = |piece: String| {
        if !unknown.contains(&piece) {
            unknown.push(piece);
        }
    };
    let mut ids = vocabulary.encode(prompt);
    match vocabulary {
        Vocabulary::Char(_) => {
            let missing = prompt.chars().zip(&ids).filter(|(_, id)| **id == UNK);
            missing.for_each(|(c, _)| note(c.to_string()));
            ids.retain(|&id| id != UNK);
        }
        Vocabulary::Word(_) => {
            let words = seqcore::data::vocab::words(prompt).zip(&ids);
            words.filter(|(_, id)| **id == UNK).for_each(|(word, _)| note(word.to_owned()));
        }
    }
    Prompt { ids, unknown }
}

/// A [`Generator`] that hands out its tokens one by one.
#[derive(Debug)]
pub struct Writer<'a> {
    generator: Generator<f32>,
    logits: Vec<f32>,
    sampler: &'a Sampler,
}

impl<'a> Writer<'a> {
    /// A writer that has read `prompt`; a prompt of nothing is read as `<unk>`.
    pub fn new(mut generator: Generator<f32>, prompt: &[usize], sampler: &'a Sampler) -> Self {
        let prompt = if prompt.is_empty() { &[UNK] } else { prompt };
        let mut logits = Vec::new();
        for &id in prompt {
            logits = generator.read(id).to_vec();
        }
        Self { generator, logits, sampler }
    }

    /// Draws the next token and reads it. `<unk>` is never drawn.
    pub fn next(&mut self, rng: &mut impl Rng) -> usize {
        self.logits[UNK] = f32::NEG_INFINITY;
        let id = self.sampler.sample(&self.logits, rng);
        self.logits.copy_from_slice(self.generator.read(id));
        id
    }
}

/// Writes to the terminal, each token as it is drawn.
///
/// # Errors
/// A model that cannot be used, settings that cannot be, a terminal that has gone.
pub fn command(args: &GenerateArgs) -> Result<()> {
    let sampler = args.choice.sampler()?;
    let trained = Trained::open(&args.model)?;
    let vocabulary = &trained.about.vocabulary;
    let text = args.prompt.replace("\\n", "\n");
    let prompt = read_prompt(&text, vocabulary);
    if !prompt.unknown.is_empty() {
        let list = prompt.unknown.iter().map(|u| format!("{u:?}")).collect::<Vec<_>>().join(", ");
        let what = match vocabulary.level() {
            Level::Char => "left out",
            Level::Word => "read as <unk>",
        };
        eprintln!("note: the model has never seen {list} of the prompt; {what}.");
    }
    let stdout = std::io::stdout();
    let mut out = stdout.lock();
    let failed = |e| Error::write("standard output".as_ref(), e);
    write!(out, "{}", text.trim_start_matches('\n')).map_err(failed)?;
    let mut rng = ChaCha8Rng::seed_from_u64(args.seed);
    let mut writer = Writer::new(trained.model.generator(), &prompt.ids, &sampler);
    for _ in 0..args.length {
        let id = writer.next(&mut rng);
        write!(out, "{}", vocabulary.decode(&[id])).and_then(|()| out.flush()).map_err(failed)?;
    }
    writeln!(out).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Material, PLAY};

    #[test]
    fn a_prompt_with_what_is_unknown() {
        let characters = Material::new(PLAY, Level::Char, 0).unwrap().vocabulary;
        let prompt = read_prompt("Nab ★ and ★§", &characters);
        assert_eq!(characters.decode(&prompt.ids), "Nab  and ");
        assert_eq!(prompt.unknown, ["★", "§"]);
        let words = Material::new(PLAY, Level::Word, 100).unwrap().vocabulary;
        let prompt = read_prompt("the zeppelin", &words);
        assert_eq!((prompt.ids.len(), prompt.ids[2]), (3, UNK));
        assert_eq!(prompt.unknown, ["zeppelin"]);
        assert!(read_prompt("", &characters).ids.is_empty());
    }

    #[test]
    fn the_writer_writes_what_the_generator_does() {
        use seqcore::cells::Cell;
        use seqcore::models::language::{LanguageConfig, LanguageModel};
        let config = LanguageConfig {
            vocabulary: 9,
            embedding: 4,
            cell: Cell::Lstm,
            hidden: 5,
            layers: 2,
            dropout: 0.0,
        };
        let model = LanguageModel::<f32>::new(&config, &mut ChaCha8Rng::seed_from_u64(1));
        let sampler = Sampler::temperature(1.2).unwrap();
        for prompt in [&[][..], &[3, 4]] {
            let expected = model.generate(prompt, 30, &sampler, &mut ChaCha8Rng::seed_from_u64(2));
            let mut writer = Writer::new(model.generator(), prompt, &sampler);
            let mut rng = ChaCha8Rng::seed_from_u64(2);
            let written: Vec<usize> = (0..30).map(|_| writer.next(&mut rng)).collect();
            assert_eq!(written, expected);
        }
    }
}
