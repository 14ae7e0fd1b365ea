//! Moving averages of a noisy sequence: what they smooth, how late they are, how they start.

use ravine::data::{Purpose, Stream};
use ravine::momentum::{Ema, HyperError, Sma, ema, sma};

/// A noisy sequence: a slow wave, and normal noise of variance 1 on each value.
///
/// An average of n values, or one with decay β, carries this share of the noise's variance, and
/// follows a ramp this many values late:
///
/// | average | weights, the newest first | noise | lag |
/// |---|---|---|---|
/// | simple | 1/n, n times | 1/n | (n − 1)/2 |
/// | exponential | (1 − β)·βⁱ | (1 − β)/(1 + β) | β/(1 − β) |
///
/// So with n = (1 + β)/(1 − β) the two smooth alike, and are alike late.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    /// Values.
    pub len: u32,
    /// What the wave starts from.
    pub offset: f64,
    /// Height of the wave.
    pub height: f64,
    /// Values of one period of the wave.
    pub period: f64,
    /// Standard deviation of the noise.
    pub noise: f64,
    /// Seed of the noise.
    pub seed: u64,
}

/// A sequence and its averages.
#[derive(Clone, Debug, PartialEq)]
pub struct Averages {
    /// The wave.
    pub wave: Vec<f64>,
    /// The wave with its noise.
    pub noisy: Vec<f64>,
    /// The simple average.
    pub simple: Vec<f64>,
    /// The exponential average, from zero.
    pub exponential: Vec<f64>,
    /// The same without the share of the zero.
    pub unbiased: Vec<f64>,
}

/// The weights that averages give to the last values, the oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Of the simple average.
    pub simple: Vec<f64>,
    /// Of the exponential one.
    pub exponential: Vec<f64>,
    /// What the exponential one gives to its start: βⁿ.
    pub start: f64,
}

impl Default for Sequence {
    /// 300 values of a wave between 1 and 3, two thirds of a period long.
    fn default() -> Self {
        Self { len: 300, offset: 2.0, height: 1.0, period: 450.0, noise: 0.5, seed: 0 }
    }
}

impl Sequence {
    /// Takes the sequence into averages: a simple one of `window` values, and exponential ones with
    /// `decay` = β.
    ///
    /// # Errors
    ///
    /// If the window is empty or the decay not in `0..1`.
    pub fn average(&self, window: usize, decay: f64) -> Result<Averages, HyperError> {
        let mut draws = Stream::new(self.seed, Purpose::Noise, 0);
        let turn = |t: u32| std::f64::consts::TAU * f64::from(t) / self.period;
        let wave: Vec<f64> =
            (0..self.len).map(|t| self.offset + self.height * turn(t).sin()).collect();
        let noisy: Vec<f64> = wave.iter().map(|x| x + self.noise * draws.normal()).collect();
        let (mut sma, mut ema) = (Sma::new(window)?, Ema::new(decay, 0.0)?);
        let simple = noisy.iter().map(|&x| sma.push(x)).collect();
        let both = noisy.iter().map(|&x| (ema.push(x), ema.unbiased().unwrap_or_default()));
        let (exponential, unbiased) = both.unzip();
        Ok(Averages { wave, noisy, simple, exponential, unbiased })
    }
}

