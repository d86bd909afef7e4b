//! The command `explore`: one self-contained HTML page to look into a model while it reads a text.
//!
//! All that the page shows is computed here and stands in it as JSON: for each token what the model
//! expected next, and every gate and state of every unit. Gates and states are kept as whole
//! numbers from −127 to 127 (the share of their range), base64: one byte each, so that the size of
//! a page is known: N tokens · L layers · H units · 6 bytes · 4/3. A longer text than [`MOST_VALUES`]
//! allow is cut, and that is said.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lesson::files::{Text, write_atomically};
use lesson::{Error, Result, Screen};
use ndarray::{Array2, ArrayView1, Axis};
use seqcore::cells::Cell;
use seqcore::data::UNK;
use seqcore::metrics::perplexity;
use seqcore::models::language::{LanguageModel, LanguageTape};
use serde::Serialize;

use crate::inside::reading::Reading;
use crate::text::{Level, Material, Vocabulary, read};
use crate::trained::Trained;

const PAGE: &str = include_str!("explore/page.html");
const STYLE: &str = include_str!("explore/page.css");
const SCRIPT: &str = include_str!("explore/page.js");
/// What shows that a file is a page of ours.
const MARK: &str = "content=\"lstm-textgen explore\"";

/// The arguments of `explore`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExploreArgs {
    /// The folder of a trained model
    #[arg(long, value_name = "DIR", default_value = "out/lstm-textgen")]
    pub model: PathBuf,
    /// The text to read; \n is a new line [default: the beginning of the last tenth of --data]
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    pub text: Option<String>,
    /// A file with the text to read
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Whose last tenth to read: a name from the catalogue or a path [default: the text that it
    /// was trained on]
    #[arg(long, value_name = "NAME|PATH", conflicts_with_all = ["text", "file"])]
    pub data: Option<String>,
    /// How many characters to read at most
    #[arg(long, value_name = "N", default_value_t = 800, allow_negative_numbers = true)]
    pub length: usize,
    /// Where to write the page [default: explore.html in the model's folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The most gates and states in a page: it has then about 6 MB, which a browser opens at once.
/// They are 2730 characters for one layer of 256 units, 1365 for 512 units, 682 for two such layers.
pub const MOST_VALUES: usize = 4 << 20;

/// Tokens that are listed as what may come next; all of them in most vocabularies of characters.
const LISTED: usize = 100;

/// What stands in the page.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The model and the text in a sentence.
    pub about: String,
    /// The text in tokens, as it was written.
    pub pieces: Vec<String>,
    /// Their ids.
    pub ids: Vec<usize>,
    /// How each id is shown.
    pub labels: Vec<String>,
    /// −ln p of each token; of the first one nothing is known.
    pub surprise: Vec<Option<f64>>,
    /// For each place the likeliest next ids, and −100 ln p of each, ascending.
    pub next: Vec<(Vec<usize>, Vec<u32>)>,
    /// Whether there are more tokens than those listed in `next`.
    pub cut: bool,
    /// Gates and states.
    pub layers: Vec<Layer>,
}

/// One layer's gates and states.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    /// H.
    pub hidden: usize,
    /// What each unit's memory (c, or h where there is no c) is a share of: its largest size in this
    /// text, (H).
    pub scale: Vec<f64>,
    /// Name and (N, H) values as shares of their range, −127 to 127, one byte each, base64.
    pub parts: Vec<(&'static str, String)>,
}

/// Writes the page and says where.
///
/// # Errors
/// A model or a text that cannot be used, a file that is in the way.
pub fn command(args: &ExploreArgs) -> Result<()> {
    let trained = Trained::open(&args.model)?;
    let text = chosen(args, &trained)?;
    let out = args.out.clone().unwrap_or_else(|| trained.path.with_file_name("explore.html"));
    let foreign = fs::read(&out).is_ok_and(|old| !String::from_utf8_lossy(&old).contains(MARK));
    if foreign {
        let taken = std::io::Error::other("there is a file that `explore` did not write");
        return Err(Error::write(&out, taken));
    }
    let vocabulary = &trained.about.vocabulary;
    let page = Page::new(&trained.model, vocabulary, &text)?;
    let unknown = page.ids.iter().filter(|&&id| id == UNK).count();
    if unknown > 0 {
        eprintln!(
            "note: the model does not know {unknown} of the text's tokens; it reads them as <unk>."
        );
    }
    let read = page.pieces.concat().chars().count();
    let whole = text.chars().count();
    if read < whole {
        eprintln!(
            "note: the page has the first {read} of the text's {whole} characters; of so large a model no more fit."
        );
    }
    let html = page.html();
    write_atomically(&out, html.as_bytes())?;
    let size = html.len() as f64 / 1e6;
    let said = format!("{}\n{} ({size:.1} MB): open it in a browser.\n", page.about, out.display());
    Screen::stdout(false).print(&said);
    Ok(())
}

