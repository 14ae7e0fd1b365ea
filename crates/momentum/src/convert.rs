//! From one form to another, and through changes of α and β.

use crate::form::Exact;
use crate::{Form, HyperError, Rates};

/// How far two directions may differ, relatively, and count as one: the rounding of `f64`.
const SAME: f64 = 1e-12;

/// What makes a run in one form go on in another as if nothing had happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// What the velocity is multiplied by.
    pub velocity: f64,
    /// The learning rate in the new form.
    pub lr: f64,
}

/// # Conversion
///
/// All forms are one recursion in other units. With the classic velocity `u ← β·u + g`, each has
/// a scale k and two weights p, q, which follow from its four numbers:
///
/// ```text
/// v = k·u            k = b
/// w ← w − (p·u + q·g)    p = b·c,  q = d
/// ```
///
/// | form | k | p | q | lr for a classic α |
/// |---|---|---|---|---|
/// | classic | 1 | α | | α |
/// | dampened | 1 − τ | α(1 − τ) | | α / (1 − τ) |
/// | sutskever | −α | α | | α |
/// | ema | 1 − β | α(1 − β) | | α / (1 − β) |
/// | ema-unbiased | 1 − β | α(1 − β) / (1 − Πβ) | | α(1 − Πβ) / (1 − β) |
/// | quasi-hyperbolic | 1 − β | αν(1 − β) | α(1 − ν) | where ν = 1, as ema |
///
/// Nesterov multiplies p by β and adds q = p/β; the learning rates stay. The
/// quasi-hyperbolic form is Nesterov's classic one where ν = β, with α / (1 − β).
///
/// The scale k changes with β in the EMA forms and with α in Sutskever's, but a velocity in
/// memory does not: this is all the forms differ by. Where β goes from β₀ to β₁, an average
/// stays k·u only if it is multiplied by (1 − β₁)/(1 − β₀) before the step. [`Form::carried`]
/// folds that factor into the rule's `a`; without it, the same schedule makes different runs.
///
/// Exact in algebra; in `f32` the runs differ by rounding, and not at all where the scales are
/// powers of two and nothing is flushed or overflows. Where 1 − β is no power of two, the
/// parameters of the EMA form and of the classic one are 1 ulp apart at most in 2000 steps down a
/// bowl, at β of .9, .95 and .99, with Nesterov and without; the bound is 2 ulp, 2.4·10⁻⁷ for
/// parameters in 1..2, which also holds while β goes from .5 to .9 and the velocity is carried.
///
/// A dampened run from the start is no classic run, since its first gradient is not dampened;
/// from any later state it is.
// Measured in `tests/equality/ema.rs` by `elsewhere_the_forms_are_at_most_two_neighbors_apart` and
// `annealing_momentum_parts_the_forms_unless_the_velocity_is_converted`.
impl Form {
    /// The scale k of the velocity that a step with `rates` leaves: v = k·u with the classic
    /// velocity u. `None` for [`Form::Plain`].
    #[must_use]
    pub fn velocity_scale(self, rates: Rates) -> Option<f64> {
        Exact::of(self, rates, 0.0).map(|exact| exact.b)
    }

