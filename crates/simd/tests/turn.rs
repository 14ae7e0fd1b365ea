//! Rows become columns on every level: of a square of blocks, and four at a time.

use std::array;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_simd::{Kernel, LANES, Lanes, Level, Simd, load_square, store_square, turn};

struct Turn<'a>(&'a mut [[f32; LANES]; LANES]);

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let square = load_square(simd, self.0.as_flattened(), LANES, LANES, LANES);
        store_square::<S>(turn::<S>(square), self.0);
    }
}

#[test]
fn rows_become_columns_on_every_level() {
    let number = |row: usize, col: usize| (LANES * row + col) as f32;
    for level in Level::available() {
        let mut square = array::from_fn(|row| array::from_fn(|col| number(row, col)));
        level.run(Turn(&mut square));
        let want: [[f32; LANES]; LANES] =
            array::from_fn(|row| array::from_fn(|col| number(col, row)));
        assert_eq!(
            square.map(|row| row.map(f32::to_bits)),
            want.map(|row| row.map(f32::to_bits)),
            "{level}"
        );
    }
}

/// Four columns of sixteen rows.
struct Columns<'a>(&'a [f32], usize);

impl Kernel for Columns<'_> {
    type Output = [[f32; LANES]; 4];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let mut columns = [[0.0; LANES]; 4];
        for (column, to) in simd.load_columns(self.0, self.1).into_iter().zip(&mut columns) {
            column.store(to);
        }
        columns
    }
}

#[test]
fn four_columns_of_rows_that_lie_apart_or_overlap_are_read_on_every_level() {
    for stride in [0, 1, 3, 4, 7, 16, 33] {
        let from: Vec<f32> = (0..(LANES - 1) * stride + 4).map(|i| i as f32).collect();
        let want: [[f32; LANES]; 4] = array::from_fn(|j| array::from_fn(|i| from[i * stride + j]));
        for level in Level::available() {
            let got = level.run(Columns(&from, stride));
            let bits = |columns: [[f32; LANES]; 4]| columns.map(|column| column.map(f32::to_bits));
            assert_eq!(bits(got), bits(want), "{level}, rows {stride} apart");
        }
    }
}

#[test]
fn a_last_row_of_fewer_than_four_columns_is_refused_on_every_level() {
    // Of the last, the end of the last row is a small number where it is counted past what there is.
    const MAX: usize = usize::MAX;
    for level in Level::available() {
        for (len, stride) in [(0, 0), (3, 0), (4, 1), (18, 1), (15 * 7 + 3, 7)]
            .into_iter()
            .chain([MAX, MAX / 15, MAX / 15 + 1].map(|stride| (64, stride)))
        {
            let from = vec![1.0; len];
            let read = catch_unwind(AssertUnwindSafe(|| level.run(Columns(&from, stride))));
            assert!(read.is_err(), "{level}, {len} elements, rows {stride} apart");
        }
    }
}
