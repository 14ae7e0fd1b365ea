//! The best learning rate and momentum of a ravine, and what is lost beside them.

use ravine::momentum::{Form, HyperError};
use ravine::theory::{self, Optimum};

use crate::convergence::Cell;
use crate::mode::Mode;

/// The rates around the best ones of a ravine of curvatures 1 down to 1/κ.
///
/// With the best ones (Polyak, 1964)
///
/// ```text
/// α = (2 / (√λ₁ + √λₙ))²        β = ((√κ − 1) / (√κ + 1))²        ρ = √β
/// ```
///
/// both ends have a double root. Any other learning rate makes one end a real root beyond √β, a
/// smaller momentum does so at both, and a larger one has a larger √β. Just above the best learning
/// rate lies the edge of stability, a cliff: at condition 1000 a twenty-fifth more grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// Condition κ, above 1.
    pub condition: f64,
    /// How far neighbors lie: of α, and of 1 − β, as a share.
    pub aside: f64,
}

/// A pair of rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// The factor from the best learning rate.
    pub lr: f64,
    /// The factor from the best 1 − β.
    pub friction: f64,
    /// The run along the steep end, and along the flat one.
    pub ends: [Cell; 2],
}

impl Best {
    /// The best rates.
    #[must_use]
    pub fn optimum(&self) -> Optimum {
        theory::best(Form::Classic { nesterov: false }, &[self.condition.recip(), 1.0])
    }

    /// The best rates themselves, run.
    ///
    /// # Errors
    ///
    /// If a rate is outside its range.
    pub fn run(&self) -> Result<Neighbor, HyperError> {
        self.neighbor(1.0, 1.0)
    }

    /// The neighbors: of a smaller and of a larger learning rate, of less friction and of more.
    ///
    /// # Errors
    ///
    /// As [`Best::run`].
    pub fn neighbors(&self) -> Result<[Neighbor; 4], HyperError> {
        let [less, more] = [1.0 - self.aside, 1.0 + self.aside];
        Ok([
            self.neighbor(less, 1.0)?,
            self.neighbor(more, 1.0)?,
            self.neighbor(1.0, less)?,
            self.neighbor(1.0, more)?,
        ])
    }

    fn neighbor(&self, lr: f64, friction: f64) -> Result<Neighbor, HyperError> {
        let best = self.optimum();
        let momentum = 1.0 - friction * (1.0 - best.momentum);
        let run = |curvature: f64| Mode::new(lr * best.lr, momentum, curvature).map(Cell::run);
        Ok(Neighbor { lr, friction, ends: [run(1.0)?, run(self.condition.recip())?] })
    }
}

impl Neighbor {
    /// ln ρ of the slower end, by the kernels.
    #[must_use]
    pub fn measured(&self) -> f64 {
        self.ends.iter().map(|cell| cell.measured).fold(f64::NEG_INFINITY, f64::max)
    }

    /// ln ρ of the slower end, by theory.
    #[must_use]
    pub fn theory(&self) -> f64 {
        self.ends.iter().map(|cell| cell.theory).fold(f64::NEG_INFINITY, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ln ρ, relatively; and of an error, as a share of its envelope.
    const BOUND: f64 = 1e-3;

    #[test]
    fn the_best_rates_follow_the_double_root_at_both_ends() {
        for power in 1..=6 {
            let best = Best { condition: 10_f64.powi(power), aside: 0.04 };
            let off = best.optimum().rate.powi(2) / best.optimum().momentum - 1.0;
            assert!(off.abs() < 1e-12, "κ 10^{power}: the rate is √β, but for {off}");
            for cell in best.run().unwrap().ends {
                assert!(cell.off < BOUND, "κ 10^{power}: {cell:?}");
            }
        }
    }

    #[test]
    fn all_rates_beside_the_best_are_slower_and_by_what_theory_says() {
        for power in 1..=6 {
            let best = Best { condition: 10_f64.powi(power), aside: 0.04 };
            let fastest = best.optimum().rate.ln();
            for neighbor in best.neighbors().unwrap() {
                let (found, wanted) = (neighbor.measured(), neighbor.theory());
                assert!((found / wanted - 1.0).abs() < BOUND, "κ 10^{power}: {neighbor:?}");
                // A twenty-fifth less friction makes ln √β as much smaller, nearly, and the others cost more.
                assert!(found > 0.97 * fastest, "κ 10^{power}: {found}, best {fastest}");
            }
        }
    }
}
