//! Part 6, **compress**: the model as a compressor, exact to the byte.
//!
//! Whoever predicts well can write short. Before each character both sides, sender and receiver, ask
//! the model for its probabilities; the sender narrows an interval by the share of the character that
//! comes ([`coder`]), the receiver finds out whose share the message points at. A character of
//! probability p costs −log₂ p bits, so the file's size *is* the model's loss (R5), measured in bytes.
//!
//! Shares are whole numbers, share_i = 1 + ⌊p_i · (2²⁴ − V)⌋, computed one character at a time by both
//! sides with the same code: the same build on the same kind of machine gives the same bytes. A
//! character that the vocabulary lacks is sent as `<unk>` and its number among all of Unicode's.

pub mod coder;

use std::io::Write;

use lesson::plot::{BarChart, Table};
use lesson::{Error, Lesson, Result};
use seqcore::data::{CharVocab, UNK};
use seqcore::models::generator::Generator;
use seqcore::models::language::LanguageModel;

use crate::text::Vocabulary;
use crate::train::TrainedText;
use coder::{Decoder, Encoder, Share};

/// The shares of all tokens sum to a little less than this.
const TOTAL: f64 = 16_777_216.0;
/// One more than the largest number of a Unicode character.
const UNICODE: u32 = 0x11_0000;

/// A model that says how likely each next character is, with a state.
struct Predictor {
    generator: Generator<f32>,
    shares: Vec<u32>,
}

impl Predictor {
    fn new(model: &LanguageModel<f32>, vocabulary: &CharVocab) -> Self {
        let mut predictor = Self { generator: model.generator(), shares: Vec::new() };
        // As if a new line had been read; `<unk>` where there is none.
        predictor.read(vocabulary.id(&'\n'));
        predictor
    }

    /// Reads a token; the shares are then those of the next.
    fn read(&mut self, id: usize) {
        let logits = self.generator.read(id);
        let max = logits.iter().fold(f64::NEG_INFINITY, |max, &y| max.max(f64::from(y)));
        let e: Vec<f64> = logits.iter().map(|&y| (f64::from(y) - max).exp()).collect();
        let scale = (TOTAL - e.len() as f64) / e.iter().sum::<f64>();
        self.shares.clear();
        self.shares.extend(e.iter().map(|e| 1 + (e * scale) as u32)); // (R4), as whole numbers
    }

    fn total(&self) -> u32 {
        self.shares.iter().sum()
    }

    fn share(&self, id: usize) -> Share {
        let below = self.shares[..id].iter().sum();
        Share { below, above: below + self.shares[id], total: self.total() }
    }
}

/// A character that the vocabulary lacks, by its number.
fn unicode(c: u32) -> Share {
    Share { below: c, above: c + 1, total: UNICODE }
}

/// Encodes a text: four bytes for the number of its characters, then the characters.
///
/// # Errors
/// A text of 2³² characters or more.
pub fn encode(model: &LanguageModel<f32>, vocabulary: &CharVocab, text: &str) -> Result<Vec<u8>> {
    let count = u32::try_from(text.chars().count())
        .map_err(|_| Error::config("the text is too long to be encoded."))?;
    let mut predictor = Predictor::new(model, vocabulary);
    let mut encoder = Encoder::default();
    for c in text.chars() {
        let id = vocabulary.id(&c);
        encoder.encode(predictor.share(id));
        if id == UNK {
            encoder.encode(unicode(c.into()));
        }
        predictor.read(id);
    }
    Ok([count.to_le_bytes().to_vec(), encoder.finish()].concat())
}

/// Decodes what [`encode`] wrote with the same model.
///
/// # Errors
/// Bytes that are no message.
pub fn decode(model: &LanguageModel<f32>, vocabulary: &CharVocab, bytes: &[u8]) -> Result<String> {
    let broken = || Error::config("these bytes are no text that this model encoded.");
    let (count, message) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
    let mut predictor = Predictor::new(model, vocabulary);
    let mut decoder = Decoder::new(message);
    let mut text = String::new();
    for _ in 0..u32::from_le_bytes(*count) {
        let position = decoder.position(predictor.total());
        let mut below = 0;
        let holds = |&share: &u32| {
            below += share;
            position < below
        };
        let id = predictor.shares.iter().position(holds).ok_or_else(broken)?;
        decoder.advance(predictor.share(id));
        let c = match vocabulary.token(id) {
            Some(&c) => c,
            None => {
                let number = decoder.position(UNICODE);
                decoder.advance(unicode(number));
                char::from_u32(number).ok_or_else(broken)?
            }
        };
        text.push(c);
        predictor.read(id);
    }
    Ok(text)
}

