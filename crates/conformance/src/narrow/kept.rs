//! Numbers between steps.

use std::fmt;

/// How numbers are kept between steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Kept {
    /// As they are.
    Wide,
    /// As the nearest `bf16`, ties to even.
    Nearest,
    /// As one of the two nearest `bf16`, by chance.
    Stochastic {
        /// Seed of the chance.
        seed: u64,
    },
}

impl Kept {
    /// The number that is kept of the `index`th in step `count`, counted from 1.
    #[must_use]
    pub fn round(self, count: u64, index: usize, x: f32) -> f32 {
        let bits = x.to_bits();
        let add = match self {
            Self::Wide => return x,
            _ if x.is_nan() => return f32::NAN,
            Self::Nearest => 0x7fff + (bits >> 16 & 1),
            Self::Stochastic { seed } => word(seed, count, index) & 0xffff,
        };
        // No infinity carries, and nothing is wider than one.
        f32::from_bits((bits + add) & 0xffff_0000)
    }
}

/// The random word of an element in a step.
#[expect(clippy::cast_possible_truncation, reason = "indices count modulo 2³²")]
fn word(seed: u64, count: u64, index: usize) -> u32 {
    let mut key = seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut word = index as u32;
    word = (word ^ (word >> 16)).wrapping_mul(0x7feb_352d) ^ (key >> 32) as u32;
    word = (word ^ (word >> 15)).wrapping_mul(0x846c_a68b);
    word ^ (word >> 16)
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wide => write!(f, "wide"),
            Self::Nearest => write!(f, "nearest"),
            Self::Stochastic { seed } => write!(f, "by chance {seed}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draw, Element};

    /// The `bf16` next to one, away from zero.
    fn beyond(x: f32) -> f32 {
        f32::from_bits(x.to_bits() + (1 << 16))
    }

    #[test]
    fn the_nearest_is_nearest_and_ties_are_even() {
        let ties = [0x3f80_8000, 0x3f81_8000, 0xbf80_8000, 0x0000_8000, 0x7f7f_8000];
        let ties = ties.map(f32::from_bits);
        for x in Draw::Hostile.values(1, 4000).into_iter().chain(ties) {
            let found = Kept::Nearest.round(1, 0, x);
            if !x.is_finite() {
                assert_eq!(found.bits(), x.bits(), "{x}");
                continue;
            }
            let below = f32::from_bits(x.to_bits() & 0xffff_0000);
            // Past the largest lies what would be 2¹²⁸.
            let value = |x: f32| if x.is_infinite() { 2_f64.powi(128) } else { x.abs().into() };
            let [down, up] = [below, beyond(below)].map(|y| (value(y) - value(x)).abs());
            let even = below.to_bits() >> 16 & 1 == 0;
            let wanted = if down < up || down <= up && even { below } else { beyond(below) };
            assert_eq!(found.to_bits(), wanted.to_bits(), "{x:e}");
        }
    }

    #[test]
    fn chance_takes_a_neighbor_and_keeps_what_needs_no_rounding() {
        let chance = Kept::Stochastic { seed: 1 << 40 };
        for (i, x) in Draw::Hostile.values(2, 4000).into_iter().enumerate() {
            let below = f32::from_bits(x.to_bits() & 0xffff_0000);
            for count in 1..4 {
                let found = chance.round(count, i, x);
                if x.is_nan() {
                    assert!(found.is_nan());
                    continue;
                }
                let is_neighbor = found.to_bits() == below.to_bits()
                    || below.to_bits() != x.to_bits() && found.to_bits() == beyond(below).to_bits();
                assert!(is_neighbor, "{x:e}: {found:e}");
            }
        }
    }

    #[test]
    fn words_have_the_bits_of_their_rule() {
        // Computed in another language.
        for (seed, count, index, wanted) in WORDS {
            assert_eq!(word(seed, count, index), wanted, "{seed}, {count}, {index}");
        }
    }

    const WORDS: [(u64, u64, usize, u32); 4] = [
        (0, 1, 0, 0x9b88_c03b),
        (7, 1, 16, 0x036f_8898),
        (7, 2, 16, 0x926e_b45d),
        (0xb_0000_0003, 4, 1_000_003, 0xa7a0_4ea7),
    ];
}
