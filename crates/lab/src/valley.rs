//! Beyond bowls: hills that stop plain descent, and a curved valley that slows it down.

use std::f64::consts::TAU;

use ravine::data::{Function, Hills, Purpose, Stream, Valley};
use ravine::momentum::{Form, HyperError, Rates, Sgd, WeightDecay};

use crate::Walk;
use crate::narrow::{narrow, rounded};
use crate::settle::Settling;

/// Descents on [`Hills`] from many starts, which are drawn evenly from `−reach..reach`.
///
/// The function is a sum over axes, so that every axis is a descent of its own, and the kernels
/// step all of them at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hilly {
    /// Starts.
    pub starts: usize,
    /// How far from the minimum starts lie at most.
    pub reach: f64,
    /// Learning rate of the classic form, and of plain descent.
    pub lr: f64,
    /// Steps of each descent.
    pub steps: usize,
    /// Seed of the starts.
    pub seed: u64,
}

/// A share of starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// By the kernels.
    pub measured: f64,
    /// By the rule in `f64`.
    pub theory: f64,
}

/// A descent through [`Valley`], Rosenbrock's, from its usual start (−1.2, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curved {
    /// Learning rate of the classic form, and of plain descent; the curvature of the valley asks
    /// for less than 2/1330.
    pub lr: f64,
    /// The value below which the descent has arrived.
    pub goal: f64,
    /// Steps at most.
    pub most: u64,
}

/// What a descent through the valley came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Descended {
    /// Steps after which the value stays below the goal; `None` where it does not.
    pub steps: Option<u64>,
    /// The points on the way, the start first.
    pub points: Vec<[f32; 2]>,
}

/// Plain descent, or the classic form with a momentum.
fn form(momentum: f64) -> Form {
    if momentum > 0.0 { Form::Classic { nesterov: false } } else { Form::Plain }
}

impl Default for Hilly {
    fn default() -> Self {
        Self { starts: 1000, reach: 3.0, lr: 0.01, steps: 2000, seed: 0 }
    }
}

impl Hilly {
    /// The share of starts from which the descent ends within 0.05 of the minimum; plain descent
    /// where `momentum` is 0.
    ///
    /// # Errors
    ///
    /// If the learning rate or the momentum is outside its range.
    pub fn share(&self, momentum: f64) -> Result<f64, HyperError> {
        self.held(momentum).map(|share| share.measured)
    }

    /// The same, beside the share of the descents in `f64`.
    ///
    /// Plain descent ends there from every start between the tops of the two bumps and from no other.
    ///
    /// # Errors
    ///
    /// As [`Hilly::share`].
    pub fn held(&self, momentum: f64) -> Result<Share, HyperError> {
        let hills = Hills::new(self.starts);
        let mut w = self.points();
        let mut exact: Vec<f64> = w.iter().map(|&w| f64::from(w)).collect();
        let sgd = Sgd { form: form(momentum), weight_decay: WeightDecay::None };
        let rates = Rates::new(rounded(self.lr), rounded(momentum))?;
        let mut walk = Walk::new(sgd.form, rates.lr(), rates.momentum(), self.starts);
        let (mut state, mut grads) = (sgd.init(self.starts)?, vec![0.0; self.starts]);
        for _ in 0..self.steps {
            hills.gradient(&mut grads, &w);
            sgd.step(&mut state, rates, &mut w, &grads);
            let slopes: Vec<f64> = exact.iter().map(|&w| slope(w)).collect();
            walk.step(&mut exact, &slopes);
        }
        let there = |w: &mut dyn Iterator<Item = f64>| {
            let (all, there) = w.fold((0.0, 0.0), |(all, there), w| {
                (all + 1.0, there + f64::from(u8::from(w.abs() < 0.05)))
            });
            there / all
        };
        let measured = there(&mut w.iter().map(|&w| f64::from(w)));
        Ok(Share { measured, theory: there(&mut exact.into_iter()) })
    }

    /// The starts.
    #[must_use]
    pub fn points(&self) -> Vec<f32> {
        let mut draws = Stream::new(self.seed, Purpose::Start, 0);
        let draw = |_| narrow(self.reach * (2.0 * draws.uniform() - 1.0));
        (0..self.starts).map(draw).collect()
    }
}

