//! A program that ends together with all that it has started.

use std::io;
use std::process::{Child, Command, ExitStatus};

/// A started program, in a group of processes of its own where the system has such.
#[derive(Debug)]
pub(super) struct Program(Child);

impl Program {
    /// Starts it. A terminal's signals no longer reach it: whoever started it hears them, and
    /// [ends](Self::end) it.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        command.spawn().map(Self)
    }

    /// How it has ended, if it has.
    pub(super) fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Ends it, and what it has started: a shell's children would go on without it.
    pub(super) fn end(mut self) -> io::Result<()> {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            // Some systems refuse where the program has ended by itself this very moment.
            let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        }
        self.0.kill()?;
        self.0.wait().map(drop)
    }
}
