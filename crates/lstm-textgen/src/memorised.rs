//! Part 7, **memorised?**: how much of what a model writes it has copied.
//!
//! For each place of a text, find the longest stretch from there that also stands in the training
//! text. The longest of all is the longest copied span; a stretch shorter than n means that the n-gram
//! there is *novel*. Both mean little alone: people repeat themselves too. So the same is asked of
//! held-out text of the same length, which is by the same author and copied from nowhere.
//!
//! The training text's suffixes are sorted once; a binary search then finds the longest match at each
//! place (Manber & Myers 1990).

use lesson::plot::{LineChart, Table};
use lesson::{Error, Lesson, Result};
use seqcore::data::UNK;
use seqcore::decode::Sampler;

use crate::text::Vocabulary;
use crate::train::TrainedText;

/// Matches are followed no further than this.
const LONGEST: usize = 1000;

/// The suffixes of a text, sorted.
#[derive(Debug, Clone)]
pub struct Suffixes {
    text: Vec<char>,
    sorted: Vec<u32>,
}

impl Suffixes {
    /// Sorts the suffixes of a text.
    ///
    /// # Errors
    /// A text of 2³² characters or more.
    pub fn new(text: &str) -> Result<Self> {
        let text: Vec<char> = text.chars().collect();
        let n = u32::try_from(text.len())
            .map_err(|_| Error::config("the text is too long to be searched."))?;
        let mut sorted: Vec<u32> = (0..n).collect();
        let suffix = |&start: &u32| head(&text[start as usize..]);
        sorted.sort_unstable_by(|a, b| suffix(a).cmp(suffix(b)));
        Ok(Self { text, sorted })
    }

    /// How many characters from the beginning of `piece` stand somewhere in the text, and where.
    pub fn longest_match(&self, piece: &[char]) -> (usize, usize) {
        let piece = head(piece);
        let at = self.sorted.partition_point(|&start| head(&self.text[start as usize..]) < piece);
        // The longest common beginning is with a neighbour in the sorted order.
        let neighbours = self.sorted[at.saturating_sub(1)..].iter().take(2);
        let common = |&start: &u32| {
            let suffix = &self.text[start as usize..];
            let n = suffix.iter().zip(piece).take_while(|(a, b)| a == b).count();
            (n, start as usize)
        };
        neighbours.map(common).max().unwrap_or((0, 0))
    }

    /// The longest match at each place of a text.
    pub fn matches(&self, text: &[char]) -> Vec<usize> {
        (0..text.len()).map(|i| self.longest_match(&text[i..]).0).collect()
    }
}

fn head(text: &[char]) -> &[char] {
    &text[..text.len().min(LONGEST)]
}

/// What of a text is copied.
#[derive(Debug, Clone, PartialEq)]
pub struct Copied {
    /// The longest span that stands in the training text.
    pub longest: String,
    /// At each of [`LENGTHS`], the share of n-grams that the training text does not have.
    pub novel: Vec<f64>,
}

/// The n of the n-grams.
pub const LENGTHS: [usize; 7] = [4, 6, 8, 12, 16, 24, 32];

/// Measures a text.
pub fn copied(text: &str, training: &Suffixes) -> Copied {
    let text: Vec<char> = text.chars().collect();
    let matches = training.matches(&text);
    let longest = (0..text.len()).max_by_key(|&i| (matches[i], std::cmp::Reverse(i))).unwrap_or(0);
    let novel = |n: usize| {
        let places = (text.len() + 1).saturating_sub(n);
        let novel = matches[..places].iter().filter(|&&length| length < n).count();
        novel as f64 / places.max(1) as f64
    };
    Copied {
        longest: text
            .iter()
            .skip(longest)
            .take(matches.get(longest).copied().unwrap_or(0))
            .collect(),
        novel: LENGTHS.map(novel).to_vec(),
    }
}

/// Characters of each text that is looked at.
const LOOKED_AT: usize = 10_000;

/// The temperatures of the samples.
const TEMPERATURES: [f64; 3] = [0.5, 0.8, 1.0];

