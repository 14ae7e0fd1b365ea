//! The ends of a layer's products, on their tiles.

use std::ops::Range;

use ravine_simd::{LANES, Lanes, Level, Simd, stream};
use ravine_tensor::{Activation, Finish, Order, Panels, PanelsMut, Tile, ViewMut};

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
pub(crate) struct Forward<'a> {
    /// Where activations run.
    pub(crate) level: Level,
    pub(crate) activation: Activation,
    /// One a row.
    pub(crate) b: &'a [f32],
    pub(crate) y: PanelsMut<'a>,
    /// Outputs before the activation, where they are kept.
    pub(crate) z: Option<PanelsMut<'a>>,
}

impl Finish for Forward<'_> {
    const ORDER: Order = Order::Panels;

    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>) {
        let Self { level, activation, b, y, z } = self;
        let rows = row..row + tile.rows;
        for panel in tile.values.chunks_exact_mut(tile.rows * LANES) {
            for (values, &b) in panel.as_chunks_mut().0.iter_mut().zip(&b[rows.clone()]) {
                (simd.load(values) + simd.splat(b)).store(values);
            }
        }
        if let Some(z) = z {
            each_panel(z, &rows, col, &tile);
        }
        activation.in_place(*level, tile.values);
        each_panel(y, &rows, col, &tile);
    }

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

/// Writes the panels of a tile.
#[inline(always)]
fn each_panel(to: &mut PanelsMut<'_>, rows: &Range<usize>, col: usize, tile: &Tile<'_>) {
    for (j, panel) in tile.values.chunks_exact(tile.rows * LANES).enumerate() {
        to.rows_mut(rows.clone(), col + j * LANES).copy_from_slice(panel);
    }
}

/// Takes the gradients by a layer's outputs, a product of outputs × samples, back through the
/// activation, and writes panels.
///
/// ```text
/// dz ← values·f′(z)
/// ```
pub(crate) struct Backward<'a> {
    /// Where activations run.
    pub(crate) level: Level,
    pub(crate) activation: Activation,
    pub(crate) y: Panels<'a>,
    /// Outputs before the activation, where the derivative takes them.
    pub(crate) z: Option<Panels<'a>>,
    pub(crate) dz: PanelsMut<'a>,
    /// The row of `y` that the first row of `dz` is.
    pub(crate) row: usize,
}

impl Finish for Backward<'_> {
    const ORDER: Order = Order::Panels;

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, tile: Tile<'_>) {
        let &mut Self { level, activation, y, z, .. } = self;
        let rows = self.row + row..self.row + row + tile.rows;
        for (j, panel) in tile.values.chunks_exact_mut(tile.rows * LANES).enumerate() {
            let col = col + j * LANES;
            let y = y.rows(rows.clone(), col);
            // Where z was not kept, the derivative can be had from y alone (ReLU's has its sign).
            let z = z.map_or(y, |z| z.rows(rows.clone(), col));
            activation.backward_in_place(level, panel, z, y);
        }
        each_panel(&mut self.dz, &(row..row + tile.rows), col, &tile);
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (dz, more_dz) = self.dz.split_rows(row);
        (Self { dz, ..self }, Self { dz: more_dz, row: self.row + row, ..self })
    }
}
