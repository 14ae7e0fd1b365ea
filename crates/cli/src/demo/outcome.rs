//! What a demonstration comes to: the closing table, or an object.

use std::fmt;
use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets};
use ravine_lab::Findings;
use serde::Serialize;

/// The results, without their courses.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    condition: f64,
    race: Vec<Steps>,
    real: Vec<Steps>,
    test_accuracy: Option<f64>,
    replays: Vec<Replay>,
    same: usize,
    us: f64,
    limit_us: f64,
    ratio: f64,
    threads: usize,
    report: Option<PathBuf>,
}

/// Steps of a descent beside those that theory predicts.
#[derive(Debug, Serialize)]
struct Steps {
    name: String,
    steps: Option<u64>,
    predicted: u64,
}

/// A run on one level, with some threads, fused or not.
#[derive(Debug, Serialize)]
struct Replay {
    level: &'static str,
    threads: usize,
    fused: bool,
    digest: String,
    rows_per_s: f64,
}

impl Outcome {
    pub(super) fn new(found: &Findings, report: Option<PathBuf>) -> Self {
        let race = found.experiments.race.iter().map(|finish| Steps {
            name: finish.name.into(),
            steps: finish.measured,
            predicted: finish.predicted,
        });
        let real = found.experiments.real.iter().flat_map(|real| {
            [("plain descent", &real.plain), ("momentum", &real.momentum)].map(|(what, descent)| {
                let name = format!("{}, {what}", real.name);
                Steps { name, steps: descent.measured, predicted: descent.exact }
            })
        });
        let replays = found.replays.iter().map(|replay| Replay {
            level: replay.level,
            threads: replay.threads,
            fused: replay.fused,
            digest: replay.told().into(),
            rows_per_s: replay.rows_per_s,
        });
        let speed = &found.speed;
        Self {
            condition: found.experiments.condition,
            race: race.collect(),
            real: real.collect(),
            test_accuracy: found.experiments.digits.test.accuracy,
            replays: replays.collect(),
            same: found.same(),
            us: speed.us,
            limit_us: speed.limit_us,
            ratio: speed.limit_us / speed.us,
            threads: speed.threads,
            report,
        }
    }

    /// What is not as it should be, if anything.
    pub(super) fn check(&self) -> Option<String> {
        let off = |steps: &&Steps| {
            let bound = 2.max(steps.predicted / 50);
            steps.steps.is_none_or(|found| found.abs_diff(steps.predicted) > bound)
        };
        if let Some(Steps { name, steps, predicted }) = self.race.iter().chain(&self.real).find(off)
        {
            let found = self::steps(*steps);
            return Some(format!("{name} took {found} steps, but {predicted} are predicted"));
        }
        let accuracy = self.test_accuracy.unwrap_or_default();
        if accuracy < super::ACCURACY {
            return Some(format!("accuracy is {accuracy}, but {} is wanted", super::ACCURACY));
        }
        let all = self.replays.len();
        (self.same < all).then(|| format!("{} of {all} digests are the same", self.same))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header(["", "found", "expected"]);
        for Steps { name, steps, predicted } in self.race.iter().chain(&self.real) {
            let found = format!("{} steps", self::steps(*steps));
            table.add_row([name.clone(), found, format!("{predicted} steps")]);
        }
        let accuracy = 100.0 * self.test_accuracy.unwrap_or_default();
        let wanted = 100.0 * super::ACCURACY;
        let all = self.replays.len();
        let rest = [
            ("digits held out", format!("{accuracy:.1} %"), format!("at least {wanted:.0} %")),
            ("digests that are the same", self.same.to_string(), all.to_string()),
            (
                "update of 2 million",
                format!("{:.0} µs", self.us),
                format!("{:.0} µs", self.limit_us),
            ),
        ];
        for (name, found, expected) in rest {
            table.add_row([name.to_owned(), found, expected]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        write!(f, "{table}")?;
        match &self.report {
            Some(path) => write!(f, "\n{}", path.display()),
            None => Ok(()),
        }
    }
}

/// A number of steps, or that they did not suffice.
pub(super) fn steps(steps: Option<u64>) -> String {
    steps.map_or("too many".into(), |steps| steps.to_string())
}
