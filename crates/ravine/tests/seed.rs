//! What a seed changes of a run.

use ravine::data::Ravine;
use ravine::models::{Linear, Loss};
use ravine::simd::Par;
use ravine::{Examples, Options, Run};
use ravine_conformance::{Agreement, compare};

/// A linear model starts at zero, so nothing but the order of its rows is drawn.
#[test]
fn the_order_of_rows_follows_from_the_seed() {
    let made = Ravine { rows: 256, cols: 8, ..Ravine::default() };
    let examples = Examples::from(&made.generate(Par::Seq).expect("a ravine"));
    let losses = |seed| {
        let options = Options { seed, ..Options::default() };
        let run = Run::new(Linear::new(8, 1, false), Loss::MeanSquared, options);
        let mut losses = Vec::new();
        let trained = run.expect("valid").train(&examples, |step| losses.push(step.loss));
        trained.expect("finite");
        losses
    };
    let first = losses(1);
    assert_eq!(compare(&first, &losses(1), Agreement::Bits), Ok(()), "losses of seed 1");
    let n_steps = first.len();
    let same = compare(&first, &losses(2), Agreement::Bits);
    assert!(same.is_err(), "seeds 1 and 2 have the same losses from step 0 to step {n_steps}");
}
