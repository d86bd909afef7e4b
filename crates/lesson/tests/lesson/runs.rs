//! Training runs: the same steps give the same bits, whatever happens on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lesson::Result;
use lesson::files::weights::Reader;
use lesson::run::{HISTORY_FILE, MODEL_FILE, RECORD_FILE, Record, Resume, Run, train};
use ndarray::{Array1, array};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::loss::cross_entropy;
use seqcore::models::language::{LanguageConfig, LanguageModel, LanguageTape};
use seqcore::optim::{OptimiserConfig, Schedule};
use seqcore::params::Named;
use seqcore::train::language::LanguageTask;
use seqcore::train::{Keep, Length, Plan, Progress, StepLoss, Task};

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// The record in a folder, to go on from.
fn from(folder: &Path, length: Option<Length>) -> Option<Resume> {
    Some(Resume { record: Record::open(folder).unwrap(), length })
}

/// The arrays of a record behind `prefix`, as bits.
fn arrays(path: &Path, prefix: &str) -> Vec<Vec<u32>> {
    let reader = Reader::open(path).unwrap();
    let names = reader.names();
    let bits = |name: &String| {
        let array = reader.array::<f32>(name).unwrap();
        array.iter().map(|value| value.to_bits()).collect()
    };
    names.iter().filter(|name| name.starts_with(prefix)).map(bits).collect()
}

fn plan(steps: usize) -> Plan {
    Plan {
        length: Length::Steps(steps),
        learning_rate: 0.02,
        optimiser: "adam".parse().unwrap(),
        schedule: Schedule::Cosine { warmup: 0.1, floor: 0.02 },
        clip: Some(0.5),
        evaluations: 7,
        keep: Keep::Last,
        patience: None,
    }
}

/// A run that keeps its files in `folder`, with a checkpoint after every step.
fn in_folder(folder: &Path) -> Run {
    Run { folder: Some(folder.to_owned()), save_every: Some(Duration::ZERO), ..Run::default() }
}

const STREAMS: usize = 33;

/// A small model with dropout and a batch of several shards, drawn from `seed`. The task is the
/// same for every seed.
fn language(seed: u64) -> (LanguageModel<f32>, LanguageTask) {
    let (vocabulary, hidden, layers) = (9, 7, 2);
    let (cell, embedding, dropout) = (Cell::Gru, 5, 0.2);
    let shape = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout };
    let model = LanguageModel::new(&shape, &mut rng(seed));
    let dev = Evaluation::new(0, text(200), 17, 6).unwrap();
    let task = LanguageTask::new(&model, streams(), dev, 3);
    (model, task)
}

fn streams() -> Streams {
    Streams::new(text(1000), STREAMS, 4).unwrap()
}

/// Tokens 1 to 8 in turn, three in ten of them replaced at random.
fn text(length: usize) -> Vec<usize> {
    let rng = &mut rng(length as u64);
    let mut token = |k| if rng.random_bool(0.3) { rng.random_range(1..9) } else { k % 8 + 1 };
    (0..length).map(&mut token).collect()
}

/// The bits of all parameters.
fn bits(model: &impl Named<f32>) -> Vec<u32> {
    let named = model.named();
    named
        .iter()
        .flat_map(|(_, slot)| slot.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>())
        .collect()
}

/// The bits of what a run measured, time aside.
fn measured(progress: &Progress) -> Vec<(usize, [u64; 4])> {
    let of = |e: &seqcore::train::Entry| {
        [e.train_loss, e.dev_loss, e.learning_rate, e.gradient_norm].map(f64::to_bits)
    };
    progress.history.iter().map(|e| (e.step, of(e))).collect()
}

fn run_language(plan: &Plan, run: &Run) -> (LanguageModel<f32>, Progress) {
    let (mut model, mut task) = language(1);
    let outcome = train(&mut task, &mut model, plan, run, None, |_, _| {}).unwrap();
    (model, outcome.progress)
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run_language(&plan(30), &Run::default()))
    };
    let (model, progress) = with_threads(1);
    assert_eq!(measured(&progress).len(), 7);
    assert!(progress.history[6].dev_loss < progress.history[0].dev_loss, "it learns");
    assert_ne!(bits(&model), bits(&language(1).0));
    for threads in [2, 4] {
        let (other, its_progress) = with_threads(threads);
        assert_eq!(bits(&other), bits(&model), "{threads} threads");
        assert_eq!(measured(&its_progress), measured(&progress), "{threads} threads");
    }
}

