//! Axes: from values to pixels, and the round numbers that label them.

/// A linear or logarithmic axis over `lo..hi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    lo: f64,
    hi: f64,
    log: bool,
}

impl Axis {
    /// The axis that holds all the finite values; a logarithmic one leaves out what is not positive.
    /// `zero` asks for 0 to be on it.
    pub(crate) fn over(values: impl Iterator<Item = f64>, log: bool, zero: bool) -> Self {
        let usable = values.filter(|&v| v.is_finite() && (!log || v > 0.0));
        let (mut lo, mut hi) =
            usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if lo > hi {
            (lo, hi) = if log { (1.0, 10.0) } else { (0.0, 1.0) };
        }
        if zero && !log {
            (lo, hi) = (lo.min(0.0), hi.max(0.0));
        }
        if log {
            // Values in one place get a decade around them.
            if hi / lo < 1.5 {
                (lo, hi) = (lo / 3.0, hi * 3.0);
            }
            let room = (hi / lo).powf(0.04);
            let (lo, hi) = ((lo / room).max(1e-300), (hi * room).min(1e300));
            return Axis { lo, hi, log };
        }
        // Half of the difference, so that the span of the largest values does not overflow.
        if hi / 2.0 - lo / 2.0 <= 1e-12 * lo.abs().max(hi.abs()) {
            let room = if lo == 0.0 { 0.5 } else { 0.1 * lo.abs() };
            (lo, hi) = (lo - room, hi + room);
        }
        let (lo, hi) = (lo.max(-1e300), hi.min(1e300));
        let room = 0.04 * (hi - lo);
        // No empty strip below an axis that starts at zero.
        let lo = if zero && lo == 0.0 { 0.0 } else { lo - room };
        let hi = if zero && hi == 0.0 { 0.0 } else { hi + room };
        Axis { lo, hi, log }
    }

    /// An axis that ends exactly where the values end.
    pub(crate) fn tight(values: impl Iterator<Item = f64>) -> Self {
        let (lo, hi) = values
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if lo < hi && hi - lo < 1e300 && hi / 2.0 - lo / 2.0 > 1e-12 * lo.abs().max(hi.abs()) {
            Axis { lo, hi, log: false }
        } else {
            Axis::over([lo, hi].into_iter(), false, false)
        }
    }

    /// Where `value` lies: 0 at the lower end, 1 at the upper; `None` for what cannot be shown.
    pub(crate) fn place(&self, value: f64) -> Option<f64> {
        let at = if self.log {
            (value.ln() - self.lo.ln()) / (self.hi.ln() - self.lo.ln())
        } else {
            (value - self.lo) / (self.hi - self.lo)
        };
        at.is_finite().then(|| at.clamp(-0.5, 1.5))
    }

    /// The lower end.
    pub(crate) fn low(&self) -> f64 {
        self.lo
    }

    /// The upper end.
    pub(crate) fn high(&self) -> f64 {
        self.hi
    }

    /// About `count` round values with their labels.
    pub(crate) fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        if self.log { self.log_ticks(count) } else { self.linear_ticks(count) }
    }

    fn linear_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let step = round_step((self.hi - self.lo) / count.max(1) as f64);
        let first = (self.lo / step - 1e-9).ceil();
        let ticks: Vec<f64> = (0..=4 * count)
            .map(|i| (first + i as f64) * step)
            .take_while(|&v| v <= self.hi + 1e-9 * step)
            .map(|v| if v.abs() < 1e-9 * step { 0.0 } else { v })
            .collect();
        let largest = ticks.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        ticks.into_iter().map(|v| (v, tick_label(v, step, largest))).collect()
    }

    fn log_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let (first, last) = (self.lo.log10().floor() as i32, self.hi.log10().ceil() as i32);
        let decades = (self.hi / self.lo).log10();
        let mantissas: &[f64] = match decades {
            d if d < 1.0 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
            d if d < 3.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = if mantissas.len() > 1 { 1 } else { (decades / count as f64).ceil() as i32 };
        let powers = (first..=last).filter(|p| p.rem_euclid(every.max(1)) == 0);
        let values = powers.flat_map(|p| mantissas.iter().map(move |m| (m * 10f64.powi(p), p)));
        values
            .filter(|(v, _)| (self.lo..=self.hi).contains(v))
            .map(|(v, p)| {
                let plain = (-3..=4).contains(&first) && (-3..=4).contains(&last);
                let label = if plain {
                    number(v)
                } else if mantissas.len() == 1 {
                    format!("10{}", superscript(p))
                } else {
                    format!("{}·10{}", v / 10f64.powi(p), superscript(p))
                };
                (v, label)
            })
            .collect()
    }
}

