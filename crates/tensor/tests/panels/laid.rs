//! Panels in memory, and a finish that writes them.

use ravine_simd::{Level, Simd};
use ravine_tensor::{
    Finish, Order, Panels, PanelsMut, Tile, View, ViewMut, WritePanels, panel_len,
};

/// Panels with a gap behind each, made of samples × features; NaN in all that has no meaning.
pub(crate) struct Laid {
    data: Vec<f32>,
    stride: usize,
}

impl Laid {
    pub(crate) fn room(features: usize, samples: usize) -> Self {
        let stride = panel_len(features) + 256;
        Self { data: vec![f32::NAN; stride * samples.div_ceil(16)], stride }
    }

    pub(crate) fn packed(level: Level, x: View<'_>) -> Self {
        let mut laid = Self::room(x.cols(), x.rows());
        level.run(laid.write(x.cols(), x.rows()).pack(x));
        laid.blank(x.cols(), x.rows());
        laid
    }

    /// Makes NaN of what lies beyond the last feature and the last sample.
    fn blank(&mut self, features: usize, samples: usize) {
        for (panel, top) in self.data.chunks_mut(self.stride).zip((0..samples).step_by(16)) {
            for (feature, values) in panel.chunks_mut(16).enumerate() {
                let known = if feature < features { 16.min(samples - top) } else { 0 };
                values[known..].fill(f32::NAN);
            }
        }
    }

    pub(crate) fn turned(&self, level: Level, features: usize, samples: usize) -> Self {
        let mut laid = Self::room(features, samples);
        level.run(laid.write(features, samples).turn(self.read(features, samples)));
        laid
    }

    pub(crate) fn read(&self, features: usize, samples: usize) -> Panels<'_> {
        Panels::new(&self.data, self.stride, features, samples)
    }

    pub(crate) fn write(&mut self, features: usize, samples: usize) -> PanelsMut<'_> {
        PanelsMut::new(&mut self.data, self.stride, features, samples)
    }
}

/// The samples of turned panels, turned back.
pub(crate) fn unturned(level: Level, turned: &Laid, features: usize, samples: usize) -> Vec<f32> {
    let mut values = vec![f32::NAN; samples * features];
    let back = turned.turned(level, features, samples);
    level.run(back.read(features, samples).unpack(ViewMut::new(&mut values, samples, features)));
    values
}

/// Writes a product to panels.
pub(crate) struct ToPanels<P>(pub(crate) P);

impl<P: WritePanels> Finish for ToPanels<P> {
    const ORDER: Order = Order::Panels;

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, tile: Tile<'_>) {
        for (j, panel) in tile.values.chunks_exact(16 * tile.rows).enumerate() {
            self.0.rows_mut(row..row + tile.rows, col + 16 * j).copy_from_slice(panel);
        }
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (above, below) = self.0.split_rows(row);
        (Self(above), Self(below))
    }
}
