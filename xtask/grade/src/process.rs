//! Running a program to its end, or to a deadline: it cannot outstay it, nor fill the memory with
//! what it prints, nor leave a helper behind that keeps a pipe open.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
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

/// Runs the command, with `input` on its standard input, for at most `patience`; `kept` bytes of each
/// stream are kept and the rest is read and dropped.
///
/// # Errors
/// The program cannot be started.
pub fn finish(
    mut command: Command,
    input: Vec<u8>,
    patience: Duration,
    kept: usize,
) -> io::Result<Finished> {
    let deadline = Instant::now() + patience;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    // Threads that nobody waits for: a pipe may stay open for ever.
    thread::spawn(move || _ = io::Write::write_all(&mut stdin, &input));
    let stdout = collect(child.stdout.take().expect("it is piped"), kept);
    let stderr = collect(child.stderr.take().expect("it is piped"), kept);
    let mut status = None;
    while status.is_none() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(3));
        status = child.try_wait()?;
    }
    // What it wrote last may still be on its way.
    let grace = Instant::now() + Duration::from_millis(if status.is_some() { 500 } else { 0 });
    while !(stdout.is_over() && stderr.is_over()) && Instant::now() < grace {
        thread::sleep(Duration::from_millis(1));
    }
    end_group(&mut child);
    Ok(Finished { status, stdout: stdout.take(), stderr: stderr.take() })
}

/// Ends a program that leads its process group, and all that it started.
pub fn end_group(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
        _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    _ = child.kill();
    _ = child.wait();
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
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
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
}
