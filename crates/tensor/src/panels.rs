//! Features of samples, in panels of sixteen samples.

use std::ops::Range;

use ravine_simd::{Kernel, LANES, Lanes, Level, Simd, load_square, store_square, turn, unroll};

use crate::operand::Steps;
use crate::{Finish, Left, Right, Tile, View, ViewMut, pack};

/// Elements of a square of sixteen features by sixteen samples.
const SQUARE: usize = LANES * LANES;

/// The `f32`s of a panel of so many features; `usize::MAX` where no memory holds them.
#[must_use]
pub fn panel_len(features: usize) -> usize {
    features.div_ceil(LANES).saturating_mul(SQUARE)
}

/// The values of `features` × `samples`, sixteen samples to a panel, and in a panel feature after
/// feature.
///
/// A product reads its right operand so, and makes its result so: then layer follows layer without
/// a copy. A panel has room for a multiple of sixteen features, and there may be a gap behind it;
/// what lies beyond the last feature or sample has no meaning.
#[derive(Clone, Copy, Debug)]
pub struct Panels<'a> {
    data: &'a [f32],
    /// From a panel to the next.
    stride: usize,
    features: usize,
    samples: usize,
}

/// The `f32`s from the first panel's first to the last one's last.
fn len(stride: usize, features: usize, samples: usize) -> usize {
    let panel = panel_len(features);
    assert!(panel <= stride, "panels of {panel} at a stride of {stride}");
    samples.div_ceil(LANES).checked_sub(1).map_or(0, |more| more * stride + panel)
}

impl<'a> Panels<'a> {
    /// Reads `data` as panels, `stride` elements from each to the next.
    ///
    /// # Panics
    ///
    /// If the stride is shorter than [`panel_len`], or `data` ends before the last panel does.
    #[must_use]
    pub fn new(data: &'a [f32], stride: usize, features: usize, samples: usize) -> Self {
        let data = &data[..len(stride, features, samples)];
        Self { data, stride, features, samples }
    }

    /// As a left operand, features × samples.
    #[must_use]
    pub fn left(self) -> Left<'a> {
        let Self { data, stride, features: rows, samples: terms } = self;
        Left { data, rows, terms, steps: Steps::Panels { chunk: stride } }
    }

    /// As a right operand, features × samples.
    #[must_use]
    pub fn right(self) -> Right<'a> {
        let Self { data, stride, features: terms, samples: cols } = self;
        Right { data, terms, cols, chunk: SQUARE, panel: stride }
    }

    /// As a right operand, samples × features, where each square was [turned](PanelsMut::turn).
    #[must_use]
    pub fn turned(self) -> Right<'a> {
        let Self { data, stride, features: cols, samples: terms } = self;
        Right { data, terms, cols, chunk: stride, panel: SQUARE }
    }

    /// The values of `rows` in the panel that begins with sample `col`.
    #[inline(always)]
    #[must_use]
    pub fn rows(self, rows: Range<usize>, col: usize) -> &'a [f32] {
        &self.data[col / LANES * self.stride..][rows.start * LANES..rows.end * LANES]
    }

    /// Some of the samples.
    ///
    /// # Panics
    ///
    /// If the first is not a multiple of sixteen, or there are fewer.
    #[must_use]
    pub fn part(self, samples: Range<usize>) -> Self {
        let Self { data, stride, features, .. } = self;
        assert!(samples.start.is_multiple_of(LANES) && samples.end <= self.samples);
        Self::new(&data[samples.start / LANES * stride..], stride, features, samples.len())
    }

    /// The squares of each panel.
    #[inline(always)]
    fn squares(self) -> impl Iterator<Item = &'a [[[f32; LANES]; LANES]]> {
        let len = panel_len(self.features);
        let panels = self.data.chunks(self.stride.max(1));
        panels.map(move |panel| panel[..len].as_chunks().0.as_chunks().0)
    }
}

/// The same, to write.
#[derive(Debug)]
pub struct PanelsMut<'a> {
    data: &'a mut [f32],
    stride: usize,
    features: usize,
    samples: usize,
}

impl<'a> PanelsMut<'a> {
    /// Writes panels to `data`, `stride` elements from each to the next.
    ///
    /// # Panics
    ///
    /// If the stride is shorter than [`panel_len`], or `data` ends before the last panel does.
    #[must_use]
    pub fn new(data: &'a mut [f32], stride: usize, features: usize, samples: usize) -> Self {
        let data = &mut data[..len(stride, features, samples)];
        Self { data, stride, features, samples }
    }

    /// The values of `rows` in the panel that begins with sample `col`.
    #[inline(always)]
    pub fn rows_mut(&mut self, rows: Range<usize>, col: usize) -> &mut [f32] {
        &mut self.data[col / LANES * self.stride..][rows.start * LANES..rows.end * LANES]
    }

