//! Portable draws: one stream of words for each seed, purpose and index.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use ravine_simd::math;

/// What a stream of draws is for.
///
/// The numbers are part of the numeric contract: one that was given away is never used for
/// anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// The order of rows in an epoch; the index is the epoch.
    Shuffle = 1,
    /// Which rows are held out; the index is 0.
    Split = 2,
    /// A row of a generated design; the index is the row.
    Design = 3,
    /// A reflection of an orthogonal matrix; the index is its place.
    Rotation = 4,
    /// The weights behind generated targets, or the minimum of a bowl; the index is 0.
    Weights = 5,
    /// Noise on generated targets; the index is 0.
    Noise = 6,
    /// Labels of a logistic ravine; the index is 0.
    Labels = 7,
    /// Where training starts; the index is that of the parameter tensor, or 0.
    Start = 8,
    /// Noise on the gradient of a function; the index is the step.
    Gradient = 9,
}

/// Draws with the same bits on every machine.
///
/// The words are those of ChaCha with 8 rounds under a key of the seed's 8 bytes, little-endian,
/// and 24 zeros, and under the nonce `purpose · 2³² + index`; so streams are independent, and
/// none has to be drawn in order to reach another.
///
/// # Examples
///
/// ```
/// use ravine_data::{Purpose, Stream};
///
/// let mut dice = Stream::new(7, Purpose::Labels, 0);
/// let rolls: Vec<u64> = (0..5).map(|_| 1 + dice.below(6)).collect();
/// assert_eq!(rolls, [4, 1, 6, 3, 2]);
/// ```
///
/// # References
///
/// D. J. Bernstein, *ChaCha, a variant of Salsa20*, 2008.
#[derive(Debug)]
pub struct Stream {
    words: ChaCha8Rng,
    /// The second normal draw of a pair, where the first has been handed out.
    spare: Option<f64>,
}

impl Stream {
    /// The stream of one seed, purpose and index.
    ///
    /// # Panics
    ///
    /// If `index` is not below 2³².
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        assert!(index < 1 << 32, "stream index is {index}, but index < 2³²");
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut words = ChaCha8Rng::from_seed(key);
        words.set_stream((purpose as u64) << 32 | index);
        Self { words, spare: None }
    }

    /// The next word.
    pub fn word(&mut self) -> u32 {
        self.words.next_u32()
    }

    /// The next two words, the low half first.
    pub fn word64(&mut self) -> u64 {
        u64::from(self.word()) | u64::from(self.word()) << 32
    }

    /// A number of `[0, 1)`: a multiple of 2⁻⁵³, each as likely.
    pub fn uniform(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.word64() >> 11) as f64 * UNIT
    }

    /// A standard normal number.
    ///
    /// Two uniform draws `u` and `t` make two normal ones, of which the second is kept for the
    /// next call, whatever else is drawn in between:
    ///
    /// ```text
    /// r ← √(−2·ln(1 − u))
    /// r·cos 2πt, then r·sin 2πt
    /// ```
    ///
    /// # References
    ///
    /// G. E. P. Box and M. E. Muller, *A note on the generation of random normal deviates*, 1958.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let (u, t) = (self.uniform(), self.uniform());
        let r = (-2.0 * math::ln(1.0 - u)).sqrt();
        self.spare = Some(r * math::sin_pi(2.0 * t));
        r * math::cos_pi(2.0 * t)
    }

    /// A whole number of `0..n`, each exactly as likely.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    ///
    /// # References
    ///
    /// D. Lemire, *Fast random integer generation in an interval*, 2019.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "no number is below 0");
        let (mut high, mut low) = wide_product(self.word64(), n);
        if low < n {
            // The first 2⁶⁴ mod n values of `low` would make some results likelier.
            let excess = n.wrapping_neg() % n;
            while low < excess {
                (high, low) = wide_product(self.word64(), n);
            }
        }
        high
    }

    /// Puts `items` in random order, each of the orders as likely.
    ///
    /// For i from the last index down to 1: swaps the items i and `below(i + 1)`.
    ///
    /// # References
    ///
    /// R. Durstenfeld, *Algorithm 235: random permutation*, 1964, after Fisher and Yates.
    #[expect(clippy::cast_possible_truncation, reason = "at most i, an index")]
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.below(i as u64 + 1);
            items.swap(i, j as usize);
        }
    }
}

