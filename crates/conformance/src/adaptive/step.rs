//! One step by its definition, one element at a time.

use std::fmt;

use crate::update::{Decay, Gradient, option};
use crate::{flushed, round};

/// A rule that divides by the root of a mean square.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Rule {
    /// Along the mean gradient, both averages freed of their start at zero.
    Adam {
        /// β₂, in `0..1`.
        square_decay: f64,
        /// ε, positive.
        epsilon: f64,
    },
    /// Along the gradient.
    RmsProp {
        /// ρ, in `0..1`.
        square_decay: f64,
        /// ε, positive.
        epsilon: f64,
        /// Whether squares are taken from the mean gradient.
        centered: bool,
        /// Whether quotients are gathered in a velocity.
        momentum: bool,
    },
}

/// All options of a step that do not change from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Setting {
    /// The rule.
    pub rule: Rule,
    /// The decay λ of the parameters; AdamW is [`Rule::Adam`] with a decoupled one.
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
    /// Momentum β; Adam's decay of the mean.
    pub momentum: f64,
}

/// The rounded numbers of a step; 0 is what a rule does not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// What the mean square keeps, and what it takes of a new square.
    pub square: [f32; 2],
    /// What the mean keeps, and what it takes of a new gradient.
    pub mean: [f32; 2],
    /// What the velocity keeps.
    pub momentum: f32,
    /// The rate, Adam's corrections in it.
    pub c: f32,
    /// What is added to the root, Adam's correction in it.
    pub epsilon: f32,
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
    /// Πβ and Πβ₂ (or Πρ) over all steps so far, this one included.
    pub products: [f64; 2],
    /// The decay, rounded.
    pub decay: Decay<f32>,
    /// The numbers of the rule, rounded.
    pub numbers: Numbers,
}

/// Rates of the steps of every case: both change, and a momentum of zero is among them.
pub const SCHEDULE: [Rates; 4] = [
    Rates { lr: 0.1, momentum: 0.5 },
    Rates { lr: 0.1, momentum: 0.9 },
    Rates { lr: 0.03, momentum: 0.85 },
    Rates { lr: 0.01, momentum: 0.0 },
];

impl Rule {
    /// Which states the rule has: mean square, mean, velocity.
    #[must_use]
    pub fn has(self) -> [bool; 3] {
        match self {
            Self::Adam { .. } => [true, true, false],
            Self::RmsProp { centered, momentum, .. } => [true, centered, momentum],
        }
    }

    /// The decay of the mean square: β₂ or ρ.
    #[must_use]
    pub fn square_decay(self) -> f64 {
        let (Self::Adam { square_decay, .. } | Self::RmsProp { square_decay, .. }) = self;
        square_decay
    }

    /// The table of rules.
    fn numbers(self, Rates { lr, momentum: beta }: Rates, products: [f64; 2]) -> Numbers {
        let average = |decay: f64| [round(decay), round(1.0 - decay)];
        let square = average(self.square_decay());
        match self {
            Self::Adam { epsilon, .. } => {
                let [mean_left, square_left] = products;
                let root = (1.0 - square_left).sqrt();
                let c = round(lr * root / (1.0 - mean_left));
                let epsilon = round(epsilon * root);
                Numbers { square, mean: average(beta), momentum: 0.0, c, epsilon }
            }
            Self::RmsProp { epsilon, centered, momentum, .. } => Numbers {
                square,
                mean: if centered { square } else { [0.0; 2] },
                momentum: if momentum { round(beta) } else { 0.0 },
                c: round(lr),
                epsilon: round(epsilon),
            },
        }
    }
}

impl Setting {
    /// The steps of a schedule.
    pub fn steps(self, schedule: &[Rates]) -> impl Iterator<Item = Step> {
        let mut products = [1.0; 2];
        schedule.iter().enumerate().map(move |(index, &rates)| {
            products[0] *= rates.momentum;
            products[1] *= self.rule.square_decay();
            let decay = self.decay.rounded(rates.lr);
            let numbers = self.rule.numbers(rates, products);
            Step { index, setting: self, rates, products, decay, numbers }
        })
    }
}

impl Step {
    /// Takes the step by its definition.
    ///
    /// # Panics
    ///
    /// If the slices differ in length; a state that the rule does not have is empty.
    pub fn apply(&self, params: &mut [f32], states: [&mut [f32]; 3], grads: &[f32]) {
        assert_eq!(params.len(), grads.len(), "params and grads differ in length");
        for (state, has) in states.iter().zip(self.setting.rule.has()) {
            let wanted = if has { grads.len() } else { 0 };
            assert_eq!(state.len(), wanted, "a state is of another length");
        }
        let [square, mean, velocity] = states;
        for (i, (w, &g)) in params.iter_mut().zip(grads).enumerate() {
            self.element(w, (&mut square[i], mean.get_mut(i), velocity.get_mut(i)), g);
        }
    }

    /// The step of one element.
    fn element(
        &self,
        w: &mut f32,
        (u, mean, velocity): (&mut f32, Option<&mut f32>, Option<&mut f32>),
        g: f32,
    ) {
        let Numbers { square, mean: shares, momentum, c, epsilon } = self.numbers;
        let g = self.decay.coupled(*w, self.setting.gradient.seen(g));
        *u = flushed(square[0] * *u + square[1] * (g * g));
        let mean = mean.map(|m| {
            *m = flushed(shares[0] * *m + shares[1] * g);
            *m
        });
        let change = if let Rule::Adam { .. } = self.setting.rule {
            mean.unwrap_or_default() / (u.sqrt() + epsilon)
        } else {
            let variance = mean.map_or(*u, |m| *u - m * m);
            let variance = if variance < 0.0 { 0.0 } else { variance };
            let h = g / (variance.sqrt() + epsilon);
            velocity.map_or(h, |v| {
                *v = flushed(momentum * *v + h);
                *v
            })
        };
        *w = self.decay.decoupled(*w) - c * change;
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adam { .. } => write!(f, "adam"),
            Self::RmsProp { centered, momentum, .. } => {
                write!(f, "rmsprop")?;
                if *centered {
                    write!(f, ", centered")?;
                }
                if *momentum {
                    write!(f, ", with momentum")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        option::tell(f, self.decay, self.gradient)
    }
}
