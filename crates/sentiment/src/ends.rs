//! What a verdict on the last words of a review is worth.

use lesson::Lesson;
use seqcore::activation::sigmoid;

use crate::corpus::Corpus;
use crate::evaluation::ClassificationScores;
use crate::predict::TrainedClassifier;

/// Words of a review that are asked about.
const ENDS: [usize; 3] = [5, 20, 50];

/// Asks about the last words of the test reviews only: what people type is shorter than what training
/// reads.
pub fn run(lesson: &mut Lesson, trained: &TrainedClassifier, corpus: &Corpus) {
    let reviews: Vec<Vec<usize>> =
        corpus.test.texts.iter().map(|text| trained.numbers(text)).collect();
    let mut table = ClassificationScores::table();
    for most in ENDS {
        let end = |review: &Vec<usize>| review[review.len().saturating_sub(most)..].to_vec();
        let logits = trained.logits(&reviews.iter().map(end).collect::<Vec<_>>());
        let probabilities: Vec<f64> = logits.into_iter().map(sigmoid).collect();
        let scores = ClassificationScores::new(&probabilities, &corpus.test.labels, &corpus.seen);
        table.push(scores.row(&format!("last {most} words")));
        lesson.number(&format!("sentiment.last_{most}_words_accuracy"), scores.accuracy.estimate);
        lesson.number(&format!("sentiment.last_{most}_words_loss"), scores.loss);
    }
    lesson.table(&table.caption(format!(
        "A verdict on a sentence is worth less than one on a review, and a network that has read whole reviews only does \
         not know it: a loss above {:.3} (ln 2) is worse than a shrug. See --passages.",
        std::f64::consts::LN_2
    )));
}
