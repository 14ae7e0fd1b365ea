//! Momentum as friction: a ball in a bowl, which swings or creeps.

use ravine::momentum::HyperError;

use crate::mode::Mode;

/// A ball that is let go at 1 from rest, in a bowl with αλ = `stiffness`, for several momenta.
///
/// Where the roots of a step are complex, `ρ·e^{±iω}`, the errors are samples of a damped oscillator,
/// one a step, exactly:
///
/// ```text
/// x(t) = e^(−γt)·(cos ωt + s·sin ωt)        γ = −½·ln β        cos ω = (1 + β − αλ) / (2√β)
/// s = (1 − αλ − √β·cos ω) / (√β·sin ω)
/// ```
///
/// Momentum alone is the friction γ. In time of √α a step the bowl's own frequency is √λ, and for
/// small αλ the damping ratio is that of the ball with mass 1 and friction (1 − β)/√α:
///
/// ```text
/// ζ = (1 − β) / (2·√(αλ))        overshoot → e^(−πζ/√(1 − ζ²))
/// ```
///
/// # References
///
/// N. Qian, *On the momentum term in gradient descent learning algorithms*, 1999.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Friction {
    /// αλ, small against 1.
    pub stiffness: f64,
    /// The error below which the ball has settled.
    pub band: f64,
    /// Steps that are looked at.
    pub steps: u32,
}

/// How a ball moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Swing {
    /// What ran.
    pub mode: Mode,
    /// The error before each step, by the kernels.
    pub course: Vec<f64>,
    /// The same of the oscillator; of the matrix in `f64` where nothing swings.
    pub theory: Vec<f64>,
    /// How the kernels' course ends.
    pub measured: Rest,
    /// How the other one does.
    pub predicted: Rest,
}

/// How a ball comes to rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest {
    /// How far it went beyond the minimum, in `0..1`.
    pub overshoot: f64,
    /// Steps until it stayed within the band; `None` where it did not.
    pub settled: Option<usize>,
}

/// A damped oscillator, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oscillator {
    /// γ, how fast the amplitude falls.
    pub decay: f64,
    /// ω, in radians.
    pub frequency: f64,
    /// s, the share of the sine.
    pub sine: f64,
}

impl Default for Friction {
    /// αλ = 1/1000, until within a hundredth.
    fn default() -> Self {
        Self { stiffness: 1e-3, band: 0.01, steps: 6000 }
    }
}

impl Friction {
    /// The momentum at which nothing swings any more, and nothing creeps yet: (1 − √(αλ))².
    #[must_use]
    pub fn critical(&self) -> f64 {
        let gap = 1.0 - self.stiffness.sqrt();
        gap * gap
    }

    /// Lets the ball go.
    ///
    /// # Errors
    ///
    /// If the momentum or the stiffness is outside its range.
    pub fn swing(&self, momentum: f64) -> Result<Swing, HyperError> {
        let mode = Mode::new(self.stiffness, momentum, 1.0)?;
        let oscillator = Oscillator::of(mode);
        let (step, mut point, mut run) = (mode.step(), [1.0, 0.0], mode.course());
        let (mut course, mut theory) = (Vec::new(), Vec::new());
        for t in 0..=self.steps {
            course.push(run.matrix().of_error[0]);
            theory.push(oscillator.map_or(point[0], |oscillator| oscillator.at(f64::from(t))));
            point = step.apply(point);
            run.step();
        }
        let rest = |course: &[f64]| Rest {
            overshoot: overshoot(course),
            settled: settled(course, self.band),
        };
        let (measured, predicted) = (rest(&course), rest(&theory));
        Ok(Swing { mode, course, theory, measured, predicted })
    }
}

impl Swing {
    /// The damping ratio ζ of the ball in continuous time: below 1 it swings.
    #[must_use]
    pub fn damping(&self) -> f64 {
        (1.0 - self.mode.momentum()) / (2.0 * (self.mode.lr() * self.mode.curvature()).sqrt())
    }
}

impl Oscillator {
    /// The oscillator that a mode from rest samples; `None` where its roots are real.
    #[must_use]
    pub fn of(mode: Mode) -> Option<Self> {
        let (trace, det) = mode.step().trace_and_det();
        let (root, next) = (det.sqrt(), mode.step().of_error[0]);
        let cosine = trace / (2.0 * root);
        if !(-1.0..1.0).contains(&cosine) {
            return None;
        }
        let frequency = cosine.acos();
        let sine = (next - root * cosine) / (root * frequency.sin());
        Some(Self { decay: -root.ln(), frequency, sine })
    }

