//! The forms of momentum, as makers of the four numbers.

use crate::rates::check;
use crate::{HyperError, Rates, Rule, round};

/// One of the rules that are called "SGD with momentum".
///
/// The crate's documentation says who uses which. With learning rate α, momentum β of this step,
/// Πβ the product of all momenta so far, this step's included:
///
/// | form | a | b | c | d | with Nesterov: c, d |
/// |---|---|---|---|---|---|
/// | plain | | | | | |
/// | classic | β | 1 | α | none | αβ, α |
/// | dampened | β, first step 0 | 1 − τ, first step 1 | α | none | αβ, α |
/// | sutskever | β | −α | −1 | none | −β of the next step, α |
/// | ema | β | 1 − β | α | none | αβ, α(1 − β) |
/// | ema-unbiased | β | 1 − β | α / (1 − Πβ) | none | |
/// | quasi-hyperbolic | β | 1 − β | αν | α(1 − ν) | |
///
/// The numbers are computed in `f64` and rounded to `f32` once. A schedule changes the numbers
/// and never the velocity; [`Form::carried`] is for where it should.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// No momentum, no velocity: `w ← w − α·g`.
    Plain,
    /// The learning rate outside the velocity: `v ← β·v + g; w ← w − α·v` (Polyak, 1964).
    Classic {
        /// Steps along `g + β·v` instead of `v`.
        nesterov: bool,
    },
    /// Classic with gradients weighted by 1 − τ, except the first (PyTorch).
    ///
    /// As in PyTorch, τ is ignored where β = 0.
    Dampened {
        /// Dampening τ, in `0..1`; with Nesterov 0.
        dampening: f64,
        /// Steps along `g + β·v` instead of `v`.
        nesterov: bool,
    },
    /// The learning rate inside the velocity: `v ← β·v − α·g; w ← w + v` (Sutskever et al.,
    /// 2013). Differs from classic as soon as α changes.
    Sutskever {
        /// Keeps w at the look-ahead point θ + β·v.
        nesterov: bool,
    },
    /// The velocity is a moving average of gradients: `v ← β·v + (1 − β)·g; w ← w − α·v`.
    /// Differs from classic with α·(1 − β) as soon as β changes, and before by
    /// [rounding](Form#conversion) alone: 1 ulp, where it was measured.
    Ema {
        /// Steps along `(1 − β)·g + β·v` instead of `v`.
        nesterov: bool,
    },
    /// [`Form::Ema`] with the average divided by the sum of its weights, 1 − Πβ, so that the
    /// first steps are not small (as Adam's first moment).
    EmaUnbiased,
    /// Between plain and EMA: `w ← w − α·((1 − ν)·g + ν·v)` (Ma and Yarats, 2019). Nesterov's
    /// method where ν = β.
    QuasiHyperbolic {
        /// Weight ν of the velocity, in `0..=1`.
        nu: f64,
    },
}

/// The rule's numbers before rounding.
#[derive(Clone, Copy)]
pub(crate) struct Exact {
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) c: f64,
    pub(crate) d: Option<f64>,
}

impl Exact {
    /// The numbers of every step but the first of a run; `None` for plain.
    pub(crate) fn of(form: Form, rates: Rates, beta_product: f64) -> Option<Self> {
        let (lr, beta) = (rates.lr(), rates.momentum());
        let step = |nesterov, unit: f64| match nesterov {
            false => (lr, None),
            true => (lr * beta, Some(lr * unit)),
        };
        let (b, (c, d)) = match form {
            Form::Plain => return None,
            Form::Classic { nesterov } => (1.0, step(nesterov, 1.0)),
            Form::Dampened { dampening, nesterov } => {
                let b = if 0.0 < beta { 1.0 - dampening } else { 1.0 };
                (b, step(nesterov, 1.0))
            }
            Form::Sutskever { nesterov: false } => (-lr, (-1.0, None)),
            Form::Sutskever { nesterov: true } => (-lr, (-rates.next_momentum(), Some(lr))),
            Form::Ema { nesterov } => (1.0 - beta, step(nesterov, 1.0 - beta)),
            Form::EmaUnbiased => (1.0 - beta, (lr / (1.0 - beta_product), None)),
            Form::QuasiHyperbolic { nu } => (1.0 - beta, (lr * nu, Some(lr * (1.0 - nu)))),
        };
        Some(Self { a: beta * rates.velocity_scale(), b, c, d })
    }
}

impl Form {
    /// Whether steps need a velocity: all but [`Form::Plain`] do.
    #[inline]
    #[must_use]
    pub fn has_velocity(self) -> bool {
        self != Self::Plain
    }

    /// The rule of a step; `None` for [`Form::Plain`].
    ///
    /// `first` says that no step came before, and `beta_product` is Πβ, this step's β included.
    #[inline]
    #[must_use]
    pub fn rule(self, rates: Rates, first: bool, beta_product: f64) -> Option<Rule> {
        let mut exact = Exact::of(self, rates, beta_product)?;
        if first && matches!(self, Self::Dampened { .. }) {
            (exact.a, exact.b) = (0.0, 1.0);
        }
        let Exact { a, b, c, d } = exact;
        Some(Rule { a: round(a), b: round(b), c: round(c), d: d.map(round) })
    }

    /// Checks the form's own numbers.
    ///
    /// # Errors
    ///
    /// If τ is not in `0..1`, or not 0 with Nesterov; if ν is not in `0..=1`.
    pub fn validate(self) -> Result<(), HyperError> {
        match self {
            Self::Dampened { dampening, nesterov } => {
                let valid = (0.0..1.0).contains(&dampening);
                check("dampening", dampening, "0 ≤ dampening < 1", valid)?;
                let valid = !nesterov || dampening <= 0.0;
                check("dampening", dampening, "dampening = 0 with Nesterov", valid)?;
            }
            Self::QuasiHyperbolic { nu } => {
                check("nu", nu, "0 ≤ nu ≤ 1", (0.0..=1.0).contains(&nu))?;
            }
            _ => {}
        }
        Ok(())
    }
}
