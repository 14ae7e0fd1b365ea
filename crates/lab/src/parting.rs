//! Where the forms of momentum are one run in other units, and where they part.

use ravine::momentum::{Form, Rates, Schedule};

use crate::Failure;
use crate::descent::{Basin, Pair, Recipe};
use crate::narrow::rounded;

/// A run in one form, and its conversion to another, side by side through one ravine.
///
/// The other form runs at the learning rate that [`Form::equivalent`] names for the momentum of every
/// step. At a change of rates its velocity is as it was, or [carried](Form::carried) over. Nesterov's
/// step in Sutskever's form looks ahead by the momentum of the step after, and the classic one by that
/// of the step: where β changes, nothing that is carried over makes the two one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub name: &'static str,
    /// The form with its rates.
    pub from: Recipe,
    /// The other form.
    pub to: Form,
    /// Whether the velocity is carried through changes of the rates.
    pub carried: bool,
    /// What becomes of them.
    pub agreement: Agreement,
}

/// How two forms agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Bit for bit: the scales of the velocities are powers of two.
    Bits,
    /// Up to the rounding of `f32`.
    Rounding,
    /// Not.
    Parts,
}

/// How far two runs are apart by step: the largest difference of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// By the kernels.
    pub measured: Vec<f64>,
    /// In `f64`.
    pub theory: Vec<f64>,
    /// The first step after which a bit differs.
    pub first: Option<u64>,
}

/// Steps of a comparison; the velocity stays far above 2⁻¹²⁶, below which it is flushed to zero and
/// bits would part.
const STEPS: u64 = 240;

const CLASSIC: Form = Form::Classic { nesterov: false };
const NESTEROV: Form = Form::Classic { nesterov: true };
const SUTSKEVER: Form = Form::Sutskever { nesterov: false };
const SUTSKEVER_NESTEROV: Form = Form::Sutskever { nesterov: true };
const EMA: Form = Form::Ema { nesterov: false };
const EMA_NESTEROV: Form = Form::Ema { nesterov: true };

/// The comparisons, those at constant rates first.
#[must_use]
pub fn comparisons() -> [Comparison; 21] {
    use Agreement::{Bits, Parts, Rounding};
    let (constant, tenth) = (Schedule::Constant, Schedule::Constant(0.1));
    let (rising, falling) = (
        Schedule::Linear { from: 0.5, to: 0.9, steps: 160 },
        Schedule::Cosine { from: 0.2, to: 0.02, steps: 200 },
    );
    let stepping = Schedule::Linear { from: 0.0, to: 0.9, steps: 4 };
    let of = |name, form, lr, momentum, to, agreement| Comparison {
        name,
        from: Recipe { form, lr, momentum },
        to,
        carried: false,
        agreement,
    };
    let nesterov =
        |name, lr, momentum, to, agreement| of(name, NESTEROV, lr, momentum, to, agreement);
    let carried = |comparison| Comparison { carried: true, ..comparison };
    let ninth = constant(0.9);
    let mean = Form::QuasiHyperbolic { nu: rounded(0.9) };
    let half = Form::Dampened { dampening: 0.5, nesterov: false };
    [
        of("ema, β = 0.5", CLASSIC, tenth, constant(0.5), EMA, Bits),
        of("ema, β = 0.75", CLASSIC, tenth, constant(0.75), EMA, Bits),
        of("ema, β = 0.875", CLASSIC, tenth, constant(0.875), EMA, Bits),
        of("ema, β = 0.9", CLASSIC, tenth, ninth, EMA, Rounding),
        of("ema-unbiased, α by step", CLASSIC, tenth, ninth, Form::EmaUnbiased, Rounding),
        of("sutskever, α = 1/8", CLASSIC, constant(0.125), ninth, SUTSKEVER, Bits),
        of("sutskever, α = 0.1", CLASSIC, tenth, ninth, SUTSKEVER, Rounding),
        of("Nesterov as quasi-hyperbolic, ν = β", NESTEROV, tenth, ninth, mean, Rounding),
        of("dampened, its first gradient whole", CLASSIC, tenth, ninth, half, Parts),
        of("ema, β rising", CLASSIC, tenth, rising, EMA, Parts),
        carried(of("ema, β rising, carried", CLASSIC, tenth, rising, EMA, Rounding)),
        of("ema-unbiased, β rising", CLASSIC, tenth, rising, Form::EmaUnbiased, Parts),
        carried(of(
            "ema-unbiased, β rising, carried",
            CLASSIC,
            tenth,
            rising,
            Form::EmaUnbiased,
            Rounding,
        )),
        of("sutskever, β rising", CLASSIC, constant(0.125), rising, SUTSKEVER, Bits),
        of("sutskever, α falling", CLASSIC, falling, ninth, SUTSKEVER, Parts),
        carried(of("sutskever, α falling, carried", CLASSIC, falling, ninth, SUTSKEVER, Rounding)),
        nesterov("ema, Nesterov, β rising", tenth, rising, EMA_NESTEROV, Parts),
        carried(nesterov(
            "ema, Nesterov, β rising, carried",
            tenth,
            rising,
            EMA_NESTEROV,
            Rounding,
        )),
        nesterov("sutskever, Nesterov, β in steps", tenth, stepping, SUTSKEVER_NESTEROV, Parts),
        nesterov("sutskever, Nesterov, α falling", falling, ninth, SUTSKEVER_NESTEROV, Parts),
        carried(nesterov(
            "sutskever, Nesterov, α falling, carried",
            falling,
            ninth,
            SUTSKEVER_NESTEROV,
            Rounding,
        )),
    ]
}

