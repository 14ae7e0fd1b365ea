//! The bits of whole runs, as they were written down.
//!
//! Levels that agree with each other may still all have changed; these digests notice.

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use ravine::data::{Classes, Kind, Ravine};
use ravine::models::{Linear, Loss, Mlp, Model};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::simd::{CONTRACT, Level, Par};
use ravine::tensor::Activation;
use ravine::{Batch, Clip, Examples, Options, Run};
use sha2::{Digest as _, Sha256};

/// A line a run: its name, a colon, and the SHA-256 of data, or of parameters and velocity; last that
/// of the losses.
const RECORDED: &str = include_str!("digests/recorded.txt");

/// How a change of bits is recorded.
const HOW: &str = "\
If no bit was meant to change, the code is at fault. If the change is meant: raise
ravine_simd::CONTRACT, say what differs and why under **Changed bits** in CHANGELOG.md,
and replace crates/ravine/tests/digests/recorded.txt by these lines:";

const FORMS: [Form; 10] = [
    Form::Plain,
    Form::Classic { nesterov: false },
    Form::Classic { nesterov: true },
    Form::Dampened { dampening: 0.3, nesterov: false },
    Form::Sutskever { nesterov: false },
    Form::Sutskever { nesterov: true },
    Form::Ema { nesterov: false },
    Form::Ema { nesterov: true },
    Form::EmaUnbiased,
    Form::QuasiHyperbolic { nu: 0.7 },
];

/// Names and digests, in the order in which they are recorded.
type Digests = Vec<(String, String)>;

/// Every run on one level.
fn runs(level: Level, par: Par, fused: bool) -> Digests {
    let made = Ravine { rows: 300, cols: 17, condition: 50.0, ..Ravine::default() };
    let logistic = Ravine { kind: Kind::Logistic, seed: 1, ..made };
    let made = [made, logistic].map(|ravine| ravine.generate(par).expect("in range"));
    let mut found: Digests = ["a linear ravine", "a logistic ravine"]
        .into_iter()
        .zip(&made)
        .map(|(name, made)| (name.into(), made.sha256.clone()))
        .collect();
    let [numbers, classes] = made;
    let numbers = Examples::from(&numbers);
    let table = classes.table();
    let named = Classes::of(&table.y);
    let classes = Examples::classification(table, &named).expect("every class is known");
    let options = Options {
        lr: Schedule::Linear { from: 0.05, to: 0.01, steps: 20 },
        momentum: Schedule::Linear { from: 0.5, to: 0.9, steps: 15 },
        batch: Batch::Rows(NonZeroUsize::new(37).expect("37 is not zero")),
        epochs: 3,
        level,
        par,
        fused,
        ..Options::default()
    };
    let mut losses = Sha256::new();
    for form in FORMS {
        let weight_decay = WeightDecay::Coupled(0.01);
        let options = Options { sgd: Sgd { form, weight_decay }, ..options };
        let linear = Linear::new(17, 1, true);
        let mlp = Mlp::new(&[17, 33, 1], Activation::Relu).expect("no width is zero");
        let linear = digest(linear, Loss::MeanSquared, &numbers, options, &mut losses);
        let mlp = digest(mlp, Loss::MeanSquared, &numbers, options, &mut losses);
        found.push((format!("linear regression, {form:?}"), linear));
        found.push((format!("perceptron, {form:?}"), mlp));
    }
    for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Gelu] {
        let mlp = |out| Mlp::new(&[17, 19, 5, out], activation).expect("no width is zero");
        let binary = digest(mlp(1), Loss::BinaryCrossEntropy, &classes, options, &mut losses);
        let several = digest(mlp(2), Loss::CrossEntropy, &classes, options, &mut losses);
        found.push((format!("binary classes, {activation:?}"), binary));
        found.push((format!("several classes, {activation:?}"), several));
    }
    for clip in [Clip::Norm(0.1), Clip::Value(0.01)] {
        let weight_decay = WeightDecay::Decoupled(0.1);
        let sgd = Sgd { form: Form::Classic { nesterov: true }, weight_decay };
        let options = Options { sgd, clip, ..options };
        let mlp = Mlp::new(&[17, 8, 1], Activation::Tanh).expect("no width is zero");
        let digest = digest(mlp, Loss::MeanSquared, &numbers, options, &mut losses);
        found.push((format!("decoupled decay, {clip:?}"), digest));
    }
    found.push(("sums over leaves of 4096 samples".into(), leaves(options, &mut losses)));
    let losses = losses.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    found.push(("the losses of all these runs".into(), losses));
    found
}

/// A full batch of several leaves.
fn leaves(options: Options, losses: &mut Sha256) -> String {
    let made = Ravine { rows: 9001, cols: 5, condition: 10.0, ..Ravine::default() };
    let made = made.generate(options.par).expect("in range");
    let options = Options { batch: Batch::Full, ..options };
    digest(Linear::new(5, 1, true), Loss::MeanSquared, &Examples::from(&made), options, losses)
}

/// Parameters and velocity after a run, and the loss before each step into `losses`; where a level ends
/// it early, why.
fn digest<M: Model>(
    model: M,
    loss: Loss,
    examples: &Examples,
    options: Options,
    losses: &mut Sha256,
) -> String {
    let mut run = Run::new(model, loss, options).expect("in range");
    match run.train(examples, |record| losses.update(record.loss.to_le_bytes())) {
        Ok(summary) => {
            assert!(summary.steps > 2, "a run takes steps");
            run.digest()
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn whole_runs_have_the_bits_that_were_recorded_on_every_level() {
    let recorded: Vec<_> = RECORDED.lines().filter_map(|line| line.rsplit_once(": ")).collect();
    let mut faults = String::new();
    let mut lines = String::new();
    let levels = Level::available().zip([1, 2, 3, 5].into_iter().cycle());
    for ((level, threads), fused) in levels.flat_map(|way| [(way, false), (way, true)]) {
        let found = runs(level, Par::threads(threads), fused);
        let pairs = found.iter().map(|(name, digest)| (name.as_str(), digest.as_str()));
        if pairs.clone().ne(recorded.iter().copied()) {
            let first =
                pairs.zip(&recorded).zip(1..).find(|((found, recorded), _)| found != *recorded);
            let first = first.map_or("in their number".into(), |(((name, digest), _), line)| {
                format!("first in line {line}, {name}: {digest}")
            });
            writeln!(faults, "level {level}, {threads} threads, fused {fused}: {first}")
                .expect("a string");
        }
        lines = found.iter().map(|(name, digest)| format!("{name}: {digest}\n")).collect();
    }
    assert!(faults.is_empty(), "{faults}Bits have changed in contract {CONTRACT}. {HOW}\n{lines}");
}

#[test]
fn runs_that_are_recorded_are_all_different() {
    let mut digests: Vec<_> =
        RECORDED.lines().filter_map(|line| line.rsplit(": ").next()).collect();
    let all = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), all, "two recorded runs have one digest");
    assert!(digests.iter().all(|digest| digest.len() == 64), "a digest has 64 digits");
}
