//! Part *predict*: the next value of a series, one step at a time and all alone.
//!
//! *Teacher-forced*, the network is given each true value before it predicts the next one.
//! *Free-running*, it reads its own predictions: errors feed on errors. The first is what training
//! minimises, the second is what one hears.

pub mod series;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use lesson::plot::{LineChart, Table};
use lesson::{Error, Lesson, LessonArgs, Result};
use ndarray::{Array2, Array3, ArrayView2, Axis, concatenate, s};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::models::ridge::Ridge;
use seqcore::nn::{LayerState, RecurrentConfig, RecurrentTape};

use crate::problem::{Examples, Problem, Schedule, Targets, train};
use crate::readout::Readout;
use series::Frames;

/// How the networks are trained.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Samples of the chaotic series.
    pub chaos: usize,
    /// Plucked notes.
    pub plucks: usize,
    /// Updates for a series.
    pub updates: usize,
    /// H.
    pub hidden: usize,
}

impl Size {
    /// Of the tour.
    pub const TOUR: Self = Self { chaos: 2000, plucks: 16, updates: 800, hidden: 48 };
    /// With `--full`.
    pub const FULL: Self = Self { chaos: 5000, plucks: 64, updates: 3000, hidden: 96 };
}

/// A series with fewer frames to learn from than this gets [`FEW_UPDATES`] at most: it would be learned
/// by heart, and it has too few to spare any for choosing the number of updates.
const SHORT: usize = 1000;
/// The most updates for a short series.
const FEW_UPDATES: usize = 300;
/// Frames that are read before the first one counts: the state has to settle.
const WARM_UP: usize = 24;
/// Frames of an example, the warm-up among them.
const WINDOW: usize = 72;
/// Frames that the linear model sees; as many as fit into the warm-up.
const LAGS: usize = 24;
/// How far free runs go.
pub const FARTHEST: usize = 60;

/// Windows of a series; the target of each frame is the next one.
#[derive(Debug, Clone)]
pub struct NextFrame {
    train: Arc<Array2<f32>>, // (N, F)
}

impl NextFrame {
    /// Of the training part of a series.
    pub fn of(frames: &Frames) -> Self {
        Self { train: Arc::new(frames.values.slice(s![..frames.train, ..]).to_owned()) }
    }
}

impl Problem for NextFrame {
    fn inputs(&self) -> usize {
        self.train.ncols()
    }

    fn outputs(&self) -> usize {
        self.train.ncols()
    }

    fn read(&self) -> Range<usize> {
        WARM_UP..WINDOW
    }

    fn draw(&self, batch: usize, rng: &mut ChaCha8Rng) -> Examples {
        let (count, size) = self.train.dim();
        let mut x = Array3::zeros((WINDOW, batch, size)); // (T, B, F)
        let mut targets = Array3::zeros((WINDOW - WARM_UP, batch, size));
        for b in 0..batch {
            let start = rng.random_range(0..count - WINDOW);
            let window = self.train.slice(s![start..=start + WINDOW, ..]);
            x.slice_mut(s![.., b, ..]).assign(&window.slice(s![..WINDOW, ..]));
            targets.slice_mut(s![.., b, ..]).assign(&window.slice(s![WARM_UP + 1.., ..]));
        }
        let rows = (WINDOW - WARM_UP) * batch;
        let targets = targets.into_shape_with_order((rows, size)).expect("as many numbers");
        Examples { x, targets: Targets::Numbers(targets) }
    }
}

/// The results on one series. Errors are root mean squares, in standard deviations of the series.
#[derive(Debug, Clone)]
pub struct Predicted {
    /// The series.
    pub frames: Frames,
    /// The trained network.
    pub model: Readout<f32>,
    /// One step ahead on the test part, given every true value.
    pub network: f64,
    /// The same, of the linear model on the last frames.
    pub linear: f64,
    /// The same, of saying that nothing changes.
    pub persistence: f64,
    /// Free-running from many places: the error 1, 2, ... steps after the last true value.
    pub free: Vec<f64>,
    /// The linear model's, free-running too.
    pub linear_free: Vec<f64>,
}

impl Predicted {
    /// How many steps a free run stays better than always saying the mean, whose error is about 1.
    pub fn reach(&self) -> usize {
        self.free.iter().take_while(|error| **error < 1.0).count()
    }
}

