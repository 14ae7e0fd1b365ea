//! Where a backward pass leaves the gradients of the parameters.

use std::ops::Range;

use ravine_simd::{LANES, Simd};
use ravine_tensor::{Finish, Tile};

/// Lends the parameters to a backward pass and takes their gradients from it.
///
/// A backward pass takes all that it needs of a layer's parameters before it hands out their
/// gradients, so a sink may change a parameter as soon as it has its gradient: [`Store`] writes
/// the gradients to a buffer, an updating sink applies them at once.
///
/// Sinks are split, so that threads own disjoint parts.
pub trait Sink: Send + Sized {
    /// The parameters that this part of the sink stands for.
    fn params(&self) -> &[f32];

    /// Takes a tile of finished gradients: row `i` of it belongs to `params()[at + i * stride..]`.
    ///
    /// In a backward pass every parameter is handed out exactly once, in tiles of any size and
    /// order, whose values lie in [rows](ravine_tensor::Order::Rows). Mark every implementation
    /// `#[inline(always)]`: it runs inside a kernel.
    fn take<S: Simd>(&mut self, simd: S, at: usize, stride: usize, grads: Tile<'_>);

    /// Whether [`expect`](Self::expect) does anything.
    const EXPECTS: bool = false;

    /// Asks for the memory of `rows` stretches of `len` parameters, the first from `at` on and each
    /// `stride` behind the one before, whose gradients come next or soon.
    #[inline(always)]
    fn expect<S: Simd>(&self, simd: S, at: usize, stride: usize, [rows, len]: [usize; 2]) {
        let _ = (simd, at, stride, rows, len);
    }

    /// The part before `at`, and the part from it on, numbered from zero.
    #[must_use]
    fn split_at(self, at: usize) -> (Self, Self);
}

/// The sink that writes gradients to a buffer; what was there is overwritten.
#[derive(Debug)]
pub struct Store<'a> {
    /// The parameters.
    pub params: &'a [f32],
    /// Their gradients, of the same length.
    pub grads: &'a mut [f32],
}

impl Sink for Store<'_> {
    fn params(&self) -> &[f32] {
        self.params
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, at: usize, stride: usize, grads: Tile<'_>) {
        for (i, row) in grads.each_row().enumerate() {
            self.grads[at + i * stride..][..row.len()].copy_from_slice(row);
        }
    }

    #[inline]
    fn split_at(self, at: usize) -> (Self, Self) {
        let (params, more_params) = self.params.split_at(at);
        let (grads, more_grads) = self.grads.split_at_mut(at);
        (Self { params, grads }, Self { params: more_params, grads: more_grads })
    }
}

/// Hands the finished stretches of a product with rows of `cols` columns to a sink whose
/// parameters are the product's elements, row-major.
pub(crate) struct Hand<T> {
    pub(crate) sink: T,
    pub(crate) cols: usize,
}

impl<T: Sink> Finish for Hand<T> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>) {
        let is_whole = tile.cols == self.cols;
        let is_short = tile.cols < LANES && LANES <= tile.pitch;
        let tile = if is_whole && is_short { moved_together(tile) } else { tile };
        // The parameters of whole rows are neighbours: without gaps they are one stretch.
        let tile = if is_whole && tile.pitch == tile.cols { one_stretch(tile) } else { tile };
        self.sink.take(simd, row * self.cols + col, self.cols, tile);
    }

    const EXPECTS: bool = T::EXPECTS;

    #[inline(always)]
    fn expect<S: Simd>(&self, simd: S, rows: Range<usize>, cols: Range<usize>) {
        let at = rows.start * self.cols + cols.start;
        self.sink.expect(simd, at, self.cols, [rows.len(), cols.len()]);
    }

    #[inline]
    fn split_rows(self, row: usize) -> (Self, Self) {
        let (sink, more) = self.sink.split_at(row * self.cols);
        (Self { sink, cols: self.cols }, Self { sink: more, cols: self.cols })
    }
}

/// Rows shorter than a block, without the gaps between them.
#[inline(always)]
fn moved_together(tile: Tile<'_>) -> Tile<'_> {
    let Tile { values, rows, cols, pitch } = tile;
    for row in 1..rows {
        // What is copied beyond a row's end is written over by the next.
        let copied: [f32; LANES] = *values[row * pitch..].first_chunk().expect("a whole block");
        *values[row * cols..].first_chunk_mut().expect("a whole block") = copied;
    }
    Tile { values, rows, cols, pitch: cols }
}

/// Rows without gaps between them as one.
#[inline(always)]
fn one_stretch(tile: Tile<'_>) -> Tile<'_> {
    let len = tile.rows * tile.cols;
    Tile { rows: 1, cols: len, pitch: len, ..tile }
}

#[cfg(test)]
mod tests {
    use ravine_simd::{Kernel, Level};

    use super::*;

    /// Hands `grads` over in two parts of a split sink, each in stretches of seven.
    struct HandOut<'a>(Store<'a>, &'a [f32], usize);

    impl Kernel for HandOut<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let Self(store, grads, at) = self;
            let (head, tail) = store.split_at(at);
            for (mut part, grads) in [(head, &grads[..at]), (tail, &grads[at..])] {
                assert_eq!(part.params().len(), grads.len());
                for (i, stretch) in grads.chunks(7).enumerate() {
                    let (mut values, cols) = (stretch.to_vec(), stretch.len());
                    let tile = Tile { values: &mut values, rows: 1, cols, pitch: cols };
                    part.take(simd, 7 * i, 0, tile);
                }
            }
        }
    }

    #[test]
    fn store_writes_each_gradient_to_its_place_over_what_was_there() {
        for level in Level::available() {
            for len in 0..=3 * LANES + 1 {
                let want: Vec<f32> = (1..).map(f32::from_bits).take(len).collect();
                let mut grads = vec![f32::NAN; len];
                let store = Store { params: &want, grads: &mut grads };
                level.run(HandOut(store, &want, len / 3));
                assert!(grads.iter().zip(&want).all(|(a, b)| a.to_bits() == b.to_bits()));
            }
        }
    }

    #[test]
    fn a_product_cut_between_rows_cuts_its_sink_between_their_parameters() {
        let (params, mut grads) = ([0.0; 12], [0.0; 12]);
        let store = Store { params: &params, grads: &mut grads };
        let (above, below) = Hand { sink: store, cols: 4 }.split_rows(2);
        assert_eq!((above.sink.params().len(), below.sink.params().len()), (8, 4));
        assert_eq!((above.cols, below.cols), (4, 4));
    }
}
