//! Why not just a smaller learning rate, or one that falls?

use ravine::momentum::{Form, Schedule};
use ravine::theory;

use crate::Failure;
use crate::descent::{Basin, Passage, Recipe};

/// Plain descents with smaller and with decayed learning rates through one ravine, and momentum.
///
/// What keeps plain descent from going faster is the steep end, which allows no rate beyond 2; what
/// it waits for is the flat end, along which a step takes αλ = α/κ of the way. So a smaller rate is
/// slower in proportion, and one that falls is slow for as long as it stays low: the error along λ
/// is
///
/// ```text
/// e(t) = Π (1 − αₛλ)        s < t
/// ```
///
/// which stays above `exp(−λ·Σα/(1 − λ·max α))`, so that it takes a sum of rates of about κ·ln(1/goal),
/// however they are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rivals {
    /// Condition κ.
    pub condition: f64,
    /// Dimensions, at least 2.
    pub dim: usize,
    /// The goal: distance from the minimum, as a share of the first.
    pub goal: f64,
    /// Steps at most.
    pub most: u64,
}

/// A descent with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// What it is called.
    pub name: &'static str,
    /// What it was told.
    pub recipe: Recipe,
    /// How it fared.
    pub passage: Passage,
}

impl Default for Rivals {
    /// Condition 1000, until a thousandth of the way is left.
    fn default() -> Self {
        Self { condition: 1000.0, dim: 16, goal: 1e-3, most: 40_000 }
    }
}

impl Rivals {
    /// The descents, momentum last.
    #[must_use]
    pub fn recipes(&self) -> [(&'static str, Recipe); 8] {
        let ends = [self.condition.recip(), 1.0];
        let [plain, best] = [Form::Plain, MOMENTUM].map(|form| theory::best(form, &ends));
        let descent = |lr| Recipe { form: Form::Plain, lr, momentum: Schedule::Constant(0.0) };
        let constant = |share: f64| descent(Schedule::Constant(share * plain.lr));
        let (from, to, steps) = (plain.lr, 0.01 * plain.lr, 1000);
        let momentum = |lr, momentum| Recipe {
            form: MOMENTUM,
            lr: Schedule::Constant(lr),
            momentum: Schedule::Constant(momentum),
        };
        [
            ("plain, the best rate", constant(1.0)),
            ("plain, half of it", constant(0.5)),
            ("plain, a tenth of it", constant(0.1)),
            ("plain, falling along a line", descent(Schedule::Linear { from, to, steps })),
            ("plain, falling along a cosine", descent(Schedule::Cosine { from, to, steps })),
            ("plain, at momentum's rate", descent(Schedule::Constant(best.lr))),
            ("momentum 0.9, half the plain rate", momentum(0.5 * plain.lr, 0.9)),
            ("momentum, the best rates", momentum(best.lr, best.momentum)),
        ]
    }

    /// Runs them.
    ///
    /// # Errors
    ///
    /// If the condition or the dimensions are outside their range.
    pub fn run(&self) -> Result<Vec<Rival>, Failure> {
        let basin = Basin::new(self.dim, self.condition)?;
        let run = |(name, recipe)| {
            let passage = basin.descend(recipe, self.goal, self.most)?;
            Ok(Rival { name, recipe, passage })
        };
        self.recipes().into_iter().map(run).collect()
    }
}

const MOMENTUM: Form = Form::Classic { nesterov: false };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrow::rounded;

    /// Steps of plain descent by the product over its rates.
    fn closed_form(rivals: &Rivals, recipe: Recipe) -> Option<u64> {
        let basin = Basin::new(rivals.dim, rivals.condition).unwrap();
        let curvatures: Vec<f64> = basin.curvatures().collect();
        let mut errors = vec![1.0; curvatures.len()];
        let distance = |errors: &[f64]| errors.iter().map(|e| e * e).sum::<f64>().sqrt();
        let goal = rivals.goal * distance(&errors);
        (0..rivals.most).find(|&t| {
            let there = distance(&errors) < goal;
            let lr = rounded(recipe.lr.at(t));
            errors.iter_mut().zip(&curvatures).for_each(|(e, lambda)| *e *= 1.0 - lr * lambda);
            there
        })
    }

    #[test]
    fn every_descent_takes_the_way_and_the_steps_that_theory_predicts() {
        let rivals = Rivals::default();
        for Rival { name, recipe, passage } in rivals.run().unwrap() {
            let Passage { measured, predicted, course } = passage;
            let off = measured.zip(predicted).map_or(0, |(found, wanted)| found.abs_diff(wanted));
            let both = measured.is_some() == predicted.is_some();
            assert!(both && off <= 1, "{name}: {measured:?} steps, wanted {predicted:?}");
            if recipe.form == Form::Plain {
                assert_eq!(predicted, closed_form(&rivals, recipe), "{name}");
            }
            let way = measured.map_or(course.len(), |steps| usize::try_from(steps).unwrap());
            for (t, [found, wanted]) in course[..way].iter().enumerate() {
                assert!((found / wanted - 1.0).abs() < 1e-4, "{name}, step {t}: {found}, {wanted}");
            }
        }
    }

    #[test]
    fn a_smaller_rate_is_slower_in_proportion_and_one_that_falls_is_slowest_of_all() {
        let rivals = Rivals::default();
        let found = rivals.run().unwrap();
        let steps = found.iter().map(|rival| rival.passage.measured).collect::<Vec<_>>();
        let [Some(best), Some(half), Some(tenth), None, None, None, Some(usual), Some(fastest)] =
            steps[..]
        else {
            panic!("{steps:?}");
        };
        // Along the flat end, which both wait for, t·ln(1 − αλ) is the same.
        let [half_speed, tenth_speed] =
            [0.5, 0.1].map(|share: f64| -(-share * 2.0 / 1001.0).ln_1p());
        let (ratio, wanted) = (tenth as f64 / half as f64, half_speed / tenth_speed);
        assert!((ratio / wanted - 1.0).abs() < 1e-3, "{ratio} times, wanted {wanted}");
        // At a hundredth of the rate the rest of the way takes a hundred times as long.
        let last = |i: usize| found[i].passage.course.last().unwrap()[0];
        for (i, wanted) in [(3, 226_803_u64), (4, 226_799)] {
            let patient = Rivals { most: 300_000, ..rivals };
            let steps = closed_form(&patient, found[i].recipe).unwrap();
            assert!(steps.abs_diff(wanted) <= 1, "{}: {steps}", found[i].name);
            assert!((0.04..0.05).contains(&last(i)), "{}: {}", found[i].name, last(i));
        }
        assert!(last(5) > 1e6, "{}", last(5));
        // The best rate waits for the steep end as long as for the flat one.
        assert!(best < half && half < 2 * best, "{half} and {best}");
        assert!(5 * usual < best && 15 * fastest < best, "{usual} and {fastest} of {best}");
    }
}
