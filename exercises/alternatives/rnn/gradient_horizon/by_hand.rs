//! The same sums in loops; the horizon by multiplying.

use ndarray::Array2;

/// The largest absolute value of an eigenvalue.
pub fn spectral_radius(weight_hh: &Array2<f64>) -> f64 {
    let size = weight_hh.nrows();
    let mut power = weight_hh.clone();
    let mut log_radius = 0.0;
    let mut share = 1.0;
    for _ in 0..31 {
        let mut squares = 0.0;
        for x in &power {
            squares += x * x;
        }
        if squares == 0.0 {
            return 0.0;
        }
        log_radius += share * f64::ln(squares) / 2.0;
        share /= 2.0;
        let mut next = Array2::zeros((size, size));
        for i in 0..size {
            for j in 0..size {
                for k in 0..size {
                    next[[i, j]] += power[[i, k]] * power[[k, j]] / squares;
                }
            }
        }
        power = next;
    }
    f64::exp(log_radius)
}

/// Steps after which at most the share `left` of a gradient is left.
pub fn horizon(radius: f64, left: f64) -> Option<usize> {
    if radius >= 1.0 {
        return None;
    }
    let (mut steps, mut share) = (1, radius);
    while share > left {
        steps += 1;
        share *= radius;
    }
    Some(steps)
}
