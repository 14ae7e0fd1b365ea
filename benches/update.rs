//! Updates, by the cases of `ravine bench update`: every rule on every level in a first-level
//! cache, some of them in larger ones and in memory, and tensors shorter than a vector.
#![forbid(unsafe_code)]

mod group;

use std::thread::available_parallelism;

use criterion::Criterion;
use ravine::momentum::{Adam, Form, RmsProp, Rounding, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Rule, Spec, Update};

/// Parameters in a first-level cache.
const NEAR: usize = 1 << 11;
/// Parameters in a second-level cache and in memory.
const FAR: [usize; 2] = [1 << 16, 1 << 24];
/// Lengths of 64 tensors that end within a vector of 16 numbers, or with one.
const SHORT: [usize; 4] = [11, 16, 17, 31];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for level in Level::available() {
        for spec in rules(NEAR).into_iter().chain(additions(NEAR)) {
            time(&mut criterion, spec, level, Par::Seq);
        }
    }
    let (widest, cores) = (Level::detect(), available_parallelism().map_or(1, usize::from));
    for each in SHORT {
        let spec = Spec { tensors: 64, ..by(Rule::Sgd(CLASSIC), 64 * each) };
        time(&mut criterion, spec, widest, Par::Seq);
    }
    let plain = Rule::Sgd(Sgd { form: Form::Plain, ..CLASSIC });
    time(&mut criterion, by(plain, NEAR), widest, Par::Seq);
    for len in FAR {
        for spec in rules(len).into_iter().chain(additions(len)) {
            time(&mut criterion, spec, widest, Par::threads(cores));
        }
    }
    criterion.final_summary();
}

const CLASSIC: Sgd =
    Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
const AHEAD: Sgd =
    Sgd { form: Form::Classic { nesterov: true }, weight_decay: WeightDecay::Coupled(1e-4) };

fn time(criterion: &mut Criterion, spec: Spec, level: Level, par: Par) {
    let mut case = Update::new(spec, level, par).expect("every number is in range");
    group::time(criterion, &mut case);
}

fn by(rule: Rule, len: usize) -> Spec {
    Spec { rule, weight_ema: None, clip_norm: None, len, tensors: 1, offset: 0 }
}

fn rules(len: usize) -> Vec<Spec> {
    let adam = Adam::default();
    let rules = [
        Rule::Sgd(CLASSIC),
        Rule::Sgd(AHEAD),
        Rule::Narrow(CLASSIC, Rounding::Nearest),
        Rule::Narrow(CLASSIC, Rounding::Stochastic { seed: 0 }),
        Rule::RmsProp(RmsProp::default()),
        Rule::RmsProp(RmsProp { centered: true, momentum: true, ..RmsProp::default() }),
        Rule::Adam(adam),
        Rule::Adam(Adam { weight_decay: WeightDecay::Decoupled(0.01), ..adam }),
    ];
    rules.map(|rule| by(rule, len)).to_vec()
}

/// What a step may do besides, by one rule.
fn additions(len: usize) -> [Spec; 5] {
    let plain = by(Rule::Sgd(CLASSIC), len);
    [
        Spec { clip_norm: Some(1.0), ..plain },
        Spec { weight_ema: Some(0.999), ..plain },
        Spec { weight_ema: Some(0.999), clip_norm: Some(1.0), ..by(Rule::Sgd(AHEAD), len) },
        Spec { tensors: len / 256, ..plain },
        Spec { offset: 1, ..plain },
    ]
}
