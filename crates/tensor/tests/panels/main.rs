//! Products of operands that lie in panels: the chains of `conformance`, whatever lies beyond the
//! last feature and the last sample.

mod laid;
mod small;

use ravine_conformance::product::chain;
use ravine_conformance::{Agreement, Draw, Mismatch, compare};
use ravine_simd::{Level, Par};
use ravine_tensor::{Blocking, Left, PanelRows, View, ViewMut, Write, multiply, multiply_room};

use self::laid::{Laid, ToPanels, unturned};

/// Features, samples, and outputs of a layer.
const SHAPES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [2, 32, 16],
    [16, 16, 16],
    [17, 15, 33],
    [40, 70, 13],
    [300, 5, 7],
    [64, 64, 64],
    [33, 129, 130],
    [600, 18, 40],
];

fn wave(len: usize, seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, len)
}

fn same(want: &[f32], got: &[f32]) -> Result<(), Mismatch> {
    compare(want, got, Agreement::Bits)
}

/// The chains of `a·b`.
fn want(a: View<'_>, b: View<'_>) -> Vec<f32> {
    let element = |i, j| {
        let factors: Vec<_> = (0..a.cols()).map(|p| (a.at(i, p), b.at(p, j))).collect();
        chain(&factors)
    };
    (0..a.rows())
        .flat_map(|i| (0..b.cols()).map(move |j| (i, j)))
        .map(|(i, j)| element(i, j))
        .collect()
}

fn blockings(level: Level) -> [Blocking; 3] {
    let best = Blocking::of(level);
    [best, best.along_rows(16), Blocking { rows: 2, blocks: 1, terms: 16, near: 1 }]
}

fn kept(blocking: Blocking, level: Level, par: Par, shape: [usize; 3]) -> Vec<f32> {
    vec![f32::NAN; multiply_room(blocking, level, par, shape)]
}

#[test]
fn samples_are_packed_turned_as_their_panels_are_turned() {
    for [features, samples, _] in SHAPES {
        let x = wave(samples * features, 7);
        let rows = View::new(&x, samples, features);
        let columns: Vec<f32> = rows.t().iter().collect();
        let columns = View::col_major(&columns, samples, features);
        let apart: Vec<f32> = x.iter().flat_map(|&x| [x, f32::NAN]).collect();
        let apart = View::strided(&apart, samples, features, 2 * features, 2).expect("long enough");
        for level in Level::available() {
            let turned = Laid::packed(level, rows).turned(level, features, samples);
            let want = unturned(level, &turned, features, samples);
            for x in [rows, columns, apart] {
                let mut packed = Laid::room(features, samples);
                level.run(packed.write(features, samples).pack_turned(x));
                let got = unturned(level, &packed, features, samples);
                assert_eq!(same(&want, &got), Ok(()), "{level}, {features}, {samples}");
            }
        }
    }
}

#[test]
fn samples_are_packed_wherever_their_elements_lie() {
    for [features, samples, _] in SHAPES {
        let x = wave(samples * features, 11);
        let rows = View::new(&x, samples, features);
        let columns: Vec<f32> = rows.t().iter().collect();
        let columns = View::col_major(&columns, samples, features);
        let apart: Vec<f32> = x.iter().flat_map(|&x| [x, f32::NAN]).collect();
        let apart = View::strided(&apart, samples, features, 2 * features, 2).expect("long enough");
        let again = View::strided(&x, samples, features, 0, 1).expect("one row again and again");
        for level in Level::available() {
            for view in [rows, columns, apart, again] {
                let want: Vec<f32> = view.iter().collect();
                let packed = Laid::packed(level, view);
                let mut got = vec![f32::NAN; samples * features];
                let to = ViewMut::new(&mut got, samples, features);
                level.run(packed.read(features, samples).unpack(to));
                assert_eq!(same(&want, &got), Ok(()), "{level}, {features}, {samples}");
            }
        }
    }
}