impl Comparison {
    /// Runs both forms for 240 steps.
    ///
    /// # Errors
    ///
    /// If a number of the forms is outside its range, or the ravine has no such spectrum.
    ///
    /// # Panics
    ///
    /// If no learning rate makes the other form take the same steps.
    pub fn run(&self, basin: &Basin) -> Result<Parting, Failure> {
        let mut pairs = [
            Pair::new(basin, self.from)?,
            Pair::new(basin, Recipe { form: self.to, ..self.from })?,
        ];
        let mut parting = Parting { measured: Vec::new(), theory: Vec::new(), first: None };
        let (mut before, mut product) = (None, 1.0);
        for t in 0..STEPS {
            let Recipe { lr, momentum, .. } = self.from;
            let [lr, momentum, next] = [lr.at(t), momentum.at(t), momentum.at(t + 1)].map(rounded);
            let rates = Rates::new(lr, momentum)?;
            product *= momentum;
            let conversion = self.from.form.equivalent(rates, product, self.to);
            let other = Rates::new(conversion.expect("the forms are equivalent").lr, momentum)?;
            let last = before.replace(other).filter(|_| self.carried).unwrap_or(other);
            pairs[0].step_with(rates.followed_by(next)?);
            pairs[1].step_with(self.to.carried(last, other)?.followed_by(next)?);
            parting.see(&pairs, t);
        }
        Ok(parting)
    }
}

impl Parting {
    fn see(&mut self, [a, b]: &[Pair<'_>; 2], t: u64) {
        let wide =
            |pair: &Pair<'_>| pair.params().iter().map(|&w| f64::from(w)).collect::<Vec<_>>();
        self.measured.push(apart(&wide(a), &wide(b)));
        self.theory.push(apart(a.exact(), b.exact()));
        let same = a.params().iter().zip(b.params()).all(|(a, b)| a.to_bits() == b.to_bits());
        self.first = self.first.or((!same).then_some(t + 1));
    }

    /// The largest distance by the kernels, and in `f64`.
    #[must_use]
    pub fn most(&self) -> [f64; 2] {
        [&self.measured, &self.theory].map(|apart| apart.iter().copied().fold(0.0, f64::max))
    }
}

/// The largest difference.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What rounding leaves between two runs: parameters stay below 2, and each step rounds a few
    /// times by at most 2⁻²⁵, which the ravine forgets.
    const ROUNDING: f64 = 1e-6;

    #[test]
    fn forms_agree_where_their_scales_are_constant_or_carried_and_part_elsewhere() {
        let basin = Basin::new(12, 100.0).unwrap();
        for comparison in comparisons() {
            let name = comparison.name;
            let parting = comparison.run(&basin).unwrap();
            let [most, theory] = parting.most();
            match comparison.agreement {
                Agreement::Bits => assert_eq!(parting.first, None, "{name}"),
                Agreement::Rounding => {
                    assert!(parting.first.is_some() && most < ROUNDING, "{name}: {most}");
                    assert!(theory < 1e-14, "{name}: {theory} apart in f64");
                }
                Agreement::Parts => assert!(1e-2 < most, "{name}: {most}"),
            }
            for (t, (found, wanted)) in parting.measured.iter().zip(&parting.theory).enumerate() {
                let off = (found - wanted).abs();
                assert!(off < ROUNDING, "{name}, step {t}: {found} apart, wanted {wanted}");
            }
        }
    }

    #[test]
    fn every_run_moves() {
        let basin = Basin::new(12, 100.0).unwrap();
        for Comparison { name, from, to, .. } in comparisons() {
            for form in [from.form, to] {
                let mut pair = Pair::new(&basin, Recipe { form, ..from }).unwrap();
                (0..STEPS).for_each(|t| pair.step(t).unwrap());
                let [found, wanted] = pair.distances();
                assert!(wanted < 3.2, "{name}: {wanted}");
                assert!((found - wanted).abs() < ROUNDING, "{name}: {found}, wanted {wanted}");
            }
        }
    }
}