/// The shards of a batch, each with its own memory, against one pass over the whole batch.
#[test]
fn the_shards_add_up_to_the_batch() {
    for vocabulary in [9, 2000] {
        let (cell, embedding, hidden, layers, dropout) = (Cell::Lstm, 5, 7, 2, 0.0);
        let shape = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout };
        let model = LanguageModel::<f32>::new(&shape, &mut rng(1));
        let dev = Evaluation::new(0, text(200), 17, 6).unwrap();
        let mut task = LanguageTask::new(&model, streams(), dev.clone(), 3);
        let mut state = model.zero_state(STREAMS);
        let mut tape = LanguageTape::<f32>::default();
        // Two epochs and a bit: states are carried on, and begin anew with an epoch.
        for step in 0..2 * streams().batches_per_epoch() + 2 {
            let batch = streams().batch(step);
            if batch.starts_epoch {
                state.scale(0.0);
            }
            let (inputs, targets) = (batch.inputs.view(), batch.targets.view());
            let mut expected = model.zero_gradient();
            let divisor = targets.len();
            let whole = model.loss_and_gradient(
                inputs,
                targets,
                divisor,
                &state,
                None,
                &mut tape,
                &mut expected,
            );
            state = tape.rnn.last().clone();
            let (loss, gradient) = task.gradient(&model, step);
            assert_eq!(loss.count, whole.count);
            assert!((loss.sum / whole.sum - 1.0).abs() < 1e-6);
            for ((name, a), (other, b)) in gradient.named().iter().zip(expected.named()) {
                assert_eq!((name, a.values().shape()), (&other, b.values().shape()));
                for (a, b) in a.values().iter().zip(b.values()) {
                    assert!((a - b).abs() < 1e-6, "step {step}, {name}: {a} against {b}");
                }
            }
        }
        // The evaluation, whose streams are cut too, against one pass.
        let (mut sum, mut count, mut state) = (0.0, 0, model.zero_state(dev.streams()));
        for k in 0..dev.batches() {
            let batch = dev.batch(k);
            let logits = model.forward(batch.inputs.view(), &state, None, &mut tape);
            let targets: Vec<usize> = batch.targets.iter().copied().collect();
            let loss = cross_entropy(logits, &targets, 1);
            (sum, count) = (sum + loss.sum, count + loss.count);
            state = tape.rnn.last().clone();
        }
        assert_eq!(count, 200);
        assert!((task.evaluate(&model) - sum / 200.0).abs() < 1e-6);
    }
}

/// A task that copies the run's folder before certain steps: what SIGKILL would leave there.
struct Copied<'a> {
    inner: LanguageTask,
    folder: &'a Path,
    before: &'a [usize],
}

fn copy_of(folder: &Path, step: usize) -> PathBuf {
    folder.join(format!("killed-before-{step}"))
}

impl Task for Copied<'_> {
    type Model = <LanguageTask as Task>::Model;
    type Gradient = <LanguageTask as Task>::Gradient;
    type Carried = <LanguageTask as Task>::Carried;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        if self.before.contains(&step) {
            let copy = copy_of(self.folder, step);
            fs::create_dir(&copy).unwrap();
            for name in [RECORD_FILE, MODEL_FILE, HISTORY_FILE] {
                if self.folder.join(name).exists() {
                    fs::copy(self.folder.join(name), copy.join(name)).unwrap();
                }
            }
        }
        self.inner.gradient(model, step)
    }

    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        self.inner.evaluate(model)
    }

    fn carried(&mut self) -> &mut Self::Carried {
        self.inner.carried()
    }

    fn restart(&mut self) {
        self.inner.restart();
    }
}

