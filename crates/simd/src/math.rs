//! Elementary functions of one `f64`, for schedules, spectra and normal draws.
//!
//! The standard library leaves these to the platform, whose bits differ from one to the next.
//! Here every result is plain arithmetic in a written order, never fused, over fixed coefficients:
//! the same bits everywhere. The polynomials are those of fdlibm (Sun Microsystems, 1993), the
//! reductions follow Cody and Waite, "Software Manual for the Elementary Functions", 1980.
//!
//! The errors stated bound the largest seen at 40 million random points of each function, against
//! arithmetic with a mantissa of 64 bits. `tests/math` holds some hundred thousand points to them,
//! against arithmetic of about 100 bits.

use std::f64::consts::PI;

/// High part of ln 2, with 33 bits: its product with an exponent is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// ln 2 less its high part.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Added to and taken from a number below 2⁵¹, leaves the nearest integer (ties to even), whose
/// low bits stand in the sum's: 1.5·2⁵².
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `eˣ`, within 0.90 ulp.
///
/// `e^∞` is ∞, `e^−∞` is 0; it overflows to ∞ above 709.78, and is subnormal, then 0, below −708.4.
///
/// ```text
/// x = k·ln 2 + r,  |r| ≤ ln 2 / 2
/// eʳ = 1 + 2r / (R(r) − r),  R(r) = r·(eʳ + 1) / (eʳ − 1) ≈ 2 + r²/6 − …
/// eˣ = 2ᵏ·eʳ
/// ```
///
/// # Examples
///
/// ```
/// use ravine_simd::math;
///
/// assert_eq!(math::exp(0.0), 1.0);
/// assert!((math::exp(1.0) - std::f64::consts::E).abs() < 1e-15);
/// ```
#[must_use]
pub fn exp(x: f64) -> f64 {
    // Beyond, the result is certain, and within, the two factors of 2ᵏ are normal numbers.
    const LIMIT: f64 = 1000.0;
    if x.is_nan() || LIMIT < x.abs() {
        return if x < 0.0 { 0.0 } else { x + f64::INFINITY };
    }
    let sum = x * std::f64::consts::LOG2_E + ROUND;
    let k = sum - ROUND;
    let (high, low) = (x - k * LN_2_HIGH, k * LN_2_LOW);
    let r = high - low;
    let t = r * r;
    let c = r - t
        * (0.166_666_666_666_666_02
            + t * (-0.002_777_777_777_701_559_3
                + t * (6.613_756_321_437_934e-5
                    + t * (-1.653_390_220_546_525_2e-6 + t * 4.138_136_797_057_238_5e-8))));
    let y = 1.0 - ((low - r * c / (2.0 - c)) - high);
    // In two steps, each an exact power of two, so that a subnormal result is rounded once.
    let k = (sum.to_bits() as i64) << 32 >> 32;
    let half = k >> 1;
    y * power_of_two(half) * power_of_two(k - half)
}

/// `2ᵏ` for `−1022 ≤ k ≤ 1023`.
#[inline]
fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) << 52).cast_unsigned())
}

/// Natural logarithm of `x`, within 0.84 ulp.
///
/// NaN below zero, −∞ at a zero of either sign, ∞ at ∞; subnormal numbers are exact to the same
/// bound.
///
/// ```text
/// x = 2ᵏ·(1 + f),  √½ ≤ 1 + f < √2,  s = f / (2 + f)
/// ln(1 + f) = f − f²/2 + s·(f²/2 + R(s²)),  R(z) ≈ ⅔z + ⅖z² + …
/// ln x = k·ln 2 + ln(1 + f)
/// ```
///
/// # Examples
///
/// ```
/// use ravine_simd::math;
///
/// assert_eq!(math::ln(1.0), 0.0);
/// assert_eq!(math::ln(10.0), std::f64::consts::LN_10);
/// ```
#[must_use]
pub fn ln(x: f64) -> f64 {
    /// The upper 32 bits of √½, to which those of `1 + f` are brought.
    const SQRT_HALF: i64 = 0x3fe6_a09e << 32;
    if !(x > 0.0 && x < f64::INFINITY) {
        return match x {
            0.0 => f64::NEG_INFINITY,
            f64::INFINITY => x,
            _ => f64::NAN,
        };
    }
    let (x, shift) = if x < f64::MIN_POSITIVE { (x * power_of_two(54), 54) } else { (x, 0) };
    let bits = x.to_bits().cast_signed() - SQRT_HALF;
    let k = (bits >> 52) - shift;
    let f = f64::from_bits(((bits & (i64::MAX >> 11)) + SQRT_HALF).cast_unsigned()) - 1.0;
    let k = k as f64;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w
        * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = z
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9
                + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    let half = 0.5 * f * f;
    k * LN_2_HIGH - ((half - (s * (half + (even + odd)) + k * LN_2_LOW)) - f)
}

