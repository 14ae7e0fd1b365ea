//! Products of faer's matrices where they lie, without a copy.
//!
//! faer's own `Mat` lends its columns one at a time, because it may leave gaps between them; a
//! whole matrix is shared as a slice that both look at.
//!
//! `cargo run -p ravine-tensor --features faer --example faer`
#![expect(clippy::print_stdout, reason = "an example tells what it found")]

use faer::{Mat, MatRef};
use ravine_simd::{Level, Par};
use ravine_tensor::{View, ViewMut, Write, product};

/// Rows of A, terms of a sum, columns of B.
const SHAPE: [usize; 3] = [70, 90, 50];
/// From a column to the next where there are gaps.
const STRIDE: usize = 96;

fn main() {
    let [m, k, n] = SHAPE;
    let data: Vec<f32> = (0..97).cycle().take(STRIDE * k).map(|i: i16| f32::from(i - 48)).collect();
    let (whole, b) = (&data[..m * k], &data[5..5 + k * n]);
    let theirs_b = MatRef::from_column_major_slice(b, k, n);
    let b = View::col_major(b, k, n);

    let theirs = MatRef::from_row_major_slice(whole, m, k);
    compare("row-major", (View::new(whole, m, k), b), (theirs, theirs_b));
    let theirs = MatRef::from_column_major_slice(whole, m, k);
    compare("column-major", (View::col_major(whole, m, k), b), (theirs, theirs_b));
    let (ours, turned) = (View::col_major(whole, m, k), (theirs_b.transpose(), theirs.transpose()));
    compare("transposed", (b.t(), ours.t()), turned);
    let gaps = &data[..STRIDE * (k - 1) + m];
    let theirs = MatRef::from_column_major_slice_with_stride(gaps, m, k, STRIDE);
    let ours = View::strided(gaps, m, k, 1, STRIDE).expect("the last column ends with the slice");
    compare("a slice with strides", (ours, b), (theirs, theirs_b));
    vectors(View::new(whole, m, k), MatRef::from_row_major_slice(whole, m, k));
}

/// Multiplies our views, and holds the result against the product of the same memory by faer.
fn compare(name: &str, (a, b): (View<'_>, View<'_>), theirs: (MatRef<'_, f32>, MatRef<'_, f32>)) {
    let (m, n) = (a.rows(), b.cols());
    // Column after column, as faer likes it: the transpose, row after row.
    let mut c = vec![f32::NAN; m * n];
    product(Level::detect(), Par::Seq, Write(ViewMut::new(&mut c, n, m)), b.t(), a.t());
    let ours = MatRef::from_column_major_slice(&c, m, n);
    assert_eq!(ours.as_ptr(), c.as_ptr(), "faer reads what we wrote");
    hold(name, a, b, ours, theirs);
}

/// Multiplies a matrix by a column of a `Mat` into a column of another.
fn vectors(a: View<'_>, theirs: MatRef<'_, f32>) {
    let x = Mat::from_fn(a.cols(), 2, |i, j| if i % 3 == j { 0.5 } else { -1.5 });
    let mut y = Mat::from_fn(a.rows(), 2, |_, _| f32::NAN);
    let place = y.as_ptr();
    for j in 0..2 {
        let (x, y) = (View::from_col(x.col_as_slice(j)), ViewMut::from_col(y.col_as_slice_mut(j)));
        product(Level::detect(), Par::Seq, Write(y), a, x);
    }
    assert_eq!(y.as_ptr(), place, "the products lie in their matrix");
    let columns: Vec<f32> = (0..2).flat_map(|j| x.col_as_slice(j).to_vec()).collect();
    let b = View::col_major(&columns, a.cols(), 2);
    hold("columns of a Mat", a, b, y.as_ref(), (theirs, x.as_ref()));
}

/// Each element of the two products is off by at most k·2⁻²⁴ of the sum of magnitudes, to first
/// order.
fn hold(
    name: &str,
    a: View<'_>,
    b: View<'_>,
    ours: MatRef<'_, f32>,
    (their_a, their_b): (MatRef<'_, f32>, MatRef<'_, f32>),
) {
    let theirs: Mat<f32> = their_a * their_b;
    let bound = f32::from(u16::try_from(a.cols()).expect("short sums")) * f32::EPSILON;
    for i in 0..a.rows() {
        for j in 0..b.cols() {
            let sum: f32 = (0..a.cols()).map(|p| (a.at(i, p) * b.at(p, j)).abs()).sum();
            let (ours, theirs) = (ours[(i, j)], theirs[(i, j)]);
            assert!((ours - theirs).abs() <= bound * sum, "{name}: {ours} and {theirs}");
        }
    }
    println!("{name}: {} × {} elements as faer has them", a.rows(), b.cols());
}
