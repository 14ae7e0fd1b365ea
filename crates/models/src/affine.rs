//! The end of a layer, on the product's tile.

use ravine_simd::{Kernel, Simd, stream};
use ravine_tensor::{Activation, Finish, ViewMut};

/// Adds the bias to each finished stretch of a product, applies the activation and writes.
///
/// ```text
/// z ← values + b
/// y ← f(z)
/// ```
///
/// One type for all layers, and for products that are written as they are: every type of a
/// product's end is one more copy of the product's code.
pub(crate) struct Affine<'a> {
    /// Outputs.
    pub(crate) y: ViewMut<'a>,
    /// Outputs before the activation, where they are kept.
    pub(crate) z: Option<ViewMut<'a>>,
    /// Biases, one a column, and the activation; `None` where the values are written as they are.
    pub(crate) after: Option<(&'a [f32], Activation)>,
}

impl<'a> Affine<'a> {
    /// Writes the values as they are.
    pub(crate) fn none(y: ViewMut<'a>) -> Self {
        Self { y, z: None, after: None }
    }
}

impl Finish for Affine<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, values: &[f32]) {
        let range = col..col + values.len();
        let y = &mut self.y.row_mut(row)[range.clone()];
        let z = self.z.as_mut().map(|z| &mut z.row_mut(row)[range.clone()]);
        let after = self.after.map(|(b, f)| (&b[range], f));
        // A call: inlined, every tile of the product would hold a copy of every activation.
        simd.vectorize(Stretch { y, z, values, after });
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { y, z, after } = self;
        let (y, more_y) = y.split_rows(row);
        let (z, more_z) = z.map(|z| z.split_rows(row)).unzip();
        (Self { y, z, after }, Self { y: more_y, z: more_z, after })
    }
}

/// A stretch of a row.
struct Stretch<'a> {
    y: &'a mut [f32],
    z: Option<&'a mut [f32]>,
    values: &'a [f32],
    after: Option<(&'a [f32], Activation)>,
}

impl Kernel for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // Each arm knows its function, so the choice is made before the loop.
        match self.after {
            None => self.copy(simd),
            Some((b, Activation::Identity)) => self.put(simd, b, Activation::Identity),
            Some((b, Activation::Relu)) => self.put(simd, b, Activation::Relu),
            Some((b, Activation::Tanh)) => self.put(simd, b, Activation::Tanh),
            Some((b, Activation::Sigmoid)) => self.put(simd, b, Activation::Sigmoid),
            Some((b, Activation::Gelu)) => self.put(simd, b, Activation::Gelu),
        }
    }
}

impl Stretch<'_> {
    #[inline(always)]
    fn copy<S: Simd>(self, simd: S) {
        stream::run(
            simd,
            [self.y],
            [self.values],
            #[inline(always)]
            |_, [value]| [value],
        );
    }

    #[inline(always)]
    fn put<S: Simd>(self, simd: S, b: &[f32], f: Activation) {
        if let Some(z) = self.z {
            stream::run(
                simd,
                [self.y, z],
                [self.values, b],
                #[inline(always)]
                |_, [value, b]| [f.lanes(simd, value + b), value + b],
            );
        } else {
            stream::run(
                simd,
                [self.y],
                [self.values, b],
                #[inline(always)]
                |_, [value, b]| [f.lanes(simd, value + b)],
            );
        }
    }
}
