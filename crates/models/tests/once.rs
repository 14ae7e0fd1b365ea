//! A pass that reads its inputs once has the bits of the passes that read them twice.

use ravine_conformance::{Agreement, Draw, compare};
use ravine_models::{BatchLoss, Linear, Loss, Model, Store, Target};
use ravine_simd::{Level, Par};
use ravine_tensor::{LEAF_ROWS, View, ViewMut};

fn wave(len: usize, seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, len)
}

/// Loss and gradients by predictions first, then by samples.
fn twice(
    model: &Linear,
    params: &[f32],
    x: View<'_>,
    target: Target<'_>,
    loss: Loss,
) -> (f64, Vec<f32>) {
    let (level, par) = (Level::detect(), Par::Seq);
    let mut cache = model.cache(level, par, x.rows());
    let y = model.forward(&mut cache, params, x);
    let value = loss.forward(level, par, y, target);
    let (mut dy, mut grads) = (vec![f32::NAN; x.rows()], vec![f32::NAN; params.len()]);
    loss.backward(level, par, &mut ViewMut::from_col(&mut dy), y, target);
    let store = Store { params, grads: &mut grads };
    model.backward(&mut cache, store, x, View::from_col(&dy));
    (value, grads)
}

fn compare_passes(rows: usize, cols: usize, levels: &[Level], threads: &[usize]) {
    let (x, t) = (wave(rows * cols, 3), wave(rows, 8));
    let classes: Vec<u32> = [0, 1, 1].into_iter().cycle().take(rows).collect();
    let probabilities: Vec<f32> = t.iter().map(|t| t.abs().min(1.0)).collect();
    let x = View::new(&x, rows, cols);
    for bias in [false, true] {
        let model = Linear::new(cols, 1, bias);
        let params = wave(model.layout().len(), 5);
        for (loss, target) in [
            (Loss::MeanSquared, Target::Values(View::from_col(&t))),
            (Loss::BinaryCrossEntropy, Target::Values(View::from_col(&probabilities))),
            (Loss::BinaryCrossEntropy, Target::Classes(&classes)),
        ] {
            let (value, want) = twice(&model, &params, x, target, loss);
            for (&level, &threads) in
                levels.iter().flat_map(|l| threads.iter().map(move |t| (l, t)))
            {
                let mut cache = model.cache(level, Par::threads(threads), rows);
                let mut batch = BatchLoss::new(loss, rows, 1);
                let got = model.once(&mut cache, &params, x, target, &mut batch);
                let at = format!("{loss:?}, {rows} × {cols}, {level}, {threads} threads, {bias}");
                let got = got.expect("a pass of one output");
                assert_eq!(compare(&want, got, Agreement::Bits), Ok(()), "{at}");
                assert_eq!(batch.mean().to_bits(), value.to_bits(), "{at}");
            }
        }
    }
}

#[test]
fn rows_and_columns_of_any_number_have_the_bits_of_two_passes() {
    let levels: Vec<Level> = Level::available().collect();
    for rows in [1, 2, 15, 16, 17, 33, 300] {
        for cols in [1, 2, 3, 4, 5, 7, 15, 16, 17, 32, 40, 50, 64, 100, 129] {
            compare_passes(rows, cols, &levels, &[1]);
        }
    }
}

#[test]
fn no_columns_have_the_bits_of_two_passes() {
    let levels: Vec<Level> = Level::available().collect();
    for rows in [1, 17, 40] {
        compare_passes(rows, 0, &levels, &[1]);
    }
}

#[test]
fn views_without_elements_or_of_one_row_have_any_stride() {
    let classes = [0; 17];
    let none = View::strided(&[], 17, 0, 1, 1).expect("no elements");
    let row = View::strided(&[1.0, 2.0], 1, 2, usize::MAX, 1).expect("one row");
    for (x, level) in [none, row].into_iter().flat_map(|x| Level::available().map(move |l| (x, l)))
    {
        let (rows, model) = (x.rows(), Linear::new(x.cols(), 1, true));
        let params = wave(model.layout().len(), 5);
        let mut batch = BatchLoss::new(Loss::BinaryCrossEntropy, rows, 1);
        let mut cache = model.cache(level, Par::Seq, rows);
        let target = Target::Classes(&classes[..rows]);
        let grads = model.once(&mut cache, &params, x, target, &mut batch).expect("one output");
        let dense: Vec<f32> = x.iter().collect();
        let dense = View::new(&dense, rows, x.cols());
        let (value, want) = twice(&model, &params, dense, target, Loss::BinaryCrossEntropy);
        assert_eq!(compare(&want, grads, Agreement::Bits), Ok(()), "{level}, {rows} rows");
        assert_eq!(batch.mean().to_bits(), value.to_bits(), "{level}, {rows} rows");
    }
}

