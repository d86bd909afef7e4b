//! The reviews of the lesson: read, split, cut into words, numbered.
//!
//! *Fit* is what models learn from, *dev* what settings are chosen by, *test* what is reported.
//! Dev is cut from the training part, whole groups or blocks of neighbours at a time; the vocabulary is built from *fit*
//! alone. Texts of the test part that also stand in the training part are marked: IMDB has 123.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use lesson::files::reviews::{self, Review, Split};
use lesson::files::sha256;
use lesson::{Error, Lesson, Result, catalogue};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::data::{UNK, WordVocab, tokenise};

/// The reviews of the course, embedded so that the tour needs no download.
pub const REVIEWS: &str = include_str!("../../../datasets/reviews.csv");
/// Their name in reports and `metrics.json`.
pub const REVIEWS_NAME: &str = "reviews.csv";

/// Reviews with their words as numbers.
#[derive(Debug, Clone, Default)]
pub struct ReviewPart {
    /// As they stand in the file.
    pub texts: Vec<String>,
    /// Their words; the numbers are those of [`Corpus::vocabulary`].
    pub words: Vec<Vec<usize>>,
    /// Whether the verdict is positive.
    pub labels: Vec<bool>,
    /// What each belongs to, such as a film: a group is never divided between parts or folds.
    pub groups: Vec<String>,
}

/// All reviews of a run.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// What they are called.
    pub name: String,
    /// To learn from.
    pub fit: ReviewPart,
    /// To choose by; may be empty.
    pub dev: ReviewPart,
    /// To report.
    pub test: ReviewPart,
    /// All words of *fit*, the most frequent first, so that a smaller vocabulary is its beginning.
    pub vocabulary: WordVocab,
    /// Which test reviews stand in the training part too, word for word.
    pub seen: Vec<bool>,
    /// Where they were read; `None` are the embedded ones.
    pub path: Option<PathBuf>,
    /// What tells these reviews from others: the checksum of their file; of the files of a folder, that of what is
    /// read there.
    pub sha256: String,
}

impl ReviewPart {
    /// How many reviews.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    fn push(&mut self, review: Review) {
        self.texts.push(review.text);
        self.labels.push(review.positive);
        self.groups.push(review.group.unwrap_or_default());
    }

    fn number(&mut self, vocabulary: &WordVocab) {
        self.words = self.texts.par_iter().map(|text| numbers(text, vocabulary)).collect();
    }

    /// The first `count` reviews; those of [`Corpus`] stand in random order.
    pub fn first(&self, count: usize) -> ReviewPart {
        let count = count.min(self.len());
        ReviewPart {
            texts: self.texts[..count].to_vec(),
            words: self.words[..count].to_vec(),
            labels: self.labels[..count].to_vec(),
            groups: self.groups[..count].to_vec(),
        }
    }
}

/// The words of a text as numbers of a vocabulary.
pub fn numbers(text: &str, vocabulary: &WordVocab) -> Vec<usize> {
    tokenise::words(text).iter().map(|word| vocabulary.id(word)).collect()
}

impl Corpus {
    /// Reads the reviews that `--data` names, or the embedded ones, and holds out `dev` of the
    /// training part. `fetch` is the user's yes to a download.
    ///
    /// # Errors
    /// Reviews that cannot be read, or of which a part has only one verdict.
    pub fn read(data: Option<&str>, fetch: bool, dev: f64, seed: u64) -> Result<Self> {
        let Some(name) = data else {
            let reviews = reviews::read_text(REVIEWS, REVIEWS_NAME)?;
            return Self::new(REVIEWS_NAME, reviews, dev, seed);
        };
        let path = catalogue::find(name, fetch)?.path;
        let corpus = Self::new(name, reviews::open(&path)?.collect::<Result<_>>()?, dev, seed)?;
        let sha256 = match path.is_file() {
            true => sha256(&std::fs::read(&path).map_err(|e| Error::read(&path, e))?),
            false => corpus.sha256.clone(),
        };
        Ok(Self { path: Some(path), sha256, ..corpus })
    }

    /// Splits and numbers reviews.
    ///
    /// # Errors
    /// A share of dev above 0.9 or below 0; a part with only one verdict, or with none.
    pub fn new(name: &str, reviews: Vec<Review>, dev: f64, seed: u64) -> Result<Self> {
        if !(0.0..=0.9).contains(&dev) {
            return Err(Error::config(format!("--dev is {dev}; it must be 0 to 0.9.")));
        }
        let sha256 = digest(&reviews);
        let (train, test): (Vec<_>, Vec<_>) =
            reviews.into_iter().partition(|review| review.split == Split::Train);
        let known: HashSet<&str> = train.iter().map(|review| review.text.as_str()).collect();
        let seen = test.iter().map(|review| known.contains(review.text.as_str())).collect();
        let (mut fit, mut held_out) = hold_out(train, dev, seed);
        let mut all = ReviewPart::default();
        test.into_iter().for_each(|review| all.push(review));
        let texts: Vec<&str> = fit.texts.iter().map(String::as_str).collect();
        let vocabulary = tokenise::vocabulary(&texts, usize::MAX, 1);
        for (part, what) in [(&mut fit, "training"), (&mut held_out, "dev"), (&mut all, "test")] {
            part.number(&vocabulary);
            let positive = part.labels.iter().filter(|&&label| label).count();
            if (what != "dev" || dev > 0.0) && (positive == 0 || positive == part.len()) {
                let what = format!(
                    "the {what} part has {} reviews, {positive} of them positive. A classifier needs both verdicts in \
                     every part; use more reviews.",
                    part.len()
                );
                return Err(Error::data(Path::new(name), None, what));
            }
        }
        Ok(Self {
            name: name.into(),
            fit,
            dev: held_out,
            test: all,
            vocabulary,
            seen,
            path: None,
            sha256,
        })
    }

