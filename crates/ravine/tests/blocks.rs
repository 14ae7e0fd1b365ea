//! Batches that go through the model in blocks, and rows that are read ahead of it, give the bits
//! of whole batches in memory.
#![expect(clippy::cast_possible_truncation, reason = "draws are rounded, classes are few")]

use std::num::NonZeroUsize;

use ravine::data::{Matrix, Purpose, Stream};
use ravine::models::{Linear, Loss, Mlp, Model};
use ravine::simd::{Level, Par};
use ravine::tensor::{Activation, View};
use ravine::{
    Batch, Clip, Examples, Labels, OnNonfinite, Options, Picked, Rows, RowsError, Run, TrainError,
};
use ravine_conformance::{Agreement, compare};

/// Columns of the inputs.
const COLS: usize = 3;

/// Rows that are read as from a file, and cannot be read from `broken` on.
struct Elsewhere<'a> {
    examples: &'a Examples,
    broken: usize,
}

impl Rows for Elsewhere<'_> {
    fn cols(&self) -> usize {
        self.examples.x.cols()
    }

    fn labels(&self) -> &Labels {
        &self.examples.labels
    }

    fn in_memory(&self) -> Option<View<'_>> {
        None
    }

    fn read(&self, par: Par, picked: Picked<'_>, x: &mut [f32]) -> Result<(), RowsError> {
        let last = match &picked {
            Picked::Range(range) => range.end - 1,
            Picked::Rows(rows) => rows.iter().max().map_or(0, |&row| row as usize),
        };
        if last >= self.broken {
            return Err(format!("row {last} is gone").into());
        }
        self.examples.read(par, picked, x)
    }
}

fn elsewhere(examples: &Examples) -> Elsewhere<'_> {
    Elsewhere { examples, broken: usize::MAX }
}

fn draws(rows: usize, cols: usize, index: u64) -> Matrix {
    let mut stream = Stream::new(5, Purpose::Design, index);
    let values = (0..rows * cols).map(|_| stream.normal() as f32).collect();
    Matrix::from_vec(values, rows, cols)
}

fn numbers(rows: usize, outputs: usize) -> Examples {
    Examples { x: draws(rows, COLS, 0), labels: Labels::Values(draws(rows, outputs, 1)) }
}

fn classes(rows: usize, n_classes: u64) -> Examples {
    let mut stream = Stream::new(5, Purpose::Labels, 0);
    let labels = Labels::Classes((0..rows).map(|_| stream.below(n_classes) as u32).collect());
    Examples { x: draws(rows, COLS, 0), labels }
}

fn batch(rows: usize) -> Batch {
    Batch::Rows(NonZeroUsize::new(rows).expect("not zero"))
}

/// A run on one batch of all rows at once, which no loop cuts: what blocks are held against.
fn whole<M: Model>(model: M, loss: Loss, examples: &Examples, options: Options) -> Run<M> {
    let mut run = Run::new(model, loss, options).expect("valid options");
    let target = match &examples.labels {
        Labels::Values(values) => ravine::models::Target::Values(View::new(
            values.as_slice(),
            values.rows(),
            values.cols(),
        )),
        Labels::Classes(classes) => ravine::models::Target::Classes(classes),
    };
    for _ in 0..options.epochs {
        run.step(examples.inputs(), target).expect("a finite step");
    }
    run
}

/// What a run comes to.
struct Outcome {
    params: Vec<f32>,
    digest: String,
    /// Losses and norms of its steps, in bits.
    steps: Vec<(u64, Option<u64>)>,
    /// The loss of its evaluation, in bits.
    evaluation: u64,
}