/// The text that the arguments mean.
fn chosen(args: &ExploreArgs, trained: &Trained) -> Result<String> {
    let text = match (&args.text, &args.file) {
        (Some(text), _) => text.replace("\\n", "\n"),
        (None, Some(file)) => Text::read(file)?.content,
        (None, None) => {
            let data = args.data.as_ref().or(trained.about.data.as_ref());
            let text = read(data.map(String::as_str), false)?;
            Material::with(&text.content, &trained.about.vocabulary)?.test_text
        }
    };
    let text: String = text.chars().take(args.length).collect();
    if text.chars().nth(1).is_none() {
        return Err(Error::config(
            "there is nothing to explore: give a text of two characters or more.",
        ));
    }
    Ok(text)
}

impl Page {
    /// Lets the model read `text`, from an empty state; as much of it as a page can hold.
    ///
    /// # Errors
    /// A text of less than two tokens.
    pub fn new(model: &LanguageModel<f32>, vocabulary: &Vocabulary, text: &str) -> Result<Self> {
        let config = model.config();
        let most = MOST_VALUES / (config.layers * config.hidden * (config.cell.gates() + 2));
        let mut pieces = pieces(vocabulary.level(), text);
        pieces.truncate(most.max(2));
        let ids = vocabulary.encode(&pieces.concat());
        if ids.len() < 2 {
            return Err(Error::config(
                "there is nothing to explore: give a text of two words or more.",
            ));
        }
        let costs = costs(model, &ids); // (N, V)
        let mut surprise = vec![None];
        surprise.extend((1..ids.len()).map(|n| Some(round(costs[[n - 1, ids[n]]]))));
        let nats = surprise.iter().flatten().sum::<f64>() / (ids.len() - 1) as f64;
        let next = costs.outer_iter().map(likeliest).collect();
        let layers = Reading::of(model, &ids)
            .iter()
            .map(|reading| Layer::new(reading, config.cell))
            .collect();
        let tokens = if vocabulary.level() == Level::Char { "character" } else { "token" };
        let about = format!(
            "{} with {} layer(s) of {} units reads {} {tokens}s: {nats:.4} nats per {tokens}, perplexity {:.2}.",
            config.cell.label(),
            config.layers,
            config.hidden,
            ids.len(),
            perplexity(nats),
        );
        let labels = (0..vocabulary.size()).map(|id| vocabulary.label(id)).collect();
        Ok(Self {
            about,
            pieces,
            ids,
            labels,
            surprise,
            next,
            cut: vocabulary.size() > LISTED,
            layers,
        })
    }

    /// The page.
    pub fn html(&self) -> String {
        let json = serde_json::to_string(self).expect("plain values serialise");
        // So that no text can end the script that holds it.
        let json = json.replace('<', "\\u003c");
        PAGE.replace("{{STYLE}}", STYLE).replace("{{SCRIPT}}", SCRIPT).replace("{{DATA}}", &json)
    }
}

/// A text as the tokens' own pieces, unknown ones too.
fn pieces(level: Level, text: &str) -> Vec<String> {
    match level {
        Level::Char => text.chars().map(String::from).collect(),
        Level::Word => seqcore::data::vocab::words(text).map(str::to_owned).collect(),
    }
}

/// −ln p of every token after each of `ids`, (N, V): (R3), (R4).
fn costs(model: &LanguageModel<f32>, ids: &[usize]) -> Array2<f64> {
    let column = Array2::from_shape_vec((ids.len(), 1), ids.to_vec()).expect("one column"); // (N, 1)
    let mut tape = LanguageTape::<f32>::default();
    let logits = model.forward(column.view(), &model.zero_state(1), None, &mut tape);
    let mut costs = logits.mapv(|y| -f64::from(y)); // (N, V)
    for mut row in costs.axis_iter_mut(Axis(0)) {
        let least = row.fold(f64::INFINITY, |a, &b| a.min(b));
        let normaliser = row.fold(0.0, |sum, &cost| sum + (least - cost).exp()).ln() - least;
        row += normaliser;
    }
    costs
}

/// The likeliest tokens and −100 ln p of each.
fn likeliest(costs: ArrayView1<f64>) -> (Vec<usize>, Vec<u32>) {
    let mut ids: Vec<usize> = (0..costs.len()).collect();
    ids.sort_by(|&a, &b| costs[a].total_cmp(&costs[b]));
    ids.truncate(LISTED);
    let hundredths = ids.iter().map(|&id| (100.0 * costs[id]).round() as u32).collect();
    (ids, hundredths)
}

