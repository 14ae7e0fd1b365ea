//! Whole runs: the same parameters and velocity at the end.

use std::num::NonZeroUsize;

use ravine::data::{Matrix, Purpose, Stream};
use ravine::models::{Linear, Mlp, Model};
use ravine::momentum::{Form, Sgd, WeightDecay};
use ravine::tensor::Activation;
use ravine::{Batch, Examples, Labels, Options, Run, Task};
use ravine_conformance::{Agreement, Extent, Failure, Mismatch, compare};

use super::difference::Place;
use super::tally::Tally;
use super::way::Way;

/// Rows of the data.
const ROWS: usize = 300;
/// Columns of the data.
const COLS: usize = 20;
/// Widths of a perceptron.
const WIDTHS: [usize; 4] = [COLS, 64, 33, 3];
/// Those of one whose passes are worth eight threads: each takes 2²⁰ multiply-adds at least, of
/// which a row costs 200·150 + 150·3 behind the first layer.
const WIDE: [usize; 4] = [COLS, 200, 150, 3];
/// Rows and columns of data that are worth eight threads to a linear model: each takes 2¹⁵ numbers
/// at least, and leaves of 4096 rows.
const TALL: [usize; 2] = [8 * 4096 + 77, 9];

/// Gradients stored and then applied, and applied as products hand them over.
const FUSION: [&str; 2] = ["", "fused"];
/// What a run comes to.
const TENSORS: [&str; 2] = ["params", "velocity"];
/// Perceptrons that are trained besides a linear model.
const PERCEPTRONS: [Activation; 2] = [Activation::Relu, Activation::Gelu];

/// Ways of all runs.
pub(super) fn count(extent: Extent) -> u64 {
    let models = 1 + PERCEPTRONS.len();
    let runs = forms(extent).len() * batches().len() * models + 2;
    (runs * Way::all(&FUSION).count()) as u64
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
    let numbers = numbers(ROWS, COLS);
    let classes = (0..3).cycle().take(ROWS).collect();
    let classes = Examples { x: numbers.x.clone(), labels: Labels::Classes(classes) };
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
                let mlp = || Mlp::new(&WIDTHS, activation).expect("no width is zero");
                let what = format!("perceptron with {activation:?}");
                compare_runs(tally, &what, (&classes, Task::Multiclass), options, mlp);
            }
        }
    }
    // Enough for as many threads as are asked for.
    let options = Options { batch: Batch::Full, epochs: 2, ..Options::default() };
    let mlp = || Mlp::new(&WIDE, Activation::Gelu).expect("no width is zero");
    compare_runs(tally, "wide perceptron", (&classes, Task::Multiclass), options, mlp);
    let [rows, cols] = TALL;
    let (numbers, linear) = (self::numbers(rows, cols), || Linear::new(cols, 1, true));
    compare_runs(tally, "tall linear", (&numbers, Task::Regression), options, linear);
}

/// Rows of numbers, and one to predict of each.
fn numbers(rows: usize, cols: usize) -> Examples {
    let x = Matrix::from_vec(normals(7, rows * cols), rows, cols);
    Examples { x, labels: Labels::Values(Matrix::from_vec(normals(8, rows), rows, 1)) }
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
        // On a broken level a run may end early; what it has come to is compared all the same, and
        // so is how far it came.
        drop(run.train(examples, |_| ()));
        let trained = [run.params().to_vec(), run.state().velocity().to_vec()];
        (trained, run.summary().steps)
    };
    let (expected, _) = train(&Way::all(&FUSION).next().expect("there is a scalar level"));
    let Options { sgd, batch, .. } = options;
    let what = format!("training {what}, {:?}, batch {batch:?}", sgd.form);
    let place = Place { case: &what, length: expected[0].len(), offsets: &[] };
    let failure = |tensor, cause: Mismatch| Failure {
        case: what.clone(),
        step: None,
        tensor,
        cause: cause.into(),
    };
    tally.case(&place, Way::all(&FUSION), |way, results| {
        let (trained, steps) = train(way);
        for ((tensor, expected), found) in TENSORS.into_iter().zip(&expected).zip(&trained) {
            results.add(found);
            compare(expected, found, Agreement::Bits).map_err(|cause| failure(tensor, cause))?;
        }
        // The scalar level may be the broken one, so this does not come from it.
        let wanted = steps_of(&options, examples.x.rows());
        let [wanted, found] = [wanted, steps].map(|steps| [steps as f64]);
        compare(&wanted, &found, Agreement::Bits).map_err(|cause| failure("steps", cause))
    });
}

/// Steps of a run on so many rows that is not ended early.
fn steps_of(options: &Options, rows: usize) -> u64 {
    let batches = match options.batch {
        Batch::Full => 1,
        Batch::Rows(batch) => rows.div_ceil(batch.get()),
    };
    options.epochs * batches as u64
}

/// Normal draws, of a seed's own.
#[expect(clippy::cast_possible_truncation, reason = "draws are rounded to f32")]
fn normals(seed: u64, len: usize) -> Vec<f32> {
    let mut stream = Stream::new(seed, Purpose::Start, 0);
    (0..len).map(|_| stream.normal() as f32).collect()
}

#[cfg(test)]
mod tests {
    use ravine::momentum::Schedule;

    use super::*;

    #[test]
    fn a_run_that_ends_early_is_a_difference_that_names_how_far_it_came() {
        let examples = numbers(ROWS, COLS);
        let lr = Schedule::Constant(1e30);
        let options = Options { lr, batch: Batch::Full, epochs: 3, ..Options::default() };
        let ways = Way::all(&FUSION).count() as u64;
        let mut tally = Tally::new(ways);
        tally.family("training");
        let model = || Linear::new(COLS, 1, true);
        compare_runs(&mut tally, "linear", (&examples, Task::Regression), options, model);
        assert_eq!((tally.cases(), tally.mismatches()), (ways, ways));
        let first = tally.first.expect("every way differs").to_string();
        assert!(first.contains("level scalar, threads 1, step 0, steps, index 0"), "{first}");
    }
}
