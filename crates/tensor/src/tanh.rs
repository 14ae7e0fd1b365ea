//! Hyperbolic tangent and logistic function on lanes.

use ravine_simd::{BitLanes, Lanes, MaskLanes, Simd};

use crate::exp::{exp, polynomial};

/// `tanh x`.
///
/// Within 1.3 ulp of the true value. Odd to the last bit, −0 included; ±1 for ±∞, NaN for NaN. Near zero Cephes' polynomial
/// (Moshier, 1992), elsewhere `1 − 2 / (e²ˣ + 1)`.
#[inline(always)]
pub(crate) fn tanh<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    const P: [f32; 5] =
        [-0.005_704_988_7, 0.020_639_088, -0.053_739_715, 0.133_314_42, -0.333_332_8];
    let one = simd.splat(1.0);
    let sign = x.to_bits() & simd.splat_u32(1 << 31);
    let a = x.abs();
    let z = a * a;
    let small = polynomial(simd, z, P) * z * a + a;
    let large = one - simd.splat(2.0) / (exp(simd, a + a) + one);
    let magnitude = a.lt(simd.splat(0.625)).select(small, large);
    (magnitude.to_bits() | sign).to_f32()
}

/// `1 / (1 + e⁻ˣ)`.
///
/// Within 2.4 ulp of the true value. 0 and 1 for −∞ and +∞, NaN for NaN. The exponential is taken of `−|x|`, so that small results
/// are as accurate as large ones.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    let one = simd.splat(1.0);
    let e = exp(simd, -x.abs());
    x.lt(simd.splat(0.0)).select(e, one) / (one + e)
}
