//! The level of the compilation target's own instruction set, by the crate `wide`.
//!
//! `wide` chooses its instructions when it is compiled (SSE2 on x86-64, NEON on aarch64), which
//! is right for exactly this level.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use bytemuck::must_cast;
use wide::{f32x16, f64x8, i32x16, u32x16};

use crate::emulated::mul_add;
use crate::lanes::sealed::Sealed;
use crate::scalar::interleaved;
use crate::{BitLanes, Fused, IntLanes, Kernel, LANES, Lanes, MaskLanes, Simd, WideLanes};

/// The level of the compilation target; every CPU has it.
#[derive(Clone, Copy, Debug)]
pub struct Baseline;

/// Sixteen `f32`s.
#[derive(Clone, Copy, Debug)]
pub struct F32(f32x16);

/// Sixteen `f64`s.
#[derive(Clone, Copy, Debug)]
pub struct F64([f64x8; 2]);

/// Sixteen `i32`s.
#[derive(Clone, Copy, Debug)]
pub struct I32(i32x16);

/// Sixteen `u32`s.
#[derive(Clone, Copy, Debug)]
pub struct U32(u32x16);

/// Sixteen truth values, each all ones or all zeros.
#[derive(Clone, Copy, Debug)]
pub struct Mask(u32x16);

macro_rules! operators {
    ($($type:ident: $($trait:ident $method:ident $op:tt),+;)+) => {$($(
        impl $trait for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0 $op other.0)
            }
        }
    )+)+};
}

operators! {
    F32: Add add +, Sub sub -, Mul mul *, Div div /;
    I32: Add add +, Sub sub -;
    U32: Add add +, Sub sub -, Mul mul *, BitAnd bitand &, BitOr bitor |, BitXor bitxor ^;
    Mask: BitAnd bitand &, BitOr bitor |;
}

macro_rules! pairs {
    ($($trait:ident $method:ident $op:tt),+) => {$(
        impl $trait for F64 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self([self.0[0] $op other.0[0], self.0[1] $op other.0[1]])
            }
        }
    )+};
}

pairs! { Add add +, Sub sub -, Mul mul *, Div div / }

impl Neg for F32 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        (self.to_bits() ^ U32(u32x16::splat(1 << 31))).to_f32()
    }
}

impl Not for Mask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl Sealed for Baseline {}

impl Simd for Baseline {
    type F32 = F32;
    type F64 = F64;
    type I32 = I32;
    type U32 = U32;
    type Mask = Mask;

    const TILE: usize = if cfg!(target_arch = "aarch64") { 6 } else { 2 };
    const TILE_BLOCKS: usize = 1;

