//! Products: every element one chain, however operands lie and work is cut.
//!
//! The size of tiles and blocks is nobody's to choose: each level has a tile of its own, and
//! shapes around all of them are among the cases. What callers choose is varied here.

use std::borrow::Cow;

use ravine::simd::{Level, Par};
use ravine::tensor::{View, ViewMut, Write, column_sums, over_samples, product as ours};
use ravine_conformance::product::{self, Case, Kernel, Kind, Shape};
use ravine_conformance::{Agreement, Extent};

use super::difference::Place;
use super::tally::{Results, Tally};
use super::way::Way;

/// Operands row by row; column by column; with strides in both directions; and one call for every
/// few rows of the result.
const LAYOUTS: [&str; 4] = ["", "transposed", "strided", "rows in several calls"];

/// Rows of a call.
const ROWS: usize = 7;

/// Ways of all cases.
pub(super) fn count(extent: Extent) -> u64 {
    product::cases(extent).map(|case| ways(&case).count() as u64).sum()
}

/// Compares products with their chains.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("product");
    for case in product::cases(extent) {
        let trial = case.trial();
        tally.case(&place(&case), ways(&case), |way, results| {
            trial.run(&mut Ours { way, results }, Agreement::Bits)
        });
    }
}

/// The ways of a case: a result of one row is not cut.
fn ways(case: &Case) -> impl Iterator<Item = Way> + use<> {
    Way::all(if case.kind == Kind::ColumnSums { &LAYOUTS[..3] } else { &LAYOUTS })
}

/// A case as differences name it.
pub(super) fn place(case: &Case) -> Place<'_> {
    Place { case, length: case.shape.m * case.shape.n, offsets: &case.offsets }
}

/// The program's own products.
struct Ours<'a> {
    way: &'a Way,
    results: &'a mut Results,
}

impl Kernel for Ours<'_> {
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]) {
        let Shape { m, k, n } = shape;
        let (rows, cols) = match kind {
            Kind::Plain => (m, k),
            Kind::OverSamples => (k, m),
            Kind::ColumnSums => (0, 0),
        };
        let manner = self.way.manner();
        let (a, b) = (Laid::new(a, [rows, cols], manner), Laid::new(b, [k, n], manner));
        let (on, to, a, b) = (self.way.on(), ViewMut::new(c, m, n), a.view(), b.view());
        if manner == LAYOUTS[3] {
            in_several_calls(on, kind, to, a, b);
        } else {
            in_one_call(on, kind, to, a, b);
        }
        self.results.add(c);
    }
}

fn in_one_call((level, par): (Level, Par), kind: Kind, c: ViewMut<'_>, a: View<'_>, b: View<'_>) {
    match kind {
        Kind::Plain => ours(level, par, Write(c), a, b),
        Kind::OverSamples => over_samples(level, par, Write(c), a, b),
        Kind::ColumnSums => column_sums(level, par, Write(c), b),
    }
}

fn in_several_calls(on: (Level, Par), kind: Kind, mut c: ViewMut<'_>, a: View<'_>, b: View<'_>) {
    let mut at = 0;
    while c.rows() > 0 {
        let rows = ROWS.min(c.rows());
        let (now, later) = c.split_rows(rows);
        let part = match kind {
            Kind::Plain => a.row_range(at..at + rows),
            Kind::OverSamples | Kind::ColumnSums => a.col_range(at..at + rows),
        };
        in_one_call(on, kind, now, part, b);
        (at, c) = (at + rows, later);
    }
}

/// An operand where a manner wants it.
struct Laid<'a> {
    numbers: Cow<'a, [f32]>,
    size: [usize; 2],
    /// From row to row, and from column to column.
    strides: [usize; 2],
}

impl<'a> Laid<'a> {
    /// Takes numbers row by row, and moves them apart where need be. Between them lie NaN, which no
    /// product may read.
    fn new(x: &'a [f32], size: [usize; 2], manner: &str) -> Self {
        let [rows, cols] = size;
        let strides @ [down, right] = match manner {
            "transposed" => [1, rows],
            "strided" => [2 * cols + 3, 2],
            _ => return Self { numbers: x.into(), size, strides: [cols, 1] },
        };
        let mut numbers = vec![f32::NAN; down * rows + right * cols];
        for (at, &x) in x.iter().enumerate() {
            numbers[at / cols * down + at % cols * right] = x;
        }
        Self { numbers: numbers.into(), size, strides }
    }

    fn view(&self) -> View<'_> {
        let ([rows, cols], [down, right]) = (self.size, self.strides);
        View::strided(&self.numbers, rows, cols, down, right).expect("the numbers are there")
    }
}