/// 1, 2 or 5 times a power of ten, the nearest not below `raw`.
fn round_step(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|m| m * power >= raw * (1.0 - 1e-9));
    step.unwrap_or(10.0) * power
}

fn tick_label(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if largest >= 1e13 || step < 1e-6 {
        return scientific(value, 3);
    }
    let (divisor, suffix) = match largest {
        l if l >= 1e9 => (1e9, " G"),
        l if l >= 1e6 => (1e6, " M"),
        l if l >= 1e4 => (1e3, " k"),
        _ => (1.0, ""),
    };
    let decimals = (-(step / divisor).log10().floor() - 1e-9).max(0.0).ceil() as usize;
    let text = format!("{:.*}{suffix}", decimals.min(9), value / divisor);
    text.replace('-', "−")
}

/// A number for a label: four significant digits, no trailing zeros, a true minus sign.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-4..9).contains(&magnitude) {
        return scientific(value, 3);
    }
    let decimals = (3 - magnitude).max(0) as usize;
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.replace('-', "−")
}

fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    let exponent = superscript(exponent.parse().unwrap_or(0));
    format!("{}·10{exponent}", mantissa.replace('-', "−"))
}

fn superscript(power: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    power.to_string().chars().map(|c| c.to_digit(10).map_or('⁻', |d| digits[d as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(lo: f64, hi: f64, log: bool) -> Vec<String> {
        Axis { lo, hi, log }.ticks(5).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(0.0, 1.0, false), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(-1.1, 1.1, false), ["−1.0", "−0.5", "0", "0.5", "1.0"]);
        assert_eq!(labels(0.0, 20_000.0, false), ["0", "5 k", "10 k", "15 k", "20 k"]);
        assert_eq!(labels(1e-9, 1e-1, true), ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²"]);
        assert_eq!(labels(0.9, 30.0, true), ["1", "2", "5", "10", "20"]);
    }

    #[test]
    fn any_values_give_a_usable_axis() {
        let cases: [&[f64]; 7] = [
            &[],
            &[f64::NAN, f64::INFINITY],
            &[3.0, 3.0],
            &[0.0],
            &[-1e308, 1e308],
            &[1e-320, 1.0],
            &[1e15, 1e15 + 1.0],
        ];
        for values in cases {
            for log in [false, true] {
                let axis = Axis::over(values.iter().copied(), log, false);
                assert!(
                    axis.lo < axis.hi && axis.lo.is_finite() && axis.hi.is_finite(),
                    "{axis:?}"
                );
                assert!(axis.ticks(5).len() <= 24, "{axis:?}");
            }
            let axis = Axis::tight(values.iter().copied());
            assert!(axis.lo < axis.hi, "{axis:?}");
        }
        assert_eq!(Axis::over([1.0, 2.0].into_iter(), true, false).place(-1.0), None);
    }

    #[test]
    fn numbers_keep_four_digits() {
        assert_eq!(number(1.23456), "1.235");
        assert_eq!(number(-0.5), "−0.5");
        assert_eq!(number(123_456.0), "123456");
        assert_eq!(number(0.00001234), "1.23·10⁻⁵");
        assert_eq!(number(f64::NAN), "–");
    }
}
