//! One step by its definition, one element at a time.

use std::fmt;

use super::{Decay, Gradient};
use crate::{flushed, round};

/// A rule that is called "SGD with momentum".
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Form {
    /// No velocity: `w ← w − α·g`.
    Plain,
    /// `v ← β·v + g; w ← w − α·v`.
    Classic,
    /// `v ← β·v + (1 − τ)·g; w ← w − α·v`, but `v ← g` in the first step.
    Dampened {
        /// τ, in `0..1`; with Nesterov 0.
        dampening: f64,
    },
    /// `v ← β·v − α·g; w ← w + v`.
    Sutskever,
    /// `v ← β·v + (1 − β)·g; w ← w − α·v`.
    Ema,
    /// As [`Form::Ema`], with `w ← w − α·v / (1 − Πβ)`.
    EmaUnbiased,
    /// As [`Form::Ema`], with `w ← w − α·(ν·v + (1 − ν)·g)`.
    QuasiHyperbolic {
        /// ν, in `0..=1`.
        nu: f64,
    },
}

/// All options of an update that do not change from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Setting {
    /// The form of momentum.
    pub form: Form,
    /// Whether steps look ahead; only where the form [can](Form::can_look_ahead).
    pub nesterov: bool,
    /// The decay λ of the parameters.
    pub decay: Decay<f64>,
    /// What is done to the gradient.
    pub gradient: Gradient,
}

/// What a schedule says of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rates {
    /// Learning rate α.
    pub lr: f64,
    /// Momentum β.
    pub momentum: f64,
    /// β of the next step.
    pub next_momentum: f64,
}

/// The rounded numbers that move the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// `w ← w − lr·g`.
    Plain {
        /// Learning rate.
        lr: f32,
    },
    /// `v ← a·v + b·g; w ← w − (c·v + d·g)`.
    Momentum {
        /// Share of the velocity that is kept.
        a: f32,
        /// Weight of the gradient in the velocity.
        b: f32,
        /// Weight of the new velocity in the step.
        c: f32,
        /// Weight of the gradient in the step, where there is one.
        d: Option<f32>,
    },
}

/// One step with all its numbers: as configured, and as rounded for the loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Steps taken before.
    pub index: usize,
    /// The options of the case.
    pub setting: Setting,
    /// Learning rate and momentum.
    pub rates: Rates,
    /// Πβ over all steps so far, this one included.
    pub momentum_product: f64,
    /// The decay, rounded.
    pub decay: Decay<f32>,
    /// The numbers of the form, rounded.
    pub motion: Motion,
}

impl Form {
    /// Whether steps need a velocity: all but [`Form::Plain`] do.
    #[must_use]
    pub fn has_velocity(self) -> bool {
        self != Self::Plain
    }

    /// Whether Nesterov's step is defined for the form.
    #[must_use]
    pub fn can_look_ahead(self) -> bool {
        match self {
            Self::Classic | Self::Sutskever | Self::Ema => true,
            Self::Dampened { dampening } => dampening <= 0.0,
            Self::Plain | Self::EmaUnbiased | Self::QuasiHyperbolic { .. } => false,
        }
    }
}

impl Setting {
    /// The steps of a schedule.
    pub fn steps(self, schedule: &[Rates]) -> impl Iterator<Item = Step> {
        let mut product = 1.0;
        schedule.iter().enumerate().map(move |(index, &rates)| {
            product *= rates.momentum;
            self.step(index, rates, product)
        })
    }

    /// The step after `index` others.
    fn step(self, index: usize, rates: Rates, momentum_product: f64) -> Step {
        let decay = self.decay.rounded(rates.lr);
        let motion = self.motion(index == 0, rates, momentum_product);
        Step { index, setting: self, rates, momentum_product, decay, motion }
    }

    /// The table of forms.
    fn motion(self, first: bool, rates: Rates, momentum_product: f64) -> Motion {
        let Rates { lr, momentum: beta, next_momentum: next } = rates;
        let ahead = self.nesterov;
        let (a, b, c, d) = match self.form {
            Form::Plain => return Motion::Plain { lr: round(lr) },
            Form::Dampened { .. } if first && ahead => (0.0, 1.0, lr * beta, Some(lr)),
            Form::Dampened { .. } if first => (0.0, 1.0, lr, None),
            Form::Dampened { dampening } if beta > 0.0 && !ahead => {
                (beta, 1.0 - dampening, lr, None)
            }
            Form::Classic | Form::Dampened { .. } if ahead => (beta, 1.0, lr * beta, Some(lr)),
            Form::Classic | Form::Dampened { .. } => (beta, 1.0, lr, None),
            Form::Sutskever if ahead => (beta, -lr, -next, Some(lr)),
            Form::Sutskever => (beta, -lr, -1.0, None),
            Form::Ema if ahead => (beta, 1.0 - beta, lr * beta, Some(lr * (1.0 - beta))),
            Form::Ema => (beta, 1.0 - beta, lr, None),
            Form::EmaUnbiased => (beta, 1.0 - beta, lr / (1.0 - momentum_product), None),
            Form::QuasiHyperbolic { nu } => (beta, 1.0 - beta, lr * nu, Some(lr * (1.0 - nu))),
        };
        Motion::Momentum { a: round(a), b: round(b), c: round(c), d: d.map(round) }
    }
}

impl Step {
    /// Takes the step by its definition.
    ///
    /// # Panics
    ///
    /// If the slices differ in length; `velocity` is empty for [`Form::Plain`].
    pub fn apply(&self, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        assert_eq!(params.len(), grads.len(), "params and grads differ in length");
        let wanted = if self.setting.form.has_velocity() { grads.len() } else { 0 };
        assert_eq!(velocity.len(), wanted, "the velocity is of another length");
        let mut velocity = velocity.iter_mut();
        for (w, &g) in params.iter_mut().zip(grads) {
            self.element(w, velocity.next(), g);
        }
    }

    /// The step of one element.
    fn element(&self, w: &mut f32, velocity: Option<&mut f32>, g: f32) {
        let g = self.decay.coupled(*w, self.setting.gradient.seen(g));
        let change = match (self.motion, velocity) {
            (Motion::Momentum { a, b, c, d }, Some(velocity)) => {
                *velocity = flushed(a * *velocity + b * g);
                d.map_or(c * *velocity, |d| c * *velocity + d * g)
            }
            (Motion::Plain { lr: c } | Motion::Momentum { c, .. }, _) => c * g,
        };
        *w = self.decay.decoupled(*w) - change;
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => write!(f, "plain"),
            Self::Classic => write!(f, "classic"),
            Self::Dampened { dampening } => write!(f, "dampened by {dampening}"),
            Self::Sutskever => write!(f, "sutskever"),
            Self::Ema => write!(f, "ema"),
            Self::EmaUnbiased => write!(f, "ema-unbiased"),
            Self::QuasiHyperbolic { nu } => write!(f, "quasi-hyperbolic with nu {nu}"),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.form)?;
        if self.nesterov {
            write!(f, ", nesterov")?;
        }
        super::option::tell(f, self.decay, self.gradient)
    }
}