fn round(nats: f64) -> f64 {
    (nats * 1e6).round() / 1e6
}

impl Layer {
    fn new(reading: &Reading, cell: Cell) -> Self {
        let (tokens, hidden) = reading.h.dim();
        let largest = |column: ArrayView1<f64>| column.fold(1e-6, |most: f64, v| most.max(v.abs()));
        let scale: Vec<f64> = reading.memory.columns().into_iter().map(largest).collect();
        let names = reading.rows_of(0, cell).into_iter().map(|(name, _)| name);
        let mut parts: Vec<_> = names.map(|name| (name, vec![0; tokens * hidden])).collect();
        let memory = if cell.has_cell_state() { "c" } else { "h" };
        for (unit, &scale) in scale.iter().enumerate() {
            for ((name, values), (_, bytes)) in reading.rows_of(unit, cell).iter().zip(&mut parts) {
                let range = if *name == memory { scale } else { 1.0 };
                for (n, value) in values.iter().enumerate() {
                    bytes[n * hidden + unit] = (127.0 * value / range).round() as i8 as u8;
                }
            }
        }
        let parts = parts.into_iter().map(|(name, bytes)| (name, STANDARD.encode(bytes))).collect();
        Self { hidden, scale: scale.into_iter().map(round).collect(), parts }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::models::language::LanguageConfig;

    use super::*;

    const TEXT: &str = "the </script> & the rest\nof it";

    fn page(cell: Cell, hidden: usize, text: &str) -> (Page, LanguageModel<f32>) {
        let vocabulary = Vocabulary::Char(seqcore::data::CharVocab::from_text(
            TEXT,
            seqcore::data::Order::Sorted,
        ));
        let (embedding, layers, dropout) = (5, 2, 0.0);
        let vocabulary_size = vocabulary.size();
        let config = LanguageConfig {
            vocabulary: vocabulary_size,
            embedding,
            cell,
            hidden,
            layers,
            dropout,
        };
        let model = LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(2));
        (Page::new(&model, &vocabulary, text).unwrap(), model)
    }

    #[test]
    fn what_it_shows_is_what_the_model_does() {
        let (page, model) = page(Cell::Lstm, 6, TEXT);
        let losses = crate::inside::reading::losses(&model, &page.ids[..4]);
        let n = page.ids.len();
        assert_eq!((page.pieces.concat().as_str(), page.next.len()), (TEXT, n));
        // The first stream of `losses` reads one token from an empty state, as the page does.
        assert!((page.surprise[1].unwrap() - losses[0]).abs() < 1e-5);
        for (ids, costs) in &page.next {
            let sum: f64 = costs.iter().map(|&c| (-f64::from(c) / 100.0).exp()).sum();
            assert!((sum - 1.0).abs() < 0.01 && ids.len() == model.config().vocabulary, "{sum}");
            assert!(costs.is_sorted());
        }
        // h = o tanh(c) (L7) holds for what is in the page, up to rounding.
        for layer in &page.layers {
            let part = |name: &str| {
                let (_, text) = layer.parts.iter().find(|(part, _)| *part == name).unwrap();
                let bytes = STANDARD.decode(text).unwrap();
                bytes.iter().map(|&b| f64::from(b as i8) / 127.0).collect::<Vec<_>>()
            };
            let (o, c, h) = (part("o"), part("c"), part("h"));
            assert_eq!(h.len(), n * 6);
            for k in 0..h.len() {
                let expected = o[k] * (c[k] * layer.scale[k % 6]).tanh();
                assert!((h[k] - expected).abs() < 0.02, "{} {expected}", h[k]);
            }
        }
    }

    #[test]
    fn the_text_cannot_leave_its_script_and_the_page_asks_for_nothing() {
        for cell in [Cell::Lstm, Cell::Gru, Cell::RnnRelu] {
            let html = page(cell, 4, TEXT).0.html();
            assert_eq!(html.matches("</script>").count(), 2);
            assert!(html.contains(MARK) && !html.contains("{{"));
            for foreign in ["http:", "https:", "src=", "<link", "import ", "fetch("] {
                assert!(!html.contains(foreign), "{foreign}");
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_to_what_a_page_holds() {
        let (page, _) = page(Cell::Lstm, 500, &TEXT.repeat(40));
        assert_eq!(page.pieces.len(), MOST_VALUES / (2 * 500 * 6));
        assert!(page.html().len() < 7_000_000);
    }
}
