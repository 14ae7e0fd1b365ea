//! A run that was saved and goes on is the run that never stopped, bit for bit.
#![expect(clippy::cast_possible_truncation, reason = "draws are rounded")]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;

use ravine::data::{Matrix, Purpose, Stream};
use ravine::models::{Linear, Loss, Mlp, Model};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine::tensor::Activation;
use ravine::{
    Batch, Clip, Examples, Labels, Notes, OnNonfinite, Options, Run, Saved, StepRecord, Summary,
};

const FORMS: [Form; 7] = [
    Form::Plain,
    Form::Classic { nesterov: true },
    Form::Dampened { dampening: 0.3, nesterov: false },
    Form::Sutskever { nesterov: true },
    Form::Ema { nesterov: false },
    Form::EmaUnbiased,
    Form::QuasiHyperbolic { nu: 0.7 },
];
/// Batches of three epochs of eleven rows by four.
const BATCHES: u64 = 9;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn draws(rows: usize, cols: usize, index: u64) -> Matrix {
    let mut stream = Stream::new(5, Purpose::Design, index);
    let values = (0..rows * cols).map(|_| stream.normal() as f32).collect();
    Matrix::from_vec(values, rows, cols)
}

fn examples() -> Examples {
    Examples { x: draws(11, 5, 0), labels: Labels::Values(draws(11, 2, 1)) }
}

fn options(form: Form) -> Options {
    Options {
        sgd: Sgd { form, weight_decay: WeightDecay::Coupled(0.01) },
        lr: Schedule::Cosine { from: 0.1, to: 0.01, steps: 7 },
        momentum: Schedule::Linear { from: 0.5, to: 0.9, steps: 5 },
        batch: Batch::Rows(NonZeroUsize::new(4).expect("not zero")),
        epochs: 3,
        seed: 3,
        ..Options::default()
    }
}

/// Everything that a course leaves: bits of each step, counts, and the digest.
type Course = (Vec<Option<[u64; 4]>>, Summary, String);

/// Holds a course to another, and names the first batch that differs.
fn same(found: &Course, wanted: &Course, at: &str) {
    assert_eq!(found.0.len(), wanted.0.len(), "batches, {at}");
    for (i, (found, wanted)) in found.0.iter().zip(&wanted.0).enumerate() {
        assert_eq!(found, wanted, "batch {i}: {at}");
    }
    assert_eq!(found.1, wanted.1, "{at}");
    assert_eq!(found.2, wanted.2, "digest after step {}, {at}", wanted.1.steps);
}

fn bits(record: Option<&StepRecord>) -> Option<[u64; 4]> {
    let StepRecord { step, loss, lr, momentum, .. } = record?;
    Some([*step, loss.to_bits(), lr.to_bits(), momentum.to_bits()])
}

