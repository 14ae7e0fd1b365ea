//! The end of a layer, on the product's tile.

use ravine_simd::{Level, Simd, stream};
use ravine_tensor::{Activation, Finish, ViewMut};

/// Adds the bias to each finished stretch of a product, applies the activation and writes.
///
/// ```text
/// z ← values + b
/// y ← f(z)
/// ```
///
/// One type for all layers, and for products that are written as they are: every type of a
/// product's end is one more copy of the code that hands tiles over.
pub(crate) struct Affine<'a> {
    /// Where activations run.
    pub(crate) level: Level,
    /// Outputs.
    pub(crate) y: ViewMut<'a>,
    /// Outputs before the activation, where they are kept.
    pub(crate) z: Option<ViewMut<'a>>,
    /// Biases, one a column, and the activation; `None` where the values are written as they are.
    pub(crate) after: Option<(&'a [f32], Activation)>,
}

impl Finish for Affine<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, values: &[f32]) {
        let range = col..col + values.len();
        let y = &mut self.y.row_mut(row)[range.clone()];
        let Some((b, activation)) = self.after else { return y.copy_from_slice(values) };
        stream::run(
            simd,
            [&mut *y],
            [values, &b[range.clone()]],
            #[inline(always)]
            |_, [value, b]| [value + b],
        );
        if let Some(z) = &mut self.z {
            z.row_mut(row)[range].copy_from_slice(y);
        }
        activation.in_place(self.level, y);
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { level, y, z, after } = self;
        let (y, more_y) = y.split_rows(row);
        let (z, more_z) = z.map(|z| z.split_rows(row)).unzip();
        (Self { level, y, z, after }, Self { level, y: more_y, z: more_z, after })
    }
}
