//! The file that a run is saved in.

use std::path::Path;

use ravine::Run;
use ravine::models::Model;
use serde::Serialize;

use super::dataset::Dataset;
use super::{DataFlags, ModelFlags, PaceFlags, RuleFlags, Train};
use crate::error::Error;

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
    /// Saves the run, and with it, as strings:
    ///
    /// | key | value |
    /// |---|---|
    /// | `config` | what the bits depend on, as JSON |
    /// | `data` | SHA-256 over the `f32`s of the data as read |
    pub(super) fn save<M: Model>(
        &self,
        file: &Path,
        run: &Run<M>,
        data: &Dataset,
    ) -> Result<(), Error> {
        let Self { data: flags, model, rule, pace, .. } = self;
        let configuration = Configuration { data: flags, model, rule, pace };
        let config = serde_json::to_string(&configuration).expect("plain values are valid JSON");
        let notes = [("config".into(), config), ("data".into(), data.checksum.clone())];
        Ok(run.save(file, &notes.into())?)
    }
}
