//! The normal distribution on lanes, and what follows from it: GELU and the error function.

use ravine_simd::{BitLanes, Lanes, MaskLanes, Simd};

use crate::exp::{growth, parts, polynomial, scaled};

/// Beyond, `t·Φ(−t)` is zero.
const END: f32 = 14.5;

/// `x·Φ(x)`, as `max(x, 0) − |x|·Φ(−|x|)`.
#[inline(always)]
pub(crate) fn gelu<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    let bell = Bell::at(simd, x);
    let below = -bell.tail(simd, bell.t);
    x.lt(simd.splat(0.0)).select(below, x + below)
}

/// `Φ(x)` and `φ(x)`: the normal distribution and its density.
///
/// ```text
/// φ(x) = e^(−x²/2) / √(2π)        Φ(x) = ½·(1 + erf(x / √2))
/// ```
#[inline(always)]
pub(crate) fn normal<S: Simd>(simd: S, x: S::F32) -> (S::F32, S::F32) {
    /// 1 / √(2π).
    const DENSITY: f32 = 0.398_942_3;
    let one = simd.splat(1.0);
    let bell = Bell::at(simd, x);
    let tail = bell.tail(simd, one);
    let density = scaled(simd, bell.q + one, bell.n) * simd.splat(DENSITY);
    (x.lt(simd.splat(0.0)).select(tail, one - tail), density)
}

/// `erf x`: near zero a polynomial, elsewhere `1 − 2·Φ(−√2·|x|)`.
#[inline(always)]
pub(crate) fn erf<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    /// In powers of x²: `erf(x) / x − 1`, a fit off by at most 2·10⁻⁹ up to 1.
    const P: [f32; 7] = [
        7.806_903e-5,
        -0.000_799_785_3,
        0.005_187_162,
        -0.026_853_347,
        0.112_835_79,
        -0.376_126_26,
        0.128_379_17,
    ];
    let one = simd.splat(1.0);
    let sign = x.to_bits() & simd.splat_u32(1 << 31);
    let a = x.abs();
    let small = polynomial(simd, a * a, P) * a + a;
    let bell = Bell::at(simd, a * simd.splat(std::f32::consts::SQRT_2));
    let large = one - bell.tail(simd, simd.splat(2.0));
    let magnitude = a.lt(one).select(small, large);
    (magnitude.to_bits() | sign).to_f32()
}

/// `e^(−t²/2) = 2ⁿ·(1 + q)` for `t = min(|x|, 14.5)`.
struct Bell<S: Simd> {
    t: S::F32,
    n: S::I32,
    q: S::F32,
}

impl<S: Simd> Bell<S> {
    #[inline(always)]
    fn at(simd: S, x: S::F32) -> Self {
        let (half, end) = (simd.splat(0.5), simd.splat(END));
        let t = x.abs();
        let t = end.lt(t).select(end, t);
        // t² = s² + (t − s)(t + s), where s has twelve bits, so that its square is exact.
        let s = (t.to_bits() & simd.splat_u32(0xffff_f000)).to_f32();
        let (n, r) = parts(simd, -(s * s * half));
        Self { t, n, q: growth(simd, r - (t - s) * (t + s) * half) }
    }

    /// `factor·Φ(−t)`, for factors up to `max(t, 2)`.
    ///
    /// The tail is `e^(−t²/2)·d·P(29/64 − t·d)` with `d = 1 / (4 + t)`, so it keeps its relative
    /// accuracy; P is a minimax fit of degree 9, off by at most 1.2·10⁻⁸. The factor comes before
    /// the power of two, so that a subnormal result is rounded once.
    #[inline(always)]
    fn tail(&self, simd: S, factor: S::F32) -> S::F32 {
        const P: [f32; 10] = [
            0.068_745_986,
            0.074_864_574,
            -0.179_098_1,
            -0.287_455_8,
            0.168_736_47,
            1.014_798_8,
            1.678_186_5,
            1.771_358,
            1.371_209_5,
            0.815_836_4,
        ];
        let one = simd.splat(1.0);
        let d = one / (simd.splat(4.0) + self.t);
        let share = self.t * d;
        // The same number as d, and closer to it while t is small.
        let close = (one - share) * simd.splat(0.25);
        let d = self.t.lt(one).select(close, d);
        let y = polynomial(simd, simd.splat(29.0 / 64.0) - share, P) * d * factor;
        scaled(simd, y + y * self.q, self.n)
    }
}
