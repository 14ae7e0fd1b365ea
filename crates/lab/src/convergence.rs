//! How fast momentum converges, over learning rates, momenta and conditions.

use ravine::momentum::HyperError;

use crate::mode::Mode;

/// A grid of learning rates, momenta and conditions, whose ravines have curvatures from 1 down to
/// 1/κ; the two ends are where momentum is slowest, and both are run.
///
/// What is measured is the matrix of t steps: where they lead an error of 1 and a velocity of 1. Its
/// spectral radius is ρᵗ whatever t, so that no start and no transient needs to be forgotten, and
/// whether the roots are real or not needs not be known:
///
/// ```text
/// ln ρ = ln(spectral radius of Aᵗ) / t
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Learning rates as shares of the edge of stability, 2 + 2β.
    pub shares: Vec<f64>,
    /// Momenta β; 0 is plain descent.
    pub momenta: Vec<f64>,
    /// Conditions κ.
    pub conditions: Vec<f64>,
}

/// What a cell of the grid tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// The rate.
    Rate,
    /// The trajectory alone: over the steps in which the error shrinks by e, two roots this close
    /// act as one, whose error goes as t·ρᵗ.
    Trajectory,
    /// The direction alone: |ln ρ| < [`FINEST`].
    Direction,
}

/// One run held against theory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// What ran.
    pub mode: Mode,
    /// Steps t.
    pub steps: u32,
    /// ln ρ of the kernels.
    pub measured: f64,
    /// ln ρ of theory.
    pub theory: f64,
    /// The largest distance of an error on the way from that of Aᵗ, as a share of its
    /// [envelope](crate::mode::Matrix::envelope).
    pub off: f64,
}

/// The least |ln ρ| that is measured. Below it the rounding of w to `f32`, up to 6e-8 of w a step, is
/// more than a two-hundredth of the step itself, and decides.
pub const FINEST: f64 = 1e-5;

/// How often the error shrinks by e, where it is fast enough.
const FOLDS: f64 = 8.0;
/// The same with a double root, which adds up the roundings of all steps. The error itself is
/// largest once ρᵗ has shrunk by e.
const FEW_FOLDS: f64 = 3.0;
/// Steps at most.
const MOST: f64 = 200_000.0;
/// Steps where only the direction is told.
const FEW: f64 = 2000.0;

impl Default for Grid {
    fn default() -> Self {
        Self {
            shares: vec![0.03, 0.2, 0.6, 0.9, 0.99],
            momenta: vec![0.0, 0.5, 0.9, 0.99, 0.999],
            conditions: (1..=6).map(|power| 10_f64.powi(power)).collect(),
        }
    }
}

impl Grid {
    /// Runs all cells.
    ///
    /// # Errors
    ///
    /// If a learning rate or a momentum is outside its range.
    pub fn run(&self) -> Result<Vec<Cell>, HyperError> {
        let flat = self.conditions.iter().map(|condition| condition.recip());
        let curvatures: Vec<f64> = [1.0].into_iter().chain(flat).collect();
        let mut cells = Vec::new();
        for &momentum in &self.momenta {
            for &share in &self.shares {
                for &curvature in &curvatures {
                    let lr = share * (2.0 + 2.0 * momentum);
                    cells.push(Cell::run(Mode::new(lr, momentum, curvature)?));
                }
            }
        }
        Ok(cells)
    }
}