#[test]
fn a_killed_run_resumes_to_the_same_bits() {
    let plateau = Schedule::ReduceOnPlateau { factor: 0.5, patience: 0, state: Default::default() };
    for (optimiser, schedule, keep) in [
        ("adam", plan(1).schedule, Keep::Last),
        ("adamw", plan(1).schedule, Keep::Best),
        ("momentum", plateau, Keep::Last),
        ("rmsprop", plateau, Keep::Best),
        ("sgd", Schedule::Constant, Keep::Best),
    ] {
        let optimiser: OptimiserConfig = optimiser.parse().unwrap();
        let plan = Plan { optimiser, schedule, keep, ..plan(30) };
        let (expected, whole) = run_language(&plan, &Run::default());
        let folder = tempfile::tempdir().unwrap();
        let (mut model, inner) = language(1);
        // Before the first evaluation, right after one, between two, before the last step.
        let before = [1, 5, 18, 29];
        let mut task = Copied { inner, folder: folder.path(), before: &before };
        train(&mut task, &mut model, &plan, &in_folder(folder.path()), None, |_, _| {}).unwrap();
        assert_eq!(bits(&model), bits(&expected));
        let file = fs::read(folder.path().join(MODEL_FILE)).unwrap();
        for step in before {
            let copy = copy_of(folder.path(), step);
            assert_eq!(Record::open(&copy).unwrap().progress().step, step);
            // Other weights to begin with: all that matters is in the checkpoint.
            let (mut model, mut task) = language(99);
            let run = in_folder(&copy);
            let resume = from(&copy, None);
            let progress =
                train(&mut task, &mut model, &plan, &run, resume, |_, _| {}).unwrap().progress;
            let what = format!("{:?}, resumed at step {step}", plan.optimiser);
            assert_eq!(bits(&model), bits(&expected), "{what}");
            assert_eq!(measured(&progress), measured(&whole), "{what}");
            assert_eq!(fs::read(copy.join(MODEL_FILE)).unwrap(), file, "{what}");
        }
    }
}

#[test]
fn a_finished_run_goes_on_for_more_steps() {
    // With a constant rate, 12 steps and 18 more are 30 steps.
    let of = |steps| Plan { schedule: Schedule::Constant, ..plan(steps) };
    let (expected, _) = run_language(&of(30), &Run::default());
    let folder = tempfile::tempdir().unwrap();
    run_language(&of(12), &in_folder(folder.path()));
    let resumed = |length| -> Result<(LanguageModel<f32>, Progress)> {
        let (mut model, mut task) = language(1);
        let run = in_folder(folder.path());
        let resume = from(folder.path(), length);
        let outcome = train(&mut task, &mut model, &of(12), &run, resume, |_, _| {})?;
        Ok((model, outcome.progress))
    };
    let (_, progress) = resumed(None).unwrap();
    assert_eq!(progress.step, 12); // there is nothing left to do
    let (model, progress) = resumed(Some(Length::Steps(30))).unwrap();
    assert_eq!((progress.step, progress.total), (30, 30));
    assert_eq!(bits(&model), bits(&expected));
    let error = resumed(Some(Length::Steps(29))).unwrap_err().to_string();
    assert!(error.contains("has done 30 steps") && error.contains(RECORD_FILE), "{error}");
    assert_eq!(Record::open(folder.path()).unwrap().progress().step, 30);
}

#[test]
fn going_on_in_another_folder_leaves_the_first_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let (expected, _) = run_language(&plan(30), &in_folder(&second)); // something else is there
    fs::create_dir(&first).unwrap();
    let (mut model, inner) = language(1);
    let mut task = Copied { inner, folder: &first, before: &[7] };
    train(&mut task, &mut model, &plan(30), &in_folder(&first), None, |_, _| {}).unwrap();
    let killed = copy_of(&first, 7);
    let content = |folder: &Path| {
        [RECORD_FILE, MODEL_FILE, HISTORY_FILE].map(|name| fs::read(folder.join(name)).unwrap())
    };
    let (before, earlier) = (content(&killed), content(&second));

    let (mut model, inner) = language(1);
    let mut task = Copied { inner, folder: &second, before: &[8] };
    let resume = from(&killed, None);
    train(&mut task, &mut model, &plan(30), &in_folder(&second), resume, |_, _| {}).unwrap();
    assert_eq!(bits(&model), bits(&expected));
    assert_eq!(content(&killed), before);
    let kept = second.join("previous/run-1.safetensors");
    assert_eq!(fs::read(kept).unwrap(), earlier[0]);

    // Killed again before the next evaluation, the second folder is enough to go on from.
    let again = copy_of(&second, 8);
    let resume = from(&again, None);
    let (mut model, mut task) = language(1);
    train(&mut task, &mut model, &plan(30), &in_folder(&again), resume, |_, _| {}).unwrap();
    assert_eq!(bits(&model), bits(&expected));

    // A finished run leaves its files in the new folder, though nothing is left to do.
    let third = folder.path().join("third");
    let resume = from(&again, None);
    train(&mut task, &mut model, &plan(30), &in_folder(&third), resume, |_, _| {}).unwrap();
    assert_eq!(content(&third), content(&again));
}

