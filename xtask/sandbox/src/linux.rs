//! Landlock, seccomp and resource limits.

mod filter;
mod probe;

use std::ffi::OsString;
use std::fmt::Display;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use crate::policy::{Limits, Policy};
pub(crate) use probe::probe;

/// Restricts this process and becomes the program. Returns only if that fails, with the reason.
pub(crate) fn become_program(mut arguments: impl Iterator<Item = OsString>) -> String {
    let Some(policy) = arguments.next() else { return "no policy was given".into() };
    let Some(program) = arguments.next() else { return "no program was given".into() };
    if program == probe::ASKED {
        return match restrict_by_text(&policy, None).and_then(|()| probe::attempts()) {
            Ok(()) => std::process::exit(0),
            Err(reason) => reason,
        };
    }
    if let Err(reason) = restrict_by_text(&policy, Some(program.as_ref())) {
        return reason;
    }
    let error = Command::new(&program).args(arguments).exec();
    format!("cannot start {}: {error}", program.display())
}

fn restrict_by_text(policy: &OsString, program: Option<&Path>) -> Result<(), String> {
    let text = policy.to_str().ok_or("the policy is not text")?;
    let policy = serde_json::from_str(text).map_err(|e| format!("the policy is damaged: {e}"))?;
    restrict(&policy, program)
}

/// All restrictions, the ones that need the most rights first.
fn restrict(policy: &Policy, program: Option<&Path>) -> Result<(), String> {
    // A grader that is killed takes its programs along.
    said("the parent's death", set_parent_process_death_signal(Some(Signal::KILL)))?;
    limit(&policy.limits)?;
    restrict_files(policy, program)?;
    filter::install(policy.activity)
}

fn limit(limits: &Limits) -> Result<(), String> {
    let Limits { memory, cpu_seconds, file, open_files } = *limits;
    for (resource, most) in [
        (Resource::As, memory),
        (Resource::Cpu, cpu_seconds),
        (Resource::Fsize, file),
        (Resource::Nofile, open_files),
        (Resource::Core, 0),
    ] {
        // Soft and hard alike: the program cannot raise what it is given.
        let most = Rlimit { current: Some(most), maximum: Some(most) };
        said("resource limits", setrlimit(resource, most))?;
    }
    Ok(())
}

/// Files by Landlock. Its first version is required; later ones add truncation, TCP, device
/// control, signals and abstract sockets where the kernel has them.
fn restrict_files(policy: &Policy, program: Option<&Path>) -> Result<(), String> {
    let abi = ABI::V6;
    let read = AccessFs::from_read(abi); // running is a way of reading
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(|ruleset| {
            ruleset
                .set_compatibility(CompatLevel::BestEffort)
                .handle_access(AccessFs::from_all(abi))?
                .handle_access(AccessNet::from_all(abi))?
                .scope(Scope::from_all(abi))?
                .create()?
                .add_rules(path_beneath_rules(policy.read.iter().chain(&policy.write), read))?
                .add_rules(path_beneath_rules(program, read))?
                .add_rules(path_beneath_rules(&policy.write, AccessFs::from_all(abi)))?
                // Programs expect that these are there; nothing leaves or stays by them.
                .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(abi)))?
                .add_rules(path_beneath_rules(["/dev/urandom", "/dev/zero"], read))?
                .restrict_self()
        });
    said("Landlock", rules).map(|_| ())
}

/// Names what failed.
fn said<T, E: Display>(what: &str, result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| format!("{what}: {error}"))
}
