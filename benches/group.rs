//! How criterion times a case.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use ravine_cli::case::{Case, Cost};

/// Times a case, once its result is checked, in the group that its identifier begins with.
pub(crate) fn time(criterion: &mut Criterion, case: &mut impl Case) {
    case.check().expect("a case that gives the right result");
    let id = case.id();
    let (kind, rest) = id.split_once('/').expect("an identifier begins with its kind");
    let mut group = criterion.benchmark_group(kind);
    group.throughput(throughput(case.cost()));
    group.bench_function(rest, |bencher| bencher.iter_custom(|times| timed(case, times)));
    case.left().expect("numbers that stay finite");
    group.finish();
}

/// The time of so many runs, by the loop of `ravine bench`.
fn timed(case: &mut impl Case, times: u64) -> Duration {
    let start = Instant::now();
    case.run_times(u32::try_from(times).expect("fewer runs than criterion's seconds hold"));
    start.elapsed()
}

/// Operations where they are counted, bytes elsewhere.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers")]
fn throughput(cost: Cost) -> Throughput {
    match cost.flops {
        0.0 => Throughput::Bytes(cost.bytes as u64),
        flops => Throughput::Elements(flops as u64),
    }
}