/// Trains a network on the series' training part and measures it on the rest.
///
/// # Errors
/// A series too short for a window; training that diverges.
pub fn predict(frames: Frames, size: Size, seed: u64, show: bool) -> Result<Predicted> {
    let count = frames.values.nrows();
    if frames.train <= WINDOW + 1 || count - frames.train <= WARM_UP + FARTHEST {
        return Err(Error::config(format!("{count} steps of {} are too few.", frames.name)));
    }
    let test = frames.values.slice(s![frames.train - WARM_UP.., ..]);
    let width = frames.values.ncols();
    let problem = NextFrame::of(&frames);
    let config = RecurrentConfig::new(Cell::Gru, width, size.hidden);
    let mut model = Readout::<f32>::new(config, width, &mut ChaCha8Rng::seed_from_u64(seed));
    let short = frames.train < SHORT;
    let updates = if short { size.updates.min(FEW_UPDATES) } else { size.updates };
    let schedule = Schedule { batch: 32, updates, learning_rate: 0.005, evaluations: 10 };
    train(&problem, &mut model, &schedule, seed, show)?;
    let ridge = linear(problem.train.view());
    Ok(Predicted {
        network: one_step(test, |given| teacher_forced(&model, given)),
        linear: one_step(test, |given| linear_forced(&ridge, given)),
        persistence: one_step(test, |given| given.to_owned()),
        free: by_distance(test, |given| free_run(&model, given, FARTHEST)),
        linear_free: by_distance(test, |given| linear_run(&ridge, given, FARTHEST)),
        frames,
        model,
    })
}

/// The prediction after each of the frames `given` (N, F), (N, F): each saw all frames before it.
fn teacher_forced(model: &Readout<f32>, given: ArrayView2<f32>) -> Array2<f32> {
    let (mut tape, start) = (RecurrentTape::default(), LayerState::zeros(&model.rnn.config, 1));
    let x = given.insert_axis(Axis(1)); // (N, 1, F)
    model.forward(x.view(), &start, 0..given.nrows(), &mut tape)
}

/// `steps` frames after the ones `given`, each made from the predictions before it, (steps, F).
pub fn free_run(model: &Readout<f32>, given: ArrayView2<f32>, steps: usize) -> Array2<f32> {
    let (mut tape, start) = (RecurrentTape::default(), LayerState::zeros(&model.rnn.config, 1));
    let last = given.nrows() - 1;
    let mut y = model.forward(given.insert_axis(Axis(1)), &start, last..last + 1, &mut tape);
    let mut run = Array2::zeros((steps, given.ncols()));
    for step in 0..steps {
        run.row_mut(step).assign(&y.row(0));
        let state = tape.last().clone();
        y = model.forward(y.view().insert_axis(Axis(1)), &state, 0..1, &mut tape);
    }
    run
}

/// A linear model from the last [`LAGS`] frames to the next.
fn linear(train: ArrayView2<f32>) -> Ridge {
    let (count, width) = train.dim();
    let rows = count - LAGS;
    let x = Array2::from_shape_fn((rows, LAGS * width), |(n, k)| {
        f64::from(train[[n + k / width, k % width]])
    });
    let y = Array2::from_shape_fn((rows, width), |(n, k)| f64::from(train[[n + LAGS, k]]));
    Ridge::fit(&x, &y, 1e-3 * rows as f64)
}

/// What a linear model says after the last of the frames `given`, (F).
fn linear_next(ridge: &Ridge, given: ArrayView2<f32>) -> Array2<f32> {
    let seen = given.slice(s![given.nrows() - LAGS.., ..]);
    let x = seen.mapv(f64::from).into_shape_with_order((1, LAGS * given.ncols()));
    ridge.predict(&x.expect("as many numbers")).mapv(|v| v as f32)
}

fn linear_forced(ridge: &Ridge, given: ArrayView2<f32>) -> Array2<f32> {
    let mut said = Array2::zeros(given.dim());
    for n in LAGS - 1..given.nrows() {
        said.row_mut(n).assign(&linear_next(ridge, given.slice(s![..=n, ..])).row(0));
    }
    said
}

fn linear_run(ridge: &Ridge, given: ArrayView2<f32>, steps: usize) -> Array2<f32> {
    let mut all = given.to_owned();
    for _ in 0..steps {
        let next = linear_next(ridge, all.view());
        all = concatenate(Axis(0), &[all.view(), next.view()]).expect("frames of one width");
    }
    all.slice(s![given.nrows().., ..]).to_owned()
}

/// The error of one-step predictions on a test part, behind the warm-up.
fn one_step(test: ArrayView2<f32>, say: impl Fn(ArrayView2<f32>) -> Array2<f32>) -> f64 {
    let given = test.slice(s![..test.nrows() - 1, ..]);
    let said = say(given);
    let (said, observed) = (said.slice(s![WARM_UP - 1.., ..]), test.slice(s![WARM_UP.., ..]));
    root_mean_square(&said.to_owned(), observed)
}

