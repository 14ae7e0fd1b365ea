//! Exponential and logarithm on lanes, with the same bits on every level.
//!
//! The coefficients are those of Cephes (Moshier, 1992). Every operation rounds by itself, in the
//! order written, and selects stand where a scalar program would branch.

use std::f32::consts::LOG2_E;

use ravine_simd::{BitLanes, IntLanes, Lanes, MaskLanes, Simd};

/// ln 2 in two parts. The first has nine bits, so that its product with an exponent is exact.
const LN_2: [f32; 2] = [355.0 / 512.0, -0.000_212_194_44];
/// 1.5 · 2²³: a sum with it is rounded to an integer, which its low bits hold.
const ROUNDER: f32 = 12_582_912.0;
/// Exponent bias of `f32`.
const BIAS: i32 = 127;

/// `eˣ`.
///
/// Within 1 ulp of the true value, subnormal results included (0.991 at 70.4031); +0 below −104, +∞ above 88.8, NaN
/// for NaN.
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    let (n, r) = reduced(simd, x);
    let e = growth(simd, r) + simd.splat(1.0);
    // Two factors, for 2ⁿ itself may lie beyond the normal numbers.
    let half = n.shr::<1>();
    e * power(simd, half) * power(simd, n - half)
}

/// `ln x`.
///
/// Within 0.83 ulp of the true value, subnormal arguments included; −∞ for zeros, NaN below zero
/// and for NaN.
#[inline(always)]
pub fn ln<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    /// Bits of the largest `f32` below √½: the significand is taken from √½ to √2.
    const ROOT: i32 = 0x3f35_04f3;
    const SHIFT: f32 = 8_388_608.0;
    const P: [f32; 9] = [
        0.070_376_836,
        -0.115_146_1,
        0.116_769_984,
        -0.124_201_41,
        0.142_493_23,
        -0.166_680_57,
        0.200_007_14,
        -0.249_999_94,
        0.333_333_3,
    ];
    let (zero, infinity) = (simd.splat(0.0), simd.splat(f32::INFINITY));
    // Subnormal arguments are brought up by 2²³.
    let tiny = x.lt(simd.splat(f32::MIN_POSITIVE));
    let bits = tiny.select(x * simd.splat(SHIFT), x).to_bits().to_i32();
    let e = (bits - simd.splat_i32(ROOT)).shr::<23>();
    let m = (bits - e.shl::<23>()).to_bits().to_f32();
    let e = e.to_f32() - tiny.select(simd.splat(23.0), zero);

    let f = m - simd.splat(1.0);
    let z = f * f;
    let y = polynomial(simd, f, P) * f * z + e * simd.splat(LN_2[1]) - simd.splat(0.5) * z;
    let ln = (f + y) + e * simd.splat(LN_2[0]);

    let ln = zero.le(x).select(ln, simd.splat(f32::NAN));
    let ln = x.eq(zero).select(-infinity, ln);
    x.eq(infinity).select(infinity, ln)
}

/// n and r with x = n·ln 2 + r and |r| ≤ ½·ln 2, x held to where the result is finite or clear.
#[inline(always)]
fn reduced<S: Simd>(simd: S, x: S::F32) -> (S::I32, S::F32) {
    let (low, high) = (simd.splat(-104.0), simd.splat(89.0));
    let x = x.lt(low).select(low, x);
    parts(simd, high.lt(x).select(high, x))
}

/// n and r with x = n·ln 2 + r and |r| ≤ ½·ln 2, for |x| ≤ 128.
#[inline(always)]
pub(crate) fn parts<S: Simd>(simd: S, x: S::F32) -> (S::I32, S::F32) {
    let rounder = simd.splat(ROUNDER);
    let shifted = x * simd.splat(LOG2_E) + rounder;
    let n = shifted.to_bits().to_i32() - rounder.to_bits().to_i32();
    let whole = shifted - rounder;
    (n, (x - whole * simd.splat(LN_2[0])) - whole * simd.splat(LN_2[1]))
}

/// `eʳ − 1` for |r| ≤ ½·ln 2.
#[inline(always)]
pub(crate) fn growth<S: Simd>(simd: S, r: S::F32) -> S::F32 {
    const P: [f32; 6] =
        [0.000_198_756_91, 0.001_398_199_9, 0.008_333_452, 0.041_665_796, 0.166_666_66, 0.5];
    polynomial(simd, r, P) * (r * r) + r
}

/// `y·2ⁿ` for −158 ≤ n ≤ 95 and y from 2⁻⁸ to 2³², rounded only where it is subnormal.
#[inline(always)]
pub(crate) fn scaled<S: Simd>(simd: S, y: S::F32, n: S::I32) -> S::F32 {
    // Two factors, for 2ⁿ itself may lie below the normal numbers.
    const SHIFT: i32 = 32;
    let least = simd.splat(1.0 / (65_536.0 * 65_536.0));
    y * power(simd, n + simd.splat_i32(SHIFT)) * least
}

/// `2ⁿ` for normal results.
#[inline(always)]
pub(crate) fn power<S: Simd>(simd: S, n: S::I32) -> S::F32 {
    (n + simd.splat_i32(BIAS)).shl::<23>().to_bits().to_f32()
}

/// The polynomial with these coefficients, highest first, by Horner's rule.
#[inline(always)]
pub(crate) fn polynomial<S: Simd, const N: usize>(
    simd: S,
    x: S::F32,
    coefficients: [f32; N],
) -> S::F32 {
    let mut sum = simd.splat(coefficients[0]);
    for &c in &coefficients[1..] {
        sum = sum * x + simd.splat(c);
    }
    sum
}
