//! A kernel that never answers ends with all that it has started.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::program::{ROOT, place};

/// A pipe that is kept open, and that nothing is written to, until this is dropped. Should no one
/// come to that, it closes by itself: later than any machine needs for a test, and yet soon enough
/// that a kernel which nobody ends makes a test fail and not hang.
struct Gate(Child);

impl Gate {
    fn new(pipe: &Path) -> Self {
        let mut keeper = Command::new("sleep");
        let keeper = keeper.arg("1000").stdin(Stdio::null()).stderr(Stdio::null());
        Self(keeper.stdout(both_ends(pipe)).spawn().expect("sleep starts"))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A kernel whose child says that it has started, waits at a gate, and would say that it survived.
struct Endless {
    gate: Gate,
    command: String,
    /// Where the child says it.
    told: PathBuf,
    /// Both ends of that, so that who opens one does not wait for the other.
    open: File,
}

impl Endless {
    /// The child does `first` before it waits.
    fn new(name: &str, first: &str) -> Self {
        let [pipe, told] = ["gate", "told"].map(|end| place(&format!("{name}.{end}")));
        let (gate, open) = (Gate::new(&pipe), both_ends(&told));
        let [reads, says] = [pipe.display(), told.display()];
        let child = format!("echo started; {first}; read never <{reads}; echo survived");
        let command = format!("sh -c '({child}) >{says} & wait'");
        Self { gate, command, told, open }
    }

    /// All that the child has said, once it has ended.
    fn told(self) -> String {
        // A child that is still there has nothing more to wait for.
        drop(self.gate);
        let told = File::open(self.told).unwrap();
        // From here on the child alone has the other end, and what is read ends with it.
        drop(self.open);
        std::io::read_to_string(told).unwrap()
    }
}

/// A new pipe, open at both ends, which never makes anyone wait as one end would for the other.
fn both_ends(pipe: &Path) -> File {
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo starts").success());
    File::options().read(true).write(true).open(pipe).unwrap()
}

/// The exit status of `ravine verify` with these words, and what it leaves on standard error.
fn verify(words: &[&str]) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
    let program = program.current_dir(ROOT).arg("verify").args(words);
    let Output { status, stderr, .. } = program.output().expect("the program starts");
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_kernel_that_takes_too_long_ends_with_its_children() {
    // A busy machine may take longer than a second to start them.
    for seconds in ["1", "10", "100"] {
        let kernel = Endless::new("timeout", ":");
        let (status, said) = verify(&["--kernel", &kernel.command, "--timeout", seconds]);
        assert_eq!(status, Some(2), "{said}");
        let wanted = format!("found no end after {seconds} s, wanted an end");
        assert!(said.contains(&wanted) && said.lines().count() == 1, "{said}");
        match kernel.told().as_str() {
            "" => continue,
            told => return assert_eq!(told, "started\n"),
        }
    }
    panic!("found no child after 100 s");
}

/// A terminal sends its signals to a group, which a kernel is no part of.
#[test]
fn a_kernel_ends_with_its_children_where_the_program_is_interrupted() {
    let kernel = Endless::new("interrupt", "kill -TERM $PPID");
    let (status, said) = verify(&["--kernel", &kernel.command]);
    assert_eq!(status, Some(143), "{said}");
    assert_eq!(said, "interrupted; the program of --kernel is ended\n");
    assert_eq!(kernel.told(), "started\n");
}
