//! The hyper-parameters of one step, validated.

use std::fmt;

use crate::round;

/// A hyper-parameter is outside its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HyperError {
    /// The hyper-parameter.
    pub name: &'static str,
    /// What it was set to.
    pub value: f64,
    /// Its range, as in its documentation.
    pub range: &'static str,
}

impl fmt::Display for HyperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, but {}", self.name, self.value, self.range)
    }
}

impl std::error::Error for HyperError {}

/// `value`, or an error where it is not `valid`.
pub(crate) fn check(
    name: &'static str,
    value: f64,
    range: &'static str,
    valid: bool,
) -> Result<f64, HyperError> {
    if valid { Ok(value) } else { Err(HyperError { name, value, range }) }
}

/// Learning rate α and momentum β of one step.
///
/// A schedule makes one per step; nothing in [`State`](crate::State) remembers them.
///
/// # Examples
///
/// ```
/// use ravine_momentum::Rates;
///
/// let error = Rates::new(0.1, 1.0).unwrap_err();
/// assert_eq!(error.to_string(), "momentum is 1, but 0 ≤ momentum < 1 as an f32");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    lr: f64,
    momentum: f64,
    next_momentum: f64,
    velocity_scale: f64,
}

impl Rates {
    /// Learning rate `lr` = α, positive and finite, and `momentum` = β in `0..1`, both also when they
    /// are rounded to `f32`; the next step's β is the same.
    ///
    /// # Errors
    ///
    /// If either is outside its range.
    pub fn new(lr: f64, momentum: f64) -> Result<Self, HyperError> {
        let lr = check("lr", lr, "0 < lr < ∞ as an f32", is_positive(lr))?;
        let momentum = coefficient(momentum)?;
        Ok(Self { lr, momentum, next_momentum: momentum, velocity_scale: 1.0 })
    }

    /// The same, before a step whose momentum is `next_momentum`: Nesterov's method in
    /// Sutskever's form looks ahead along the velocity as far as the *next* step will carry it.
    ///
    /// # Errors
    ///
    /// If it is outside `0..1`, also as an `f32`.
    pub fn followed_by(self, next_momentum: f64) -> Result<Self, HyperError> {
        Ok(Self { next_momentum: coefficient(next_momentum)?, ..self })
    }

    /// The same, for a velocity that is to be multiplied by `factor` before the step: β·factor
    /// becomes the rule's `a`, rounded once.
    ///
    /// [`Form::carried`](crate::Form::carried) knows the factor that a change of rates asks for. Two
    /// factors in a row multiply.
    ///
    /// # Errors
    ///
    /// If the factor, or its product with those before, is zero or not finite as an `f32`.
    pub fn rescaled(self, factor: f64) -> Result<Self, HyperError> {
        let velocity_scale = self.velocity_scale * factor;
        let valid = |x: f64| 0.0 < round(x).abs() && round(x).is_finite();
        let all = valid(factor) && valid(velocity_scale);
        check("velocity factor", factor, "it is finite and not 0 as an f32", all)?;
        Ok(Self { velocity_scale, ..self })
    }

    /// The same momentum at another learning rate, not validated.
    pub(crate) fn with_lr(self, lr: f64) -> Self {
        Self { lr, ..self }
    }

    /// Learning rate α.
    #[must_use]
    pub fn lr(self) -> f64 {
        self.lr
    }

    /// Momentum β.
    #[must_use]
    pub fn momentum(self) -> f64 {
        self.momentum
    }

    /// Momentum β of the next step.
    #[must_use]
    pub fn next_momentum(self) -> f64 {
        self.next_momentum
    }

    /// What the velocity is multiplied by before the step; 1 if nothing was said.
    #[must_use]
    pub fn velocity_scale(self) -> f64 {
        self.velocity_scale
    }
}

fn coefficient(momentum: f64) -> Result<f64, HyperError> {
    check("momentum", momentum, "0 ≤ momentum < 1 as an f32", keeps_less(momentum))
}

/// Whether what is multiplied by `decay`, rounded, becomes less: 0 ≤ decay < 1, also as an `f32`.
pub(crate) fn keeps_less(decay: f64) -> bool {
    0.0 <= decay && round(decay) < 1.0
}

/// Whether a number is positive and finite as an `f32`.
pub(crate) fn is_positive(x: f64) -> bool {
    0.0 < round(x) && round(x) < f32::INFINITY
}

/// Checks the decay of mean squares, and the ε that keeps their roots from zero.
pub(crate) fn check_squares(decay: f64, epsilon: f64) -> Result<(), HyperError> {
    check("square decay", decay, "0 ≤ square decay < 1 as an f32", keeps_less(decay))?;
    check("epsilon", epsilon, "0 < epsilon < ∞ as an f32", is_positive(epsilon)).map(drop)
}

/// Checks how many steps a saved state has taken, or `values` an average, and the product of their
/// decays.
pub(crate) fn check_taken(what: &'static str, n: u64, product: f64) -> Result<(), HyperError> {
    #[expect(clippy::cast_precision_loss, reason = "told, not computed with")]
    check(what, n as f64, "it is a count below 2⁵³", n < 1 << 53)?;
    let valid = (0.0..=1.0).contains(&product);
    check("product of decays", product, "0 ≤ product of decays ≤ 1", valid).map(drop)
}

/// A product of all decays so far, with one more. Long since 1 minus it is 1; left to sink into
/// the subnormal numbers, it would cost every later step more than the rest of its numbers.
#[inline]
pub(crate) fn multiplied(product: f64, decay: f64) -> f64 {
    let product = product * decay;
    if product < f64::MIN_POSITIVE { 0.0 } else { product }
}
