//! What the targets share: bytes become a file, and what its reader says of it is judged.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::env;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;

use ravine_data::{Source, Table, npz};
use ravine_simd::Par;

/// Makes the file of a target, in the folder for temporary files, hold `bytes`; `suffix` is the
/// end of its name.
///
/// # Panics
///
/// If the file cannot be written.
pub fn file(suffix: &str, bytes: &[u8]) -> &'static Path {
    static FILE: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (path, file) = FILE.get_or_init(|| {
        let path = env::temp_dir().join(format!("ravine-fuzz-{}{suffix}", process::id()));
        let file = File::create(&path).expect("a folder that can be written");
        (path, file)
    });
    let length = bytes.len().try_into().expect("a short input");
    file.write_all_at(bytes, 0).and_then(|()| file.set_len(length)).expect("room for the input");
    path
}

/// What a reader read, if it did.
///
/// # Panics
///
/// If a refusal is not one line that begins with the path of the file.
pub fn judge<T>(path: &Path, answer: Result<T, impl Display>) -> Option<T> {
    answer
        .map_err(|error| {
            let line = error.to_string();
            assert!(line.starts_with(&format!("{}: ", path.display())), "no file: {line:?}");
            assert!(!line.contains(char::is_control), "not one line: {line:?}");
        })
        .ok()
}

/// Holds a table to what every reader promises.
///
/// # Panics
///
/// If features and targets are not of one number, or one of them is not finite.
pub fn check(table: &Table) {
    assert_eq!(table.x.rows(), table.y.len());
    assert!(table.x.as_slice().iter().chain(&table.y).all(|value| value.is_finite()));
}

/// Reads an archive as a table and array by array, and says whether it is a table.
///
/// # Panics
///
/// If a refusal is not one line that begins with the path of the file.
pub fn archive(path: &Path) -> bool {
    for array in judge(path, npz::arrays(path)).into_iter().flatten() {
        judge(path, array);
    }
    let source = Source { data: path.into(), target: None, labels: None };
    let table = judge(path, source.read(Par::Seq));
    table.iter().for_each(check);
    table.is_some()
}

/// Counts an input that was accepted; the number is told when the process ends.
pub fn tally(accepted: bool) {
    thread_local! {
        static ACCEPTED: Accepted = const { Accepted(Cell::new(0)) };
    }
    ACCEPTED.with(|Accepted(count)| count.set(count.get() + u64::from(accepted)));
}

struct Accepted(Cell<u64>);

impl Drop for Accepted {
    fn drop(&mut self) {
        // As libFuzzer tells its own numbers, whose thread this is.
        let _ = writeln!(io::stderr(), "stat::accepted_units: {}", self.0.get());
    }
}