#[test]
fn a_run_is_not_cut_off_where_nobody_has_evaluated_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut model, inner) = language(1);
    let mut task = Copied { inner, folder: folder.path(), before: &[3] };
    train(&mut task, &mut model, &plan(30), &in_folder(folder.path()), None, |_, _| {}).unwrap();
    let killed = copy_of(folder.path(), 3);
    let resume = from(&killed, Some(Length::Steps(3)));
    let (mut model, mut task) = language(1);
    let ended = train(&mut task, &mut model, &plan(30), &in_folder(&killed), resume, |_, _| {});
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("has done 3 steps"), "{error}");
}

#[test]
fn a_new_run_keeps_the_records_of_all_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |below: &str| folder.path().join(below);
    let mut records = Vec::new();
    for steps in [3, 4, 5] {
        run_language(&plan(steps), &in_folder(folder.path()));
        records.push(fs::read(path(RECORD_FILE)).unwrap());
    }
    assert!(fs::read(path("previous/run-1.safetensors")).unwrap() == records[0]);
    assert!(fs::read(path("previous/run-2.safetensors")).unwrap() == records[1]);
    assert_eq!(fs::read_dir(path("previous")).unwrap().count(), 2);
    // What an earlier run had written from its record does not stand beside another's: a run that ends
    // before its first evaluation leaves no model.
    let (mut model, mut task) = language(1);
    let stopped = Run { stop_at: Some(1), ..in_folder(folder.path()) };
    let plan = Plan { evaluations: 1, ..plan(30) };
    train(&mut task, &mut model, &plan, &stopped, None, |_, _| {}).unwrap_err();
    assert!(path(RECORD_FILE).exists() && !path(MODEL_FILE).exists());
    assert!(fs::read(path("previous/run-3.safetensors")).unwrap() == records[2]);
}

/// Between two checkpoints there may be a better evaluation. A run that is killed after it and goes on from the
/// record must end with weights that it has reached itself.
#[test]
fn the_best_weights_are_those_of_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let first = Run { stop_at: Some(5), ..in_folder(folder.path()) };
    // From the first step on, each evaluation is better than the one before, until the run is resumed.
    let dev_loss = |step| 10.0 - step as f64;
    let plan = Plan { keep: Keep::Best, ..Scripted::plan(30) };
    let mut task = Scripted { dev_loss, ..Scripted::new() };
    train(&mut task, &mut array![0.0], &plan, &first, None, |_, _| {}).unwrap_err();
    let record = fs::read(folder.path().join(RECORD_FILE)).unwrap();

    // No record is written for an hour: better evaluations come, and the kill with them.
    let rarely = Run { save_every: Some(Duration::from_secs(3600)), ..in_folder(folder.path()) };
    let mut task = Scripted { dev_loss, die_at: Some(17), ..Scripted::new() };
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let resume = from(folder.path(), None);
        train(&mut task, &mut array![0.0], &plan, &rarely, resume, |_, _| {})
    }));
    assert!(killed.is_err());
    assert!(fs::read(folder.path().join(RECORD_FILE)).unwrap() == record);

    // From here on nothing is better than step 5.
    let dev_loss = |step| if step <= 5 { 10.0 - step as f64 } else { 99.0 };
    let mut task = Scripted { dev_loss, ..Scripted::new() };
    let mut model = array![0.0];
    let resume = from(folder.path(), Some(Length::Steps(9)));
    let run = in_folder(folder.path());
    let progress = train(&mut task, &mut model, &plan, &run, resume, |_, _| {}).unwrap().progress;
    assert_eq!(progress.best.unwrap().step, 5);
    assert_eq!(model, array![-5.0], "the weights of step 5, as it says");
    assert_eq!(arrays(&folder.path().join(MODEL_FILE), ""), [[(-5.0_f32).to_bits()]]);
}

