//! The ends of a layer's products, on their tiles.

use ravine_simd::{LANES, Lanes, Level, Simd, stream};
use ravine_tensor::{Activation, Finish, Order, Panels, Tile, ViewMut, WritePanels};

/// Adds the bias, where there is one, to a product of samples × outputs, and writes it.
///
/// ```text
/// y ← values + b
/// ```
pub(crate) struct Affine<'a> {
    pub(crate) y: ViewMut<'a>,
    /// One a column.
    pub(crate) b: Option<&'a [f32]>,
}

impl Finish for Affine<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>) {
        let range = col..col + tile.cols;
        for (i, values) in tile.each_row().enumerate() {
            let y = &mut self.y.row_mut(row + i)[range.clone()];
            let Some(b) = self.b else {
                y.copy_from_slice(values);
                continue;
            };
            stream::run(
                simd,
                [y],
                [values, &b[range.clone()]],
                #[inline(always)]
                |_, [value, b]| [value + b],
            );
        }
    }

    #[inline]
    fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { y, b } = self;
        let (y, more) = y.split_rows(row);
        (Self { y, b }, Self { y: more, b })
    }
}

/// Adds the bias to a product of outputs × samples, applies the activation and writes panels.
///
/// ```text
/// z ← values + b
/// y ← f(z)
/// ```
pub(crate) struct Forward<'a, P> {
    /// Where activations run.
    pub(crate) level: Level,
    pub(crate) activation: Activation,
    /// One a row.
    pub(crate) b: &'a [f32],
    pub(crate) y: P,
    /// Outputs before the activation, where they are kept.
    pub(crate) z: Option<P>,
}

impl<P: WritePanels> Finish for Forward<'_, P> {
    const ORDER: Order = Order::Panels;

    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>) {
        let Self { level, activation, b, y, z } = self;
        let (rows, b) = (row..row + tile.rows, &b[row..][..tile.rows]);
        for (j, values) in tile.values.chunks_exact(tile.rows * LANES).enumerate() {
            let col = col + j * LANES;
            if let Some(z) = z {
                shifted(simd, z.rows_mut(rows.clone(), col), values, b, |z| z);
            }
            let y = y.rows_mut(rows.clone(), col);
            match activation {
                // One comparison costs less than a pass of its own.
                Activation::Relu => {
                    shifted(simd, y, values, b, |z| Activation::Relu.lanes(simd, z));
                }
                _ => {
                    shifted(simd, y, values, b, |z| z);
                    activation.in_place(*level, y);
                }
            }
        }
    }

    #[inline]
    fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { level, activation, b, y, z } = self;
        let (b, more_b) = b.split_at(row);
        let (y, more_y) = y.split_rows(row);
        let (z, more_z) = z.map(|z| z.split_rows(row)).unzip();
        (
            Self { level, activation, b, y, z },
            Self { level, activation, b: more_b, y: more_y, z: more_z },
        )
    }
}

/// Adds the biases of the rows of a panel, and maps.
#[inline(always)]
fn shifted<S: Simd>(
    simd: S,
    to: &mut [f32],
    values: &[f32],
    b: &[f32],
    map: impl Fn(S::F32) -> S::F32,
) {
    let values = values.as_chunks().0.iter().zip(b);
    for (to, (values, &b)) in to.as_chunks_mut().0.iter_mut().zip(values) {
        map(simd.load(values) + simd.splat(b)).store(to);
    }
}

/// Takes the gradients by a layer's outputs, a product of outputs × samples, back through the
/// activation, and writes panels.
///
/// ```text
/// dz ← values·f′(z)
/// ```
pub(crate) struct Backward<'a, P> {
    /// Where activations run.
    pub(crate) level: Level,
    pub(crate) activation: Activation,
    pub(crate) y: Panels<'a>,
    /// Outputs before the activation, where the derivative takes them.
    pub(crate) z: Option<Panels<'a>>,
    pub(crate) dz: P,
    /// The row of `y` that the first row of `dz` is.
    pub(crate) row: usize,
}

impl<P: WritePanels> Finish for Backward<'_, P> {
    const ORDER: Order = Order::Panels;

    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>) {
        let &mut Self { level, activation, y, z, ref mut dz, .. } = self;
        let rows = self.row + row..self.row + row + tile.rows;
        for (j, values) in tile.values.chunks_exact(tile.rows * LANES).enumerate() {
            let col = col + j * LANES;
            let y = y.rows(rows.clone(), col);
            let dz = dz.rows_mut(row..row + tile.rows, col);
            // Where z was not kept, the derivative can be had from y alone (ReLU's has its sign).
            let z = z.map_or(y, |z| z.rows(rows.clone(), col));
            match activation {
                Activation::Relu => {
                    let values = values.as_chunks().0.iter().zip(z.as_chunks().0);
                    for (dz, (values, z)) in dz.as_chunks_mut().0.iter_mut().zip(values) {
                        let (dy, z) = (simd.load(values), simd.load(z));
                        Activation::Relu.lanes_backward(simd, dy, z, z).store(dz);
                    }
                }
                _ => {
                    dz.copy_from_slice(values);
                    activation.backward_in_place(level, dz, z, y);
                }
            }
        }
    }

    #[inline]
    fn split_rows(self, row: usize) -> (Self, Self) {
        let (dz, more_dz) = self.dz.split_rows(row);
        (Self { dz, ..self }, Self { dz: more_dz, row: self.row + row, ..self })
    }
}
