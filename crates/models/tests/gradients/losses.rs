//! Losses and their gradients by the predictions.

use ravine_conformance::{Agreement, compare};
use ravine_models::{Loss, Target};
use ravine_simd::{LANES, Level, Par};
use ravine_tensor::{View, ViewMut};

use crate::oracle::numbers;

const LOSSES: [Loss; 3] = [Loss::MeanSquared, Loss::BinaryCrossEntropy, Loss::CrossEntropy];

fn scaled(len: usize, seed: u64, size: f32) -> Vec<f32> {
    numbers(len, seed).into_iter().map(|x| size * x).collect()
}

pub(crate) fn rows_of(y: View<'_>) -> Vec<Vec<f64>> {
    (0..y.rows()).map(|i| (0..y.cols()).map(|j| f64::from(y.at(i, j))).collect()).collect()
}

fn slopes(loss: Loss, level: Level, par: Par, y: View<'_>, target: Target<'_>) -> Vec<f32> {
    let mut dy = vec![f32::NAN; y.rows() * y.cols()];
    loss.backward(level, par, &mut ViewMut::new(&mut dy, y.rows(), y.cols()), y, target);
    dy
}

/// Shapes of predictions to try a loss with.
fn shapes(loss: Loss) -> Vec<(usize, usize)> {
    let rows = (1..=3 * LANES + 1).chain([255, 256, 257, 700, 4097, 9000]);
    match loss {
        Loss::MeanSquared => rows.flat_map(|n| [(n, 1), (n.min(700), 1 + n % 37)]).collect(),
        Loss::BinaryCrossEntropy => rows.map(|n| (n, 1)).collect(),
        Loss::CrossEntropy => rows.map(|n| (n.min(700), 1 + n % 50)).collect(),
    }
}

fn classes(rows: usize, loss: Loss, cols: usize) -> Vec<u32> {
    let n = if loss == Loss::CrossEntropy { cols } else { 2 };
    (0..rows).map(|i| ((i * 5 + i / 7) % n) as u32).collect()
}

#[test]
fn levels_and_threads_change_no_bit_of_a_loss_or_its_gradient() {
    for loss in LOSSES {
        for (rows, cols) in shapes(loss) {
            let y = scaled(rows * cols, 1, 8.0);
            let y = View::new(&y, rows, cols);
            let values = numbers(rows * cols, 2);
            let classes = classes(rows, loss, cols);
            let target = match loss {
                Loss::MeanSquared => Target::Values(View::new(&values, rows, cols)),
                _ => Target::Classes(&classes),
            };
            let value = loss.forward(Level::scalar(), Par::Seq, y, target);
            let dy = slopes(loss, Level::scalar(), Par::Seq, y, target);
            for level in Level::available() {
                for par in [1, 2, 3, 5, 8].map(Par::threads) {
                    let case = format!("{loss:?}, {rows} × {cols}, {level}, {par:?}");
                    let again = loss.forward(level, par, y, target);
                    assert_eq!(again.to_bits(), value.to_bits(), "{case}");
                    let again = slopes(loss, level, par, y, target);
                    assert_eq!(compare(&dy, &again, Agreement::Bits), Ok(()), "{case}");
                }
            }
        }
    }
}

#[test]
fn rows_of_any_length_are_summed_one_after_another() {
    for rows in [1, 15, 16, 17, 64, 257] {
        for cols in [2, 3, 4, 5, 8, 10, 15, 16, 17, 33] {
            let (y, t) = (scaled(rows * cols, 1, 8.0), numbers(rows * cols, 2));
            let differences = y.iter().zip(&t).map(|(&y, &t)| f64::from(y) - f64::from(t));
            let terms: Vec<f64> = differences.map(|d| d * d).collect();
            let row_sums: Vec<f64> =
                terms.chunks(cols).map(ravine_conformance::sum::tree).collect();
            let leaves = row_sums.chunks(256).map(|rows| rows.iter().fold(0.0, |a, b| a + b));
            let want = leaves.reduce(|a, b| a + b).expect("rows") / (rows * cols) as f64;
            let [y, t] = [&y, &t].map(|values| View::new(values, rows, cols));
            for level in Level::available() {
                let got = Loss::MeanSquared.forward(level, Par::Seq, y, Target::Values(t));
                assert_eq!(got.to_bits(), want.to_bits(), "{rows} × {cols}, {level}");
            }
        }
    }
}

#[test]
fn losses_are_those_of_exact_arithmetic_large_and_tiny() {
    for loss in LOSSES {
        for (rows, cols) in shapes(loss) {
            for size in [1e-3, 1.0, 20.0, 80.0] {
                for sure in [false, true] {
                    let mut y = scaled(rows * cols, 3, size);
                    let values = numbers(rows * cols, 4);
                    let classes = classes(rows, loss, cols);
                    let target = match loss {
                        Loss::MeanSquared => Target::Values(View::new(&values, rows, cols)),
                        _ => Target::Classes(&classes),
                    };
                    if sure {
                        // Every row on its class's side: the loss is small.
                        for (row, &class) in y.chunks_mut(cols).zip(&classes) {
                            match loss {
                                Loss::CrossEntropy => row[class as usize] = 1.25 * size,
                                _ => row[0] = row[0].abs() * (2.0 * class as f32 - 1.0),
                            }
                        }
                    }
                    let y = View::new(&y, rows, cols);
                    let level = Level::detect();
                    let value = loss.forward(level, Par::Seq, y, target);
                    let want = crate::oracle::loss(loss, &rows_of(y), target);
                    let case =
                        format!("{level}, {loss:?}, {rows} × {cols}, size {size}, sure {sure}");
                    assert!((value - want).abs() <= 1e-6 * want, "{case}: {value}, not {want}");
                }
            }
        }
    }
}

