//! Every form's rule in `f64`, as its authors write it: what the kernels are held against.

use ravine::momentum::Form;

/// One run of a form in `f64`.
///
/// The rules stand here a second time, and not as four numbers, so that a mistake in the kernels
/// or in their table is not in what they are compared with:
///
/// ```text
/// plain             w ← w − α·g
/// classic           v ← β·v + g               w ← w − α·v
/// dampened          v ← β·v + (1 − τ)·g       w ← w − α·v           first v = g
/// sutskever         v ← β·v − α·g             w ← w + v
/// ema               v ← β·v + (1 − β)·g       w ← w − α·v
/// ema-unbiased      v ← β·v + (1 − β)·g       w ← w − α·v/(1 − Πβ)
/// quasi-hyperbolic  v ← β·v + (1 − β)·g       w ← w − α·((1 − ν)·g + ν·v)
/// ```
///
/// With Nesterov the step is made of what the *next* velocity would be under the same gradient; in
/// Sutskever's form with the momentum μ of the next step, β·v − α·g with μ for β.
#[derive(Clone, Debug)]
pub struct Walk {
    form: Form,
    lr: f64,
    momentum: f64,
    /// β of the step after.
    next: f64,
    velocity: Vec<f64>,
    /// Πβ, the product of the momenta of all steps so far.
    product: f64,
}

impl Walk {
    /// A run before its first step on `len` parameters.
    #[must_use]
    pub fn new(form: Form, lr: f64, momentum: f64, len: usize) -> Self {
        Self { form, lr, momentum, next: momentum, velocity: vec![0.0; len], product: 1.0 }
    }

    /// Changes the rates of the steps to come; the velocity stays as it is.
    pub fn set_rates(&mut self, lr: f64, momentum: f64) {
        (self.lr, self.momentum, self.next) = (lr, momentum, momentum);
    }

    /// Says what the momentum after the step to come will be, where it changes.
    pub fn look_ahead(&mut self, next: f64) {
        self.next = next;
    }

    /// Multiplies the velocity.
    pub fn rescale(&mut self, factor: f64) {
        self.velocity.iter_mut().for_each(|v| *v *= factor);
    }

    /// Takes one step.
    ///
    /// # Panics
    ///
    /// If `params` or `grads` are not as long as the run was made for.
    pub fn step(&mut self, params: &mut [f64], grads: &[f64]) {
        assert_eq!(params.len(), self.velocity.len(), "parameters, and those of the run");
        assert_eq!(grads.len(), self.velocity.len(), "gradients, and parameters of the run");
        let (lr, beta, ahead) = (self.lr, self.momentum, self.next);
        // The product is 1 before the first step alone: every β is below 1.
        let first = 1.0 <= self.product;
        self.product *= beta;
        let product = self.product;
        for ((w, v), &g) in params.iter_mut().zip(&mut self.velocity).zip(grads) {
            let to = |v: f64, beta: f64, unit: f64| beta * v + unit * g;
            let next = |v: f64, unit: f64, nesterov| if nesterov { to(v, beta, unit) } else { v };
            match self.form {
                Form::Plain => *w -= lr * g,
                Form::Classic { nesterov } => {
                    *v = beta * *v + g;
                    *w -= lr * next(*v, 1.0, nesterov);
                }
                Form::Dampened { dampening, nesterov } => {
                    let undampened = first || beta <= 0.0;
                    let unit = if undampened { 1.0 } else { 1.0 - dampening };
                    *v = beta * *v + unit * g;
                    *w -= lr * next(*v, 1.0, nesterov);
                }
                Form::Sutskever { nesterov } => {
                    *v = beta * *v - lr * g;
                    *w += if nesterov { to(*v, ahead, -lr) } else { *v };
                }
                Form::Ema { nesterov } => {
                    *v = beta * *v + (1.0 - beta) * g;
                    *w -= lr * next(*v, 1.0 - beta, nesterov);
                }
                Form::EmaUnbiased => {
                    *v = beta * *v + (1.0 - beta) * g;
                    *w -= lr * *v / (1.0 - product);
                }
                Form::QuasiHyperbolic { nu } => {
                    *v = beta * *v + (1.0 - beta) * g;
                    *w -= lr * ((1.0 - nu) * g + nu * *v);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_velocity_outlives_a_change_of_rates() {
        // Gradient 1 at β 0.9, α 0.1, then 0.01: steps 0.1, 0.019 and 0.1, 0.1.
        for (form, wanted) in [
            (Form::Classic { nesterov: false }, -0.119),
            (Form::Sutskever { nesterov: false }, -0.2),
        ] {
            let mut walk = Walk::new(form, 0.1, 0.9, 1);
            let mut params = [0.0];
            walk.step(&mut params, &[1.0]);
            walk.set_rates(0.01, 0.9);
            walk.step(&mut params, &[1.0]);
            assert!((params[0] - wanted).abs() < 1e-15, "{form:?}: {params:?}");
        }
    }

    /// Where three steps of gradient 1 lead from 0, at learning rate 1 and momentum ½.
    fn after_three(form: Form) -> f64 {
        let mut walk = Walk::new(form, 1.0, 0.5, 1);
        let mut params = [0.0];
        (0..3).for_each(|_| walk.step(&mut params, &[1.0]));
        params[0]
    }

    #[test]
    fn three_steps_of_every_form_are_those_worked_out_by_hand() {
        for (form, wanted) in [
            (Form::Plain, -3.0),
            // v = 1, 1.5, 1.75
            (Form::Classic { nesterov: false }, -4.25),
            // steps 1.5, 1.75, 1.875
            (Form::Classic { nesterov: true }, -5.125),
            // v = 1, 0.75, 0.625
            (Form::Dampened { dampening: 0.75, nesterov: false }, -2.375),
            (Form::Sutskever { nesterov: false }, -4.25),
            (Form::Sutskever { nesterov: true }, -5.125),
            // v = ½, ¾, 7/8
            (Form::Ema { nesterov: false }, -2.125),
            (Form::Ema { nesterov: true }, -2.5625),
            (Form::EmaUnbiased, -3.0),
            // halfway between the gradient and the average
            (Form::QuasiHyperbolic { nu: 0.5 }, -2.5625),
        ] {
            assert_eq!(after_three(form).to_bits(), f64::to_bits(wanted), "{form:?}");
        }
    }
}
