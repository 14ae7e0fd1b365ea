//! What was compared, family by family and level by level, and what differed.

use ravine_conformance::{Element, Failure};
use sha2::{Digest as _, Sha256};

use super::difference::{Difference, Place};
use super::way::Way;
use crate::progress::Progress;

/// Counts cases and differences, and digests what kernels gave.
#[derive(Debug)]
pub(super) struct Tally {
    /// In the order in which they were run.
    pub(super) families: Vec<Family>,
    /// The first difference of all.
    pub(super) first: Option<Difference>,
    progress: Progress,
}

/// A kind of kernel.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    /// What was run on each level by each number of threads.
    pub(super) cells: Vec<Cell>,
    /// Every case's name, and SHA-256 over what the first way gave, in hexadecimal.
    pub(super) digests: Vec<(String, String)>,
}

/// Cases of a level and a number of threads.
#[derive(Debug)]
pub(super) struct Cell {
    /// The level's name, or what stands in its place.
    pub(super) level: &'static str,
    /// None where nobody knows how many.
    pub(super) threads: Option<usize>,
    pub(super) cases: u64,
    pub(super) mismatches: u64,
    pub(super) first: Option<Difference>,
}

/// Takes a case's results where they are to be digested.
#[derive(Debug)]
pub(super) struct Results(Option<Sha256>);

impl Results {
    /// Adds numbers as 64 bits each, every NaN as one pattern.
    pub(super) fn add<T: Element>(&mut self, values: &[T]) {
        if let Some(hash) = &mut self.0 {
            values.iter().for_each(|value| hash.update(value.bits().to_le_bytes()));
        }
    }
}

impl Tally {
    /// Nothing compared yet, of `total` cases.
    pub(super) fn new(total: u64) -> Self {
        Self { families: Vec::new(), first: None, progress: Progress::new(total) }
    }

    /// Begins a family; the cases that follow are its own.
    pub(super) fn family(&mut self, name: &'static str) {
        self.families.push(Family { name, cells: Vec::new(), digests: Vec::new() });
    }

    /// Runs a case in each of `ways`, and digests what the first of them gives.
    pub(super) fn case(
        &mut self,
        place: &Place<'_>,
        ways: impl IntoIterator<Item = Way>,
        mut run: impl FnMut(&Way, &mut Results) -> Result<(), Failure>,
    ) {
        let family = self.families.last_mut().expect("a family is begun before its cases");
        let mut results = Results(Some(Sha256::new()));
        for way in ways {
            let held = run(&way, &mut results);
            if let Some(hash) = results.0.take() {
                family.digests.push((place.case.to_string(), hex(hash)));
            }
            let cell = family.cell(&way);
            cell.cases += 1;
            if let Err(failure) = held {
                cell.mismatches += 1;
                let difference = || Difference::new(place, &way, &failure);
                cell.first.get_or_insert_with(difference);
                self.first.get_or_insert_with(difference);
            }
            self.progress.tick();
        }
    }

    /// Combinations compared so far, each in every element.
    pub(super) fn cases(&self) -> u64 {
        self.cells().map(|cell| cell.cases).sum()
    }

    /// Combinations that differ in any element.
    pub(super) fn mismatches(&self) -> u64 {
        self.cells().map(|cell| cell.mismatches).sum()
    }

    /// The digest of all digests, in hexadecimal.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (_, digest) in self.families.iter().flat_map(|family| &family.digests) {
            hash.update(digest);
        }
        hex(hash)
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.families.iter().flat_map(|family| &family.cells)
    }
}

impl Family {
    /// The cell of a way, made where it is the first of its kind.
    fn cell(&mut self, way: &Way) -> &mut Cell {
        let (level, threads) = (way.level(), way.threads());
        let is_way = |cell: &Cell| cell.level == level && cell.threads == threads;
        let at = self.cells.iter().position(is_way).unwrap_or_else(|| {
            self.cells.push(Cell { level, threads, cases: 0, mismatches: 0, first: None });
            self.cells.len() - 1
        });
        &mut self.cells[at]
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use ravine_conformance::{Agreement, compare};

    use super::*;

    /// A case whose ways give `found`, one after another.
    fn case(tally: &mut Tally, expected: &[f32], found: &[&[f32]]) {
        let place = Place { case: &"sums", length: expected.len(), offsets: &[3] };
        let mut found = found.iter();
        tally.case(&place, Way::all(&["", "fused"]).take(found.len()), |_, results| {
            let found = found.next().unwrap();
            results.add(found);
            compare(expected, found, Agreement::Bits).map_err(|mismatch| Failure {
                case: "sums".into(),
                step: Some(2),
                tensor: "params",
                cause: mismatch.into(),
            })
        });
    }

    #[test]
    fn each_way_counts_once_and_the_first_difference_is_kept() {
        let mut tally = Tally::new(4);
        tally.family("update");
        case(&mut tally, &[1.0, f32::NAN], &[&[1.0, -f32::NAN]]);
        case(&mut tally, &[0.0, 0.0], &[&[0.0, 0.0], &[0.0, -0.0], &[2.0, 0.0]]);
        assert_eq!((tally.cases(), tally.mismatches()), (4, 2));
        let first = tally.first.as_ref().unwrap().to_string();
        assert_eq!(
            first,
            "sums, fused, level scalar, threads 1, step 2, params, index 1 of 2: \
             expected 00000000, found 80000000, 0 ulp apart, 1 such element"
        );
        let cells = &tally.families[0].cells;
        assert_eq!(cells.iter().map(|cell| cell.threads).collect::<Vec<_>>(), [Some(1), Some(2)]);
        assert_eq!(cells[0].first.as_ref().unwrap().to_string(), first);
        assert_eq!((cells[1].cases, cells[1].mismatches), (1, 1));
    }

    #[test]
    fn the_digest_is_that_of_what_the_first_way_gave() {
        let digest = |found: &[&[f32]]| {
            let mut tally = Tally::new(2);
            tally.family("update");
            case(&mut tally, &[1.0, 0.0], found);
            tally.digest()
        };
        assert_eq!(digest(&[&[1.0, f32::NAN]]), digest(&[&[1.0, -f32::NAN]]));
        assert_eq!(digest(&[&[1.0, 0.0]]), digest(&[&[1.0, 0.0], &[1.0, -0.0]]));
        assert_ne!(digest(&[&[1.0, 0.0]]), digest(&[&[1.0, -0.0]]));
    }
}
