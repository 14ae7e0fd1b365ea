//! Products: every element one chain, whatever the tile.

use ravine::simd::{Level, Par};
use ravine::tensor::{View, ViewMut, Write, column_sums, over_samples, product};

use super::THREADS;
use super::oracle::{chain, chain_of_samples, normals};
use super::tally::{Case, Tally};

/// Compares products, and sums over samples.
pub(super) fn run(tally: &mut Tally, full: bool) {
    // m, k, n: around tiles and blocks, with few columns or rows, and large enough for threads.
    let shapes: &[[usize; 3]] = if full {
        &[
            [0, 3, 4],
            [3, 0, 4],
            [1, 1, 1],
            [1, 40, 5],
            [5, 40, 1],
            [2, 3, 17],
            [14, 9, 48],
            [15, 33, 49],
            [16, 16, 16],
            [25, 70, 31],
            [48, 100, 7],
            [130, 70, 50],
            [97, 301, 33],
            [200, 5000, 3],
        ]
    } else {
        &[[3, 0, 4], [1, 40, 5], [5, 40, 1], [15, 33, 49], [130, 70, 50]]
    };
    for &[m, k, n] in shapes {
        let (a, b) = (normals(1, m * k), normals(2, k * n));
        let (a, b) = (View::new(&a, m, k), View::new(&b, k, n));
        let expected = elements(m, n, |i, j| chain((0..k).map(|p| (a.at(i, p), b.at(p, j)))));
        let what = format!("product {m}x{k} by {k}x{n}");
        compare(tally, &what, [m, n], &expected, |level, par, c| product(level, par, c, a, b));
    }
    let shapes: &[[usize; 3]] = if full {
        &[[1, 3, 5], [64, 10, 20], [4096, 2, 3], [4097, 3, 2], [12_300, 30, 17], [20_000, 2, 9]]
    } else {
        &[[64, 10, 20], [4097, 3, 2], [12_300, 4, 17]]
    };
    for &[samples, m, n] in shapes {
        let (a, b) = (normals(3, samples * m), normals(4, samples * n));
        let (a, b) = (View::new(&a, samples, m), View::new(&b, samples, n));
        let pairs = |i, j| -> Vec<_> { (0..samples).map(|p| (a.at(p, i), b.at(p, j))).collect() };
        let expected = elements(m, n, |i, j| chain_of_samples(&pairs(i, j)));
        let what = format!("product over {samples} samples, {m}x{n}");
        compare(tally, &what, [m, n], &expected, |level, par, c| {
            over_samples(level, par, c, a, b);
        });
        let ones = |j| -> Vec<_> { (0..samples).map(|p| (1.0, b.at(p, j))).collect() };
        let expected = elements(1, n, |_, j| chain_of_samples(&ones(j)));
        let what = format!("column sums over {samples} samples, {n}");
        compare(tally, &what, [1, n], &expected, |level, par, c| column_sums(level, par, c, b));
    }
}

/// A matrix row by row.
fn elements(m: usize, n: usize, element: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    (0..m).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| element(i, j)).collect()
}

fn compare(
    tally: &mut Tally,
    what: &str,
    [m, n]: [usize; 2],
    expected: &[f32],
    run: impl Fn(Level, Par, Write<'_>),
) {
    tally.expect(expected);
    for level in Level::available() {
        for threads in THREADS {
            let mut found = vec![f32::NAN; m * n];
            run(level, Par::threads(threads), Write(ViewMut::new(&mut found, m, n)));
            tally.compare(&Case { what: &what, level, threads }, [(expected, &found[..])]);
        }
    }
}