#[test]
fn layers_in_panels_give_the_chains_on_every_level() {
    for [features, samples, outputs] in SHAPES {
        let (x, w) = (wave(samples * features, 3), wave(outputs * features, 5));
        let (x, w) = (View::new(&x, samples, features), View::new(&w, outputs, features));
        let want = want(x, w.t());
        let want_t: Vec<f32> = View::new(&want, samples, outputs).t().iter().collect();
        for level in Level::available() {
            let panels = Laid::packed(level, x);
            // The same matrix as rows, and as columns.
            let columns: Vec<f32> = w.t().iter().collect();
            let w_t = View::new(&columns, features, outputs).t();
            for blocking in blockings(level) {
                for w in [w, w_t] {
                    let at = format!("{level}, {features}, {samples}, {outputs}, {blocking:?}");
                    let left = Left::of(w).expect("neighbours");
                    let right = panels.read(features, samples).right();
                    let shape = [outputs, features, samples];
                    let mut y = Laid::room(outputs, samples);
                    let finish = ToPanels(y.write(outputs, samples));
                    let mut kept = kept(blocking, level, Par::Seq, shape);
                    multiply(blocking, level, Par::Seq, finish, (left, right), &mut kept);
                    let mut got = vec![f32::NAN; samples * outputs];
                    let to = ViewMut::new(&mut got, samples, outputs);
                    level.run(y.read(outputs, samples).unpack(to));
                    assert_eq!(same(&want, &got), Ok(()), "panels, {at}");

                    let mut got = vec![f32::NAN; samples * outputs];
                    let finish = Write(ViewMut::new(&mut got, outputs, samples));
                    multiply(blocking, level, Par::Seq, finish, (left, right), &mut kept);
                    assert_eq!(same(&want_t, &got), Ok(()), "rows, {at}");
                }
            }
        }
    }
}

#[test]
fn threads_share_the_rows_of_a_few_panels() {
    // Work for eight threads, in panels of which the last is not full.
    let ([features, samples, outputs], level) = ([300, 50, 310], Level::detect());
    let (x, w) = (wave(samples * features, 3), wave(outputs * features, 5));
    let (x, w) = (View::new(&x, samples, features), View::new(&w, outputs, features));
    let (want, panels, blocking) = (want(x, w.t()), Laid::packed(level, x), Blocking::of(level));
    for par in [1, 2, 3, 8].map(Par::threads) {
        let mut y = Laid::room(outputs, samples);
        let finish = ToPanels(PanelRows::new(y.write(outputs, samples)));
        let operands = (Left::of(w).expect("neighbours"), panels.read(features, samples).right());
        let mut kept = kept(blocking, level, par, [outputs, features, samples]);
        multiply(blocking, level, par, finish, operands, &mut kept);
        let mut got = vec![f32::NAN; samples * outputs];
        level.run(y.read(outputs, samples).unpack(ViewMut::new(&mut got, samples, outputs)));
        assert_eq!(same(&want, &got), Ok(()), "{par:?}");
    }
}

#[test]
#[should_panic(expected = "more than 4 panels")]
fn more_panels_than_a_few_are_refused() {
    let mut y = Laid::room(3, PanelRows::SAMPLES + 1);
    let _ = PanelRows::new(y.write(3, PanelRows::SAMPLES + 1));
}

