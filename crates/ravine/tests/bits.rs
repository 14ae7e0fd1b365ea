//! A run's bits are a function of data, configuration and seed alone.
#![expect(clippy::cast_possible_truncation, reason = "draws are rounded, classes are few")]

use std::num::NonZeroUsize;

use ravine::data::{Matrix, Purpose, Stream};
use ravine::models::{Linear, Loss, Mlp, Model};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine::tensor::Activation;
use ravine::{Batch, Clip, Examples, Labels, Options, Run};
use ravine_conformance::{Agreement, compare, sum};

const FORMS: [Form; 7] = [
    Form::Plain,
    Form::Classic { nesterov: true },
    Form::Dampened { dampening: 0.3, nesterov: false },
    Form::Sutskever { nesterov: true },
    Form::Ema { nesterov: false },
    Form::EmaUnbiased,
    Form::QuasiHyperbolic { nu: 0.7 },
];

fn draws(rows: usize, cols: usize, index: u64) -> Matrix {
    let mut stream = Stream::new(1, Purpose::Design, index);
    let values = (0..rows * cols).map(|_| stream.normal() as f32).collect();
    Matrix::from_vec(values, rows, cols)
}

fn classes(rows: usize, classes: u32) -> Labels {
    let mut stream = Stream::new(1, Purpose::Labels, 0);
    Labels::Classes((0..rows).map(|_| stream.below(u64::from(classes)) as u32).collect())
}

fn batch(rows: usize) -> Batch {
    Batch::Rows(NonZeroUsize::new(rows).expect("not zero"))
}

/// What is left of a run.
struct End {
    /// Its level, threads and fusion.
    way: String,
    params: Vec<f32>,
    velocity: Vec<f32>,
    digest: String,
}

/// One run on every level, thread count and fusion.
fn ends<M: Model>(
    model: impl Fn() -> M,
    loss: Loss,
    examples: &Examples,
    options: Options,
) -> Vec<End> {
    let mut found = Vec::new();
    for level in Level::available() {
        for threads in [1, 2, 3, 8] {
            for fused in [true, false] {
                let options = Options { level, par: Par::threads(threads), fused, ..options };
                let mut run = Run::new(model(), loss, options).expect("valid options");
                let way = format!("{level}, {threads} threads, fused {fused}");
                run.train(examples, |_| ()).unwrap_or_else(|error| panic!("{way}: {error}"));
                found.push(End {
                    way,
                    params: run.params().to_vec(),
                    velocity: run.state().velocity().to_vec(),
                    digest: run.digest(),
                });
            }
        }
    }
    found
}

/// Holds all ends to the first, and gives its digest.
fn all_same(what: &str, ends: &[End]) -> String {
    let first = &ends[0];
    for end in ends {
        let at = format!("{what}: {} against {}", end.way, first.way);
        let same = compare(&first.params, &end.params, Agreement::Bits);
        assert_eq!(same, Ok(()), "parameters, {at}");
        let same = compare(&first.velocity, &end.velocity, Agreement::Bits);
        assert_eq!(same, Ok(()), "velocity, {at}");
        assert_eq!(end.digest, first.digest, "digest, {at}");
    }
    first.digest.clone()
}

#[test]
fn every_form_gives_a_perceptron_the_same_bits_everywhere() {
    let examples = Examples { x: draws(50, 9, 0), labels: Labels::Values(draws(50, 3, 1)) };
    let mut seen = Vec::new();
    for form in FORMS {
        let options = Options {
            sgd: Sgd { form, weight_decay: WeightDecay::Coupled(0.01) },
            momentum: Schedule::Linear { from: 0.5, to: 0.9, steps: 5 },
            batch: batch(16),
            epochs: 2,
            ..Options::default()
        };
        let model = || Mlp::new(&[9, 21, 3], Activation::Relu).expect("widths above zero");
        let ends = ends(model, Loss::MeanSquared, &examples, options);
        seen.push(all_same(&format!("{form:?}"), &ends));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), FORMS.len(), "each form takes a path of its own");
}