#[test]
fn leaves_and_threads_have_the_bits_of_two_passes() {
    for leaves in [1, 2, 3, 5] {
        for extra in [0, 1] {
            let rows = leaves * LEAF_ROWS + extra;
            compare_passes(rows, 9, &[Level::detect()], &[1, 2, 3, 8]);
        }
    }
}

#[test]
fn leaves_of_one_column_run_side_by_side_and_have_the_bits_of_two_passes() {
    let levels: Vec<Level> = Level::available().collect();
    for rows in [2 * LEAF_ROWS, 3 * LEAF_ROWS + 5, 16 * LEAF_ROWS, 17 * LEAF_ROWS + 1] {
        compare_passes(rows, 1, &levels, &[1, 2, 3]);
    }
}

#[test]
fn columns_of_a_wider_table_have_the_bits_of_two_passes() {
    let rows = 3 * LEAF_ROWS;
    let (x, t) = (wave(rows * 10, 3), wave(rows, 8));
    for cols in [2..3, 0..7, 3..10] {
        let x = View::new(&x, rows, 10).t().row_range(cols.clone()).t();
        let model = Linear::new(x.cols(), 1, true);
        let (params, target) = (wave(x.cols() + 1, 5), Target::Values(View::from_col(&t)));
        let (value, want) = twice(&model, &params, x, target, Loss::MeanSquared);
        for level in Level::available() {
            let mut cache = model.cache(level, Par::Seq, rows);
            let mut batch = BatchLoss::new(Loss::MeanSquared, rows, 1);
            let got = model.once(&mut cache, &params, x, target, &mut batch);
            let got = got.expect("a pass of one output");
            let at = format!("{level}, columns {cols:?}");
            assert_eq!(compare(&want, got, Agreement::Bits), Ok(()), "{at}");
            assert_eq!(batch.mean().to_bits(), value.to_bits(), "{at}");
        }
    }
}

#[test]
#[should_panic(expected = "the mean squared loss takes values")]
fn a_target_of_another_kind_is_refused() {
    let model = Linear::new(2, 1, false);
    let mut cache = model.cache(Level::detect(), Par::Seq, 2);
    let mut batch = BatchLoss::new(Loss::MeanSquared, 2, 1);
    let x = View::new(&[1.0; 4], 2, 2);
    let _ = model.once(&mut cache, &[0.0; 2], x, Target::Classes(&[0, 1]), &mut batch);
}

#[test]
#[should_panic(expected = "columns")]
fn a_backward_pass_refuses_inputs_of_other_columns_than_its_forward_pass_had() {
    let model = Linear::new(2, 1, false);
    let mut cache = model.cache(Level::detect(), Par::Seq, 2);
    let (params, mut grads) = ([0.0; 2], [0.0; 2]);
    model.forward(&mut cache, &params, View::new(&[1.0; 4], 2, 2));
    let store = Store { params: &params, grads: &mut grads };
    model.backward(&mut cache, store, View::new(&[1.0; 6], 2, 3), View::new(&[1.0; 2], 2, 1));
}

#[test]
fn what_has_no_such_pass_says_so() {
    let (x, t) = (wave(12, 1), wave(12, 2));
    let pass = |outputs: usize, x: View<'_>, loss| {
        let model = Linear::new(x.cols(), outputs, true);
        let params = vec![0.0; model.layout().len()];
        let mut cache = model.cache(Level::detect(), Par::Seq, x.rows());
        let mut batch = BatchLoss::new(loss, x.rows(), outputs);
        let classes = vec![0; x.rows()];
        let target = match loss {
            Loss::CrossEntropy => Target::Classes(&classes),
            _ => Target::Values(View::new(&t[..x.rows() * outputs], x.rows(), outputs)),
        };
        model.once(&mut cache, &params, x, target, &mut batch).is_some()
    };
    let x = View::new(&x, 3, 4);
    assert!(pass(1, x, Loss::MeanSquared));
    assert!(!pass(2, x, Loss::MeanSquared), "two outputs");
    assert!(!pass(1, x, Loss::CrossEntropy), "a loss of classes");
    assert!(!pass(1, x.t(), Loss::MeanSquared), "columns that lie apart");
    assert!(!pass(1, x.row_range(3..3), Loss::MeanSquared), "no samples");
}