impl Cell {
    /// Runs a mode until ρᵗ has shrunk, or grown, by e⁸, or by e³ where only the trajectory tells; at
    /// most 200 000 steps.
    #[must_use]
    pub fn run(mode: Mode) -> Self {
        let theory = mode.log_rate();
        let folds = if tells(mode) == Tells::Trajectory { FEW_FOLDS } else { FOLDS };
        let most = if tells(mode) == Tells::Direction { FEW } else { MOST };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 200 000")]
        let steps = (folds / theory.abs()).ceil().clamp(1.0, most) as u32;
        let step = mode.step();
        let starts = [[1.0, 0.0], [0.0, 1.0]];
        let envelopes = starts.map(|start| step.envelope(start));
        let (mut points, mut course, mut off) = (starts, mode.course(), 0.0_f64);
        for t in 1..=steps {
            points = points.map(|point| step.apply(point));
            course.step();
            let found = course.matrix();
            for (i, found) in [found.of_error, found.of_velocity].into_iter().enumerate() {
                let distance = (found[0] - points[i][0]).abs();
                let share = distance / envelopes[i](f64::from(t));
                // No distance is no share, also of nothing; what is not a number is not near.
                let near = distance <= 0.0 || share <= off;
                off = if near { off } else { share };
            }
        }
        let measured = course.matrix().radius().ln() / f64::from(steps);
        Self { mode, steps, measured, theory, off }
    }

    /// What it tells.
    #[must_use]
    pub fn tells(&self) -> Tells {
        tells(self.mode)
    }

    /// How far the measured rate is from theory: `|ln ρ measured / ln ρ theory − 1|`.
    #[must_use]
    pub fn error(&self) -> f64 {
        (self.measured / self.theory - 1.0).abs()
    }
}

fn tells(mode: Mode) -> Tells {
    let (step, speed) = (mode.step(), mode.log_rate().abs());
    if speed < FINEST {
        Tells::Direction
    } else if step.gap() < speed * step.radius() {
        Tells::Trajectory
    } else {
        Tells::Rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ln ρ, relatively; and of an error, as a share of its envelope.
    const BOUND: f64 = 1e-4;

    #[test]
    fn every_rate_is_that_of_the_larger_root_and_every_trajectory_that_of_the_matrix() {
        let cells = Grid::default().run().unwrap();
        let count = |tells| cells.iter().filter(|cell| cell.tells() == tells).count();
        assert_eq!(cells.len(), 5 * 5 * 7);
        assert!(count(Tells::Rate) >= 140, "{} rates", count(Tells::Rate));
        for cell in &cells {
            match cell.tells() {
                Tells::Rate => assert!(cell.error() < BOUND && cell.off < BOUND, "{cell:?}"),
                Tells::Trajectory => assert!(cell.off < BOUND, "{cell:?}"),
                Tells::Direction => assert!(cell.measured < 0.0, "{cell:?}"),
            }
        }
    }

    #[test]
    fn the_finest_rates_are_measured_too() {
        // 10⁻⁵ and a little more, by plain descent and by momentum.
        for (momentum, curvature) in [(0.0, 1.1e-5), (0.9, 1.1e-6), (0.99, 1.1e-7)] {
            let cell = Cell::run(Mode::new(1.0, momentum, curvature).unwrap());
            assert_eq!(cell.tells(), Tells::Rate, "{cell:?}");
            assert!(cell.theory > -1.2e-5 && cell.error() < BOUND, "{cell:?}");
        }
    }

    #[test]
    fn a_double_root_makes_the_error_go_as_t_times_its_power() {
        for power in 1..=6 {
            let root = 10_f64.powi(power).sqrt();
            let momentum = ((root - 1.0) / (root + 1.0)).powi(2);
            for nesterov in [false, true] {
                for sign in [1.0, -1.0] {
                    // Curvature 1 at the learning rate of either double root.
                    let lr = double_root(momentum, nesterov, sign);
                    let mode = Mode::new(lr, momentum, 1.0).unwrap();
                    let cell = Cell::run(if nesterov { mode.nesterov() } else { mode });
                    assert_eq!(cell.tells(), Tells::Trajectory, "{cell:?}");
                    assert!(cell.off < 1e-3, "κ 10^{power}: {cell:?}");
                }
            }
        }
    }

    /// αλ at which the roots of the characteristic polynomial are one.
    fn double_root(momentum: f64, nesterov: bool, sign: f64) -> f64 {
        if nesterov {
            // (1 + β)²(1 − αλ) = 4β; the other is at αλ = 1, where both roots are 0.
            1.0 - 4.0 * momentum / (1.0 + momentum).powi(2)
        } else {
            (1.0 - sign * momentum.sqrt()).powi(2)
        }
    }
}
