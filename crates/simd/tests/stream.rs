//! The loop over slices: every element by the same formula, and nothing else touched.

use ravine_conformance::values::Words;
use ravine_conformance::{Agreement, Draw, Extent, Guarded, compare, lengths};
use ravine_simd::{Kernel, LANES, Lanes, Level, Simd, stream};

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

/// One slice of each kind written, that of 16 bits by the index of its elements.
struct Indices<'a>(([&'a mut [f32]; 1], [&'a mut [u16]; 1]));

impl Kernel for Indices<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        const LANE: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let (lane, one) = (simd.load_u32(&LANE), simd.splat(1.0));
        stream::run_at(
            simd,
            self.0,
            [],
            #[inline(always)]
            |i, ([w], _), []| ([w + one], [lane + simd.splat_u32(u32::try_from(i).unwrap_or(0))]),
        );
    }
}

#[test]
fn each_block_is_told_where_it_starts() {
    const MARGIN: usize = 20;
    for len in 0..100 {
        let indices = (0..u16::try_from(len).unwrap()).chain(std::iter::repeat_n(7777, MARGIN));
        let wanted: Vec<u16> = std::iter::repeat_n(7777, MARGIN).chain(indices).collect();
        for level in Level::available() {
            for offset in 0..LANES {
                let mut w = Guarded::new(&vec![0.5; len], offset);
                let mut found = vec![7777; wanted.len()];
                let halves = &mut found[MARGIN..MARGIN + len];
                level.run(Indices(([w.values_mut()], [halves])));
                assert_eq!(found, wanted, "{level}, length {len}, offset {offset}");
                assert_eq!(w.check(), Ok(()), "{level}, length {len}, offset {offset}");
                let all = w.values().iter().all(|w| w.to_bits() == 1.5_f32.to_bits());
                assert!(all, "{level}, length {len}, offset {offset}");
            }
        }
    }
}

/// Runs a kernel on guarded slices at `offsets`, on every level, and holds it to `formula`, one
/// element at a time.
fn holds<const W: usize, const R: usize>(
    words: &mut Words,
    len: usize,
    offsets: [usize; 4],
    formula: impl Fn([f32; W], [f32; R]) -> [f32; W],
    run: impl Fn(Level, [&mut [f32]; W], [&[f32]; R]),
) {
    let mut draw = || Draw::Hostile.values(words.word(), len);
    let written = [(); W].map(|()| draw());
    let read = [(); R].map(|()| draw());
    let mut expected = written.clone();
    for i in 0..len {
        let w: [f32; W] = std::array::from_fn(|k| written[k][i]);
        let r: [f32; R] = std::array::from_fn(|k| read[k][i]);
        for (expected, new) in expected.iter_mut().zip(formula(w, r)) {
            expected[i] = new;
        }
    }
    for level in Level::available() {
        let mut w: [_; W] = std::array::from_fn(|k| Guarded::new(&written[k], offsets[k]));
        let r: [_; R] = std::array::from_fn(|k| Guarded::new(&read[k], offsets[W + k]));
        run(level, w.each_mut().map(Guarded::values_mut), r.each_ref().map(Guarded::values));
        for k in 0..W {
            let at = format!("{level}, length {len}, offsets {offsets:?}, written {k}");
            assert_eq!(w[k].check(), Ok(()), "{at}");
            assert_eq!(compare(&expected[k], w[k].values(), Agreement::Bits), Ok(()), "{at}");
        }
    }
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
    let mut words = Words::new(21);
    for len in lengths(Extent::Quick, 4096) {
        for offsets in offsets(&mut words) {
            holds(&mut words, len, offsets, two_two, |level, w, r| level.run(TwoTwo(w, r)));
        }
    }
}

#[test]
fn one_written_and_one_read_slice_follow_the_formula() {
    let mut words = Words::new(22);
    for len in lengths(Extent::Quick, 4096) {
        for offsets in offsets(&mut words) {
            holds(&mut words, len, offsets, one_one, |level, w, r| level.run(OneOne(w, r)));
        }
    }
}

#[test]
fn one_written_slice_alone_follows_the_formula() {
    let mut words = Words::new(23);
    for len in lengths(Extent::Quick, 4096) {
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
