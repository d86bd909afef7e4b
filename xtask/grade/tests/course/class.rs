//! A class with good, bad and hostile submissions, graded by the command itself.
//!
//! Hostile code is Linux's business here: elsewhere nothing is shut in, and reports say so.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;
use xtask_grade::catalogue::{Course, read};
use xtask_grade::compile::{Built, Workshop};
use xtask_grade::glue::Unit;
use xtask_grade::interface::Interface;
use xtask_grade::jail::Jail;
use xtask_grade::mistakes::wrong_versions;

use super::grader;

fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_xtask-grade"))
}

/// The reference of `rnn_step` with a line before its own.
fn with_line(line: &str) -> String {
    let source = read(&root().join("exercises/solutions/rnn/rnn_step.rs")).unwrap();
    assert!(source.contains("    let a ="));
    source.replace("    let a =", &format!("    {line}\n    let a ="))
}

/// A class in a folder that goes away.
struct Class {
    folder: TempDir,
}

impl Class {
    fn new() -> Self {
        let class = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(class.folder.path().join("in")).unwrap();
        class
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Hands in a file.
    fn add(&self, learner: &str, file: &str, text: &str) {
        let path = self.path("in").join(learner).join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn step(&self, learner: &str, line: &str) {
        self.add(learner, "rnn/rnn_step.rs", &with_line(line));
    }

    /// Runs `grade rnn_step`, and returns exit code and what was said.
    fn grade(&self, out: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let output = grader()
            .args(["grade", "rnn_step", "--submissions"])
            .arg(self.path("in"))
            .arg("--out")
            .arg(self.path(out))
            .args(arguments)
            .current_dir(root())
            .env_remove("XTASK_GRADE_SEED")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Learner, status and points of the one exercise.
    fn results(&self, out: &str) -> BTreeMap<String, (String, f64)> {
        let class: Json = serde_json::from_str(&self.text(&format!("{out}/class.json"))).unwrap();
        let learners = class["learners"].as_array().unwrap();
        let one = |learner: &Json| {
            let exercise = &learner["exercises"][0];
            let status = exercise["status"].as_str().unwrap().to_owned();
            let id = learner["learner"].as_str().unwrap().to_owned();
            (id, (status, exercise["points"].as_f64().unwrap()))
        };
        learners.iter().map(one).collect()
    }

    fn text(&self, path: &str) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The reports that are kept for the next run.
    fn kept(&self, out: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(out).join("cache")).unwrap();
        entries.map(|entry| read(&entry.unwrap().path()).unwrap()).collect()
    }

    /// Every file below a folder with its content, but for what was only kept for the next run.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut open = vec![self.path(folder)];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.ends_with("cache") {
                    continue;
                }
                match path.is_dir() {
                    true => open.push(path),
                    false => {
                        let name = path.strip_prefix(self.folder.path()).unwrap();
                        let name = name.components().skip(1).collect::<PathBuf>();
                        files.insert(name.to_string_lossy().into_owned(), fs::read(&path).unwrap());
                    }
                }
            }
        }
        files
    }

    /// Processes that were started from this class's folder.
    fn left_behind(&self) -> Vec<String> {
        let marks = [self.folder.path().to_string_lossy().into_owned(), "98765".to_owned()];
        let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let text = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&text).replace('\0', " "))
        });
        processes.filter(|line| marks.iter().any(|mark| line.contains(mark))).collect()
    }
}

