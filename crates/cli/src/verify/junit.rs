//! The outcome as test results in JUnit's XML, which continuous integration shows.
//!
//! A suite is a family, a test a level with a number of threads; a last one is the baseline. There
//! are no times: files of equal results are equal.

use std::io::{self, Write as _};
use std::path::Path;

use quick_xml::se::to_string;
use ravine::data::write_whole;
use serde::Serialize;

use super::baseline::Held;
use super::tally::{Cell, Family, Tally};
use crate::error::Error;

#[derive(Serialize)]
#[serde(rename = "testsuites")]
struct Suites {
    #[serde(rename = "@name")]
    name: &'static str,
    #[serde(rename = "@tests")]
    tests: usize,
    #[serde(rename = "@failures")]
    failures: usize,
    #[serde(rename = "testsuite")]
    suites: Vec<Suite>,
}

#[derive(Serialize)]
struct Suite {
    #[serde(rename = "@name")]
    name: &'static str,
    #[serde(rename = "@tests")]
    tests: usize,
    #[serde(rename = "@failures")]
    failures: usize,
    #[serde(rename = "testcase")]
    tests_run: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    #[serde(rename = "@classname")]
    family: &'static str,
    #[serde(rename = "@name")]
    name: String,
    /// How many cases there were.
    #[serde(rename = "@assertions")]
    assertions: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failed>,
}

#[derive(Serialize)]
struct Failed {
    #[serde(rename = "@message")]
    message: String,
    #[serde(rename = "$text")]
    first: String,
}

/// Writes what was compared to `file`, and how it stands to a baseline, whole or not at all.
pub(super) fn write(file: &Path, tally: &Tally, held: Option<&Held>) -> Result<(), Error> {
    let suites = tally.families.iter().map(Suite::from).chain(held.map(Suite::from));
    let suites: Vec<Suite> = suites.collect();
    let suites = Suites {
        name: "ravine verify",
        tests: suites.iter().map(|suite| suite.tests).sum(),
        failures: suites.iter().map(|suite| suite.failures).sum(),
        suites,
    };
    let xml = to_string(&suites).map_err(io::Error::other);
    xml.and_then(|xml| {
        write_whole(file, |to| writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}"))
    })
    .map_err(|source| Error::Unwritable { file: file.to_path_buf(), source })
}

impl From<&Family> for Suite {
    fn from(family: &Family) -> Self {
        Self {
            name: family.name,
            tests: family.cells.len(),
            failures: family.cells.iter().filter(|cell| cell.mismatches > 0).count(),
            tests_run: family.cells.iter().map(|cell| Test::of(family.name, cell)).collect(),
        }
    }
}

impl From<&Held> for Suite {
    fn from(held: &Held) -> Self {
        let failure = (held.changed > 0).then(|| Failed {
            message: format!("{} of {} cases are not as in the baseline", held.changed, held.cases),
            first: held.to_string(),
        });
        let (family, name) = ("baseline", "digests".into());
        let tests_run = vec![Test { family, name, assertions: held.cases, failure }];
        Self { name: family, tests: 1, failures: usize::from(held.changed > 0), tests_run }
    }
}

impl Test {
    fn of(family: &'static str, cell: &Cell) -> Self {
        let threads = cell.threads.map(|threads| format!(", threads {threads}"));
        let failure = cell.first.as_ref().map(|first| Failed {
            message: format!("{} of {} cases differ", cell.mismatches, cell.cases),
            first: first.to_string(),
        });
        let name = format!("{}{}", cell.level, threads.unwrap_or_default());
        Self { family, name, assertions: cell.cases, failure }
    }
}
