//! Beyond bowls: hills that stop plain descent, and a curved valley that slows it down.

use ravine::data::{Function, Hills, Purpose, Stream, Valley};
use ravine::momentum::{Form, HyperError, Rates, Sgd, WeightDecay};

use crate::narrow::narrow;
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
        Self { starts: 2000, reach: 3.0, lr: 0.01, steps: 2000, seed: 0 }
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
        let hills = Hills::new(self.starts);
        let mut draws = Stream::new(self.seed, Purpose::Start, 0);
        let mut w = vec![0.0; self.starts];
        w.fill_with(|| narrow(self.reach * (2.0 * draws.uniform() - 1.0)));
        let sgd = Sgd { form: form(momentum), weight_decay: WeightDecay::None };
        let (mut state, rates) = (sgd.init(self.starts)?, Rates::new(self.lr, momentum)?);
        let mut grads = vec![0.0; self.starts];
        for _ in 0..self.steps {
            hills.gradient(&mut grads, &w);
            sgd.step(&mut state, rates, &mut w, &grads);
        }
        let (mut all, mut there) = (0.0, 0.0);
        for (w, minimum) in w.iter().zip(hills.minimum()) {
            all += 1.0;
            there += f64::from(u8::from((w - minimum).abs() < 0.05));
        }
        Ok(there / all)
    }
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
    fn momentum_rolls_over_hills_that_stop_plain_descent() {
        let hilly = Hilly::default();
        let [plain, momentum] = [0.0, 0.9].map(|momentum| hilly.share(momentum).unwrap());
        // The bumps' tops, beyond which no plain descent comes to the minimum, are at ±0.575,
        // 0.19 of the reach.
        assert!((0.17..0.21).contains(&plain), "{plain}");
        // A start low in a hollow has too little height to roll out of it.
        assert!((0.7..1.0).contains(&momentum), "{momentum}");
    }

    #[test]
    fn momentum_crosses_rosenbrocks_valley_in_a_tenth_of_the_steps() {
        let curved = Curved::default();
        let steps = |momentum| curved.descend(momentum).unwrap().steps.unwrap();
        let [plain, momentum] = [0.0, 0.9].map(steps);
        assert!(plain > 10_000 && 5 * momentum < plain, "{plain}, {momentum}");
    }

    #[test]
    fn a_descent_that_does_not_arrive_says_so() {
        let curved = Curved { most: 100, ..Curved::default() };
        let descended = curved.descend(0.0).unwrap();
        assert_eq!((descended.steps, descended.points.len()), (None, 101));
    }
}
