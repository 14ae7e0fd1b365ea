//! Products of ndarray's matrices where they lie, without a copy.
//!
//! `cargo run -p ravine-tensor --example ndarray`
#![expect(clippy::print_stdout, reason = "an example tells what it found")]

use ndarray::{Array2, ArrayView2, ShapeBuilder as _, s};
use ravine_simd::{Level, Par};
use ravine_tensor::{View, ViewMut, Write, product};

/// Rows of A, terms of a sum, columns of B.
const SHAPE: [usize; 3] = [70, 90, 50];

fn main() {
    let [m, k, n] = SHAPE;
    let wave = |(i, j)| f32::from(u16::try_from((7 * i + 3 * j) % 17).expect("below 17")) - 8.0;
    let by_rows = Array2::from_shape_fn((m, k), wave);
    let by_cols = Array2::from_shape_fn((m, k).f(), wave);
    let large = Array2::from_shape_fn((2 * m, 3 * k), wave);
    let b = Array2::from_shape_fn((k, n), |(i, j)| wave((j, i)) / 3.0);

    compare("row-major", &by_rows, by_rows.view(), &b);
    compare("column-major", &by_cols, by_cols.view(), &b);
    // Every other row, and the columns 1, 4, 7, …
    compare("a slice with strides", &large, large.slice(s![..;2, 1..;3]), &b);
    let tall = Array2::from_shape_fn((k, m), wave);
    compare("transposed", &tall, tall.t(), &b);
}

/// Multiplies a part of `whole` by `b` in place, and holds the result against ndarray's.
fn compare(name: &str, whole: &Array2<f32>, part: ArrayView2<'_, f32>, b: &Array2<f32>) {
    let memory = whole.as_slice_memory_order().expect("an array of its own has no gaps");
    let a = view(memory, &part);
    // Each element of ours is the very one of theirs, and so are the ends of the memory.
    assert!(a.iter().eq(part.iter().copied()));
    assert_eq!(memory.as_ptr_range().start, whole.as_ptr());

    let mut c = Array2::from_elem((part.nrows(), b.ncols()), f32::NAN);
    let place = c.as_ptr();
    let rows = ViewMut::new(c.as_slice_mut().expect("row-major"), part.nrows(), b.ncols());
    product(
        Level::detect(),
        Par::Seq,
        Write(rows),
        a,
        view(b.as_slice().expect("row-major"), &b.view()),
    );
    assert_eq!(c.as_ptr(), place, "the product lies in their array");

    // Each of the two is off by at most k·2⁻²⁴ of the sum of magnitudes, to first order.
    let bound = f32::from(u16::try_from(part.ncols()).expect("short sums")) * f32::EPSILON;
    let theirs = part.dot(b);
    let magnitudes = part.mapv(f32::abs).dot(&b.mapv(f32::abs));
    for ((ours, theirs), sum) in c.iter().zip(&theirs).zip(&magnitudes) {
        assert!((ours - theirs).abs() <= bound * sum, "{name}: {ours} and {theirs}");
    }
    println!("{name}: {} × {} elements as ndarray has them", c.nrows(), c.ncols());
}

/// The view of `part` in the memory that it is a part of: no element moves.
fn view<'a>(memory: &'a [f32], part: &ArrayView2<'a, f32>) -> View<'a> {
    let before = part.as_ptr().addr() - memory.as_ptr().addr();
    let stride = |axis| usize::try_from(part.strides()[axis]).expect("no axis is turned around");
    let memory = &memory[before / size_of::<f32>()..];
    View::strided(memory, part.nrows(), part.ncols(), stride(0), stride(1))
        .expect("a part lies in the whole")
}