    #[inline(always)]
    fn splat(self, value: f32) -> F32 {
        F32(f32x16::splat(value))
    }
    #[inline(always)]
    fn load(self, block: &[f32; LANES]) -> F32 {
        F32(must_cast(*block))
    }
    #[inline(always)]
    fn splat_f64(self, value: f64) -> F64 {
        F64([f64x8::splat(value); 2])
    }
    #[inline(always)]
    fn load_f64(self, block: &[f64; LANES]) -> F64 {
        F64(must_cast(*block))
    }
    #[inline(always)]
    fn splat_i32(self, value: i32) -> I32 {
        I32(i32x16::splat(value))
    }
    #[inline(always)]
    fn load_i32(self, block: &[i32; LANES]) -> I32 {
        I32(must_cast(*block))
    }
    #[inline(always)]
    fn splat_u32(self, value: u32) -> U32 {
        U32(u32x16::splat(value))
    }
    #[inline(always)]
    fn load_u32(self, block: &[u32; LANES]) -> U32 {
        U32(must_cast(*block))
    }
    #[inline(always)]
    fn load_u16(self, block: &[u16; LANES]) -> U32 {
        let mut out = [0; LANES];
        for (out, x) in out.iter_mut().zip(*block) {
            *out = u32::from(x);
        }
        U32(must_cast(out))
    }
    // A kernel is a function of its own, as on the levels above, so that its code can be read.
    #[inline(never)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}

impl Lanes<Baseline> for F32 {
    #[inline(always)]
    fn store(self, block: &mut [f32; LANES]) {
        *block = must_cast(self.0);
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }
    #[inline(always)]
    fn abs(self) -> Self {
        (self.to_bits() & U32(u32x16::splat(u32::MAX >> 1))).to_f32()
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Mask {
        Mask(must_cast(self.0.simd_lt(other.0)))
    }
    #[inline(always)]
    fn le(self, other: Self) -> Mask {
        Mask(must_cast(self.0.simd_le(other.0)))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Mask {
        Mask(must_cast(self.0.simd_eq(other.0)))
    }
    #[inline(always)]
    fn zero_where(self, mask: Mask) -> Self {
        (self.to_bits() & U32(!mask.0)).to_f32()
    }
    #[inline(always)]
    fn flushed(self) -> Self {
        self.zero_where(self.abs().lt(Self(f32x16::splat(f32::MIN_POSITIVE))))
    }
    #[inline(always)]
    fn to_i32(self) -> I32 {
        I32(self.0.fast_trunc_int())
    }
    #[inline(always)]
    fn to_bits(self) -> U32 {
        U32(must_cast(self.0))
    }
    #[inline(always)]
    fn widen(self) -> F64 {
        let mut out = [0.0; LANES];
        for (out, x) in out.iter_mut().zip(self.0.to_array()) {
            *out = f64::from(x);
        }
        F64(must_cast(out))
    }
    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        interleaved(self.0.to_array(), other.0.to_array()).map(|block| Self(must_cast(block)))
    }
}

impl Fused for F32 {
    #[inline(always)]
    fn mul_add(self, mul: Self, add: Self) -> Self {
        if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
            Self(self.0.mul_add(mul.0, add.0))
        } else {
            Self(must_cast(mul_add(self.0.to_array(), mul.0.to_array(), add.0.to_array())))
        }
    }
}

impl WideLanes<Baseline> for F64 {
    #[inline(always)]
    fn store(self, block: &mut [f64; LANES]) {
        *block = must_cast(self.0);
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self([self.0[0].sqrt(), self.0[1].sqrt()])
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the operation is rounding to f32")]
    fn narrow(self) -> F32 {
        let (mut out, wide): (_, [f64; LANES]) = ([0.0; LANES], must_cast(self.0));
        for (out, x) in out.iter_mut().zip(wide) {
            *out = x as f32;
        }
        F32(must_cast(out))
    }
}

impl IntLanes<Baseline> for I32 {
    #[inline(always)]
    fn store(self, block: &mut [i32; LANES]) {
        *block = must_cast(self.0);
    }
    #[inline(always)]
    fn shl<const N: u32>(self) -> Self {
        Self(self.0 << N)
    }
    #[inline(always)]
    fn shr<const N: u32>(self) -> Self {
        Self(self.0 >> N)
    }
    #[inline(always)]
    fn to_f32(self) -> F32 {
        F32(self.0.round_float())
    }
    #[inline(always)]
    fn to_bits(self) -> U32 {
        U32(must_cast(self.0))
    }
}

impl BitLanes<Baseline> for U32 {
    #[inline(always)]
    fn store(self, block: &mut [u32; LANES]) {
        *block = must_cast(self.0);
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the operation is the low half")]
    fn store_u16(self, block: &mut [u16; LANES]) {
        for (out, x) in block.iter_mut().zip(self.0.to_array()) {
            *out = x as u16;
        }
    }
    #[inline(always)]
    fn shl<const N: u32>(self) -> Self {
        Self(self.0 << N)
    }
    #[inline(always)]
    fn shr<const N: u32>(self) -> Self {
        Self(self.0 >> N)
    }
    #[inline(always)]
    fn to_f32(self) -> F32 {
        F32(must_cast(self.0))
    }
    #[inline(always)]
    fn to_i32(self) -> I32 {
        I32(must_cast(self.0))
    }
}

impl MaskLanes<Baseline> for Mask {
    #[inline(always)]
    fn select(self, a: F32, b: F32) -> F32 {
        ((a.to_bits() & U32(self.0)) | (b.to_bits() & U32(!self.0))).to_f32()
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.0.any()
    }
}
