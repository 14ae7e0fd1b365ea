//! How far the gradient of a mini-batch, and its moving average, are from the full gradient.

use ravine::data::{Generated, Matrix, Purpose, Ravine, Stream};
use ravine::momentum::{Form, Rates, Sgd, State, WeightDecay};
use ravine::simd::Par;

use crate::narrow::{narrow, rounded};
use crate::noise::{Means, Variance};
use crate::{Failure, Quadratic};

/// Linear regression by mini-batches while the parameters walk straight from 0 to the optimum, at
/// constant speed, many times over: the full gradient changes by the same ΔG at every step.
///
/// The velocity of the EMA form is an average of the last gradients: it has less of their noise, and
/// is late. With S the total variance of a mini-batch gradient, once the start is forgotten,
///
/// ```text
/// E|v − G|² = noise + lag²        noise = S·(1 − β)/(1 + β)        lag = |ΔG|·β/(1 − β)
/// ```
///
/// of which β makes the first smaller and the second larger. Theory here is the sum over all steps,
/// since S changes on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direction {
    /// The ravine, which is linear.
    pub ravine: Ravine,
    /// Rows of a mini-batch, drawn with replacement.
    pub batch: u32,
    /// Independent copies, at least 2.
    pub copies: usize,
    /// Steps of the way.
    pub steps: u32,
    /// Steps that are left out, while the start is forgotten.
    pub warm_up: u32,
    /// Seed of the batches.
    pub seed: u64,
}

/// How far a velocity of one momentum is from the full gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// Momentum β; 0 is the mini-batch gradient itself.
    pub momentum: f64,
    /// The mean square of the distance.
    pub square: Variance,
    /// How far it is behind, along the way of the full gradient.
    pub lag: Variance,
    /// The part of the noise in the mean square, by theory.
    pub noise: f64,
}

impl Default for Direction {
    /// Batches of 8 rows of 256, in 8 dimensions.
    fn default() -> Self {
        let ravine =
            Ravine { rows: 256, cols: 8, condition: 10.0, noise: 0.5, ..Ravine::default() };
        Self { ravine, batch: 8, copies: 256, steps: 1000, warm_up: 700, seed: 0 }
    }
}

/// What is measured of one momentum, and the same in `f64`.
struct Follower {
    sgd: Sgd,
    state: State,
    rates: Rates,
    squares: Means,
    lags: Means,
    /// The mean of the velocity, and the variance that it has of the noise.
    mean: Vec<f64>,
    noise: f64,
    /// Sums over the steps that count: of the variance, of the lag, and of its square.
    sums: [f64; 3],
}

impl Direction {
    /// Measures the distances for several momenta, on the same batches.
    ///
    /// # Errors
    ///
    /// If the ravine cannot be made or a momentum is not in `0..1`.
    pub fn run(&self, momenta: &[f64]) -> Result<Vec<Distance>, Failure> {
        let Generated { x, y, .. } = self.ravine.generate(Par::Seq)?;
        let quadratic = Quadratic::new(&x, &y, false)?;
        let dim = x.cols();
        let mut followers = Vec::new();
        for &momentum in momenta {
            followers.push(Follower::new(momentum, self.copies, dim)?);
        }
        let [from, to] = [0, self.steps].map(|t| self.full(&quadratic, t));
        let way: Vec<f64> = to.iter().zip(&from).map(|(to, from)| to - from).collect();
        let mut grads = vec![0.0; self.copies * dim];
        for t in 0..self.steps {
            let rows = row_gradients(&x, &y, &self.place(&quadratic, t));
            self.fill(&mut grads, &rows, t, dim);
            let full = self.full(&quadratic, t);
            // Of a mean over rows that are drawn with replacement.
            let squares = rows.iter().map(|g| g * g).sum::<f64>() / x.rows() as f64;
            let spread = (squares - square(&full)) / f64::from(self.batch);
            for follower in &mut followers {
                follower.step(&grads, (&full, spread), &way, self.warm_up <= t);
            }
        }
        let count = f64::from(self.steps - self.warm_up);
        Ok(followers.into_iter().map(|follower| follower.finish(count)).collect())
    }

    /// The parameters at step `t`.
    fn place(&self, quadratic: &Quadratic, t: u32) -> Vec<f64> {
        let share = f64::from(t) / f64::from(self.steps);
        quadratic.optimum().iter().map(|best| share * best).collect()
    }

    /// The full gradient at step `t`.
    fn full(&self, quadratic: &Quadratic, t: u32) -> Vec<f64> {
        let mut full = vec![0.0; quadratic.optimum().len()];
        quadratic.gradient(&mut full, &self.place(quadratic, t));
        full
    }

    /// Mini-batch gradients of step `t`, one for each copy.
    fn fill(&self, grads: &mut [f32], rows: &[f64], t: u32, dim: usize) {
        let mut draws = Stream::new(self.seed, Purpose::Gradient, t.into());
        let count = (rows.len() / dim) as u64;
        for grads in grads.chunks_exact_mut(dim) {
            let mut sum = vec![0.0; dim];
            for _ in 0..self.batch {
                let row = usize::try_from(draws.below(count)).expect("it is one of the rows");
                sum.iter_mut().zip(&rows[dim * row..]).for_each(|(sum, g)| *sum += g);
            }
            let mean = sum.iter().map(|sum| narrow(sum / f64::from(self.batch)));
            grads.iter_mut().zip(mean).for_each(|(g, mean)| *g = mean);
        }
    }
}

