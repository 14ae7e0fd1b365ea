//! Functions in `f64`, by series and fractions.

/// `1 / (1 + e⁻ˣ)`, small results as accurate as large ones.
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// `x·Φ(x)`.
pub(crate) fn gelu(x: f64) -> f64 {
    // The limit of −∞·0.
    if x.is_finite() || x > 0.0 || x.is_nan() { x * distribution(x) } else { -0.0 }
}

/// The normal distribution Φ: a series of positive terms, and a continued fraction for the tail
/// (Abramowitz and Stegun, 1964, 26.2.11 and 26.2.14).
pub(crate) fn distribution(x: f64) -> f64 {
    let t = x.abs();
    if t > 40.0 {
        return if x < 0.0 { 0.0 } else { 1.0 };
    }
    let tail = if t < 2.5 {
        let (mut term, mut sum) = (t, t);
        for i in 1..80 {
            term *= t * t / f64::from(2 * i + 1);
            sum += term;
        }
        0.5 - density(t) * sum
    } else {
        density(t) / (1..=300).rev().fold(t, |fraction, i| t + f64::from(i) / fraction)
    };
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// The normal density φ.
pub(crate) fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_has_the_values_of_tables() {
        // Abramowitz and Stegun, tables 26.1 and 26.2.
        for (x, value) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (2.5, 0.993_790_334_674_224),
            (-3.0, 1.349_898_031_630_094_6e-3),
            (-10.0, 7.619_853_024_160_527e-24),
        ] {
            assert!((distribution(x) / value - 1.0).abs() < 1e-13, "{x}: {}", distribution(x));
        }
        assert!(distribution(f64::NAN).is_nan());
        assert_eq!(gelu(f64::NEG_INFINITY).to_bits(), (-0.0_f64).to_bits());
    }
}
