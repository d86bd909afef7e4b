//! What went wrong, from the surest to the vaguest that can be said:
//!
//! ```text
//! mod       the known mistake that gives the same wrong answers
//! evidence  ... the answers, part by part, beside those that are known
//! panics    what a panic's message means here
//! pattern   what all wrong answers have in common, from their
//! clues     ... list of whatever explains one of them:
//! values      wrong numbers in the right places
//! places      right numbers in the wrong places
//! look, grid  a wrong array beside the right one; the arrays that are calculated with
//! ```

mod clues;
mod evidence;
mod grid;
mod look;
mod panics;
mod pattern;
mod places;
mod values;

use evidence::Evidence;

use crate::catalogue::Exercise;
use crate::exam::{Exam, Mistake};
use crate::interface::Interface;
use crate::judge::{Fault, Judged};
use crate::screen::capital;

/// How many things are said at most.
const MOST: usize = 3;

/// What to tell the learner; none where nothing came back that could be looked at.
pub fn diagnose(
    exercise: &Exercise,
    stub: &Interface,
    exam: &Exam,
    judged: &Judged,
    mistakes: &[Mistake],
) -> Option<String> {
    let evidence = Evidence { exercise, stub, exam, judged };
    let parts = evidence.parts();
    let is_unsteady = judged.verdicts.iter().any(|v| matches!(v.fault, Some(Fault::Unsteady(_))));
    if is_unsteady && parts.iter().all(|part| part.wrong.is_empty()) {
        return Some("Something is kept from one call to the next.".into());
    }
    // One mistake explains everything.
    let explains_all = |mistake: &&Mistake| parts.iter().all(|part| evidence.fits(mistake, part));
    if let [mistake] = mistakes.iter().filter(explains_all).collect::<Vec<_>>().as_slice() {
        return Some(mistake.advice.clone());
    }
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    let mut say = |sentence: String, part| match said.iter_mut().find(|known| known.0 == sentence) {
        Some((_, parts)) => parts.push(part),
        None => said.push((sentence, vec![part])),
    };
    // Several, each in its own part; where none fits, the numbers themselves.
    for part in parts.iter().filter(|part| !part.wrong.is_empty()) {
        let fitting: Vec<_> = mistakes.iter().filter(|known| evidence.fits(known, part)).collect();
        let sentence = match fitting.as_slice() {
            [mistake] => Some(mistake.advice.clone()),
            _ => pattern::pattern(&evidence, part),
        };
        if let Some(sentence) = sentence {
            say(sentence, part.name);
        }
    }
    // What panicked is told before what came back wrong.
    said.splice(..0, panics::meaning(judged).map(|meaning| (meaning, vec![""])));
    if said.is_empty() {
        return pattern::by_part(&parts).or_else(|| pattern::first_wrong(&evidence));
    }
    said.truncate(MOST);
    let lines = said.into_iter().map(|(sentence, parts)| {
        // `train.1: ...` begins with a name.
        let is_named = sentence.split(' ').next().is_some_and(|word| word.ends_with(':'));
        let sentence = if is_named { sentence } else { capital(&sentence) };
        match parts.as_slice() {
            [""] => sentence,
            parts => format!("{}: {sentence}", parts.join(", ")),
        }
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}
