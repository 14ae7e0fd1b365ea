//! How long a leaf of samples is, apart from the constant that says so, and how sums of leaves are
//! handed over.

use ravine_conformance::{Agreement, compare};
use ravine_simd::{LANES, Level, Par, Simd};
use ravine_tensor::{Finish, Order, Tile, View, ViewMut, Write, column_sums, over_samples};

/// 2²⁴ swallows every one that is added to it in its own leaf, and none of the next leaf's sum.
#[test]
fn a_leaf_has_4096_samples() {
    let mut samples = [1.0; 4100];
    samples[0] = 16_777_216.0;
    for level in Level::available() {
        let mut sum = [f32::NAN];
        let finish = Write(ViewMut::new(&mut sum, 1, 1));
        column_sums(level, Par::Seq, finish, View::new(&samples, 4100, 1));
        let same = compare(&[16_777_220.0], &sum, Agreement::Bits);
        assert_eq!(same, Ok(()), "{level}, 4100 × 1");
    }
}

/// Writes tiles that it wants in panels.
struct FromPanels<'a>(ViewMut<'a>);

impl Finish for FromPanels<'_> {
    const ORDER: Order = Order::Panels;

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, tile: Tile<'_>) {
        assert_eq!(tile.values.len(), tile.rows * tile.cols.next_multiple_of(LANES));
        for i in 0..tile.rows {
            for j in 0..tile.cols {
                let at = (j / LANES * tile.rows + i) * LANES + j % LANES;
                self.0.row_mut(row + i)[col + j] = tile.values[at];
            }
        }
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (above, below) = self.0.split_rows(row);
        (Self(above), Self(below))
    }
}

#[test]
fn a_finish_gets_sums_of_leaves_in_its_own_order() {
    let samples = 4097;
    for [m, n] in [[2, 20], [5, 5], [40, 7], [3, 16]] {
        let wave = |len: usize, seed: f32| (0..len).map(|i| (i as f32 * seed).sin()).collect();
        let (a, b): (Vec<f32>, Vec<f32>) = (wave(samples * m, 0.37), wave(samples * n, 0.71));
        let (a, b) = (View::new(&a, samples, m), View::new(&b, samples, n));
        let (mut rows, mut panels) = (vec![f32::NAN; m * n], vec![f32::NAN; m * n]);
        let (level, par) = (Level::detect(), Par::Seq);
        over_samples(level, par, Write(ViewMut::new(&mut rows, m, n)), a, b);
        over_samples(level, par, FromPanels(ViewMut::new(&mut panels, m, n)), a, b);
        assert_eq!(compare(&rows, &panels, Agreement::Bits), Ok(()), "{m} × {n}");
    }
}
