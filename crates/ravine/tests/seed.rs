//! What a seed changes of a run.

use ravine::data::Ravine;
use ravine::models::{Linear, Loss};
use ravine::simd::Par;
use ravine::{Examples, Options, Run};

/// A linear model starts at zero, so nothing but the order of its rows is drawn.
#[test]
fn the_order_of_rows_follows_from_the_seed() {
    let made = Ravine { rows: 256, cols: 8, ..Ravine::default() };
    let examples = Examples::from(&made.generate(Par::Seq).expect("a ravine"));
    let digest = |seed| {
        let options = Options { seed, ..Options::default() };
        let mut run =
            Run::new(Linear::new(8, 1, false), Loss::MeanSquared, options).expect("valid");
        run.train(&examples, |_| ()).expect("finite");
        run.digest()
    };
    assert_eq!(digest(1), digest(1), "seed 1");
    assert_ne!(digest(1), digest(2), "seeds 1 and 2");
}
