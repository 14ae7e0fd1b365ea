//! Products that are done sooner than a kernel is entered.

use ravine_simd::{Fused, Kernel, LANES, Lanes, Simd, unroll};

use crate::operand::Steps;
use crate::tile::TILE;
use crate::{Finish, Left, Right, Tile};

/// Rows that are handed over at a time.
const TALL: usize = 32;

/// A product of few multiply-adds as a part of the kernel that it runs in: the bits and the finish
/// of [`multiply`](crate::multiply), for one thread, without sections of k and with little code.
///
/// # Panics
///
/// To run it panics if the operands differ in their terms.
#[derive(Debug)]
#[must_use = "a kernel that is not run does nothing"]
pub struct SmallProduct<'a, F> {
    /// Takes each element once, in tiles of one block in a row.
    pub finish: F,
    /// m × k.
    pub left: Left<'a>,
    /// k × n.
    pub right: Right<'a>,
}

impl<F: Finish> Kernel for SmallProduct<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { mut finish, left, right } = self;
        assert_eq!(left.terms, right.terms, "terms of the operands");
        let mut values = [[0.0; LANES]; TALL];
        for col in (0..right.cols).step_by(LANES) {
            let right = right.from(0, col);
            for top in (0..left.rows).step_by(TALL) {
                let rows = TALL.min(left.rows - top);
                let values = &mut values[..rows];
                let mut row = 0;
                while row < rows {
                    let (left, values) = (left.from(top + row, 0), &mut values[row..]);
                    // Eight chains, with what they are made of, are more than AVX2 has registers
                    // for.
                    row += if const { S::TILE >= TILE } && rows - row >= 8 {
                        chains::<S, 8>(simd, values, left, right)
                    } else if rows - row >= 4 {
                        chains::<S, 4>(simd, values, left, right)
                    } else if rows - row >= 2 {
                        chains::<S, 2>(simd, values, left, right)
                    } else {
                        chains::<S, 1>(simd, values, left, right)
                    };
                }
                let cols = LANES.min(right.cols);
                let tile = Tile { values: values.as_flattened_mut(), rows, cols, pitch: LANES };
                finish.take(simd, top, col, tile);
            }
        }
    }
}

/// Some rows of a block, and how many.
#[inline(always)]
fn chains<S: Simd, const MR: usize>(
    simd: S,
    values: &mut [[f32; LANES]],
    left: Left<'_>,
    right: Right<'_>,
) -> usize {
    let mut acc = [simd.splat(0.0); MR];
    for (chunk, from) in (0..left.terms).step_by(LANES).enumerate() {
        let n = LANES.min(left.terms - from);
        let blocks = &right.square(chunk, 0)[..n];
        let left = left.from(0, from);
        let row = match left.steps {
            Steps::Rows { row } => row,
            Steps::Panels { .. } => LANES,
            Steps::Columns { term } => {
                for (p, block) in blocks.iter().enumerate() {
                    let a: &[f32; MR] = left.data[p * term..].first_chunk().expect("all rows");
                    let b = simd.load(block);
                    unroll!(I < MR {
                        acc[I] = simd.splat(a[I]).mul_add(b, acc[I]);
                    });
                }
                continue;
            }
            Steps::Copied { .. } => unreachable!("copied for larger products"),
        };
        let mut rows = [&[][..]; MR];
        unroll!(I < MR {
            rows[I] = &left.data[I * row..][..n];
        });
        for (p, block) in blocks.iter().enumerate() {
            let b = simd.load(block);
            unroll!(I < MR {
                acc[I] = simd.splat(rows[I][p]).mul_add(b, acc[I]);
            });
        }
    }
    unroll!(I < MR {
        acc[I].store(&mut values[I]);
    });
    MR
}