/// The commands that repeat a run say all of its stages.
#[test]
fn a_run_of_another_length_on_the_way_has_two_stages() {
    let folder = tempfile::tempdir().unwrap();
    let command = "lesson train --budget 3m --stop-at 5 --hidden 8".to_owned();
    let first = Run { stop_at: Some(5), command, ..in_folder(folder.path()) };
    train(&mut Scripted::new(), &mut array![0.0], &Scripted::plan(9), &first, None, |_, _| {})
        .unwrap_err();
    // The same length again is no stage of its own.
    let again = Run { stop_at: Some(7), ..in_folder(folder.path()) };
    let mut task = Scripted::new();
    let on = from(folder.path(), None);
    train(&mut task, &mut array![0.0], &Scripted::plan(9), &again, on, |_, _| {}).unwrap_err();
    let command = "lesson train --resume out --steps 12".to_owned();
    let last = Run { command, ..in_folder(folder.path()) };
    let on = from(folder.path(), Some(Length::Steps(12)));
    let outcome =
        train(&mut task, &mut array![0.0], &Scripted::plan(9), &last, on, |_, _| {}).unwrap();
    let expected =
        ["lesson train --budget 3m --hidden 8 --stop-at 7", "lesson train --resume out --steps 12"];
    assert_eq!(outcome.commands(), expected);
}

/// A task of one number. Its gradient is 1, so with plain SGD and a rate of 1 the weight is minus
/// the number of steps done.
struct Scripted {
    carried: Array1<f32>,
    gradient: Array1<f32>,
    /// The loss on the development part after so many steps.
    dev_loss: fn(usize) -> f64,
    /// Loss and gradient of a step.
    step: fn(usize) -> (f64, f32),
    /// How long a step takes, from step `frozen` on.
    pause: Duration,
    frozen: usize,
    /// The step in which the process is killed.
    die_at: Option<usize>,
}

impl Scripted {
    fn new() -> Self {
        let carried = array![0.0];
        let gradient = array![1.0];
        let pause = Duration::ZERO;
        Self {
            carried,
            gradient,
            dev_loss: |_| 1.0,
            step: |_| (1.0, 1.0),
            pause,
            frozen: 0,
            die_at: None,
        }
    }

    fn plan(steps: usize) -> Plan {
        Plan {
            learning_rate: 1.0,
            optimiser: "sgd".parse().unwrap(),
            schedule: Schedule::Constant,
            clip: None,
            evaluations: steps,
            ..plan(steps)
        }
    }
}

impl Task for Scripted {
    type Model = Array1<f32>;
    type Gradient = Array1<f32>;
    type Carried = Array1<f32>;

    fn gradient(&mut self, _: &Array1<f32>, step: usize) -> (StepLoss, &mut Array1<f32>) {
        if step >= self.frozen {
            std::thread::sleep(self.pause);
        }
        assert_ne!(Some(step), self.die_at, "killed");
        // Each step must find what the one before it left. A trial begins at `frozen`.
        let before = self.carried[0] as usize;
        assert!(before == step || before + self.frozen == step, "{before} before {step}");
        self.carried[0] += 1.0;
        let (sum, gradient) = (self.step)(step);
        self.gradient[0] = gradient;
        (StepLoss { sum, count: 1 }, &mut self.gradient)
    }

    fn evaluate(&mut self, model: &Array1<f32>) -> f64 {
        (self.dev_loss)(-model[0] as usize)
    }

    fn typical(&self) -> usize {
        self.frozen
    }

    fn carried(&mut self) -> &mut Array1<f32> {
        &mut self.carried
    }

    fn restart(&mut self) {
        self.carried[0] = 0.0;
    }
}

#[test]
fn a_budget_is_not_measured_by_steps_that_do_less() {
    let budget = Plan { length: Length::Budget(Duration::from_millis(100)), ..Scripted::plan(1) };
    let pause = Duration::from_millis(2);
    let mut task = Scripted { pause, frozen: 20, ..Scripted::new() };
    let mut model = array![0.0];
    let progress =
        train(&mut task, &mut model, &budget, &Run::default(), None, |_, _| {}).unwrap().progress;
    // At most 50 steps of 2 ms fit; a machine that stalls meanwhile promises fewer.
    assert!((1..=50).contains(&progress.total), "{}", progress.total);
}

