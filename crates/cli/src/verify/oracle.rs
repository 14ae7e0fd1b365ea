//! The formulas of the numeric contract in plain scalar code, and numbers to try them on.
//!
//! Nothing here calls a kernel: an oracle that shares code with what it checks proves nothing.

use ravine::data::{Purpose, Stream};

/// `a·b + c`, rounded once to `f32`, without an instruction for it: the product is exact in
/// `f64`, the sum is rounded to odd (Boldo and Melquiond, "Emulation of a FMA and correctly
/// rounded sums", 2008).
#[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
pub(super) fn fused(a: f32, b: f32, c: f32) -> f32 {
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

/// `Σ termᵢ` in 32 lanes, leaves of 4096 and a balanced tree whose left half has the odd leaf.
pub(super) fn sum(terms: &[f64]) -> f64 {
    const LEAF: usize = 4096;
    if terms.len() > LEAF {
        let at = LEAF * terms.len().div_ceil(LEAF).div_ceil(2);
        return sum(&terms[..at]) + sum(&terms[at..]);
    }
    let mut lanes = [0.0; 32];
    for (i, term) in terms.iter().enumerate() {
        lanes[i % 32] += term;
    }
    for half in [16, 8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// A chain of fused multiply-adds in order.
pub(super) fn chain(factors: impl IntoIterator<Item = (f32, f32)>) -> f32 {
    factors.into_iter().fold(0.0, |sum, (a, b)| fused(a, b, sum))
}

/// Chains over leaves of 4096 samples, added in the tree of [`sum`].
pub(super) fn chain_of_samples(factors: &[(f32, f32)]) -> f32 {
    const LEAF: usize = 4096;
    if factors.len() <= LEAF {
        return chain(factors.iter().copied());
    }
    let at = LEAF * factors.len().div_ceil(LEAF).div_ceil(2);
    chain_of_samples(&factors[..at]) + chain_of_samples(&factors[at..])
}

/// Normal draws, of a seed's own.
#[expect(clippy::cast_possible_truncation, reason = "draws are rounded to f32")]
pub(super) fn normals(seed: u64, len: usize) -> Vec<f32> {
    let mut stream = Stream::new(seed, Purpose::Start, 0);
    (0..len).map(|_| stream.normal() as f32).collect()
}

/// Normal draws, with zeros of both signs, subnormals, large numbers and infinities among them.
pub(super) fn hostile(seed: u64, len: usize) -> Vec<f32> {
    const GUESTS: [f32; 9] =
        [0.0, -0.0, 1e-40, -1e-40, f32::MIN_POSITIVE, 3e38, -3e38, f32::INFINITY, f32::NAN];
    let mut values = normals(seed, len);
    for (value, guest) in values.iter_mut().skip(5).step_by(11).zip(GUESTS.iter().cycle()) {
        *value = *guest;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fused_multiply_add_rounds_once() {
        let e = f32::EPSILON;
        assert_eq!(fused(1.0 + e, 1.0 - e, -1.0).to_bits(), (-e * e).to_bits());
        // Halfway in `f32`, but for a bit that `f64` cannot hold beside it.
        let (half, tiny) = (e / 2.0, f32::from_bits(1));
        assert_eq!(fused(1.0, half, 1.0).to_bits(), 1.0_f32.to_bits());
        assert_eq!(fused(1.0 + e, 1.0, half).to_bits(), (1.0 + 2.0 * e).to_bits());
        assert_eq!(fused(tiny, 0.5, 1.0 + e).to_bits(), (1.0 + e).to_bits());
        assert_eq!(fused(tiny, 0.25, half).to_bits(), half.to_bits());
        for (a, b) in hostile(1, 400).into_iter().zip(hostile(2, 400)) {
            for c in [0.0, -0.0, a * b, -(a * b), 1.0] {
                let (found, wanted) = (fused(a, b, c), a.mul_add(b, c));
                let same = found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan();
                assert!(same, "{a} {b} {c}: {found} {wanted}");
            }
        }
    }

    #[test]
    fn a_sum_is_that_of_its_lanes_and_leaves() {
        let ones = vec![1.0; 3 * 4096 + 5];
        assert_eq!(sum(&ones).to_bits(), 12293_f64.to_bits());
        // The second half of a leaf's lanes is added to the first before all else.
        let mut terms = [0.0; 32];
        (terms[0], terms[16], terms[8]) = (1e16, -1e16, 1.0);
        assert_eq!(sum(&terms).to_bits(), 1.0_f64.to_bits());
    }
}
