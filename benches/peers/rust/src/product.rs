//! A product by the `gemm` crate.

use crate::by_hand::{parallelism, product};
use crate::numbers;

/// `c ← a·b`, m × n of k terms, of operands that lie row after row as `transpose` says; `None` where
/// it says nothing that is known.
pub(crate) fn step(sizes: [usize; 3], transpose: &str, threads: usize) -> Option<impl FnMut()> {
    let [m, k, n] = sizes;
    let (left, right) = match transpose {
        "none" => (false, false),
        "left" => (true, false),
        "right" => (false, true),
        "both" => (true, true),
        _ => return None,
    };
    let strides = |rows, cols, turned| if turned { [rows, 1] } else { [1, cols] };
    let (a, b) = (numbers(m * k, 1.0), numbers(k * n, 1.0));
    let (a_strides, b_strides) = (strides(m, k, left), strides(k, n, right));
    let (mut c, parallelism) = (vec![0.0; m * n], parallelism(threads));
    Some(move || {
        product(&mut c, [m, n, k], (&a, a_strides), (&b, b_strides), parallelism);
        std::hint::black_box(&mut c);
    })
}
