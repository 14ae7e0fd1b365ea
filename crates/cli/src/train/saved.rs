//! The file that a run is saved in.

use std::collections::HashMap;
use std::path::Path;

use ravine::models::Model;
use ravine::simd::CONTRACT;
use ravine::{Run, save};
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

/// Where the draws stand: an epoch's order follows from the seed and the epoch.
#[derive(Serialize)]
struct Draws {
    seed: u64,
    epoch: u64,
}

impl Train {
    /// Saves parameters and velocity, and with them, as strings:
    ///
    /// | key | value |
    /// |---|---|
    /// | `contract` | version of the numeric contract |
    /// | `step` | steps taken |
    /// | `beta_product` | product of the momenta of these steps |
    /// | `config` | what the bits depend on, as JSON |
    /// | `data` | SHA-256 over the `f32`s of the data as read |
    /// | `random` | seed, and epochs finished, as JSON |
    pub(super) fn save<M: Model>(
        &self,
        file: &Path,
        run: &Run<M>,
        data: &Dataset,
    ) -> Result<(), Error> {
        let Self { data: flags, model, rule, pace, .. } = self;
        let configuration = Configuration { data: flags, model, rule, pace };
        let draws = Draws { seed: pace.seed, epoch: pace.epochs };
        let json = "plain values are valid JSON";
        let metadata = HashMap::from(
            [
                ("contract", CONTRACT.to_string()),
                ("step", run.state().step_count().to_string()),
                ("beta_product", run.state().beta_product().to_string()),
                ("config", serde_json::to_string(&configuration).expect(json)),
                ("data", data.checksum.clone()),
                ("random", serde_json::to_string(&draws).expect(json)),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        let (layout, velocity) = (run.model().layout(), run.state().velocity());
        Ok(save(file, layout, run.params(), velocity, metadata)?)
    }
}
