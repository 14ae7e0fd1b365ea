//! Sums against their definition, written out one element at a time.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "casts cut words into values, and the others are exact"
)]

mod words;

use std::array;

use ravine_simd::sum::{self, LEAF, Term};
use ravine_simd::{Lanes, Level, Par, Simd};
use words::Words;

/// The contract's sum of `terms`: 32 lanes, folded by halves, in leaves of 4096; the leaves in a
/// balanced tree whose left half has the odd leaf.
fn definition(terms: &[f64]) -> f64 {
    fn leaf(terms: &[f64]) -> f64 {
        let mut lanes = [0.0; 32];
        for (i, term) in terms.iter().enumerate() {
            lanes[i % 32] += term;
        }
        for half in [16, 8, 4, 2, 1] {
            for i in 0..half {
                lanes[i] += lanes[i + half];
            }
        }
        lanes[0]
    }
    fn tree(leaves: &[f64]) -> f64 {
        match leaves {
            [] => 0.0,
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().div_ceil(2));
                tree(left) + tree(right)
            }
        }
    }
    tree(&terms.chunks(4096).map(leaf).collect::<Vec<_>>())
}

/// Numbers of many magnitudes and both signs, none of them zero.
fn values(seed: u64, len: usize) -> Vec<f32> {
    let mut words = Words(seed);
    let value = |word: u64| {
        let size = 1.0 + (word >> 41) as f32 / (1 << 23) as f32;
        let scale = f32::from_bits((107 + (word >> 8) as u32 % 40) << 23);
        if word & 1 == 0 { size * scale } else { -size * scale }
    };
    (0..len).map(|_| value(words.word())).collect()
}

fn lengths() -> impl Iterator<Item = usize> {
    let edges = [1, 2, 3, 4, 5, 7, 8, 9, 12].into_iter();
    let around = [-33, -17, -16, -1, 0, 1, 15, 16, 17, 31, 32, 33];
    (0..=100).chain(edges.flat_map(move |leaves: usize| {
        around.map(|offset| (leaves * LEAF).checked_add_signed(offset).expect("leaves are longer"))
    }))
}

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

#[test]
fn sums_have_the_bits_of_the_definition() {
    for len in lengths() {
        let (x, y) = (values(31, len), values(32, len));
        let [plain, squares, dot, shifted] = [
            |x: f64, _: f64| x,
            |x: f64, _: f64| x * x,
            |x: f64, y: f64| x * y,
            |x: f64, y: f64| x * y + x + 1.0,
        ]
        .map(|term| {
            let pairs = x.iter().zip(&y);
            let terms: Vec<_> = pairs.map(|(x, y)| term((*x).into(), (*y).into())).collect();
            definition(&terms).to_bits()
        });
        for level in Level::available() {
            for par in threads() {
                let at = format!("{level}, {par:?}, len {len}");
                assert_eq!(sum::sum(level, par, &x).to_bits(), plain, "sum, {at}");
                assert_eq!(sum::squares(level, par, &x).to_bits(), squares, "squares, {at}");
                assert_eq!(sum::dot(level, par, &x, &y).to_bits(), dot, "dot, {at}");
                let got = sum::run(level, par, [&x, &y], Shifted);
                assert_eq!(got.to_bits(), shifted, "shifted, {at}");
            }
        }
    }
}

#[test]
fn where_a_slice_starts_does_not_matter() {
    let x = values(33, LEAF + 100);
    for start in 0..32 {
        let slice = &x[start..start + LEAF + 50];
        let moved = slice.to_vec();
        for level in Level::available() {
            let [a, b] = [slice, &moved].map(|x| sum::sum(level, Par::Seq, x).to_bits());
            assert_eq!(a, b, "{level}, start {start}");
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

/// Every element is a multiple of 2⁻⁴³ below 2²¹, so the exact sum fits 128-bit integers.
#[test]
fn sums_are_within_their_error_bound() {
    const UNIT: f64 = (1_u64 << 43) as f64;
    let x = values(34, 9 * LEAF + 7);
    let mut exact = 0_i128;
    let mut magnitude = 0.0;
    for x in &x {
        exact += (f64::from(*x) * UNIT) as i128;
        magnitude += f64::from(x.abs());
    }
    // At most 4096/32 additions in a lane, 5 folds and 4 levels of the tree.
    let bound = (128.0 + 5.0 + 4.0) * f64::EPSILON / 2.0 * magnitude;
    for level in Level::available() {
        let error = (sum::sum(level, Par::Seq, &x) - exact as f64 / UNIT).abs();
        assert!(error <= bound, "{level}: {error:e} > {bound:e}");
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
