//! Whole training steps, by the cases of `ravine bench step` and `ravine bench linear`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Case, Step, timed};

/// Times a case, once its result is checked.
fn time(criterion: &mut Criterion, case: &mut impl Case) {
    case.check().expect("a case that gives the right result");
    let (id, cost) = (case.id(), case.cost());
    let (kind, rest) = id.split_once('/').expect("an identifier begins with its kind");
    let mut group = criterion.benchmark_group(kind);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number")]
    group.throughput(Throughput::Elements(cost.flops as u64));
    group.bench_function(rest, |bencher| bencher.iter(|| case.run()));
    group.finish();
}

fn steps(criterion: &mut Criterion) {
    for level in Level::available() {
        for (layers, batch) in [(&[8, 64, 64, 1][..], 64), (&[784, 128, 10], 64)] {
            let options = timed(level, Par::Seq, true);
            let mut case = Step::mlp(layers, batch, options).expect("widths above zero");
            time(criterion, &mut case);
        }
        time(criterion, &mut Step::linear(20_000, 32, timed(level, Par::Seq, true)));
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
