//! Programs that misbehave, shut in.
#![cfg(target_os = "linux")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use xtask_sandbox::{Isolation, Policy, isolation, wrap};

/// The misbehaving program.
fn hostile() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hostile"))
}

fn policy() -> Policy {
    let mut policy = Policy::run();
    policy.limits.cpu_seconds = 2;
    policy
}

fn attempt(policy: &Policy, arguments: &[&str]) -> Output {
    wrap(hostile(), policy, hostile()).args(arguments).output().unwrap()
}

/// The attempt fails, and it says nothing of a success.
#[track_caller]
fn refused(policy: &Policy, arguments: &[&str]) -> String {
    let out = attempt(policy, arguments);
    assert!(
        !out.status.success(),
        "{arguments:?} worked: {}",
        String::from_utf8_lossy(&out.stdout)
    );
    assert!(out.stdout.is_empty(), "{arguments:?} said {}", String::from_utf8_lossy(&out.stdout));
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn this_machine_can_shut_programs_in() {
    // Where it cannot, the tests below would fail for a reason that this one names.
    assert_eq!(isolation(hostile()), Isolation::Full);
}

#[test]
fn honest_work_goes_on() {
    // The environment is empty: no secrets to read there.
    assert_eq!(attempt(&policy(), &["hello"]).stdout, b"hello 0\n");
    assert_eq!(attempt(&policy(), &["threads"]).stdout, b"14\n");
    let panicked = attempt(&policy(), &["panic"]);
    assert_eq!(panicked.status.code(), Some(101));
    assert!(String::from_utf8_lossy(&panicked.stderr).contains("a learner's panic"));
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(attempt(&policy(), &["abort"]).status.signal(), Some(6));
}

#[test]
fn files_of_others_are_out_of_reach() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("solution.rs");
    std::fs::write(&secret, "the solution").unwrap();
    let secret = secret.to_str().unwrap();
    assert!(refused(&policy(), &["read", secret]).contains("Permission denied"));
    assert!(refused(&policy(), &["write", secret]).contains("Permission denied"));
    refused(&policy(), &["list", folder.path().to_str().unwrap()]);
    refused(&policy(), &["read", "/proc/self/environ"]);
    refused(&policy(), &["read", "/etc/passwd"]);
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "the solution");
    // What is given is there: to read, or to write.
    assert_eq!(attempt(&policy().reading(folder.path()), &["read", secret]).stdout, b"12\n");
    refused(&policy().reading(folder.path()), &["write", secret]);
    assert_eq!(attempt(&policy().writing(folder.path()), &["write", secret]).stdout, b"()\n");
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "mine");
}

#[test]
fn a_link_out_of_the_own_folder_leads_nowhere() {
    let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(other.path().join("solution.rs"), "the solution").unwrap();
    let link = own.path().join("link.rs");
    std::os::unix::fs::symlink(other.path().join("solution.rs"), &link).unwrap();
    refused(&policy().reading(own.path()), &["read", link.to_str().unwrap()]);
}

#[test]
fn there_is_no_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for policy in [policy(), compile()] {
        refused(&policy, &["udp"]);
        refused(&policy, &["tcp", &address]);
    }
}

#[test]
fn there_are_no_other_processes() {
    refused(&policy(), &["start", "/bin/true"]);
    refused(&policy(), &["start", hostile().to_str().unwrap()]);
    let own = std::process::id().to_string();
    refused(&policy(), &["kill", &own]);
}

#[test]
fn memory_time_and_files_have_limits_that_stay() {
    refused(&policy(), &["limits"]);
    refused(&policy(), &["memory"]);
    let started = Instant::now();
    refused(&policy(), &["spin"]);
    assert!(started.elapsed() < Duration::from_secs(20));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    refused(&policy().writing(folder.path()), &["large", file.to_str().unwrap()]);
    assert!(std::fs::metadata(file).unwrap().len() <= policy().limits.file);
}

/// What the compiler gets; the program stands where a test needs it.
fn compile() -> Policy {
    Policy::compile().reading(hostile().parent().unwrap())
}

#[test]
fn a_compiler_starts_its_linker_and_reads_no_solutions() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("solution.rs");
    std::fs::write(&secret, "the solution").unwrap();
    refused(&compile(), &["read", secret.to_str().unwrap()]);
    let started = attempt(&compile(), &["start", "/bin/true"]);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
}

#[test]
fn a_program_that_is_not_there_is_said() {
    let out = wrap(hostile(), &policy(), Path::new("/no/such/program")).output().unwrap();
    assert_eq!(out.status.code(), Some(xtask_sandbox::TRAMPOLINE_FAILED));
    assert!(String::from_utf8_lossy(&out.stderr).contains("cannot start /no/such/program"));
}

/// A grader that is killed leaves nothing behind.
#[test]
fn programs_die_with_their_parent() {
    let mut parent = std::process::Command::new("/bin/sh")
        .args(["-c", "\"$0\" \"$@\" & echo $!; wait"])
        .arg(hostile())
        .args(wrap(hostile(), &policy(), hostile()).get_args())
        .arg("sleep")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(parent.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let proc = Path::new("/proc").join(line.trim());
    let comm = || std::fs::read_to_string(proc.join("stat")).unwrap_or_default();
    std::thread::sleep(Duration::from_millis(500)); // until the trampoline has become the program
    assert!(comm().contains("hostile"), "{}", comm());
    parent.kill().unwrap();
    parent.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    // Gone, or a zombie that waits for whoever adopts it.
    while comm().contains("hostile") && !comm().contains(") Z ") {
        assert!(Instant::now() < deadline, "still there: {}", comm());
        std::thread::sleep(Duration::from_millis(20));
    }
}