impl Outcome {
    /// Holds the outcome to another, and names the first step or parameter that differs.
    fn is(&self, wanted: &Self, at: &str) {
        assert_eq!(self.steps.len(), wanted.steps.len(), "steps, {at}");
        for (i, (found, wanted)) in self.steps.iter().zip(&wanted.steps).enumerate() {
            assert_eq!(found, wanted, "loss and norm, step {i}: {at}");
        }
        assert_eq!(compare(&wanted.params, &self.params, Agreement::Bits), Ok(()), "{at}");
        assert_eq!(self.digest, wanted.digest, "digest, {at}");
        assert_eq!(self.evaluation, wanted.evaluation, "evaluation, {at}");
    }
}

fn trained<M: Model>(model: M, loss: Loss, rows: &impl Rows, options: Options) -> Outcome {
    let mut run = Run::new(model, loss, options).expect("valid options");
    let mut steps = Vec::new();
    run.train(rows, |step| steps.push((step.loss.to_bits(), step.grad_norm.map(f64::to_bits))))
        .expect("a finite run");
    let evaluation = run.evaluate(rows).expect("rows that can be read");
    let (params, digest) = (run.params().to_vec(), run.digest());
    Outcome { params, digest, steps, evaluation: evaluation.loss.to_bits() }
}

/// Full batches in blocks, in memory and read, against whole ones.
fn holds<M: Model>(what: &str, model: impl Fn() -> M, loss: Loss, examples: &Examples) {
    let ways = Level::available().zip([1, 2, 3].into_iter().cycle());
    for (clip, (level, threads)) in [Clip::None, Clip::Norm(0.01)].into_iter().cycle().zip(ways) {
        let options = Options { batch: Batch::Full, epochs: 2, clip, ..Options::default() };
        let wanted = whole(model(), loss, examples, options);
        let par = Par::threads(threads);
        let options = Options { level, par, grad_norm: threads == 2, ..options };
        let at = format!("{what}, {} rows, {clip:?}, {level}, {par:?}", examples.rows());
        let near = trained(model(), loss, examples, options);
        let same = compare(wanted.params(), &near.params, Agreement::Bits);
        assert_eq!(same, Ok(()), "in memory, {at}");
        assert_eq!(near.digest, wanted.digest(), "in memory, {at}");
        trained(model(), loss, &elsewhere(examples), options).is(&near, &at);
    }
}

#[test]
fn full_batches_in_blocks_have_the_bits_of_whole_ones() {
    for rows in [4095, 4096, 4097, 2 * 4096, 3 * 4096 - 1, 5 * 4096 + 1] {
        let linear = |outputs| move || Linear::new(COLS, outputs, true);
        holds("linear", linear(1), Loss::MeanSquared, &numbers(rows, 1));
        holds("linear, two outputs", linear(2), Loss::MeanSquared, &numbers(rows, 2));
        holds("logistic", linear(1), Loss::BinaryCrossEntropy, &classes(rows, 2));
        holds("softmax", linear(3), Loss::CrossEntropy, &classes(rows, 3));
    }
    let mlp = || Mlp::new(&[COLS, 7, 3], Activation::Gelu).expect("widths above zero");
    for rows in [4097, 9 * 4096 + 5] {
        holds("perceptron", mlp, Loss::CrossEntropy, &classes(rows, 3));
    }
}

#[test]
fn rows_that_are_read_give_the_bits_of_rows_in_memory() {
    let examples = numbers(10_007, 1);
    let model = || Mlp::new(&[COLS, 5, 1], Activation::Tanh).expect("widths above zero");
    for shuffle in [false, true] {
        for batch in [batch(1), batch(37), batch(5000), batch(10_007), Batch::Full] {
            let options = Options { batch, shuffle, epochs: 2, ..Options::default() };
            let wanted = trained(model(), Loss::MeanSquared, &examples, options);
            let found = trained(model(), Loss::MeanSquared, &elsewhere(&examples), options);
            found.is(&wanted, &format!("{}, {batch:?}, shuffle {shuffle}", options.level));
        }
    }
}

