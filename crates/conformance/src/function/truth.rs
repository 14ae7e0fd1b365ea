//! Functions in `f64`, by series and fractions.

/// `1 / (1 + e⁻ˣ)`, small results as accurate as large ones.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// `x·Φ(x)`.
#[must_use]
pub fn gelu(x: f64) -> f64 {
    // The limit of −∞·0.
    if x.is_finite() || x > 0.0 || x.is_nan() { x * distribution(x) } else { -0.0 }
}

/// `Φ(x) + x·φ(x)`, the derivative of [`gelu`].
#[must_use]
pub fn gelu_slope(x: f64) -> f64 {
    // The limits of ±∞·0 are 0.
    if x.is_infinite() { distribution(x) } else { distribution(x) + x * density(x) }
}

/// `erf x = 2·Φ(√2·x) − 1`, small results as accurate as large ones.
#[must_use]
pub fn erf(x: f64) -> f64 {
    let t = std::f64::consts::SQRT_2 * x.abs();
    let magnitude = if t < NEAR { 2.0 * bulk(t) } else { 1.0 - 2.0 * tail(t) };
    magnitude.copysign(x)
}

/// The normal distribution Φ.
#[must_use]
pub fn distribution(x: f64) -> f64 {
    let tail = tail(x.abs());
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Below it the series ends soon, and above it the fraction.
const NEAR: f64 = 2.5;

/// `Φ(t) − ½` below [`NEAR`]: a series of positive terms (Abramowitz and Stegun, 1964, 26.2.11).
fn bulk(t: f64) -> f64 {
    let (mut term, mut sum) = (t, t);
    for i in 1..80 {
        term *= t * t / f64::from(2 * i + 1);
        sum += term;
    }
    density(t) * sum
}

/// `Φ(−t)`, above [`NEAR`] by a continued fraction (26.2.14).
fn tail(t: f64) -> f64 {
    if t > 40.0 {
        0.0
    } else if t < NEAR {
        0.5 - bulk(t)
    } else {
        density(t) / (1..=300).rev().fold(t, |fraction, i| t + f64::from(i) / fraction)
    }
}

/// The normal density φ.
#[must_use]
pub fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_has_the_values_of_tables() {
        // Abramowitz and Stegun, tables 26.1, 26.2 and 7.1.
        for (x, value) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (2.5, 0.993_790_334_674_224),
            (-3.0, 1.349_898_031_630_094_6e-3),
            (-10.0, 7.619_853_024_160_527e-24),
        ] {
            assert!((distribution(x) / value - 1.0).abs() < 1e-13, "{x}: {}", distribution(x));
        }
        for (x, value) in [
            (1e-10, 1.128_379_167_095_512_6e-10),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (-2.0, -0.995_322_265_018_952_7),
            (f64::INFINITY, 1.0),
        ] {
            assert!((erf(x) / value - 1.0).abs() < 1e-13, "{x}: {}", erf(x));
        }
        // Φ and φ of table 26.1.
        for (x, value) in [
            (0.0, 0.5),
            (1.0, 1.083_315_470_587_686),
            (-1.0, -0.083_315_470_587_686),
            (f64::INFINITY, 1.0),
            (f64::NEG_INFINITY, 0.0),
        ] {
            assert!((gelu_slope(x) - value).abs() < 1e-14, "{x}: {}", gelu_slope(x));
        }
        assert_eq!(erf(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert!(distribution(f64::NAN).is_nan() && erf(f64::NAN).is_nan());
        assert_eq!(gelu(f64::NEG_INFINITY).to_bits(), (-0.0_f64).to_bits());
    }
}
