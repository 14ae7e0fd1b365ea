//! `mul_add` with one rounding, where the compilation target may have no fused instruction.

use crate::LANES;

/// `a · b + c` in every lane, rounded once.
///
/// With a fused instruction in the target this is that instruction. Otherwise the product is
/// exact in `f64`, the sum is rounded to odd, and `f64` has more than the two extra bits that
/// make the second rounding harmless (Boldo and Melquiond, "Emulation of FMA and correctly
/// rounded sums: proved algorithms using rounding to odd", 2008).
///
/// A call: its sixteen lanes are several hundred instructions.
#[inline(never)]
pub(crate) fn mul_add(a: [f32; LANES], b: [f32; LANES], c: [f32; LANES]) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    for (((out, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
        *out = if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
            a.mul_add(b, c)
        } else {
            rounded_once(a, b, c)
        };
    }
    out
}

/// `a · b + c` without a fused instruction.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the one rounding to f32")]
fn rounded_once(a: f32, b: f32, c: f32) -> f32 {
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    // TwoSum (Knuth, 1969): sum + error is product + c exactly.
    let sum = product + c;
    let back = sum - product;
    let error = (product - (sum - back)) + (c - back);
    // To odd: cut off towards zero, then a last bit of one where anything was cut off. The sign of
    // error · sum tells the side, and no such product underflows: both are at least 2⁻²⁹⁸ in
    // magnitude or zero. An overflowed sum has a NaN as its error and stays.
    let side = error * sum;
    let cut = sum.to_bits().wrapping_sub(u64::from(side < 0.0));
    f64::from_bits(cut | u64::from((side < 0.0) | (side > 0.0))) as f32
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "casts cut words into test operands")]
mod tests {
    use super::rounded_once;

    /// Sixty-four bits of SplitMix64 (Steele, Lea and Flood, 2014).
    fn words() -> impl Iterator<Item = u64> {
        let mut state = 0_u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
    }

    fn same(a: f32, b: f32, c: f32) {
        let (got, want) = (rounded_once(a, b, c), a.mul_add(b, c));
        assert!(
            got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(),
            "{a:e} · {b:e} + {c:e} is {got:e}, but {want:e} is wanted",
        );
    }

    #[test]
    fn one_rounding_for_any_bits() {
        let mut words = words();
        for _ in 0..1_000_000 {
            let [a, b, c] = [(); 3].map(|()| f32::from_bits((words.next().unwrap() >> 32) as u32));
            same(a, b, c);
        }
    }

    #[test]
    fn one_rounding_where_the_terms_nearly_cancel_or_tie() {
        let mut words = words();
        for _ in 0..1_000_000 {
            let word = words.next().unwrap();
            let a = f32::from_bits(0x3f80_0000 | (word as u32 & 0x7f_ffff));
            let b = f32::from_bits(0x3f80_0000 | ((word >> 23) as u32 & 0x7f_ffff));
            let near = -(a * b);
            let c = f32::from_bits(near.to_bits().wrapping_add((word >> 46) as u32 % 5));
            same(a, b, c);
            // Half a unit in the last place of the product, more or less: ties and near ties.
            for shift in [20, 23, 24, 25, 48, 60, 120, 126] {
                let tiny = f32::from_bits((127 - shift) << 23 | (word >> 60) as u32);
                same(a, b, tiny);
                same(a, b, -tiny);
                same(a, tiny, c);
            }
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "the integers are short")]
    fn one_rounding_where_a_term_beyond_f64_breaks_a_tie() {
        let mut words = words();
        for _ in 0..10_000 {
            let word = words.next().unwrap() as u32;
            // Odd numbers of 12 and 13 bits: a product of 25 bits is a tie.
            let a = ((1 << 11) | (word & 0x7ff) | 1) as f32;
            let b = ((1 << 12) | ((word >> 11) & 0xfff) | 1) as f32;
            for shift in [1, 20, 40, 100] {
                let c = f32::from_bits((127 - shift) << 23);
                for (a, c) in [(a, c), (a, -c), (-a, c), (-a, -c)] {
                    same(a, b, c);
                }
            }
        }
    }

    /// In `f64` the sum is halfway between two `f32`s, or one unit past it: what is cut off and
    /// the last bit alone tell to which side the true sum lies.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "the integers are short")]
    fn one_rounding_where_the_odd_bit_alone_breaks_a_tie() {
        const TIE: i64 = (1 << 36) + (1 << 8);
        let mut n_ties = 0;
        for p in (1_i64 << 17..1 << 18).step_by(2).map(|p| p + 1) {
            let q = (TIE + p / 2) / p;
            if matches!((p * q - TIE).abs(), 1..128) {
                // p·q·2⁻⁶⁰ beside 1, whose halfway point is 2⁻²⁴ above it.
                let unit = f32::from_bits((127 - 30) << 23);
                let (a, b) = (p as f32 * unit, q as f32 * unit);
                same(a, b, 1.0);
                same(-a, b, -1.0);
                n_ties += 1;
            }
        }
        assert!(n_ties > 10, "{n_ties} products");
    }
}
