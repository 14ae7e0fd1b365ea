//! A run that goes on from its file.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args as _, FromArgMatches as _};
use ravine::{Checkpoints, LoadFault, Position, Rows as _, Saved, Summary, TraceMark};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Train;
use super::dataset::Dataset;
use crate::error::Error;
use crate::schedule::Plan;

/// Reads the run saved at `path`; where that fails and the one before is whole, the error offers it.
pub(super) fn read(path: &Path) -> Result<Saved, Error> {
    Saved::read(path).map_err(|error| {
        let previous = Checkpoints::previous_of(path);
        match Saved::read(&previous) {
            Ok(saved) => {
                Error::Damaged { error: error.into(), previous, step: saved.summary().steps }
            }
            Err(_) => error.into(),
        }
    })
}

/// A note of a saved run that is JSON; `None` where it has no such note.
fn note<T: DeserializeOwned>(saved: &Saved, key: &'static str) -> Result<Option<T>, Error> {
    let Some(text) = saved.notes().get(key) else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|error| {
        let wanted = format!("what ravine train writes is wanted ({error})");
        saved.error(LoadFault::Told { key, found: text.clone(), wanted }).into()
    })
}

/// The mark of the trace that the run left, where it had one.
pub(super) fn trace_mark(saved: &Saved) -> Result<Option<TraceMark>, Error> {
    note(saved, "trace")
}

impl Train {
    /// The command that `words` are, with the flags of the saved run where they are silent.
    ///
    /// A flag that would change the bits of what was done already is refused.
    pub(super) fn completed(words: &[OsString], saved: &Saved) -> Result<Self, Error> {
        let untold = || saved.error(LoadFault::Untold { key: "config" });
        let config: Map<String, Value> = note(saved, "config")?.ok_or_else(untold)?;
        let asked: Map<String, Value> = note(saved, "asked")?.unwrap_or_default();
        let misfit = |error: String| {
            let found = format!("the run of other flags than those given ({error})");
            Error::Content {
                file: saved.path().to_path_buf(),
                found: found.into(),
                wanted: "a run of these flags".into(),
            }
        };
        let command = Self::augment_args(clap::Command::new("ravine train"));
        let command = command.args_override_self(true).no_binary_name(true);
        let mut all = flags(&command, &config).map_err(misfit)?;
        all.extend_from_slice(words);
        let mut train = command
            .try_get_matches_from(all)
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(|error| misfit(first_line(&error)))?;

        // Numbers that were found once are not looked for again.
        let plan = |flag| {
            let text = config.get(flag).and_then(Value::as_str).unwrap_or_default();
            let found = (asked.get(flag)? == "optimal").then(|| text.parse().ok());
            found.flatten()
        };
        if train.rule.lr == Plan::Optimal {
            train.rule.lr = plan("lr").unwrap_or(Plan::Optimal);
        }
        if train.rule.momentum == Some(Plan::Optimal) {
            train.rule.momentum = Some(plan("momentum").unwrap_or(Plan::Optimal));
        }
        // A default of the run's model that is given is no change.
        if config.get("hidden").is_some_and(Value::is_array) {
            train.model.architecture()?;
        }
        let given = train.configuration();
        for (flag, was) in &config {
            let now = given.get(flag).unwrap_or(&Value::Null);
            if flag != "epochs" && now != was {
                return Err(Error::Changed {
                    flag: flag.replace('_', "-").into(),
                    now: shown(now).into(),
                    was: shown(was).into(),
                    file: saved.path().to_path_buf(),
                });
            }
        }
        let Position { epoch, batch } = saved.position();
        let begun = epoch + u64::from(batch > 0);
        if train.pace.epochs < begun {
            let file = saved.path().display();
            let reason =
                format!("is {}, but the run in {file} is in epoch {begun}", train.pace.epochs);
            return Err(Error::misplaced("epochs", reason));
        }
        train.asked = asked;
        Ok(train)
    }

    /// Checks that the run was on these data, and stood where it can have stood.
    pub(super) fn check_place(&self, saved: &Saved, data: &Dataset) -> Result<(), Error> {
        let content = |found: String, wanted: String| Error::Content {
            file: saved.path().to_path_buf(),
            found: found.into(),
            wanted: wanted.into(),
        };
        let was = saved.notes().get("data").map_or("none", |checksum| checksum);
        if was != data.checksum {
            let found = format!("a run on data with the checksum {was}");
            let wanted = format!("{}, that of {}", data.checksum, self.data.name());
            return Err(content(found, wanted));
        }
        let (Position { epoch, batch }, Summary { steps, skipped }) =
            (saved.position(), saved.summary());
        let batches = self.pace.batches(data.train.count()) as u64;
        let visited = epoch.checked_mul(batches).and_then(|visited| visited.checked_add(batch));
        if batch < batches && visited == Some(steps + skipped) {
            return Ok(());
        }
        let found = format!("{steps} steps and {skipped} skips at batch {batch} of epoch {epoch}");
        Err(content(found, format!("a place in epochs of {batches} batches")))
    }
}

/// Flags with values as words of a command line.
fn flags(command: &clap::Command, config: &Map<String, Value>) -> Result<Vec<OsString>, String> {
    let mut words = Vec::new();
    for (key, value) in config {
        let known = command.get_arguments().find(|arg| arg.get_id() == key.as_str());
        let known = known.ok_or_else(|| format!("found {key}, which is no flag"))?;
        let flag = format!("--{}", key.replace('_', "-"));
        match value {
            Value::Null => {}
            Value::Bool(set) if !known.get_action().takes_values() => {
                words.extend(set.then_some(flag.into()));
            }
            value => words.push(format!("{flag}={}", shown(value)).into()),
        }
    }
    Ok(words)
}

/// A flag's value as the command line writes it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "absent".into(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
}

/// What the argument parser says first.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).into()
}
