//! Every column has its own level, spread and trend, so that later rows have another mean. A
//! constant column is a whole number, of which sums are exact.

use kit::cases::*;

fn series(draw: &mut Draw, rows: usize, columns: usize) -> Array2<f64> {
    let mut values = draw.normal((rows, columns));
    for (c, mut column) in values.columns_mut().into_iter().enumerate() {
        for (t, x) in column.iter_mut().enumerate() {
            *x =
                ((*x * (1.0 + c as f64) + 3.0 * c as f64 + 0.8 * t as f64) * 100.0).round() / 100.0;
        }
    }
    values
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example =
        Array2::from_shape_vec((9, 1), vec![10.0, 14.0, 20.0, 12.0, 12.0, 16.0, 22.0, 14.0, 13.0])
            .unwrap();
    let fitted = || record! { mean: array![15.0], deviation: array![3.872983] };
    let [more, train, columns] = draw.sizes();
    let train = train + 3;
    let values = series(draw, train + more, columns);
    let mut constant = series(draw, train + more, 3);
    constant.column_mut(1).fill(4.0);
    // Constant in training only.
    let mut later = series(draw, train + more, 2);
    later.column_mut(0).iter_mut().take(train).for_each(|x| *x = 7.0);
    let scaler = |draw: &mut Draw, c: usize| record! { mean: draw.uniform(-3.0, 3.0, c), deviation: draw.uniform(0.4, 2.5, c) };
    let standardised = (&example - 15.0) / 3.872983;
    let hidden = series(draw, 2 * train, columns + 1);
    vec![
        call!("worked example", fit_scaler(example.clone(), 8_usize)).expect(fitted()),
        call!("worked example: standardise", standardise(example, fitted())).expect(standardised),
        call!("fitting several columns", fit_scaler(values.clone(), train)),
        call!("fitting a constant column", fit_scaler(constant, train)),
        call!("fitting a constant column", fit_scaler(later, train)),
        call!("standardising several columns", standardise(values, scaler(draw, columns))),
        call!("fitting other columns", fit_scaler(hidden, train + 2)).hidden(),
    ]
}
