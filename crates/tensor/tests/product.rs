//! Products are one chain of fused multiply-adds in the order of k, whatever computes them.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ravine_conformance::product::{self as law, Kernel, Kind, Shape};
use ravine_conformance::{Agreement, Draw, Extent, Mismatch, compare};
use ravine_simd::{LANES, Level, Par, Simd};
use ravine_tensor::{
    Blocking, Finish, LEAF_ROWS, Tile, View, ViewMut, Write, column_sums, over_samples,
    over_samples_in, product, product_in,
};

/// `len` elements, none zero, of mixed signs and magnitudes.
fn wave(len: usize, seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, len)
}

fn factors(a: View<'_>, b: View<'_>, row: usize, col: usize) -> Vec<(f32, f32)> {
    (0..a.cols()).map(|p| (a.at(row, p), b.at(p, col))).collect()
}

/// The definition of an element.
fn chain(a: View<'_>, b: View<'_>, row: usize, col: usize) -> f32 {
    law::chain(&factors(a, b, row, col))
}

/// The definition of an element over samples.
fn leaves(a: View<'_>, b: View<'_>, row: usize, col: usize) -> f32 {
    law::chain_over_samples(&factors(a, b, row, col))
}

/// All elements by a definition.
fn want(
    a: View<'_>,
    b: View<'_>,
    of: impl Fn(View<'_>, View<'_>, usize, usize) -> f32,
) -> Vec<f32> {
    let at = |i: usize| of(a, b, i / b.cols(), i % b.cols());
    (0..a.rows() * b.cols()).map(at).collect()
}

/// What `run` writes over NaNs.
fn got(m: usize, n: usize, run: impl FnOnce(Write<'_>)) -> Vec<f32> {
    let mut c = vec![f32::NAN; m * n];
    run(Write(ViewMut::new(&mut c, m, n)));
    c
}

/// Whether two results have the same bits.
fn same(want: &[f32], got: &[f32]) -> Result<(), Mismatch> {
    compare(want, got, Agreement::Bits)
}

#[derive(Clone, Copy)]
struct Ours {
    level: Level,
    par: Par,
    /// None where the level chooses.
    blocking: Option<Blocking>,
}

impl Kernel for Ours {
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]) {
        let (Self { level, par, blocking }, Shape { m, k, n }) = (*self, shape);
        let (c, b) = (Write(ViewMut::new(c, m, n)), View::new(b, k, n));
        match (kind, blocking) {
            (Kind::Plain, None) => product(level, par, c, View::new(a, m, k), b),
            (Kind::Plain, Some(cut)) => product_in(cut, level, par, c, View::new(a, m, k), b),
            (Kind::OverSamples, None) => over_samples(level, par, c, View::new(a, k, m), b),
            (Kind::OverSamples, Some(cut)) => {
                over_samples_in(cut, level, par, c, View::new(a, k, m), b);
            }
            (Kind::ColumnSums, _) => column_sums(level, par, c, b),
        }
    }
}

#[test]
fn products_have_the_bits_of_the_chains_on_every_level_by_any_number_of_threads() {
    for case in law::cases(Extent::Quick) {
        let trial = case.trial();
        for level in Level::available() {
            for threads in [1, 2, 3, 5, 8] {
                let par = Par::threads(threads);
                let kept = trial.run(&mut Ours { level, par, blocking: None }, Agreement::Bits);
                assert_eq!(kept, Ok(()), "{level}, {threads} threads");
            }
        }
    }
}

#[test]
fn tiles_and_blocks_of_any_size_change_no_bit() {
    let blockings = [(1, 1, 1, 1), (2, 2, 3, 7), (4, 1, 16, 100), (8, 2, 1000, 1), (12, 2, 4, 64)];
    for case in law::cases(Extent::Quick).filter(|case| case.kind != Kind::ColumnSums) {
        let trial = case.trial();
        for level in Level::available() {
            for (rows, blocks, terms, near) in blockings {
                let blocking = Blocking { rows, blocks, terms, near };
                for par in [Par::Seq, Par::threads(3)] {
                    let mut ours = Ours { level, par, blocking: Some(blocking) };
                    let kept = trial.run(&mut ours, Agreement::Bits);
                    assert_eq!(kept, Ok(()), "{level}, {par:?}, {blocking:?}");
                }
            }
        }
    }
}

/// Both transpositions of a `rows × cols` matrix, and one with gaps between all elements.
fn stored(data: &[f32], rows: usize, cols: usize) -> [View<'_>; 3] {
    [
        View::new(&data[..rows * cols], rows, cols),
        View::new(&data[..rows * cols], cols, rows).t(),
        View::strided(data, rows, cols, 3 * cols + 1, 2).unwrap(),
    ]
}

fn every_level_gives_the_chain(m: usize, k: usize, n: usize) {
    let (x, y) = (wave(4 * m * k + m, 1), wave(4 * k * n + k, 2));
    for a in stored(&x, m, k) {
        for b in stored(&y, k, n) {
            let want = want(a, b, chain);
            for level in Level::available() {
                let got = got(m, n, |finish| product(level, Par::Seq, finish, a, b));
                assert_eq!(same(&want, &got), Ok(()), "{level}, {m} × {k} × {n}, {a:?} {b:?}");
            }
        }
    }
}

#[test]
fn every_shape_and_storage_gives_the_chain_on_every_level() {
    let edges = [0, 1, 2, 3, 5, 7, 8, 12, 13, LANES, 25, 2 * LANES + 1, 40];
    for m in edges {
        for n in edges {
            every_level_gives_the_chain(m, (3 * m + 5 * n) % 41, n);
        }
    }
}