impl Follower {
    fn new(momentum: f64, copies: usize, dim: usize) -> Result<Self, Failure> {
        let sgd = Sgd { form: Form::Ema { nesterov: false }, weight_decay: WeightDecay::None };
        Ok(Self {
            sgd,
            state: sgd.init(copies * dim)?,
            rates: Rates::new(1.0, rounded(momentum))?,
            squares: Means::new(copies),
            lags: Means::new(copies),
            mean: vec![0.0; dim],
            noise: 0.0,
            sums: [0.0; 3],
        })
    }

    fn step(&mut self, grads: &[f32], (full, spread): (&[f64], f64), way: &[f64], counts: bool) {
        // Where the step would lead is of no interest: the parameters walk their way.
        let mut parked = vec![0.0; grads.len()];
        self.sgd.step(&mut self.state, self.rates, &mut parked, grads);
        let (beta, unit) = (self.rates.momentum(), 1.0 - self.rates.momentum());
        self.noise = beta * beta * self.noise + unit * unit * spread;
        self.mean.iter_mut().zip(full).for_each(|(mean, g)| *mean = beta * *mean + unit * g);
        if !counts {
            return;
        }
        let length = square(way).sqrt();
        let off = |v: &[f64]| full.iter().zip(v).map(|(g, v)| g - v).collect::<Vec<_>>();
        let behind = |off: &[f64]| off.iter().zip(way).map(|(off, way)| off * way / length).sum();
        let copies = self.state.velocity().chunks_exact(full.len());
        let offs: Vec<Vec<f64>> =
            copies.map(|v| off(&v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>())).collect();
        self.squares.add(offs.iter().map(|off| square(off)));
        self.lags.add(offs.iter().map(|off| behind(off)));
        let late = off(&self.mean);
        let now = [self.noise, behind(&late), square(&late)];
        self.sums.iter_mut().zip(now).for_each(|(sum, now)| *sum += now);
    }

    fn finish(self, count: f64) -> Distance {
        let [noise, lag, square] = self.sums.map(|sum| sum / count);
        Distance {
            momentum: self.rates.momentum(),
            square: self.squares.against(noise + square),
            lag: self.lags.against(lag),
            noise,
        }
    }
}

/// The gradient 2·(x·w − y)·x of each row's squared error.
fn row_gradients(x: &Matrix, y: &[f32], w: &[f64]) -> Vec<f64> {
    let mut grads = Vec::with_capacity(y.len() * w.len());
    for (row, &y) in y.iter().enumerate() {
        let x = x.row(row).iter().map(|&x| f64::from(x));
        let off = x.clone().zip(w).map(|(x, w)| x * w).sum::<f64>() - f64::from(y);
        grads.extend(x.map(|x| 2.0 * off * x));
    }
    grads
}

fn square(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTA: [f64; 7] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99];
    /// Exceeded once in sixteen thousand times; the seed is fixed.
    const DEVIATIONS: f64 = 4.0;

    #[test]
    fn distances_and_lags_are_those_of_theory_and_one_grows_as_the_other_falls() {
        let found = Direction::default().run(&MOMENTA).unwrap();
        for Distance { momentum, square, lag, .. } in &found {
            assert!(square.deviation() < DEVIATIONS, "β {momentum}: {square:?}");
            assert!(square.error < 0.02 * square.theory, "β {momentum}, coarse: {square:?}");
            assert!(lag.deviation() < DEVIATIONS, "β {momentum}: {lag:?}");
            assert!(lag.error < 0.01 * found[6].lag.theory, "β {momentum}, coarse: {lag:?}");
        }
        for pair in found.windows(2) {
            let [less, more] = [&pair[0], &pair[1]];
            assert!(more.noise < less.noise && less.lag.measured < more.lag.measured, "{pair:?}");
        }
        // The nearest lies between.
        let squares = found.iter().map(|distance| distance.square.measured);
        let best = squares.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        assert_eq!(best.unwrap().0, 5, "{found:?}");
    }

    #[test]
    fn without_noise_the_lag_is_the_change_of_the_gradient_times_beta_over_one_minus_beta() {
        let direction = Direction { copies: 2, steps: 4000, warm_up: 3000, ..Direction::default() };
        let Generated { x, y, .. } = direction.ravine.generate(Par::Seq).unwrap();
        let quadratic = Quadratic::new(&x, &y, false).unwrap();
        let way: Vec<f64> = direction
            .full(&quadratic, direction.steps)
            .iter()
            .zip(direction.full(&quadratic, 0))
            .map(|(to, from)| to - from)
            .collect();
        let change = square(&way).sqrt() / f64::from(direction.steps);
        for momentum in MOMENTA {
            let mut follower = Follower::new(momentum, direction.copies, x.cols()).unwrap();
            for t in 0..direction.steps {
                let full = direction.full(&quadratic, t);
                let grads: Vec<f32> = full.iter().map(|&g| narrow(g)).collect();
                let counts = direction.warm_up <= t;
                follower.step(&grads.repeat(direction.copies), (&full, 0.0), &way, counts);
            }
            let lag = follower.finish(f64::from(direction.steps - direction.warm_up)).lag;
            let wanted = change * rounded(momentum) / (1.0 - rounded(momentum));
            // A gradient is rounded to 2⁻²⁴ of itself, which is a small part of its change.
            let bounds = [1e-4 * change + 1e-5 * wanted, 1e-9 * (change + wanted)];
            for (found, bound) in [lag.measured, lag.theory].into_iter().zip(bounds) {
                let off = (found - wanted).abs();
                assert!(off < bound, "β {momentum}: {found}, wanted {wanted}");
            }
        }
    }
}