#[test]
fn gradients_are_those_of_exact_arithmetic() {
    let (level, par) = (Level::detect(), Par::Seq);
    let logits = scaled(7 * 19, 5, 12.0);
    let y = View::new(&logits, 7, 19);
    let classes = [0, 18, 3, 16, 15, 9, 1];
    let dy = slopes(Loss::CrossEntropy, level, par, y, Target::Classes(&classes));
    for (i, row) in rows_of(y).iter().enumerate() {
        let total: f64 = row.iter().map(|z| z.exp()).sum();
        for (j, z) in row.iter().enumerate() {
            let others = total - row[classes[i] as usize].exp();
            let want = if j == classes[i] as usize { -others } else { z.exp() } / total / 7.0;
            let at = i * 19 + j;
            let got = f64::from(dy[at]);
            let is_near = (got - want).abs() <= 3e-6 * want.abs();
            assert!(is_near, "{level}: dy[{at}] is {got}, not {want}");
        }
    }

    for (z, t) in [(-90.0, 1), (-30.0, 0), (-1.0, 1), (0.0, 0), (2.5, 1), (25.0, 1), (80.0, 0)] {
        let y = [z; 20];
        let target = [t; 20];
        let y = View::new(&y, 20, 1);
        let target = Target::Classes(&target);
        let dy = slopes(Loss::BinaryCrossEntropy, level, par, y, target);
        let side = if t == 1 { -1.0 } else { 1.0 };
        let want = side / (1.0 + (-side * f64::from(z)).exp()) / 20.0;
        let (got, at) = (dy[19], format!("{level}, logit {z}, class {t}"));
        let is_near = (f64::from(got) - want).abs() <= 1e-6 * want.abs();
        assert!(is_near, "{at}: dy[19] is {got}, not {want}");
    }

    let (y, t) = ([1.5, -2.0, 0.25, 8.0], [1.0, 2.0, 0.25, -8.0]);
    let target = Target::Values(View::new(&t, 2, 2));
    let dy = slopes(Loss::MeanSquared, level, par, View::new(&y, 2, 2), target);
    assert_eq!(compare(&[0.25, -2.0, 0.0, 8.0], &dy, Agreement::Bits), Ok(()), "{level}");
}

#[test]
fn classes_and_their_values_are_the_same_binary_targets() {
    let y = scaled(50, 6, 5.0);
    let y = View::new(&y, 50, 1);
    let classes = classes(50, Loss::BinaryCrossEntropy, 1);
    let values: Vec<f32> = classes.iter().map(|&class| class as f32).collect();
    let values = Target::Values(View::new(&values, 50, 1));
    let classes = Target::Classes(&classes);
    let loss = Loss::BinaryCrossEntropy;
    let (level, par) = (Level::detect(), Par::Seq);
    let (a, b) = (loss.forward(level, par, y, classes), loss.forward(level, par, y, values));
    assert_eq!(a.to_bits(), b.to_bits(), "{level}");
    let (a, b) = (slopes(loss, level, par, y, classes), slopes(loss, level, par, y, values));
    assert_eq!(compare(&b, &a, Agreement::Bits), Ok(()), "{level}");
    assert_eq!(loss.correct(y, classes), loss.correct(y, values));
}

#[test]
fn extreme_logits_have_finite_losses_and_gradients() {
    let y = [1e4, -1e4, 1e4, -1e4, 0.0, 1e4];
    for (loss, cols, classes) in [
        (Loss::BinaryCrossEntropy, 1, &[0, 0, 1, 1, 0, 1][..]),
        (Loss::CrossEntropy, 2, &[0, 1, 0]),
        (Loss::CrossEntropy, 3, &[1, 1]),
    ] {
        let y = View::new(&y, 6 / cols, cols);
        let target = Target::Classes(classes);
        for level in Level::available() {
            let case = format!("{level}, {loss:?}, {} × {cols}", y.rows());
            // Before the loss, for a gradient names its place.
            let dy = slopes(loss, level, Par::Seq, y, target);
            for (i, dy) in dy.iter().enumerate() {
                assert!(dy.is_finite(), "{case}: dy[{i}] is {dy}");
            }
            assert!(dy.iter().any(|dy| dy.abs() > 0.1), "{case}: {dy:?}");
            let value = loss.forward(level, Par::Seq, y, target);
            assert!(value.is_finite() && value > 1e3, "{case}: {value}");
        }
    }
}

