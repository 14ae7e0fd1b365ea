//! One eigenvector of a quadratic: the smallest ravine, and the one that theory solves.

use ravine::momentum::{Form, HyperError, Rates, Sgd, WeightDecay};
use ravine::theory;

use crate::narrow::{narrow, rounded};

/// Descent along one eigenvector of curvature λ, with its minimum at exactly 0, so that `f32` keeps
/// its relative precision all the way down.
///
/// A step of classic momentum is linear in the error e and the velocity v:
///
/// ```text
/// v ← β·v + λ·e        A = | 1 − αλ   −αβ |        without Nesterov
/// e ← e − α·v              | λ           β |
///
/// v ← β·v + λ·e        A = | 1 − α(1 + β)λ   −αβ² |        with it
/// e ← e − α·(λ·e + β·v)    | λ                  β |
/// ```
///
/// The numbers are those of the kernels: α, β and λ are rounded to `f32` here, and theory takes them
/// as rounded. Momentum 0 is plain descent.
///
/// # References
///
/// B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    rates: Rates,
    curvature: f32,
    nesterov: bool,
}

/// An error, and a velocity.
pub type Point = [f64; 2];

/// Where a step or many lead: the columns are what becomes of an error of 1 at rest, and of a
/// velocity of 1 at the minimum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix {
    /// What becomes of an error of 1.
    pub of_error: Point,
    /// What becomes of a velocity of 1.
    pub of_velocity: Point,
}

/// The points that the kernels pass from an error of 1 at rest, and from a velocity of 1 at the
/// minimum.
#[derive(Debug)]
pub struct Course {
    sgd: Sgd,
    state: ravine::momentum::State,
    mode: Mode,
    errors: [f32; 2],
}

impl Mode {
    /// Classic momentum with learning rate `lr` = α and `momentum` = β at `curvature` = λ.
    ///
    /// # Errors
    ///
    /// If α or β is outside its range.
    pub fn new(lr: f64, momentum: f64, curvature: f64) -> Result<Self, HyperError> {
        let rates = Rates::new(rounded(lr), rounded(momentum))?;
        Ok(Self { rates, curvature: narrow(curvature), nesterov: false })
    }

    /// The same with Nesterov's step.
    #[must_use]
    pub fn nesterov(self) -> Self {
        Self { nesterov: true, ..self }
    }

    /// Learning rate α.
    #[must_use]
    pub fn lr(&self) -> f64 {
        self.rates.lr()
    }

    /// Momentum β.
    #[must_use]
    pub fn momentum(&self) -> f64 {
        self.rates.momentum()
    }

    /// Curvature λ.
    #[must_use]
    pub fn curvature(&self) -> f64 {
        f64::from(self.curvature)
    }

    /// The form whose kernel runs.
    fn form(&self) -> Form {
        Form::Classic { nesterov: self.nesterov }
    }

    /// The logarithm of the larger root's modulus: what a step adds to the logarithm of the error.
    #[must_use]
    pub fn log_rate(&self) -> f64 {
        theory::rate(self.form(), self.lr(), self.momentum(), self.curvature()).ln()
    }

    /// A, one step in `f64`.
    #[must_use]
    pub fn step(&self) -> Matrix {
        let (beta, h) = (self.momentum(), self.lr() * self.curvature());
        let ahead = if self.nesterov { beta } else { 0.0 };
        let kept = if self.nesterov { beta * beta } else { beta };
        Matrix {
            of_error: [1.0 - (1.0 + ahead) * h, self.curvature()],
            of_velocity: [-self.lr() * kept, beta],
        }
    }

    /// The kernels' run before its first step.
    ///
    /// # Panics
    ///
    /// Never: the classic form has no numbers that could be refused.
    #[must_use]
    pub fn course(&self) -> Course {
        let sgd = Sgd { form: self.form(), weight_decay: WeightDecay::None };
        let mut state = sgd.init(2).expect("the classic form has no numbers of its own");
        state.velocity_mut()[1] = 1.0;
        Course { sgd, state, mode: *self, errors: [1.0, 0.0] }
    }
}

impl Course {
    /// Takes a step of both runs at once.
    pub fn step(&mut self) {
        let grads = self.errors.map(|error| self.mode.curvature * error);
        self.sgd.step(&mut self.state, self.mode.rates, &mut self.errors, &grads);
    }

    /// Where the steps so far lead.
    #[must_use]
    pub fn matrix(&self) -> Matrix {
        let [velocity, errors] = [self.state.velocity(), &self.errors].map(|pair| {
            let wide = |i: usize| f64::from(pair[i]);
            [wide(0), wide(1)]
        });
        Matrix { of_error: [errors[0], velocity[0]], of_velocity: [errors[1], velocity[1]] }
    }
}

impl Matrix {
    /// No step.
    pub const UNIT: Self = Self { of_error: [1.0, 0.0], of_velocity: [0.0, 1.0] };