    /// The rates `now` of a step after one with the rates `before`, so that the velocity is
    /// carried over as the classic one is: rescaled by k(now)/k(before).
    ///
    /// # Errors
    ///
    /// If that factor is zero or infinite in `f64`, by learning rates that far apart.
    ///
    /// # Examples
    ///
    /// An average with β annealed from .5 to .75, the same run as the classic form's:
    ///
    /// ```
    /// use ravine_momentum::{Form, Rates, Sgd, WeightDecay};
    ///
    /// let classic = Form::Classic { nesterov: false };
    /// let ema = Form::Ema { nesterov: false };
    /// let runs = [classic, ema].map(|form| Sgd { form, weight_decay: WeightDecay::None });
    /// let mut params = [[1.0], [1.0]];
    /// let mut states = [runs[0].init(1)?, runs[1].init(1)?];
    /// let mut before = None;
    /// for (t, beta) in [0.5, 0.5, 0.75, 0.75].into_iter().enumerate() {
    ///     let rates = Rates::new(0.125, beta)?;
    ///     runs[0].step(&mut states[0], rates, &mut params[0], &[t as f32]);
    ///
    ///     let lr = classic.equivalent(rates, 0.0, ema).expect("classic and EMA are one").lr;
    ///     let now = Rates::new(lr, beta)?;
    ///     let carried = ema.carried(before.unwrap_or(now), now)?;
    ///     runs[1].step(&mut states[1], carried, &mut params[1], &[t as f32]);
    ///     before = Some(now);
    /// }
    /// assert_eq!(params[0], params[1]);
    /// # Ok::<(), ravine_momentum::HyperError>(())
    /// ```
    pub fn carried(self, before: Rates, now: Rates) -> Result<Rates, HyperError> {
        match (self.velocity_scale(before), self.velocity_scale(now)) {
            (Some(before), Some(after)) => now.rescaled(after / before),
            _ => Ok(now),
        }
    }

    /// How to go on in the form `to` after a step with `rates`: the factor from this form's
    /// velocity to that of `to`, and the learning rate at which `to` takes the same steps.
    ///
    /// `beta_product` is Πβ including the step, as [`State::beta_product`](crate::State); only
    /// [`Form::EmaUnbiased`] asks for it. `None` where no learning rate makes the directions
    /// equal, as between Nesterov's and not, for [`Form::Plain`], and for [`Form::EmaUnbiased`]
    /// where Πβ is outside 0 ≤ Πβ < 1, as before the first step.
    #[must_use]
    pub fn equivalent(self, rates: Rates, beta_product: f64, to: Self) -> Option<Conversion> {
        let unbiased = [self, to].contains(&Self::EmaUnbiased);
        if unbiased && !(0.0..1.0).contains(&beta_product) {
            return None;
        }
        let from = Exact::of(self, rates, beta_product)?;
        let unit = Exact::of(to, rates.with_lr(1.0), beta_product)?;
        let (p, q) = from.weights();
        let (unit_p, unit_q) = unit.weights();
        let (left, right) = (p * unit_q, q * unit_p);
        if SAME * (left.abs() + right.abs()) < (left - right).abs() {
            return None;
        }
        let lr = if 0.0 < unit_p { p / unit_p } else { q / unit_q };
        let to = Exact::of(to, rates.with_lr(lr), beta_product)?;
        Some(Conversion { velocity: to.b / from.b, lr })
    }
}

