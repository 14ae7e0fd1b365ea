//! Whole runs near the same runs in `f64`, worked out from the definitions.

use std::num::NonZeroUsize;

use ravine::data::Matrix;
use ravine::models::{Linear, Loss, Mlp, Model};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::tensor::Activation;
use ravine::{Batch, Clip, Examples, Labels, Options, Run};
use ravine_conformance::Draw;
use ravine_conformance::trainer::{self, Descent, Network, Targets, Trainer};
use ravine_conformance::update::{self, Decay, Rates};

const ROWS: usize = 50;
const INPUTS: usize = 5;
const BATCH: usize = 16;
const EPOCHS: u64 = 5;
/// How far parameters may be, of the largest; some twenty steps round about as often, each by 2⁻²⁴
/// of the largest a few times over.
const BOUND: f64 = 2e-6;

/// Every form, with and without a look ahead where it has one, by both names.
fn forms() -> Vec<(Form, update::Form, bool)> {
    let mut forms = vec![
        (Form::Plain, update::Form::Plain, false),
        (Form::EmaUnbiased, update::Form::EmaUnbiased, false),
        (
            Form::Dampened { dampening: 0.3, nesterov: false },
            update::Form::Dampened { dampening: 0.3 },
            false,
        ),
        (Form::QuasiHyperbolic { nu: 0.7 }, update::Form::QuasiHyperbolic { nu: 0.7 }, false),
    ];
    for nesterov in [false, true] {
        forms.push((Form::Classic { nesterov }, update::Form::Classic, nesterov));
        forms.push((Form::Sutskever { nesterov }, update::Form::Sutskever, nesterov));
        forms.push((Form::Ema { nesterov }, update::Form::Ema, nesterov));
    }
    forms
}

/// Numbers between −1 and 1.
fn numbers(len: usize, seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, len).into_iter().map(|x| (x * 0.37).sin()).collect()
}

/// What a run learns from, in its types and in those of the definitions.
struct Task {
    loss: Loss,
    definition: trainer::Loss,
    outputs: usize,
    x: Vec<f32>,
    values: Vec<f32>,
    classes: Vec<u32>,
}

impl Task {
    fn all() -> [Self; 3] {
        [
            (Loss::MeanSquared, trainer::Loss::MeanSquared, 2),
            (Loss::BinaryCrossEntropy, trainer::Loss::BinaryCrossEntropy, 1),
            (Loss::CrossEntropy, trainer::Loss::CrossEntropy, 3),
        ]
        .map(|(loss, definition, outputs)| {
            let kinds = u32::try_from(outputs.max(2)).expect("a few");
            Self {
                loss,
                definition,
                outputs,
                x: numbers(ROWS * INPUTS, 1),
                values: numbers(ROWS * outputs, 2),
                classes: (0..50).map(|row| (row * 7 + row / 3) % kinds).collect(),
            }
        })
    }

    /// Holds a run to the definition.
    fn check<M: Model>(&self, model: M, network: Network, options: Options, descent: Descent) {
        let Options { level, momentum, .. } = options;
        let case = format!("{level}, {:?}, {network:?}, {descent:?}, {momentum:?}", self.loss);
        let labels = match self.loss {
            Loss::MeanSquared => {
                Labels::Values(Matrix::from_vec(self.values.clone(), ROWS, self.outputs))
            }
            _ => Labels::Classes(self.classes.clone()),
        };
        let examples = Examples { x: Matrix::from_vec(self.x.clone(), ROWS, INPUTS), labels };
        let mut run = Run::new(model, self.loss, options).expect("valid options");
        let begin = wide(&in_file_order(&run, run.params()));
        let mut losses = Vec::new();
        run.train(&examples, |step| losses.push(step.loss)).expect("a finite run");

        let mut truth = Trainer::new(network, self.definition, descent, begin);
        let (x, values) = (wide(&self.x), wide(&self.values));
        let classes: Vec<_> = self.classes.iter().map(|&class| class as usize).collect();
        let targets = match self.loss {
            Loss::MeanSquared => Targets::Values(&values),
            _ => Targets::Classes(&classes),
        };
        let examples = trainer::Examples { x: &x, targets };
        let rows: Vec<usize> = (0..ROWS).collect();
        let batches = (0..EPOCHS).flat_map(|_| rows.chunks(BATCH));
        for ((batch, t), loss) in batches.zip(0..).zip(losses) {
            let [lr, momentum, next_momentum] =
                [options.lr.at(t), momentum.at(t), momentum.at(t + 1)];
            let wanted = truth.step(Rates { lr, momentum, next_momentum }, &examples, batch);
            let error = (loss - wanted).abs();
            assert!(error <= 1e-5 * wanted, "{case}, step {t}: loss {loss}, not {wanted}");
        }
        close(&case, "params", &in_file_order(&run, run.params()), &truth.params);
        if run.options().sgd.form.has_velocity() {
            close(&case, "velocity", &in_file_order(&run, run.state().velocity()), &truth.velocity);
        }
    }