/// The error of free runs that begin all over the test part, by distance from the last true frame.
fn by_distance(test: ArrayView2<f32>, run: impl Fn(ArrayView2<f32>) -> Array2<f32>) -> Vec<f64> {
    let room = test.nrows() - WARM_UP - FARTHEST;
    let starts: Vec<usize> = (0..=room).step_by((room / 50).max(1)).collect();
    let mut sums = vec![0.0; FARTHEST];
    for &start in &starts {
        let after = start + WARM_UP;
        let said = run(test.slice(s![start..after, ..]));
        for (step, sum) in sums.iter_mut().enumerate() {
            let (said, observed) = (said.row(step), test.row(after + step));
            let squares = said.iter().zip(observed).map(|(s, o)| f64::from(s - o).powi(2));
            *sum += squares.sum::<f64>() / test.ncols() as f64;
        }
    }
    sums.into_iter().map(|sum| (sum / starts.len() as f64).sqrt()).collect()
}

fn root_mean_square(said: &Array2<f32>, observed: ArrayView2<f32>) -> f64 {
    (said - &observed).mapv(|d| f64::from(d).powi(2)).mean().expect("not empty").sqrt()
}

/// Runs the part.
///
/// # Errors
/// A file that cannot be written.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    let size = if args.full { Size::FULL } else { Size::TOUR };
    let (seed, updates) = (args.run.seed, args.run.steps.unwrap_or(size.updates));
    let size = Size { updates, ..size };
    lesson.heading("7 · Predict the next value");
    lesson.say(
        "One network, three series: the yearly number of sunspots, a chaotic series, and the sound of plucked strings, \
         read in frames of 2 ms. A GRU learns to say the next value, the sunspots with 300 updates at most, since 216 years are soon \
         learned by heart; the last part of each series is kept for the test. \
         Errors are in standard deviations: always saying the mean scores about 1.",
    );
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let series = [
        series::sunspots()?,
        series::mackey_glass(size.chaos),
        series::strings(size.plucks, &mut rng),
    ];
    let show = lesson.shows_progress();
    let mut all = Vec::new();
    for frames in series {
        all.push(predict(frames, size, seed, show)?);
    }
    report(lesson, &all);
    let folder = lesson.folder_of("predict")?;
    let strings = all.last().expect("three series");
    sounds(lesson, strings, folder.path())
}

/// Shows what was measured.
fn report(lesson: &mut Lesson, all: &[Predicted]) {
    lesson.subheading("One step ahead, given every true value");
    let mut table = Table::new(["series", "same as before", "linear, 24 frames", "GRU"])
        .caption("Error on the test part.");
    for one in all {
        let cells = [one.persistence, one.linear, one.network].map(|error| format!("{error:.3}"));
        table.push([vec![one.frames.name.to_owned()], cells.to_vec()].concat());
        let key = one.frames.key;
        lesson.number(&format!("predict.{key}_rmse"), one.network);
        lesson.number(&format!("predict.{key}_linear_rmse"), one.linear);
        lesson.number(&format!("predict.{key}_persistence_rmse"), one.persistence);
        lesson.number(&format!("predict.{key}_free_run_reach"), one.reach() as f64);
    }
    lesson.table(&table);
    let losers: Vec<_> =
        all.iter().filter(|one| one.network >= one.linear).map(|one| one.frames.name).collect();
    lesson.say(&match losers.as_slice() {
        [] => "The GRU beats the linear model on all three.".to_owned(),
        losers => format!(
            "On {} the linear model is at least as good, for a tiny part of the work. Look at it before you reach for a network.",
            losers.join(" and ")
        ),
    });
    lesson.subheading("Free-running: it reads its own predictions");
    let mut chart = LineChart::new(
        "Error of free runs",
        "Root mean square error of free runs over the number of steps since the last true value, one line a series.",
    )
    .x("steps since the last true value")
    .y("error, in standard deviations")
    .reference("always the mean", 1.0);
    for one in all {
        let points: Vec<_> =
            one.free.iter().enumerate().map(|(k, &error)| ((k + 1) as f64, error)).collect();
        chart = chart.series(one.frames.name, &points);
    }
    lesson.line_chart(&chart);
    let mut table = Table::new([
        "series",
        "step is a",
        "1",
        "5",
        "20",
        "60",
        "linear at 20",
        "better than the mean for",
    ])
    .caption("Error of free runs so many steps after the last true value.");
    for one in all {
        let at = |errors: &[f64], k: usize| format!("{:.2}", errors[k - 1]);
        table.push([
            one.frames.name.to_owned(),
            one.frames.step.to_owned(),
            at(&one.free, 1),
            at(&one.free, 5),
            at(&one.free, 20),
            at(&one.free, 60),
            at(&one.linear_free, 20),
            if one.reach() == FARTHEST {
                format!("{FARTHEST} or more")
            } else {
                one.reach().to_string()
            },
        ]);
    }
    lesson.table(&table);
    lesson.say(
        "The first column is the teacher-forced error at these places. From there each prediction starts from a wrong place. In \
         a chaotic series small errors grow until they are as large as the series itself: a better network begins lower and so \
         lasts longer, but not for ever. This is exposure bias seen in numbers: the network was trained on true \
         inputs and never on its own.",
    );
}

