//! Numbers that are kept in fewer bits than they are computed in.

use std::fmt::Debug;

use bytemuck::Pod;
use half::bf16;
use half::slice::HalfBitsSliceExt;
use ravine_simd::{BitLanes, Element, LANES, Lanes, MaskLanes, Simd};

/// How a number is kept between steps: as `f32`, or as [`bf16`] in half the bytes.
///
/// Whatever it is, a step computes in `f32` and rounds once, when it stores.
pub trait Precision: Copy + Default + PartialEq + Debug + Send + Sync + Kept + 'static {}

impl Precision for f32 {}
impl Precision for bf16 {}

/// How an `f32` becomes a [`bf16`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, ties to even. Changes of less than half a unit in the last place, 2⁻⁹ of
    /// the number, are lost: an average that changes slowly stalls.
    #[default]
    Nearest,
    /// Up or down by chance, in proportion to the distance, so that the mean of many roundings
    /// is the number. The chance is a function of the seed, the count of steps and the index of
    /// the element, and so of neither level nor threads.
    Stochastic {
        /// Seed of the chance.
        seed: u64,
    },
}

impl Rounding {
    /// The key of the words of one step; `None` where there is no chance.
    pub(crate) fn key(self, step: u64) -> Option<u32> {
        match self {
            Self::Nearest => None,
            Self::Stochastic { seed } => Some(mixed(seed, step)),
        }
    }
}

/// The memory behind a [`Precision`].
pub trait Kept: Sized {
    /// The same bits, as the lanes read them.
    type Memory: Memory;

    /// Memory as numbers.
    fn values(memory: &[Self::Memory]) -> &[Self];
    /// Memory as numbers.
    fn values_mut(memory: &mut [Self::Memory]) -> &mut [Self];
    /// Memory of a kind that is decided on later, so that kernels are compiled in this crate and
    /// not in each that names a precision.
    fn slots(memory: &mut [Self::Memory]) -> Slots<'_>;
}

/// Numbers of one of the precisions.
#[derive(Debug)]
pub enum Slots<'a> {
    /// Of 4 bytes.
    Wide(&'a mut [f32]),
    /// Of 2 bytes.
    Narrow(&'a mut [u16]),
}

impl Kept for f32 {
    type Memory = Self;

    fn values(memory: &[Self]) -> &[Self] {
        memory
    }

    fn values_mut(memory: &mut [Self]) -> &mut [Self] {
        memory
    }

    #[inline]
    fn slots(memory: &mut [Self]) -> Slots<'_> {
        Slots::Wide(memory)
    }
}

impl Kept for bf16 {
    type Memory = u16;

    fn values(memory: &[u16]) -> &[Self] {
        memory.reinterpret_cast()
    }

    fn values_mut(memory: &mut [u16]) -> &mut [Self] {
        memory.reinterpret_cast_mut()
    }

    #[inline]
    fn slots(memory: &mut [u16]) -> Slots<'_> {
        Slots::Narrow(memory)
    }
}

/// Mixes seed and step into the key of a step's words, by SplitMix64's finalizer (Steele, Lea
/// and Flood, 2014). Of 2³² keys two of n steps share one, and with it all words, with
/// probability n²/2³³: steps so far apart have nothing else in common.
fn mixed(seed: u64, step: u64) -> u32 {
    let mut x = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x >> 32) as u32
}

/// How the blocks of a step are stored.
#[derive(Clone, Copy)]
pub(crate) struct Store<S: Simd> {
    key: S::U32,
    by_chance: bool,
}

impl<S: Simd> Store<S> {
    /// By the chance of `key`, or to the nearest.
    #[inline(always)]
    pub(crate) fn new(simd: S, key: Option<u32>) -> Self {
        Self { key: simd.splat_u32(key.unwrap_or(0)), by_chance: key.is_some() }
    }

    /// The block that starts at the element `at`, rounded.
    #[inline(always)]
    pub(crate) fn narrow<M: Memory>(self, simd: S, x: S::F32, at: usize) -> M::Lanes<S> {
        let by_chance = M::ROUNDS && self.by_chance;
        let chance = if by_chance { Some(words(simd, self.key, at)) } else { None };
        M::narrow(simd, x, chance)
    }
}

/// Random words of the elements from `at` on: a finalizer of 32 bits (Wellons, 2018) with the key
/// between its products. Indices count modulo 2³².
#[inline(always)]
fn words<S: Simd>(simd: S, key: S::U32, at: usize) -> S::U32 {
    const INDICES: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    #[expect(clippy::cast_possible_truncation, reason = "indices count modulo 2³²")]
    let x = simd.load_u32(&INDICES) + simd.splat_u32(at as u32);
    let x = ((x ^ x.shr::<16>()) * simd.splat_u32(0x7feb_352d)) ^ key;
    let x = (x ^ x.shr::<15>()) * simd.splat_u32(0x846c_a68b);
    x ^ x.shr::<16>()
}

/// A number in memory, from and to `f32` lanes.
pub trait Memory: Element + Pod {
    /// Whether storing rounds.
    const ROUNDS: bool;

    /// The same numbers, exactly.
    fn widen<S: Simd>(lanes: Self::Lanes<S>) -> S::F32;

    /// The numbers rounded, by the low halves of the words of `chance`, or else to the nearest.
    fn narrow<S: Simd>(simd: S, x: S::F32, chance: Option<S::U32>) -> Self::Lanes<S>;
}

impl Memory for f32 {
    const ROUNDS: bool = false;

    #[inline(always)]
    fn widen<S: Simd>(lanes: S::F32) -> S::F32 {
        lanes
    }

    #[inline(always)]
    fn narrow<S: Simd>(_: S, x: S::F32, _: Option<S::U32>) -> S::F32 {
        x
    }
}

impl Memory for u16 {
    const ROUNDS: bool = true;

    #[inline(always)]
    fn widen<S: Simd>(lanes: S::U32) -> S::F32 {
        lanes.shl::<16>().to_f32()
    }

    /// Adds what carries into the upper half as often as the rounding asks, and cuts the lower
    /// half off. No infinity and no canonical NaN carries.
    #[inline(always)]
    fn narrow<S: Simd>(simd: S, x: S::F32, chance: Option<S::U32>) -> S::U32 {
        let bits = x.eq(x).select(x, simd.splat(f32::NAN)).to_bits();
        let add = match chance {
            Some(words) => words & simd.splat_u32(0xffff),
            None => simd.splat_u32(0x7fff) + (bits.shr::<16>() & simd.splat_u32(1)),
        };
        (bits + add).shr::<16>()
    }
}
