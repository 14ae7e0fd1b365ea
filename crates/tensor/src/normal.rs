//! The normal distribution on lanes: what GELU is made of.

use ravine_simd::{BitLanes, Lanes, MaskLanes, Simd};

use crate::exp::{polynomial, reduced, scaled};

/// `Φ(x)` and `φ(x)`: the normal distribution and its density.
///
/// ```text
/// φ(x) = e^(−x²/2) / √(2π)        Φ(x) = ½·(1 + erf(x / √2))
/// ```
///
/// The tail `Φ(−|x|)` is `e^(−x²/2)·u·P(u)` with `u = 1 / (1 + 0.3·|x|)`, so it keeps its
/// relative accuracy; P is a Chebyshev fit of degree 9, off by at most 2·10⁻⁹.
#[inline(always)]
pub(crate) fn normal<S: Simd>(simd: S, x: S::F32) -> (S::F32, S::F32) {
    /// In powers of `u − ½`.
    const P: [f32; 10] = [
        -0.020_956_025,
        0.019_955_344,
        0.035_901_185,
        -0.036_520_924,
        -0.077_541_39,
        0.029_060_1,
        0.222_082_05,
        0.346_198_77,
        0.329_159,
        0.221_970_62,
    ];
    /// 1 / √(2π).
    const DENSITY: f32 = 0.398_942_3;
    // One by one: a map over an array of them is a call.
    let (zero, half) = (simd.splat(0.0), simd.splat(0.5));
    let (one, end) = (simd.splat(1.0), simd.splat(14.5));
    // Beyond `end` both are zero.
    let t = x.abs();
    let t = end.lt(t).select(end, t);
    // t² = s² + (t − s)(t + s), where s has twelve bits, so that its square is exact.
    let s = (t.to_bits() & simd.splat_u32(0xffff_f000)).to_f32();
    let (n, r) = reduced(simd, -(s * s * half));
    let bell = scaled(simd, n, r - (t - s) * (t + s) * half);

    let u = one / (one + simd.splat(0.3) * t);
    let tail = polynomial(simd, u - half, P) * u * bell;
    (x.lt(zero).select(tail, one - tail), bell * simd.splat(DENSITY))
}
