//! Features summed over their samples.

use ravine_simd::{Kernel, LANES, Lanes, Simd, unroll};

use super::Panels;
use super::copy::turned;
use crate::{Finish, Tile};

/// [`Panels::sum`].
#[derive(Debug)]
#[must_use = "a kernel that is not run does nothing"]
pub struct Sums<'a, F> {
    pub(super) finish: F,
    pub(super) panels: Panels<'a>,
}

impl<F: Finish> Kernel for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let Panels { features, samples, .. } = self.panels;
        for col in (0..features).step_by(LANES) {
            let mut sums = simd.splat(0.0);
            for panel in 0..self.panels.count() {
                let n = LANES.min(samples - panel * LANES);
                let lanes = turned(simd, &self.panels.squares(panel)[col / LANES]);
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
