//! Where momentum stops to converge, and where it starts to oscillate.

use ravine::momentum::HyperError;

use crate::convergence::Cell;
use crate::mode::Mode;

/// A place on the axis of αλ at which the behavior changes, for one momentum.
///
/// | edge | αλ | below it | above it |
/// |---|---|---|---|
/// | `Flat` | 0 | grows: the curvature is negative | converges |
/// | `Steep` | 2 + 2β | converges | grows |
/// | `Nesterov` | (2 + 2β) / (1 + 2β) | converges | grows |
/// | `Onset` | (1 − √β)² | never crosses the minimum | oscillates about it |
///
/// # References
///
/// B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964.
/// G. Goh, *Why momentum really works*, 2017.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The least product that converges.
    Flat,
    /// The largest that does.
    Steep,
    /// The largest with Nesterov's step.
    Nesterov,
    /// Where real roots become complex ones.
    Onset,
}

impl Edge {
    /// αλ of the edge for a momentum.
    #[must_use]
    pub fn product(self, momentum: f64) -> f64 {
        match self {
            Self::Flat => 0.0,
            Self::Steep => 2.0 + 2.0 * momentum,
            Self::Nesterov => (2.0 + 2.0 * momentum) / (1.0 + 2.0 * momentum),
            Self::Onset => {
                let gap = 1.0 - momentum.sqrt();
                gap * gap
            }
        }
    }

    /// The modes a little below and a little above it, at curvature 1: by `aside`, as a share of the
    /// edge's product. At [`Edge::Flat`], which has none, the curvature is ∓`aside` at learning
    /// rate 1.
    ///
    /// # Errors
    ///
    /// If the momentum, or the learning rate that the edge asks for, is outside its range.
    pub fn sides(self, momentum: f64, aside: f64) -> Result<[Mode; 2], HyperError> {
        let side = |aside: f64| {
            let product = self.product(momentum);
            let mode = match self {
                Self::Flat => Mode::new(1.0, momentum, aside)?,
                _ => Mode::new(product * (1.0 + aside), momentum, 1.0)?,
            };
            Ok(if self == Self::Nesterov { mode.nesterov() } else { mode })
        };
        Ok([side(-aside)?, side(aside)?])
    }

    /// Both sides, run.
    ///
    /// # Errors
    ///
    /// As [`Edge::sides`].
    pub fn run(self, momentum: f64, aside: f64) -> Result<[Cell; 2], HyperError> {
        Ok(self.sides(momentum, aside)?.map(Cell::run))
    }
}

/// The step at which a descent from rest first crosses the minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// By the kernels; `None` where they never do.
    pub measured: Option<u32>,
    /// By the matrix in `f64`.
    pub theory: Option<u32>,
}

impl Crossing {
    /// Looks for it while the error is above 10⁻³⁰ of the first: from there on a velocity in `f32`
    /// may be flushed to zero.
    #[must_use]
    pub fn of(mode: Mode) -> Self {
        const LEAST: f64 = 1e-30;
        let (step, mut point) = (mode.step(), [1.0, 0.0]);
        let mut course = mode.course();
        let mut crossing = Self { measured: None, theory: None };
        for t in 1.. {
            point = step.apply(point);
            course.step();
            let error = course.matrix().of_error[0];
            let crossed = |error: f64| (error < 0.0).then_some(t);
            crossing.measured = crossing.measured.or_else(|| crossed(error));
            crossing.theory = crossing.theory.or_else(|| crossed(point[0]));
            let both = crossing.measured.is_some() && crossing.theory.is_some();
            // A mode that grows comes to an end as well.
            if both || !(LEAST..LEAST.recip()).contains(&point[0].abs()) {
                break;
            }
        }
        crossing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ln ρ, relatively.
    const BOUND: f64 = 1e-3;

    #[test]
    fn momentum_converges_inside_the_edges_of_stability_and_grows_outside() {
        for momentum in [0.0, 0.5, 0.9, 0.99] {
            for edge in [Edge::Flat, Edge::Steep, Edge::Nesterov] {
                for aside in [1e-3, 1e-4] {
                    let cells = edge.run(momentum, aside).unwrap();
                    let [below, above] = cells.map(|cell| cell.measured);
                    let found = if edge == Edge::Flat { [above, below] } else { [below, above] };
                    assert!(found[0] < 0.0 && 0.0 < found[1], "{edge:?}, β {momentum}: {found:?}");
                    for cell in cells {
                        assert!(cell.error() < BOUND, "{edge:?}: {cell:?}, {:e}", cell.error());
                    }
                }
            }
        }
    }

    #[test]
    fn the_minimum_is_crossed_above_the_onset_of_oscillation_and_never_below() {
        for momentum in [0.3, 0.5, 0.9, 0.99] {
            for aside in [0.01, 0.1] {
                let sides = Edge::Onset.sides(momentum, aside).unwrap();
                let [below, above] = sides.map(Crossing::of);
                assert_eq!(below, Crossing { measured: None, theory: None }, "β {momentum}");
                let [found, wanted] = [above.measured, above.theory].map(Option::unwrap);
                assert!(found.abs_diff(wanted) <= 1, "β {momentum}: step {found}, wanted {wanted}");
            }
        }
    }
}