impl Exact {
    /// p and q of the step `p·u + q·g`.
    fn weights(self) -> (f64, f64) {
        (self.b * self.c, self.d.unwrap_or(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSIC: Form = Form::Classic { nesterov: false };
    const NESTEROV: Form = Form::Classic { nesterov: true };

    #[track_caller]
    fn close(got: Option<Conversion>, velocity: f64, lr: f64) {
        let got = got.unwrap();
        assert!((got.velocity - velocity).abs() < 1e-14 * velocity.abs(), "{got:?}");
        assert!((got.lr - lr).abs() < 1e-14 * lr, "{got:?}");
    }

    #[test]
    fn there_is_no_unbiased_average_of_nothing() {
        let rates = Rates::new(0.1, 0.9).unwrap();
        for product in [1.0, 2.0, -0.1, f64::NAN] {
            assert_eq!(CLASSIC.equivalent(rates, product, Form::EmaUnbiased), None, "{product}");
            assert_eq!(Form::EmaUnbiased.equivalent(rates, product, CLASSIC), None, "{product}");
            let ema = Form::Ema { nesterov: false };
            assert!(CLASSIC.equivalent(rates, product, ema).is_some(), "asks for no product");
        }
        assert!(CLASSIC.equivalent(rates, 0.0, Form::EmaUnbiased).is_some());
    }

    #[test]
    fn conversions_from_classic_are_those_of_the_table() {
        let rates = Rates::new(0.1, 0.9).unwrap();
        for nesterov in [false, true] {
            let from = Form::Classic { nesterov };
            let to = |form| from.equivalent(rates, 0.729, form);
            close(to(from), 1.0, 0.1);
            close(to(Form::Sutskever { nesterov }), -0.1, 0.1);
            close(to(Form::Ema { nesterov }), 0.1, 1.0);
        }
        let dampened = Form::Dampened { dampening: 0.5, nesterov: false };
        close(CLASSIC.equivalent(rates, 0.0, dampened), 0.5, 0.2);
        close(CLASSIC.equivalent(rates, 0.729, Form::EmaUnbiased), 0.1, 0.1 * 0.271 / 0.1);
        close(CLASSIC.equivalent(rates, 0.0, Form::QuasiHyperbolic { nu: 1.0 }), 0.1, 1.0);
        close(NESTEROV.equivalent(rates, 0.0, Form::QuasiHyperbolic { nu: 0.9 }), 0.1, 1.0);
    }

    #[test]
    fn conversions_there_and_back_cancel() {
        let rates = Rates::new(0.03, 0.8).unwrap();
        for form in [Form::Sutskever { nesterov: true }, Form::Ema { nesterov: true }] {
            let there = NESTEROV.equivalent(rates, 0.0, form).unwrap();
            let back = form.equivalent(Rates::new(there.lr, 0.8).unwrap(), 0.0, NESTEROV);
            close(back, 1.0 / there.velocity, 0.03);
        }
    }

    #[test]
    fn forms_of_other_directions_have_no_conversion() {
        let rates = Rates::new(0.1, 0.9).unwrap();
        let annealed = rates.followed_by(0.95).unwrap();
        for (rates, from, to) in [
            (rates, CLASSIC, NESTEROV),
            (rates, NESTEROV, CLASSIC),
            (rates, CLASSIC, Form::Plain),
            (rates, Form::Plain, CLASSIC),
            (rates, CLASSIC, Form::QuasiHyperbolic { nu: 0.9 }),
            (rates, NESTEROV, Form::QuasiHyperbolic { nu: 0.8 }),
            (annealed, NESTEROV, Form::Sutskever { nesterov: true }),
        ] {
            assert_eq!(from.equivalent(rates, 0.0, to), None, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn directions_are_told_apart_at_any_learning_rate() {
        for lr in [1e-9, 1e-3, 1e3, 1e9] {
            for beta in [0.3, 0.6, 0.7, 0.9, 0.95] {
                let rates = Rates::new(lr, beta).unwrap();
                let to = |nu| NESTEROV.equivalent(rates, 0.0, Form::QuasiHyperbolic { nu });
                close(to(beta), 1.0 - beta, lr / (1.0 - beta));
                assert_eq!(to(beta - 0.01), None, "α {lr}, β {beta}");
            }
        }
    }

    #[test]
    fn nesterovs_step_without_momentum_is_the_gradients() {
        let rates = Rates::new(2.5, 0.0).unwrap();
        for form in [Form::Ema { nesterov: true }, Form::QuasiHyperbolic { nu: 0.0 }] {
            close(NESTEROV.equivalent(rates, 0.0, form), 1.0, 2.5);
        }
    }

    #[test]
    fn only_forms_whose_scale_changes_are_rescaled() {
        let (before, now) = (Rates::new(0.1, 0.5).unwrap(), Rates::new(0.01, 0.9).unwrap());
        for (form, factor) in [
            (Form::Plain, 1.0),
            (CLASSIC, 1.0),
            (Form::Dampened { dampening: 0.3, nesterov: false }, 1.0),
            (Form::Sutskever { nesterov: false }, 0.1),
            (Form::Ema { nesterov: true }, 0.2),
            (Form::EmaUnbiased, 0.2),
            (Form::QuasiHyperbolic { nu: 0.7 }, 0.2),
        ] {
            let got = form.carried(before, now).unwrap().velocity_scale();
            assert!((got - factor).abs() < 1e-15, "{form:?}: {got}");
        }
    }
}
