//! A program that is started with the paths of two archives.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{self, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ravine::data::npy::Array;
use ravine::data::npz::{self, Entry};

use super::program::Program;
use crate::error::Error;
use crate::interrupt::Interrupt;

/// From a look at whether a program has ended to the next.
const PERIOD: Duration = Duration::from_millis(5);

/// A program with the words that stand before the two paths.
#[derive(Debug)]
pub(in crate::verify) struct Command {
    line: String,
    program: String,
    words: Vec<String>,
    timeout: Duration,
    interrupt: Interrupt,
}

impl Command {
    /// Splits `line` as a shell would; a program that takes longer than `timeout` for its cases
    /// is ended.
    ///
    /// # Errors
    ///
    /// If a quote is left open, or there is no word, or signals cannot be heard.
    pub(in crate::verify) fn new(line: &str, timeout: Duration) -> Result<Self, Error> {
        let mut words = shlex::split(line).unwrap_or_default().into_iter();
        let Some(program) = words.next() else {
            let reason = format!("is {line:?}, but a program and its words, with quotes closed");
            return Err(Error::misplaced("kernel", reason));
        };
        let interrupt = Interrupt::listen().map_err(Error::Signals)?;
        Ok(Self { line: line.into(), program, words: words.collect(), timeout, interrupt })
    }

    /// Runs the program on the arrays of a question, and reads those of its answer: each of
    /// `numbers` numbers.
    pub(super) fn answer(
        &self,
        folder: &Path,
        question: &[(&str, Entry)],
        answer: &[(&str, &str)],
        numbers: usize,
    ) -> Result<Vec<Array>, Error> {
        let (asked, answered) = (folder.join("in.npz"), folder.join("out.npz"));
        npz::write_arrays(&asked, question).map_err(|source| unwritable(&asked, source))?;
        drop(std::fs::remove_file(&answered));
        self.run(folder, [&asked, &answered])?;
        let wanted = answer.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
        if !answered.exists() {
            return Err(self.found("no file at the second path", format!("the arrays {wanted}")));
        }
        let arrays: Vec<(String, Array)> = npz::arrays(&answered)
            .and_then(Iterator::collect)
            .map_err(|error| self.found(error.to_string(), format!("the arrays {wanted}")))?;
        answer.iter().map(|(name, element)| self.array(&arrays, name, element, numbers)).collect()
    }

    /// The array of a name, if it is as it should be.
    fn array(
        &self,
        arrays: &[(String, Array)],
        name: &str,
        element: &str,
        numbers: usize,
    ) -> Result<Array, Error> {
        let Some((_, array)) = arrays.iter().find(|(found, _)| found == name) else {
            return Err(self.found(format!("no array {name}"), format!("{numbers} numbers there")));
        };
        let header = &array.header;
        let count = header.shape.iter().product::<usize>();
        let flat = !header.fortran || header.shape.len() < 2;
        if header.element.to_string() != element || count != numbers || !flat {
            let order = if flat { "" } else { " in Fortran order" };
            let wanted = format!("{numbers} numbers of {element} in C order");
            return Err(self.found(format!("the array {name} as {header}{order}"), wanted));
        }
        Ok(array.clone())
    }

    /// Runs the program to its end.
    fn run(&self, folder: &Path, paths: [&Path; 2]) -> Result<(), Error> {
        let said = folder.join("stderr.txt");
        let mut program = process::Command::new(&self.program);
        program.args(&self.words).args(paths);
        let stderr = File::create(&said).map_err(|source| unwritable(&said, source))?;
        // Standard output is the outcome's alone.
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let wanted = "a program that reads the first path and writes the second";
        let mut program =
            Program::start(&mut program).map_err(|error| self.found(error.to_string(), wanted))?;
        let lost = |error: io::Error| self.found(error.to_string(), "news of the program");
        let begun = Instant::now();
        let status: ExitStatus = loop {
            if let Some(status) = program.status().map_err(lost)? {
                break status;
            }
            if let Some(status) = self.interrupt.status() {
                program.end().map_err(lost)?;
                let text = "interrupted; the program of --kernel is ended".into();
                return Err(Error::Interrupted { text, status });
            }
            if begun.elapsed() > self.timeout {
                program.end().map_err(lost)?;
                let found = format!("no end after {} s", self.timeout.as_secs());
                return Err(self.found(found, "an end, or a longer --timeout"));
            }
            sleep(PERIOD);
        };
        if status.success() {
            return Ok(());
        }
        let said = last_line(&said).unwrap_or_default();
        let colon = if said.is_empty() { "" } else { ": " };
        Err(self.found(format!("{status}{colon}{said}"), "exit status: 0"))
    }

    fn found(&self, found: impl Into<Box<str>>, wanted: impl Into<Box<str>>) -> Error {
        let (found, wanted) = (found.into(), wanted.into());
        Error::Kernel { line: self.line.as_str().into(), found, wanted }
    }
}

fn unwritable(file: &Path, source: io::Error) -> Error {
    Error::Unwritable { file: file.to_path_buf(), source }
}

/// The last line of a file that says something; only its end is read.
fn last_line(file: &Path) -> io::Result<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    const LONGEST: u64 = 400;
    let mut file = File::open(file)?;
    let from = file.metadata()?.len().saturating_sub(LONGEST);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(LONGEST).read_to_end(&mut end)?;
    let end = String::from_utf8_lossy(&end);
    Ok(end.trim_end().lines().next_back().unwrap_or_default().trim().to_owned())
}
