//! The loop against numbers worked out elsewhere.

use ravine::data::Matrix;
use ravine::models::{Linear, Loss};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::{
    Batch, Clip, Examples, Labels, NonFinite, OnNonfinite, Options, Quantity, Run, TrainError,
};

/// Four rows of y = 3x₁ + x₂ − 2.
fn candle() -> Examples {
    let x = Matrix::from_vec(vec![2.0, 1.0, 7.0, 4.0, -4.0, 12.0, 5.0, 8.0], 4, 2);
    let y = Matrix::from_vec(vec![5.0, 23.0, -2.0, 21.0], 4, 1);
    Examples { x, labels: Labels::Values(y) }
}

/// Weights and intercept after `epochs` full-batch steps.
fn trained(form: Form, momentum: f64, weight_decay: WeightDecay, epochs: u64) -> Vec<f32> {
    let options = Options {
        sgd: Sgd { form, weight_decay },
        // The published numbers are for the sum of squared errors: four times the mean.
        lr: Schedule::Constant(0.004 * 4.0),
        momentum: Schedule::Constant(momentum),
        batch: Batch::Full,
        epochs,
        ..Options::default()
    };
    let mut run = Run::new(Linear::new(2, 1, true), Loss::MeanSquared, options).expect("valid");
    run.train(&candle(), |_| ()).expect("a finite run");
    run.params().to_vec()
}

fn close(found: &[f32], wanted: [f64; 3], bound: f64) {
    let level = Options::default().level;
    for (i, (&found, wanted)) in found.iter().zip(wanted).enumerate() {
        let is_near = (f64::from(found) - wanted).abs() <= bound;
        assert!(is_near, "{level}: params[{i}] is {found}, not {wanted}");
    }
}

#[test]
fn candles_linear_regression_comes_out() {
    let plain = trained(Form::Plain, 0.0, WeightDecay::None, 1000);
    close(&plain, [2.9983196, 0.997_902_04, -1.9796902], 1e-5);
    let classic = Form::Classic { nesterov: false };
    close(&trained(Form::Plain, 0.0, WeightDecay::None, 100), [2.8809, 0.8513, -0.5606], 6e-5);
    close(&trained(classic, 0.1, WeightDecay::None, 100), [2.8870, 0.8589, -0.6341], 6e-5);
    let dampened = Form::Dampened { dampening: 0.2, nesterov: false };
    close(&trained(dampened, 0.1, WeightDecay::None, 100), [2.8746, 0.8434, -0.4838], 6e-5);
    // A penalty on the sum is a quarter of it on the mean.
    let decay = WeightDecay::Coupled(0.4 / 4.0);
    close(&trained(classic, 0.1, decay, 100), [2.8751, 0.8514, -0.5626], 6e-5);
}

#[test]
fn a_rate_that_diverges_stops_at_the_step_that_is_not_finite() {
    let options = Options {
        lr: Schedule::Constant(10.0),
        batch: Batch::Full,
        epochs: 1000,
        ..Options::default()
    };
    for fused in [true, false] {
        let options = Options { fused, ..options };
        let mut run = Run::new(Linear::new(2, 1, true), Loss::MeanSquared, options).expect("valid");
        let mut losses = Vec::new();
        let stopped = run.train(&candle(), |record| losses.push(record.loss)).expect_err("stops");
        assert!(losses.iter().all(|loss| loss.is_finite()), "every reported loss is finite");
        assert!(stopped.to_string().contains(&format!("step {}", losses.len())));
    }
}

#[test]
fn a_skipped_step_leaves_every_byte() {
    let mut bad = candle();
    let Labels::Values(values) = &mut bad.labels else { unreachable!("values") };
    values.as_mut_slice()[2] = f32::INFINITY;
    let options = Options { batch: Batch::Full, epochs: 3, ..Options::default() };
    for fused in [true, false] {
        let skip = Options { on_nonfinite: OnNonfinite::Skip, fused, ..options };
        let mut run = Run::new(Linear::new(2, 1, true), Loss::MeanSquared, skip).expect("valid");
        run.train(&candle(), |_| ()).expect("a finite run");
        let (before, steps) = (run.digest(), run.state().step_count());
        let summary = run.train(&bad, |_| ()).expect("skips do not stop");
        assert_eq!(run.digest(), before, "fused {fused}");
        assert_eq!((summary.steps, summary.skipped), (steps, 3));
    }
    let mut run = Run::new(Linear::new(2, 1, true), Loss::MeanSquared, options).expect("valid");
    let stopped = run.train(&bad, |_| ()).expect_err("stops");
    let wanted = NonFinite { step: 0, what: Quantity::Loss };
    assert!(matches!(stopped, TrainError::NonFinite(found) if found == wanted), "{stopped}");
}

#[test]
fn an_evaluation_in_pieces_is_the_mean_over_all_rows() {
    let rows = 9000_u16;
    let x: Vec<f32> = (0..rows).map(|i| f32::from(i) / 1000.0).collect();
    let y: Vec<f32> = x.iter().map(|x| 2.0 * x + 1.0).collect();
    let wanted = y.iter().map(|&y| f64::from(y) * f64::from(y)).sum::<f64>() / f64::from(rows);
    let n = usize::from(rows);
    let labels = Labels::Values(Matrix::from_vec(y, n, 1));
    let examples = Examples { x: Matrix::from_vec(x, n, 1), labels };
    let run = Run::new(Linear::new(1, 1, true), Loss::MeanSquared, Options::default());
    let found = run.expect("valid").evaluate(&examples).expect("rows in memory");
    let (level, loss) = (Options::default().level, found.loss);
    assert!((loss / wanted - 1.0).abs() < 1e-9, "{level}: {loss} against {wanted}");
    assert_eq!(found.accuracy, None);
}

#[test]
fn a_bound_that_no_gradient_has_is_refused_before_the_first_step() {
    for bound in [0.0, -1.0, f64::NAN, 1e60] {
        for clip in [Clip::Norm(bound), Clip::Value(bound)] {
            let options = Options { clip, ..Options::default() };
            let run = Run::new(Linear::new(2, 1, true), Loss::MeanSquared, options);
            assert!(run.is_err(), "{clip:?}");
        }
    }
}
