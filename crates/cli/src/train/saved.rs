//! What the program notes in a saved run.

use std::ffi::OsString;
use std::path::Path;

use ravine::Notes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::dataset::Dataset;
use super::{DataFlags, ModelFlags, PaceFlags, RuleFlags, Train};

/// What the bits of a run depend on, besides the data. Level, threads and fusion are not here.
#[derive(Serialize)]
struct Configuration<'a> {
    #[serde(flatten)]
    data: &'a DataFlags,
    #[serde(flatten)]
    model: &'a ModelFlags,
    #[serde(flatten)]
    rule: &'a RuleFlags,
    #[serde(flatten)]
    pace: &'a PaceFlags,
}

impl Train {
    /// The flags that the bits of the run depend on, with their values.
    pub(super) fn configuration(&self) -> Map<String, Value> {
        let Self { data, model, rule, pace, .. } = self;
        match serde_json::to_value(Configuration { data, model, rule, pace }) {
            Ok(Value::Object(flags)) => flags,
            _ => unreachable!("plain values are valid JSON"),
        }
    }

    /// What is saved with the run, as strings:
    ///
    /// | key | value |
    /// |---|---|
    /// | `config` | what the bits depend on, as JSON: flags and their values |
    /// | `asked` | where `optimal` was asked for: `lr` and `momentum` as they were given, as JSON |
    /// | `data` | SHA-256 over the `f32`s of the data as read |
    /// | `trace` | with `--trace`: length and SHA-256 of its rows so far, as JSON |
    pub(super) fn notes(&self, data: &Dataset) -> Notes {
        let json = |flags| Value::Object(flags).to_string();
        let mut notes = Notes::from([
            ("config".into(), json(self.configuration())),
            ("data".into(), data.checksum.clone()),
        ]);
        if !self.asked.is_empty() {
            notes.insert("asked".into(), json(self.asked.clone()));
        }
        notes
    }
}

/// The command that goes on from `file`: the one that was given, for a shell.
pub(super) fn go_on(words: &[OsString], file: &Path) -> String {
    let mut command = Vec::new();
    let mut words = words.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        // A resumed run starts from its file alone.
        match word.split('=').next() {
            Some("--init" | "--resume") if word.contains('=') => {}
            Some("--init" | "--resume") => drop(words.next()),
            _ => command.push(quoted(&word)),
        }
    }
    command.extend(["--resume".into(), quoted(&file.to_string_lossy())]);
    command.join(" ")
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_go_on_with_is_the_one_that_was_given() {
        let words = "ravine train --init a --data it's.csv --init=b --resume c --seed 3";
        let words: Vec<OsString> = words.split(' ').map(Into::into).collect();
        let wanted = r"ravine train --data 'it'\''s.csv' --seed 3 --resume 'my run.safetensors'";
        assert_eq!(go_on(&words, "my run.safetensors".as_ref()), wanted);
    }
}
