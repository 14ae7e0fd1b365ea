//! The slices that a loop over blocks writes: of any number, and of more than one kind of number.

use crate::{BitLanes, LANES, Lanes, Simd};

/// A number in memory, and the lanes that a block of sixteen fills: `f32` as it is, and `u16` as
/// the low halves of `u32` lanes.
pub trait Element: Copy + Default + Send + Sync + sealed::Sealed + 'static {
    /// Sixteen of them.
    type Lanes<S: Simd>: Copy;

    /// A block of zeros.
    fn zeros<S: Simd>(simd: S) -> Self::Lanes<S>;
    /// Reads one block.
    fn load<S: Simd>(simd: S, block: &[Self; LANES]) -> Self::Lanes<S>;
    /// Reads a slice shorter than a block, zeros behind it.
    #[inline(always)]
    fn load_short<S: Simd>(simd: S, slice: &[Self]) -> Self::Lanes<S> {
        Self::load(simd, &padded(slice))
    }
    /// Writes one block.
    fn store<S: Simd>(lanes: Self::Lanes<S>, block: &mut [Self; LANES]);
}

mod sealed {
    /// Closes [`Element`](super::Element) and [`Written`](super::Written) to other crates.
    pub trait Sealed {}
}

impl sealed::Sealed for f32 {}

impl Element for f32 {
    type Lanes<S: Simd> = S::F32;

    #[inline(always)]
    fn zeros<S: Simd>(simd: S) -> S::F32 {
        simd.splat(0.0)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, block: &[Self; LANES]) -> S::F32 {
        simd.load(block)
    }

    #[inline(always)]
    fn load_short<S: Simd>(simd: S, slice: &[Self]) -> S::F32 {
        simd.load_short(slice)
    }

    #[inline(always)]
    fn store<S: Simd>(lanes: S::F32, block: &mut [Self; LANES]) {
        lanes.store(block);
    }
}

impl sealed::Sealed for u16 {}

impl Element for u16 {
    type Lanes<S: Simd> = S::U32;

    #[inline(always)]
    fn zeros<S: Simd>(simd: S) -> S::U32 {
        simd.splat_u32(0)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, block: &[Self; LANES]) -> S::U32 {
        simd.load_u16(block)
    }

    #[inline(always)]
    fn store<S: Simd>(lanes: S::U32, block: &mut [Self; LANES]) {
        lanes.store_u16(block);
    }
}

/// Slices of one length that a [loop](crate::stream::run) writes: an array of slices of one kind,
/// or a pair or triple of such arrays. An empty array is no slice.
pub trait Written: Sized + sealed::Sealed {
    /// A block of each slice.
    type Lanes<S: Simd>: Copy;
    /// The whole blocks of each slice.
    type Blocks<'a>
    where
        Self: 'a;

    /// Length of the first slice, and how many of its elements come before a block's boundary
    /// in memory (64 bytes of `f32`); `None` where there is no slice.
    fn first(&self) -> Option<(usize, usize)>;
    /// Whether every slice has this length.
    fn all_have(&self, len: usize) -> bool;
    /// The block at `at`, with zeros where the slices end before it does.
    fn load<S: Simd>(&self, simd: S, at: usize) -> Self::Lanes<S>;
    /// A block of zeros of each slice.
    fn zeros<S: Simd>(simd: S) -> Self::Lanes<S>;
    /// Writes the block at `at`, as much of it as there is room for.
    fn store<S: Simd>(&mut self, at: usize, lanes: Self::Lanes<S>);
    /// `n` whole blocks from the element `head` on.
    fn blocks(&mut self, head: usize, n: usize) -> Self::Blocks<'_>;
    /// Reads whole block `i`.
    fn load_block<'a, S: Simd>(simd: S, blocks: &Self::Blocks<'a>, i: usize) -> Self::Lanes<S>
    where
        Self: 'a;
    /// Writes whole block `i`.
    fn store_block<'a, S: Simd>(blocks: &mut Self::Blocks<'a>, i: usize, lanes: Self::Lanes<S>)
    where
        Self: 'a;
    /// Takes off the elements from `at` on; those before stay.
    ///
    /// # Panics
    ///
    /// If a slice is shorter.
    #[must_use]
    fn split_off(&mut self, at: usize) -> Self;
}

/// Does something for each of up to four slices of an array, by constant indices: a loop is
/// unrolled too late for the optimizer to see that all slices have the blocks that are asked for.
macro_rules! each {
    ($k:ident < $n:ident, $body:expr) => {
        const { assert!($n <= 4, "a loop has at most four slices of a kind") }
        each!(@ $k $n $body; 0 1 2 3);
    };
    (@ $k:ident $n:ident $body:expr; $($index:literal)+) => {$(
        if $index < $n {
            let $k = $index;
            $body;
        }
    )+};
}
pub(crate) use each;

impl<E: Element, const N: usize> sealed::Sealed for [&mut [E]; N] {}

