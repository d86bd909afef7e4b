//! Running a program to its end, or to a deadline: it cannot outstay it, nor fill the memory with
//! what it prints, nor leave a helper behind that keeps a pipe open.

use std::io::{self, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What came of a program.
#[derive(Debug)]
pub struct Finished {
    /// How it ended; none where it was stopped at the deadline.
    pub status: Option<ExitStatus>,
    /// What it wrote, up to the limit.
    pub stdout: Vec<u8>,
    /// Likewise.
    pub stderr: Vec<u8>,
}

impl Finished {
    /// Whether it ended by itself and well.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// What a program reads, what it writes, and where it complains.
pub type Pipes = (ChildStdin, ChildStdout, ChildStderr);

/// A running program and all that it starts: they end with it, or when this is dropped.
#[derive(Debug)]
pub struct Group {
    leader: Child,
    is_over: bool,
}

impl Group {
    /// Starts the command as the leader of a process group of its own, with a pipe for each stream.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(mut command: Command) -> io::Result<(Self, Pipes)> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut leader = command.spawn()?;
        let pipes = (leader.stdin.take(), leader.stdout.take(), leader.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            unreachable!("all are piped")
        };
        Ok((Self { leader, is_over: false }, (stdin, stdout, stderr)))
    }

    /// Whether the leader has ended. Nobody is told so: until [`Self::end`] the system keeps its number, which
    /// is the group's, and gives it to no other program.
    #[cfg(unix)]
    pub fn has_ended(&mut self) -> bool {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let leader = WaitId::Pid(Pid::from_child(&self.leader));
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.is_over || waitid(leader, look).is_ok_and(|status| status.is_some())
    }

    /// Whether the leader has ended.
    #[cfg(not(unix))]
    pub fn has_ended(&mut self) -> bool {
        self.leader.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Ends all of it, once. How the leader ended, if it had done so by itself.
    pub fn end(&mut self) -> Option<ExitStatus> {
        if self.is_over {
            return None;
        }
        let has_ended = self.has_ended();
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            _ = kill_process_group(Pid::from_child(&self.leader), Signal::KILL);
        }
        _ = self.leader.kill();
        self.is_over = true;
        self.leader.wait().ok().filter(|_| has_ended)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs the command, with `input` on its standard input, for at most `patience`; `kept` bytes of each
/// stream are kept and the rest is read and dropped.
///
/// # Errors
/// The program cannot be started.
pub fn finish(
    command: Command,
    input: Vec<u8>,
    patience: Duration,
    kept: usize,
) -> io::Result<Finished> {
    let deadline = Instant::now() + patience;
    let (mut group, (mut stdin, stdout, stderr)) = Group::start(command)?;
    // Threads that nobody waits for: a pipe may stay open for ever.
    thread::spawn(move || _ = io::Write::write_all(&mut stdin, &input));
    let (stdout, stderr) = (collect(stdout, kept), collect(stderr, kept));
    while !group.has_ended() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(3));
    }
    // What it wrote last may still be on its way.
    let grace = Instant::now() + Duration::from_millis(if group.has_ended() { 500 } else { 0 });
    while !(stdout.is_over() && stderr.is_over()) && Instant::now() < grace {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(Finished { status: group.end(), stdout: stdout.take(), stderr: stderr.take() })
}

/// What a thread has read so far, and whether it has come to the end.
struct Collected(Arc<Mutex<(Vec<u8>, bool)>>);

impl Collected {
    fn is_over(&self) -> bool {
        self.0.lock().expect("nobody panics with it").1
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().expect("nobody panics with it").0)
    }
}

fn collect(mut pipe: impl Read + Send + 'static, kept: usize) -> Collected {
    let shared = Arc::new(Mutex::new((Vec::new(), false)));
    let own = Arc::clone(&shared);
    thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            let mut own = own.lock().expect("nobody panics with it");
            let room = kept.saturating_sub(own.0.len());
            own.0.extend(&buffer[..count.min(room)]);
        }
        own.lock().expect("nobody panics with it").1 = true;
    });
    Collected(shared)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn streams_are_kept_apart_and_cut() {
        let script = "cat; echo oh >&2; head -c 100000 /dev/zero; exit 3";
        let done = finish(sh(script), b"in".to_vec(), Duration::from_secs(10), 5).unwrap();
        assert_eq!(done.status.unwrap().code(), Some(3));
        assert_eq!(
            (done.stdout.as_slice(), done.stderr.as_slice()),
            (&b"in\0\0\0"[..], &b"oh\n"[..])
        );
    }

    #[test]
    fn nobody_outstays_the_deadline() {
        let started = Instant::now();
        let done = finish(sh("sleep 60"), Vec::new(), Duration::from_millis(200), 5).unwrap();
        assert!(done.status.is_none());
        // One that is gone may have left another, which holds the pipe.
        let done = finish(sh("sleep 60 &"), Vec::new(), Duration::from_secs(20), 5).unwrap();
        assert!(done.success() && started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_group_keeps_its_number_until_it_is_ended() {
        use rustix::process::{Pid, test_kill_process};
        let mut group = Group::start(sh("sleep 60 & exit 3")).unwrap().0;
        while !group.has_ended() {
            thread::sleep(Duration::from_millis(1));
        }
        let leader = Pid::from_child(&group.leader);
        assert!(group.has_ended() && test_kill_process(leader).is_ok());
        assert_eq!(group.end().unwrap().code(), Some(3));
        // From now on the number may be another program's.
        assert!(group.end().is_none() && group.has_ended());
        let mut killed = Group::start(sh("sleep 60")).unwrap().0;
        assert!(!killed.has_ended() && killed.end().is_none());
    }
}
