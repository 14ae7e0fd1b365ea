//! Panels copied from a data set, to one, and turned.

use ravine_simd::{Kernel, LANES, Simd, load_square, store_square, turn};

use super::{Panels, PanelsMut};
use crate::{View, ViewMut, pack};

/// So few features are copied one by one: to transpose a square takes longer.
const FEW: usize = 2;

/// [`PanelsMut::pack`].
#[derive(Debug)]
#[must_use = "a kernel that is not run does nothing"]
pub struct Pack<'a> {
    pub(super) to: PanelsMut<'a>,
    pub(super) x: View<'a>,
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to: PanelsMut { data, stride, features, samples }, x } = self;
        for (to, top) in data.chunks_mut(stride.max(1)).zip((0..samples).step_by(LANES)) {
            let (to, n) = (to.as_chunks_mut::<LANES>().0, LANES.min(samples - top));
            let x = x.row_range(top..top + n);
            if features <= FEW && x.row_stride() > 1 {
                for (j, to) in to.iter_mut().enumerate().take(features) {
                    let column = x.data()[j * x.col_stride()..].iter().step_by(x.row_stride());
                    to.iter_mut().zip(column).for_each(|(to, &x)| *to = x);
                }
            } else {
                pack::panel(simd, to, x.t());
            }
        }
    }
}

/// [`PanelsMut::pack_turned`].
#[derive(Debug)]
#[must_use = "a kernel that is not run does nothing"]
pub struct PackTurned<'a> {
    pub(super) to: PanelsMut<'a>,
    pub(super) x: View<'a>,
}

impl Kernel for PackTurned<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to: PanelsMut { data, stride, features, samples }, x } = self;
        for (to, top) in data.chunks_mut(stride.max(1)).zip((0..samples).step_by(LANES)) {
            let x = x.row_range(top..samples.min(top + LANES));
            let squares = to.as_chunks_mut().0.chunks_exact_mut(LANES);
            for (to, left) in squares.zip((0..features).step_by(LANES)) {
                pack::panel(simd, to, x.col_range(left..features.min(left + LANES)));
            }
        }
    }
}

/// [`PanelsMut::turn`].
#[derive(Debug)]
#[must_use = "a kernel that is not run does nothing"]
pub struct Turn<'a> {
    pub(super) to: PanelsMut<'a>,
    pub(super) from: Panels<'a>,
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to: PanelsMut { data, stride, .. }, from } = self;
        for (panel, to) in data.chunks_mut(stride.max(1)).enumerate() {
            let to = to.as_chunks_mut::<LANES>().0.as_chunks_mut::<LANES>().0;
            for (to, from) in to.iter_mut().zip(from.squares(panel)) {
                store_square::<S>(turned(simd, from), to);
            }
        }
    }
}

/// A square, transposed.
#[inline(always)]
pub(super) fn turned<S: Simd>(simd: S, square: &[[f32; LANES]; LANES]) -> [S::F32; LANES] {
    turn::<S>(load_square(simd, square.as_flattened(), LANES, LANES, LANES))
}

/// [`Panels::unpack`].
#[derive(Debug)]
#[must_use = "a kernel that is not run does nothing"]
pub struct Unpack<'a> {
    pub(super) to: ViewMut<'a>,
    pub(super) from: Panels<'a>,
}

impl Kernel for Unpack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let Panels { features, samples, .. } = self.from;
        for panel in 0..self.from.count() {
            let (squares, top) = (self.from.squares(panel), panel * LANES);
            let rows = top..samples.min(top + LANES);
            if let Some(to) = self.to.column_mut() {
                // The samples of a single feature are neighbours here as there.
                to[rows.clone()].copy_from_slice(&squares[0][0][..rows.len()]);
                continue;
            }
            for (square, from) in squares.iter().enumerate() {
                let mut values = [[0.0; LANES]; LANES];
                store_square::<S>(turned(simd, from), &mut values);
                let cols = square * LANES..features.min((square + 1) * LANES);
                for (row, from) in rows.clone().zip(&values) {
                    self.to.row_mut(row)[cols.clone()].copy_from_slice(&from[..cols.len()]);
                }
            }
        }
    }
}
