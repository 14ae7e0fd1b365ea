//! The levels above the baseline on x86-64: one macro, and one table of operations a level.
//!
//! The workspace's one home of `unsafe`. Every operation here needs CPU features; a value of a
//! lane type exists only where a token of its level exists, and `detect` makes a token only where
//! the running CPU has the features.

use std::arch::asm;
use std::arch::x86_64::{
    __m256i, _MM_HINT_T0, _MM_HINT_T1, _mm_prefetch, _mm256_maskload_ps, _mm512_maskz_loadu_ps,
};
use std::array;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use bytemuck::must_cast;

use crate::lanes::sealed::Sealed;
use crate::{BitLanes, Fused, IntLanes, Kernel, LANES, Lanes, MaskLanes, Simd, WideLanes};

/// Defines the operations of a table that take more than one instruction, or operands in another
/// order than ours.
macro_rules! rows {
    ($feature:tt: $(fn $name:ident($($operand:ident: $type:ty),+) -> $out:ty { $($body:tt)+ })+) => {$(
        #[inline]
        #[target_feature(enable = $feature)]
        pub(super) fn $name($($operand: $type),+) -> $out {
            $($body)+
        }
    )+};
}

mod avx2;
mod avx512;

/// Evaluates an operation of the table once a register.
macro_rules! each {
    ($type:ident [$($index:literal)+] |$i:ident| $operation:expr) => {
        $type([$({
            let $i = $index;
            // SAFETY: the token, or an operand made from it, is proof of the level.
            unsafe { $operation }
        }),+])
    };
}

