//! What may not change a bit: level, threads, capacity, and the kind of sink.

use ravine_conformance::{Agreement, compare};
use ravine_models::{Linear, Loss, Mlp, Model};
use ravine_simd::{Level, Par};
use ravine_tensor::Activation;

use crate::oracle::numbers;
use crate::pass::{Does, Examples, Run, gradients, pass, pass_in};

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Gelu,
];

fn runs(capacity: usize) -> impl Iterator<Item = Run> {
    Level::available().flat_map(move |level| {
        [1, 2, 3, 5, 8].map(|n| Run { level, par: Par::threads(n), capacity })
    })
}

/// Loss and gradients are the same bits in every run.
fn same<M: Model>(
    model: &M,
    rows: usize,
    loss: Loss,
    first: Run,
    others: impl IntoIterator<Item = Run>,
) {
    let examples = Examples::new(rows, model.inputs(), model.outputs(), 5);
    let params = numbers(model.layout().len(), 9);
    let (value, grads) = gradients(model, first, &params, &examples, loss);
    assert!(grads.iter().all(|g| g.is_finite()) && grads.iter().any(|g| g.abs() > 0.0));
    for run in others {
        let (again, grads_again) = gradients(model, run, &params, &examples, loss);
        let case = format!("{}, {:?}, {loss:?}, {rows} rows", run.level, run.par);
        assert_eq!(compare(&grads, &grads_again, Agreement::Bits), Ok(()), "gradients, {case}");
        assert_eq!(value.to_bits(), again.to_bits(), "loss, {case}");
    }
}

/// [`same`] on all levels by any number of threads.
fn check<M: Model>(model: &M, rows: usize, loss: Loss) {
    let first = Run { level: Level::scalar(), par: Par::Seq, capacity: rows };
    same(model, rows, loss, first, runs(rows + 3));
}

/// [`same`] on the widest level, for what is large.
fn check_threads(model: &Mlp, rows: usize, loss: Loss) {
    let run = |n| Run { level: Level::detect(), par: Par::threads(n), capacity: rows };
    same(model, rows, loss, run(1), [2, 3, 5, 8].map(run));
}

#[test]
fn levels_threads_and_capacity_change_no_bit_of_a_linear_model() {
    for (inputs, outputs, loss) in [
        (1, 1, Loss::MeanSquared),
        (30, 1, Loss::BinaryCrossEntropy),
        (13, 2, Loss::MeanSquared),
        (17, 10, Loss::CrossEntropy),
    ] {
        for rows in [1, 2, 15, 16, 33, 700] {
            check(&Linear::new(inputs, outputs, true), rows, loss);
            check(&Linear::new(inputs, outputs, false), rows, loss);
        }
    }
}

#[test]
fn levels_threads_and_capacity_change_no_bit_of_a_perceptron() {
    for activation in ACTIVATIONS {
        for (widths, rows, loss) in [
            (&[7, 33, 1][..], 5, Loss::BinaryCrossEntropy),
            (&[5, 16, 17, 3], 41, Loss::CrossEntropy),
            (&[3, 1, 4], 300, Loss::MeanSquared),
        ] {
            check(&Mlp::new(widths, activation).unwrap(), rows, loss);
        }
    }
}

#[test]
fn threads_change_no_bit_of_passes_that_are_worth_eight_of_them() {
    // Of whose 300 rows behind the first layer each of eight threads has 2²⁰ multiply-adds.
    for activation in [Activation::Relu, Activation::Gelu] {
        let model = Mlp::new(&[20, 200, 150, 3], activation).unwrap();
        check_threads(&model, 300, Loss::CrossEntropy);
    }
}

#[test]
fn threads_change_no_bit_where_samples_are_too_few_to_share() {
    // Each of eight threads has 2²⁰ multiply-adds, and a part of every layer's features.
    for activation in [Activation::Relu, Activation::Gelu] {
        let model = Mlp::new(&[9, 700, 750, 3], activation).unwrap();
        check_threads(&model, 16, Loss::MeanSquared);
    }
}

