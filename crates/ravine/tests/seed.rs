//! What a seed changes of a run.

use ravine::data::Ravine;
use ravine::models::{Linear, Loss};
use ravine::momentum::Schedule;
use ravine::simd::Par;
use ravine::{Examples, Options, Run};
use ravine_conformance::{Agreement, compare};

/// The losses of eight batches an epoch. A linear model starts at zero, so nothing but the order of
/// its rows is drawn.
fn losses(options: Options) -> Vec<f64> {
    let made = Ravine { rows: 256, cols: 8, ..Ravine::default() };
    let examples = Examples::from(&made.generate(Par::Seq).expect("a ravine"));
    let run = Run::new(Linear::new(8, 1, false), Loss::MeanSquared, options);
    let mut losses = Vec::new();
    let trained = run.expect("valid").train(&examples, |step| losses.push(step.loss));
    trained.expect("finite");
    losses
}

#[test]
fn the_order_of_rows_follows_from_the_seed() {
    let [first, again, other] =
        [1, 1, 2].map(|seed| losses(Options { seed, ..Options::default() }));
    let level = Options::default().level;
    assert_eq!(compare(&first, &again, Agreement::Bits), Ok(()), "{level}, losses of seed 1");
    let (loss, apart) = (first[0], first[0] - other[0]);
    assert!(apart != 0.0, "{level}, step 0: loss {loss} with seed 1, and with seed 2");
}

#[test]
fn every_epoch_has_an_order_of_its_own() {
    // So small a rate moves no prediction, and a loss tells which rows are in its batch.
    let still = Options { lr: Schedule::Constant(1e-30), epochs: 2, ..Options::default() };
    let losses = losses(still);
    let (first, second) = losses.split_at(8);
    let (loss, level) = (second[0], still.level);
    assert!(loss.to_bits() != first[0].to_bits(), "{level}, step 8: loss {loss}, as in step 0");
    let sum = |losses: &[f64]| losses.iter().sum::<f64>();
    let apart = (sum(first) / sum(second) - 1.0).abs();
    assert!(apart < 1e-6, "{level}: epochs of the same rows are {apart} apart");
}