/// A compressor that a learner has at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packer {
    /// DEFLATE: repeats within the last 32 KiB, Huffman codes.
    Gzip,
    /// Sorted contexts (Burrows-Wheeler), blocks of 900 kB.
    Bzip2,
    /// LZMA: repeats anywhere, arithmetic coding.
    Xz,
}

impl Packer {
    /// All of them.
    pub const ALL: [Packer; 3] = [Packer::Gzip, Packer::Bzip2, Packer::Xz];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// The size of `bytes` when packed as tightly as it can.
    pub fn size(self, bytes: &[u8]) -> usize {
        let memory = "writing to memory does not fail";
        match self {
            Self::Gzip => {
                let mut packer =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                packer.write_all(bytes).expect(memory);
                packer.finish().expect(memory).len()
            }
            Self::Bzip2 => {
                let mut packer =
                    bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
                packer.write_all(bytes).expect(memory);
                packer.finish().expect(memory).len()
            }
            Self::Xz => {
                let options = lzma_rust2::XzOptions::with_preset(9);
                let mut packer = lzma_rust2::XzWriter::new(Vec::new(), options).expect(memory);
                packer.write_all(bytes).expect(memory);
                packer.finish().expect(memory).len()
            }
        }
    }
}

/// The sizes of a held-out text under one compressor, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Which.
    pub packer: Packer,
    /// The text alone.
    pub cold: usize,
    /// What it adds behind the training text: size(training + held out) − size(training).
    pub primed: usize,
}

/// Measures all compressors side by side.
pub fn sizes(training: &str, held_out: &str) -> Vec<Sizes> {
    let both = [training.as_bytes(), held_out.as_bytes()].concat();
    crate::loss::in_parallel(&Packer::ALL, |&packer| {
        let cold = packer.size(held_out.as_bytes());
        let primed = packer.size(&both).saturating_sub(packer.size(training.as_bytes()));
        Sizes { packer, cold, primed }
    })
}

/// A size as nats per character.
pub fn nats(bytes: usize, characters: usize) -> f64 {
    bytes as f64 * 8.0 * std::f64::consts::LN_2 / characters as f64
}

/// The most characters that the part encodes.
const MOST: usize = 120_000;

/// Runs the part.
///
/// # Errors
/// None: the text is shorter than what can be encoded.
pub fn run(lesson: &mut Lesson, trained: &TrainedText) -> Result<()> {
    lesson.heading("6 · Compress: a good guess is a short file");
    let Vocabulary::Char(vocabulary) = &trained.material.vocabulary else {
        lesson.say("Only a character model is used as a compressor here.");
        return Ok(());
    };
    let text: String = trained.material.test_text.chars().take(MOST).collect();
    let characters = text.chars().count();
    lesson.say(&format!(
        "Test, {characters} characters, is encoded with the model's probabilities by arithmetic coding and decoded \
         again. The result must be the same to the byte, or all of this proves nothing.",
    ));
    let bytes = encode(&trained.model, vocabulary, &text)?;
    let back = decode(&trained.model, vocabulary, &bytes)?;
    assert!(back == text, "decoding gives back what was encoded");
    let per_char = nats(bytes.len(), characters);
    lesson.say(&format!(
        "{} bytes became {} and then, decoded, the same {} bytes. That is {per_char:.4} nats per character; the loss \
         on test was {:.4}. The file is the loss, give or take the state that each way of reading begins with.",
        text.len(),
        bytes.len(),
        back.len(),
        trained.score.nats_per_char,
    ));
    let found = sizes(&trained.material.before_test_text, &text);
    show_sizes(lesson, trained, &text, bytes.len(), &found);
    let weights = 4 * seqcore::params::Named::count(&trained.model);
    let best = found.iter().map(|s| s.cold).min().unwrap_or(text.len());
    let saved = best.saturating_sub(bytes.len()) as f64 / text.len() as f64;
    lesson.say(&format!(
        "Is that fair? The receiver must have the model. Its weights are {weights} bytes, and with them the message is \
         {} bytes, {:.1} times the text itself. Against the best cold compressor the model saves {:.2} bytes a byte of \
         text, so it pays for its own transport only for texts of {}. Primed, the others have read the same training text, \
         and that is the comparison to look at.",
        weights + bytes.len(),
        (weights + bytes.len()) as f64 / text.len() as f64,
        saved,
        if saved > 0.0 {
            format!("{:.0} MB and more, all like this one", weights as f64 / saved / 1e6)
        } else {
            "no length at all".to_owned()
        },
    ));
    lesson.number("compress.model_bytes", bytes.len() as f64);
    lesson.number("compress.model_nats_per_char", per_char);
    lesson.number("compress.with_weights_bytes", (weights + bytes.len()) as f64);
    lesson.number("compress.text_bytes", text.len() as f64);
    Ok(())
}

