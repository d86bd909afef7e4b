//! The commands `export` and `import`: a model as a file that goes to PyTorch and comes from it.
//!
//! Recurrent layers here are PyTorch's, so names and shapes are those of the state dict of a module
//! with `embedding` ([`nn.Embedding`]), `rnn` (`nn.LSTM`, `nn.GRU` or `nn.RNN`) and `linear`
//! (`nn.Linear`); `pytorch.py` beside this crate is such a module. A model of ours has `<unk>` at id
//! 0. A file from elsewhere need not: it gets one, which reads as zeros and is never predicted.
//!
//! [`nn.Embedding`]: https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html

use std::path::PathBuf;

use lesson::files::weights::{Reader, Writer};
use lesson::run::MODEL_FILE;
use lesson::run::model::Describes;
use lesson::{Error, OutputFolder, Result, Screen, Syllabus};
use ndarray::{ArrayD, Axis, Slice};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::models::language::LanguageConfig;
use seqcore::params::Named;

use crate::model::{Shape, TextModel};
use crate::text::Vocabulary;
use crate::trained::{self, About, Trained};

/// The metadata in which a file of ours describes its model.
const MODEL_KEY: &str = "model";
/// The metadata in which a file from elsewhere lists its tokens, as a JSON list in order of their
/// ids.
const VOCABULARY_KEY: &str = "vocabulary";
/// How the list may call what it does not know.
const UNKNOWN: &str = "<unk>";

/// The arguments of `export`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArgs {
    /// The folder of a trained model
    #[arg(long, value_name = "DIR", default_value = "out/lstm-textgen")]
    pub model: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "model-for-pytorch.safetensors")]
    pub out: PathBuf,
}

/// The arguments of `import`.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportArgs {
    /// A state dict that PyTorch saved as safetensors
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder for the model
    #[arg(long, value_name = "DIR", default_value = "out/lstm-textgen/imported")]
    pub out: PathBuf,
}

/// Writes a model as one file: all arrays under PyTorch's names, tied ones twice, and in the
/// metadata what is needed to use it.
///
/// # Errors
/// A model that cannot be used, a file that exists.
pub fn export(args: &ExportArgs) -> Result<()> {
    let Trained { mut about, model, .. } = Trained::open(&args.model)?;
    if args.out.exists() {
        let taken = std::io::Error::other("it exists already");
        return Err(Error::write(&args.out, taken));
    }
    about.shape.tied = false;
    let mut writer = Writer::default();
    writer.named("", &model);
    lesson::run::export(&args.out, &about.described(), writer)?;
    let mut said =
        format!("{}: {} parameters, by PyTorch's names:\n", args.out.display(), model.count());
    for (name, slot) in model.named() {
        said += &format!("  {name} {:?}\n", slot.dense().shape());
    }
    Screen::stdout(false).print(&said);
    Ok(())
}

/// Makes a folder of a file, as `train` would have written it.
///
/// # Errors
/// A file whose arrays are no language model or that does not say its tokens, a folder that holds a
/// model already.
pub fn import(syllabus: &Syllabus, args: &ImportArgs) -> Result<()> {
    let (about, model, note) = read(&Reader::open(&args.file)?)?;
    let file = args.out.join(MODEL_FILE);
    if file.exists() {
        let taken = std::io::Error::other("there is a model in it already");
        return Err(Error::write(&args.out, taken));
    }
    let _ours = OutputFolder::claim(&args.out, syllabus.name)?;
    trained::write(&file, &about, &model)?;
    let LanguageConfig { cell, layers, hidden, vocabulary, .. } = about.shape.language;
    let mut said = format!(
        "{}: {} with {layers} layer(s) of {hidden} units, {vocabulary} tokens, {} parameters.\n",
        args.out.display(),
        cell.label(),
        model.count()
    );
    if let Some(note) = note {
        said += &format!("note: {note}\n");
    }
    Screen::stdout(false).print(&said);
    Ok(())
}

/// The model in a file, and what the user should know about how it was read.
///
/// # Errors
/// Arrays that are no language model, tokens that are not said.
pub fn read(reader: &Reader) -> Result<(About, TextModel, Option<String>)> {
    let mut shape = shape(reader)?;
    let ours = reader.metadata(MODEL_KEY).ok();
    let (about, added) = match ours {
        Some(json) => {
            let about: About = serde_json::from_str(json).map_err(|e| {
                reader.error(format!("its metadata {MODEL_KEY:?} describes no model ({e})."))
            })?;
            let language = LanguageConfig {
                dropout: about.shape.language.dropout,
                // A file does not say which; only we know.
                cell: if shape.language.cell == Cell::RnnTanh {
                    about.shape.language.cell
                } else {
                    shape.language.cell
                },
                ..shape.language
            };
            (About { shape: Shape { language, ..shape }, ..about }, 0)
        }
        None => {
            let (vocabulary, has_unknown) = vocabulary(reader)?;
            let added = usize::from(!has_unknown);
            shape.language.vocabulary += added;
            (About { shape, data: None, sha256: String::new(), vocabulary }, added)
        }
    };
    let (rows, tokens) = (about.shape.language.vocabulary, about.vocabulary.size());
    if rows != tokens {
        return Err(reader.error(format!(
            "embedding.weight has {} rows, but its metadata names {} tokens. The list must name every row, in order.",
            rows - added,
            tokens - added
        )));
    }
    about.shape.validate()?;
    let mut model = TextModel::new(&about.shape, 0.0, &mut ChaCha8Rng::seed_from_u64(0));
    fill(reader, &mut model, added)?;
    let mut notes = Vec::new();
    if added > 0 {
        notes.push(
            "its tokens have no <unk>, so one was added: it reads as zeros and is never predicted.",
        );
    }
    if ours.is_none() && about.shape.language.cell == Cell::RnnTanh {
        notes.push("a plain RNN is taken for one with tanh.");
    }
    Ok((about, model, (!notes.is_empty()).then(|| notes.join(" "))))
}