#[test]
fn sums_over_samples_in_panels_give_the_chains_on_every_level() {
    for [features, samples, outputs] in SHAPES {
        let (x, dz) = (wave(samples * features, 7), wave(samples * outputs, 9));
        let (x, dz) = (View::new(&x, samples, features), View::new(&dz, samples, outputs));
        let want = want(dz.t(), x);
        let ones = vec![1.0; samples];
        let sums = self::want(View::from_row(&ones), dz);
        for level in Level::available() {
            let slopes = Laid::packed(level, dz);
            let turned = Laid::packed(level, x).turned(level, features, samples);
            for blocking in blockings(level) {
                for par in [Par::Seq, Par::threads(3)] {
                    let mut got = vec![f32::NAN; outputs * features];
                    let finish = Write(ViewMut::new(&mut got, outputs, features));
                    let left = slopes.read(outputs, samples).left();
                    let right = turned.read(features, samples).turned();
                    let shape = [outputs, samples, features];
                    let mut kept = kept(blocking, level, par, shape);
                    multiply(blocking, level, par, finish, (left, right), &mut kept);
                    let at = format!("{level}, {features}, {samples}, {outputs}, {blocking:?}");
                    assert_eq!(same(&want, &got), Ok(()), "{par:?}, {at}");
                }
            }
            let mut got = vec![f32::NAN; outputs];
            let finish = Write(ViewMut::from_row(&mut got));
            level.run(slopes.read(outputs, samples).sum(finish));
            assert_eq!(same(&sums, &got), Ok(()), "{level}, {samples}, {outputs}");
        }
    }
}

#[test]
fn some_of_the_samples_are_panels_of_their_own() {
    let (level, x) = (Level::detect(), wave(50 * 20, 1));
    let laid = Laid::packed(level, View::new(&x, 50, 20));
    let mut got = vec![f32::NAN; 18 * 20];
    level.run(laid.read(20, 50).part(32..50).unpack(ViewMut::new(&mut got, 18, 20)));
    assert_eq!(same(&x[32 * 20..], &got), Ok(()));
}

#[test]
fn rows_of_a_panel_are_some_features_of_its_samples() {
    let (level, x) = (Level::detect(), wave(50 * 20, 1));
    let (x, laid) = (View::new(&x, 50, 20), Laid::packed(level, View::new(&x, 50, 20)));
    for (features, panel) in [(0..1, 0), (3..18, 16), (19..20, 32)] {
        let want: Vec<f32> = x.row_range(panel..panel + 16).t().iter().collect();
        let want = &want[features.start * 16..features.end * 16];
        assert_eq!(same(want, laid.read(20, 50).rows(features, panel)), Ok(()), "from {panel}");
    }
}

#[test]
fn threads_share_the_rows_of_one_panel() {
    let (features, samples, outputs) = (900, 11, 700);
    let (x, w) = (wave(samples * features, 3), wave(outputs * features, 5));
    let (x, w) = (View::new(&x, samples, features), View::new(&w, outputs, features));
    let (want, level) = (want(x, w.t()), Level::detect());
    let (panels, blocking) = (Laid::packed(level, x), Blocking::of(level));
    for threads in [1, 2, 3, 8] {
        let par = Par::threads(threads);
        let mut y = Laid::room(outputs, samples);
        let finish = ToPanels(y.write(outputs, samples));
        let mut kept = kept(blocking, level, par, [outputs, features, samples]);
        let operands = (Left::of(w).expect("rows"), panels.read(features, samples).right());
        multiply(blocking, level, par, finish, operands, &mut kept);
        let mut got = vec![f32::NAN; samples * outputs];
        level.run(y.read(outputs, samples).unpack(ViewMut::new(&mut got, samples, outputs)));
        assert_eq!(same(&want, &got), Ok(()), "{threads} threads");
    }
}

#[test]
#[should_panic(expected = "of more than one panel")]
fn rows_of_several_panels_are_not_cut() {
    let mut laid = Laid::room(20, 17);
    let _ = laid.write(20, 17).split_rows(3);
}

#[test]
#[should_panic(expected = "elements of chains")]
fn chains_without_room_are_refused() {
    let (x, level) = (vec![0.0; 300 * 16], Level::detect());
    let laid = Laid::packed(level, View::new(&x, 16, 300));
    let (w, mut c) = (vec![0.0; 300], [0.0; 16]);
    let operands = (Left::of(View::from_row(&w)).expect("a row"), laid.read(300, 16).right());
    let blocking = Blocking { terms: 16, ..Blocking::of(level) };
    let finish = Write(ViewMut::from_row(&mut c));
    multiply(blocking, level, Par::Seq, finish, operands, &mut []);
}
