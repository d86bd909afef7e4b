//! Which system calls there are.
//!
//! A learner's program gets a short list of what there is; all else answers "not permitted". The
//! compiler starts processes and uses much of the system, so it gets a list of what there is not.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use super::said;
use crate::policy::Activity;

/// System calls with the conditions under which a rule applies; none means always.
type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Forbids this process, and whatever it becomes, what the activity does not need.
pub(super) fn install(activity: Activity) -> Result<(), String> {
    // Its flags lie in memory, where no filter can read them. Without it, libc uses `clone`.
    let clone3 = Rules::from([(libc::SYS_clone3, Vec::new())]);
    apply(clone3, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32))?;
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    match activity {
        Activity::Run => apply(computing()?, denied, SeccompAction::Allow),
        Activity::Compile => apply(meddling(), SeccompAction::Allow, denied),
    }
}

fn apply(rules: Rules, otherwise: SeccompAction, matching: SeccompAction) -> Result<(), String> {
    let arch = said("seccomp", std::env::consts::ARCH.try_into())?;
    let filter = said("seccomp", SeccompFilter::new(rules, otherwise, matching, arch))?;
    let program: BpfProgram = said("seccomp", filter.try_into())?;
    said("seccomp", apply_filter(&program))
}

/// What a program needs to compute with threads and to use its streams.
fn computing() -> Result<Rules, String> {
    let always = [
        // Streams, and files as far as Landlock lets it.
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_pread64,
        libc::SYS_close,
        libc::SYS_lseek,
        libc::SYS_openat,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_readlinkat,
        libc::SYS_getcwd,
        libc::SYS_fcntl,
        libc::SYS_dup,
        libc::SYS_dup3,
        libc::SYS_ppoll,
        libc::SYS_faccessat,
        // Memory.
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        // Threads and signals of its own. `clone3` never gets here; see `install`.
        libc::SYS_clone3,
        libc::SYS_futex,
        libc::SYS_set_tid_address,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getuid,
        libc::SYS_geteuid,
        libc::SYS_getgid,
        libc::SYS_getegid,
        // Time, chance, the end. `execve` is how this process becomes the program, and Landlock
        // leaves nothing else to run.
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_restart_syscall,
        libc::SYS_getrandom,
        libc::SYS_uname,
        libc::SYS_execve,
        libc::SYS_exit,
        libc::SYS_exit_group,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_arch_prctl,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_access,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_dup2,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_readlink,
    ];
    let mut rules: Rules = always.into_iter().map(|call| (call, Vec::new())).collect();
    let own = u64::from(std::process::id());
    let thread = libc::CLONE_THREAD as u64;
    let conditions = [
        // Threads, and no processes.
        (libc::SYS_clone, 0, SeccompCmpOp::MaskedEq(thread), thread),
        // Signals to itself, which is how a program aborts: `exec` keeps the number.
        (libc::SYS_tgkill, 0, SeccompCmpOp::Eq, own),
        (libc::SYS_kill, 0, SeccompCmpOp::Eq, own),
        // Its limits may be read, not changed.
        (libc::SYS_prlimit64, 2, SeccompCmpOp::Eq, 0),
        // A thread's name.
        (libc::SYS_prctl, 0, SeccompCmpOp::Eq, libc::PR_SET_NAME as u64),
    ];
    for (call, argument, operator, value) in conditions {
        let length = SeccompCmpArgLen::Qword;
        let condition = said("seccomp", SeccompCondition::new(argument, length, operator, value))?;
        rules.insert(call, vec![said("seccomp", SeccompRule::new(vec![condition]))?]);
    }
    Ok(rules)
}

/// What no compiler needs.
fn meddling() -> Rules {
    [
        libc::SYS_socket,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_setsid,
        libc::SYS_setpgid,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_chroot,
        libc::SYS_pivot_root,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_io_uring_setup,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_userfaultfd,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
    ]
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect()
}
