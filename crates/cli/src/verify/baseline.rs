//! Results that are kept, so that later ones can be held to them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;

use ravine::data::write_whole;
use ravine::simd::CONTRACT;
use ravine_conformance::Extent;
use serde::{Deserialize, Serialize};

use super::tally::Tally;
use crate::error::Error;
use crate::input;

/// The digests of all cases.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct Baseline {
    contract: u32,
    /// Whether every length was run.
    full: bool,
    /// SHA-256 over a case's results, by `family/case`.
    digests: BTreeMap<String, String>,
}

/// How a run stands to a baseline.
#[derive(Debug, Serialize)]
pub(super) struct Held {
    /// Cases that were looked for in it.
    pub(super) cases: u64,
    /// Cases whose results are others, or that one of the two has not.
    pub(super) changed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Change>,
}

/// A case with other results.
#[derive(Debug, Serialize)]
struct Change {
    case: String,
    /// The digest in the baseline, if it has one.
    expected: Option<String>,
    /// The digest of this run, if it has one.
    found: Option<String>,
}

impl Baseline {
    /// What a run gave.
    pub(super) fn new(tally: &Tally, extent: Extent) -> Self {
        let digests = named(tally).map(|(case, digest)| (case, digest.to_owned())).collect();
        Self { contract: CONTRACT, full: extent == Extent::Full, digests }
    }

    /// Writes it to a file, whole or not at all.
    pub(super) fn write(&self, file: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::from);
        text.and_then(|text| write_whole(file, |to| writeln!(to, "{text}")))
            .map_err(|source| Error::Unwritable { file: file.to_path_buf(), source })
    }

    /// Reads one to which a run of `extent` can be held.
    pub(super) fn read(file: &Path, extent: Extent) -> Result<Self, Error> {
        let refused = |found: String, wanted: &str| Error::content(file, found, wanted);
        let baseline: Self = input::json(file, "a file of --bless")?;
        if baseline.contract != CONTRACT {
            let (found, wanted) = (baseline.contract, format!("contract {CONTRACT}"));
            return Err(refused(format!("contract {found}"), &wanted));
        }
        if let Some((case, text)) = baseline.digests.iter().find(|(_, text)| !is_digest(text)) {
            return Err(refused(format!("{text:?} of {case}"), "64 hexadecimal digits"));
        }
        match (baseline.full, extent) {
            (true, Extent::Quick) => Err(refused("a run with --full".into(), "one without")),
            (false, Extent::Full) => Err(refused("a run without --full".into(), "one with it")),
            _ => Ok(baseline),
        }
    }

    /// Holds a run to it: one of every family, or of the tally's families and `only` the cases that
    /// have this in their names.
    pub(super) fn hold(&self, tally: &Tally, only: Option<&str>) -> Held {
        let mut held = Held { cases: 0, changed: 0, first: None };
        let found: BTreeMap<String, &str> = named(tally).collect();
        for (case, digest) in named(tally) {
            held.case(&case, self.digests.get(&case).map(String::as_str), Some(digest));
        }
        let was_run = |name: &str| match (only, name.split_once('/')) {
            (Some(only), Some((family, case))) => {
                tally.families.iter().any(|run| run.name == family) && case.contains(only)
            }
            _ => true,
        };
        let missing = self.digests.iter().filter(|(case, _)| !found.contains_key(*case));
        for (case, digest) in missing.filter(|(case, _)| was_run(case)) {
            held.case(case, Some(digest), None);
        }
        held
    }
}

/// Whether a text is a digest as they are written here.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Every case's name with its family's, and its digest, in the order of the run.
fn named(tally: &Tally) -> impl Iterator<Item = (String, &str)> {
    tally.families.iter().flat_map(|family| {
        let digests = family.digests.iter();
        digests.map(|(case, digest)| (format!("{}/{case}", family.name), &**digest))
    })
}

impl Held {
    fn case(&mut self, case: &str, expected: Option<&str>, found: Option<&str>) {
        self.cases += 1;
        if expected != found {
            self.changed += 1;
            let [expected, found] = [expected, found].map(|digest| digest.map(str::to_owned));
            self.first.get_or_insert(Change { case: case.to_owned(), expected, found });
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Change { case, expected, found }) = &self.first {
            let told = |digest: &Option<String>| digest.clone().unwrap_or("no such case".into());
            writeln!(
                f,
                "first change: {case}: expected {}, found {}",
                told(expected),
                told(found)
            )?;
        }
        write!(f, "{} cases held to the baseline, {} changed", self.cases, self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::difference::Place;
    use crate::verify::way::Way;

    fn tally(families: &[&'static str]) -> Tally {
        let mut tally = Tally::new(0);
        for family in families {
            tally.family(family);
            let place = Place { case: &"a case", length: 0, offsets: &[] };
            tally.case(&place, [Way::Foreign], |_, _| Ok(()));
        }
        tally
    }

    #[test]
    fn a_family_that_is_gone_is_a_change_but_for_a_kernel_of_one_family() {
        let baseline = Baseline::new(&tally(&["update", "sum"]), Extent::Quick);
        let held = |families, only| baseline.hold(&tally(families), only);
        let gone = held(&["update"], None);
        assert_eq!((gone.cases, gone.changed), (2, 1));
        assert!(gone.to_string().starts_with("first change: sum/a case: expected "), "{gone}");
        let kernel = held(&["update"], Some(""));
        assert_eq!((kernel.cases, kernel.changed), (1, 0));
        // A case that the kernel was not asked for is not missed, and one that it was is.
        assert_eq!(held(&[], Some("")).cases, 0);
        let mut asked = tally(&["update"]);
        asked.families[0].digests.clear();
        assert_eq!(baseline.hold(&asked, Some("another")).changed, 0);
        assert_eq!(baseline.hold(&asked, Some("a case")).changed, 1);
    }
}
