//! Whole runs: the same parameters and velocity at the end.

use std::num::NonZeroUsize;

use ravine::data::Matrix;
use ravine::models::{Linear, Mlp, Model};
use ravine::momentum::{Form, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine::tensor::Activation;
use ravine::{Batch, Examples, Labels, Options, Run, Task};

use super::THREADS;
use super::oracle::normals;
use super::tally::{Case, Tally};

/// Rows of the data.
const ROWS: usize = 300;
/// Columns of the data.
const COLS: usize = 20;

/// Compares runs with the scalar level on one thread, not fused.
pub(super) fn run(tally: &mut Tally, full: bool) {
    let forms: &[Form] = if full {
        &[
            Form::Plain,
            Form::Classic { nesterov: false },
            Form::Dampened { dampening: 0.25, nesterov: false },
            Form::Sutskever { nesterov: true },
            Form::Ema { nesterov: true },
            Form::EmaUnbiased,
            Form::QuasiHyperbolic { nu: 0.7 },
        ]
    } else {
        &[Form::Classic { nesterov: true }, Form::EmaUnbiased]
    };
    let x = Matrix::from_vec(normals(7, ROWS * COLS), ROWS, COLS);
    let y = Matrix::from_vec(normals(8, ROWS), ROWS, 1);
    let numbers = Examples { x: x.clone(), labels: Labels::Values(y) };
    let classes = (0..3).cycle().take(ROWS).collect();
    let classes = Examples { x, labels: Labels::Classes(classes) };
    for &form in forms {
        for batch in [Batch::Full, Batch::Rows(NonZeroUsize::new(37).expect("37 is not zero"))] {
            let options = Options {
                sgd: Sgd { form, weight_decay: WeightDecay::Coupled(0.01) },
                batch,
                epochs: 3,
                ..Options::default()
            };
            let linear = || Linear::new(COLS, 1, true);
            compare(tally, "linear regression", (&numbers, Task::Regression), options, linear);
            for activation in [Activation::Relu, Activation::Gelu] {
                let widths = [COLS, 64, 33, 3];
                let mlp = || Mlp::new(&widths, activation).expect("no width is zero");
                let what = format!("perceptron with {activation:?}");
                compare(tally, &what, (&classes, Task::Multiclass), options, mlp);
            }
        }
    }
}

fn compare<M: Model>(
    tally: &mut Tally,
    what: &str,
    (examples, task): (&Examples, Task),
    options: Options,
    model: impl Fn() -> M,
) {
    let train = |level, threads, fused| {
        let options = Options { level, par: Par::threads(threads), fused, ..options };
        let mut run = Run::new(model(), task.loss(), options).expect("in range");
        let trained = run.train(examples, |_| ());
        assert!(trained.is_ok_and(|summary| summary.steps > 0), "a run of moderate numbers ends");
        [run.params().to_vec(), run.state().velocity().to_vec()]
    };
    let expected = train(Level::scalar(), 1, false);
    expected.iter().for_each(|values| tally.expect(values));
    for level in Level::available() {
        for threads in THREADS {
            for fused in [false, true] {
                let found = train(level, threads, fused);
                let Options { sgd, batch, .. } = options;
                let what = format!("{what}, {:?}, batch {batch:?}, fused {fused}", sgd.form);
                let pairs = expected.iter().zip(&found).map(|(a, b)| (&a[..], &b[..]));
                tally.compare(&Case { what: &what, level, threads }, pairs);
            }
        }
    }
}