/// Defines a level: its token, its lane types, and their operations by the table `ops`.
///
/// `one` indexes the registers of a block of 32-bit lanes, `two` those of 64-bit lanes, where
/// register `i` of the former widens into the registers `2i` and `2i + 1`.
macro_rules! level {
    (
        $(#[$doc:meta])*
        $level:ident: $($feature:tt)&&+;
        $ops:ident, one $one:tt, two $two:tt, tile $tile:literal $blocks:literal;
        $f32:ident $f64:ident $i32:ident $u32:ident $mask:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $level(());

        /// Sixteen `f32`s.
        #[derive(Clone, Copy, Debug)]
        pub struct $f32([$ops::F32; $ops::ONE]);

        /// Sixteen `f64`s.
        #[derive(Clone, Copy, Debug)]
        pub struct $f64([$ops::F64; 2 * $ops::ONE]);

        /// Sixteen `i32`s.
        #[derive(Clone, Copy, Debug)]
        pub struct $i32([$ops::Int; $ops::ONE]);

        /// Sixteen `u32`s.
        #[derive(Clone, Copy, Debug)]
        pub struct $u32([$ops::Int; $ops::ONE]);

        /// Sixteen truth values.
        #[derive(Clone, Copy, Debug)]
        pub struct $mask([$ops::Mask; $ops::ONE]);

        level!(@binary $ops $f32 $one Add add add, Sub sub sub, Mul mul mul, Div div div);
        level!(@binary $ops $f64 $two Add add add64, Sub sub sub64, Mul mul mul64, Div div div64);
        level!(@binary $ops $i32 $one Add add add_int, Sub sub sub_int);
        level!(@binary $ops $u32 $one Add add add_int, Sub sub sub_int, Mul mul mul_int);
        level!(@binary $ops $u32 $one BitAnd bitand and, BitOr bitor or, BitXor bitxor xor);
        level!(@binary $ops $mask $one BitAnd bitand and_mask, BitOr bitor or_mask);

        impl Neg for $f32 {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                let sign = each!($u32 $one |_i| $ops::splat_int(i32::MIN));
                (self.to_bits() ^ sign).to_f32()
            }
        }

        impl Not for $mask {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                each!($mask $one |i| $ops::not_mask(self.0[i]))
            }
        }

        impl $level {
            /// The token, if the running CPU has the level.
            #[must_use]
            pub fn detect() -> Option<Self> {
                ($(is_x86_feature_detected!($feature))&&+).then_some(Self(()))
            }
        }

        impl Sealed for $level {}

        impl Simd for $level {
            type F32 = $f32;
            type F64 = $f64;
            type I32 = $i32;
            type U32 = $u32;
            type Mask = $mask;

            const TILE: usize = $tile;
            const TILE_BLOCKS: usize = $blocks;

            #[inline(always)]
            fn splat(self, value: f32) -> $f32 {
                each!($f32 $one |_i| $ops::splat(value))
            }
            #[inline(always)]
            fn load(self, block: &[f32; LANES]) -> $f32 {
                $f32(must_cast(*block))
            }
            #[inline(always)]
            fn load_short(self, slice: &[f32]) -> $f32 {
                self.load_first(slice)
            }
            #[inline(always)]
            fn load_columns(self, from: &[f32], stride: usize) -> [$f32; 4] {
                let end = stride.checked_mul(LANES - 1).and_then(|last| last.checked_add(4));
                assert!(end.is_some_and(|end| end <= from.len()), "the last row is too short");
                let row = |i: usize| {
                    let row = from.as_ptr().wrapping_add(i * stride).cast::<[f32; 4]>();
                    // SAFETY: the assertion: of sixteen rows each ends at `i·stride + 4`, which is
                    // no more than `end`, and `end` lies in the slice.
                    unsafe { &*row }
                };
                let rows = array::from_fn(|quarter| array::from_fn(|i| row(4 * quarter + i)));
                // SAFETY: the token is proof of the level.
                let columns = unsafe { $ops::columns(rows) };
                columns.map($f32)
            }
            #[inline(always)]
            fn splat_f64(self, value: f64) -> $f64 {
                each!($f64 $two |_i| $ops::splat64(value))
            }
            #[inline(always)]
            fn load_f64(self, block: &[f64; LANES]) -> $f64 {
                $f64(must_cast(*block))
            }
            #[inline(always)]
            fn splat_i32(self, value: i32) -> $i32 {
                each!($i32 $one |_i| $ops::splat_int(value))
            }
            #[inline(always)]
            fn load_i32(self, block: &[i32; LANES]) -> $i32 {
                $i32(must_cast(*block))
            }
            #[inline(always)]
            fn splat_u32(self, value: u32) -> $u32 {
                each!($u32 $one |_i| $ops::splat_int(value.cast_signed()))
            }
            #[inline(always)]
            fn load_u32(self, block: &[u32; LANES]) -> $u32 {
                $u32(must_cast(*block))
            }
            #[inline(always)]
            fn load_u16(self, block: &[u16; LANES]) -> $u32 {
                let halves: [$ops::Half; $ops::ONE] = must_cast(*block);
                each!($u32 $one |i| $ops::from_u16(halves[i]))
            }
            #[inline(always)]
            fn prefetch(self, slice: &[f32]) {
                // SAFETY: a hint, which faults at no address and changes nothing but caches.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(slice.as_ptr().cast()) }
            }
            #[inline(always)]
            fn prefetch_far(self, slice: &[f32]) {
                // SAFETY: as of `prefetch`.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(slice.as_ptr().cast()) }
            }
            #[inline(always)]
            fn prefetch_to_write(self, slice: &[f32]) {
                let address = slice.as_ptr();
                // SAFETY: as of `prefetch`; where a CPU does not know it, it does nothing. Written
                // out, for the intrinsic takes it for a plain one unless a feature is detected that
                // no level asks for.
                unsafe {
                    asm!("prefetchw [{}]", in(reg) address, options(readonly, nostack, preserves_flags));
                }
            }
            #[inline(always)]
            fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
                #[target_feature($(enable = $feature),+)]
                fn entry<K: Kernel>(simd: $level, kernel: K) -> K::Output {
                    kernel.run(simd)
                }
                // SAFETY: `self` is proof of the level.
                unsafe { entry(self, kernel) }
            }
        }

        impl Lanes<$level> for $f32 {
            #[inline(always)]
            fn store(self, block: &mut [f32; LANES]) {
                *block = must_cast(self.0);
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                each!($f32 $one |i| $ops::sqrt(self.0[i]))
            }
            #[inline(always)]
            fn abs(self) -> Self {
                let magnitude = each!($u32 $one |_i| $ops::splat_int(i32::MAX));
                (self.to_bits() & magnitude).to_f32()
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                each!($mask $one |i| $ops::lt(self.0[i], other.0[i]))
            }
            #[inline(always)]
            fn le(self, other: Self) -> $mask {
                each!($mask $one |i| $ops::le(self.0[i], other.0[i]))
            }
            #[inline(always)]
            fn eq(self, other: Self) -> $mask {
                each!($mask $one |i| $ops::eq(self.0[i], other.0[i]))
            }
            #[inline(always)]
            fn zero_where(self, mask: $mask) -> Self {
                each!($f32 $one |i| $ops::zero_where(mask.0[i], self.0[i]))
            }
            #[inline(always)]
            fn flushed(self) -> Self {
                each!($f32 $one |i| $ops::flushed(self.0[i]))
            }
            #[inline(always)]
            fn to_i32(self) -> $i32 {
                each!($i32 $one |i| $ops::to_int(self.0[i]))
            }
            #[inline(always)]
            fn to_bits(self) -> $u32 {
                $u32(must_cast(self.0))
            }
            #[inline(always)]
            fn widen(self) -> $f64 {
                each!($f64 $two |i| $ops::widen(self.0[i / 2], i % 2))
            }
            #[inline(always)]
            fn interleave(self, other: Self) -> [Self; 2] {
                // SAFETY: the operands, made from a token, are proof of the level.
                let [low, high] = unsafe { $ops::interleave(self.0, other.0) };
                [$f32(low), $f32(high)]
            }
        }

        impl Fused for $f32 {
            #[inline(always)]
            fn mul_add(self, mul: Self, add: Self) -> Self {
                each!($f32 $one |i| $ops::mul_add(self.0[i], mul.0[i], add.0[i]))
            }
        }

        impl WideLanes<$level> for $f64 {
            #[inline(always)]
            fn store(self, block: &mut [f64; LANES]) {
                *block = must_cast(self.0);
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                each!($f64 $two |i| $ops::sqrt64(self.0[i]))
            }
            #[inline(always)]
            fn narrow(self) -> $f32 {
                each!($f32 $one |i| $ops::narrow(self.0[2 * i], self.0[2 * i + 1]))
            }
        }

        impl IntLanes<$level> for $i32 {
            #[inline(always)]
            fn store(self, block: &mut [i32; LANES]) {
                *block = must_cast(self.0);
            }
            #[inline(always)]
            fn shl<const N: u32>(self) -> Self {
                each!($i32 $one |i| $ops::shl(self.0[i], N))
            }
            #[inline(always)]
            fn shr<const N: u32>(self) -> Self {
                each!($i32 $one |i| $ops::shr_signed(self.0[i], N))
            }
            #[inline(always)]
            fn to_f32(self) -> $f32 {
                each!($f32 $one |i| $ops::from_int(self.0[i]))
            }
            #[inline(always)]
            fn to_bits(self) -> $u32 {
                $u32(self.0)
            }
        }

        impl BitLanes<$level> for $u32 {
            #[inline(always)]
            fn store(self, block: &mut [u32; LANES]) {
                *block = must_cast(self.0);
            }
            #[inline(always)]
            fn store_u16(self, block: &mut [u16; LANES]) {
                struct Halves([$ops::Half; $ops::ONE]);
                *block = must_cast(each!(Halves $one |i| $ops::to_u16(self.0[i])).0);
            }
            #[inline(always)]
            fn shl<const N: u32>(self) -> Self {
                each!($u32 $one |i| $ops::shl(self.0[i], N))
            }
            #[inline(always)]
            fn shr<const N: u32>(self) -> Self {
                each!($u32 $one |i| $ops::shr(self.0[i], N))
            }
            #[inline(always)]
            fn to_f32(self) -> $f32 {
                $f32(must_cast(self.0))
            }
            #[inline(always)]
            fn to_i32(self) -> $i32 {
                $i32(self.0)
            }
        }

        impl MaskLanes<$level> for $mask {
            #[inline(always)]
            fn select(self, a: $f32, b: $f32) -> $f32 {
                each!($f32 $one |i| $ops::select(self.0[i], a.0[i], b.0[i]))
            }
            #[inline(always)]
            fn any(self) -> bool {
                struct Any([bool; $ops::ONE]);
                each!(Any $one |i| $ops::any(self.0[i])).0.contains(&true)
            }
        }
    };

    (@binary $ops:ident $type:ident $index:tt $($trait:ident $method:ident $op:ident),+) => {$(
        impl $trait for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!($type $index |i| $ops::$op(self.0[i], other.0[i]))
            }
        }
    )+};
}