/// `sin(π·x)`, within 0.86 ulp: the argument is reduced before π meets it, so nothing is lost
/// at large arguments.
///
/// Zero with the sign of `x` at integers, ±1 exactly between them, NaN at infinities.
///
/// # Examples
///
/// ```
/// use ravine_simd::math;
///
/// assert_eq!(math::sin_pi(0.5), 1.0);
/// assert_eq!(math::sin_pi(1e9 + 1.0), 0.0);
/// ```
#[must_use]
pub fn sin_pi(x: f64) -> f64 {
    let (r, quadrant) = reduce(x);
    let y = turn(r, quadrant);
    if y == 0.0 { 0.0_f64.copysign(x) } else { y }
}

/// `cos(π·x)`, within 0.78 ulp: the argument is reduced before π meets it, so nothing is lost
/// at large arguments.
///
/// ±1 exactly at integers, +0 halfway between them, NaN at infinities.
///
/// # Examples
///
/// ```
/// use ravine_simd::math;
///
/// assert_eq!(math::cos_pi(1.0), -1.0);
/// assert_eq!(math::cos_pi(2.5), 0.0);
/// ```
#[must_use]
pub fn cos_pi(x: f64) -> f64 {
    let (r, quadrant) = reduce(x);
    // Adding zero makes a negative zero positive.
    turn(r, quadrant.wrapping_add(1)) + 0.0
}

/// `x` as `q/2 + r` with `|r| ≤ ¼`, exactly; of `q` only the two low bits count.
#[inline]
fn reduce(x: f64) -> (f64, u64) {
    // So large a number is beyond ROUND's reach; its remainder is exact.
    const LARGE: f64 = (1_u64 << 49) as f64;
    let x = if x.abs() < LARGE { x } else { x % 2.0 };
    let sum = 2.0 * x + ROUND;
    (x - 0.5 * (sum - ROUND), sum.to_bits())
}

/// `sin(π·(r + q/2))` for `|r| ≤ ¼`.
#[inline]
fn turn(r: f64, quadrant: u64) -> f64 {
    /// π to 24 bits, and what is missing to π.
    const PI_HIGH: f64 = 3.141_592_741_012_573_2;
    const PI_LOW: f64 = -8.742_278_000_372_485e-8;
    /// Below, the error of π·r is the result's, and its parts might be subnormal.
    const TINY: f64 = 1e-200;
    // π·r in two parts: the upper 26 bits of r times those of π are exact.
    let top = f64::from_bits(r.to_bits() & (u64::MAX << 27));
    let (high, low) = (PI_HIGH * top, PI_HIGH * (r - top) + PI_LOW * r);
    let x = high + low;
    let y = low - (x - high);
    let z = x * x;
    let value = if quadrant & 1 == 0 {
        if r.abs() < TINY { PI * r } else { sin(x, y, z) }
    } else {
        cos(x, y, z)
    };
    if quadrant & 2 == 0 { value } else { -value }
}

/// `sin(x + y)` for `|x| ≤ π/4` and its rounding error `y`; `z = x²`.
#[inline]
fn sin(x: f64, y: f64, z: f64) -> f64 {
    let cube = z * x;
    let r = 0.008_333_333_333_322_49
        + z * (-0.000_198_412_698_298_579_5
            + z * (2.755_731_370_707_006_8e-6
                + z * (-2.505_076_025_340_686_3e-8 + z * 1.589_690_995_211_55e-10)));
    x - ((z * (0.5 * y - cube * r) - y) + cube * 0.166_666_666_666_666_32)
}

/// `cos(x + y)` for `|x| ≤ π/4` and its rounding error `y`; `z = x²`.
#[inline]
fn cos(x: f64, y: f64, z: f64) -> f64 {
    let r = z
        * (0.041_666_666_666_666_6
            + z * (-0.001_388_888_888_887_411
                + z * (2.480_158_728_947_673e-5
                    + z * (-2.755_731_435_139_066_3e-7
                        + z * (2.087_572_321_298_175e-9 + z * -1.135_964_755_778_819_5e-11)))));
    let half = 0.5 * z;
    let w = 1.0 - half;
    w + (((1.0 - w) - half) + (z * r - x * y))
}
