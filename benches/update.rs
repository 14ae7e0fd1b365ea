//! Updates by every rule, with clipping, an average of the weights and many tensors: the cases of
//! `ravine bench update`, each checked before it is timed.
#![forbid(unsafe_code)]

use std::thread::available_parallelism;

use criterion::{Criterion, Throughput};
use ravine::momentum::{Adam, Form, RmsProp, Rounding, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Case, Rule, Spec, Update};

/// Parameters: in a first-level cache, in a second-level cache, in memory.
const LENGTHS: [usize; 3] = [1 << 11, 1 << 16, 1 << 24];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let cores = available_parallelism().map_or(1, usize::from);
    for len in LENGTHS {
        let mut group = criterion.benchmark_group("update");
        for spec in specs(len) {
            let mut case = Update::new(spec, Level::detect(), Par::threads(cores))
                .expect("every number is in range");
            case.check().expect("the case gives the bits of the scalar level");
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            group.throughput(Throughput::Bytes(case.cost().bytes as u64));
            group.bench_function(case.id(), |bencher| bencher.iter(|| case.run()));
        }
        group.finish();
    }
    criterion.final_summary();
}

fn specs(len: usize) -> Vec<Spec> {
    let weight_decay = WeightDecay::Coupled(1e-4);
    let classic = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let ahead = Sgd { form: Form::Classic { nesterov: true }, weight_decay };
    let by = |rule| Spec { rule, weight_ema: None, clip_norm: None, len, tensors: 1, offset: 0 };
    let plain = by(Rule::Sgd(classic));
    vec![
        plain,
        by(Rule::Sgd(ahead)),
        by(Rule::Narrow(classic, Rounding::Nearest)),
        by(Rule::Narrow(classic, Rounding::Stochastic { seed: 0 })),
        by(Rule::RmsProp(RmsProp::default())),
        by(Rule::Adam(Adam { weight_decay: WeightDecay::Decoupled(0.01), ..Adam::default() })),
        Spec { clip_norm: Some(1.0), ..plain },
        Spec { weight_ema: Some(0.999), ..plain },
        Spec { weight_ema: Some(0.999), clip_norm: Some(1.0), ..by(Rule::Sgd(ahead)) },
        Spec { tensors: len / 256, ..plain },
        Spec { offset: 1, ..plain },
    ]
}
