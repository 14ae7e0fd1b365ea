//! The norm that clips, at every length, on every level, by any number of threads.

use ravine_conformance::{Agreement, Draw, Extent, compare, lengths};
use ravine_momentum::clip::global_norm;
use ravine_simd::{Level, Par};

/// Elements that are worth eight threads.
const SHARED: usize = 8 << 15;

#[test]
fn the_norm_is_the_root_of_the_sum_of_squares_in_f64() {
    let long = [(SHARED + 5, &[1, 2, 3, 5, 8][..])];
    for (len, threads) in lengths(Extent::Quick, 4096).map(|len| (len, &[1][..])).chain(long) {
        let grads = Draw::Ordinary.values(len as u64, len);
        let squares = grads.iter().map(|&g| f64::from(g) * f64::from(g));
        let want = squares.sum::<f64>().sqrt();
        // A square of an `f32` is exact in `f64`, so each sum rounds once a term.
        let bound = Agreement::Relative(len as f64 * f64::EPSILON);
        for level in Level::available() {
            for &n in threads {
                let norm = global_norm(level, Par::threads(n), &grads);
                let kept = compare(&[want], &[norm], bound);
                assert_eq!(kept, Ok(()), "{level}, {n} threads, length {len}");
            }
        }
    }
}
