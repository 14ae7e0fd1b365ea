//! Numbers to try kernels on, the same in every language.
//!
//! Draws are made of integers alone: a word of [`Words`], cut into sign, exponent and fraction.
//! No function is called whose bits could differ between systems.

use std::fmt;

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
///
/// ```text
/// s ← s + 9e3779b97f4a7c15
/// z ← (s ⊕ s ≫ 30) · bf58476d1ce4e5b9
/// z ← (z ⊕ z ≫ 27) · 94d049bb133111eb
/// word = z ⊕ z ≫ 31
/// ```
///
/// # Examples
///
/// ```
/// use ravine_conformance::values::Words;
///
/// assert_eq!(Words::new(0).word(), 0xe220_a839_7b1d_cdaf);
/// ```
#[derive(Clone, Debug)]
pub struct Words(u64);

impl Words {
    /// The words of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// What kind of numbers are drawn, one word an element.
///
/// | low three bits of the word | `Ordinary` | `Wide` | `Hostile` |
/// |---|---|---|---|
/// | 0 | | one of [`HARD`], the finite | one of [`HARD`] |
/// | 1 | | near minus the one before | near minus the one before |
/// | 2 | | | any bits |
/// | 3 | | | a power of two |
/// | others | ±1·2⁻⁴ to ±1·2⁴ | ±1·2⁻³² to ±1·2³² | ±1·2⁻⁴ to ±1·2⁴ |
///
/// A blank is as the others, and so is near where the one before is infinite or NaN. The one before
/// the first is 1. With `word[i..j]` for the bits from the i-th to before the j-th, the lowest first:
///
/// ```text
/// sign      word[63]
/// exponent  123 + word[32..40] mod 8 (ordinary, and the others of hostile),
///           95 + word[32..40] mod 64 (the others of wide),
///           1 + word[32..40] mod 254 (a power of two, whose fraction is 0)
/// fraction  word[3..26]
/// hard      the one at word[3..64] mod 8 (wide) or mod 16 (hostile)
/// near      minus the one before, its lowest bit changed where word[32] is 1
/// any bits  word[32..64]
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Draw {
    /// Moderate numbers of both signs, none of them zero.
    Ordinary,
    /// Finite numbers of many magnitudes, zeros and cancelling pairs among them, of which a few
    /// thousand products can be added without overflow.
    Wide,
    /// Anything: also infinities, NaN, the largest and the smallest.
    Hostile,
}

/// Numbers that kernels get wrong. The first eight are small and finite.
pub const HARD: [f32; 16] = [
    0.0,
    -0.0,
    f32::from_bits(1),
    -f32::from_bits(1),
    f32::from_bits(0x007f_ffff),
    -f32::MIN_POSITIVE,
    f32::MIN_POSITIVE,
    f32::EPSILON,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    1.0,
    -1.0,
    16_777_216.0,
];

impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ordinary => "ordinary",
            Self::Wide => "wide",
            Self::Hostile => "hostile",
        })
    }
}

impl Draw {
    /// Draws `len` numbers of a seed's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_conformance::Draw;
    ///
    /// let values = Draw::Ordinary.values(7, 1000);
    /// assert!(values.iter().all(|x| (0.0625..16.0).contains(&x.abs())));
    /// assert!(Draw::Hostile.values(7, 1000).iter().any(|x| x.is_nan()));
    /// ```
    #[must_use]
    pub fn values(self, seed: u64, len: usize) -> Vec<f32> {
        let mut words = Words::new(seed);
        let mut before = 1.0_f32;
        let mut next = || {
            let word = words.word();
            before = self.value(word, before);
            before
        };
        (0..len).map(|_| next()).collect()
    }

    /// The number of one word.
    fn value(self, word: u64, before: f32) -> f32 {
        let high = (word >> 32) as u32;
        let exponent = |least: u32, count: u32| least + (high & 0xff) % count;
        let made = |exponent: u32| {
            let fraction = (word >> 3 & 0x007f_ffff) as u32;
            f32::from_bits(high & 0x8000_0000 | exponent << 23 | fraction)
        };
        let hard = |count: u64| HARD[((word >> 3) % count) as usize];
        match (self, word & 7) {
            (Self::Wide, 0) => hard(8),
            (Self::Hostile, 0) => hard(16),
            (Self::Wide | Self::Hostile, 1) if before.is_finite() => {
                f32::from_bits((-before).to_bits() ^ (high & 1))
            }
            (Self::Hostile, 2) => f32::from_bits(high),
            (Self::Hostile, 3) => f32::from_bits(exponent(1, 254) << 23 | high & 0x8000_0000),
            (Self::Wide, _) => made(exponent(95, 64)),
            _ => made(exponent(123, 8)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_bits_of_their_rule() {
        // Computed in another language.
        for (draw, bits) in [
            (Draw::Ordinary, [0xbfa0_4b98, 0xbe31_dd8c, 0xc0e6_4aab, 0x3dc8_5921, 0x3da0_36b7]),
            (Draw::Wide, [0xbf80_0000, 0xc031_dd8c, 0xc6e6_4aab, 0x37c8_5921, 0xb7c8_5921]),
            (Draw::Hostile, [0xbf80_0000, 0xbe31_dd8c, 0xc0e6_4aab, 0x4880_0000, 0xc880_0000]),
        ] {
            let found: Vec<u32> = draw.values(1, 5).iter().map(|x| x.to_bits()).collect();
            assert_eq!(found, bits, "{draw}");
        }
        assert_eq!(
            Draw::Hostile.values(1, 14)[12..].iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
            [0x7f7f_ffff, 0x87b3_41d6]
        );
    }

    #[test]
    fn hostile_draws_hold_every_kind_of_number() {
        let values = Draw::Hostile.values(3, 2000);
        let has = |kind: fn(&f32) -> bool| values.iter().any(kind);
        assert!(has(|x| x.to_bits() == 0) && has(|x| x.to_bits() == 1 << 31));
        assert!(has(|x| x.is_subnormal()) && has(|x| x.is_nan()) && has(|x| x.is_infinite()));
        assert!(values.windows(2).any(|pair| pair[0].is_normal() && pair[0] + pair[1] == 0.0));
        let wide = Draw::Wide.values(3, 2000);
        assert!(wide.iter().all(|x| x.abs() < 4.3e9));
        assert!(wide.windows(2).any(|pair| pair[0].is_normal() && pair[0] + pair[1] == 0.0));
    }
}
