//! Three series to predict: one measured, one chaotic, one that can be heard.

use std::f64::consts::PI;

use lesson::files::tables;
use lesson::{Result, catalogue};
use ndarray::Array2;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A series in frames of one or more values: a step reads a frame and predicts the next one.
#[derive(Debug, Clone)]
pub struct Frames {
    /// What it is.
    pub name: &'static str,
    /// In `metrics.json`.
    pub key: &'static str,
    /// What a step is called.
    pub step: &'static str,
    /// Standardised with the training part's mean and deviation, (N, F).
    pub values: Array2<f32>,
    /// The first so many frames are for training.
    pub train: usize,
    /// One standard deviation in the series' own units.
    pub unit: f64,
}

impl Frames {
    fn new(
        (name, key, step): (&'static str, &'static str, &'static str),
        values: &[f64],
        frame: usize,
        train: usize,
    ) -> Self {
        let fitted = &values[..train * frame];
        let mean = fitted.iter().sum::<f64>() / fitted.len() as f64;
        let variance = fitted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / fitted.len() as f64;
        let unit = variance.sqrt();
        let frames = values.len() / frame;
        let values = Array2::from_shape_fn((frames, frame), |(n, k)| {
            ((values[n * frame + k] - mean) / unit) as f32
        });
        Self { name, key, step, values, train, unit }
    }
}

/// The yearly number of sunspots, 1700 to 2008; the first seven tenths are for training, so that the
/// rest is long enough for free runs.
///
/// # Errors
/// If the embedded table cannot be read.
pub fn sunspots() -> Result<Frames> {
    let path = catalogue::resolve("sunspots")?.path;
    let table = tables::read(path, &tables::Select::default())?;
    let values = table.column("sunspots")?.to_vec();
    let train = values.len() * 7 / 10;
    Ok(Frames::new(("sunspots", "sunspots", "year"), &values, 1, train))
}

/// The chaotic series of Mackey & Glass (1977): dx/dt = 0.2 x(t−17) / (1 + x(t−17)¹⁰) − 0.1 x(t),
/// sampled every 2 units of time, after 1000 units of settling.
pub fn mackey_glass(samples: usize) -> Frames {
    let (dt, delay) = (0.1, 170); // 17 units of time
    let every = 20;
    let settling = 10_000;
    let mut x = vec![1.2; delay + 1];
    for _ in 0..settling + samples * every {
        let (now, past, next_past) = (x[x.len() - 1], x[x.len() - 1 - delay], x[x.len() - delay]);
        let rate = |x: f64, past: f64| 0.2 * past / (1.0 + past.powi(10)) - 0.1 * x;
        // Runge and Kutta's fourth order; the delayed value is interpolated in the middle.
        let middle = (past + next_past) / 2.0;
        let k1 = rate(now, past);
        let k2 = rate(now + dt / 2.0 * k1, middle);
        let k3 = rate(now + dt / 2.0 * k2, middle);
        let k4 = rate(now + dt * k3, next_past);
        x.push(now + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4));
    }
    let values: Vec<f64> =
        x.into_iter().skip(delay + settling).step_by(every).take(samples).collect();
    Frames::new(("a chaotic series", "chaos", "sample"), &values, 1, samples * 4 / 5)
}

/// Samples a second of the sound.
pub const RATE: usize = 8000;
/// Samples in a frame: a step of the network is 2 ms.
pub const FRAME: usize = 16;
/// Hertz: A2, C sharp 3, E3, A3.
pub const NOTES: [f64; 4] = [110.0, 138.6, 164.8, 220.0];
/// Seconds that a note sounds.
const SECONDS: f64 = 0.5;

/// Plucked strings (Karplus & Strong 1983), `plucks` notes one after the other; the last quarter is
/// not for training.
pub fn strings(plucks: usize, rng: &mut ChaCha8Rng) -> Frames {
    let mut values = Vec::new();
    for k in 0..plucks {
        values.extend(pluck(NOTES[k % NOTES.len()], rng));
    }
    let train = values.len() / FRAME * 3 / 4;
    Frames::new(("plucked strings", "strings", "frame of 2 ms"), &values, FRAME, train)
}

/// One plucked string. It is pulled aside at some place, so that it starts as a triangle; its shape then
/// goes round a delay line as long as the tone's period, and is smoothed each time.
fn pluck(hertz: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let period = (RATE as f64 / hertz).round() as usize;
    let (place, strength) = (rng.random_range(0.2..0.5), rng.random_range(0.7..1.0));
    let triangle = |x: f64| if x < place { x / place } else { (1.0 - x) / (1.0 - place) };
    let mut line: Vec<f64> =
        (0..period).map(|k| strength * (2.0 * triangle(k as f64 / period as f64) - 1.0)).collect();
    let samples = (RATE as f64 * SECONDS) as usize;
    (0..samples)
        .map(|k| {
            let (now, next) = (line[k % period], line[(k + 1) % period]);
            line[k % period] = 0.996 * 0.5 * (now + next);
            // The end fades, so that one note does not click into the next.
            let left = (samples - k) as f64 / (0.02 * RATE as f64);
            now * if left < 1.0 { 0.5 - 0.5 * (PI * left).cos() } else { 1.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn series_are_standardised_by_their_training_part() {
        for frames in [sunspots().unwrap(), mackey_glass(500)] {
            let train = frames.values.slice(ndarray::s![..frames.train, ..]);
            assert!(train.mean().unwrap().abs() < 1e-4 && (train.std(0.0) - 1.0).abs() < 1e-3);
        }
        assert_eq!(sunspots().unwrap().values.dim(), (309, 1));
    }

    // The attractor at delay 17 lies between 0.2 and 1.4 (Mackey & Glass 1977, figure 2) and
    // swings about every 50 units of time.
    #[test]
    fn the_chaotic_series_stays_on_its_attractor() {
        let frames = mackey_glass(1000);
        let (low, high) = frames
            .values
            .iter()
            .fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let span = f64::from(high - low) * frames.unit;
        assert!((0.7..1.3).contains(&span), "{span}");
        let rises = frames
            .values
            .column(0)
            .to_vec()
            .windows(2)
            .filter(|w| w[0] < 0.0 && w[1] >= 0.0)
            .count();
        assert!((25..70).contains(&rises), "{rises} rises in 2000 units of time");
    }

    #[test]
    fn a_string_has_its_pitch() {
        let sound = pluck(220.0, &mut ChaCha8Rng::seed_from_u64(1));
        let alike = |lag: usize| {
            sound[1000..2000].iter().zip(&sound[1000 + lag..]).map(|(a, b)| a * b).sum::<f64>()
        };
        let best = (20..60).max_by(|&a, &b| alike(a).total_cmp(&alike(b))).unwrap();
        assert!((35..=37).contains(&best), "a period of {best} samples");
    }
}