/// Takes `n` more batches, or all that are left.
fn go_on<M: Model>(run: &mut Run<M>, examples: &Examples, n: u64) -> Vec<Option<[u64; 4]>> {
    let mut seen = Vec::new();
    run.go_on(examples, |_, record| {
        seen.push(bits(record));
        if seen.len() as u64 == n { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .expect("a finite run");
    seen
}

/// Compares the whole course with one that is saved after every batch, and goes on from the file
/// on another level, with other threads, and the other way of fusion.
fn resumes_everywhere<M: Model>(
    name: &str,
    model: impl Fn() -> M,
    options: Options,
    examples: &Examples,
) -> Course {
    let new = || Run::new(model(), Loss::MeanSquared, options).expect("valid options");
    let mut whole = new();
    let steps = go_on(&mut whole, examples, u64::MAX);
    let course = (steps, whole.summary(), whole.digest());
    let levels: Vec<Level> = Level::available().collect();
    for stop in 1..=BATCHES {
        let mut begun = new();
        let mut steps = go_on(&mut begun, examples, stop);
        let path = file(&format!("{name}.safetensors"));
        begun.save(&path, &Notes::new()).expect("a writable folder");
        let saved = Saved::read(&path).expect("a saved run");
        let level = levels[stop as usize % levels.len()];
        let par = Par::threads(1 + stop as usize % 3);
        let options = Options { level, par, fused: stop % 2 == 0, ..options };
        let mut rest = Run::resume(model(), Loss::MeanSquared, options, &saved).expect("its own");
        let at = format!("{name} saved after batch {stop}, resumed on {level}");
        assert_eq!(rest.position(), begun.position(), "batch {stop}: {at}");
        steps.extend(go_on(&mut rest, examples, u64::MAX));
        let found = (steps, rest.summary(), rest.digest());
        same(&found, &course, &at);
    }
    course
}

#[test]
fn every_form_goes_on_from_every_batch_as_if_it_had_never_stopped() {
    let examples = examples();
    let mut seen = Vec::new();
    for (idx, form) in FORMS.into_iter().enumerate() {
        let mlp = || Mlp::new(&[5, 6, 2], Activation::Tanh).expect("widths above zero");
        let options = options(form);
        let course = resumes_everywhere(&format!("mlp-{idx}"), mlp, options, &examples);
        assert_eq!(course.1, Summary { steps: BATCHES, skipped: 0 });
        seen.push(course.2);
        let linear = || Linear::new(5, 2, true);
        seen.push(resumes_everywhere(&format!("linear-{idx}"), linear, options, &examples).2);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 2 * FORMS.len(), "each form takes a path of its own");
}

#[test]
fn skipped_batches_stay_counted() {
    let mut examples = examples();
    let Labels::Values(values) = &mut examples.labels else { unreachable!("values") };
    values.as_mut_slice()[9] = f32::INFINITY;
    let options =
        Options { on_nonfinite: OnNonfinite::Skip, ..options(Form::Classic { nesterov: false }) };
    let course = resumes_everywhere("skips", || Linear::new(5, 2, true), options, &examples);
    assert_eq!(course.1, Summary { steps: BATCHES - 3, skipped: 3 });
}

#[test]
fn clips_and_orders_go_on_too() {
    for (name, clip, shuffle) in
        [("norm", Clip::Norm(0.5), true), ("value", Clip::Value(0.05), false)]
    {
        let options = Options { clip, shuffle, ..options(Form::EmaUnbiased) };
        let model = || Mlp::new(&[5, 4, 2], Activation::Relu).expect("widths above zero");
        resumes_everywhere(name, model, options, &examples());
    }
}

#[test]
fn a_longer_course_goes_on_from_the_end_of_a_shorter_one() {
    let (examples, model) = (examples(), || Linear::new(5, 2, true));
    let options = options(Form::Sutskever { nesterov: true });
    let mut short = Run::new(model(), Loss::MeanSquared, options).expect("valid");
    let mut steps = go_on(&mut short, &examples, u64::MAX);
    let path = file("short.safetensors");
    short.save(&path, &Notes::new()).expect("a writable folder");
    let saved = Saved::read(&path).expect("a saved run");
    let long = Options { epochs: 5, ..options };
    let mut rest = Run::resume(model(), Loss::MeanSquared, long, &saved).expect("its own");
    steps.extend(go_on(&mut rest, &examples, u64::MAX));
    let mut whole = Run::new(model(), Loss::MeanSquared, long).expect("valid");
    let wanted = (go_on(&mut whole, &examples, u64::MAX), whole.summary(), whole.digest());
    let at = format!("saved after epoch 3 of 5, resumed on {}", long.level);
    same(&(steps, rest.summary(), rest.digest()), &wanted, &at);
}

#[test]
fn the_same_run_makes_the_same_file_on_every_level() {
    let notes = Notes::from([("b", "2"), ("a", "ü\"\n")].map(|(k, v)| (k.into(), v.into())));
    let mut first = None;
    for level in Level::available() {
        let options = Options { level, ..options(Form::EmaUnbiased) };
        let mut run = Run::new(Linear::new(5, 2, true), Loss::MeanSquared, options).expect("valid");
        go_on(&mut run, &examples(), 5);
        let path = file("same.safetensors");
        run.save(&path, &notes).expect("a writable folder");
        let bytes = std::fs::read(&path).expect("just written");
        assert!(*first.get_or_insert_with(|| bytes.clone()) == bytes, "{level}");
        assert_eq!(*Saved::read(&path).expect("a saved run").notes(), notes);
    }
}