#[test]
fn threads_that_share_samples_keep_chains_of_their_own() {
    // Chains of 700 and 750 terms are put away and taken up again; 70 samples are five panels.
    let model = Mlp::new(&[9, 700, 750, 3], Activation::Tanh).unwrap();
    check_threads(&model, 70, Loss::MeanSquared);
}

#[test]
fn threads_change_no_bit_where_weights_are_more_than_features() {
    // Of 40 samples, so threads share the outputs of a layer, and z where it is kept.
    for activation in [Activation::Relu, Activation::Gelu] {
        let model = Mlp::new(&[300, 700, 150, 3], activation).unwrap();
        check_threads(&model, 40, Loss::MeanSquared);
    }
}

#[test]
fn threads_change_no_bit_where_the_samples_are_cut_into_leaves() {
    let model = Mlp::new(&[3, 4, 2], Activation::Tanh).unwrap();
    for loss in [Loss::MeanSquared, Loss::CrossEntropy] {
        check_threads(&model, 4096 * 2 + 77, loss);
    }
}

#[test]
fn a_cache_serves_batches_of_all_sizes_in_turn() {
    let model = Mlp::new(&[6, 9, 4, 2], Activation::Gelu).unwrap();
    let params = numbers(model.layout().len(), 1);
    let (level, par) = (Level::detect(), Par::Seq);
    let mut cache = model.cache(level, par, 20);
    for rows in [20, 3, 1, 17] {
        let examples = Examples::new(rows, 6, 2, rows as u64);
        let run = Run { level, par, capacity: rows };
        let (_, want) = gradients(&model, run, &params, &examples, Loss::MeanSquared);
        let what = (Loss::MeanSquared, Does::Stores);
        let (_, grads) = pass_in(&model, &mut cache, run, &params, &examples, what);
        assert_eq!(compare(&want, &grads, Agreement::Bits), Ok(()), "{level}, {rows} rows");
    }
}

#[test]
fn a_sink_that_changes_weights_at_once_leaves_what_storing_first_leaves() {
    for activation in ACTIVATIONS {
        for widths in [&[5, 3][..], &[4, 1, 2], &[6, 35, 17, 4], &[3, 8, 8, 8, 1], &[20, 64, 33, 3]]
        {
            let model = Mlp::new(widths, activation).unwrap();
            let examples = Examples::new(19, widths[0], model.outputs(), 2);
            let params = numbers(model.layout().len(), 4);
            let loss = Loss::MeanSquared;
            let first = Run { level: Level::detect(), par: Par::Seq, capacity: 19 };
            let (_, grads) = gradients(&model, first, &params, &examples, loss);
            let want: Vec<f32> = params.iter().zip(&grads).map(|(w, g)| w - g).collect();
            for run in runs(19) {
                let (_, changed) = pass(&model, run, &params, &examples, loss, Does::Descends);
                let case = format!("{widths:?}, {activation:?}, {}, {:?}", run.level, run.par);
                assert_eq!(compare(&want, &changed, Agreement::Bits), Ok(()), "{case}");
            }
        }
    }
}

#[test]
fn every_gradient_is_handed_out_exactly_once() {
    fn check<M: Model>(model: &M, rows: usize) {
        let examples = Examples::new(rows, model.inputs(), model.outputs(), 2);
        let params = numbers(model.layout().len(), 4);
        for run in runs(rows) {
            // A pass counts, and fails where a count is not one.
            let _ = gradients(model, run, &params, &examples, Loss::MeanSquared);
        }
    }
    for rows in [1, 18, 100] {
        check(&Linear::new(35, 3, true), rows);
        check(&Linear::new(1, 1, false), rows);
        check(&Mlp::new(&[6, 35, 17, 4], Activation::Relu).unwrap(), rows);
        check(&Mlp::new(&[1, 1, 1, 1, 1], Activation::Gelu).unwrap(), rows);
    }
}
