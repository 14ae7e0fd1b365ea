//! Every form of momentum on one ravine, beside what theory predicts.

use ravine::data::{Generated, Ravine};
use ravine::models::{Linear, Loss, Target};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine::tensor::View;
use ravine::theory::{self, Optimum};
use ravine::{Options, Run};

use crate::settle::Settling;
use crate::{Failure, Quadratic, Walk, narrow};

/// A race of forms through one ravine, each at its own best rates: full-batch linear regression
/// by the kernels, from zero until the loss stays within a share of the noise floor.
///
/// What theory predicts is the same descent on the same quadratic in `f64`, by [`Walk`]; and, for
/// many steps, the rate ρ of the form's characteristic roots ([`theory`]): the excess loss shrinks
/// by ρ² a step.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// The ravine, which is linear.
    pub ravine: Ravine,
    /// The goal: excess loss over the noise floor, as a share of the floor.
    pub above: f64,
}

/// How one form fared.
#[derive(Clone, Debug)]
pub struct Finish {
    /// What the form is called.
    pub name: &'static str,
    /// Its best rates for the ravine.
    pub optimum: Optimum,
    /// Steps that the exact recurrence takes.
    pub predicted: u64,
    /// Steps that the kernels took; `None` where they had not settled after twice as many.
    pub measured: Option<u64>,
    /// Steps by the asymptotic rate alone: `ln(goal / first excess) / (2·ln ρ)`.
    pub asymptotic: f64,
    /// Excess loss over the floor before each step of the kernels, as a share of the floor.
    pub course: Vec<f64>,
}

/// The forms of the race.
pub const FORMS: [(&str, Form); 10] = [
    ("plain descent", Form::Plain),
    ("classic", Form::Classic { nesterov: false }),
    ("classic, Nesterov", Form::Classic { nesterov: true }),
    ("dampened, τ = ½", Form::Dampened { dampening: 0.5, nesterov: false }),
    ("sutskever", Form::Sutskever { nesterov: false }),
    ("sutskever, Nesterov", Form::Sutskever { nesterov: true }),
    ("ema", Form::Ema { nesterov: false }),
    ("ema, Nesterov", Form::Ema { nesterov: true }),
    ("ema-unbiased", Form::EmaUnbiased),
    ("quasi-hyperbolic, ν = 0.7", Form::QuasiHyperbolic { nu: 0.7 }),
];

/// A ravine that is ready to be crossed.
#[derive(Clone, Debug)]
pub struct Course {
    made: Generated,
    quadratic: Quadratic,
    above: f64,
}

impl Default for Race {
    /// Condition 1000, to a ten-thousandth above the floor.
    fn default() -> Self {
        Self { ravine: Ravine { rows: 2048, cols: 32, ..Ravine::default() }, above: 1e-4 }
    }
}

impl Race {
    /// Makes the ravine.
    ///
    /// # Errors
    ///
    /// If a number of the ravine is outside its range.
    pub fn prepare(&self, par: Par) -> Result<Course, Failure> {
        let made = self.ravine.generate(par)?;
        let quadratic = Quadratic::new(&made.x, &made.y, false)?;
        Ok(Course { made, quadratic, above: self.above })
    }
}

impl Course {
    /// The condition of the ravine as made.
    #[must_use]
    pub fn condition(&self) -> f64 {
        let [low, high] = self.quadratic.curvatures();
        high / low
    }

    /// Sends a form through the ravine.
    ///
    /// # Errors
    ///
    /// If a number of the form is outside its range, or the descent diverges.
    pub fn run(
        &self,
        name: &'static str,
        form: Form,
        level: Level,
        par: Par,
    ) -> Result<Finish, Failure> {
        // The ends of the spectrum are where any form is slowest.
        let optimum = narrow::optimum(theory::best(form, &self.quadratic.curvatures()));
        let goal = self.above * self.quadratic.floor();
        let (predicted, first) = self.predict(form, optimum, goal);
        let most = 100 + 2 * predicted;
        let (measured, course) = self.measure(form, optimum, most, level, par)?;
        let asymptotic = (goal / first).ln() / (2.0 * optimum.rate.ln());
        Ok(Finish { name, optimum, predicted, measured, asymptotic, course })
    }

    /// Steps of the exact recurrence, and the excess loss before the first.
    fn predict(&self, form: Form, Optimum { lr, momentum, .. }: Optimum, goal: f64) -> (u64, f64) {
        let dim = self.quadratic.optimum().len();
        let mut walk = Walk::new(form, lr, momentum, dim);
        let (mut w, mut grads) = (vec![0.0; dim], vec![0.0; dim]);
        let first = self.quadratic.gradient(&mut grads, &w);
        let mut settling = Settling::below(goal);
        loop {
            settling.see(self.quadratic.gradient(&mut grads, &w));
            if let Some(steps) = settling.steps() {
                return (steps, first);
            }
            walk.step(&mut w, &grads);
        }
    }

    /// Steps of the kernels, at most `most`, and the excess loss on the way.
    fn measure(
        &self,
        form: Form,
        Optimum { lr, momentum, .. }: Optimum,
        most: u64,
        level: Level,
        par: Par,
    ) -> Result<(Option<u64>, Vec<f64>), Failure> {
        let options = Options {
            sgd: Sgd { form, weight_decay: WeightDecay::None },
            lr: Schedule::Constant(lr),
            momentum: Schedule::Constant(momentum),
            level,
            par,
            ..Options::default()
        };
        let Generated { x, y, .. } = &self.made;
        let mut run = Run::new(Linear::new(x.cols(), 1, false), Loss::MeanSquared, options)?;
        let floor = self.quadratic.floor();
        let (mut settling, mut course) = (Settling::below(self.above), Vec::new());
        for _ in 0..most {
            let x = View::new(x.as_slice(), x.rows(), x.cols());
            let target = Target::Values(View::new(y, y.len(), 1));
            // A run of these options ends where it would have to skip a step.
            let Some(record) = run.step(x, target)? else { break };
            let excess = record.loss / floor - 1.0;
            course.push(excess);
            settling.see(excess);
            if settling.steps().is_some() {
                break;
            }
        }
        Ok((settling.steps(), course))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_takes_the_steps_that_theory_predicts() {
        let course = Race::default().prepare(Par::Seq).unwrap();
        assert!((course.condition() / 1000.0 - 1.0).abs() < 1e-3, "{}", course.condition());
        let mut plain = 0;
        for (name, form) in FORMS {
            let finish = course.run(name, form, Level::detect(), Par::Seq).unwrap();
            let (wanted, found) = (finish.predicted, finish.measured.unwrap());
            assert!(found.abs_diff(wanted) <= 1, "{name}: {found} steps, wanted {wanted}");
            assert!(finish.course[0] > 1.0, "{name} starts above the goal");
            if form == Form::Plain {
                plain = found;
            } else {
                assert!(3 * found < 2 * plain, "{name}: {found}, plain {plain}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_spectrum_are_where_every_form_is_slowest() {
        let spectrum: Vec<f64> =
            (0..200).map(|i| 10_f64.powf(-3.0 * f64::from(i) / 199.0)).collect();
        for (name, form) in FORMS {
            let Optimum { lr, momentum, rate } = theory::best(form, &[1e-3, 1.0]);
            for &lambda in &spectrum {
                // A double root at an end has half of the digits.
                let here = theory::rate(form, lr, momentum, lambda);
                assert!(here < rate + 1e-6, "{name}: {here} at {lambda}, {rate} at the ends");
            }
        }
    }
}