/// Writes the sound: the true end of the series, and what the network makes of its beginning.
fn sounds(lesson: &mut Lesson, strings: &Predicted, folder: &Path) -> Result<()> {
    let test = strings.frames.values.slice(s![strings.frames.train.., ..]);
    let length = test.nrows().min(series::RATE * 2 / series::FRAME);
    let given = WARM_UP * 2;
    let made = free_run(&strings.model, test.slice(s![..given, ..]), length - given);
    let forced = teacher_forced(&strings.model, test.slice(s![..length - 1, ..]));
    let join =
        |parts: &[ArrayView2<f32>]| concatenate(Axis(0), parts).expect("frames of one width");
    let files = [
        ("strings-true.wav", test.slice(s![..length, ..]).to_owned()),
        ("strings-forced.wav", join(&[test.slice(s![..1, ..]), forced.view()])),
        ("strings-free.wav", join(&[test.slice(s![..given, ..]), made.view()])),
    ];
    for (name, frames) in &files {
        write_wav(&folder.join(name), frames)?;
    }
    lesson.say(&format!(
        "Listen: strings-true.wav is the test part, strings-forced.wav the network given every true frame, strings-free.wav \
         the network on its own after {} ms. All in {}.",
        given * series::FRAME * 1000 / series::RATE,
        folder.display(),
    ));
    Ok(())
}

/// Writes frames as a WAV file of one channel with 16 bits, as loud as it goes.
fn write_wav(path: &Path, frames: &Array2<f32>) -> Result<()> {
    let samples: Vec<f32> = frames.iter().copied().collect();
    let loudest = samples.iter().fold(1e-9_f32, |loudest, v| loudest.max(v.abs()));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: series::RATE as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let written = || -> std::result::Result<Vec<u8>, hound::Error> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec)?;
        for sample in &samples {
            writer.write_sample((sample / loudest * 0.9 * f32::from(i16::MAX)) as i16)?;
        }
        writer.finalize()?;
        Ok(bytes.into_inner())
    };
    let bytes = written().expect("writing to memory does not fail");
    lesson::files::write_atomically(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_run_begins_with_the_forced_prediction_and_goes_on_from_itself() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let model = Readout::<f32>::new(RecurrentConfig::new(Cell::Gru, 2, 5), 2, rng);
        let given: Array2<f32> = seqcore::init::normal((7, 2), rng);
        let run = free_run(&model, given.view(), 3);
        // Given its own predictions, the network says the same: one way to compute it, by hand.
        let mut seen = given;
        for step in 0..3 {
            let said = teacher_forced(&model, seen.view());
            let last = said.row(said.nrows() - 1).to_owned();
            assert!(last.iter().zip(run.row(step)).all(|(a, b)| (a - b).abs() < 1e-6));
            seen.push_row(last.view()).unwrap();
        }
    }

    #[test]
    fn a_wave_file_holds_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sound.wav");
        write_wav(&path, &Array2::from_shape_fn((10, 16), |(n, k)| ((n * 16 + k) as f32).sin()))
            .unwrap();
        let reader = hound::WavReader::open(&path).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.len()), (8000, 160));
        let loudest = reader.into_samples::<i16>().map(|s| s.unwrap().abs()).max().unwrap();
        assert!((29_000..=29_500).contains(&loudest), "{loudest}");
    }

    #[test]
    fn the_network_beats_saying_that_nothing_changes() {
        let size = Size { chaos: 800, plucks: 8, updates: 150, hidden: 24 };
        let chaos = predict(series::mackey_glass(size.chaos), size, 1, false).unwrap();
        assert!(chaos.network < 0.5 * chaos.persistence, "{} {}", chaos.network, chaos.persistence);
        // A free run is given nothing: its first step is as good as a forced one, later ones are worse.
        assert!(
            chaos.free[0] < chaos.free[20] && chaos.free[20] < chaos.free[59],
            "{:?}",
            chaos.free
        );
    }
}