/// The shape of the model that the arrays make.
fn shape(reader: &Reader) -> Result<Shape> {
    let dims = |name: &str| -> Result<[usize; 2]> {
        let array: ArrayD<f32> = reader.array(name)?;
        <[usize; 2]>::try_from(array.shape()).map_err(|_| {
            reader.error(format!("{name} has the shape {:?}; a matrix is needed.", array.shape()))
        })
    };
    let [vocabulary, embedding] = dims("embedding.weight")?;
    let [rows, hidden] = dims("rnn.weight_hh_l0")?;
    let cell = match (hidden > 0 && rows % hidden == 0).then(|| rows / hidden) {
        Some(1) => Cell::RnnTanh,
        Some(3) => Cell::Gru,
        Some(4) => Cell::Lstm,
        _ => {
            return Err(reader.error(format!(
                "rnn.weight_hh_l0 has the shape [{rows}, {hidden}]; the first must be 4 times the second for an LSTM, \
                 3 times for a GRU, the same for an RNN."
            )));
        }
    };
    let layers = (0..).take_while(|k| reader.has(&format!("rnn.weight_hh_l{k}"))).count();
    let tied = !reader.has("linear.weight");
    let language = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout: 0.0 };
    Ok(Shape { language, tied })
}

/// The tokens that a file from elsewhere names, and whether `<unk>` is the first.
fn vocabulary(reader: &Reader) -> Result<(Vocabulary, bool)> {
    let how = "Save it with save_file(state_dict, path, metadata={\"vocabulary\": json.dumps(tokens)}), tokens being the \
               list of tokens in the order of their ids";
    let json = reader
        .metadata(VOCABULARY_KEY)
        .map_err(|_| reader.error(format!("the file does not say which token is which. {how}.")))?;
    let broken = |why: String| {
        reader
            .error(format!("its metadata {VOCABULARY_KEY:?} is no list of tokens ({why}). {how}."))
    };
    let mut tokens: Vec<String> = serde_json::from_str(json).map_err(|e| broken(e.to_string()))?;
    let has_unknown = tokens.first().is_some_and(|first| first == UNKNOWN);
    tokens.drain(..usize::from(has_unknown));
    let characters = tokens.iter().all(|token| token.chars().count() == 1);
    // As a file of ours holds it: the level, and the list without <unk>.
    let level = if characters { "char" } else { "word" };
    let value = serde_json::json!({ "level": level, "tokens": tokens });
    let vocabulary = serde_json::from_value(value).map_err(|e| broken(e.to_string()))?;
    Ok((vocabulary, has_unknown))
}

/// The logit of an `<unk>` that the file's model did not have: e⁻³⁰ of what a logit of 0 gets.
const NEVER: f32 = -30.0;

/// Fills `model` from the file; its first `added` tokens are not in the file.
fn fill(reader: &Reader, model: &mut TextModel, added: usize) -> Result<()> {
    let mut left: Vec<String> = reader.names();
    for (name, slot) in model.named_mut() {
        let array: ArrayD<f32> = reader.array(&name)?;
        let mut slot = slot.dense();
        let by_token =
            ["embedding.weight", "linear.weight", "linear.bias"].contains(&name.as_str());
        let added = if by_token { added } else { 0 };
        let mut expected = slot.shape().to_vec();
        expected[0] -= added;
        if array.shape() != expected {
            return Err(reader.error(format!(
                "{name} has the shape {:?}, but beside the other arrays it must be {expected:?}.",
                array.shape()
            )));
        }
        if array.iter().any(|value| !value.is_finite()) {
            return Err(
                reader.error(format!("{name} holds values that are no numbers (NaN or infinite)."))
            );
        }
        slot.slice_axis_mut(Axis(0), Slice::from(added..)).assign(&array);
        let new = if name == "linear.bias" { NEVER } else { 0.0 };
        slot.slice_axis_mut(Axis(0), Slice::from(..added)).fill(new);
        left.retain(|other| *other != name);
    }
    match left.first() {
        None => Ok(()),
        Some(name) => Err(reader.error(format!(
            "the array {name:?} has no place in a model of embedding, rnn (one direction, with biases) and linear."
        ))),
    }
}
