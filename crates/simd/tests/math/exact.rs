//! exp, ln, sin and cos to about 100 bits, by the series of calculus over pairs of `f64`.
//!
//! A pair is the exact sum of a number and what rounding lost of it (Dekker, "A floating-point
//! technique for extending the available precision", 1971). Nothing here is shared with the kernels,
//! whose polynomials are fitted to 53 bits, nor with the platform.

use std::f64::consts::{LN_2, PI};

/// `high + low`, of which `high` is the nearest `f64`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    high: f64,
    low: f64,
}

/// π and ln 2: their doubles, and what is missing to them.
const PI_PAIR: Pair = Pair { high: PI, low: 1.224_646_799_147_353_2e-16 };
const LN_2_PAIR: Pair = Pair { high: LN_2, low: 2.319_046_813_846_299_6e-17 };

/// Terms of a series: more than any argument here needs.
const TERMS: u32 = 30;

impl Pair {
    fn of(high: f64) -> Self {
        Self { high, low: 0.0 }
    }

    /// A sum whose second term is the smaller, as a pair.
    fn normal(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }

    fn add(self, other: Self) -> Self {
        let sum = self.high + other.high;
        let back = sum - self.high;
        let lost = (self.high - (sum - back)) + (other.high - back);
        Self::normal(sum, lost + (self.low + other.low))
    }

    fn mul(self, other: Self) -> Self {
        let product = self.high * other.high;
        let lost = self.high.mul_add(other.high, -product);
        Self::normal(product, lost + (self.high * other.low + self.low * other.high))
    }

    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self.add(other.mul(Self::of(-first)));
        let second = rest.high / other.high;
        let rest = rest.add(other.mul(Self::of(-second)));
        Self::normal(first, second).add(Self::of(rest.high / other.high))
    }
}

/// A number that may be beyond the range of `f64`: a pair times `2ᵏ`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exact {
    value: Pair,
    k: i32,
}

impl Exact {
    /// How many units in its last place, as an `f64`, the exact number is away from `found`. Those
    /// of subnormal numbers are 2⁻¹⁰⁷⁴.
    pub(crate) fn ulps(self, found: f64) -> f64 {
        let Self { value, k } = self;
        let distance =
            Pair::of(times_power(found, -k)).add(Pair { high: -value.high, low: -value.low });
        let exponent = (value.high.abs().to_bits() >> 52) as i32 - 1023;
        let unit = (exponent - 52).max(-1074 - k);
        times_power(distance.high.abs(), -unit)
    }
}

/// `x·2ᵏ`, in steps that are exact.
fn times_power(x: f64, k: i32) -> f64 {
    let step = k.clamp(-1000, 1000);
    let power = f64::from_bits(u64::from((step + 1023).cast_unsigned()) << 52);
    if step == k { x * power } else { times_power(x * power, k - step) }
}

/// `eˣ` for finite x of less than 10⁶.
pub(crate) fn exp(x: f64) -> Exact {
    let k = (x / LN_2).round();
    let r = Pair::of(x).add(LN_2_PAIR.mul(Pair::of(-k)));
    let (mut term, mut sum) = (Pair::of(1.0), Pair::of(1.0));
    for n in 1..TERMS {
        term = term.mul(r).div(Pair::of(f64::from(n)));
        sum = sum.add(term);
    }
    Exact { value: sum, k: k as i32 }
}

/// `ln x` for positive and finite x: of `2ᵏ·m` it is `k·ln 2 + 2·(s + s³/3 + s⁵/5 + …)`, where
/// `s = (m − 1)/(m + 1)`.
pub(crate) fn ln(x: f64) -> Exact {
    let (x, shift) = if x < f64::MIN_POSITIVE { (times_power(x, 54), 54) } else { (x, 0) };
    let exponent = (x.to_bits() >> 52) as i32 - 1023;
    let m = times_power(x, -exponent);
    let (m, exponent) =
        if m < std::f64::consts::SQRT_2 { (m, exponent) } else { (m / 2.0, exponent + 1) };
    let s = Pair::of(m - 1.0).div(Pair::of(m).add(Pair::of(1.0)));
    let square = s.mul(s);
    let (mut power, mut sum) = (s, s);
    for n in 1..TERMS {
        power = power.mul(square);
        sum = sum.add(power.div(Pair::of(f64::from(2 * n + 1))));
    }
    let whole = LN_2_PAIR.mul(Pair::of(f64::from(exponent - shift)));
    Exact { value: whole.add(sum.add(sum)), k: 0 }
}

/// `sin(π·x)` and `cos(π·x)` for finite x.
pub(crate) fn sin_cos_pi(x: f64) -> [Exact; 2] {
    // So small an argument would have a rest that is no number of f64.
    let k = if x.abs() < 1e-200 { -700 } else { 0 };
    let turns = times_power(x % 2.0, -k);
    let quadrant = if k == 0 { (2.0 * turns).round() } else { 0.0 };
    let angle = PI_PAIR.mul(Pair::of(turns - quadrant / 2.0));
    let square = if k == 0 { angle.mul(angle) } else { Pair::of(0.0) };
    let [sin, cos] = [(angle, 1), (Pair::of(1.0), 0)].map(|(first, from)| {
        let (mut term, mut sum) = (first, first);
        for n in (from + 2..2 * TERMS).step_by(2) {
            term = term.mul(square).div(Pair::of(-f64::from(n * (n - 1))));
            sum = sum.add(term);
        }
        sum
    });
    let minus = |pair: Pair| Pair { high: -pair.high, low: -pair.low };
    let (sin, cos) = match (quadrant as i64).rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, minus(sin)),
        2 => (minus(sin), minus(cos)),
        _ => (minus(cos), sin),
    };
    [Exact { value: sin, k }, Exact { value: cos, k: 0 }]
}

impl Exact {
    /// What the number is off by from a pair, for numbers in the range of `f64`.
    fn minus(self, other: Pair) -> f64 {
        let Self { value, k } = self;
        let value = Pair { high: times_power(value.high, k), low: times_power(value.low, k) };
        value.add(Pair { high: -other.high, low: -other.low }).high.abs()
    }
}

#[test]
fn the_series_have_the_known_digits_of_e_and_ln_10() {
    let e = Pair { high: std::f64::consts::E, low: 1.445_646_891_729_250_2e-16 };
    assert!(exp(1.0).minus(e) < 1e-31, "{e:?}");
    let ten = Pair { high: std::f64::consts::LN_10, low: -2.170_756_223_382_249_4e-16 };
    assert!(ln(10.0).minus(ten) < 1e-31, "{ten:?}");
}

#[test]
fn the_series_obey_the_laws_of_their_functions() {
    for i in 1..500 {
        let x = f64::from(i) / 77.0;
        let [sin, cos] = sin_cos_pi(x).map(|exact| exact.value);
        let one = Exact { value: sin.mul(sin).add(cos.mul(cos)), k: 0 };
        assert!(one.minus(Pair::of(1.0)) < 1e-31, "sin² + cos² at {x}");
        // e^(h + l) is e^h·(1 + l) to 1e-32, where h + l is ln x.
        let Pair { high, low } = ln(x).value;
        let Exact { value, k } = exp(high);
        let back = Exact { value: value.add(value.mul(Pair::of(low))), k };
        assert!(back.minus(Pair::of(x)) < 1e-30 * x, "e^(ln x) at {x}");
    }
}
