//! Sums against their definition, written out one element at a time.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "casts cut words into values, and the others are exact"
)]

use std::array;

use ravine_conformance::sum::{Case, Kernel, Terms, cases, tree};
use ravine_conformance::{Agreement, Draw, Extent, compare};
use ravine_simd::sum::{self, LEAF, Term};
use ravine_simd::{Lanes, Level, Par, Simd};

fn threads() -> [Par; 5] {
    [1, 2, 3, 5, 8].map(Par::threads)
}

/// `x·y + x + 1`: a term that is not zero at zero lanes.
#[derive(Clone, Copy)]
struct Shifted;

impl Term<2> for Shifted {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, [x, y]: [S::F32; 2]) -> S::F64 {
        x.widen() * y.widen() + x.widen() + simd.splat_f64(1.0)
    }
}

struct Ours {
    level: Level,
    par: Par,
}

impl Kernel for Ours {
    fn sum(&mut self, terms: Terms, x: &[f32], y: &[f32]) -> f64 {
        match terms {
            Terms::Values => sum::sum(self.level, self.par, x),
            Terms::Squares => sum::squares(self.level, self.par, x),
            Terms::Products => sum::dot(self.level, self.par, x, y),
        }
    }
}

/// Lengths around several leaves, where the tree is lopsided, at numbers of no special kind.
fn of_many_leaves() -> impl Iterator<Item = Case> {
    let around = [-33, -17, -1, 0, 1, 16, 33];
    let lengths = [2, 3, 5, 7, 8, 9, 12].into_iter().flat_map(move |leaves: usize| {
        around.map(|by| (leaves * LEAF).checked_add_signed(by).expect("leaves are longer"))
    });
    lengths.zip(0..).map(|(length, seed)| Case {
        terms: Terms::Squares,
        length,
        offsets: [seed as usize % 16, 0],
        draw: Draw::Wide,
        seed,
    })
}

#[test]
fn sums_have_the_bits_of_the_definition() {
    for case in cases(Extent::Quick).chain(of_many_leaves()) {
        let trial = case.trial();
        for level in Level::available() {
            for par in threads() {
                let kept = trial.run(&mut Ours { level, par }, Agreement::Bits);
                assert_eq!(kept, Ok(()), "{level}, {} threads", par.count());
            }
        }
    }
}

#[test]
fn lanes_beyond_the_slice_add_nothing() {
    for length in (0..=100).chain([LEAF - 1, LEAF + 17, 9 * LEAF + 33]) {
        let [x, y] = [31, 32].map(|seed| Draw::Wide.values(seed, length));
        let pairs = x.iter().zip(&y).map(|(&x, &y)| (f64::from(x), f64::from(y)));
        let terms: Vec<f64> = pairs.map(|(x, y)| x * y + x + 1.0).collect();
        for level in Level::available() {
            for par in threads() {
                let found = sum::run(level, par, [&x, &y], Shifted);
                let same = compare(&[tree(&terms)], &[found], Agreement::Bits);
                assert_eq!(same, Ok(()), "{level}, {} threads, length {length}", par.count());
            }
        }
    }
}

#[test]
fn sums_of_integers_are_exact() {
    let len = 10 * LEAF + 123;
    let x: Vec<f32> = (0..len as u32).map(|i| (i % 1000) as f32 - 499.0).collect();
    let (mut sum, mut squares) = (0_i64, 0_i64);
    for i in 0..len as i64 {
        sum += i % 1000 - 499;
        squares += (i % 1000 - 499).pow(2);
    }
    for level in Level::available() {
        assert_eq!(sum::sum(level, Par::threads(3), &x).to_bits(), (sum as f64).to_bits());
        let got = sum::squares(level, Par::threads(3), &x);
        assert_eq!(got.to_bits(), (squares as f64).to_bits());
    }
}

/// Every element is a multiple of 2⁻²⁷ below 2⁴, so every term and sum is a multiple of 2⁻⁵⁴, and in
/// these units fits 128-bit integers.
#[test]
fn sums_are_within_their_error_bound() {
    const UNITS: f64 = (1_u64 << 54) as f64;
    let length = 9 * LEAF + 7;
    let [x, y] = [34, 35].map(|seed| Draw::Ordinary.values(seed, length));
    let whole = |x: f32| (f64::from(x) * (1_u64 << 27) as f64) as i128;
    for terms in [Terms::Values, Terms::Squares, Terms::Products] {
        let exact = x.iter().zip(&y).map(|(&x, &y)| match terms {
            Terms::Values => whole(x) << 27,
            Terms::Squares => whole(x) * whole(x),
            Terms::Products => whole(x) * whole(y),
        });
        let (exact, magnitude) =
            exact.fold((0, 0), |(sum, size), term| (sum + term, size + term.abs()));
        // At most 4096/32 additions in a lane, 5 folds and 4 levels of the tree.
        let bound = (128.0 + 5.0 + 4.0) * f64::EPSILON / 2.0 * magnitude as f64;
        for level in Level::available() {
            let found = Ours { level, par: Par::Seq }.sum(terms, &x, &y) * UNITS;
            let error = (found as i128 - exact).abs() as f64;
            assert!(error <= bound, "{terms:?}, {level}, length {length}: {error:e} > {bound:e}");
        }
    }
}

#[test]
fn squares_are_finite_exactly_where_every_element_is() {
    for len in [1, 5, 16, 40, LEAF + 3] {
        for level in Level::available() {
            let mut x = vec![f32::MAX; len];
            assert!(sum::squares(level, Par::Seq, &x).is_finite(), "{level}, len {len}");
            for i in [0, len / 2, len - 1] {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    x[i] = bad;
                    assert!(!sum::squares(level, Par::Seq, &x).is_finite(), "{level}, len {len}");
                }
                x[i] = f32::MAX;
            }
        }
    }
}

#[test]
fn empty_sums_are_zero() {
    let zeros: [f64; 3] = array::from_fn(|i| match i {
        0 => sum::sum(Level::detect(), Par::Seq, &[]),
        1 => sum::squares(Level::detect(), Par::Seq, &[]),
        _ => sum::dot(Level::detect(), Par::Seq, &[], &[]),
    });
    assert_eq!(zeros.map(f64::to_bits), [0; 3]);
}

#[test]
#[should_panic(expected = "slices differ in length")]
fn slices_of_different_length_panic() {
    let _ = sum::dot(Level::detect(), Par::Seq, &[1.0; 3], &[1.0; 4]);
}