#[test]
fn a_budget_becomes_a_number_of_steps_that_repeats_the_run() {
    let budget = Plan { length: Length::Budget(Duration::from_millis(200)), ..Scripted::plan(1) };
    let mut task = Scripted { pause: Duration::from_millis(2), ..Scripted::new() };
    let mut model = array![0.0];
    let progress =
        train(&mut task, &mut model, &budget, &Run::default(), None, |_, _| {}).unwrap().progress;
    assert!((1..=100).contains(&progress.total), "{}", progress.total);
    assert_eq!((progress.step, model[0]), (progress.total, -(progress.total as f32)));

    let budget = Plan { length: Length::Budget(Duration::from_millis(40)), ..plan(1) };
    let folder = tempfile::tempdir().unwrap();
    let quick = Run { save_every: None, ..in_folder(folder.path()) };
    let (timed, progress) = run_language(&budget, &quick);
    let (counted, its_progress) = run_language(&plan(progress.total), &Run::default());
    assert_eq!(bits(&counted), bits(&timed));
    assert_eq!(measured(&its_progress), measured(&progress));

    // A budget for a resumed run comes on top, and stands in the checkpoint as steps.
    let (mut model, mut task) = language(1);
    let length = Length::Budget(Duration::from_millis(20));
    let resume = from(folder.path(), Some(length));
    let more = train(&mut task, &mut model, &budget, &quick, resume, |_, _| {}).unwrap().progress;
    assert!(more.total > progress.total && more.step == more.total);
    assert_eq!(Record::open(folder.path()).unwrap().progress().total, more.total);
}

#[test]
fn early_stopping_keeps_the_best_or_the_last_weights() {
    // The best loss is that of step 3; three evaluations without a better one end the run.
    let dev_loss = |step| [9.0, 5.0, 4.0, 3.0, 3.5, 3.0, 3.2, 1.0, 0.5][step];
    for (keep, expected) in [(Keep::Best, -3.0), (Keep::Last, -6.0)] {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { keep, patience: Some(3), ..Scripted::plan(8) };
        let mut task = Scripted { dev_loss, ..Scripted::new() };
        let mut model = array![0.0];
        let run = in_folder(folder.path());
        let mut seen = Vec::new();
        let progress = train(&mut task, &mut model, &plan, &run, None, |model, progress| {
            seen.push((progress.step, model[0]));
        })
        .unwrap()
        .progress;
        assert!(progress.stopped_early);
        assert_eq!((progress.step, progress.best.unwrap().step), (6, 3));
        assert_eq!(progress.best.unwrap().loss, 3.0);
        assert_eq!(model, array![expected], "{keep:?}");
        // Who watches sees the weights of the moment.
        assert_eq!(seen, (1..=6).map(|k| (k, -(k as f32))).collect::<Vec<_>>());
        let mut file = array![0.0];
        Reader::open(&folder.path().join(MODEL_FILE)).unwrap().load_into("", &mut file).unwrap();
        assert_eq!(file, model);
        // Resuming a run that has stopped changes nothing and gives the same weights.
        let mut model = array![7.0];
        let resume = from(folder.path(), None);
        let again = train(&mut task, &mut model, &plan, &run, resume, |_, _| {}).unwrap().progress;
        assert_eq!((model, again), (array![expected], progress));
    }
}

#[test]
fn without_patience_every_step_is_made_and_the_best_kept() {
    let dev_loss = |step| [9.0, 5.0, 3.0, 4.0, 4.5, 4.4][step];
    let mut task = Scripted { dev_loss, ..Scripted::new() };
    let mut model = array![0.0];
    let plan = Plan { keep: Keep::Best, ..Scripted::plan(5) };
    let progress =
        train(&mut task, &mut model, &plan, &Run::default(), None, |_, _| {}).unwrap().progress;
    assert_eq!((progress.step, progress.stopped_early, model[0]), (5, false, -2.0));
}