    /// Says what is read, and how it is split, and notes the files for `metrics.json`.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn describe(&self, lesson: &mut Lesson) -> Result<()> {
        match &self.path {
            None => lesson.data(REVIEWS_NAME, REVIEWS.as_bytes()),
            Some(path) => {
                let parts = ["train.csv", "test.csv", "train.csv.gz", "test.csv.gz"];
                let files = parts.iter().map(|part| path.join(part)).chain([path.clone()]);
                for file in files.filter(|file| file.is_file()) {
                    let bytes = std::fs::read(&file).map_err(|e| Error::read(&file, e))?;
                    lesson.data(&file.display().to_string(), &bytes);
                }
            }
        }
        lesson.say(&format!(
            "The reviews are {}: {} to fit, {} to choose by (dev), {} to test. Dev is cut from the training part in \
             whole groups; the vocabulary is that of the reviews to fit.",
            self.name,
            self.fit.len(),
            self.dev.len(),
            self.test.len()
        ));
        Ok(())
    }

    /// Every n-th test review, so many that there are about `count`: IMDB's are sorted by verdict.
    pub fn test_sample(&self, count: usize) -> ReviewPart {
        let every = self.test.len().div_ceil(count.max(1)).max(1);
        let mut sample = ReviewPart::default();
        for i in (0..self.test.len()).step_by(every) {
            sample.texts.push(self.test.texts[i].clone());
            sample.words.push(self.test.words[i].clone());
            sample.labels.push(self.test.labels[i]);
            sample.groups.push(self.test.groups[i].clone());
        }
        sample
    }

    /// The share of words of a part that are not in a vocabulary of this size.
    pub fn unknown_share(part: &ReviewPart, vocabulary: usize) -> f64 {
        let words = part.words.iter().flatten();
        let (unknown, all) = words.fold((0, 0), |(unknown, all), &id| {
            (unknown + usize::from(id == UNK || id >= vocabulary), all + 1)
        });
        unknown as f64 / f64::from(all.max(1))
    }
}

/// What tells these reviews from others: a file may have been corrected since a record was written.
fn digest(reviews: &[Review]) -> String {
    let said = |Review { split, positive, text, group }: &Review| {
        let part = if *split == Split::Train { "train" } else { "test" };
        format!("{part}\0{positive}\0{text}\0{}\0", group.as_deref().unwrap_or_default())
    };
    sha256(reviews.iter().map(said).collect::<String>().as_bytes())
}

/// Reviews that stand together in a file and are held out together where nothing names groups:
/// IMDB's files have the reviews of one film next to one another, and whoever has read the others
/// knows its actors' names.
const BLOCK: usize = 50;

/// Cuts the training part in two, whole groups or blocks at a time; each part in random order.
fn hold_out(mut train: Vec<Review>, share: f64, seed: u64) -> (ReviewPart, ReviewPart) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for (i, review) in train.iter_mut().enumerate() {
        review.group.get_or_insert_with(|| format!("block {}", i / BLOCK));
    }
    let mut groups: Vec<String> = train.iter().filter_map(|review| review.group.clone()).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.shuffle(&mut rng);
    groups.truncate((groups.len() as f64 * share).round() as usize);
    let held_out: HashSet<String> = groups.into_iter().collect();
    train.shuffle(&mut rng);
    let (mut fit, mut dev) = (ReviewPart::default(), ReviewPart::default());
    for review in train {
        let to_dev = review.group.as_ref().is_some_and(|group| held_out.contains(group));
        if to_dev { dev.push(review) } else { fit.push(review) }
    }
    (fit, dev)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_together_and_test_words_are_unknown() {
        let corpus = Corpus::read(None, false, 0.2, 1).unwrap();
        assert_eq!(corpus.fit.len() + corpus.dev.len(), 424);
        assert_eq!(corpus.test.len(), 184);
        assert!((60..110).contains(&corpus.dev.len()), "{}", corpus.dev.len());
        let all = reviews::read_text(REVIEWS, REVIEWS_NAME).unwrap();
        let groups_of = |part: &ReviewPart| -> HashSet<_> {
            let texts: HashSet<_> = part.texts.iter().collect();
            all.iter().filter(|r| texts.contains(&r.text)).map(|r| r.group.clone()).collect()
        };
        assert!(groups_of(&corpus.fit).is_disjoint(&groups_of(&corpus.dev)));
        assert!(corpus.fit.words.iter().flatten().all(|&id| id != UNK));
        let unknown = Corpus::unknown_share(&corpus.test, usize::MAX);
        assert!((0.02..0.15).contains(&unknown), "{unknown}");
        assert_ne!(Corpus::read(None, false, 0.2, 2).unwrap().dev.texts, corpus.dev.texts);
    }

    #[test]
    fn texts_that_are_in_both_parts_are_marked() {
        let review = |split, positive, text: &str| Review {
            split,
            positive,
            text: text.into(),
            group: None,
        };
        let (train, test) = (Split::Train, Split::Test);
        let reviews = vec![
            review(train, true, "good"),
            review(train, false, "bad"),
            review(test, true, "good"),
            review(test, false, "bad, very"),
        ];
        let corpus = Corpus::new("two", reviews, 0.0, 1).unwrap();
        assert_eq!(corpus.seen, [true, false]);
        assert!(corpus.dev.is_empty());
    }

    #[test]
    fn one_verdict_is_not_enough() {
        let one = |split| Review { split, positive: true, text: "good".into(), group: None };
        let error =
            Corpus::new("x.csv", vec![one(Split::Train), one(Split::Test)], 0.0, 1).unwrap_err();
        assert!(error.to_string().contains("both verdicts"), "{error}");
    }
}
