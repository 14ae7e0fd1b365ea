//! Errors of products stay within what their roundings allow: one a term of a chain, and one a level
//! of the tree that adds chains over samples.
#![expect(clippy::cast_precision_loss, reason = "bounds from small counts")]

use ravine_conformance::Draw;
use ravine_simd::{Level, Par};
use ravine_tensor::{LEAF_ROWS, View, ViewMut, Write, over_samples, product};

/// What one rounding to `f32` changes of a number, at most, as a share of it.
const ROUNDING: f64 = 1.0 / (1_u32 << 24) as f64;

/// Holds what `run` writes to `a·b`, within so many roundings of the sum of the terms' magnitudes.
/// The sums here are in `f64`, whose own roundings are 2²⁹ times smaller.
fn within(roundings: usize, at: &str, a: View<'_>, b: View<'_>, run: impl FnOnce(Write<'_>)) {
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    let mut found = vec![f32::NAN; m * n];
    run(Write(ViewMut::new(&mut found, m, n)));
    for (i, found) in found.into_iter().enumerate() {
        let (row, col) = (i / n, i % n);
        let terms = (0..k).map(|p| f64::from(a.at(row, p)) * f64::from(b.at(p, col)));
        let (exact, magnitude) =
            terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
        let (error, bound) =
            ((f64::from(found) - exact).abs(), roundings as f64 * ROUNDING * magnitude);
        assert!(error <= bound, "{at}, element ({row}, {col}): off by {error:e}, bound {bound:e}");
    }
}

#[test]
fn a_product_is_within_a_rounding_a_term() {
    let (m, k, n) = (9, 700, 21);
    let [x, y] = [(18, m * k), (19, k * n)].map(|(seed, len)| Draw::Ordinary.values(seed, len));
    let (a, b) = (View::new(&x, m, k), View::new(&y, k, n));
    for level in Level::available() {
        let at = format!("{level}, {m} × {k} × {n}");
        within(k, &at, a, b, |c| product(level, Par::Seq, c, a, b));
    }
}

#[test]
fn a_sum_over_samples_is_within_a_rounding_a_sample_of_a_leaf_and_one_a_level_of_the_tree() {
    // Three leaves are a tree of two levels.
    let (m, k, n) = (5, 2 * LEAF_ROWS + 77, 6);
    let [x, y] = [(20, k * m), (21, k * n)].map(|(seed, len)| Draw::Ordinary.values(seed, len));
    let (a, b) = (View::new(&x, k, m), View::new(&y, k, n));
    for level in Level::available() {
        let at = format!("{level}, {m} × {k} samples × {n}");
        within(LEAF_ROWS + 2, &at, a.t(), b, |c| over_samples(level, Par::Seq, c, a, b));
    }
}