/// The slope of the hills along an axis, in `f64`.
fn slope(w: f64) -> f64 {
    w + TAU * Hills::HEIGHT * (TAU * w).sin()
}

impl Default for Curved {
    fn default() -> Self {
        Self { lr: 1e-3, goal: 1e-6, most: 40_000 }
    }
}

impl Curved {
    /// Descends; plainly where `momentum` is 0.
    ///
    /// # Errors
    ///
    /// If the learning rate or the momentum is outside its range.
    pub fn descend(&self, momentum: f64) -> Result<Descended, HyperError> {
        let valley = Valley::new(1);
        let sgd = Sgd { form: form(momentum), weight_decay: WeightDecay::None };
        let (mut state, rates) = (sgd.init(2)?, Rates::new(self.lr, momentum)?);
        let (mut w, mut grads) = ([-1.2, 1.0], [0.0; 2]);
        let (mut points, mut settling) = (vec![w], Settling::below(self.goal));
        for _ in 0..self.most {
            settling.see(valley.value(&w));
            if settling.steps().is_some() {
                break;
            }
            valley.gradient(&mut grads, &w);
            sgd.step(&mut state, rates, &mut w, &grads);
            points.push(w);
        }
        Ok(Descended { steps: settling.steps(), points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn momentum_rolls_over_hills_that_stop_plain_descent_from_as_many_starts_as_theory_says() {
        let hilly = Hilly::default();
        let found = [0.0, 0.5, 0.8, 0.9, 0.95, 0.99].map(|momentum| hilly.held(momentum).unwrap());
        for (i, Share { measured, theory }) in found.iter().enumerate() {
            // Two starts of a thousand: a descent that all but stops on a top may fall either way.
            assert!((measured - theory).abs() <= 0.0021, "{i}: {measured}, wanted {theory}");
        }
        // Plain descent comes from between the tops, where the slope is zero, and so does too little
        // momentum.
        let top = bisect(0.5, 0.75, |w| -slope(w));
        let inside = |w: &&f32| f64::from(w.abs()) < top;
        let wanted = hilly.points().iter().filter(inside).count() as f64 / 1000.0;
        assert!((top - 0.575).abs() < 1e-3 && (wanted - top / 3.0).abs() < 0.02, "{top}, {wanted}");
        for share in &found[..3] {
            assert!((share.measured - wanted).abs() < 1e-9, "{share:?}, wanted {wanted}");
        }
        // Enough of it rolls out of the hollows, but for starts that are too low.
        assert!(found[3].measured > 0.75, "{found:?}");
    }

    /// Where a function that rises from below zero at `low` to above it at `high` is zero.
    fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            *(if f(middle) < 0.0 { &mut low } else { &mut high }) = middle;
        }
        low
    }

    /// Steps of the descent through the valley in `f64`, and its last point.
    fn crossing(curved: &Curved, momentum: f64) -> u64 {
        let mut walk = Walk::new(form(momentum), rounded(curved.lr), rounded(momentum), 2);
        let (mut w, mut settling) = ([rounded(-1.2), 1.0], Settling::below(curved.goal));
        loop {
            let [x, y] = w;
            let off = y - x * x;
            settling.see(100.0 * off * off + (1.0 - x) * (1.0 - x));
            if let Some(steps) = settling.steps() {
                return steps;
            }
            walk.step(&mut w, &[-400.0 * x * off - 2.0 * (1.0 - x), 200.0 * off]);
        }
    }

    #[test]
    fn momentum_crosses_rosenbrocks_valley_in_a_tenth_of_the_steps() {
        let curved = Curved::default();
        let steps = [0.0, 0.9].map(|momentum| {
            let found = curved.descend(momentum).unwrap().steps.unwrap();
            let wanted = crossing(&curved, momentum);
            assert!(found.abs_diff(wanted) <= wanted / 1000, "{found} steps, wanted {wanted}");
            found
        });
        assert!(9 * steps[1] < steps[0], "{steps:?}");
    }

    #[test]
    fn a_descent_that_does_not_arrive_says_so() {
        let curved = Curved { most: 100, ..Curved::default() };
        let descended = curved.descend(0.0).unwrap();
        assert_eq!((descended.steps, descended.points.len()), (None, 101));
    }
}
