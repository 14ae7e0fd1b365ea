//! The table of AVX2: a block of 32-bit lanes is two 256-bit registers.

use std::arch::x86_64::*;
pub(super) use std::arch::x86_64::{
    __m128i as Half, __m256 as F32, __m256 as Mask, __m256d as F64, __m256i as Int,
    _mm256_add_epi32 as add_int, _mm256_add_pd as add64, _mm256_add_ps as add,
    _mm256_and_ps as and_mask, _mm256_and_si256 as and, _mm256_andnot_ps as zero_where,
    _mm256_cvtepi32_ps as from_int, _mm256_cvtepu16_epi32 as from_u16,
    _mm256_cvttps_epi32 as to_int, _mm256_div_pd as div64, _mm256_div_ps as div,
    _mm256_fmadd_ps as mul_add, _mm256_mul_pd as mul64, _mm256_mul_ps as mul,
    _mm256_mullo_epi32 as mul_int, _mm256_or_ps as or_mask, _mm256_or_si256 as or,
    _mm256_set1_epi32 as splat_int, _mm256_set1_pd as splat64, _mm256_set1_ps as splat,
    _mm256_sqrt_pd as sqrt64, _mm256_sqrt_ps as sqrt, _mm256_sub_epi32 as sub_int,
    _mm256_sub_pd as sub64, _mm256_sub_ps as sub, _mm256_xor_si256 as xor,
};

use bytemuck::must_cast;

/// Registers in a block of 32-bit lanes.
pub(super) const ONE: usize = 2;

rows! {
    "avx2":
    fn lt(a: F32, b: F32) -> Mask { _mm256_cmp_ps::<_CMP_LT_OQ>(a, b) }
    fn le(a: F32, b: F32) -> Mask { _mm256_cmp_ps::<_CMP_LE_OQ>(a, b) }
    fn eq(a: F32, b: F32) -> Mask { _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b) }
    fn select(mask: Mask, a: F32, b: F32) -> F32 { _mm256_blendv_ps(b, a, mask) }
    fn not_mask(mask: Mask) -> Mask {
        _mm256_xor_ps(mask, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))
    }
    fn flushed(x: F32) -> F32 {
        // Zeros and subnormals are what has no bit of the exponent set.
        let exponent = _mm256_castsi256_ps(_mm256_set1_epi32(0x7f80_0000));
        let normal = _mm256_castps_si256(_mm256_and_ps(x, exponent));
        let zero = _mm256_cmpeq_epi32(normal, _mm256_setzero_si256());
        _mm256_andnot_ps(_mm256_castsi256_ps(zero), x)
    }
    fn interleave(a: [F32; ONE], b: [F32; ONE]) -> [[F32; ONE]; 2] {
        [interleave_lanes(a[0], b[0]), interleave_lanes(a[1], b[1])]
    }
    fn interleave_lanes(a: F32, b: F32) -> [F32; 2] {
        let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        [_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)]
    }
    fn columns(rows: [[&[f32; 4]; 4]; 4]) -> [[F32; ONE]; 4] {
        let (low, high) = (halves(rows[0], rows[1]), halves(rows[2], rows[3]));
        [[low[0], high[0]], [low[1], high[1]], [low[2], high[2]], [low[3], high[3]]]
    }
    fn halves(low: [&[f32; 4]; 4], high: [&[f32; 4]; 4]) -> [F32; 4] {
        // Each half of a register is turned by itself: four rows of four.
        let a = _mm256_set_m128(must_cast(*high[0]), must_cast(*low[0]));
        let b = _mm256_set_m128(must_cast(*high[1]), must_cast(*low[1]));
        let c = _mm256_set_m128(must_cast(*high[2]), must_cast(*low[2]));
        let d = _mm256_set_m128(must_cast(*high[3]), must_cast(*low[3]));
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        [
            _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd),
            _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd),
            _mm256_shuffle_ps::<0b01_00_01_00>(ab_high, cd_high),
            _mm256_shuffle_ps::<0b11_10_11_10>(ab_high, cd_high),
        ]
    }
    fn any(mask: Mask) -> bool { _mm256_movemask_ps(mask) != 0 }
    fn widen(x: F32, half: usize) -> F64 {
        if half == 0 {
            _mm256_cvtps_pd(_mm256_castps256_ps128(x))
        } else {
            _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(x))
        }
    }
    fn narrow(low: F64, high: F64) -> F32 {
        _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low))
    }
    fn shl(x: Int, bits: u32) -> Int {
        _mm256_sllv_epi32(x, _mm256_set1_epi32(bits.cast_signed()))
    }
    fn shr(x: Int, bits: u32) -> Int {
        _mm256_srlv_epi32(x, _mm256_set1_epi32(bits.cast_signed()))
    }
    fn shr_signed(x: Int, bits: u32) -> Int {
        _mm256_srav_epi32(x, _mm256_set1_epi32(bits.cast_signed()))
    }
    fn to_u16(x: Int) -> Half {
        _mm256_castsi256_si128(_mm256_permute4x64_epi64::<0b1000>(_mm256_packus_epi32(x, x)))
    }
}