#[test]
fn every_activation_and_loss_has_the_same_bits_everywhere() {
    for (activation, loss, outputs) in [
        (Activation::Tanh, Loss::CrossEntropy, 4),
        (Activation::Sigmoid, Loss::BinaryCrossEntropy, 1),
        (Activation::Gelu, Loss::CrossEntropy, 4),
    ] {
        let labels = classes(70, if outputs == 1 { 2 } else { 4 });
        let examples = Examples { x: draws(70, 17, 2), labels };
        let options = Options { batch: batch(33), epochs: 2, ..Options::default() };
        let model = || Mlp::new(&[17, 19, 5, outputs], activation).expect("widths above zero");
        all_same(&format!("{activation:?}"), &ends(model, loss, &examples, options));
    }
}

#[test]
fn linear_regression_over_several_leaves_has_the_same_bits_everywhere() {
    let examples = Examples { x: draws(9001, 5, 3), labels: Labels::Values(draws(9001, 1, 4)) };
    let options = Options { batch: Batch::Full, epochs: 4, ..Options::default() };
    let model = || Linear::new(5, 1, true);
    all_same("linear", &ends(model, Loss::MeanSquared, &examples, options));
}

#[test]
fn clipping_has_the_same_bits_everywhere_and_acts() {
    let examples = Examples { x: draws(40, 6, 5), labels: Labels::Values(draws(40, 1, 6)) };
    let mut seen = Vec::new();
    for clip in [Clip::None, Clip::Norm(0.5), Clip::Value(0.05)] {
        let options = Options { batch: batch(8), epochs: 2, clip, ..Options::default() };
        let model = || Mlp::new(&[6, 8, 1], Activation::Tanh).expect("widths above zero");
        let ends = ends(model, Loss::MeanSquared, &examples, options);
        seen.push(all_same(&format!("{clip:?}"), &ends));
    }
    assert!(seen[0] != seen[1] && seen[0] != seen[2] && seen[1] != seen[2], "{seen:?}");
}

#[test]
fn a_norm_scales_by_a_number_that_is_rounded_once() {
    let examples = Examples { x: draws(40, 6, 5), labels: Labels::Values(draws(40, 1, 6)) };
    for level in Level::available() {
        // Classic momentum's velocity after one step is the gradient that the step has taken.
        let taken = |clip| {
            let options =
                Options { level, clip, epochs: 1, batch: batch(40), ..Options::default() };
            let model = Mlp::new(&[6, 8, 1], Activation::Tanh).expect("widths above zero");
            let mut run = Run::new(model, Loss::MeanSquared, options).expect("valid options");
            run.train(&examples, |_| ()).expect("finite");
            run.state().velocity().to_vec()
        };
        let grads = taken(Clip::None);
        let squares: Vec<f64> = grads.iter().map(|&g| f64::from(g) * f64::from(g)).collect();
        let norm = sum::tree(&squares).sqrt();
        for eighths in 1..8_u8 {
            let limit = norm * f64::from(eighths) / 8.0 + 1e-9;
            let factor = (limit / norm) as f32;
            let wanted: Vec<f32> = grads.iter().map(|&g| factor * g).collect();
            let held = compare(&wanted, &taken(Clip::Norm(limit)), Agreement::Bits);
            assert_eq!(held, Ok(()), "{level}, Norm({limit})");
        }
    }
}

#[test]
fn what_a_run_reports_does_not_change_its_bits() {
    let examples = Examples { x: draws(40, 6, 5), labels: Labels::Values(draws(40, 1, 6)) };
    let digest = |grad_norm| {
        let options = Options { grad_norm, epochs: 3, ..Options::default() };
        let model = Mlp::new(&[6, 8, 1], Activation::Relu).expect("widths above zero");
        let mut run = Run::new(model, Loss::MeanSquared, options).expect("valid options");
        let mut norms = 0;
        run.train(&examples, |record| norms += usize::from(record.grad_norm.is_some()))
            .expect("a finite run");
        assert_eq!(norms > 0, grad_norm, "norms are computed where they are asked for");
        run.digest()
    };
    assert_eq!(digest(true), digest(false));
}
