//! Training in `f64`, from the definitions: what a run in `f32` is held near.
//!
//! Linear models and perceptrons, three losses, every form of momentum, in plain loops over
//! plain vectors, written for reading. Losses are finite for all finite outputs.

mod loss;
mod network;

pub use loss::{Examples, Loss, Targets};
pub use network::{Activation, Network};

use crate::update::{Decay, Form, Rates};

/// What bounds a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clip {
    /// Nothing.
    None,
    /// The whole gradient is scaled to at most this Euclidean norm.
    Norm(f64),
    /// Each element is cut to at most this magnitude.
    Value(f64),
}

/// How parameters follow gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descent {
    /// The form of momentum.
    pub form: Form,
    /// Whether steps look ahead; only where the form [can](Form::can_look_ahead).
    pub nesterov: bool,
    /// The decay λ of all parameters, biases too.
    pub decay: Decay<f64>,
    /// The bound of the gradient, before decay.
    pub clip: Clip,
}

/// A run, and where it stands.
///
/// # Examples
///
/// ```
/// use ravine_conformance::trainer::*;
/// use ravine_conformance::update::{Decay, Form, Rates};
///
/// // y = 3·x − 2
/// let examples = Examples { x: &[0.0, 1.0, 2.0, 3.0], targets: Targets::Values(&[-2.0, 1.0, 4.0, 7.0]) };
/// let network = Network { widths: vec![1, 1], activation: Activation::Relu, bias: true };
/// let descent =
///     Descent { form: Form::Classic, nesterov: true, decay: Decay::None, clip: Clip::None };
/// let mut trainer = Trainer::new(network, Loss::MeanSquared, descent, vec![0.0; 2]);
/// for _ in 0..300 {
///     trainer.step(Rates { lr: 0.1, momentum: 0.7, next_momentum: 0.7 }, &examples, &[0, 1, 2, 3]);
/// }
/// assert!((trainer.params[0] - 3.0).abs() < 1e-9 && (trainer.params[1] + 2.0).abs() < 1e-9);
/// ```
#[derive(Clone, Debug)]
pub struct Trainer {
    network: Network,
    loss: Loss,
    descent: Descent,
    /// The parameters, layer by layer: weights, outputs × inputs, then biases.
    pub params: Vec<f64>,
    /// The velocity; it stays zero for [`Form::Plain`].
    pub velocity: Vec<f64>,
    /// Steps taken.
    pub steps: usize,
    /// Πβ over the steps taken.
    pub momentum_product: f64,
}

impl Trainer {
    /// A run before its first step.
    ///
    /// # Panics
    ///
    /// If `params` are not as many as the network has.
    #[must_use]
    pub fn new(network: Network, loss: Loss, descent: Descent, params: Vec<f64>) -> Self {
        let (len, wanted) = (params.len(), network.param_count());
        assert_eq!(len, wanted, "there are {len} parameters, but the network has {wanted}");
        let velocity = vec![0.0; len];
        Self { network, loss, descent, params, velocity, steps: 0, momentum_product: 1.0 }
    }

    /// The mean loss over some rows of the examples.
    ///
    /// # Panics
    ///
    /// If a row does not exist, or examples and network differ in width.
    #[must_use]
    pub fn loss(&self, examples: &Examples<'_>, rows: &[usize]) -> f64 {
        let of = |&row: &usize| {
            let outputs = self.network.outputs(&self.params, self.network.row(examples.x, row));
            self.loss.value(&outputs, examples.targets, row)
        };
        rows.iter().map(of).sum::<f64>() / rows.len() as f64
    }

    /// The gradient of the mean loss over some rows.
    ///
    /// # Panics
    ///
    /// As [`loss`](Self::loss).
    #[must_use]
    pub fn gradient(&self, examples: &Examples<'_>, rows: &[usize]) -> Vec<f64> {
        let mut grads = vec![0.0; self.params.len()];
        for &row in rows {
            let x = self.network.row(examples.x, row);
            self.network.add_gradient(&mut grads, &self.params, x, |outputs| {
                self.loss.gradient(outputs, examples.targets, row)
            });
        }
        grads.iter_mut().for_each(|g| *g /= rows.len() as f64);
        grads
    }

    /// Takes a step on some rows; gives their mean loss before it.
    ///
    /// # Panics
    ///
    /// As [`loss`](Self::loss).
    pub fn step(&mut self, rates: Rates, examples: &Examples<'_>, rows: &[usize]) -> f64 {
        let loss = self.loss(examples, rows);
        let mut grads = self.gradient(examples, rows);
        match self.descent.clip {
            Clip::None => {}
            Clip::Norm(limit) => {
                let norm = grads.iter().map(|g| g * g).sum::<f64>().sqrt();
                if limit < norm {
                    grads.iter_mut().for_each(|g| *g *= limit / norm);
                }
            }
            Clip::Value(limit) => grads.iter_mut().for_each(|g| *g = g.clamp(-limit, limit)),
        }
        self.follow(rates, &grads);
        loss
    }

    /// Moves the parameters by a gradient.
    ///
    /// # Panics
    ///
    /// If it is not as long as the parameters.
    pub fn follow(&mut self, rates: Rates, grads: &[f64]) {
        assert_eq!(grads.len(), self.params.len(), "grads and params differ in length");
        let first = self.steps == 0;
        self.steps += 1;
        self.momentum_product *= rates.momentum;
        for ((w, v), &g) in self.params.iter_mut().zip(&mut self.velocity).zip(grads) {
            let g = if let Decay::Coupled(decay) = self.descent.decay { g + decay * *w } else { g };
            let change = self.descent.change(rates, first, self.momentum_product, v, g);
            if let Decay::Decoupled(decay) = self.descent.decay {
                *w -= rates.lr * decay * *w;
            }
            *w += change;
        }
    }
}

impl Descent {
    /// Renews a velocity, and gives what is to be added to its parameter.
    fn change(&self, rates: Rates, first: bool, product: f64, v: &mut f64, g: f64) -> f64 {
        let Rates { lr, momentum: beta, next_momentum } = rates;
        // What a gradient adds to the velocity.
        let unit = match self.form {
            Form::Plain => return -lr * g,
            Form::Classic => 1.0,
            Form::Dampened { .. } if first || beta <= 0.0 => 1.0,
            Form::Dampened { dampening } => 1.0 - dampening,
            Form::Sutskever => -lr,
            Form::Ema | Form::EmaUnbiased | Form::QuasiHyperbolic { .. } => 1.0 - beta,
        };
        *v = beta * *v + unit * g;
        match self.form {
            Form::Sutskever if self.nesterov => next_momentum * *v - lr * g,
            Form::Sutskever => *v,
            Form::EmaUnbiased => -lr * *v / (1.0 - product),
            Form::QuasiHyperbolic { nu } => -lr * (nu * *v + (1.0 - nu) * g),
            _ if self.nesterov => -lr * (beta * *v + unit * g),
            _ => -lr * *v,
        }
    }
}