#[test]
fn a_logit_that_is_not_a_number_makes_the_loss_none() {
    let (level, par) = (Level::detect(), Par::Seq);
    for y in [[f32::NAN, 1.0, 2.0], [1.0, 2.0, f32::NAN], [f32::NAN; 3], [f32::INFINITY; 3]] {
        let y = View::new(&y, 1, 3);
        assert!(Loss::CrossEntropy.forward(level, par, y, Target::Classes(&[1])).is_nan());
    }
    let y = View::new(&[f32::NEG_INFINITY, 1.0, 1.0], 1, 3);
    let excluded = Loss::CrossEntropy.forward(level, par, y, Target::Classes(&[1]));
    assert!((excluded - std::f64::consts::LN_2).abs() < 1e-9, "{excluded}");
}

#[test]
fn correct_rows_have_their_class_first_of_the_largest() {
    let y = [1.0, 1.0, 0.0, -1.0, 2.0, 2.0, f32::NAN, -3.0, -4.0];
    let y = View::new(&y, 3, 3);
    let correct = |classes: &[u32]| Loss::CrossEntropy.correct(y, Target::Classes(classes));
    assert_eq!(correct(&[0, 1, 1]), 3);
    assert_eq!(correct(&[1, 2, 1]), 1);
    let nothing = [f32::NAN; 3];
    let nothing = View::new(&nothing, 1, 3);
    assert_eq!(Loss::CrossEntropy.correct(nothing, Target::Classes(&[0])), 0);

    let z = [1e-9, 0.0, -0.0, -1.0, f32::NAN];
    let z = View::new(&z, 5, 1);
    let correct = |classes: &[u32]| Loss::BinaryCrossEntropy.correct(z, Target::Classes(classes));
    assert_eq!(correct(&[1, 0, 0, 0, 0]), 4);
    assert_eq!(correct(&[0, 1, 1, 1, 1]), 0);
}

#[test]
fn rows_with_gaps_between_them_give_the_same() {
    let wide = numbers(12 * 9, 7);
    let dense: Vec<f32> = wide.chunks(9).flat_map(|row| &row[2..7]).copied().collect();
    let (level, par) = (Level::detect(), Par::Seq);
    let (gaps, dense) = (View::new(&wide, 12, 9).col_range(2..7), View::new(&dense, 12, 5));
    let labels = classes(12, Loss::CrossEntropy, 5);
    let target = Target::Classes(&labels);
    let loss = Loss::CrossEntropy;
    let [a, b] = [gaps, dense].map(|y| loss.forward(level, par, y, target).to_bits());
    assert_eq!(a, b, "{level}");
    let [a, b] = [gaps, dense].map(|y| slopes(loss, level, par, y, target));
    assert_eq!(compare(&b, &a, Agreement::Bits), Ok(()), "{level}");
}

#[test]
fn rows_of_elements_with_gaps_between_them_give_the_same() {
    // More rows than are summed side by side, and than are staged where they are one element.
    for (rows, cols) in [(17, 5), (20, 5), (33, 16), (12, 3), (600, 1)] {
        let (wide, targets) = (numbers(rows * (cols + 4), 7), numbers(rows * (cols + 6), 8));
        let y = View::new(&wide, rows, cols + 4).col_range(2..cols + 2);
        let t = View::new(&targets, rows, cols + 6).col_range(5..cols + 5);
        let [dense_y, dense_t] = [y, t].map(|view| view.iter().collect::<Vec<f32>>());
        let [dense_y, dense_t] = [&dense_y, &dense_t].map(|values| View::new(values, rows, cols));
        for level in Level::available() {
            let (loss, par) = (Loss::MeanSquared, Par::Seq);
            let want = loss.forward(level, par, dense_y, Target::Values(dense_t));
            let mut want_slopes = vec![f32::NAN; rows * cols];
            let to = &mut ViewMut::new(&mut want_slopes, rows, cols);
            loss.backward(level, par, to, dense_y, Target::Values(dense_t));
            if cols > 1 {
                let got = loss.forward(level, par, y, Target::Values(t));
                assert_eq!(got.to_bits(), want.to_bits(), "{level}, {rows} × {cols}");
            }
            let (y, t) = if cols > 1 { (y, t) } else { (dense_y, dense_t) };
            let mut apart = vec![f32::NAN; rows * (cols + 2)];
            let to = &mut ViewMut::strided(&mut apart, rows, cols, cols + 2).expect("long enough");
            loss.backward(level, par, to, y, Target::Values(t));
            let got: Vec<f32> =
                apart.chunks(cols + 2).flat_map(|row| &row[..cols]).copied().collect();
            let same = compare(&want_slopes, &got, Agreement::Bits);
            assert_eq!(same, Ok(()), "{level}, {rows} × {cols}");
        }
    }
}

#[test]
#[should_panic(expected = "the cross-entropy takes classes")]
fn a_target_of_the_wrong_kind_panics() {
    let y = View::new(&[1.0], 1, 1);
    let _ = Loss::CrossEntropy.forward(Level::detect(), Par::Seq, y, Target::Values(y));
}
