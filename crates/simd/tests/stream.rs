//! The loop over slices: every element by the same formula, and nothing else touched.

#![expect(clippy::cast_precision_loss, reason = "the casts are exact")]

mod words;

use ravine_simd::{Kernel, LANES, Lanes, Level, Simd, stream};
use words::Words;

/// Elements on either side of a slice that nobody may touch.
const MARGIN: usize = LANES;
const CANARY: f32 = -123.456;

/// A slice that starts at a chosen offset from a cache line, between canaries.
struct Fenced {
    memory: Vec<f32>,
    at: usize,
    len: usize,
}

impl Fenced {
    /// `values` at `offset` elements past a cache line.
    fn new(values: &[f32], offset: usize) -> Self {
        let len = values.len();
        let mut memory = vec![CANARY; len + 2 * MARGIN + 2 * LANES];
        let line = memory[MARGIN..].as_ptr().align_offset(64).min(LANES);
        let at = MARGIN + line + offset;
        memory[at..at + len].copy_from_slice(values);
        Self { memory, at, len }
    }

    fn slice(&mut self) -> &mut [f32] {
        &mut self.memory[self.at..self.at + self.len]
    }

    /// The elements' bits, once the canaries are seen to be alive.
    fn bits(&self, what: &str) -> Vec<u32> {
        let (before, rest) = self.memory.split_at(self.at);
        let (inside, after) = rest.split_at(self.len);
        for canary in before.iter().chain(after) {
            assert_eq!(canary.to_bits(), CANARY.to_bits(), "a canary, {what}");
        }
        bits(inside)
    }
}

fn bits(slice: &[f32]) -> Vec<u32> {
    slice.iter().map(|x| x.to_bits()).collect()
}

/// Values with full mantissas, none of them zero.
fn values(words: &mut Words, len: usize) -> Vec<f32> {
    let value = |word: u64| {
        let size = 0.5 + (word >> 41) as f32 / (1 << 23) as f32;
        if word & 1 == 0 { size } else { -size }
    };
    (0..len).map(|_| value(words.word())).collect()
}

/// Two slices written, two read; its result on zero lanes is not zero.
struct TwoTwo<'a>([&'a mut [f32]; 2], [&'a [f32]; 2]);

fn two_two([w, v]: [f32; 2], [g, h]: [f32; 2]) -> [f32; 2] {
    let v = 0.9 * v + 0.1 * g;
    [w - (0.3 * v + h) - 0.7, v + 1.5]
}

impl Kernel for TwoTwo<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let k = [0.9, 0.1, 0.3, 0.7, 1.5].map(|x| simd.splat(x));
        stream::run(
            simd,
            self.0,
            self.1,
            #[inline(always)]
            |[w, v], [g, h]| {
                let v = k[0] * v + k[1] * g;
                [w - (k[2] * v + h) - k[3], v + k[4]]
            },
        );
    }
}

/// One slice written, one read.
struct OneOne<'a>([&'a mut [f32]; 1], [&'a [f32]; 1]);

fn one_one([w]: [f32; 1], [g]: [f32; 1]) -> [f32; 1] {
    [(w * g - 0.25).sqrt()]
}

impl Kernel for OneOne<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let quarter = simd.splat(0.25);
        stream::run(
            simd,
            self.0,
            self.1,
            #[inline(always)]
            |[w], [g]| [(w * g - quarter).sqrt()],
        );
    }
}

/// One slice written, none read.
struct OneNone<'a>([&'a mut [f32]; 1], [&'a [f32]; 0]);

fn one_none([w]: [f32; 1], []: [f32; 0]) -> [f32; 1] {
    [1.0 / (w * w + 1.0)]
}

impl Kernel for OneNone<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let one = simd.splat(1.0);
        stream::run(
            simd,
            self.0,
            self.1,
            #[inline(always)]
            |[w], []| [one / (w * w + one)],
        );
    }
}

/// Runs a kernel on fenced slices at `offsets`, on every level, and holds it to `formula`, one
/// element at a time.
fn holds<const W: usize, const R: usize>(
    words: &mut Words,
    len: usize,
    offsets: [usize; 4],
    formula: impl Fn([f32; W], [f32; R]) -> [f32; W],
    run: impl Fn(Level, [&mut [f32]; W], [&[f32]; R]),
) {
    let written = [(); W].map(|()| values(words, len));
    let read = [(); R].map(|()| values(words, len));
    let mut want = written.clone();
    for i in 0..len {
        let w: [f32; W] = std::array::from_fn(|k| written[k][i]);
        let r: [f32; R] = std::array::from_fn(|k| read[k][i]);
        for (want, new) in want.iter_mut().zip(formula(w, r)) {
            want[i] = new;
        }
    }
    for level in Level::available() {
        let mut w: [_; W] = std::array::from_fn(|k| Fenced::new(&written[k], offsets[k]));
        let mut r: [_; R] = std::array::from_fn(|k| Fenced::new(&read[k], offsets[W + k]));
        run(level, w.each_mut().map(Fenced::slice), r.each_mut().map(|x| &*x.slice()));
        for k in 0..W {
            let what = format!("{level}, len {len}, offsets {offsets:?}, written {k}");
            assert_eq!(nans(w[k].bits(&what)), nans(bits(&want[k])), "{what}");
        }
        for k in 0..R {
            let what = format!("{level}, len {len}, offsets {offsets:?}, read {k}");
            assert_eq!(r[k].bits(&what), bits(&read[k]), "{what}");
        }
    }
}

/// One pattern for all NaNs.
fn nans(bits: Vec<u32>) -> Vec<u32> {
    let one = |x: u32| if f32::from_bits(x).is_nan() { f32::NAN.to_bits() } else { x };
    bits.into_iter().map(one).collect()
}

fn lengths() -> impl Iterator<Item = usize> {
    (0..=4 * LANES + 1).chain([127, 128, 129, 1000, 4097])
}

/// Each offset of the first slice, with others for the rest.
fn offsets(words: &mut Words) -> [[usize; 4]; LANES] {
    std::array::from_fn(|first| {
        let others = words.word().to_le_bytes().map(|byte| usize::from(byte) % LANES);
        [first, others[0], others[1], others[2]]
    })
}

#[test]
fn two_written_and_two_read_slices_follow_the_formula() {
    let mut words = Words(21);
    for len in lengths() {
        for offsets in offsets(&mut words) {
            holds(&mut words, len, offsets, two_two, |level, w, r| level.run(TwoTwo(w, r)));
        }
    }
}

#[test]
fn one_written_and_one_read_slice_follow_the_formula() {
    let mut words = Words(22);
    for len in lengths() {
        for offsets in offsets(&mut words) {
            holds(&mut words, len, offsets, one_one, |level, w, r| level.run(OneOne(w, r)));
        }
    }
}

#[test]
fn one_written_slice_alone_follows_the_formula() {
    let mut words = Words(23);
    for len in lengths() {
        for offsets in offsets(&mut words) {
            holds(&mut words, len, offsets, one_none, |level, w, r| level.run(OneNone(w, r)));
        }
    }
}

#[test]
#[should_panic(expected = "written slices differ in length")]
fn written_slices_of_different_length_panic() {
    let (mut a, mut b) = ([1.0; 40], [1.0; 41]);
    Level::detect().run(TwoTwo([&mut a, &mut b], [&[1.0; 40]; 2]));
}

#[test]
#[should_panic(expected = "read and written slices differ in length")]
fn a_read_slice_of_another_length_panics() {
    Level::detect().run(OneOne([&mut [1.0; 3]], [&[1.0; 4]]));
}