fn show_sizes(
    lesson: &mut Lesson,
    trained: &TrainedText,
    text: &str,
    model: usize,
    found: &[Sizes],
) {
    let characters = text.chars().count();
    let mut table = Table::new(["compressor", "bytes", "nats/char", "share of the text"]).caption(
        "Cold: test alone. Primed: how much longer the packed training text becomes when test is appended.",
    );
    let mut bars =
        BarChart::new("Test, compressed", "Bars: nats per character of each compressor.")
            .unit("nats/char");
    let mut push = |name: String, bytes: usize, highlight: bool| {
        let nats = nats(bytes, characters);
        let share = format!("{:.1} %", 100.0 * bytes as f64 / text.len() as f64);
        table.push([name.clone(), bytes.to_string(), format!("{nats:.3}"), share]);
        let chart = std::mem::take(&mut bars);
        bars = if highlight { chart.highlight(name, nats) } else { chart.bar(name, nats) };
    };
    for sizes in found {
        let name = sizes.packer.name();
        push(format!("{name}, cold"), sizes.cold, false);
        push(format!("{name}, primed"), sizes.primed, false);
    }
    push(format!("{}, weights known", trained.recipe.cell.label()), model, true);
    for sizes in found {
        let name = sizes.packer.name();
        lesson.number(&format!("compress.{name}_cold_bytes"), sizes.cold as f64);
        lesson.number(&format!("compress.{name}_primed_bytes"), sizes.primed as f64);
    }
    lesson.table(&table);
    lesson.figure(&bars.render());
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::cells::Cell;
    use seqcore::data::Order;
    use seqcore::models::language::LanguageConfig;

    use super::*;

    fn model(vocabulary: &CharVocab, sharpness: f32) -> LanguageModel<f32> {
        let config = LanguageConfig {
            vocabulary: vocabulary.size(),
            embedding: 4,
            cell: Cell::Lstm,
            hidden: 6,
            layers: 2,
            dropout: 0.0,
        };
        let mut model = LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(1));
        model.linear.weight.mapv_inplace(|w| w * sharpness);
        model
    }

    #[test]
    fn any_text_comes_back() {
        let vocabulary = CharVocab::from_text("to be or not\n", Order::Frequency);
        // With a sharpness of 10,000 most characters have the least share there is.
        for sharpness in [1.0, 30.0, 1e4] {
            let model = model(&vocabulary, sharpness);
            let long = "to be, or not to be: that is 中 \u{1F600} \u{10FFFF}\0\n".repeat(20);
            for text in ["", "t", "\u{10FFFF}", &long] {
                let bytes = encode(&model, &vocabulary, text).unwrap();
                assert_eq!(decode(&model, &vocabulary, &bytes).unwrap(), text, "{sharpness}");
            }
        }
    }

    #[test]
    fn the_size_is_the_loss() {
        let vocabulary = CharVocab::from_text("to be or not\n", Order::Frequency);
        let model = model(&vocabulary, 3.0);
        let text = "not to be or to be not\n".repeat(40);
        let ids = vocabulary.encode(&text).ids;
        let evaluation =
            seqcore::data::Evaluation::new(vocabulary.id(&'\n'), ids.clone(), 1, 64).unwrap();
        let loss = seqcore::train::language::nats_per_token(&model, &evaluation);
        let bytes = encode(&model, &vocabulary, &text).unwrap().len() - 4;
        let expected = loss * ids.len() as f64 / std::f64::consts::LN_2 / 8.0;
        assert!((bytes as f64 - expected).abs() < 2.0, "{bytes} bytes, expected {expected}");
    }

    #[test]
    fn bytes_that_are_no_message_do_no_harm() {
        let vocabulary = CharVocab::from_text("to be or not\n", Order::Frequency);
        let model = model(&vocabulary, 1.0);
        assert!(decode(&model, &vocabulary, &[1, 0]).is_err());
        let junk: Vec<u8> = (0..60u32).map(|k| (k * 37 % 251) as u8).collect();
        for start in 0..20 {
            let mut junk = junk[start..].to_vec();
            junk[1..4].fill(0);
            _ = decode(&model, &vocabulary, &junk); // whatever it says, it returns
        }
    }

    #[test]
    fn packers_do_what_the_programs_do() {
        // printf 'na%.0s' $(seq 500) | gzip -9 | wc -c, and likewise bzip2 -9 and xz -9e.
        let text = "na".repeat(500);
        assert!(Packer::ALL.map(|p| p.size(text.as_bytes())).iter().all(|&n| n < 100));
        let found = sizes(&text, &text);
        assert!(found.iter().all(|s| s.primed < s.cold));
    }
}
