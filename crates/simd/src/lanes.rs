//! The table of operations that every level has.

use std::fmt::Debug;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use crate::written::padded;
use crate::{Kernel, LANES};

pub(crate) mod sealed {
    /// Closes [`Simd`](super::Simd) to other crates.
    pub trait Sealed {}
}

/// Proof that the running CPU has an instruction set, and the way into it.
///
/// A value of an implementing type exists only where its instructions may run, so every method
/// is safe. The trait is sealed: a level is added here or nowhere.
///
/// A *block* is sixteen lanes of any of the types. All operations give the same bits on every
/// level; where an argument is outside an operation's stated domain they give *some* value.
pub trait Simd: Copy + Debug + Send + Sync + 'static + sealed::Sealed {
    /// Sixteen `f32`s.
    type F32: Lanes<Self> + Fused;
    /// Sixteen `f64`s.
    type F64: WideLanes<Self>;
    /// Sixteen `i32`s.
    type I32: IntLanes<Self>;
    /// Sixteen `u32`s.
    type U32: BitLanes<Self>;
    /// Sixteen truth values.
    type Mask: MaskLanes<Self>;

    /// Blocks of a product's largest tile: they stay in registers beside its operands.
    const TILE: usize;
    /// Blocks in a row of that tile, at most.
    const TILE_BLOCKS: usize;

    /// Copies `value` into every lane.
    fn splat(self, value: f32) -> Self::F32;
    /// Reads one block.
    fn load(self, block: &[f32; LANES]) -> Self::F32;
    /// Reads a slice shorter than a block, zeros behind it.
    #[inline(always)]
    fn load_short(self, slice: &[f32]) -> Self::F32 {
        self.load(&padded(slice))
    }
    /// Reads four columns of sixteen rows, `stride` from each to the next: lane `i` of block `j` is
    /// `from[i·stride + j]`.
    ///
    /// # Panics
    ///
    /// If the last row ends before its fourth column.
    #[inline(always)]
    fn load_columns(self, from: &[f32], stride: usize) -> [Self::F32; 4] {
        let mut columns = [[0.0; LANES]; 4];
        for i in 0..LANES {
            for (column, &x) in columns.iter_mut().zip(&from[i * stride..][..4]) {
                column[i] = x;
            }
        }
        columns.map(|column| self.load(&column))
    }
    /// Copies `value` into every lane.
    fn splat_f64(self, value: f64) -> Self::F64;
    /// Reads one block.
    fn load_f64(self, block: &[f64; LANES]) -> Self::F64;
    /// Copies `value` into every lane.
    fn splat_i32(self, value: i32) -> Self::I32;
    /// Reads one block.
    fn load_i32(self, block: &[i32; LANES]) -> Self::I32;
    /// Copies `value` into every lane.
    fn splat_u32(self, value: u32) -> Self::U32;
    /// Reads one block.
    fn load_u32(self, block: &[u32; LANES]) -> Self::U32;
    /// Reads one block, each `u16` widened with zeros.
    fn load_u16(self, block: &[u16; LANES]) -> Self::U32;
    /// Asks for the cache line that a slice begins in, and does not wait for it; nothing where a
    /// level has no such instruction.
    #[inline(always)]
    fn prefetch(self, slice: &[f32]) {
        let _ = slice;
    }
    /// [`prefetch`](Self::prefetch) of a line that is soon written: a core that has only a copy of
    /// it waits, store by store, for the others to give up theirs.
    #[inline(always)]
    fn prefetch_to_write(self, slice: &[f32]) {
        let _ = slice;
    }
    /// [`prefetch`](Self::prefetch) into the second cache alone, where more lines than the nearest
    /// waits for may be on their way: for what is read once from memory.
    #[inline(always)]
    fn prefetch_far(self, slice: &[f32]) {
        let _ = slice;
    }
    /// Runs `kernel` compiled for this level.
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output;
}

/// Arithmetic on a block of `f32`, lane by lane, each operation rounded as IEEE 754 asks.
///
/// `mul_add` is not here but in [`Fused`], so that an update cannot fuse by accident.
pub trait Lanes<S: Simd>:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Writes one block.
    fn store(self, block: &mut [f32; LANES]);
    /// Square root.
    fn sqrt(self) -> Self;
    /// Magnitude: clears the sign bit.
    fn abs(self) -> Self;
    /// `self < other`; false where either is NaN.
    fn lt(self, other: Self) -> S::Mask;
    /// `self ≤ other`; false where either is NaN.
    fn le(self, other: Self) -> S::Mask;
    /// `self = other`; false where either is NaN, true for zeros of either sign.
    fn eq(self, other: Self) -> S::Mask;
    /// +0 where `mask` holds, itself elsewhere.
    fn zero_where(self, mask: S::Mask) -> Self;
    /// +0 where the magnitude is below the smallest normal number, itself elsewhere.
    fn flushed(self) -> Self;
    /// Truncates towards zero. Domain: magnitudes below 2³¹.
    fn to_i32(self) -> S::I32;
    /// The bit patterns.
    fn to_bits(self) -> S::U32;
    /// The same values in double precision.
    fn widen(self) -> S::F64;
    /// Lanes of both by turns, `self` first: those of the lower halves, and those of the upper.
    fn interleave(self, other: Self) -> [Self; 2];
}

/// Fused arithmetic, for the product's tile alone.
pub trait Fused: Sized {
    /// `self · mul + add`, rounded once on every level.
    fn mul_add(self, mul: Self, add: Self) -> Self;
}

/// Arithmetic on a block of `f64`.
pub trait WideLanes<S: Simd>:
    Copy + Debug + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Writes one block.
    fn store(self, block: &mut [f64; LANES]);
    /// Square root.
    fn sqrt(self) -> Self;
    /// Rounds to `f32`, ties to even.
    fn narrow(self) -> S::F32;
}

/// Arithmetic on a block of `i32`, wrapping.
pub trait IntLanes<S: Simd>: Copy + Debug + Add<Output = Self> + Sub<Output = Self> {
    /// Writes one block.
    fn store(self, block: &mut [i32; LANES]);
    /// Shifts left by `N` bits.
    fn shl<const N: u32>(self) -> Self;
    /// Shifts right by `N` bits and keeps the sign.
    fn shr<const N: u32>(self) -> Self;
    /// The nearest `f32`, ties to even.
    fn to_f32(self) -> S::F32;
    /// The bit patterns.
    fn to_bits(self) -> S::U32;
}

/// Arithmetic on a block of `u32`, wrapping, and bit patterns.
pub trait BitLanes<S: Simd>:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
{
    /// Writes one block.
    fn store(self, block: &mut [u32; LANES]);
    /// Writes the low half of each lane. Domain: values below 2¹⁶.
    fn store_u16(self, block: &mut [u16; LANES]);
    /// Shifts left by `N` bits.
    fn shl<const N: u32>(self) -> Self;
    /// Shifts right by `N` bits and fills with zeros.
    fn shr<const N: u32>(self) -> Self;
    /// The `f32`s with these bit patterns.
    fn to_f32(self) -> S::F32;
    /// The same bits as `i32`s.
    fn to_i32(self) -> S::I32;
}

/// Truth values, one a lane.
pub trait MaskLanes<S: Simd>:
    Copy + Debug + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
    /// `a` where the mask holds, `b` elsewhere.
    fn select(self, a: S::F32, b: S::F32) -> S::F32;
    /// Whether it holds in any lane.
    fn any(self) -> bool;
}