    /// The sum of the roots T, and their product D: the roots are those of `z² − T·z + D`.
    #[must_use]
    pub fn trace_and_det(&self) -> (f64, f64) {
        let ([a, b], [c, d]) = (self.of_error, self.of_velocity);
        (a + d, a * d - b * c)
    }

    /// The modulus of the larger root.
    #[must_use]
    pub fn radius(&self) -> f64 {
        let (trace, det) = self.trace_and_det();
        let discriminant = trace * trace - 4.0 * det;
        if discriminant < 0.0 { det.sqrt() } else { (trace.abs() + discriminant.sqrt()) / 2.0 }
    }

    /// How far apart the roots are: `√|T² − 4D|`.
    #[must_use]
    pub fn gap(&self) -> f64 {
        let (trace, det) = self.trace_and_det();
        (trace * trace - 4.0 * det).abs().sqrt()
    }

    /// Where the step leads from a point.
    #[must_use]
    pub fn apply(&self, [error, velocity]: Point) -> Point {
        [0, 1].map(|i| self.of_error[i] * error + self.of_velocity[i] * velocity)
    }

    /// What bounds the error t steps on from `start`, close to the larger root's share of it:
    ///
    /// ```text
    /// e(t) = c₁·r₁ᵗ + c₂·r₂ᵗ                  |e(t)| ≤ (|c₁| + |c₂|)·ρᵗ
    /// e(t) = e(0)·r₁ᵗ + (e(1) − r₁·e(0))·Σ r₁ⁱ·r₂ᵗ⁻¹⁻ⁱ    |e(t)| ≤ (|e(0)| + t·|e(1)/r₁ − e(0)|)·ρᵗ
    /// ```
    ///
    /// The second, which a double root attains, where it is the smaller.
    pub fn envelope(&self, start: Point) -> impl Fn(f64) -> f64 {
        let (trace, det) = self.trace_and_det();
        let (first, next) = (start[0], self.apply(start)[0]);
        let (radius, gap) = (self.radius(), self.gap());
        // e(1) − r·e(0) for either root r.
        let parts = if trace * trace < 4.0 * det {
            [(next - 0.5 * trace * first).hypot(0.5 * gap * first); 2]
        } else {
            let larger = radius.copysign(trace);
            [next - larger * first, next - (trace - larger) * first].map(f64::abs)
        };
        let slope = parts[0] / radius;
        let apart = (parts[0] + parts[1]) / gap;
        move |t: f64| apart.min(first.abs() + t * slope) * radius.powf(t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modes() -> impl Iterator<Item = Mode> {
        let numbers = [(0.1, 0.9, 1.0), (3.0, 0.9, 1.0), (0.001, 0.5, 1.0), (2.9, 0.5, 1.0)];
        numbers.into_iter().flat_map(|(lr, momentum, curvature)| {
            let mode = Mode::new(lr, momentum, curvature).unwrap();
            [mode, Mode::new(0.3 * lr, momentum, curvature).unwrap().nesterov()]
        })
    }

    #[test]
    fn the_matrix_has_the_trace_and_the_determinant_of_the_characteristic_polynomial() {
        for mode in modes() {
            let (beta, h) = (mode.momentum(), mode.lr() * mode.curvature());
            let wanted = if mode.nesterov {
                ((1.0 + beta) * (1.0 - h), beta * (1.0 - h))
            } else {
                (1.0 + beta - h, beta)
            };
            let found = mode.step().trace_and_det();
            let off = (found.0 - wanted.0).abs() + (found.1 - wanted.1).abs();
            assert!(off < 1e-14, "{mode:?}: {found:?}, wanted {wanted:?}");
            let off = (mode.step().radius().ln() - mode.log_rate()).abs();
            assert!(off < 1e-14, "{mode:?}: rates {off} apart");
        }
    }

    #[test]
    fn a_step_of_the_kernels_is_the_matrix() {
        for mode in modes() {
            let mut course = mode.course();
            assert_eq!(course.matrix(), Matrix::UNIT);
            course.step();
            let (found, wanted) = (course.matrix(), mode.step());
            for start in [[1.0, 0.0], [0.0, 1.0]] {
                let (found, wanted) = (found.apply(start), wanted.apply(start));
                for i in 0..2 {
                    let off = (found[i] - wanted[i]).abs();
                    assert!(off < 3e-7 * wanted[i].abs().max(1.0), "{mode:?}: {off} at {start:?}");
                }
            }
        }
    }

    #[test]
    fn no_error_is_above_its_envelope_and_some_come_close() {
        for mode in modes() {
            let step = mode.step();
            for start in [[1.0, 0.0], [0.0, 1.0], [-0.3, 2.0]] {
                let envelope = step.envelope(start);
                let (mut point, mut closest) = (start, 0.0_f64);
                for t in 1..400 {
                    point = step.apply(point);
                    let share = point[0].abs() / envelope(f64::from(t));
                    assert!(share < 1.0 + 1e-9, "{mode:?} from {start:?}, step {t}: {share}");
                    closest = closest.max(share);
                }
                assert!(closest > 0.9, "{mode:?} from {start:?}: {closest}");
            }
        }
    }
}