    /// Holds a linear model and a perceptron to the definition, by the same steps.
    fn check_both(&self, activation: Activation, options: Options, descent: Descent) {
        let defined = match activation {
            Activation::Identity => trainer::Activation::Identity,
            Activation::Relu => trainer::Activation::Relu,
            Activation::Tanh => trainer::Activation::Tanh,
            Activation::Sigmoid => trainer::Activation::Sigmoid,
            Activation::Gelu => trainer::Activation::Gelu,
        };
        let widths = vec![INPUTS, 19, 4, self.outputs];
        let mlp = Mlp::new(&widths, activation).expect("widths above zero");
        self.check(mlp, Network { widths, activation: defined, bias: true }, options, descent);
        let network =
            Network { widths: vec![INPUTS, self.outputs], activation: defined, bias: false };
        self.check(Linear::new(INPUTS, self.outputs, false), network, options, descent);
    }
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// Values layer by layer, weights as outputs × inputs: as the definitions have them.
fn in_file_order<M: Model>(run: &Run<M>, values: &[f32]) -> Vec<f32> {
    let layout = run.model().layout();
    layout
        .tensors()
        .iter()
        .flat_map(|tensor| layout.to_file_order(tensor, values).into_owned())
        .collect()
}

fn close(case: &str, what: &str, found: &[f32], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len(), "{case}: {what}");
    let largest = wanted.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (i, (&found, wanted)) in found.iter().zip(wanted).enumerate() {
        let error = (f64::from(found) - wanted).abs();
        assert!(error <= BOUND * largest, "{case}: {what}[{i}] is {found}, not {wanted}");
    }
}

fn options(form: Form, weight_decay: WeightDecay, clip: Clip) -> Options {
    Options {
        sgd: Sgd { form, weight_decay },
        lr: Schedule::Linear { from: 0.1, to: 0.05, steps: 15 },
        momentum: Schedule::Linear { from: 0.5, to: 0.9, steps: 12 },
        batch: Batch::Rows(NonZeroUsize::new(BATCH).expect("not zero")),
        epochs: EPOCHS,
        shuffle: false,
        clip,
        ..Options::default()
    }
}

#[test]
fn every_form_stays_near_its_definition_with_every_loss() {
    for task in Task::all() {
        for (form, definition, nesterov) in forms() {
            let still = Descent {
                form: definition,
                nesterov,
                decay: Decay::None,
                clip: trainer::Clip::None,
            };
            task.check_both(Activation::Tanh, options(form, WeightDecay::None, Clip::None), still);
        }
    }
}

#[test]
fn decay_and_clipping_stay_near_their_definitions_with_every_activation() {
    let (form, definition) = (Form::Classic { nesterov: true }, update::Form::Classic);
    let decays = [
        (WeightDecay::Coupled(0.02), Decay::Coupled(0.02)),
        (WeightDecay::Decoupled(0.02), Decay::Decoupled(0.02)),
    ];
    let clips = [
        (Clip::Norm(0.05), trainer::Clip::Norm(0.05)),
        (Clip::Value(0.01), trainer::Clip::Value(0.01)),
    ];
    let activations = [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Gelu];
    for task in Task::all() {
        for activation in activations {
            for ((weight_decay, decay), (bound, clip)) in decays.into_iter().zip(clips) {
                let descent = Descent { form: definition, nesterov: true, decay, clip };
                task.check_both(activation, options(form, weight_decay, bound), descent);
            }
        }
    }
}