#[test]
fn no_terms_give_zeros() {
    for (m, n) in [(1, 1), (3, 40), (40, 3)] {
        every_level_gives_the_chain(m, 0, n);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_shape_gives_the_chain(m in 0..80_usize, k in 0..80_usize, n in 0..80_usize) {
        every_level_gives_the_chain(m, k, n);
    }
}

#[test]
fn a_long_chain_is_carried_from_section_to_section() {
    let k = 2 * LEAF_ROWS + 17;
    for (m, n) in [(13, 9), (3, 34), (20, 2)] {
        let (x, y) = (wave(m * k, 3), wave(k * n, 4));
        let (a, b) = (View::new(&x, m, k), View::new(&y, k, n));
        let want = want(a, b, chain);
        for level in Level::available() {
            let got = got(m, n, |finish| product(level, Par::Seq, finish, a, b));
            assert_eq!(same(&want, &got), Ok(()), "{level}, {m} × {k} × {n}");
        }
    }
}

#[test]
fn many_rows_of_a_long_chain_are_taken_in_turns() {
    let (m, k, n) = (150, LEAF_ROWS + 1, 2);
    let (x, y) = (wave(m * k, 5), wave(k * n, 6));
    for (a, b) in
        [(View::new(&x, m, k), View::new(&y, k, n)), (View::new(&y, n, k), View::new(&x, k, m))]
    {
        let want = want(a, b, chain);
        let level = Level::detect();
        let got = got(a.rows(), b.cols(), |finish| product(level, Par::Seq, finish, a, b));
        assert_eq!(same(&want, &got), Ok(()), "{level}, {} × {k} × {}", a.rows(), b.cols());
    }
}

#[test]
fn threads_change_no_bits() {
    for (m, k, n) in [(97, 200, 80), (600, 300, 5), (50, 1000, 33)] {
        let (x, y) = (wave(m * k, 7), wave(k * n, 8));
        let (a, b) = (View::new(&x, m, k), View::new(&y, k, n));
        let want = want(a, b, chain);
        for threads in [1, 2, 3, 5, 8] {
            let par = Par::threads(threads);
            let got = got(m, n, |finish| product(Level::detect(), par, finish, a, b));
            assert_eq!(same(&want, &got), Ok(()), "{threads} threads, {m} × {k} × {n}");
        }
    }
}

#[test]
fn threads_that_share_leaves_change_no_bits() {
    for leaf_count in 1..=9 {
        let samples = leaf_count * LEAF_ROWS - 3;
        for (m, n) in [(3, 18), (30, 4)] {
            let (x, y) = (wave(samples * m, 11), wave(samples * n, 12));
            let (a, b) = (View::new(&x, samples, m), View::new(&y, samples, n));
            let want = want(a.t(), b, leaves);
            for threads in [1, 2, 3, 5, 8] {
                let par = Par::threads(threads);
                let got = got(m, n, |finish| over_samples(Level::detect(), par, finish, a, b));
                let shape = format!("{samples} samples, {m} × {n}");
                assert_eq!(same(&want, &got), Ok(()), "{threads} threads, {shape}");
            }
        }
    }
}

/// Adds one to a count of visits for each element taken.
struct Count<'a>(ViewMut<'a>);

impl Finish for Count<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, tile: Tile<'_>) {
        for i in 0..tile.rows {
            for visits in &mut self.0.row_mut(row + i)[col..col + tile.cols] {
                *visits += 1.0;
            }
        }
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (above, below) = self.0.split_rows(row);
        (Self(above), Self(below))
    }
}

#[test]
fn every_element_is_handed_over_once() {
    for (m, k, n) in [(77, 90, 41), (77, 3, 2), (1, 9000, 50), (26, 9000, 3)] {
        let (x, y) = (wave(m * k, 14), wave(k * n, 15));
        let (a, b) = (View::new(&x, m, k), View::new(&y, k, n));
        for par in [Par::Seq, Par::threads(4)] {
            let mut visits = vec![0.0; m * n];
            product(Level::detect(), par, Count(ViewMut::new(&mut visits, m, n)), a, b);
            over_samples(Level::detect(), par, Count(ViewMut::new(&mut visits, m, n)), a.t(), b);
            let twice = vec![2.0; m * n];
            assert_eq!(same(&twice, &visits), Ok(()), "{par:?}, {m} × {k} × {n}");
        }
    }
}

#[test]
fn rows_with_gaps_are_written_and_the_gaps_left() {
    let (x, y) = (wave(30 * 4, 16), wave(4 * 19, 17));
    let (a, b) = (View::new(&x, 30, 4), View::new(&y, 4, 19));
    let want = want(a, b, chain);
    for level in Level::available() {
        let mut c = vec![7.0; 30 * 23];
        let rows = ViewMut::strided(&mut c, 30, 19, 23).unwrap();
        product(level, Par::threads(2), Write(rows), a, b);
        for (i, (row, want)) in c.chunks(23).zip(want.chunks(19)).enumerate() {
            assert_eq!(same(want, &row[..19]), Ok(()), "{level}, row {i}");
            assert_eq!(row[19..], [7.0; 4], "{level}, row {i}");
        }
    }
}

#[test]
#[should_panic(expected = "a has 3 columns, but b has 2 rows")]
fn shapes_that_do_not_chain_panic() {
    let (x, mut c) = ([1.0; 6], [0.0; 4]);
    let finish = Write(ViewMut::new(&mut c, 2, 2));
    product(Level::detect(), Par::Seq, finish, View::new(&x, 2, 3), View::new(&x[..4], 2, 2));
}
