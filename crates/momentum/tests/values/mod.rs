//! Values to try kernels on, and their bits.

/// `len` numbers in −1..1 without a zero, other ones for every `seed`.
pub(crate) fn wave(len: usize, seed: u64) -> Vec<f32> {
    let number = |i: u64| {
        let mut x =
            (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03);
        x = (x ^ (x >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let odd = (x >> 40) | 1;
        (odd as f32 - 8_388_608.0) / 8_388_608.0
    };
    (0..len as u64).map(number).collect()
}

/// [`wave`] with zeros of both signs, subnormal and huge numbers, infinities and NaN between.
pub(crate) fn hostile(len: usize, seed: u64) -> Vec<f32> {
    let hard =
        [0.0, -0.0, 1e-40, -1e-45, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.5e-38];
    let mut values = wave(len, seed);
    for (i, value) in values.iter_mut().enumerate() {
        let at = i.wrapping_mul(7).wrapping_add(seed as usize * 5) % (2 * hard.len());
        *value = hard.get(at).copied().unwrap_or(*value);
    }
    values
}

/// Bit patterns, every NaN as one.
pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }).collect()
}
