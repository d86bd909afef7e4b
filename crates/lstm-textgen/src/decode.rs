//! Part 3, **decode**: one model, one prompt, and eight ways to choose the next character.
//!
//! The model gives probabilities; a text needs choices. Always the likeliest (greedy) runs in circles;
//! the probabilities themselves (temperature 1, (R18)) take every unlikely turn that they allow;
//! between them lie lower temperatures, top-k and top-p (Holtzman et al. 2020). Measured here: how
//! likely the model finds what was written, and how diverse it is, beside the author's own text.

use std::collections::HashSet;

use lesson::plot::{Scatter, Table};
use lesson::{Lesson, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::{Evaluation, UNK};
use seqcore::decode::Sampler;
use seqcore::train::language::nats_per_token;

use crate::generate::{Writer, read_prompt};
use crate::text::Level;
use crate::train::TrainedText;

/// A way to choose, with its name.
#[derive(Debug, Clone)]
pub struct Way {
    /// In tables.
    pub name: String,
    /// In `metrics.json`.
    pub key: String,
    /// How it chooses.
    pub sampler: Sampler,
}

/// The ways that are compared.
///
/// # Errors
/// None: these settings are valid.
pub fn ways() -> Result<Vec<Way>> {
    let way = |name: &str, key: &str, sampler| Way { name: name.into(), key: key.into(), sampler };
    let mut ways = vec![way("greedy", "greedy", Sampler::greedy())];
    for tau in [0.5, 0.8, 1.0, 1.3] {
        let key = format!("temperature_{tau}").replace('.', "_");
        ways.push(way(&format!("temperature {tau}"), &key, Sampler::temperature(tau)?));
    }
    ways.push(way("top-k 3", "top_k_3", Sampler::temperature(1.0)?.top_k(3)?));
    ways.push(way("top-k 10", "top_k_10", Sampler::temperature(1.0)?.top_k(10)?));
    ways.push(way("top-p 0.9", "top_p_0_9", Sampler::temperature(1.0)?.top_p(0.9)?));
    Ok(ways)
}

/// What a text is like.
#[derive(Debug, Clone, PartialEq)]
pub struct Character {
    /// The model's own loss on it, in nats per token.
    pub nats: f64,
    /// The share of its 8-grams (in a word model, of its trigrams) that occur for the first time.
    pub distinct: f64,
}

/// Measures a text of token ids.
pub fn characterise(trained: &TrainedText, ids: &[usize]) -> Result<Character> {
    let n = if trained.recipe.level == Level::Char { 8 } else { 3 };
    let start = trained.material.vocabulary.encode("\n").first().copied().unwrap_or(UNK);
    let evaluation = Evaluation::new(start, ids.to_vec(), 1, 256)?;
    Ok(Character { nats: nats_per_token(&trained.model, &evaluation), distinct: distinct(ids, n) })
}

/// The share of n-grams that are not a repetition of an earlier one; 1 for a text without any.
pub fn distinct(ids: &[usize], n: usize) -> f64 {
    let seen: HashSet<&[usize]> = ids.windows(n).collect();
    if ids.len() < n { 1.0 } else { seen.len() as f64 / (ids.len() - n + 1) as f64 }
}

/// Tokens of each text.
const LENGTH: usize = 2000;
/// Characters of each that are shown.
const SHOWN: usize = 180;

/// Runs the part.
///
/// # Errors
/// None: the settings are valid.
pub fn run(lesson: &mut Lesson, trained: &TrainedText) -> Result<()> {
    lesson.heading("3 · Decode: from probabilities to a text");
    let material = &trained.material;
    let name = prompt_of(&material.test_text);
    let prompt = read_prompt(&format!("\n\n{name}:\n"), &material.vocabulary).ids;
    lesson.say(&format!(
        "One model, one prompt ({name:?}, who speaks in test), the same random numbers, eight ways to choose."
    ));
    let ways = ways()?;
    let texts = crate::loss::in_parallel(&ways, |way| {
        let mut writer = Writer::new(trained.model.generator(), &prompt, &way.sampler);
        let mut rng = ChaCha8Rng::seed_from_u64(trained.recipe.seed);
        (0..LENGTH).map(|_| writer.next(&mut rng)).collect::<Vec<_>>()
    });
    for (way, ids) in ways.iter().zip(&texts) {
        let shown: String = material.vocabulary.decode(ids).chars().take(SHOWN).collect();
        let lines: String = shown.lines().map(|line| format!("  | {line}\n")).collect();
        lesson.preformatted(&format!("{}\n{lines}", way.name));
    }
    lesson.subheading("Likely is not good");
    let author: Vec<usize> = material.test.iter().copied().take(LENGTH).collect();
    let mut rows = Vec::new();
    for (way, ids) in ways.iter().zip(&texts) {
        rows.push((way.name.clone(), way.key.clone(), characterise(trained, ids)?));
    }
    let author = characterise(trained, &author)?;
    show(lesson, &rows, &author);
    Ok(())
}

/// Someone who speaks in the held-out text.
fn prompt_of(text: &str) -> String {
    let mut lines = text.lines().filter_map(|line| line.strip_suffix(':'));
    lines.find(|name| (2..25).contains(&name.len())).unwrap_or("THE KING").to_owned()
}

fn show(lesson: &mut Lesson, rows: &[(String, String, Character)], author: &Character) {
    let mut table = Table::new(["way", "nats/token", "distinct"]).caption(
        "The model's own loss on what was written, and the share of 8-grams (word model: trigrams) that are no \
         repetition, in 2000 tokens.",
    );
    let point = |name: &str, c: &Character| (c.nats, c.distinct, name.to_owned());
    let mut points = Vec::new();
    for (name, key, character) in rows {
        let Character { nats, distinct } = character;
        table.push([name.clone(), format!("{nats:.3}"), format!("{distinct:.2}")]);
        points.push(point(name, character));
        lesson.number(&format!("decode.nats_{key}"), *nats);
        lesson.number(&format!("decode.distinct_{key}"), *distinct);
    }
    table.push([
        "the author (test)".to_owned(),
        format!("{:.3}", author.nats),
        format!("{:.2}", author.distinct),
    ]);
    lesson.number("decode.nats_author", author.nats);
    lesson.number("decode.distinct_author", author.distinct);
    lesson.table(&table);
    let scatter = Scatter::new(
        "Diversity against likelihood",
        "Points: each way to choose, by the model's loss on its text and the share of distinct n-grams; and the author.",
    )
    .x("the model's loss on it (nats per token)")
    .y("distinct n-grams")
    .labelled("the model", &points)
    .labelled("the author", &[point("test", author)])
    .caption("Left: likely. Top: diverse. The author stands at the right: the model finds these words less likely than its own.");
    lesson.figure(&scatter.render());
    let greedy = &rows[0].2;
    let likeliest = rows.iter().min_by(|a, b| a.2.nats.total_cmp(&b.2.nats)).expect("eight ways");
    let nearest = rows
        .iter()
        .min_by(|a, b| {
            let far = |c: &Character| (c.distinct - author.distinct).abs();
            far(&a.2).total_cmp(&far(&b.2))
        })
        .expect("eight ways");
    lesson.say(&format!(
        "The likeliest text is that of {} ({:.2} nats); greedy has {:.2} nats and {:.0} % distinct. The author's has \
         {:.2} nats and {:.0} %. Good text is not the most likely text. In diversity {} comes nearest to the author; \
         the higher the temperature, the more words that do not exist. 0.8 or top-p is the usual compromise.",
        likeliest.0,
        likeliest.2.nats,
        greedy.nats,
        100.0 * greedy.distinct,
        author.nats,
        100.0 * author.distinct,
        nearest.0,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_n_grams_are_counted() {
        assert_eq!(distinct(&[1, 2, 1, 2, 1], 2), 0.5); // 12 21 12 21
        assert_eq!(distinct(&[1, 2, 3], 2), 1.0);
        assert_eq!(distinct(&[1], 2), 1.0);
    }

    #[test]
    fn a_speaker_is_found() {
        assert_eq!(prompt_of("It was late.\n\nNAB:\nSo it was: very late"), "NAB");
        assert_eq!(prompt_of("no play at all"), "THE KING");
    }
}