#[test]
fn a_batch_in_blocks_that_is_not_finite_is_skipped_or_named() {
    let mut examples = numbers(9000, 1);
    examples.x.as_mut_slice()[8500 * COLS] = f32::INFINITY;
    let options = Options { batch: Batch::Full, epochs: 3, ..Options::default() };
    let skip = Options { on_nonfinite: OnNonfinite::Skip, ..options };
    let linear = || Linear::new(COLS, 1, true);
    let mut run = Run::new(linear(), Loss::MeanSquared, skip).expect("valid options");
    let before = run.digest();
    let summary = run.train(&elsewhere(&examples), |_| ()).expect("skips do not stop");
    assert_eq!((summary.steps, summary.skipped, run.digest()), (0, 3, before));
    let mut run = Run::new(linear(), Loss::MeanSquared, options).expect("valid options");
    let error = run.train(&elsewhere(&examples), |_| ()).expect_err("stops");
    assert!(matches!(error, TrainError::NonFinite(_)), "{error}");
}

#[test]
fn a_run_that_is_broken_off_goes_on_where_it_stood() {
    let examples = numbers(5000, 1);
    let options = Options { batch: batch(37), epochs: 3, ..Options::default() };
    let start = || Run::new(Linear::new(COLS, 1, true), Loss::MeanSquared, options).expect("valid");
    let mut wanted = start();
    wanted.train(&examples, |_| ()).expect("a finite run");
    let mut run = start();
    while run.position().epoch < 3 {
        let mut left = 100;
        let rows = elsewhere(&examples);
        run.go_on(&rows, |_, _| {
            left -= 1;
            if left == 0 {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        })
        .expect("a finite run");
    }
    assert_eq!(compare(wanted.params(), run.params(), Agreement::Bits), Ok(()));
    assert_eq!(run.digest(), wanted.digest());
}

#[test]
fn rows_that_cannot_be_read_end_a_run_and_an_evaluation() {
    let examples = numbers(10_007, 1);
    for (batch, shuffle, broken) in
        [(batch(37), false, 0), (batch(37), true, 9000), (Batch::Full, true, 5000)]
    {
        let rows = Elsewhere { examples: &examples, broken };
        let options = Options { batch, shuffle, epochs: 2, ..Options::default() };
        let run = Run::new(Linear::new(COLS, 1, true), Loss::MeanSquared, options);
        let mut run = run.expect("valid options");
        let error = run.train(&rows, |_| ()).expect_err("rows are gone");
        assert!(matches!(error, TrainError::Read(_)), "{error}");
        assert!(error.to_string().ends_with("is gone"), "{error}");
        assert!(run.evaluate(&rows).expect_err("rows are gone").to_string().ends_with("is gone"));
    }
}

#[test]
#[should_panic(expected = "an observer's own")]
fn a_panic_of_the_observer_passes_a_thread_that_reads() {
    let examples = numbers(5000, 1);
    let run = Run::new(Linear::new(COLS, 1, true), Loss::MeanSquared, Options::default());
    let trained = run.expect("valid").train(&elsewhere(&examples), |_| panic!("an observer's own"));
    drop(trained);
}

/// Rows of which no memory holds one.
struct Endless(Labels);

impl Rows for Endless {
    fn cols(&self) -> usize {
        1 << 56
    }

    fn labels(&self) -> &Labels {
        &self.0
    }

    fn in_memory(&self) -> Option<View<'_>> {
        None
    }

    fn read(&self, _: Par, _: Picked<'_>, _: &mut [f32]) -> Result<(), RowsError> {
        unreachable!("there is no room for them")
    }
}

#[test]
fn rows_that_memory_does_not_hold_end_a_run() {
    let rows = Endless(Labels::Classes(vec![0, 1, 0]));
    let run = Run::new(Linear::new(COLS, 1, true), Loss::BinaryCrossEntropy, Options::default());
    let error = run.expect("valid options").train(&rows, |_| ()).expect_err("no memory");
    assert!(error.to_string().contains("no more than memory holds"), "{error}");
}
