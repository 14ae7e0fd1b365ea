//! Hyper-parameters as functions of the step.

use ravine_simd::math::cos_pi;

/// A value for every step t, counted from 0: a learning rate, or a momentum.
///
/// Computed in plain `f64`, the same on every machine.
///
/// # Examples
///
/// ```
/// use ravine_momentum::Schedule;
///
/// let momentum = Schedule::Linear { from: 0.5, to: 0.75, steps: 100 };
/// assert_eq!([0, 50, 100, 9000].map(|t| momentum.at(t)), [0.5, 0.625, 0.75, 0.75]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// The same at every step.
    Constant(f64),
    /// `from + (to − from)·min(t/N, 1)`.
    Linear {
        /// Value at t = 0.
        from: f64,
        /// Value from t = N on, but for the rounding of the formula: one below a 2⁻⁵³ of `from`
        /// may be 0 then.
        to: f64,
        /// N, in steps; with 0 the value is the last at once.
        steps: u64,
    },
    /// `to + (from − to)·(1 + cos(π·min(t/N, 1)))/2` (Loshchilov and Hutter, 2017).
    Cosine {
        /// Value at t = 0.
        from: f64,
        /// Value from t = N on.
        to: f64,
        /// N, in steps; with 0 the value is `to` at once.
        steps: u64,
    },
    /// A momentum: `min(1 − 1/(2·(⌊t/250⌋ + 1)), max)`, so 0.5, 0.75, 0.833, … every 250 steps
    /// (Sutskever et al., 2013).
    Sutskever {
        /// Largest value.
        max: f64,
    },
}

impl Schedule {
    /// The value at step `t`.
    #[must_use]
    pub fn at(self, t: u64) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Linear { from, to, steps } => from + (to - from) * share(t, steps),
            Self::Cosine { from, to, steps } => {
                to + (from - to) * (0.5 * (1.0 + cos_pi(share(t, steps))))
            }
            Self::Sutskever { max } => {
                let value = 1.0 - 0.5 / ((t / 250) as f64 + 1.0);
                if value < max { value } else { max }
            }
        }
    }

    /// Two values between which all others lie, up to rounding: what to validate before a run.
    #[must_use]
    pub fn ends(self) -> [f64; 2] {
        match self {
            Self::Constant(value) => [value, value],
            Self::Linear { from, to, .. } | Self::Cosine { from, to, .. } => [from, to],
            Self::Sutskever { max } => [self.at(0), max],
        }
    }
}

/// `min(t/n, 1)`.
fn share(t: u64, n: u64) -> f64 {
    if t < n { t as f64 / n as f64 } else { 1.0 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values that are exact, or defined by this very expression")]
mod tests {
    use super::*;

    fn near(schedule: Schedule, t: u64, want: f64) {
        let found = schedule.at(t);
        assert!((found - want).abs() < 1e-15, "{schedule:?}, step {t}: {found}, not {want}");
    }

    #[test]
    fn linear_goes_straight_and_then_stays() {
        let schedule = Schedule::Linear { from: 0.5, to: 0.9, steps: 1000 };
        for t in [0, 1, 250, 999, 1000, 1001, u64::MAX] {
            near(schedule, t, 0.5 + 0.4 * (t as f64 / 1000.0).min(1.0));
        }
        assert_eq!(schedule.at(1000), schedule.at(u64::MAX));
    }

    #[test]
    fn cosine_falls_along_half_a_period_and_then_stays() {
        let schedule = Schedule::Cosine { from: 3.0, to: 1.0, steps: 6 };
        for (t, want) in [(0, 3.0), (2, 2.5), (3, 2.0), (4, 1.5), (6, 1.0), (70, 1.0)] {
            near(schedule, t, want);
        }
        assert_eq!(schedule.at(6), 1.0);
    }

    #[test]
    fn sutskever_rises_every_250_steps_up_to_its_bound() {
        let schedule = Schedule::Sutskever { max: 0.9 };
        let steps = [0, 249, 250, 500, 750, 1000, 100_000];
        let want = [0.5, 0.5, 0.75, 1.0 - 1.0 / 6.0, 0.875, 0.9, 0.9];
        assert_eq!(steps.map(|t| schedule.at(t)), want);
        assert_eq!(Schedule::Sutskever { max: 0.25 }.at(0), 0.25);
    }

    #[test]
    fn no_steps_means_the_last_value_at_once() {
        assert_eq!(Schedule::Linear { from: 1.0, to: 2.0, steps: 0 }.at(0), 2.0);
        assert_eq!(Schedule::Cosine { from: 1.0, to: 2.0, steps: 0 }.at(0), 2.0);
    }

    #[test]
    fn all_values_lie_between_the_ends() {
        for schedule in [
            Schedule::Constant(0.1),
            Schedule::Linear { from: 0.5, to: 0.99, steps: 700 },
            Schedule::Cosine { from: 0.3, to: 0.001, steps: 700 },
            Schedule::Sutskever { max: 0.99 },
        ] {
            let [a, b] = schedule.ends();
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            for t in 0..2000 {
                let x = schedule.at(t);
                assert!(low - 1e-15 <= x && x <= high + 1e-15, "{schedule:?}, step {t}: {x}");
            }
        }
    }
}
