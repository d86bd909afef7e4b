//! Walking forward over the end of a table.

use lesson::{Error, Result};
use seqcore::data::Parts;
use seqcore::data::split;

use crate::study::{self, Networks, Problem, Study, StudySettings};

/// The folds of a walk over the end of a series: up to three, each of a tenth or at least two horizons, as many as leave
/// enough to fit on.
///
/// # Errors
/// A series that is too short.
pub fn folds(problem: &Problem, blocks: usize) -> Result<Vec<Parts>> {
    let (len, horizon) = (problem.len(), problem.shape.horizon());
    let test = (len / 10).max(2 * horizon);
    let folds = (len / 2 / test.max(1)).min(3);
    let short = || {
        Error::config(format!(
            "the series has {len} moments, too few to forecast {horizon} ahead and test it: at least {} are needed. Use a shorter \
             --horizon or more data.",
            (4 * horizon).max(40)
        ))
    };
    let walks = (1..=folds).rev().filter_map(|folds| split::walk_forward(len, folds, test, 0).ok());
    let fits = |walk: &Vec<Parts>| {
        walk.iter().all(|parts| study::enough(&problem.shape, &parts.train, blocks))
    };
    walks.filter(|_| len >= 40).find(fits).ok_or_else(short)
}

/// All folds as one study, in order of time.
///
/// # Errors
/// As [`study::run`].
pub fn walk_forward(
    problem: &Problem,
    folds: &[Parts],
    settings: &StudySettings,
    networks: &mut Networks,
) -> Result<Study> {
    let mut all: Option<Study> = None;
    for (k, parts) in folds.iter().enumerate() {
        networks.begin_names_with(&format!("fold-{}-", k + 1));
        let (study, _) = study::run(problem, &parts.train, &parts.test, settings, networks)?;
        match &mut all {
            None => all = Some(study),
            Some(all) => all.append(study),
        }
    }
    Ok(all.expect("at least one fold"))
}
