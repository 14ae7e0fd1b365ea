//! The table of AVX-512: a block of 32-bit lanes is one 512-bit register.

use std::arch::x86_64::*;
pub(super) use std::arch::x86_64::{
    __m256i as Half, __m512 as F32, __m512d as F64, __m512i as Int, __mmask16 as Mask,
    _mm512_add_epi32 as add_int, _mm512_add_pd as add64, _mm512_add_ps as add,
    _mm512_and_si512 as and, _mm512_cvtepi32_epi16 as to_u16, _mm512_cvtepi32_ps as from_int,
    _mm512_cvtepu16_epi32 as from_u16, _mm512_cvttps_epi32 as to_int, _mm512_div_pd as div64,
    _mm512_div_ps as div, _mm512_fmadd_ps as mul_add, _mm512_kand as and_mask,
    _mm512_knot as not_mask, _mm512_kor as or_mask, _mm512_mul_pd as mul64, _mm512_mul_ps as mul,
    _mm512_mullo_epi32 as mul_int, _mm512_or_si512 as or, _mm512_set1_epi32 as splat_int,
    _mm512_set1_pd as splat64, _mm512_set1_ps as splat, _mm512_sqrt_pd as sqrt64,
    _mm512_sqrt_ps as sqrt, _mm512_sub_epi32 as sub_int, _mm512_sub_pd as sub64,
    _mm512_sub_ps as sub, _mm512_xor_si512 as xor,
};

use bytemuck::must_cast;

/// Registers in a block of 32-bit lanes.
pub(super) const ONE: usize = 1;

rows! {
    "avx512f":
    fn lt(a: F32, b: F32) -> Mask { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b) }
    fn le(a: F32, b: F32) -> Mask { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(a, b) }
    fn eq(a: F32, b: F32) -> Mask { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b) }
    fn select(mask: Mask, a: F32, b: F32) -> F32 { _mm512_mask_blend_ps(mask, b, a) }
    fn zero_where(mask: Mask, x: F32) -> F32 { _mm512_maskz_mov_ps(!mask, x) }
    fn flushed(x: F32) -> F32 {
        // Zeros and subnormals are what has no bit of the exponent set.
        let exponent = _mm512_set1_epi32(0x7f80_0000);
        _mm512_maskz_mov_ps(_mm512_test_epi32_mask(_mm512_castps_si512(x), exponent), x)
    }
    fn interleave(a: [F32; ONE], b: [F32; ONE]) -> [[F32; ONE]; 2] {
        let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let high = _mm512_or_si512(low, _mm512_set1_epi32(8));
        let (a, b) = (a[0], b[0]);
        [[_mm512_permutex2var_ps(a, low, b)], [_mm512_permutex2var_ps(a, high, b)]]
    }
    fn columns(rows: [[&[f32; 4]; 4]; 4]) -> [[F32; ONE]; 4] {
        // Each quarter of a register is turned by itself: four rows of four.
        let (a, b) = (quarters(rows, 0), quarters(rows, 1));
        let (c, d) = (quarters(rows, 2), quarters(rows, 3));
        let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
        [
            [_mm512_shuffle_ps::<0b01_00_01_00>(ab, cd)],
            [_mm512_shuffle_ps::<0b11_10_11_10>(ab, cd)],
            [_mm512_shuffle_ps::<0b01_00_01_00>(ab_high, cd_high)],
            [_mm512_shuffle_ps::<0b11_10_11_10>(ab_high, cd_high)],
        ]
    }
    fn quarters(rows: [[&[f32; 4]; 4]; 4], i: usize) -> F32 {
        // Row `i` of each four, a quarter each.
        let first = _mm512_castps128_ps512(must_cast(*rows[0][i]));
        let two = _mm512_mask_broadcast_f32x4(first, 0x00f0, must_cast(*rows[1][i]));
        let three = _mm512_mask_broadcast_f32x4(two, 0x0f00, must_cast(*rows[2][i]));
        _mm512_mask_broadcast_f32x4(three, 0xf000, must_cast(*rows[3][i]))
    }
    fn any(mask: Mask) -> bool { mask != 0 }
    fn widen(x: F32, half: usize) -> F64 {
        if half == 0 {
            _mm512_cvtps_pd(_mm512_castps512_ps256(x))
        } else {
            let high = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(x));
            _mm512_cvtps_pd(_mm256_castpd_ps(high))
        }
    }
    fn narrow(low: F64, high: F64) -> F32 {
        let (low, high) = (_mm512_cvtpd_ps(low), _mm512_cvtpd_ps(high));
        let low = _mm512_castps_pd(_mm512_castps256_ps512(low));
        _mm512_castpd_ps(_mm512_insertf64x4::<1>(low, _mm256_castps_pd(high)))
    }
    fn shl(x: Int, bits: u32) -> Int {
        _mm512_sllv_epi32(x, _mm512_set1_epi32(bits.cast_signed()))
    }
    fn shr(x: Int, bits: u32) -> Int {
        _mm512_srlv_epi32(x, _mm512_set1_epi32(bits.cast_signed()))
    }
    fn shr_signed(x: Int, bits: u32) -> Int {
        _mm512_srav_epi32(x, _mm512_set1_epi32(bits.cast_signed()))
    }
}
