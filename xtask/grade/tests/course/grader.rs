//! The grader, asked about files that learners write: unfinished, wrong, hostile by accident.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;
use xtask_grade::bank::Bank;
use xtask_grade::catalogue::{Course, read};
use xtask_grade::child::{Outcome, Runner};
use xtask_grade::compile::{Built, Workshop};
use xtask_grade::glue::Unit;
use xtask_grade::grade::grade_source;
use xtask_grade::interface::Interface;
use xtask_grade::progress::{self, Progress, Standing, version};
use xtask_grade::report::{ExerciseReport, Status, Visibility};
use xtask_grade::screen;

use super::{grader, programs};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// One for all tests: they run at the same time, and build the same programs.
static WORKSHOP: LazyLock<Workshop> = LazyLock::new(|| Workshop::new(root(), &programs()));

/// A folder of a test's own.
fn own_folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The course in `folder`, as on a learner's first day.
fn first_day(folder: &TempDir) -> Course {
    let course = Course::open(&root().join("exercises")).unwrap();
    let own = Course { root: folder.path().join("exercises"), ..course.clone() };
    for exercise in &course.exercises {
        for tree in ["src", "stubs"] {
            let path = own.file(tree, exercise);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::copy(course.file("stubs", exercise), path).unwrap();
        }
    }
    std::fs::copy(course.root.join("catalogue.toml"), own.root.join("catalogue.toml")).unwrap();
    own
}

/// Grades `source` as the exercise `id`.
fn grade(id: &str, source: String) -> ExerciseReport {
    let course = Course::open(&root().join("exercises")).unwrap();
    let bank = Bank { course: &course, workshop: &WORKSHOP };
    // Tests run at the same time: a slot for each.
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    grade_source(bank, course.get(id).unwrap(), source, &format!("test/{test}"), 5).unwrap()
}

/// The reference of `id` with pieces replaced.
fn changed(id: &str, changes: &[(&str, &str)]) -> String {
    let course = Course::open(&root().join("exercises")).unwrap();
    let mut source = read(&course.file("solutions", course.get(id).unwrap())).unwrap();
    for (from, to) in changes {
        assert!(source.contains(from), "{id} has no {from:?}");
        source = source.replace(from, to);
    }
    source
}

/// `rnn_step` with a line before the reference's own.
fn with_line(line: &str) -> ExerciseReport {
    grade("rnn_step", changed("rnn_step", &[("    let a =", &format!("    {line}\n    let a ="))]))
}

fn passed(report: &ExerciseReport) -> Vec<bool> {
    report.cases.iter().map(|case| case.passed).collect()
}

#[test]
fn graders_that_run_at_once_keep_to_their_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let course = Course::open(&root().join("exercises")).unwrap();
    let exercise = course.get("rnn_step").unwrap();
    let grade = |source: &str| {
        // As in two terminals: they share a folder, and know nothing of each other.
        let workshop = Workshop::new(root(), folder.path());
        let bank = Bank { course: &course, workshop: &workshop };
        let report = grade_source(bank, exercise, source.into(), "student/rnn/rnn_step", 5);
        report.map(|report| report.points)
    };
    let right = changed("rnn_step", &[]);
    // It ends its program now and then, which is then started anew: the same one, not the other's.
    let ends = "    if x.nrows() == 1 { std::process::exit(0) }\n    let a =";
    let wrong = changed("rnn_step", &[("    let a =", ends)]);
    let points: Vec<(f64, f64)> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..6)
            .map(|learner| {
                let (points, source) = if learner < 3 { (2.0, &right) } else { (1.0, &wrong) };
                (points, scope.spawn(move || grade(source).unwrap()))
            })
            .collect();
        started.into_iter().map(|(points, grader)| (points, grader.join().unwrap())).collect()
    });
    assert!(points.iter().all(|(expected, found)| expected == found), "{points:?}");
}

#[test]
fn a_right_answer_gets_all_points_whatever_it_prints() {
    let report = with_line("println!(\"\\x1b[31mred\"); eprintln!(\"{}\", \"x\".repeat(100_000));");
    assert_eq!((report.status, report.points), (Status::Passed, 2.0));
    assert!(report.printed.contains("\\u{1b}[31mred") && report.printed.len() < 3000);
}

#[test]
fn a_panic_costs_its_case_only() {
    let report = with_line("assert!(x.nrows() > 1, \"one row\");");
    assert_eq!(report.status, Status::Crashed);
    assert_eq!(passed(&report), [false, false, true, true]);
    assert_eq!(report.points, 1.0);
    let said = report.cases[1].message.as_deref().unwrap();
    assert!(said.contains("one row") && said.contains("exercises/src/rnn/rnn_step.rs:"), "{said}");
}

