//! Both passes of an affine layer, by the cases of `ravine bench layer`.

mod group;

use criterion::{Criterion, criterion_group, criterion_main};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Layer, Pass};

/// Rows of the batch, inputs and outputs.
const SIZES: [[usize; 3]; 3] = [[64, 8, 64], [64, 784, 128], [128, 512, 512]];

fn layers(criterion: &mut Criterion) {
    for sizes in SIZES {
        for level in Level::available() {
            for pass in [Pass::Forward, Pass::Backward] {
                let mut case = Layer::new(pass, sizes, level, Par::Seq);
                group::time(criterion, &mut case);
            }
        }
    }
}

criterion_group!(benches, layers);
criterion_main!(benches);
