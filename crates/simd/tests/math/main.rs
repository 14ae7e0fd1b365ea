//! The elementary functions against series of twice their precision, and at the points that have one
//! right answer.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "casts make test points, and exact equality is what is asked"
)]

mod exact;

use std::f64::consts::{LN_2, LN_10, PI};

use ravine_conformance::values::Words;
use ravine_simd::math::{cos_pi, exp, ln, sin_pi};

use crate::exact::Exact;

const POINTS: usize = 100_000;

/// Largest errors in units in the last place, as the functions' documentation states them.
const EXP: f64 = 0.90;
const LN: f64 = 0.84;
const SIN_PI: f64 = 0.86;
const COS_PI: f64 = 0.78;

/// Uniform in `(0, 1)`.
fn unit(words: &mut Words) -> f64 {
    ((words.word() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// Any bits.
fn any(words: &mut Words) -> f64 {
    f64::from_bits(words.word())
}

fn same(x: f64, got: f64, want: f64) {
    assert!(
        got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(),
        "at {x:e}: {got:e}, but {want:e} is wanted",
    );
}

/// The largest error that was seen, in units in the last place, and where.
#[derive(Default)]
struct Worst {
    ulps: f64,
    at: f64,
}

impl Worst {
    fn take(&mut self, x: f64, got: f64, exact: Exact) {
        let ulps = exact.ulps(got);
        // What is no number is as far off as can be.
        let ulps = if ulps.is_nan() { f64::INFINITY } else { ulps };
        if self.ulps < ulps {
            *self = Self { ulps, at: x };
        }
    }

    /// Holds it to the error that the function's documentation states.
    fn is_within(&self, stated: f64, name: &str) {
        let Self { ulps, at } = self;
        assert!(*ulps <= stated, "{name} is {ulps} ulp off at {at:e}, stated {stated}");
    }
}

#[test]
fn exp_is_within_its_stated_error() {
    let (mut words, mut worst) = (Words::new(1), Worst::default());
    for _ in 0..POINTS {
        let unit = unit(&mut words);
        for x in [1500.0 * unit - 750.0, 4.0 * unit - 2.0, -800.0 * unit, any(&mut words)] {
            let got = exp(x);
            // Where it overflows, and where it is certain, is pinned below.
            if got < f64::INFINITY && x.abs() < 1000.0 {
                worst.take(x, got, exact::exp(x));
            }
        }
    }
    worst.is_within(EXP, "exp");
}

#[test]
fn ln_is_within_its_stated_error() {
    let (mut words, mut worst) = (Words::new(2), Worst::default());
    for _ in 0..POINTS {
        let (unit, any) = (unit(&mut words), any(&mut words));
        let subnormal = f64::from_bits(any.to_bits() >> 12);
        for x in [0.5 + unit, 100.0 * unit, 1.0 + unit / 1e9, any, any.abs(), subnormal] {
            if x > 0.0 && x < f64::INFINITY {
                worst.take(x, ln(x), exact::ln(x));
            } else {
                same(x, ln(x), x.ln());
            }
        }
    }
    worst.is_within(LN, "ln");
}

#[test]
fn sin_pi_and_cos_pi_are_within_their_stated_errors() {
    let mut words = Words::new(3);
    let [mut sin, mut cos] = [(); 2].map(|()| Worst::default());
    for _ in 0..POINTS {
        let (unit, any) = (unit(&mut words), any(&mut words));
        for x in [4.0 * unit - 2.0, 1e6 * unit, -1e15 * unit, unit / 1e12, any] {
            if x.is_finite() {
                let exact = exact::sin_cos_pi(x);
                sin.take(x, sin_pi(x), exact[0]);
                cos.take(x, cos_pi(x), exact[1]);
            }
        }
    }
    sin.is_within(SIN_PI, "sin_pi");
    cos.is_within(COS_PI, "cos_pi");
}

#[test]
fn exp_has_its_exact_points_and_limits() {
    for (x, want) in [
        (0.0, 1.0),
        (-0.0, 1.0),
        (f64::MIN_POSITIVE, 1.0),
        (-f64::from_bits(1), 1.0),
        (f64::INFINITY, f64::INFINITY),
        (f64::NEG_INFINITY, 0.0),
        (f64::NAN, f64::NAN),
        (f64::MAX, f64::INFINITY),
        (f64::MIN, 0.0),
        (709.782_712_893_384_1, f64::INFINITY),
        (-745.133_219_101_941_1, f64::from_bits(1)),
        (-745.133_219_101_941_3, 0.0),
    ] {
        same(x, exp(x), want);
    }
    assert!(exp(709.782_712_893_384).is_finite());
}

#[test]
fn ln_has_its_exact_points_and_limits() {
    for (x, want) in [
        (1.0, 0.0),
        (2.0, LN_2),
        (10.0, LN_10),
        (0.0, f64::NEG_INFINITY),
        (-0.0, f64::NEG_INFINITY),
        (-1.0, f64::NAN),
        (-f64::from_bits(1), f64::NAN),
        (f64::INFINITY, f64::INFINITY),
        (f64::NEG_INFINITY, f64::NAN),
        (f64::NAN, f64::NAN),
    ] {
        same(x, ln(x), want);
    }
}

#[test]
fn ln_of_every_power_of_two_is_within_its_stated_error() {
    let (mut power, mut worst) = (f64::from_bits(1), Worst::default());
    while power < f64::INFINITY {
        worst.take(power, ln(power), exact::ln(power));
        power *= 2.0;
    }
    worst.is_within(LN, "ln");
}

#[test]
fn sin_pi_and_cos_pi_are_exact_at_multiples_of_a_half() {
    let large = (1_u64 << 51) as f64;
    for start in [0.0, 4.0, 1e9, large / 4.0, large - 8.0, large, 2.0 * large, 1e300] {
        for (offset, sin, cos) in
            [(0.0, 0.0, 1.0), (0.5, 1.0, 0.0), (1.0, 0.0, -1.0), (1.5, -1.0, 0.0), (2.0, 0.0, 1.0)]
        {
            let x = start + offset;
            if x - start == offset {
                same(x, sin_pi(x), sin);
                same(-x, sin_pi(-x), -sin);
                same(x, cos_pi(x), cos);
                same(-x, cos_pi(-x), cos);
            }
        }
    }
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        same(x, sin_pi(x), f64::NAN);
        same(x, cos_pi(x), f64::NAN);
    }
}

#[test]
fn sin_pi_of_a_tiny_number_is_pi_times_it() {
    for x in [f64::from_bits(1), f64::from_bits(12345), f64::MIN_POSITIVE, 1e-300, 1e-201] {
        same(x, sin_pi(x), PI * x);
        same(-x, sin_pi(-x), -PI * x);
    }
}

#[test]
fn shifts_by_a_half_and_by_two_are_exact() {
    let mut words = Words::new(4);
    for _ in 0..POINTS {
        // A multiple of 2⁻⁴⁰, so that the shifted arguments are exact.
        let x = (words.word() >> 24) as f64 / (1_u64 << 40) as f64;
        same(x, sin_pi(x + 0.5), cos_pi(x));
        same(x, sin_pi(x + 2.0), sin_pi(x));
        same(x, cos_pi(x + 1.0), -cos_pi(x) + 0.0);
        same(x, sin_pi(-x), -sin_pi(x));
        same(x, cos_pi(-x), cos_pi(x));
    }
}

/// Another number here is a change of promised bits, and a new version of the contract.
#[test]
fn the_bits_are_pinned() {
    let mut words = Words::new(5);
    let mut digest = 0_u64;
    for _ in 0..POINTS {
        let unit = unit(&mut words);
        for y in [exp(200.0 * unit - 150.0), ln(unit), sin_pi(7.0 * unit), cos_pi(7.0 * unit)] {
            digest = digest.rotate_left(5) ^ y.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }
    assert_eq!(digest, 0x58aa_61fe_c114_3fe5, "the digest is {digest:#x}");
}