impl Weights {
    /// The weights of the last `n` values, in a simple average of `window` values and an exponential
    /// one with `decay` = β.
    ///
    /// # Panics
    ///
    /// If the window is empty.
    #[must_use]
    pub fn new(window: usize, decay: f64, n: usize) -> Self {
        let (start, exponential) = ema::weights(decay, n);
        Self { simple: sma::weights(window, n), exponential, start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAYS: [f64; 5] = [0.0, 0.5, 0.9, 0.95, 0.99];

    /// The window that smooths as a decay does.
    fn window(decay: f64) -> usize {
        let wanted = (1.0 + decay) / (1.0 - decay);
        (1..1000)
            .min_by(|&a, &b| (a as f64 - wanted).abs().total_cmp(&(b as f64 - wanted).abs()))
            .unwrap()
    }

    #[test]
    fn an_exponential_average_is_the_sum_of_its_weights() {
        for decay in DECAYS {
            let found = Sequence::default().average(1, decay).unwrap();
            for n in [1, 2, 10, 300] {
                // (1 − β)·β^(T − i), written out.
                let terms = (1..=n).map(|i| {
                    let power = decay.powi(i32::try_from(n - i).unwrap());
                    (1.0 - decay) * power * found.noisy[i - 1]
                });
                let sum: f64 = terms.sum();
                let (average, unbiased) = (found.exponential[n - 1], found.unbiased[n - 1]);
                assert!((average - sum).abs() < 1e-13, "β {decay}, {n} values: {average}, {sum}");
                let share = 1.0 - decay.powi(i32::try_from(n).unwrap());
                let off = (unbiased - sum / share).abs();
                assert!(off < 1e-11, "β {decay}, {n} values: {unbiased}, wanted {}", sum / share);
            }
        }
    }

    #[test]
    fn the_bars_are_the_weights_and_all_of_them_add_up_to_one() {
        for decay in DECAYS {
            let Weights { simple, exponential, start } = Weights::new(window(decay), decay, 60);
            for (i, weight) in exponential.iter().enumerate() {
                let wanted = (1.0 - decay) * decay.powi(59 - i32::try_from(i).unwrap());
                assert!((weight - wanted).abs() < 1e-15, "β {decay}, value {i}: {weight}");
            }
            // Of a window that is not full yet, what there is.
            let full = window(decay).min(60);
            for (i, &weight) in simple.iter().enumerate() {
                let wanted = if i + full < 60 { 0.0 } else { (full as f64).recip() };
                assert!((weight - wanted).abs() < 1e-15, "n {full}, value {i}: {weight}");
            }
            let sums = [simple.iter().sum::<f64>(), start + exponential.iter().sum::<f64>()];
            assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-14), "β {decay}: {sums:?}");
        }
    }

    #[test]
    fn from_zero_an_average_of_a_constant_is_too_small_by_a_power_of_beta() {
        for decay in DECAYS {
            let constant = Sequence { height: 0.0, noise: 0.0, ..Sequence::default() };
            let found = constant.average(7, decay).unwrap();
            for (t, (average, unbiased)) in (1..).zip(found.exponential.iter().zip(&found.unbiased))
            {
                let wanted = 2.0 * (1.0 - decay.powi(t));
                assert!((average - wanted).abs() < 1e-13, "β {decay}, value {t}: {average}");
                assert!((unbiased - 2.0).abs() < 1e-11, "β {decay}, value {t}: {unbiased}");
            }
            assert!(found.simple.iter().all(|mean| (mean - 2.0).abs() < 1e-14));
        }
    }

    #[test]
    fn averages_carry_the_noise_and_the_lag_of_their_weights() {
        for decay in [0.5, 0.9, 0.95] {
            let n = window(decay);
            // Noise alone, long enough for a standard error of the mean square of at most 1 %; squares
            // of an exponential average are correlated by β².
            let noise = Sequence { len: 400_000, offset: 0.0, height: 0.0, noise: 1.0, ..RAMP };
            let found = noise.average(n, decay).unwrap();
            let square = |x: &[f64]| x[1000..].iter().map(|x| x * x).sum::<f64>() / 399_000.0;
            let wanted = (1.0 - decay) / (1.0 + decay);
            let correlation = (1.0 + decay * decay) / (1.0 - decay * decay);
            let error = (2.0 * correlation / 399_000.0).sqrt();
            for average in [&found.simple, &found.exponential] {
                let ratio = square(average) / wanted;
                assert!(
                    (ratio - 1.0).abs() < 4.0 * error && error <= 0.01,
                    "β {decay}: {ratio} of {wanted}"
                );
            }
            // A long wave without noise is nearly a ramp at its start.
            let found = RAMP.average(n, decay).unwrap();
            let slope = std::f64::consts::TAU / RAMP.period;
            for average in [&found.simple, &found.exponential] {
                let lag = (found.wave[2999] - average[2999]) / slope;
                assert!((lag - decay / (1.0 - decay)).abs() < 1e-5, "β {decay}: {lag} values");
            }
        }
    }

    /// A ramp, to within 1e-9 of its slope.
    const RAMP: Sequence =
        Sequence { len: 3000, offset: 0.0, height: 1.0, period: 1e9, noise: 0.0, seed: 3 };
}
