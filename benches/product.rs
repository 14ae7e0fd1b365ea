//! Products, by the cases of `ravine bench product`: squares, the products of a layer's passes in
//! their transpositions, and thin ones.

mod group;

use criterion::{Criterion, criterion_group, criterion_main};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Product, Shape, Transposed};

const SHAPES: [([usize; 3], Transposed); 9] = [
    ([256, 256, 256], Transposed::None),
    ([1024, 1024, 1024], Transposed::None),
    ([64, 784, 128], Transposed::Right),
    ([128, 64, 784], Transposed::Left),
    ([64, 128, 784], Transposed::None),
    ([256, 256, 256], Transposed::Both),
    ([8, 8, 8], Transposed::None),
    ([4096, 16, 1], Transposed::None),
    ([1, 512, 512], Transposed::Right),
];

fn products(criterion: &mut Criterion) {
    for ([rows, inner, cols], transposed) in SHAPES {
        let shape = Shape { rows, inner, cols, transposed };
        for level in Level::available() {
            let mut case = Product::new(shape, level, Par::Seq);
            group::time(criterion, &mut case);
        }
    }
}

criterion_group!(benches, products);
criterion_main!(benches);
