//! The experiment that the parts and the command `forecast` share: a problem, its baselines, networks on
//! top of ridge, intervals, and scores with their uncertainty.
//!
//! One rule holds throughout: what is fitted sees the training part only, and the test part is scored once.

mod course;
mod fit;
pub mod grid;
mod member;
mod networks;
mod problem;
mod score;
mod settings;

pub use fit::{enough, fit};
pub use member::{Calibration, Fitted, LEVELS, Member};
pub use networks::{Networks, resumed};
pub use problem::{Problem, fill, fill_gaps};
pub use score::{
    ALPHA, Method, Study, baselines, baselines_from, compare_methods, mean_interval,
    paired_difference, skill_interval,
};
pub use settings::{Base, StudySettings};

use std::ops::Range;

use lesson::Result;

use course::{adapted_ridge, ridge_forecast};

/// Fits everything on `train` and forecasts `test`: the baselines, ridge, and one network of each cell in
/// `settings.cells`; where the networks start from the usual course, ridge that starts from it, too.
///
/// # Errors
/// A series that is too short, files that cannot be written, Ctrl-C.
pub fn run(
    problem: &Problem,
    train: &Range<usize>,
    test: &Range<usize>,
    settings: &StudySettings,
    networks: &mut Networks,
) -> Result<(Study, Vec<Fitted>)> {
    let mut study = baselines(problem, train, test)?;
    let mut fitted = Vec::new();
    for (k, &cell) in settings.cells.iter().enumerate() {
        let model = fit(problem, train, settings, cell, networks)?;
        if k == 0 {
            if settings.base == Base::Course {
                let climate = problem.climate(&train.clone().collect::<Vec<_>>());
                let seen: Vec<usize> = problem.shape.origins(train).collect();
                let ridge = adapted_ridge(problem, &climate, model.lambda, &seen);
                let point = ridge_forecast(&ridge, problem, &climate, &study.origins);
                study.methods.push(Method::point("adapted ridge", point));
            }
            let (point, half) = model.ridge_forecast(problem, &study.origins);
            study.methods.push(Method::around("ridge", point, &half));
        }
        study.methods.extend(model.methods(cell.label(), problem, &study.origins));
        fitted.push(model);
    }
    Ok((study, fitted))
}
