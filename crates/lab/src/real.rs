//! Real data whose ravine is steep: how long plain descent takes, and momentum.

use std::time::Duration;

use ravine::data::{Standardizer, Table};
use ravine::models::{Linear, Loss, Target};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::tensor::View;
use ravine::theory::{self, Optimum};
use ravine::{Options, Run};

use crate::settle::Settling;
use crate::{Failure, Quadratic, Walk, narrow};

/// Linear regression with an intercept on a standardized table, full batch, from zero, at the
/// form's best rates for the Hessian as trained.
///
/// It has arrived when the relative error of the coefficients, the intercept left out, stays
/// below [`GOAL`]:
///
/// ```text
/// |w − w*|₂ / |w*|₂        w* by Cholesky in f64
/// ```
#[derive(Clone, Debug)]
pub struct Regression {
    table: Table,
    quadratic: Quadratic,
}

/// Relative error of the coefficients at which a descent has arrived.
pub const GOAL: f64 = 1e-3;

/// How a descent fared.
#[derive(Clone, Debug)]
pub struct Descent {
    /// Its form.
    pub form: Form,
    /// Its rates, as the kernels have them.
    pub optimum: Optimum,
    /// Steps in `f64`, by [`Walk`].
    pub exact: u64,
    /// Steps of the kernels; `None` where they had not settled after twice as many.
    pub measured: Option<u64>,
    /// What these steps take by the clock of a caller who has one, another on every machine.
    pub took: Option<Duration>,
    /// Relative error of the kernels' coefficients before each step.
    pub course: Vec<f64>,
}

impl Regression {
    /// The regression on a table whose columns are standardized first.
    ///
    /// # Errors
    ///
    /// If the columns depend on each other.
    pub fn new(mut table: Table) -> Result<Self, Failure> {
        Standardizer::fit(&table.x).apply(&mut table.x);
        let quadratic = Quadratic::new(&table.x, &table.y, true)?;
        Ok(Self { table, quadratic })
    }

    /// The condition of the Hessian.
    #[must_use]
    pub fn condition(&self) -> f64 {
        let [low, high] = self.quadratic.curvatures();
        high / low
    }

    /// Descends by a form, in `f64` and by the kernels.
    ///
    /// # Errors
    ///
    /// If a number of the form is outside its range, or the descent diverges.
    pub fn descend(&self, form: Form) -> Result<Descent, Failure> {
        let optimum = narrow::optimum(theory::best(form, &self.quadratic.curvatures()));
        let exact = self.exact(form, optimum);
        let (measured, course) = self.measure(form, optimum, 100 + 2 * exact)?;
        Ok(Descent { form, optimum, exact, measured, took: None, course })
    }

    fn exact(&self, form: Form, Optimum { lr, momentum, .. }: Optimum) -> u64 {
        let dim = self.quadratic.optimum().len();
        let mut walk = Walk::new(form, lr, momentum, dim);
        let (mut w, mut grads) = (vec![0.0; dim], vec![0.0; dim]);
        let mut settling = Settling::below(GOAL);
        loop {
            settling.see(self.error(w.iter().copied()));
            if let Some(steps) = settling.steps() {
                return steps;
            }
            self.quadratic.gradient(&mut grads, &w);
            walk.step(&mut w, &grads);
        }
    }

    fn measure(
        &self,
        form: Form,
        optimum: Optimum,
        most: u64,
    ) -> Result<(Option<u64>, Vec<f64>), Failure> {
        let mut run = self.begin(form, optimum)?;
        let (mut settling, mut course) = (Settling::below(GOAL), Vec::new());
        for _ in 0..most {
            let error = self.error(run.params().iter().map(|&w| f64::from(w)));
            course.push(error);
            settling.see(error);
            if settling.steps().is_some() {
                break;
            }
            self.step(&mut run)?;
        }
        Ok((settling.steps(), course))
    }

    /// The steps of a descent again, with nobody looking on: what a clock is held to. The
    /// parameters that they lead to; nothing where it had not arrived.
    ///
    /// # Errors
    ///
    /// As [`descend`](Self::descend).
    pub fn repeat(&self, descent: &Descent) -> Result<Option<Vec<f32>>, Failure> {
        let Some(steps) = descent.measured else { return Ok(None) };
        let mut run = self.begin(descent.form, descent.optimum)?;
        (0..steps).try_for_each(|_| self.step(&mut run))?;
        Ok(Some(run.params().to_vec()))
    }

    fn begin(
        &self,
        form: Form,
        Optimum { lr, momentum, .. }: Optimum,
    ) -> Result<Run<Linear>, Failure> {
        let options = Options {
            sgd: Sgd { form, weight_decay: WeightDecay::None },
            lr: Schedule::Constant(lr),
            momentum: Schedule::Constant(momentum),
            ..Options::default()
        };
        Ok(Run::new(Linear::new(self.table.x.cols(), 1, true), Loss::MeanSquared, options)?)
    }

    fn step(&self, run: &mut Run<Linear>) -> Result<(), Failure> {
        let Table { x, y, .. } = &self.table;
        let x = View::new(x.as_slice(), x.rows(), x.cols());
        run.step(x, Target::Values(View::new(y, y.len(), 1)))?;
        Ok(())
    }

    /// The relative error of parameters; the intercept, which is last, is left out.
    fn error(&self, w: impl Iterator<Item = f64>) -> f64 {
        let best = &self.quadratic.optimum()[..self.table.x.cols()];
        let square = |x: f64| x * x;
        let off: f64 = w.zip(best).map(|(w, best)| square(w - best)).sum();
        (off / best.iter().map(|&w| square(w)).sum::<f64>()).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    /// Condition and steps in exact arithmetic, which the kernels' stay close to.
    fn check(table: Table, condition: f64, form: Form, exact: u64) {
        let regression = Regression::new(table).unwrap();
        let found = regression.condition();
        assert!((found / condition - 1.0).abs() < 1e-3, "condition {found}, wanted {condition}");
        let descent = regression.descend(form).unwrap();
        assert_eq!(descent.exact, exact, "{form:?} in f64");
        let found = descent.measured.unwrap();
        assert!(found.abs_diff(exact) <= 1.max(exact / 200), "{form:?}: {found}, exact {exact}");
    }

    #[test]
    fn a_descent_repeated_ends_where_it_has_arrived_and_a_step_earlier_it_had_not() {
        let regression = Regression::new(tables::diabetes()).unwrap();
        let mut descent = regression.descend(CLASSIC).unwrap();
        let error = |descent: &Descent| {
            let params = regression.repeat(descent).unwrap().unwrap();
            regression.error(params.into_iter().map(f64::from))
        };
        assert!(error(&descent) < GOAL);
        descent.measured = descent.measured.map(|steps| steps - 1);
        assert!(error(&descent) >= GOAL);
    }

    const CLASSIC: Form = Form::Classic { nesterov: false };

    #[test]
    fn longleys_regression_takes_forty_thousand_steps_and_momentum_seven_hundred() {
        check(tables::longley(), 12_220.0, Form::Plain, 40_376);
        check(tables::longley(), 12_220.0, CLASSIC, 680);
    }

    #[test]
    fn the_diabetes_study_takes_sixteen_hundred_steps_and_momentum_a_hundred_and_twenty() {
        check(tables::diabetes(), 470.0, Form::Plain, 1585);
        check(tables::diabetes(), 470.0, CLASSIC, 122);
    }
}