#[test]
fn diverged_training_is_an_error_and_leaves_good_weights() {
    type Case = (fn(usize) -> (f64, f32), fn(usize) -> f64);
    let cases: [(&str, Case); 4] = [
        ("NaN loss", (|k| (if k == 4 { f64::NAN } else { 1.0 }, 1.0), |_| 1.0)),
        ("infinite loss", (|k| (if k == 4 { f64::INFINITY } else { 1.0 }, 1.0), |_| 1.0)),
        ("NaN gradient", (|k| (1.0, if k == 4 { f32::NAN } else { 1.0 }), |_| 1.0)),
        ("NaN evaluation", (|_| (1.0, 1.0), |step| if step == 5 { f64::NAN } else { 1.0 })),
    ];
    for (what, (step, dev_loss)) in cases {
        for keep in [Keep::Best, Keep::Last] {
            let folder = tempfile::tempdir().unwrap();
            let plan = Plan { keep, ..Scripted::plan(9) };
            let mut task = Scripted { step, dev_loss, ..Scripted::new() };
            let mut model = array![0.0];
            let run = in_folder(folder.path());
            let error = train(&mut task, &mut model, &plan, &run, None, |_, _| {}).unwrap_err();
            let message = error.to_string();
            assert!(message.contains("diverged at step 5"), "{what}: {message}");
            assert!(model[0].is_finite(), "{what}");
            let mut file = array![f32::NAN];
            let path = folder.path().join(MODEL_FILE);
            Reader::open(&path).unwrap().load_into("", &mut file).unwrap();
            assert_eq!(file[0], if keep == Keep::Best { -1.0 } else { -4.0 }, "{what}");
            assert_eq!(Record::open(folder.path()).unwrap().progress().step, 4);
        }
    }
}

#[test]
fn a_rate_far_too_high_does_not_cost_the_model_before() {
    let folder = tempfile::tempdir().unwrap();
    run_language(&plan(5), &in_folder(folder.path()));
    let good = arrays(&folder.path().join(MODEL_FILE), "");
    let (mut model, mut task) = language(1);
    let wild = Plan { learning_rate: 1e38, clip: None, ..plan(30) };
    let run = in_folder(folder.path());
    let error = train(&mut task, &mut model, &wild, &run, None, |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("diverged"), "{error}");
    let kept = folder.path().join("previous/run-1.safetensors");
    assert_eq!(arrays(&kept, "kept."), good);
}

#[test]
fn a_checkpoint_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let message = |path: &Path| Record::open(path).unwrap_err().to_string();
    let missing = message(&path("nowhere"));
    assert!(missing.contains("cannot read") && missing.contains("nowhere"), "{missing}");
    fs::write(path("file"), "").unwrap();
    assert!(message(&path("file")).contains("not a whole safetensors file"));
    fs::create_dir(path("empty")).unwrap();
    assert!(message(&path("empty")).contains("holds no run.safetensors"));

    // A file of weights is no checkpoint.
    run_language(&plan(2), &in_folder(&path("run")));
    let resume = path("run").join(RECORD_FILE);
    let good = fs::read(&resume).unwrap();
    fs::copy(path("run").join(MODEL_FILE), &resume).unwrap();
    assert!(message(&path("run")).contains("not written for this purpose"));
    // Neither is one that was cut off or changed, wherever that was.
    for k in 1..100 {
        let cut = good.len() * k / 100;
        fs::write(&resume, &good[..cut]).unwrap();
        assert!(message(&path("run")).contains(RECORD_FILE), "cut at byte {cut}");
        let mut altered = good.clone();
        altered[cut] ^= 1;
        fs::write(&resume, &altered).unwrap();
        assert!(message(&path("run")).contains(RECORD_FILE), "altered at byte {cut}");
    }
    let header = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    for at in (0..header).step_by(7) {
        let mut altered = good.clone();
        altered[at] ^= 2;
        fs::write(&resume, &altered).unwrap();
        assert!(Record::open(&path("run")).is_err(), "altered at byte {at}");
    }
}

#[test]
fn a_checkpoint_of_another_model_is_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let mut task = Scripted::new();
    let run = in_folder(folder.path());
    train(&mut task, &mut array![0.0], &Scripted::plan(3), &run, None, |_, _| {}).unwrap();
    let before = fs::read(folder.path().join(RECORD_FILE)).unwrap();
    let (mut model, mut task) = language(1);
    let untouched = bits(&model);
    let resume = from(folder.path(), None);
    let error = train(&mut task, &mut model, &plan(3), &run, resume, |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("another model"), "{error}");
    assert_eq!(bits(&model), untouched);
    assert_eq!(fs::read(folder.path().join(RECORD_FILE)).unwrap(), before);
    assert!(!folder.path().join("previous").exists());
}