    /// Where it is after t steps, which need not be whole.
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        let (sin, cos) = (self.frequency * t).sin_cos();
        (-self.decay * t).exp() * (cos + self.sine * sin)
    }

    /// When it first turns about beyond the minimum, where x′ = 0.
    #[must_use]
    pub fn turn(&self) -> f64 {
        // x′ ∝ (s·ω − γ)·cos ωt − (ω + s·γ)·sin ωt
        let (along, across) =
            (self.sine * self.frequency - self.decay, self.frequency + self.sine * self.decay);
        let phase = (along / across).atan();
        let turned = phase / self.frequency;
        // The turn at the start, before or after step 0, is half a period earlier.
        turned + std::f64::consts::PI / self.frequency
    }

    /// How far it goes beyond the minimum.
    #[must_use]
    pub fn overshoot(&self) -> f64 {
        -self.at(self.turn())
    }
}

/// How far errors go beyond the minimum.
#[must_use]
pub fn overshoot(course: &[f64]) -> f64 {
    course.iter().fold(0.0, |most, &error| if most < -error { -error } else { most })
}

/// The step from which on all errors are within `band`; `None` where the last is not.
#[must_use]
pub fn settled(course: &[f64], band: f64) -> Option<usize> {
    let outside = |error: &f64| band <= error.abs();
    let step = course.iter().rposition(outside).map_or(0, |last| last + 1);
    (step < course.len()).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTA: [f64; 9] = [0.0, 0.5, 0.8, 0.9, 0.93, 0.95, 0.98, 0.99, 0.995];

    #[test]
    fn the_ball_is_where_the_damped_oscillator_is() {
        for momentum in MOMENTA {
            let swing = Friction::default().swing(momentum).unwrap();
            for (t, (found, wanted)) in swing.course.iter().zip(&swing.theory).enumerate() {
                let off = (found - wanted).abs();
                assert!(off < 1e-6, "β {momentum}, step {t}: {found}, wanted {wanted}");
            }
            let settles = settled(&swing.theory, 0.01);
            let off = settles.unwrap().abs_diff(swing.measured.settled.unwrap());
            assert!(
                off <= 1,
                "β {momentum}: {:?} steps, wanted {settles:?}",
                swing.measured.settled
            );
        }
    }

    #[test]
    fn it_goes_beyond_the_minimum_as_far_as_the_oscillator_and_not_at_all_below_the_critical_momentum()
     {
        let friction = Friction::default();
        for momentum in MOMENTA {
            let swing = friction.swing(momentum).unwrap();
            let Some(oscillator) = Oscillator::of(swing.mode) else {
                assert!(
                    momentum < friction.critical() && swing.measured.overshoot <= 0.0,
                    "β {momentum}"
                );
                continue;
            };
            // A step is at most half of one from the turn, where x″ is αλ·x.
            let (found, wanted) = (swing.measured.overshoot, oscillator.overshoot());
            let least = wanted * (1.0 - friction.stiffness / 8.0);
            let range = least - 1e-6..wanted + 1e-6;
            assert!(friction.critical() < momentum, "β {momentum} swings");
            assert!(range.contains(&found), "β {momentum}: {found}, wanted {range:?}");
        }
    }

    #[test]
    fn small_steps_are_the_ball_of_the_textbook() {
        let zeta = 0.3_f64;
        let textbook = (-std::f64::consts::PI * zeta / (1.0 - zeta * zeta).sqrt()).exp();
        for stiffness in [1e-2_f64, 1e-4, 1e-6] {
            let friction = Friction { stiffness, ..Friction::default() };
            let swing = friction.swing(1.0 - 2.0 * zeta * stiffness.sqrt()).unwrap();
            assert!((swing.damping() / zeta - 1.0).abs() < 1e-4, "{}", swing.damping());
            let off = (swing.measured.overshoot / textbook - 1.0).abs();
            assert!(off < 0.17 * stiffness.sqrt(), "αλ {stiffness}: {off}");
        }
    }

    #[test]
    fn the_ball_comes_to_rest_soonest_a_little_above_the_critical_momentum() {
        let friction = Friction::default();
        let steps = |momentum| friction.swing(momentum).unwrap().measured.settled.unwrap();
        let critical = friction.critical();
        assert!((critical - 0.937_75).abs() < 1e-5, "{critical}");
        let [low, best, high] = [0.92, 0.95, 0.97].map(steps);
        assert!(best < steps(critical) && best < low && best < high, "{low} {best} {high}");
    }
}
