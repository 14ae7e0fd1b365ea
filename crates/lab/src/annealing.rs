//! Momentum that rises from 0.5 to 0.9, against constant momentum.

use ravine::momentum::{Form, Schedule};
use ravine::simd::{Level, Par};

use crate::Failure;
use crate::descent::{Basin, Recipe};
use crate::digits::{Digits, Trained};
use crate::rival::Rival;

/// Descents through one ravine at the same learning rate, with constant and with rising momentum.
///
/// In the classic form a step of a long run is α/(1 − β) of a gradient, so that a rising momentum is
/// a rising rate as well. In the EMA form it is α throughout: at the rate that equals the classic one
/// for β = 0.9 its first steps, at β = 0.5, are five times as large, and it grows where
/// αλ(1 − β) > 2 + 2β. A recipe that anneals β is one for one form.
///
/// The gradient is exact here, and nothing is won by starting with little momentum.
///
/// # References
///
/// I. Sutskever, J. Martens, G. Dahl and G. Hinton, *On the importance of initialization and
/// momentum in deep learning*, 2013.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Annealing {
    /// Condition κ.
    pub condition: f64,
    /// Dimensions, at least 2.
    pub dim: usize,
    /// Learning rate of the classic form.
    pub lr: f64,
    /// Steps over which momentum rises.
    pub rise: u64,
    /// The goal: distance from the minimum, as a share of the first.
    pub goal: f64,
    /// Steps at most.
    pub most: u64,
}

impl Default for Annealing {
    /// Condition 1000, until a thousandth of the way is left, momentum rising over 500 steps.
    fn default() -> Self {
        Self { condition: 1000.0, dim: 16, lr: 1.0, rise: 500, goal: 1e-3, most: 20_000 }
    }
}

/// Constant momenta, and those that rise over `rise` steps.
#[must_use]
pub fn momenta(rise: u64) -> [(&'static str, Schedule); 4] {
    [
        ("0.5", Schedule::Constant(0.5)),
        ("0.9", Schedule::Constant(0.9)),
        ("0.5 to 0.9 along a line", Schedule::Linear { from: 0.5, to: 0.9, steps: rise }),
        ("0.5 to 0.9 along a cosine", Schedule::Cosine { from: 0.5, to: 0.9, steps: rise }),
    ]
}

impl Annealing {
    /// Runs the classic form with each of the [`momenta`], and the EMA form at α/(1 − 0.9) with the
    /// same.
    ///
    /// # Errors
    ///
    /// If the ravine has no such spectrum, or a rate is outside its range.
    pub fn on_ravine(&self) -> Result<Vec<Rival>, Failure> {
        let basin = Basin::new(self.dim, self.condition)?;
        let forms = [
            (Form::Classic { nesterov: false }, self.lr),
            (Form::Ema { nesterov: false }, self.lr / (1.0 - 0.9)),
        ];
        let mut rivals = Vec::new();
        for (form, lr) in forms {
            for (name, momentum) in momenta(self.rise) {
                let recipe = Recipe { form, lr: Schedule::Constant(lr), momentum };
                let passage = basin.descend(recipe, self.goal, self.most)?;
                rivals.push(Rival { name, recipe, passage });
            }
        }
        Ok(rivals)
    }
}

/// Trains the perceptron on the digits with each of the [`momenta`], rising over two epochs.
///
/// # Errors
///
/// If a hyper-parameter is outside its range, or a run diverges.
pub fn on_digits(
    digits: Digits,
    level: Level,
    par: Par,
) -> Result<Vec<(&'static str, Trained)>, Failure> {
    let steps = digits.prepare()?.steps() / digits.epochs.max(1);
    let train = |(name, momentum)| {
        let trained = Digits { momentum, ..digits }.prepare()?.train(level, par, true)?;
        Ok((name, trained))
    };
    momenta(2 * steps).into_iter().map(train).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::Passage;

    #[test]
    fn descents_take_the_steps_that_theory_predicts_and_rising_momentum_lies_between() {
        let found = Annealing::default().on_ravine().unwrap();
        for Rival { name, recipe, passage: Passage { measured, predicted, course } } in &found {
            let off = measured.zip(*predicted).map_or(0, |(found, wanted)| found.abs_diff(wanted));
            let both = measured.is_some() == predicted.is_some();
            assert!(both && off <= 1, "{recipe:?}: {measured:?} steps, wanted {predicted:?}");
            let way = measured.map_or(course.len(), |steps| usize::try_from(steps).unwrap());
            for (t, [found, wanted]) in course[..way].iter().enumerate() {
                let off = (found / wanted - 1.0).abs();
                assert!(off < 1e-4, "{name}, step {t}: {found}, wanted {wanted}");
            }
        }
        let steps: Vec<_> = found.iter().map(|rival| rival.passage.measured).collect();
        let [Some(half), Some(most), Some(line), Some(cosine), None, Some(ema), None, None] =
            steps[..]
        else {
            panic!("{steps:?}");
        };
        assert!(most < line && line < half && most < cosine && cosine < half, "{steps:?}");
        assert!(ema.abs_diff(most) <= 1, "{steps:?}");
    }
}