#[test]
fn an_abort_a_full_stack_and_an_exit_cost_their_case_only() {
    for (line, said) in [
        ("if x.nrows() == 1 { std::process::abort() }", "ended by the system"),
        ("if x.nrows() == 1 { std::process::exit(0) }", "ended the program with code 0"),
        (
            "fn deep(n: u64) -> u64 { if n == 0 { 0 } else { 1 + deep(std::hint::black_box(n + 1)) } }
             if x.nrows() == 1 { deep(1); }",
            "the stack overflowed",
        ),
    ] {
        let report = with_line(line);
        assert_eq!((report.status, report.points), (Status::Crashed, 1.0), "{line}");
        let message = report.cases[0].message.as_deref().unwrap();
        assert!(message.contains(said), "{message:?} should say {said:?}");
    }
}

#[test]
fn each_end_has_its_own_reason_however_much_was_printed() {
    let report = with_line(
        "fn deep(n: u64) -> u64 { if n == 0 { 0 } else { 1 + deep(std::hint::black_box(n + 1)) } }
         eprintln!(\"{}\", \"x\".repeat(20_000));
         if x.nrows() == 1 { deep(1); }
         std::process::exit(0);",
    );
    let messages = report.cases.iter().filter_map(|case| case.message.as_deref());
    let said = |what: &str| messages.clone().filter(|message| message.contains(what)).count();
    let (overflows, exits) = (said("the stack overflowed"), said("ended the program with code 0"));
    assert_eq!((overflows, exits), (2, 1), "{:?}", report.cases); // the fourth case is hidden
}

#[test]
fn a_hang_costs_its_case_only() {
    let report = with_line("while x.ncols() == 2 && x.nrows() == 1 { std::hint::black_box(()); }");
    assert_eq!(report.status, Status::TimedOut);
    assert!(passed(&report)[1..].contains(&true));
    assert!(report.message.unwrap().contains("no answer after 2.0 s"));
}

/// As where a virus scanner looks at a new program, or everything waits for a slow disk.
#[test]
#[cfg(target_os = "linux")]
fn a_slow_start_is_nobodys_hang() {
    let before_main = "
        #[used]
        #[unsafe(link_section = \".init_array\")]
        static START: extern \"C\" fn() = start;
        extern \"C\" fn start() { std::thread::sleep(std::time::Duration::from_millis(2500)) }";
    let report = grade("rnn_step", changed("rnn_step", &[]) + before_main);
    assert_eq!((report.status, report.points), (Status::Passed, 2.0), "{:?}", report.message);
}

#[test]
fn hidden_questions_have_a_process_of_their_own_and_hangs_count_by_function() {
    let source = "
        pub fn process() -> u64 { eprintln!(\"heard\"); std::process::id() as u64 }
        pub fn hangs() -> u64 { loop { std::hint::black_box(()); } }";
    let interface = Interface::parse(source).unwrap();
    let unit = Unit::new("answer", "src/rnn/two.rs".into(), source.into(), interface);
    let Built::Ready(program) = WORKSHOP.build("test/processes", &[unit]).unwrap() else {
        panic!("it does not compile")
    };
    let mut runner = Runner::new(&program);
    runner.patience = Duration::from_millis(200);
    let mut process = |visibility| runner.ask(visibility, "answer/process", &[]).unwrap();
    let hidden = process(Visibility::Hidden);
    let visible = process(Visibility::Visible);
    assert!(hidden.value().is_some() && hidden != visible);
    assert_eq!(process(Visibility::Hidden), hidden);
    while !runner.has_given_up("answer/hangs") {
        let outcome = runner.call("answer/hangs", &[]).unwrap();
        assert!(matches!(outcome, Outcome::TimedOut(_)), "{outcome:?}");
    }
    assert!(!runner.has_given_up("answer/process"));
    // What hung was ended; the next process answers.
    assert!(runner.call("answer/process", &[]).unwrap().value().is_some());
    // What was printed to a hidden question is shown to nobody.
    assert!(runner.printed().matches("heard").count() <= 2, "{}", runner.printed());
}

#[test]
fn what_is_no_number_fails() {
    let report = grade("rnn_step", changed("rnn_step", &[("a.mapv(f64::tanh)", "a * f64::NAN")]));
    assert_eq!((report.status, report.points), (Status::Failed, 0.0));
    assert!(report.diagnosis.unwrap().contains("no numbers"));
}

#[test]
fn state_between_calls_fails() {
    let report = with_line(
        "static CALLS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
         if CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 9 { return h_prev.clone(); }",
    );
    assert_eq!(report.status, Status::Failed);
    assert!(report.message.unwrap().contains("when asked again"));
}

#[test]
fn an_answer_of_another_make_is_no_answer() {
    let id = "lstm_step_backward";
    let says_yes =
        "impl Gradients { pub fn encode(&self) -> kit::Value { kit::Value::Bool(true) } }";
    let report = grade(id, changed(id, &[]) + says_yes);
    assert_eq!((report.status, report.points), (Status::Failed, 0.0));
}

#[test]
fn frames_written_by_an_exercise_are_no_answers() {
    // Whoever finds the pipe can say anything; it is not believed without the question's number.
    let report = with_line(
        "use std::io::Write;
         for fd in 3..9 {
             if let Ok(mut pipe) = std::fs::OpenOptions::new().write(true).open(format!(\"/dev/fd/{fd}\")) {
                 let body = [&[0_u8; 9][..], &[2, 1]].concat();
                 let mut frame = b\"\\x02seqans\\x03\".to_vec();
                 frame.extend((body.len() as u64).to_le_bytes());
                 frame.extend(body);
                 _ = pipe.write_all(&frame);
             }
         }",
    );
    #[cfg(target_os = "linux")]
    assert_eq!((report.status, report.points), (Status::Crashed, 0.0), "{:?}", report.message);
    _ = report;
}

#[test]
fn a_half_written_file_is_shown_with_its_line() {
    let report = grade("rnn_step", changed("rnn_step", &[("h_prev.dot(", "h_prev.dot((")]));
    assert_eq!(report.status, Status::CompileError);
    let message = report.message.unwrap();
    assert!(message.contains("exercises/src/rnn/rnn_step.rs:"), "{message}");
    assert!(message.lines().count() < 40);
    // rustc knows forty types that could be multiplied; a learner wants the line.
    let report = grade("rnn_step", changed("rnn_step", &[("weight_hh.t()", "weight_hh")]));
    let message = report.message.unwrap();
    assert!(message.lines().count() < 14, "{message}");
}

#[test]
fn a_changed_signature_is_named() {
    let report = grade("rnn_step", changed("rnn_step", &[("x: &Array2<f64>", "x: Array2<f64>")]));
    assert_eq!(report.status, Status::CompileError);
    assert!(
        report
            .message
            .unwrap()
            .starts_with("the signature must stay `pub fn rnn_step(x: &Array2<f64>")
    );
}

#[test]
fn seqcore_is_out_of_reach() {
    for line in ["use seqcore::cells::rnn;", "use rand::Rng;"] {
        assert_eq!(with_line(line).status, Status::CompileError, "{line}");
    }
}

#[test]
fn hidden_cases_show_no_inputs() {
    let report = with_line("assert!(false, \"{x} {h_prev}\");");
    let hidden = report.cases.iter().find(|case| case.name == "another batch").unwrap();
    assert!(!hidden.message.as_ref().unwrap().contains("[["));
    assert!(!screen::exercise(&report).contains("\"another batch\", rnn_step"));
}

/// An exercise, what is replaced in its solution, and what the diagnosis has to say.
type Changed = (&'static str, &'static [(&'static str, &'static str)], &'static str);

/// Wrong in ways that no file in `exercises/mistakes` foresees.
#[test]
fn unforeseen_mistakes_get_a_diagnosis() {
    let lstm = "lstm_step_backward";
    let table: [Changed; 14] = [
        (
            "rnn_step",
            &[("+ bias_hh", "- bias_hh")],
            "Before the tanh: `bias_hh` is subtracted where it should be added",
        ),
        ("rnn_step", &[("f64::tanh", "|a| a.max(0.0)")], "It is the ReLU where tanh belongs"),
        ("rnn_step", &[("f64::tanh", "|a| -a.tanh()")], "The sign is wrong"),
        (
            "rnn_step",
            &[("    a.mapv(f64::tanh)", "    a.mapv(f64::tanh).reversed_axes()")],
            "It is transposed",
        ),
        (
            "rnn_step",
            &[(
                "    a.mapv(f64::tanh)",
                "    let mut h = h_prev.clone();\n    h.row_mut(0).assign(&a.row(0).mapv(f64::tanh));\n    h",
            )],
            "The first of axis 0 is right",
        ),
        (
            lstm,
            &[("let da_o = d_o * sigmoid_slope(o);", "let da_o = d_o;")],
            "Only the block of o is wrong (i, f, g are right)",
        ),
        (
            lstm,
            &[
                ("let dc_prev = &dc * f; // (B, H) (L13)", "let dc_prev = dc_in * f;"),
                ("let dc = dc +", "let dc_in = dc;\n    let dc = dc +"),
            ],
            "dc_prev: It is `tape.f` times `dc` and nothing more",
        ),
        (
            lstm,
            &[("da.dot(weight_ih)", "da.dot(weight_ih) / x.ncols() as f64")],
            "dx: It is too small by the factor the number of columns of `tape.x`",
        ),
        (lstm, &[("da.t().dot(h_prev)", "h_prev.t().dot(&da)")], "d_weight_hh: It is transposed"),
        (lstm, &[("da.sum_axis(Axis(0))", "da.row(0).to_owned()")], "d_bias: Right in"),
        (
            lstm,
            &[("da_i, da_f, da_g, da_o]", "da_f, da_i, da_g, da_o]")],
            "The blocks of the gates stand in the order f, i, g, o; it should be i, f, g, o",
        ),
        ("top_p", &[("&kept / kept.sum()", "&kept / p")], "Along the list it should add up to 1"),
        (
            "top_p",
            &[("(0..probabilities.len()).collect()", "(0..probabilities.len()).rev().collect()")],
            "The list runs backwards",
        ),
        ("top_p", &[("return token;", "return token + 1;")], "It is too large by 1, everywhere"),
    ];
    let mut silent = Vec::new();
    for (id, changes, says) in table {
        let report = grade(id, changed(id, changes));
        assert_eq!(report.status, Status::Failed, "{id} {changes:?} {:?}", report.message);
        let diagnosis = report.diagnosis.unwrap_or_default();
        println!(
            "{id}: {}\n  -> {}",
            changes
                .iter()
                .map(|c| format!("`{}` became `{}`", c.0, c.1))
                .collect::<Vec<_>>()
                .join(", "),
            diagnosis.replace('\n', "\n     ")
        );
        if !diagnosis.contains(says) {
            silent.push(format!("{id} {changes:?}: {diagnosis:?} instead of {says:?}"));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// What does not fit panics inside of ndarray; the learner is told what that means.
#[test]
fn a_panic_is_explained() {
    for (from, to, says) in [
        ("x.dot(&weight_ih.t())", "x.dot(weight_ih)", "A product of matrices that do not fit"),
        ("+ bias_ih", "+ x", "Arrays that do not fit"),
        ("a.mapv(f64::tanh)", "a.mapv(|v| v + x[[x.nrows(), 0]])", "An index goes beyond the end"),
    ] {
        let report = grade("rnn_step", changed("rnn_step", &[(from, to)]));
        let diagnosis = report.diagnosis.unwrap_or_default();
        println!("rnn_step: `{from}` became `{to}`\n  -> {diagnosis}");
        assert!(diagnosis.starts_with(says), "{to}: {diagnosis:?} {:?}", report.message);
    }
}

#[test]
fn reset_keeps_what_was_written() {
    let folder = own_folder();
    let own = first_day(&folder);
    let exercise = own.get("rnn_step").unwrap();
    std::fs::write(own.file("stubs", exercise), "stub").unwrap();
    std::fs::write(own.file("src", exercise), "mine").unwrap();
    let kept = progress::reset(&own, exercise).unwrap().unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(own.file("src", exercise)).unwrap(), "stub");
    assert_eq!(progress::reset(&own, exercise).unwrap(), None);
}

#[test]
fn two_terminals_keep_one_progress() {
    let folder = own_folder();
    let course = first_day(&folder);
    let (step, top_p) = (course.get("rnn_step").unwrap(), course.get("top_p").unwrap());
    // `learn` is open in one; what is done in the other is neither overlooked nor forgotten.
    let (learn, other) = (Progress::open(folder.path()), Progress::open(folder.path()));
    assert_eq!(learn.next_hint(step).0, 1);
    assert_eq!(other.next_hint(step).0, 2);
    let passed = |progress: &Progress, exercise| {
        progress.record(exercise, version(&course, exercise), true);
    };
    passed(&other, top_p);
    assert_eq!(learn.next_hint(step).0, 3);
    assert_eq!(learn.standing(&course, top_p), Standing::Passed);
    // Nor if all is done at the same moment.
    std::thread::scope(|scope| {
        for exercise in &course.exercises {
            scope.spawn(|| passed(&Progress::open(folder.path()), exercise));
        }
    });
    for exercise in &course.exercises {
        assert_eq!(learn.standing(&course, exercise), Standing::Passed, "{}", exercise.id);
    }
    assert_eq!(other.next_hint(step).0, 3);
    other.record(top_p, version(&course, top_p), false);
    assert_eq!(learn.standing(&course, top_p), Standing::NotStarted);
    // What is saved while an earlier version is being graded has not passed.
    let graded = version(&course, top_p);
    std::fs::write(course.file("src", top_p), "saved in the meantime").unwrap();
    learn.record(top_p, graded, true);
    assert_eq!(learn.standing(&course, top_p), Standing::Begun);
}

#[test]
fn the_commands_report() {
    let folder = own_folder();
    first_day(&folder);
    let json = folder.path().join("report.json");
    let run_in = |at: &Path, arguments: &[&str]| {
        let output = grader().args(arguments).current_dir(at).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    let run = |arguments: &[&str]| run_in(root(), arguments);
    // The solutions as a submission.
    let solutions = root().join("exercises/solutions");
    let solutions = solutions.to_str().unwrap();
    let (code, said) =
        run(&["grade", "rnn_step", "--submission", solutions, "--json", json.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 of 4 cases are right: 2 of 2 points."), "{said}");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!((&report["seed"], &report["score"]), (&1.into(), &2.0.into()));
    let exercise = &report["exercises"][0];
    assert_eq!((&exercise["id"], &exercise["status"]), (&"rnn_step".into(), &"passed".into()));
    assert_eq!(exercise["cases"][3]["visibility"], "hidden");

    let (code, said) = run(&["hint", "rnn_stepp"]);
    assert!(code == Some(2) && said.contains("there is no exercise"), "{said}");
    let (code, said) = run(&["grade", "--submission", "/nowhere"]);
    assert!(code == Some(2) && said.contains("is no folder"), "{said}");
    let (code, said) = run(&["list"]);
    assert!(code == Some(0) && said.contains("lstm_step_backward"));
    let (code, said) = run(&["learn", "top_p", "--core"]);
    assert!(code == Some(2) && said.contains("no core exercise"), "{said}");
    // No terminal here: it says where the learner is, and ends.
    let (code, said) = run_in(folder.path(), &["learn"]);
    assert!(code == Some(0) && said.contains("There is no terminal"), "{said}");
}

#[test]
fn a_broken_file_hides_no_other_one() {
    let folder = own_folder();
    let lstm = folder.path().join("lstm");
    std::fs::create_dir(&lstm).unwrap();
    let id = "lstm_step_backward";
    std::fs::write(lstm.join("top_p.rs"), "pub fn nucleus(").unwrap();
    std::fs::write(lstm.join(format!("{id}.rs")), changed(id, &[])).unwrap();
    let output = grader()
        .args(["grade", "lstm", "--submission"])
        .arg(folder.path())
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let line = |id: &str| said.lines().find(|line| line.contains(id)).unwrap_or_default();
    assert!(line("top_p").contains("does not compile"), "{said}");
    assert!(line(id).ends_with("passed"), "{said}");
}

/// `cargo test`, `cargo run` and `cargo xtask` never compile what a learner has half written.
#[test]
fn nothing_depends_on_the_exercises() {
    let manifest = |path: &Path| std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
    let workspace: toml::Value = toml::from_str(&manifest(root())).unwrap();
    let default = format!("{:?}", workspace["workspace"]["default-members"]);
    assert!(!default.contains("exercises") && !default.contains("\"*"), "{default}");
    for folder in ["crates", "xtask"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.join("Cargo.toml").exists() {
                let names = manifest(&path).lines().any(|line| line.starts_with("exercises"));
                assert!(!names, "{}", path.display());
            }
        }
    }
}

/// Keys, in a terminal that `script` pretends to be.
#[test]
#[cfg(target_os = "linux")]
fn learn_listens_to_keys() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let folder = own_folder();
    first_day(&folder);
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", "\"$GRADER\" learn lstm", "/dev/null"]);
    script.env("GRADER", env!("CARGO_BIN_EXE_xtask-grade")).env("TERM", "xterm");
    script.env("XTASK_GRADE_FOLDER", folder.path()).current_dir(&folder);
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut terminal) = script.spawn() else { return };
    terminal.stdin.as_mut().unwrap().write_all(b"nhlq").unwrap();
    let output = terminal.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    for piece in ["q quit", "Hint 1 of 3", "core    8 min", "goes on from here"] {
        assert!(said.contains(piece), "no {piece:?} in {said}");
    }
}
