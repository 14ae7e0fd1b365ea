//! Where a product writes panels: to all their rows, or to some of each.

use std::mem;
use std::ops::Range;

use ravine_simd::LANES;

use crate::PanelsMut;

/// Panels of sixteen samples that a product writes, a few rows of one at a time.
pub trait WritePanels: Send + Sized {
    /// The values of `rows` in the panel that begins with sample `col`. Mark every implementation
    /// `#[inline(always)]`.
    fn rows_mut(&mut self, rows: Range<usize>, col: usize) -> &mut [f32];

    /// The rows before `row`, and those from it on, numbered from zero.
    ///
    /// # Panics
    ///
    /// If they lie apart: see the implementations.
    #[must_use]
    fn split_rows(self, row: usize) -> (Self, Self);
}

/// Cut where there is one panel.
impl WritePanels for PanelsMut<'_> {
    #[inline(always)]
    fn rows_mut(&mut self, rows: Range<usize>, col: usize) -> &mut [f32] {
        self.rows_mut(rows, col)
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        self.split_rows(row)
    }
}

/// Panels at most.
const PANELS: usize = 4;
/// A place for each.
const NONE: [(); PANELS] = [(); PANELS];

/// Some features of up to 64 samples, each panel a slice of its own, so that threads can share the
/// features.
#[derive(Debug)]
pub struct PanelRows<'a> {
    panels: [&'a mut [f32]; PANELS],
}

impl<'a> PanelRows<'a> {
    /// Samples at most.
    pub const SAMPLES: usize = PANELS * LANES;

    /// All rows of some panels.
    ///
    /// # Panics
    ///
    /// If there are more than [`SAMPLES`](Self::SAMPLES).
    #[must_use]
    pub fn new(panels: PanelsMut<'a>) -> Self {
        let mut slices = NONE.map(|()| &mut [][..]);
        let mut panels = panels.each_panel();
        for (slice, panel) in slices.iter_mut().zip(&mut panels) {
            *slice = panel;
        }
        assert!(panels.next().is_none(), "more than {PANELS} panels");
        Self { panels: slices }
    }
}

/// Cut between any rows.
impl WritePanels for PanelRows<'_> {
    #[inline(always)]
    fn rows_mut(&mut self, rows: Range<usize>, col: usize) -> &mut [f32] {
        &mut self.panels[col / LANES][rows.start * LANES..rows.end * LANES]
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (mut above, mut below) = (self.panels, NONE.map(|()| &mut [][..]));
        for (above, below) in above.iter_mut().zip(&mut below) {
            // A panel that is missing is empty, and so are its rows.
            let at = above.len().min(row * LANES);
            (*above, *below) = mem::take(above).split_at_mut(at);
        }
        (Self { panels: above }, Self { panels: below })
    }
}
