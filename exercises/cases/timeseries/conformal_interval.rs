//! Every alpha is a multiple of 1/16, so that (n + 1)(1 - alpha) is exact. The sizes of the errors
//! are distinct, every second one negative.

use kit::cases::*;

fn interval(draw: &mut Draw, name: &str, n: usize, alpha: f64) -> Case {
    let sizes = draw.distinct(0.1, 6.0, n).into_iter().enumerate();
    let errors: Vec<f64> = sizes.map(|(k, e)| if k % 2 == 0 { e } else { -e }).collect();
    call!(name, conformal_interval(errors, alpha, draw.number(10.0, 20.0)))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = vec![0.2, -0.5, 2.0, 0.9, -1.1, 3.1, -1.8, 0.6, 1.3];
    vec![
        call!("worked example", conformal_interval(example, 0.25, 15.0)).expect(Some((13.0, 17.0))),
        interval(draw, "a few errors", 5, 0.375),
        interval(draw, "a few errors", 12, 0.375),
        interval(draw, "more errors", 21, 0.125),
        interval(draw, "more errors", 18, 0.3125),
        interval(draw, "just enough errors, and one too few", 7, 0.125),
        interval(draw, "just enough errors, and one too few", 6, 0.125),
        interval(draw, "other errors", 29, 0.1875).hidden(),
        interval(draw, "other errors", 14, 0.5625).hidden(),
    ]
}
