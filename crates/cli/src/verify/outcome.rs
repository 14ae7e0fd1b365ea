//! What `verify` tells: a table and the first difference, or one JSON object.

use std::fmt;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::baseline::Held;
use super::difference::Difference;
use super::tally::{Family, Tally};
use crate::error::Error;

/// All that was compared.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// Combinations compared, each in every element.
    pub(super) cases: u64,
    /// Combinations that differ in any element.
    pub(super) mismatches: u64,
    /// The first difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Difference>,
    families: Vec<Row>,
    /// The digest of the digests of all cases.
    pub(super) digest: String,
    /// How the run stands to a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) against: Option<Held>,
}

/// A family.
#[derive(Debug, Serialize)]
struct Row {
    family: &'static str,
    levels: Vec<Level>,
}

/// A family on a level, with all numbers of threads.
#[derive(Debug, Serialize)]
struct Level {
    level: &'static str,
    cases: u64,
    mismatches: u64,
}

impl Outcome {
    /// Fails on any difference, and says that there is nothing in the file `bless` then.
    pub(super) fn check(&self, bless: Option<&Path>) -> Result<(), Error> {
        let Self { cases, mismatches, .. } = self;
        if *mismatches > 0 {
            let kept = bless.map(|file| format!("; {} is not written", file.display()));
            let told = format!("{mismatches} of {cases} cases differ{}", kept.unwrap_or_default());
            return Err(Error::Check(told.into()));
        }
        match &self.against {
            Some(Held { cases, changed, .. }) if *changed > 0 => {
                let told = format!("{changed} of {cases} cases are not as in the baseline");
                Err(Error::Check(told.into()))
            }
            _ => Ok(()),
        }
    }
}

impl From<&Tally> for Outcome {
    fn from(tally: &Tally) -> Self {
        Self {
            cases: tally.cases(),
            mismatches: tally.mismatches(),
            first: tally.first.clone(),
            families: tally.families.iter().map(Row::from).collect(),
            digest: tally.digest(),
            against: None,
        }
    }
}

impl From<&Family> for Row {
    fn from(family: &Family) -> Self {
        let mut levels: Vec<Level> = Vec::new();
        for cell in &family.cells {
            match levels.iter_mut().find(|level| level.level == cell.level) {
                Some(level) => {
                    level.cases += cell.cases;
                    level.mismatches += cell.mismatches;
                }
                None => levels.push(Level {
                    level: cell.level,
                    cases: cell.cases,
                    mismatches: cell.mismatches,
                }),
            }
        }
        Self { family: family.name, levels }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        let levels = self.families.first().map_or(&[][..], |row| &row.levels);
        let header = ["cases"].into_iter().chain(levels.iter().map(|level| level.level));
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header);
        for Row { family, levels } in &self.families {
            let cells = levels.iter().map(ToString::to_string);
            table.add_row([(*family).to_owned()].into_iter().chain(cells));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{table}")?;
        if let Some(first) = &self.first {
            writeln!(f, "first difference: {first}")?;
        }
        write!(f, "{} cases, {} mismatches", self.cases, self.mismatches)?;
        match &self.against {
            Some(held) => write!(f, "\n{held}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mismatches {
            0 => write!(f, "{}", self.cases),
            wrong => write!(f, "{wrong} of {} differ", self.cases),
        }
    }
}
