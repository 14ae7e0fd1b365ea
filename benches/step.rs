//! Whole training steps, by the cases of `ravine bench step` and `ravine bench linear`.

mod group;

use criterion::{Criterion, criterion_group, criterion_main};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Step, timed};

fn steps(criterion: &mut Criterion) {
    for level in Level::available() {
        for (layers, batch) in [(&[8, 64, 64, 1][..], 64), (&[784, 128, 10], 64)] {
            let options = timed(level, Par::Seq, true);
            let mut case = Step::mlp(layers, batch, options).expect("widths above zero");
            group::time(criterion, &mut case);
        }
        let mut case = Step::linear(20_000, 32, timed(level, Par::Seq, true));
        group::time(criterion, &mut case);
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
