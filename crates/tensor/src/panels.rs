//! Features of samples, in panels of sixteen samples.

mod copy;
mod sums;

use std::ops::Range;

use ravine_simd::LANES;

pub use self::copy::{Pack, PackTurned, Turn, Unpack};
pub use self::sums::Sums;
use crate::operand::Steps;
use crate::{Finish, Left, Right, View, ViewMut};

/// Elements of a square of sixteen features by sixteen samples.
const SQUARE: usize = LANES * LANES;

/// The `f32`s of a panel of so many features; `usize::MAX` where no memory holds them.
#[inline(always)]
#[must_use]
pub fn panel_len(features: usize) -> usize {
    features.div_ceil(LANES).saturating_mul(SQUARE)
}

/// The values of `features` × `samples`, sixteen samples to a panel, and in a panel feature after
/// feature.
///
/// A product reads its right operand so, and makes its result so: then layer follows layer without
/// a copy. What copies panels is a kernel, to be run on a level or inside another kernel. A panel
/// has room for a multiple of sixteen features, and there may be a gap behind it;
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
#[inline(always)]
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
    #[inline(always)]
    #[must_use]
    pub fn new(data: &'a [f32], stride: usize, features: usize, samples: usize) -> Self {
        let data = &data[..len(stride, features, samples)];
        Self { data, stride, features, samples }
    }

    /// As a left operand, features × samples.
    #[inline(always)]
    #[must_use]
    pub fn left(self) -> Left<'a> {
        let Self { data, stride, features: rows, samples: terms } = self;
        Left { data, rows, terms, steps: Steps::Panels { chunk: stride } }
    }

    /// As a right operand, features × samples.
    #[inline(always)]
    #[must_use]
    pub fn right(self) -> Right<'a> {
        let Self { data, stride, features: terms, samples: cols } = self;
        Right { data, terms, cols, chunk: SQUARE, panel: stride }
    }

    /// As a right operand, samples × features, where each square was [turned](PanelsMut::turn).
    #[inline(always)]
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

    /// Writes samples × features.
    ///
    /// # Panics
    ///
    /// If the shape is another.
    #[inline(always)]
    pub fn unpack(self, to: ViewMut<'a>) -> Unpack<'a> {
        assert_eq!((to.rows(), to.cols()), (self.samples, self.features), "shape of the samples");
        Unpack { to, from: self }
    }

    /// Sums each feature over the samples, in their order: a result of one row. A chain of
    /// additions, as [`column_sums`](crate::column_sums) makes for a leaf.
    #[inline(always)]
    pub fn sum<F: Finish>(self, finish: F) -> Sums<'a, F> {
        Sums { finish, panels: self }
    }

    /// Some of the samples.
    ///
    /// # Panics
    ///
    /// If the first is not a multiple of sixteen, or there are fewer.
    #[inline]
    #[must_use]
    pub fn part(self, samples: Range<usize>) -> Self {
        let Self { data, stride, features, .. } = self;
        assert!(samples.start.is_multiple_of(LANES) && samples.end <= self.samples);
        let data = data.get(samples.start / LANES * stride..).unwrap_or_default();
        Self::new(data, stride, features, samples.len())
    }

    /// How many there are.
    #[inline(always)]
    fn count(self) -> usize {
        self.samples.div_ceil(LANES)
    }

    /// The squares of a panel.
    #[inline(always)]
    fn squares(self, panel: usize) -> &'a [[[f32; LANES]; LANES]] {
        let values = &self.data[panel * self.stride..][..panel_len(self.features)];
        values.as_chunks().0.as_chunks().0
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
    #[inline(always)]
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
    #[inline(always)]
    pub fn pack(self, x: View<'a>) -> Pack<'a> {
        assert_eq!((x.rows(), x.cols()), (self.samples, self.features), "shape of the samples");
        Pack { to: self, x }
    }

    /// Packs samples × features, each square as a data set has it, to be read by
    /// [`Panels::turned`].
    ///
    /// # Panics
    ///
    /// If the shape is another.
    #[inline(always)]
    pub fn pack_turned(self, x: View<'a>) -> PackTurned<'a> {
        assert_eq!((x.rows(), x.cols()), (self.samples, self.features), "shape of the samples");
        PackTurned { to: self, x }
    }

    /// Copies panels with each square of them transposed, to be read by [`Panels::turned`].
    ///
    /// # Panics
    ///
    /// If the shape is another.
    #[inline(always)]
    pub fn turn(self, from: Panels<'a>) -> Turn<'a> {
        let shape = (from.samples, from.features);
        assert_eq!(shape, (self.samples, self.features), "shape of the panels");
        Turn { to: self, from }
    }

    /// The features before `row`, and those from it on.
    ///
    /// # Panics
    ///
    /// If there is more than one panel.
    #[inline]
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