    /// Each panel, as many rows as it has room for.
    pub(crate) fn each_panel(self) -> impl Iterator<Item = &'a mut [f32]> {
        let len = panel_len(self.features);
        self.data.chunks_mut(self.stride.max(1)).map(move |panel| &mut panel[..len])
    }

    /// Packs samples × features, as a data set has them.
    ///
    /// # Panics
    ///
    /// If the shape is another.
    pub fn pack(self, level: Level, x: View<'_>) {
        assert_eq!((x.rows(), x.cols()), (self.samples, self.features), "shape of the samples");
        level.run(Pack { to: self, x });
    }

    /// Packs samples × features, each square as a data set has it, to be read by
    /// [`Panels::turned`].
    ///
    /// # Panics
    ///
    /// If the shape is another.
    pub fn pack_turned(self, level: Level, x: View<'_>) {
        assert_eq!((x.rows(), x.cols()), (self.samples, self.features), "shape of the samples");
        level.run(PackTurned { to: self, x });
    }

    /// Copies panels with each square of them transposed, to be read by [`Panels::turned`].
    ///
    /// # Panics
    ///
    /// If the shape is another.
    pub fn turn(self, level: Level, from: Panels<'_>) {
        let shape = (from.samples, from.features);
        assert_eq!(shape, (self.samples, self.features), "shape of the panels");
        level.run(Turn { to: self, from });
    }

    /// The features before `row`, and those from it on.
    ///
    /// # Panics
    ///
    /// If there is more than one panel.
    #[must_use]
    pub fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { data, stride, features, samples } = self;
        assert!(samples <= LANES, "rows of more than one panel lie apart");
        let (above, below) = data.split_at_mut(row * LANES);
        (
            Self { data: above, stride, features: row, samples },
            Self { data: below, stride, features: features - row, samples },
        )
    }
}

struct Pack<'a> {
    to: PanelsMut<'a>,
    x: View<'a>,
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to: PanelsMut { data, stride, samples, .. }, x } = self;
        for (to, top) in data.chunks_mut(stride.max(1)).zip((0..samples).step_by(LANES)) {
            let x = x.row_range(top..samples.min(top + LANES)).t();
            pack::panel(simd, to.as_chunks_mut().0, x);
        }
    }
}

struct PackTurned<'a> {
    to: PanelsMut<'a>,
    x: View<'a>,
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

struct Turn<'a, 'b> {
    to: PanelsMut<'a>,
    from: Panels<'b>,
}

impl Kernel for Turn<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to: PanelsMut { data, stride, .. }, from } = self;
        for (to, from) in data.chunks_mut(stride.max(1)).zip(from.squares()) {
            let to = to.as_chunks_mut::<LANES>().0.as_chunks_mut::<LANES>().0;
            for (to, from) in to.iter_mut().zip(from) {
                store_square::<S>(turned(simd, from), to);
            }
        }
    }
}

/// A square, transposed.
#[inline(always)]
fn turned<S: Simd>(simd: S, square: &[[f32; LANES]; LANES]) -> [S::F32; LANES] {
    turn::<S>(load_square(simd, square.as_flattened(), LANES, LANES, LANES))
}

/// Writes panels as samples × features.
///
/// # Panics
///
/// If the shape is another.
pub fn unpack(level: Level, to: ViewMut<'_>, panels: Panels<'_>) {
    assert_eq!((to.rows(), to.cols()), (panels.samples, panels.features), "shape of the samples");
    level.run(Unpack { to, panels });
}

struct Unpack<'a> {
    to: ViewMut<'a>,
    panels: Panels<'a>,
}

impl Kernel for Unpack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let Panels { features, samples, .. } = self.panels;
        for (squares, top) in self.panels.squares().zip((0..samples).step_by(LANES)) {
            let rows = top..samples.min(top + LANES);
            if let Some(to) = self.to.column_mut() {
                // The samples of a single feature are neighbours here as there.
                to[rows.clone()].copy_from_slice(&squares[0][0][..rows.len()]);
                continue;
            }
            for (from, left) in squares.iter().zip((0..features).step_by(LANES)) {
                let mut values = [[0.0; LANES]; LANES];
                store_square::<S>(turned(simd, from), &mut values);
                let cols = left..features.min(left + LANES);
                for (row, from) in rows.clone().zip(&values) {
                    self.to.row_mut(row)[cols.clone()].copy_from_slice(&from[..cols.len()]);
                }
            }
        }
    }
}

/// Sums each feature over the samples, in their order: a result of one row. A chain of additions,
/// as [`column_sums`](crate::column_sums) makes for a leaf.
pub fn feature_sums(level: Level, finish: impl Finish, panels: Panels<'_>) {
    level.run(Sums { finish, panels });
}

struct Sums<'a, F> {
    finish: F,
    panels: Panels<'a>,
}

impl<F: Finish> Kernel for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let Panels { features, samples, .. } = self.panels;
        for col in (0..features).step_by(LANES) {
            let mut sums = simd.splat(0.0);
            for (squares, top) in self.panels.squares().zip((0..samples).step_by(LANES)) {
                let n = LANES.min(samples - top);
                let lanes = turned(simd, &squares[col / LANES]);
                unroll!(I < LANES {
                    if I < n {
                        sums = sums + lanes[I];
                    }
                });
            }
            let mut values = [0.0; LANES];
            sums.store(&mut values);
            let cols = LANES.min(features - col);
            let tile = Tile { values: &mut values, rows: 1, cols, pitch: LANES };
            self.finish.take(simd, 0, col, tile);
        }
    }
}