/// The halves of `a·b`, high first.
#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
fn wide_product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    ((product >> 64) as u64, product as u64)
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// The standard normal distribution function, by the series of Marsaglia (2004).
    fn distribution(x: f64) -> f64 {
        let (mut sum, mut term, mut i) = (x, x, 1.0);
        while 1e-17 < term.abs() {
            i += 2.0;
            term *= x * x / i;
            sum += term;
        }
        0.5 + sum * (-0.5 * x * x - 0.918_938_533_204_672_7).exp()
    }

    /// The Kolmogorov–Smirnov statistic √n·max|Fₙ − F|.
    fn kolmogorov(mut draws: Vec<f64>, distribution: impl Fn(f64) -> f64) -> f64 {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let gap = draws.iter().enumerate().fold(0.0_f64, |gap, (i, &x)| {
            let p = distribution(x);
            gap.max(p - i as f64 / n).max((i + 1) as f64 / n - p)
        });
        gap * n.sqrt()
    }

    #[test]
    fn the_words_are_those_of_chacha8() {
        // First block of the 256-bit zero key and zero nonce: draft-strombergson-chacha-test-
        // vectors-01, TC1, 8 rounds. A stream has another nonce, so the generator is set to it.
        let mut zero = ChaCha8Rng::from_seed([0; 32]);
        let words = [0x2fef_003e_u32, 0xd640_5f89, 0xe8b8_5b7f, 0xa1a5_091f];
        assert_eq!([(); 4].map(|()| zero.next_u32()), words);

        let mut ours = Stream::new(0x0123_4567_89ab_cdef, Purpose::Design, 5);
        let mut key = [0; 32];
        key[..8].copy_from_slice(&[0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01]);
        let mut theirs = ChaCha8Rng::from_seed(key);
        theirs.set_stream(3 << 32 | 5);
        assert!((0..100).all(|_| ours.word() == theirs.next_u32()));
    }

    #[test]
    fn streams_of_other_seeds_purposes_and_indices_differ() {
        let first = |seed, purpose, index| Stream::new(seed, purpose, index).word64();
        let base = first(1, Purpose::Noise, 0);
        assert_eq!(base, first(1, Purpose::Noise, 0));
        assert_ne!(base, first(2, Purpose::Noise, 0));
        assert_ne!(base, first(1, Purpose::Labels, 0));
        assert_ne!(base, first(1, Purpose::Noise, 1));
    }

    #[test]
    #[should_panic(expected = "stream index is 4294967296, but index < 2³²")]
    fn an_index_that_would_reach_the_purpose_is_refused() {
        let _ = Stream::new(0, Purpose::Shuffle, 1 << 32);
    }

    #[test]
    fn uniform_draws_are_uniform() {
        let mut stream = Stream::new(1, Purpose::Noise, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| stream.uniform()).collect();
        assert!(draws.iter().all(|u| (0.0..1.0).contains(u)));
        // 1.63 is exceeded once in a hundred times.
        let statistic = kolmogorov(draws, |u| u);
        assert!(statistic < 1.63, "{statistic}");
    }

    #[test]
    fn normal_draws_have_the_moments_and_the_distribution_of_the_normal() {
        const N: usize = 200_000;
        for seed in [1, 2, 3] {
            let mut stream = Stream::new(seed, Purpose::Noise, 0);
            let draws: Vec<f64> = (0..N).map(|_| stream.normal()).collect();
            // The variances of the first four moments are 1, 2, 15, 96 over n.
            for (power, mean, variance) in
                [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
            {
                let moment = draws.iter().map(|x: &f64| x.powi(power)).sum::<f64>() / N as f64;
                let off = (moment - mean) / (variance / N as f64).sqrt();
                assert!(off.abs() < 4.0, "seed {seed}, moment {power} is off by {off} deviations");
            }
            let pairs = draws.chunks_exact(2).map(|pair| pair[0] * pair[1]).sum::<f64>();
            assert!(pairs.abs() < 4.0 * (N as f64 / 2.0).sqrt(), "seed {seed}, pairs {pairs}");
            let ours = kolmogorov(draws, distribution);
            let theirs: Vec<f64> =
                StandardNormal.sample_iter(ChaCha8Rng::seed_from_u64(seed)).take(N).collect();
            let theirs = kolmogorov(theirs, distribution);
            assert!(ours < 1.63 && theirs < 1.63, "seed {seed}: {ours}, rand_distr {theirs}");
        }
    }

    #[test]
    fn bounded_draws_are_as_likely_as_each_other() {
        // χ² of 7 values in 70 000 draws; 22.5 is exceeded once in a thousand times.
        let mut stream = Stream::new(3, Purpose::Labels, 0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[usize::try_from(stream.below(7)).unwrap()] += 1;
        }
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 22.5, "{chi}: {counts:?}");
        // Of n = 3·2⁶² the words' plain product would hit each third value twice as often.
        let n = 3 << 62;
        let hits = (0..30_000).filter(|_| stream.below(n).is_multiple_of(3)).count();
        assert!((9_600..10_400).contains(&hits), "{hits}");
    }

    #[test]
    fn every_order_is_as_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for index in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            Stream::new(5, Purpose::Shuffle, index).shuffle(&mut items);
            *counts.entry(items).or_insert(0_u32) += 1;
        }
        // χ² of 24 orders; 49.7 is exceeded once in a thousand times.
        let chi: f64 = counts.values().map(|&n| (f64::from(n) - 1e3).powi(2) / 1e3).sum();
        assert!(counts.len() == 24 && chi < 49.7, "{chi}");
    }
}