level! {
    /// AVX2 and FMA: a block is two 256-bit registers.
    Avx2: "avx2" && "fma" && "f16c";
    avx2, one [0 1], two [0 1 2 3], tile 6 1;
    Avx2F32 Avx2F64 Avx2I32 Avx2U32 Avx2Mask
}

level! {
    /// AVX-512: a block is one 512-bit register.
    Avx512: "avx512f" && "avx2" && "fma" && "f16c";
    avx512, one [0], two [0 1], tile 24 4;
    Avx512F32 Avx512F64 Avx512I32 Avx512U32 Avx512Mask
}

impl Avx2 {
    /// As `load_first` of [`Avx512`]. A mask here is a register, and shorter read than made.
    #[inline(always)]
    fn load_first(self, slice: &[f32]) -> Avx2F32 {
        const FIRST: &[[i32; LANES]; 2] = &[[-1; LANES], [0; LANES]];
        let (start, from) = (LANES - slice.len().min(LANES - 1), slice.as_ptr());
        let mask: &[i32; LANES] = FIRST.as_flattened()[start..].first_chunk().expect("sixteen");
        let masks: [__m256i; 2] = must_cast(*mask);
        Avx2F32([0, 1].map(|i| {
            // SAFETY: the token is proof of the level, and lanes beyond the slice are not read.
            unsafe { _mm256_maskload_ps(from.wrapping_add(8 * i), masks[i]) }
        }))
    }
}

impl Avx512 {
    /// Up to fifteen elements, zeros behind them. A block put together in memory could be read only
    /// when all its pieces have arrived there, some fifteen cycles later.
    #[inline(always)]
    fn load_first(self, slice: &[f32]) -> Avx512F32 {
        let first = (1 << slice.len().min(LANES - 1)) - 1;
        // SAFETY: the token is proof of the level, and lanes beyond the slice are not read.
        Avx512F32([unsafe { _mm512_maskz_loadu_ps(first, slice.as_ptr()) }])
    }
}
