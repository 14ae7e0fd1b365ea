//! Sums: the tree depends on the length alone.

use ravine::simd::{Level, Par, sum};

use super::THREADS;
use super::oracle::{self, normals};
use super::tally::{Case, Tally};

/// Compares sums.
pub(super) fn run(tally: &mut Tally, full: bool) {
    let lengths: &[usize] = if full {
        &[
            0,
            1,
            15,
            16,
            17,
            31,
            32,
            33,
            63,
            64,
            65,
            4095,
            4096,
            4097,
            12_289,
            32_768,
            100_003,
            1 << 20,
        ]
    } else {
        &[0, 1, 15, 16, 17, 33, 65, 4095, 4097, 12_289, 100_003]
    };
    for &length in lengths {
        let (x, y) = (normals(1, length), normals(2, length));
        let terms = |f: fn(f64, f64) -> f64| -> Vec<f64> {
            x.iter().zip(&y).map(|(&x, &y)| f(x.into(), y.into())).collect()
        };
        let expected = [terms(|x, _| x), terms(|x, _| x * x), terms(|x, y| x * y)];
        let expected = expected.map(|terms| oracle::sum(&terms));
        tally.expect(&expected);
        for level in Level::available() {
            for threads in THREADS {
                let par = Par::threads(threads);
                let found = [
                    sum::sum(level, par, &x),
                    sum::squares(level, par, &x),
                    sum::dot(level, par, &x, &y),
                ];
                let what = format!("sum, sum of squares, dot product of {length} elements");
                let case = Case { what: &what, level, threads };
                tally.compare(&case, [(&expected[..], &found[..])]);
            }
        }
    }
}
