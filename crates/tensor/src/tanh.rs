//! Hyperbolic tangent and logistic function on lanes.

use ravine_simd::{BitLanes, Lanes, MaskLanes, Simd};

use crate::exp::{growth, parts, polynomial, power};

/// `tanh x`: near zero Cephes' polynomial (Moshier, 1992), elsewhere `1 − 2 / (e²ˣ + 1)`.
#[inline(always)]
pub(crate) fn tanh<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    const P: [f32; 5] =
        [-0.005_704_988_7, 0.020_639_088, -0.053_739_715, 0.133_314_42, -0.333_332_8];
    let (one, end) = (simd.splat(1.0), simd.splat(10.0));
    let sign = x.to_bits() & simd.splat_u32(1 << 31);
    let a = x.abs();
    let z = a * a;
    let small = polynomial(simd, z, P) * z * a + a;
    // Beyond `end` it is 1.
    let held = end.lt(a).select(end, a);
    let (n, r) = parts(simd, held + held);
    let e = (growth(simd, r) + one) * power(simd, n);
    let large = one - simd.splat(2.0) / (e + one);
    let magnitude = a.lt(simd.splat(0.625)).select(small, large);
    (magnitude.to_bits() | sign).to_f32()
}

/// `1 / (1 + e⁻ˣ)`.
///
/// ```text
/// e = e^−|x| = 2ⁿ·(1 + q),  t = e / (1 + e)
/// 1 − t                               for x ≥ 0
/// t                                   for −1 ≤ x < 0
/// 2ⁿ·((1 − t) + (1 − t)·q)            for x < −1
/// ```
///
/// The last is `e·(1 − t)`, which is t again, with fewer roundings where t is small.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    const SCALE_LOG2: i32 = 32;
    const SCALE: f32 = 65_536.0 * 65_536.0;
    let (zero, one) = (simd.splat(0.0), simd.splat(1.0));
    let (least, scale) = (simd.splat(-104.0), simd.splat(1.0 / SCALE));
    let a = (x.to_bits() | simd.splat_u32(1 << 31)).to_f32();
    let (n, r) = parts(simd, a.lt(least).select(least, a));
    let q = growth(simd, r);
    // Everything but results is 2³² times as large, so that only results may be subnormal.
    let (whole, power) = (q + one, power(simd, n + simd.splat_i32(SCALE_LOG2)));
    let e = whole * power;
    let t = e / (simd.splat(SCALE) + e);
    let rest = one - t;
    let small = (rest + rest * q) * power * scale;
    let below = x.lt(-one).select(small, t);
    x.lt(zero).select(below, rest)
}
