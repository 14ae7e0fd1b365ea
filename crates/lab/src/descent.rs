//! A descent with rates that may change, by the kernels and in `f64` side by side.

use ravine::data::{Spectrum, SpectrumError};
use ravine::momentum::{Form, HyperError, Rates, Schedule, Sgd, State, WeightDecay};

use crate::narrow::{narrow, rounded};
use crate::settle::Settling;
use crate::{Failure, Walk};

/// What a descent is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// The form of momentum.
    pub form: Form,
    /// Learning rate α by step.
    pub lr: Schedule,
    /// Momentum β by step.
    pub momentum: Schedule,
}

/// A ravine along the axes, with its minimum 0 at the origin, where `f32` keeps its relative
/// precision:
///
/// ```text
/// f(w) = ½·Σ λᵢ·wᵢ²        λ from 1/κ to 1 in equal steps of the logarithm
/// ```
///
/// Descents start at 1 along every axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Basin {
    curvatures: Vec<f32>,
}

/// Two runs of one recipe, where they stand: by the kernels, and in `f64` by [`Walk`] at the rates
/// as rounded.
#[derive(Debug)]
pub struct Pair<'a> {
    basin: &'a Basin,
    recipe: Recipe,
    sgd: Sgd,
    state: State,
    walk: Walk,
    params: Vec<f32>,
    exact: Vec<f64>,
}

/// How a descent fared, by its distance from the minimum, as a share of the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Steps of the kernels until it stays below the goal; `None` where it does not.
    pub measured: Option<u64>,
    /// Steps in `f64`.
    pub predicted: Option<u64>,
    /// The distance before each step: of the kernels, and in `f64`.
    pub course: Vec<[f64; 2]>,
}

impl Basin {
    /// The ravine of condition κ in `dim` dimensions.
    ///
    /// # Errors
    ///
    /// If there is no such spectrum.
    pub fn new(dim: usize, condition: f64) -> Result<Self, SpectrumError> {
        let eigenvalues = Spectrum::Log.eigenvalues(dim, condition)?;
        Ok(Self { curvatures: eigenvalues.into_iter().map(narrow).collect() })
    }

    /// The curvatures λ, ascending.
    pub fn curvatures(&self) -> impl ExactSizeIterator<Item = f64> {
        self.curvatures.iter().map(|&curvature| f64::from(curvature))
    }

    /// Runs a recipe, at most `most` steps, until the distance stays below `goal` in both
    /// arithmetics, or has grown a million times.
    ///
    /// # Errors
    ///
    /// If a number of the recipe is outside its range.
    pub fn descend(&self, recipe: Recipe, goal: f64, most: u64) -> Result<Passage, Failure> {
        const LOST: f64 = 1e6;
        let mut pair = Pair::new(self, recipe)?;
        let mut settling = [Settling::below(goal); 2];
        let (first, mut course) = (pair.distances()[0], Vec::new());
        for t in 0..=most {
            let distances = pair.distances().map(|distance| distance / first);
            course.push(distances);
            settling
                .iter_mut()
                .zip(distances)
                .for_each(|(settling, distance)| settling.see(distance));
            let settled = settling.iter().all(|settling| settling.steps().is_some());
            if settled || distances.iter().any(|&distance| LOST < distance) {
                break;
            }
            pair.step(t)?;
        }
        let [measured, predicted] = settling.map(|settling| settling.steps());
        Ok(Passage { measured, predicted, course })
    }
}

impl<'a> Pair<'a> {
    /// Both runs before their first step.
    ///
    /// # Errors
    ///
    /// If a number of the form is outside its range.
    pub fn new(basin: &'a Basin, recipe: Recipe) -> Result<Self, HyperError> {
        let dim = basin.curvatures.len();
        let sgd = Sgd { form: recipe.form, weight_decay: WeightDecay::None };
        Ok(Self {
            basin,
            recipe,
            sgd,
            state: sgd.init(dim)?,
            walk: Walk::new(recipe.form, 0.0, 0.0, dim),
            params: vec![1.0; dim],
            exact: vec![1.0; dim],
        })
    }

    /// Takes step `t` of both.
    ///
    /// # Errors
    ///
    /// If a rate of the step is outside its range.
    pub fn step(&mut self, t: u64) -> Result<(), HyperError> {
        let Recipe { lr, momentum, .. } = self.recipe;
        let [lr, now, next] = [lr.at(t), momentum.at(t), momentum.at(t + 1)].map(rounded);
        self.step_with(Rates::new(lr, now)?.followed_by(next)?);
        Ok(())
    }

    /// Takes a step of both with the rates of a caller.
    pub(crate) fn step_with(&mut self, rates: Rates) {
        let curvatures = &self.basin.curvatures;
        let grads: Vec<f32> =
            curvatures.iter().zip(&self.params).map(|(curvature, w)| curvature * w).collect();
        self.sgd.step(&mut self.state, rates, &mut self.params, &grads);
        let slopes: Vec<f64> =
            self.basin.curvatures().zip(&self.exact).map(|(curvature, w)| curvature * w).collect();
        self.walk.rescale(rates.velocity_scale());
        self.walk.set_rates(rates.lr(), rates.momentum());
        self.walk.look_ahead(rates.next_momentum());
        self.walk.step(&mut self.exact, &slopes);
    }

    /// The parameters of the kernels.
    #[must_use]
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// The parameters in `f64`.
    #[must_use]
    pub fn exact(&self) -> &[f64] {
        &self.exact
    }

    /// The distances from the minimum: of the kernels, and in `f64`.
    #[must_use]
    pub fn distances(&self) -> [f64; 2] {
        let squares = self.params.iter().map(|&w| f64::from(w) * f64::from(w)).sum::<f64>();
        [squares, self.exact.iter().map(|w| w * w).sum::<f64>()].map(f64::sqrt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::race::FORMS;

    #[test]
    fn the_kernels_follow_the_rule_in_f64_while_rates_change() {
        let basin = Basin::new(12, 300.0).unwrap();
        let lr = Schedule::Cosine { from: 0.4, to: 0.1, steps: 300 };
        let momentum = Schedule::Linear { from: 0.5, to: 0.9, steps: 200 };
        for (name, form) in FORMS {
            let mut pair = Pair::new(&basin, Recipe { form, lr, momentum }).unwrap();
            for t in 0..400 {
                pair.step(t).unwrap();
                for (i, (&w, exact)) in pair.params().iter().zip(pair.exact()).enumerate() {
                    let off = (f64::from(w) - exact).abs();
                    assert!(off < 1e-6, "{name}, step {t}, axis {i}: {w}, wanted {exact}");
                }
            }
            assert!(pair.distances()[0] < 0.8 * 12_f64.sqrt(), "{name} stays");
        }
    }

    #[test]
    fn a_descent_that_grows_or_takes_too_long_does_not_arrive() {
        let basin = Basin::new(2, 10.0).unwrap();
        let recipe = |lr| Recipe {
            form: Form::Plain,
            lr: Schedule::Constant(lr),
            momentum: Schedule::Constant(0.0),
        };
        let grows = basin.descend(recipe(2.5), 1e-3, 1000).unwrap();
        assert_eq!((grows.measured, grows.predicted), (None, None));
        assert!(grows.course.len() < 100, "{}", grows.course.len());
        let slow = basin.descend(recipe(1e-3), 1e-3, 1000).unwrap();
        assert_eq!((slow.measured, slow.predicted, slow.course.len()), (None, None, 1001));
    }
}
