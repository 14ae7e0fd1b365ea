//! Initial values of parameters.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// The purpose of initial values, in the upper half of a stream's number: 8, as the purpose
/// `Start` in the contract's list of draws.
const START: u64 = 8;

/// Fills tensor number `tensor` with draws from the uniform distribution on `−limit..limit`.
///
/// ```text
/// generator: ChaCha8 whose key is the seed's 8 bytes, lowest first, then 24 zeros
/// stream:    8 << 32 | tensor
/// p ← (u·2⁻²⁴)·2·limit − limit, in f64, rounded once; u the upper 24 bits of a 32-bit word
/// ```
///
/// # References
///
/// Daniel J. Bernstein, "ChaCha, a variant of Salsa20", 2008.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
pub(crate) fn uniform(params: &mut [f32], limit: f64, seed: u64, tensor: u32) {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut words = ChaCha8Rng::from_seed(key);
    words.set_stream(START << 32 | u64::from(tensor));
    for p in params {
        let unit = f64::from(words.next_u32() >> 8) / f64::from(1 << 24);
        *p = (unit * 2.0 * limit - limit) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(len: usize, limit: f64, seed: u64, tensor: u32) -> Vec<f32> {
        let mut params = vec![f32::NAN; len];
        uniform(&mut params, limit, seed, tensor);
        params
    }

    #[test]
    fn draws_fill_the_interval_evenly() {
        let params = drawn(100_000, 0.25, 7, 0);
        assert!(params.iter().all(|p| (-0.25..0.25).contains(p)));
        let mean = params.iter().map(|&p| f64::from(p)).sum::<f64>() / 1e5;
        let square = params.iter().map(|&p| f64::from(p).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 1e-3, "{mean}");
        assert!((square * 3.0 / 0.0625 - 1.0).abs() < 0.01, "{square}");
    }

    #[test]
    fn seeds_and_tensors_draw_apart_and_the_same_again() {
        let first = drawn(8, 1.0, 1, 0);
        assert_eq!(first, drawn(8, 1.0, 1, 0));
        assert_eq!(first[..5], drawn(5, 1.0, 1, 0));
        assert_ne!(first, drawn(8, 1.0, 2, 0));
        assert_ne!(first, drawn(8, 1.0, 1, 1));
        assert_ne!(first, drawn(8, 1.0, 1 << 32, 0));
    }

    #[test]
    fn draws_are_those_of_the_definition() {
        // Computed by a separate implementation of ChaCha8.
        let want = [0xbe78_a40e, 0x3ef6_d425, 0xbef2_1c8a, 0x3f32_faa3, 0xbe2a_76f0, 0x3ec7_c500];
        let params = drawn(6, 0.75, 0x0123_4567_89ab_cdef, 5);
        assert_eq!(params.iter().map(|p| p.to_bits()).collect::<Vec<_>>(), want);
    }
}
