//! Why momentum crosses a ravine: what its steps do across it, and what they do along it.

use ravine::momentum::{Form, HyperError};

use crate::{Path, Plane};

/// The steps of a descent through a [`Plane`], each split along the two directions.
///
/// A step of best momentum turns about along the steep direction every time, so that the sum of
/// the steps is a small part of their lengths' sum; along the flat direction the steps have one
/// sign and add up. So do those of plain descent, but they stay small: momentum's reach further.
///
/// With the double roots r = ∓√β that the best rates have at the two curvatures λ (Polyak, 1964)
/// the distance e from the minimum after t steps is
///
/// ```text
/// e(t) = (e(0) + t·d)·rᵗ        d = (1 − αλ)·e(0)/r − e(0)
/// ```
///
/// # References
///
/// B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964.
/// G. Goh, *Why momentum really works*, 2017.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The steps across the ravine.
    pub steep: Vec<f64>,
    /// The steps along it.
    pub flat: Vec<f64>,
}

impl Split {
    /// The steps of `form` at its best rates.
    ///
    /// # Errors
    ///
    /// If a number of the form is outside its range.
    pub fn of(plane: &Plane, form: Form, steps: usize) -> Result<Self, HyperError> {
        let Path { points, .. } = plane.descend(form, steps)?;
        let parts: Vec<_> = points.iter().map(|point| plane.parts(point.map(f64::from))).collect();
        let along = |i: usize| parts.windows(2).map(|pair| pair[1][i] - pair[0][i]).collect();
        Ok(Self { steep: along(0), flat: along(1) })
    }
}

/// What is left of steps when they are added up: `|Σ steps| / Σ |steps|`, 1 where all have one
/// sign, near 0 where they cancel. It is 0 where there is no step.
#[must_use]
pub fn kept(steps: &[f64]) -> f64 {
    let net: f64 = steps.iter().sum();
    let length: f64 = steps.iter().map(|step| step.abs()).sum();
    if length > 0.0 { net.abs() / length } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use ravine::theory;

    use super::*;
    use crate::narrow;

    const MOMENTUM: Form = Form::Classic { nesterov: false };

    #[test]
    fn steps_of_momentum_cancel_across_the_ravine_and_add_up_along_it() {
        let plane = Plane { condition: 100.0, ..Plane::default() };
        let Split { steep, flat } = Split::of(&plane, MOMENTUM, 60).unwrap();
        assert!(steep[..40].windows(2).all(|pair| pair[0] * pair[1] < 0.0), "{steep:?}");
        assert!(flat[..40].iter().all(|&step| step < 0.0), "{flat:?}");
        assert!(kept(&steep) < 0.02 && kept(&flat) > 0.999, "{} {}", kept(&steep), kept(&flat));

        let plain = Split::of(&plane, Form::Plain, 60).unwrap();
        let [slow, fast] = [&plain.flat, &flat].map(|steps| -steps.iter().sum::<f64>());
        assert!(slow < 0.75 && fast > 0.999, "of a way of 1: {slow} and {fast}");
    }

    #[test]
    fn steps_are_those_of_the_closed_form() {
        let plane = Plane { condition: 100.0, ..Plane::default() };
        let best = narrow::optimum(theory::best(MOMENTUM, &plane.curvatures()));
        let split = Split::of(&plane, MOMENTUM, 40).unwrap();
        for (i, steps) in [&split.steep, &split.flat].into_iter().enumerate() {
            let (start, lambda) = (plane.start[i], plane.curvatures()[i]);
            let r = if i == 0 { -best.momentum.sqrt() } else { best.momentum.sqrt() };
            let d = (1.0 - best.lr * lambda) * start / r - start;
            let mut power = 1.0;
            for (t, &step) in (0..).zip(steps) {
                let now = (start + f64::from(t) * d) * power;
                power *= r;
                let wanted = (start + f64::from(t + 1) * d) * power - now;
                let off = (step - wanted).abs();
                assert!(off < 3e-6, "direction {i}, step {t}: {step}, wanted {wanted}");
            }
        }
    }

    #[test]
    fn what_is_kept_is_between_nothing_and_all() {
        assert!(kept(&[1.0, 2.0]) >= 1.0 && kept(&[-1.0, 1.0]) <= 0.0 && kept(&[]) <= 0.0);
        assert!((kept(&[3.0, -1.0]) - 0.5).abs() < 1e-15);
    }
}