impl<E: Element, const N: usize> Written for [&mut [E]; N] {
    type Lanes<S: Simd> = [E::Lanes<S>; N];
    type Blocks<'a>
        = [&'a mut [[E; LANES]]; N]
    where
        Self: 'a;

    #[inline(always)]
    fn first(&self) -> Option<(usize, usize)> {
        let first = self.as_slice().first()?;
        Some((first.len(), first.as_ptr().align_offset(LANES * size_of::<E>()).min(LANES)))
    }

    #[inline(always)]
    fn all_have(&self, len: usize) -> bool {
        self.iter().all(|slice| slice.len() == len)
    }

    #[inline(always)]
    fn load<S: Simd>(&self, simd: S, at: usize) -> Self::Lanes<S> {
        let mut lanes = Self::zeros(simd);
        each!(k < N, lanes[k] = load_first(simd, &self[k][at..]));
        lanes
    }

    #[inline(always)]
    fn zeros<S: Simd>(simd: S) -> Self::Lanes<S> {
        [E::zeros(simd); N]
    }

    #[inline(always)]
    fn store<S: Simd>(&mut self, at: usize, lanes: Self::Lanes<S>) {
        each!(
            k < N,
            match self[k][at..].first_chunk_mut() {
                Some(block) => E::store(lanes[k], block),
                None => store_short(lanes[k], &mut self[k][at..]),
            }
        );
    }

    #[inline(always)]
    fn blocks(&mut self, head: usize, n: usize) -> Self::Blocks<'_> {
        self.each_mut().map(|slice| &mut slice[head..].as_chunks_mut().0[..n])
    }

    #[inline(always)]
    fn load_block<'a, S: Simd>(simd: S, blocks: &Self::Blocks<'a>, i: usize) -> Self::Lanes<S>
    where
        Self: 'a,
    {
        let mut lanes = [E::zeros(simd); N];
        each!(k < N, lanes[k] = E::load(simd, &blocks[k][i]));
        lanes
    }

    #[inline(always)]
    fn store_block<'a, S: Simd>(blocks: &mut Self::Blocks<'a>, i: usize, lanes: Self::Lanes<S>)
    where
        Self: 'a,
    {
        each!(k < N, E::store(lanes[k], &mut blocks[k][i]));
    }

    #[inline(always)]
    fn split_off(&mut self, at: usize) -> Self {
        self.each_mut()
            .map(|slice| slice.split_off_mut(at..).expect("a cut lies inside the slices"))
    }
}

/// Tuples of slices, one part after another.
macro_rules! together {
    ($($part:ident $i:tt),+) => {
        impl<$($part: Written),+> sealed::Sealed for ($($part,)+) {}

        impl<$($part: Written),+> Written for ($($part,)+) {
            type Lanes<S: Simd> = ($($part::Lanes<S>,)+);
            type Blocks<'a> = ($($part::Blocks<'a>,)+) where Self: 'a;

            #[inline(always)]
            fn first(&self) -> Option<(usize, usize)> {
                None$(.or(self.$i.first()))+
            }

            #[inline(always)]
            fn all_have(&self, len: usize) -> bool {
                $(self.$i.all_have(len))&&+
            }

            #[inline(always)]
            fn load<S: Simd>(&self, simd: S, at: usize) -> Self::Lanes<S> {
                ($(self.$i.load(simd, at),)+)
            }

            #[inline(always)]
            fn zeros<S: Simd>(simd: S) -> Self::Lanes<S> {
                ($($part::zeros(simd),)+)
            }

            #[inline(always)]
            fn store<S: Simd>(&mut self, at: usize, lanes: Self::Lanes<S>) {
                $(self.$i.store::<S>(at, lanes.$i);)+
            }

            #[inline(always)]
            fn blocks(&mut self, head: usize, n: usize) -> Self::Blocks<'_> {
                ($(self.$i.blocks(head, n),)+)
            }

            #[inline(always)]
            fn load_block<'a, S: Simd>(
                simd: S,
                blocks: &Self::Blocks<'a>,
                i: usize,
            ) -> Self::Lanes<S>
            where
                Self: 'a,
            {
                ($($part::load_block(simd, &blocks.$i, i),)+)
            }

            #[inline(always)]
            fn store_block<'a, S: Simd>(
                blocks: &mut Self::Blocks<'a>,
                i: usize,
                lanes: Self::Lanes<S>,
            ) where
                Self: 'a,
            {
                $($part::store_block::<S>(&mut blocks.$i, i, lanes.$i);)+
            }

            #[inline(always)]
            fn split_off(&mut self, at: usize) -> Self {
                ($(self.$i.split_off(at),)+)
            }
        }
    };
}

together!(A 0, B 1);
together!(A 0, B 1, C 2);

/// The block at the start of `slice`, with zeros where the slice is shorter.
#[inline(always)]
pub(crate) fn load_first<E: Element, S: Simd>(simd: S, slice: &[E]) -> E::Lanes<S> {
    match slice.first_chunk() {
        Some(block) => E::load(simd, block),
        None => E::load_short(simd, slice),
    }
}

/// Fewer than sixteen elements, and zeros behind them.
#[inline(always)]
pub(crate) fn padded<E: Element>(slice: &[E]) -> [E; LANES] {
    let mut block = [E::default(); LANES];
    copy_short(&mut block[..slice.len()], slice);
    block
}

/// The first lanes of a block, fewer than sixteen.
#[inline(always)]
fn store_short<E: Element, S: Simd>(lanes: E::Lanes<S>, to: &mut [E]) {
    /// On a cache line, or what is stored across two is read back too soon.
    #[repr(align(64))]
    struct Aligned<E>([E; LANES]);

    let mut block = Aligned([E::default(); LANES]);
    E::store(lanes, &mut block.0);
    copy_short(to, &block.0);
}

/// Copies the first `to.len()` elements, fewer than sixteen, in pieces of fixed length: a copy
/// of run-time length is a call, which many small slices feel.
#[inline(always)]
fn copy_short<E: Element>(mut to: &mut [E], mut from: &[E]) {
    macro_rules! piece {
        ($($n:literal)+) => {$(
            if to.len() & $n != 0 {
                let (head, rest) = to.split_at_mut($n);
                head.copy_from_slice(&from[..$n]);
                (to, from) = (rest, &from[$n..]);
            }
        )+};
    }
    piece!(8 4 2 1);
    debug_assert!(to.is_empty() && from.len() <= LANES);
}
