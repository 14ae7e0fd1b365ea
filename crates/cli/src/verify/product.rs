//! Products: every element one chain, however operands lie and work is cut.

use std::borrow::Cow;

use ravine::simd::{Level, Par};
use ravine::tensor::{
    Blocking, View, ViewMut, Write, column_sums, over_samples_in, product_in as ours,
};
use ravine_conformance::product::{self, Case, Kernel, Kind, Shape};
use ravine_conformance::{Agreement, Extent};

use super::difference::Place;
use super::tally::{Results, Tally};
use super::way::Way;

/// Operands column by column; with strides in both directions; one call for every few rows of the
/// result; the smallest tile and a section a term; and tiles and sections that divide nothing.
const TRANSPOSED: &str = "transposed";
const STRIDED: &str = "strided";
const IN_CALLS: &str = "rows in several calls";
const SMALLEST: &str = "smallest blocks";
const ODD: &str = "odd blocks";
/// All of them, and the plain one.
const MANNERS: [&str; 6] = ["", TRANSPOSED, STRIDED, IN_CALLS, SMALLEST, ODD];

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
    Way::all(if case.kind == Kind::ColumnSums { &MANNERS[..3] } else { &MANNERS })
}

/// How a product is cut.
fn blocking(level: Level, manner: &str) -> Blocking {
    match manner {
        SMALLEST => Blocking { rows: 1, blocks: 1, terms: 1, near: 1 },
        ODD => Blocking { rows: 4, blocks: 2, terms: 13, near: 100 },
        _ => Blocking::of(level),
    }
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
        let (level, par) = self.way.on();
        let call = Call { level, par, blocking: blocking(level, manner), kind };
        let (to, a, b) = (ViewMut::new(c, m, n), a.view(), b.view());
        if manner == IN_CALLS {
            call.some_rows_a_time(to, a, b);
        } else {
            call.all(to, a, b);
        }
        self.results.add(c);
    }
}

/// All that a product is told but its operands.
#[derive(Clone, Copy)]
struct Call {
    level: Level,
    par: Par,
    blocking: Blocking,
    kind: Kind,
}

impl Call {
    fn all(self, c: ViewMut<'_>, a: View<'_>, b: View<'_>) {
        let Self { level, par, blocking, kind } = self;
        match kind {
            Kind::Plain => ours(blocking, level, par, Write(c), a, b),
            Kind::OverSamples => over_samples_in(blocking, level, par, Write(c), a, b),
            Kind::ColumnSums => column_sums(level, par, Write(c), b),
        }
    }

    fn some_rows_a_time(self, mut c: ViewMut<'_>, a: View<'_>, b: View<'_>) {
        let mut at = 0;
        while c.rows() > 0 {
            let rows = ROWS.min(c.rows());
            let (now, later) = c.split_rows(rows);
            let part = match self.kind {
                Kind::Plain => a.row_range(at..at + rows),
                Kind::OverSamples | Kind::ColumnSums => a.col_range(at..at + rows),
            };
            self.all(now, part, b);
            (at, c) = (at + rows, later);
        }
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
            TRANSPOSED => [1, rows],
            STRIDED => [2 * cols + 3, 2],
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
