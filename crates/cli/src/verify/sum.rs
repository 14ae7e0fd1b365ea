//! Sums: the tree depends on the length alone.

use ravine::simd::sum as ours;
use ravine_conformance::sum::{self, Case, Kernel, Terms};
use ravine_conformance::{Agreement, Extent};

use super::difference::Place;
use super::tally::{Results, Tally};
use super::way::Way;

/// Ways of each case, times cases.
pub(super) fn count(extent: Extent) -> u64 {
    (sum::cases(extent).count() * Way::all(&[""]).count()) as u64
}

/// Compares sums with their tree.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("sum");
    for case in sum::cases(extent) {
        let trial = case.trial();
        tally.case(&place(&case), Way::all(&[""]), |way, results| {
            trial.run(&mut Ours { way, results }, Agreement::Bits)
        });
    }
}

/// A case as differences name it.
pub(super) fn place(case: &Case) -> Place<'_> {
    Place { case, length: case.length, offsets: &case.offsets }
}

/// The program's own sums.
struct Ours<'a> {
    way: &'a Way,
    results: &'a mut Results,
}

impl Kernel for Ours<'_> {
    fn sum(&mut self, terms: Terms, x: &[f32], y: &[f32]) -> f64 {
        let (level, par) = self.way.on();
        let sum = match terms {
            Terms::Values => ours::sum(level, par, x),
            Terms::Squares => ours::squares(level, par, x),
            Terms::Products => ours::dot(level, par, x, y),
        };
        self.results.add(&[sum]);
        sum
    }
}
