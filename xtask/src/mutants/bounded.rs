//! A program that is ended where it takes too long.

use std::io::{self, Read as _};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What a program printed to standard output until it ended; nothing where that took longer than
/// `bound`, for then it is killed.
///
/// # Errors
///
/// If it cannot be started, read or ended.
pub(crate) fn run(program: &mut Command, bound: Duration) -> io::Result<Option<Output>> {
    let mut running = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut pipe = running.stdout.take().expect("a pipe was asked for");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stdout = Vec::new();
        let read = pipe.read_to_end(&mut stdout).map(|_| stdout);
        // Nobody hears it where time is up.
        drop(sender.send(read));
    });
    let Ok(stdout) = receiver.recv_timeout(bound) else {
        running.kill()?;
        running.wait()?;
        return Ok(None);
    };
    Ok(Some(Output { status: running.wait()?, stdout: stdout?, stderr: Vec::new() }))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_gives_its_status_and_what_it_printed() {
        let program = &mut Command::new("sh");
        let ended = run(program.args(["-c", "echo said; exit 3"]), Duration::MAX).unwrap().unwrap();
        assert_eq!((ended.status.code(), &*ended.stdout), (Some(3), &b"said\n"[..]));
    }

    /// It waits for a word that never comes, so any bound ends it.
    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let program = &mut Command::new("cat");
        assert!(run(program.stdin(Stdio::piped()), Duration::ZERO).unwrap().is_none());
    }
}
