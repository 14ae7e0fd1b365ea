//! A fused multiply-add in plain arithmetic.

/// `a·b + c`, rounded once to `f32`, without an instruction or a library for it.
///
/// The product is exact in `f64`, and the sum is rounded to odd: TwoSum (Knuth, 1969) gives its
/// error, whose sign says to which side the last bit moves. `f64` has more than the two extra
/// bits that make the rounding to `f32` harmless (Boldo and Melquiond, "Emulation of a FMA and
/// correctly rounded sums: proved algorithms using rounding to odd", 2008).
///
/// # Examples
///
/// ```
/// use ravine_conformance::mul_add;
///
/// let e = f32::EPSILON;
/// assert_eq!(mul_add(1.0 + e, 1.0 - e, -1.0), -e * e);
/// ```
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
pub fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + c;
    let back = sum - product;
    let error = (product - (sum - back)) + (c - back);
    if !sum.is_finite() || error.abs() <= 0.0 || sum.to_bits() & 1 == 1 {
        return sum as f32;
    }
    let away = (error > 0.0) == (sum > 0.0);
    f64::from_bits(if away { sum.to_bits() + 1 } else { sum.to_bits() - 1 }) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Agreement, Draw, compare};

    #[test]
    fn a_fused_multiply_add_rounds_once() {
        let e = f32::EPSILON;
        // Halfway in `f32`, but for a bit that `f64` cannot hold beside it.
        let (half, tiny) = (e / 2.0, f32::from_bits(1));
        for ([a, b, c], sum) in [
            ([1.0 + e, 1.0 - e, -1.0], -e * e),
            ([1.0, half, 1.0], 1.0),
            ([1.0 + e, 1.0, half], 1.0 + 2.0 * e),
            ([tiny, 0.5, 1.0 + e], 1.0 + e),
            ([tiny, 0.25, half], half),
        ] {
            assert_eq!(mul_add(a, b, c).to_bits(), sum.to_bits(), "{a:e} · {b:e} + {c:e}");
        }
    }

    #[test]
    fn it_has_the_bits_of_the_standard_library_for_any_numbers() {
        for draw in [Draw::Wide, Draw::Hostile] {
            let (a, b) = (draw.values(1, 20_000), draw.values(2, 20_000));
            for (a, b) in a.into_iter().zip(b) {
                let c = [0.0, -0.0, a * b, -(a * b), 1.0, b, f32::from_bits(1)];
                let found = c.map(|c| mul_add(a, b, c));
                let expected = c.map(|c| a.mul_add(b, c));
                let same = compare(&expected, &found, Agreement::Bits);
                assert!(same.is_ok(), "{a:e} · {b:e} + {c:?}: {same:?}");
            }
        }
    }
}
