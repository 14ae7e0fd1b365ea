//! Loops that do one thing as fast as a machine allows, to hold kernels against.
//!
//! They are written as kernels, so that a limit is taken on any level; the limit of a machine is
//! that of the level where the loop is fastest, which need not be the widest.

use crate::{BitLanes, Fused, Kernel, LANES, Lanes, Level, Par, Simd, Written, stream};

/// Fused multiply-adds that keep every port busy and touch no memory: each of `rounds` rounds is
/// [`fma_per_round`] multiply-adds. Gives back a number that depends on all of them.
#[must_use]
pub fn fma(level: Level, par: Par, rounds: usize) -> f32 {
    match par.cut(par.count(), 1) {
        None => level.run(Chains { rounds }),
        Some(cut) => {
            let (a, b) =
                par.join(|| fma(level, cut.left, rounds), || fma(level, cut.right, rounds));
            a + b
        }
    }
}

/// Multiply-adds in a round of [`fma`] on one thread.
#[must_use]
pub fn fma_per_round(level: Level) -> usize {
    struct Count;
    impl Kernel for Count {
        type Output = usize;

        #[inline(always)]
        fn run<S: Simd>(self, _: S) -> usize {
            LANES * chains::<S>()
        }
    }
    level.run(Count)
}

/// Reads a slice once and gives back a number that depends on all of it: 4 bytes an element.
#[must_use]
pub fn read(level: Level, par: Par, x: &[f32]) -> f32 {
    match par.cut(x.len(), LANES) {
        None => level.run(Read { x }),
        Some(cut) => {
            let (left, right) = x.split_at(cut.at);
            let (a, b) = par.join(|| read(level, cut.left, left), || read(level, cut.right, right));
            a + b
        }
    }
}

/// What an update writes: one to four slices of `f32`, or up to two and one of 16 bits.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are numbers of slices")]
pub enum Slices<'a> {
    One([&'a mut [f32]; 1]),
    Two([&'a mut [f32]; 2]),
    Three([&'a mut [f32]; 3]),
    Four([&'a mut [f32]; 4]),
    OneAndHalf(([&'a mut [f32]; 1], [&'a mut [u16]; 1])),
    TwoAndHalf(([&'a mut [f32]; 2], [&'a mut [u16]; 1])),
}

/// The least that an update does: adds `g` to every written slice. Reads 4 bytes an element of
/// `g`, and reads and writes each written slice.
///
/// # Panics
///
/// If the slices differ in length.
pub fn update(level: Level, par: Par, mut written: Slices<'_>, g: &[f32]) {
    match &mut written {
        Slices::One(written) => moved(level, par, written, g),
        Slices::Two(written) => moved(level, par, written, g),
        Slices::Three(written) => moved(level, par, written, g),
        Slices::Four(written) => moved(level, par, written, g),
        Slices::OneAndHalf(written) => moved(level, par, written, g),
        Slices::TwoAndHalf(written) => moved(level, par, written, g),
    }
}

fn moved<W: Moved>(level: Level, par: Par, written: &mut W, g: &[f32]) {
    match par.cut(g.len(), LANES) {
        None => level.run(Move { written, g }),
        Some(cut) => {
            let mut right = written.split_off(cut.at);
            let (g, more) = g.split_at(cut.at);
            par.join(
                || moved(level, cut.left, written, g),
                || moved(level, cut.right, &mut right, more),
            );
        }
    }
}

/// Slices that [`update`] moves.
trait Moved: Written + Send {
    /// The lanes after `g` was added to them, by bits where they are not `f32`.
    fn moved<S: Simd>(lanes: Self::Lanes<S>, g: S::F32) -> Self::Lanes<S>;
}

impl<const N: usize> Moved for [&mut [f32]; N] {
    #[inline(always)]
    fn moved<S: Simd>(mut lanes: [S::F32; N], g: S::F32) -> [S::F32; N] {
        for lanes in &mut lanes {
            *lanes = *lanes + g;
        }
        lanes
    }
}

impl<const N: usize, const M: usize> Moved for ([&mut [f32]; N], [&mut [u16]; M]) {
    #[inline(always)]
    fn moved<S: Simd>((wide, mut narrow): Self::Lanes<S>, g: S::F32) -> Self::Lanes<S> {
        for lanes in &mut narrow {
            *lanes = *lanes ^ g.to_bits().shr::<16>();
        }
        (<[&mut [f32]; N]>::moved::<S>(wide, g), narrow)
    }
}

/// Independent chains that fit the registers of a level and hide the latency of its multiply-add.
const fn chains<S: Simd>() -> usize {
    if S::TILE >= 12 { 12 } else { 6 }
}

struct Chains {
    rounds: usize,
}

impl Kernel for Chains {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        if chains::<S>() == 12 {
            spin::<S, 12>(simd, self.rounds)
        } else {
            spin::<S, 6>(simd, self.rounds)
        }
    }
}

#[inline(always)]
fn spin<S: Simd, const N: usize>(simd: S, rounds: usize) -> f32 {
    // The chains tend to 1 and never leave the normal numbers.
    let (mul, add) = (simd.splat(0.5), simd.splat(0.5));
    let mut chains = [simd.splat(2.0); N];
    for _ in 0..rounds {
        for chain in &mut chains {
            *chain = chain.mul_add(mul, add);
        }
    }
    let mut all = simd.splat(0.0);
    for chain in chains {
        all = all + chain;
    }
    first::<S, _>(all)
}

struct Read<'a> {
    x: &'a [f32],
}

impl Kernel for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        let mut sums = [simd.splat(0.0); 4];
        let (blocks, rest) = self.x.as_chunks::<LANES>();
        let (fours, more) = blocks.as_chunks::<4>();
        for four in fours {
            for (sum, block) in sums.iter_mut().zip(four) {
                *sum = *sum + simd.load(block);
            }
        }
        for block in more {
            sums[0] = sums[0] + simd.load(block);
        }
        first::<S, _>(sums[0] + sums[1] + (sums[2] + sums[3])) + rest.iter().sum::<f32>()
    }
}

/// The slices are where the caller left them: copied as soon as they are written, they would be
/// waited for until every older store is done.
struct Move<'a, W> {
    written: &'a mut W,
    g: &'a [f32],
}

impl<W: Moved> Kernel for Move<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        stream::run_on(
            simd,
            self.written,
            [self.g],
            #[inline(always)]
            |_, lanes, [g]| W::moved::<S>(lanes, g),
        );
    }
}

#[inline(always)]
fn first<S: Simd, L: Lanes<S>>(lanes: L) -> f32 {
    let mut block = [0.0; LANES];
    lanes.store(&mut block);
    block.iter().sum()
}
