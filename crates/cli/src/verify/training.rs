//! Whole runs: the same parameters and velocity at the end.

use std::num::NonZeroUsize;

use ravine::data::{Matrix, Purpose, Stream};
use ravine::models::{Linear, Mlp, Model};
use ravine::momentum::{Form, Sgd, WeightDecay};
use ravine::tensor::Activation;
use ravine::{Batch, Examples, Labels, Options, Run, Task};
use ravine_conformance::{Agreement, Extent, Failure, compare};

use super::difference::Place;
use super::tally::Tally;
use super::way::Way;

/// Rows of the data.
const ROWS: usize = 300;
/// Columns of the data.
const COLS: usize = 20;

/// Gradients stored and then applied, and applied as products hand them over.
const FUSION: [&str; 2] = ["", "fused"];
/// Perceptrons that are trained besides a linear model.
const PERCEPTRONS: [Activation; 2] = [Activation::Relu, Activation::Gelu];

/// Ways of all runs.
pub(super) fn count(extent: Extent) -> u64 {
    let models = 1 + PERCEPTRONS.len();
    (forms(extent).len() * batches().len() * models * Way::all(&FUSION).count()) as u64
}

fn forms(extent: Extent) -> &'static [Form] {
    match extent {
        Extent::Quick => &[Form::Classic { nesterov: true }, Form::EmaUnbiased],
        Extent::Full => &[
            Form::Plain,
            Form::Classic { nesterov: false },
            Form::Classic { nesterov: true },
            Form::Dampened { dampening: 0.25, nesterov: false },
            Form::Sutskever { nesterov: true },
            Form::Ema { nesterov: true },
            Form::EmaUnbiased,
            Form::QuasiHyperbolic { nu: 0.7 },
        ],
    }
}

fn batches() -> [Batch; 2] {
    [Batch::Full, Batch::Rows(NonZeroUsize::new(37).expect("37 is not zero"))]
}

/// Compares runs with the scalar level on one thread, not fused.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("training");
    let x = Matrix::from_vec(normals(7, ROWS * COLS), ROWS, COLS);
    let y = Matrix::from_vec(normals(8, ROWS), ROWS, 1);
    let numbers = Examples { x: x.clone(), labels: Labels::Values(y) };
    let classes = (0..3).cycle().take(ROWS).collect();
    let classes = Examples { x, labels: Labels::Classes(classes) };
    for &form in forms(extent) {
        for batch in batches() {
            let options = Options {
                sgd: Sgd { form, weight_decay: WeightDecay::Coupled(0.01) },
                batch,
                epochs: 3,
                ..Options::default()
            };
            let linear = || Linear::new(COLS, 1, true);
            compare_runs(tally, "linear", (&numbers, Task::Regression), options, linear);
            for activation in PERCEPTRONS {
                let widths = [COLS, 64, 33, 3];
                let mlp = || Mlp::new(&widths, activation).expect("no width is zero");
                let what = format!("perceptron with {activation:?}");
                compare_runs(tally, &what, (&classes, Task::Multiclass), options, mlp);
            }
        }
    }
}

fn compare_runs<M: Model>(
    tally: &mut Tally,
    what: &str,
    (examples, task): (&Examples, Task),
    options: Options,
    model: impl Fn() -> M,
) {
    let train = |way: &Way| {
        let ((level, par), fused) = (way.on(), way.manner() == FUSION[1]);
        let options = Options { level, par, fused, ..options };
        let mut run = Run::new(model(), task.loss(), options).expect("in range");
        let trained = run.train(examples, |_| ());
        assert!(trained.is_ok_and(|summary| summary.steps > 0), "a run of moderate numbers ends");
        [("params", run.params().to_vec()), ("velocity", run.state().velocity().to_vec())]
    };
    let expected = train(&Way::all(&FUSION).next().expect("there is a scalar level"));
    let Options { sgd, batch, .. } = options;
    let what = format!("training {what}, {:?}, batch {batch:?}", sgd.form);
    let place = Place { case: &what, length: expected[0].1.len(), offsets: &[] };
    tally.case(&place, Way::all(&FUSION), |way, results| {
        for ((tensor, expected), (_, found)) in expected.iter().zip(train(way)) {
            results.add(&found);
            compare(expected, &found, Agreement::Bits).map_err(|mismatch| Failure {
                case: what.clone(),
                step: None,
                tensor,
                cause: mismatch.into(),
            })?;
        }
        Ok(())
    });
}

/// Normal draws, of a seed's own.
#[expect(clippy::cast_possible_truncation, reason = "draws are rounded to f32")]
fn normals(seed: u64, len: usize) -> Vec<f32> {
    let mut stream = Stream::new(seed, Purpose::Start, 0);
    (0..len).map(|_| stream.normal() as f32).collect()
}
