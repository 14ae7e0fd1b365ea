//! The built program, run on the workspace's data.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Where `data/` and `golden/` are.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Runs `ravine` with the words of `line`.
pub(crate) fn ravine(line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ravine"));
    command.current_dir(ROOT).args(line.split_whitespace()).output().expect("the program starts")
}

/// What a run prints, which must succeed.
pub(crate) fn succeeds(line: &str) -> String {
    let output = ravine(line);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "ravine {line}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The object that a run prints with `--json`, and nothing else.
pub(crate) fn object(line: &str) -> Value {
    let text = succeeds(&format!("{line} --json"));
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{line}: {text}"));
    assert!(value.is_object(), "{text}");
    value
}

/// The one line that a run leaves on standard error, which must end with `status`.
pub(crate) fn fails(line: &str, status: i32) -> String {
    let output = ravine(line);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "ravine {line}: {said}");
    assert_eq!(said.lines().count(), 1, "ravine {line}: {said}");
    said
}

/// Whether another program is there. A person is told where a test has nothing to run; an absent
/// program that `REQUIRE_PROGRAMS` names, with commas between, is a failure.
pub(crate) fn have(program: &str, words: &[&str]) -> bool {
    let have = Command::new(program).args(words).output().is_ok_and(|told| told.status.success());
    if !have {
        let told = format!("{program} {} does not run here", words.join(" "));
        let required = std::env::var("REQUIRE_PROGRAMS").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == program), "{told}");
        // Past the harness, which keeps what tests that pass have printed to itself.
        let mut person = std::io::stderr();
        writeln!(person, "LEFT OUT: {told}").unwrap();
    }
    have
}

/// A place for a file of a test's own, where no file is.
pub(crate) fn place(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ravine-cli");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    drop(std::fs::remove_file(&file));
    file
}

/// A file of a test's own.
pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let file = place(name);
    std::fs::write(&file, content).unwrap();
    file
}

/// A column of a trace.
pub(crate) fn column(trace: &Path, name: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(trace).unwrap();
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().parse().unwrap()).collect()
}