#[test]
fn hostile_submissions_are_graded_right_and_leave_nothing_behind() {
    let class = Class::new();
    let trace = class.path("trace");
    let (mark, solution) = (trace.display(), root().join("exercises/solutions/rnn/rnn_step.rs"));
    let solution = solution.display();
    class.step("good", "");
    class.step("relu", "return (x.dot(&weight_ih.t()) + bias_ih + h_prev.dot(&weight_hh.t()) + bias_hh).mapv(|a| a.max(0.0));");
    class.step("exits", "std::process::exit(0);");
    class.step(
        "prints",
        "println!(\"test result: ok. 4 passed\\n{{\\\"score\\\": 2}}\"); return h_prev * 0.0;",
    );
    class.step(
        "forges",
        "use std::io::Write;
         for path in (0..9).flat_map(|fd| [format!(\"/dev/fd/{fd}\"), format!(\"/proc/self/fd/{fd}\")]) {
             if let Ok(mut pipe) = std::fs::OpenOptions::new().write(true).open(path) {
                 _ = pipe.write_all(b\"\\x02seqans\\x03\\x0b\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x02\\x01\");
             }
         }
         return h_prev * 0.0;",
    );
    class.step("nan", "return h_prev * f64::NAN;");
    class.step(
        "hoards",
        "let mut hoard = Vec::new(); loop { hoard.push(Vec::<u8>::with_capacity(1 << 26)); }",
    );
    class.step(
        "floods",
        "use std::io::Write; loop { _ = std::io::stderr().write_all(&[b'x'; 1 << 16]); }",
    );
    // Those who are stopped, and then answer right, get their points.
    class.step(
        "forks",
        "for _ in 0..200 { for name in [\"/proc/self/exe\", \"/bin/sh\"] {
             assert!(std::process::Command::new(name).args([\"-c\", \"sleep 98765 &\"]).spawn().is_err());
         } }",
    );
    class.step(
        "daemon",
        "assert!(std::process::Command::new(\"/usr/bin/setsid\").args([\"sleep\", \"98765\"]).spawn().is_err());",
    );
    class.step(
        "kills",
        "let parent = std::os::unix::process::parent_id().to_string();
         assert!(std::process::Command::new(\"/bin/kill\").args([\"-9\", &parent]).status().is_err());",
    );
    class.step(
        "reads",
        &format!(
            "for path in [\"{solution}\", \"/etc/passwd\", \"/proc/self/environ\", \"/proc/self/mem\", \".\"] {{
                 assert!(std::fs::File::open(path).is_err(), \"{{path}}\");
             }}"
        ),
    );
    class.step(
        "writes",
        &format!(
            "for path in [\"{mark}\", \"trace\", \"/tmp/xtask-grade-trace\", \"/dev/shm/trace\"] {{
                 assert!(std::fs::write(path, \"x\").is_err(), \"{{path}}\");
             }}"
        ),
    );
    class.step(
        "calls",
        "assert!(std::net::UdpSocket::bind(\"127.0.0.1:0\").is_err());
         assert!(std::net::TcpListener::bind(\"127.0.0.1:0\").is_err());",
    );
    // What reaches out when it is compiled is not compiled.
    class.add(
        "includes",
        "rnn_step.rs",
        &format!("const S: &str = include_str!(\"{solution}\");\n{}", with_line("")),
    );
    class.add(
        "in_macro",
        "rnn_step.rs",
        &format!("macro_rules! m {{ ($($t:tt)*) => {{ $($t)* }} }} m!(#[path = \"{solution}\"] mod x;);\n{}", with_line("")),
    );
    class.add(
        "constructs",
        "rnn_step.rs",
        &format!(
            "#[unsafe(link_section = \".init_array\")] static A: fn() = f; fn f() {{}}\n{}",
            with_line("")
        ),
    );
    class.add(
        "deep",
        "rnn_step.rs",
        &format!("{}\nfn f() {{ {}1{} }}", with_line(""), "(".repeat(30_000), ")".repeat(30_000)),
    );
    class.add(
        "shouts",
        "rnn_step.rs",
        &format!("{}\nfn f() {{ let _ = {}true; }}", with_line(""), "!".repeat(60_000)),
    );
    // A build script, a configuration, a link: not taken.
    class.step("brings", "");
    class.add(
        "brings",
        "build.rs",
        &format!("fn main() {{ std::fs::write(\"{mark}\", \"x\").unwrap(); }}"),
    );
    class.add("brings", "Cargo.toml", "[package]\nname = \"x\"\nbuild = \"build.rs\"");
    class.add("brings", ".cargo/config.toml", "[build]\nrustc = \"/bin/false\"");
    class.add("brings", "rust-toolchain.toml", "[toolchain]\nchannel = \"nightly\"");
    fs::create_dir_all(class.path("in/links/rnn")).unwrap();
    symlink(
        root().join("exercises/solutions/rnn/rnn_step.rs"),
        class.path("in/links/rnn/rnn_step.rs"),
    )
    .unwrap();
    symlink(root().join("exercises/solutions"), class.path("in/linked")).unwrap();
    // Names and messages that mean something elsewhere.
    let evil = "panic!(\"</pre><script>alert(1)</script>\\x1b[2J\\n```\\n=1+1\");";
    class.step("=1+cmd|' C calc'!A0", evil);
    class.step("<img src=x onerror=alert(1)>", evil);
    class.step("\x1b[31mred\nline", evil);

    let (code, said) = class.grade("out", &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Isolation: full") && !said.contains('\x1b'), "{said}");
    let results = class.results("out");
    let expected: BTreeMap<&str, (&str, f64)> = [
        ("good", ("passed", 2.0)),
        ("relu", ("failed", 0.0)),
        ("exits", ("crashed", 0.0)),
        ("prints", ("failed", 0.0)),
        // It finds its own pipe, and what comes through it answers no question.
        ("forges", ("crashed", 0.0)),
        ("nan", ("failed", 0.0)),
        ("hoards", ("crashed", 0.0)),
        ("floods", ("timed_out", 0.0)),
        ("forks", ("passed", 2.0)),
        ("daemon", ("passed", 2.0)),
        ("kills", ("passed", 2.0)),
        ("reads", ("passed", 2.0)),
        ("writes", ("passed", 2.0)),
        ("calls", ("passed", 2.0)),
        ("includes", ("forbidden", 0.0)),
        ("in_macro", ("forbidden", 0.0)),
        ("constructs", ("forbidden", 0.0)),
        ("deep", ("forbidden", 0.0)),
        ("shouts", ("forbidden", 0.0)),
        ("brings", ("passed", 2.0)),
        ("links", ("forbidden", 0.0)),
        ("=1+cmd|' C calc'!A0", ("crashed", 0.0)),
        ("<img src=x onerror=alert(1)>", ("crashed", 0.0)),
        ("\x1b[31mred\nline", ("crashed", 0.0)),
    ]
    .into();
    let results: BTreeMap<&str, (&str, f64)> = results
        .iter()
        .map(|(id, (status, points))| (id.as_str(), (status.as_str(), *points)))
        .collect();
    assert_eq!(results, expected, "{said}");

    // Nothing of it means anything where it is shown.
    for (name, bytes) in class.files("out") {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains('\x1b') && text.len() < 200_000, "{name}");
        if name.ends_with(".html") || name.ends_with(".xml") {
            assert!(!text.contains("<script") && !text.contains("<img"), "{name}");
        }
        if name.ends_with(".md") {
            assert!(
                !text.replace("\\<", "").lines().any(|line| line.starts_with("<script")),
                "{name}"
            );
        }
        if name.ends_with(".csv") {
            let is_formula =
                |line: &str| line.starts_with(['=', '+', '@']) || line.starts_with("\"=");
            assert!(!text.lines().any(is_formula), "{name}: {text}");
        }
    }
    // Nothing is left: no file outside of `out`, no program, no process.
    assert!(!trace.exists() && !Path::new("/tmp/xtask-grade-trace").exists());
    assert!(!class.path("out/work").exists());
    let mut here: Vec<_> =
        fs::read_dir(class.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    here.sort();
    assert_eq!(here, ["in", "out"]);
    assert_eq!(class.left_behind(), Vec::<String>::new());
}

#[test]
fn a_compiler_that_is_kept_busy_is_stopped() {
    let class = Class::new();
    class.add(
        "endless",
        "rnn_step.rs",
        &format!("{}\npub const N: u64 = {{ let mut n = 0_u64; while n < u64::MAX {{ n += 1; }} n }};\npub fn f() -> u64 {{ N }}", with_line("")),
    );
    let mut bomb = with_line("");
    for level in 0..40 {
        bomb += &format!(
            "macro_rules! m{level} {{ () => {{ m{}!(); m{}!(); }} }}\n",
            level + 1,
            level + 1
        );
    }
    class.add(
        "bomb",
        "rnn_step.rs",
        &(bomb + "macro_rules! m40 { () => { struct_free!(); } }\nfn g() { m0!(); }"),
    );
    let (code, said) = class.grade("out", &["--compile-seconds", "3"]);
    assert_eq!(code, Some(0), "{said}");
    let results = class.results("out");
    assert_eq!(results["endless"].0, "timed_out");
    // Whichever limit it meets first.
    assert!(["timed_out", "compile_error"].contains(&results["bomb"].0.as_str()), "{results:?}");
    assert!(class.text("out/feedback/endless/feedback.md").contains("stopped after 3 s"));
    // A machine that is less busy may say otherwise.
    assert!(!class.kept("out").iter().any(|report| report.contains("stopped after")));
    assert_eq!(class.left_behind(), Vec::<String>::new());
}

#[test]
fn what_did_not_come_in_time_is_graded_again() {
    let class = Class::new();
    let hang = "while x.ncols() == 2 && x.nrows() == 1 { std::hint::black_box(()); }";
    class.step("in_time", "");
    class.step("late", hang);
    class.step("late_and_wrong", &format!("{hang} return h_prev.clone();"));
    let (code, said) = class.grade("out", &[]);
    assert_eq!(code, Some(0), "{said}");
    let results = class.results("out");
    assert_eq!([&results["late"].0, &results["late_and_wrong"].0], ["timed_out", "failed"]);
    let kept = class.kept("out");
    assert!(kept.len() == 1 && kept[0].contains("\"passed\""), "{kept:?}");
}

/// Behind the screening there is a wall, and behind the wall somebody who counts.
#[test]
fn the_compiler_reads_nothing_else_even_unscreened() {
    let folder = tempfile::tempdir().unwrap();
    let solution = root().join("exercises/solutions/rnn/rnn_step.rs");
    let source = format!("pub fn f() -> String {{ include_str!({solution:?}).to_owned() }}");
    let build = |jail: Jail, name: &str| {
        let workshop = Workshop::new(&root(), &folder.path().join(name)).shut_in(jail);
        let interface = Interface::parse(&source).unwrap();
        let unit = Unit::new("f", "src/rnn/f.rs".into(), source.clone(), interface);
        match workshop.build("slot", &[unit]).unwrap() {
            Built::Broken(errors) => errors.into_iter().map(|error| error.rendered).collect(),
            Built::Ready(path) => panic!("it was built: {}", path.display()),
        }
    };
    let walled: Vec<String> = build(Jail::open(program()), "walled");
    assert!(
        walled[0].contains("couldn't read") && walled[0].contains("Permission denied"),
        "{walled:?}"
    );
    let counted: Vec<String> = build(Jail::degraded("a test"), "counted");
    assert!(
        counted[0].contains("compiling it reads the file") && counted[0].contains("rnn_step.rs"),
        "{counted:?}"
    );
}

#[test]
fn the_parts_of_a_class_make_the_class_byte_for_byte() {
    let class = Class::new();
    let odd = "let mut k = 0; while k < 3 { k += 1; if k == 7 { return h_prev * 2.0; } else { assert!(k < 10 && x.nrows() + k > 0); } }";
    class.step("ann", odd);
    class.step("bob", &odd.replace("k", "counter"));
    class.step("cyd", "return h_prev.clone();");
    class.step("dan", "return h_prev.clone();");
    class.step("eva", "");
    fs::write(
        class.path("in/roster.csv"),
        "learner,name,late_days,attempts\nann,Ann,1.5,1\neva,=Eva,0,3\nzoe,Zoe,,\n",
    )
    .unwrap();
    fs::write(
        class.path("in/overrides.csv"),
        "learner,exercise,points,reason\ncyd,rnn_step,1.25,explained it well\n",
    )
    .unwrap();
    let policy = ["--late-percent", "10", "--attempt-percent", "25", "--seed", "9"];
    let (code, said) = class.grade("whole", &policy);
    assert_eq!(code, Some(0), "{said}");
    let grades = class.text("whole/grades.csv");
    let lines: Vec<_> = grades.lines().collect();
    assert_eq!(lines[1], "ann,Ann,1.7,2,yes,1.5,1,0.3,,full,2");
    assert_eq!(lines[3], "cyd,,1.25,2,yes,0,0,0,rnn_step,full,1.25");
    assert_eq!(lines[5], "eva,'=Eva,1,2,yes,0,3,1,,full,2");
    assert_eq!(lines[6], "zoe,Zoe,0,2,no,0,0,0,,full,0");
    assert!(
        class.text("whole/similar.csv").contains("ann,bob,1.00"),
        "{}",
        class.text("whole/similar.csv")
    );
    let overview = class.text("whole/overview.md");
    assert!(overview.contains("6 learners, 5 submissions"), "{overview}");
    assert!(class.text("whole/feedback/cyd/feedback.md").contains("explained it well"));
    assert!(
        class
            .text("whole/junit.xml")
            .contains("<testsuite name=\"zoe\" tests=\"1\" failures=\"0\" skipped=\"1\">")
    );
    let results: Json =
        serde_json::from_str(&class.text("whole/feedback/ann/results.json")).unwrap();
    assert_eq!((&results["score"], &results["tests"][0]["score"]), (&1.7.into(), &2.0.into()));

    for part in ["1/2", "2/2"] {
        let out = format!("part{}", &part[..1]);
        let (code, said) = class.grade(&out, &[&policy[..], &["--shard", part]].concat());
        assert_eq!(code, Some(0), "{said}");
    }
    let merge = |parts: &[&str]| {
        let paths = parts.iter().map(|part| class.path(part));
        let output =
            grader().arg("grade-merge").args(paths).arg("--out").arg(class.path("merged")).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = merge(&["part2"]);
    assert!(code == Some(2) && said.contains("of 2 parts these are missing: 1"), "{said}");
    assert_eq!(merge(&["part2", "part1"]), (Some(0), String::new()));
    let (whole, merged) = (class.files("whole"), class.files("merged"));
    assert_eq!(whole.keys().collect::<Vec<_>>(), merged.keys().collect::<Vec<_>>());
    for (name, bytes) in whole {
        assert!(merged[&name] == bytes, "{name} differs");
    }
    // Again, into the same folder: nothing is built, and nothing changes.
    let before = class.files("whole");
    let started = std::time::Instant::now();
    assert_eq!(class.grade("whole", &policy).0, Some(0));
    assert!(class.files("whole") == before && started.elapsed().as_secs() < 10);
}

#[test]
fn an_official_run_keeps_its_seed_and_wants_its_walls() {
    let class = Class::new();
    class.step("ann", "eprintln!(\"hidden {x}\"); if x.nrows() > 1 { panic!(\"inputs {x}\"); }");
    let (code, said) = class.grade("out", &["--official", "--without-sandbox"]);
    assert!(code == Some(2) && said.contains("--allow-degraded"), "{said}");
    let (code, said) =
        class.grade("open run", &["--official", "--without-sandbox", "--allow-degraded"]);
    assert_eq!(code, Some(0), "{said}");
    for file in [
        "class.json",
        "feedback/ann/report.json",
        "feedback/ann/results.json",
        "feedback/ann/feedback.md",
        "overview.md",
    ] {
        assert!(
            class.text(&format!("open run/{file}")).to_lowercase().contains("degraded"),
            "{file}"
        );
    }
    let (code, said) = class.grade("out", &["--official", "--shard", "1/2"]);
    assert!(code == Some(2) && said.contains("need one seed"), "{said}");
    let (code, said) = class.grade("out", &["--official", "--anonymous"]);
    assert_eq!(code, Some(0), "{said}");
    let whole: Json = serde_json::from_str(&class.text("out/class.json")).unwrap();
    let seed = whole["seed"].as_u64().unwrap().to_string();
    assert!(seed.len() > 10 && !said.contains(&seed));
    let shown = whole["learners"][0]["learner"].as_str().unwrap().to_owned();
    assert!(shown.starts_with("learner-"));
    assert_eq!(class.text("out/identities.csv"), format!("shown,learner,name\n{shown},ann,\n"));
    assert!(!class.text("out/grades.csv").contains("ann"));
    for file in ["report.json", "results.json", "feedback.md", "feedback.html"] {
        let text = class.text(&format!("out/feedback/{shown}/{file}"));
        // Neither the seed nor what the code printed of hidden inputs.
        assert!(!text.contains(&seed) && !text.contains("hidden [["), "{file}");
    }
    let report: Json =
        serde_json::from_str(&class.text(&format!("out/feedback/{shown}/report.json"))).unwrap();
    assert!(report["seed"].is_null());
    assert!(report["exercises"][0]["cases"][3]["message"] == "not right (a hidden case)");
    // The same seed when it goes on.
    class.grade("out", &["--official", "--anonymous"]);
    let again: Json = serde_json::from_str(&class.text("out/class.json")).unwrap();
    assert_eq!(again["seed"], whole["seed"]);
    // A folder with something else in it is left alone.
    let (code, said) = class.grade("in", &[]);
    assert!(code == Some(2) && said.contains("not of an earlier grading"), "{said}");
    // So is one that another run is writing to, as long as it does.
    let before = class.files("out");
    let other = fs::File::open(class.path("out/record/=grading")).unwrap();
    other.lock().unwrap();
    let (code, said) = class.grade("out", &["--official"]);
    assert!(code == Some(2) && said.contains("another run is writing to"), "{said}");
    assert!(class.files("out") == before);
    drop(other);
    assert_eq!(class.grade("out", &["--official", "--anonymous"]).0, Some(0));
}

#[test]
fn one_broken_file_does_not_hide_the_others() {
    let class = Class::new();
    let solution =
        |id: &str| read(&root().join(format!("exercises/solutions/rnn/{id}.rs"))).unwrap();
    class.add("ann", "rnn_step.rs", &solution("rnn_step"));
    class.add("ann", "rnn_bptt.rs", &solution("rnn_bptt"));
    // Rust to a parser, an error to the compiler: it breaks the program of all three.
    class.add("ann", "rnn_unroll.rs", &(solution("rnn_unroll") + "fn f() -> f64 { \"one\" }"));
    let output = grader()
        .args(["grade", "rnn_", "--submission"])
        .arg(class.path("in/ann"))
        .arg("--json")
        .arg(class.path("report.json"))
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Json = serde_json::from_str(&class.text("report.json")).unwrap();
    let of = |id: &str| {
        let exercises = report["exercises"].as_array().unwrap();
        exercises.iter().find(|e| e["id"] == id).unwrap().clone()
    };
    assert_eq!(of("rnn_step")["status"], "passed");
    assert_eq!(of("rnn_bptt")["status"], "passed");
    assert_eq!(of("rnn_unroll")["status"], "compile_error");
    let message = of("rnn_unroll")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("exercises/src/rnn/rnn_unroll.rs:"), "{message}");
    assert!(said.contains("Isolation: full."), "{said}");
}

#[test]
fn a_handout_has_no_solutions_and_still_tells_what_went_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("a copy");
    let run = |at: &Path, arguments: &[&str]| {
        let output = grader().args(arguments).current_dir(at).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let (code, said) = run(&root(), &["handout", copy.to_str().unwrap(), "--only", "rnn_step"]);
    assert_eq!(code, Some(0), "{said}");
    for tree in ["solutions", "mistakes", "alternatives", "cases", "AUTHORING.md"] {
        assert!(!copy.join("exercises").join(tree).exists(), "{tree}");
    }
    // The lock file still fits.
    let locked = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["metadata", "--locked", "--offline", "--format-version=1", "--no-deps"])
        .current_dir(&copy)
        .output()
        .unwrap();
    assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));

    let (code, said) = run(&copy, &["grade", "rnn_step"]);
    assert!(code == Some(0) && said.contains("Not started"), "{said}");
    let own = copy.join("exercises/src/rnn/rnn_step.rs");
    let course = Course::open(&root().join("exercises")).unwrap();
    let mistakes = wrong_versions(&course, course.get("rnn_step").unwrap()).unwrap();
    let mistake = mistakes.iter().find(|mistake| mistake.name == "transposed_weight_hh").unwrap();
    fs::write(&own, &mistake.source).unwrap();
    let (code, said) = run(&copy, &["grade", "rnn_step"]);
    let advice = &mistake.advice;
    let start: String = advice.split(' ').take(4).collect::<Vec<_>>().join(" ");
    assert!(code == Some(0) && said.contains(&start), "{said} should say {advice}");
    fs::write(&own, with_line("")).unwrap();
    let (code, said) = run(&copy, &["grade", "rnn_step", "--seed", "77"]);
    assert!(code == Some(0) && said.contains("2 of 2 points"), "{said}");

    for (arguments, says) in [
        (&["solution", "rnn_step"][..], "has no solutions"),
        (&["selfcheck"][..], "has no solutions"),
        (&["grade", "--submission", "exercises/src", "--official"][..], "instructor's copy"),
        (&["package", "gradescope"][..], "no solutions"),
        (&["handout", "again"][..], "handout already"),
    ] {
        let (code, said) = run(&copy, arguments);
        assert!(code == Some(2) && said.contains(says), "{arguments:?}: {said}");
    }
    let (code, said) = run(&root(), &["handout", copy.to_str().unwrap()]);
    assert!(code == Some(2) && said.contains("is not empty"), "{said}");
}

#[test]
fn an_autograder_is_packed_the_same_way_twice() {
    let folder = tempfile::tempdir().unwrap();
    let pack = |name: &str| {
        let path = folder.path().join(name);
        let status = grader()
            .args(["package", "gradescope", "--allow-degraded", "--out"])
            .arg(&path)
            .current_dir(root())
            .status()
            .unwrap();
        assert!(status.success());
        path
    };
    let (one, two) = (pack("one.zip"), pack("two.zip"));
    assert!(fs::read(&one).unwrap() == fs::read(two).unwrap());
    let mut zip = zip::ZipArchive::new(fs::File::open(one).unwrap()).unwrap();
    assert_eq!(zip.by_name("setup.sh").unwrap().unix_mode().unwrap() & 0o777, 0o755);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("run_autograder").unwrap(), &mut text).unwrap();
    assert!(text.contains("--official --allow-degraded --out"), "{text}");
    assert!(zip.by_name("course/exercises/solutions/rnn/rnn_step.rs").is_ok());
    // A shell can read it.
    let path = folder.path().join("run_autograder");
    fs::write(&path, text).unwrap();
    assert!(Command::new("/bin/bash").arg("-n").arg(path).status().unwrap().success());
}