/// Runs the part.
///
/// # Errors
/// A training text that is too long to be searched.
pub fn run(lesson: &mut Lesson, trained: &TrainedText) -> Result<()> {
    use rand::SeedableRng;
    lesson.heading("7 · Memorised? What it wrote and what it copied");
    let material = &trained.material;
    if !matches!(material.vocabulary, Vocabulary::Char(_)) {
        lesson.say("Only a character model is looked at here.");
        return Ok(());
    }
    let training = Suffixes::new(&material.train_text())?;
    let held_out: String = material.test_text.chars().take(LOOKED_AT).collect();
    let length = held_out.chars().count();
    lesson.say(&format!(
        "{length} characters at each of three temperatures, and as many of test. How many of their n-grams does the \
         training text not have, and what is the longest span that stands there letter by letter? If samples were \
         as novel as test, the model would copy no more than the author repeats.",
    ));
    let mut texts = vec![("test (the author)".to_owned(), held_out)];
    for temperature in TEMPERATURES {
        let sampler = Sampler::temperature(temperature)?;
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(trained.recipe.seed);
        let mut prompt = material.vocabulary.encode("\n");
        prompt.retain(|&id| id != UNK);
        let ids = trained.model.generate(&prompt, length, &sampler, &mut rng);
        texts.push((format!("temperature {temperature}"), material.vocabulary.decode(&ids)));
    }
    let found = crate::loss::in_parallel(&texts, |(_, text)| copied(text, &training));
    show(lesson, &texts, &found);
    Ok(())
}

fn show(lesson: &mut Lesson, texts: &[(String, String)], found: &[Copied]) {
    let header = ["text".to_owned(), "longest copy".to_owned()]
        .into_iter()
        .chain(LENGTHS.map(|n| format!("n = {n}")));
    let mut table = Table::new(header).caption(
        "Longest copy: characters. Then the share of n-grams that do not stand in the training text.",
    );
    let mut chart = LineChart::new(
        "Novel n-grams",
        "Lines: the share of n-grams not in the training text over n, for test and for samples.",
    )
    .x("n (characters)")
    .y("share that is novel")
    .from_zero();
    for ((name, _), copied) in texts.iter().zip(found) {
        let shares = copied.novel.iter().map(|share| format!("{:.0} %", 100.0 * share));
        let longest = copied.longest.chars().count().to_string();
        table.push([name.clone(), longest].into_iter().chain(shares));
        let points: Vec<_> =
            LENGTHS.iter().zip(&copied.novel).map(|(&n, &share)| (n as f64, share)).collect();
        chart = chart.series(name.clone(), &points);
    }
    lesson.table(&table);
    lesson.line_chart(&chart);
    for ((name, _), copied) in texts.iter().zip(found) {
        let key =
            name.split(' ').next_back().filter(|_| name.starts_with("temp")).unwrap_or("test");
        let key = key.replace('.', "_");
        lesson.number(&format!("memorised.longest_{key}"), copied.longest.chars().count() as f64);
        lesson.number(&format!("memorised.novel_12_{key}"), copied.novel[3]);
    }
    let quote = |copied: &Copied| copied.longest.replace('\n', "↵");
    let (test, sample) = (&found[0], &found[2]);
    lesson.say(&format!(
        "The longest span of test that stands in the training text too: \"{}\". Of the sample at temperature 0.8: \"{}\".",
        quote(test),
        quote(sample),
    ));
    let (of_val, of_sample) = (100.0 * test.novel[3], 100.0 * sample.novel[3]);
    lesson.say(&if of_sample < of_val - 5.0 {
        format!(
            "Of the 12-grams {of_sample:.0} % are new, in test {of_val:.0} %: the model repeats its training text more \
             than the author does. A lower temperature repeats more, and so does longer training."
        )
    } else {
        format!(
            "Of the 12-grams {of_sample:.0} % are new, in test {of_val:.0} %: the model copies no more than the author \
             repeats. New is not yet good: letter salad is always new."
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_match_is_that_of_a_naive_search() {
        let training = "the cat sat on the mat and the cat ran";
        let suffixes = Suffixes::new(training).unwrap();
        let text: Vec<char> = "a cat on the match, the cat run; zzz".chars().collect();
        for (i, &found) in suffixes.matches(&text).iter().enumerate() {
            let naive = (0..=text.len() - i)
                .rev()
                .find(|&n| training.contains(&text[i..i + n].iter().collect::<String>()));
            assert_eq!(Some(found), naive, "at {i}");
        }
    }

    #[test]
    fn a_copy_is_found_and_new_text_is_new() {
        let training = Suffixes::new("to be, or not to be: that is the question").unwrap();
        let copied = copied("xx or not to be yy", &training);
        assert_eq!(copied.longest, " or not to be");
        assert_eq!(copied.novel[0], 5.0 / 15.0); // xx o, x or; be y, e yy, .. of 15 4-grams
        assert_eq!(*copied.novel.last().unwrap(), 0.0); // there is no 32-gram
        let all = super::copied("to be, or", &training);
        assert_eq!((all.longest.as_str(), all.novel[0]), ("to be, or", 0.0));
        assert_eq!(super::copied("", &training).longest, "");
    }

    #[test]
    fn a_text_of_one_letter_is_sorted_in_time() {
        let suffixes = Suffixes::new(&"a".repeat(50_000)).unwrap();
        let text: Vec<char> = "a".repeat(2000).chars().collect();
        assert_eq!(suffixes.longest_match(&text).0, LONGEST);
    }
}
