//! The perceptron on the digits, with constant and with rising momentum, beside the same training in
//! `f64` from the definitions.

use ravine::Labels;
use ravine::data::Order;
use ravine::models::Model;
use ravine::simd::{Level, Par};
use ravine_conformance::trainer::{
    Activation, Clip, Descent, Examples, Loss, Network, Targets, Trainer,
};
use ravine_conformance::update::{Decay, Form, Rates};
use ravine_lab::annealing::momenta;
use ravine_lab::digits::Digits;

/// Of a loss, relatively, over four epochs: roundings of 2⁻²⁴ grow as the runs lose their way.
const BOUND: f64 = 1e-4;

/// The number that the kernels make of `x`.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding to the kernels' type")]
fn rounded(x: f64) -> f64 {
    f64::from(x as f32)
}

#[test]
fn every_loss_on_the_way_is_that_of_training_in_f64() {
    let few = Digits { epochs: 4, ..Digits::default() };
    for (name, momentum) in momenta(86) {
        let prepared = Digits { momentum, ..few }.prepare().unwrap();
        let mut run = prepared.run(Level::detect(), Par::Seq, true).unwrap();
        let layout = run.model().layout();
        let begin = layout.tensors().iter().flat_map(|tensor| {
            layout
                .to_file_order(tensor, run.params())
                .iter()
                .map(|&w| f64::from(w))
                .collect::<Vec<_>>()
        });
        let network =
            Network { widths: vec![64, few.hidden, 10], activation: Activation::Relu, bias: true };
        let descent =
            Descent { form: Form::Classic, nesterov: false, decay: Decay::None, clip: Clip::None };
        let mut truth = Trainer::new(network, Loss::CrossEntropy, descent, begin.collect());

        let mut losses = Vec::new();
        run.train(prepared.examples(), |step: &ravine::StepRecord| losses.push(step.loss)).unwrap();

        let Labels::Classes(classes) = &prepared.examples().labels else { panic!("classes") };
        let x: Vec<f64> = prepared.examples().x.as_slice().iter().map(|&x| f64::from(x)).collect();
        let classes: Vec<usize> = classes.iter().map(|&class| class as usize).collect();
        let examples = Examples { x: &x, targets: Targets::Classes(&classes) };
        let mut order = Order::new(classes.len());
        let mut t = 0;
        for epoch in 0..few.epochs {
            order.shuffle(few.seed, epoch);
            let rows: Vec<usize> = order.as_slice().iter().map(|&row| row as usize).collect();
            for batch in rows.chunks(few.batch.get()) {
                let momentum = rounded(momentum.at(t));
                let rates = Rates { lr: rounded(few.lr), momentum, next_momentum: momentum };
                let wanted = truth.step(rates, &examples, batch);
                let found = losses[usize::try_from(t).unwrap()];
                let off = (found / wanted - 1.0).abs();
                assert!(off < BOUND, "β {name}, step {t}: {found}, wanted {wanted}");
                t += 1;
            }
        }
        assert_eq!(t, prepared.steps());
    }
}

#[test]
fn rising_momentum_learns_between_the_constant_ones() {
    let few = Digits { epochs: 5, ..Digits::default() };
    let found = ravine_lab::annealing::on_digits(few, Level::detect(), Par::Seq).unwrap();
    let losses: Vec<f64> = found.iter().map(|(_, trained)| trained.train.loss).collect();
    let [half, most, line, cosine] = losses[..] else { panic!("{losses:?}") };
    assert!(most < line && line < half && most < cosine && cosine < half, "{losses:?}");
}
