//! Training in `f64` follows other implementations, its own slopes, and the update's definition.

use ravine_conformance::Draw;
use ravine_conformance::trainer::{
    Activation, Clip, Descent, Examples, Loss, Network, Targets, Trainer,
};
use ravine_conformance::update::{self, Decay, Form, Gradient, Rates, SCHEDULE};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const PLAIN: Descent =
    Descent { form: Form::Plain, nesterov: false, decay: Decay::None, clip: Clip::None };

/// Standardized features, and targets.
fn table(file: &str) -> (Vec<f64>, Vec<f64>, usize) {
    let text = std::fs::read_to_string(format!("{ROOT}/{file}")).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|number| number.parse().unwrap()).collect())
        .collect();
    let (n, cols) = (rows.len() as f64, rows[0].len() - 1);
    let column = |j: usize| rows.iter().map(move |row| row[j]);
    let mut x = vec![0.0; rows.len() * cols];
    for j in 0..cols {
        let mean = column(j).sum::<f64>() / n;
        let std = (column(j).map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        for (i, value) in column(j).enumerate() {
            x[i * cols + j] = if std > 0.0 { (value - mean) / std } else { 0.0 };
        }
    }
    (x, column(cols).collect(), cols)
}

/// A constant, or a line to another value over so many steps.
fn scheduled(text: &str, step: usize) -> f64 {
    let number = |text: &str| text.parse::<f64>().unwrap();
    let Some((ends, steps)) = text.split_once('@') else { return number(text) };
    let (from, to) = ends.split_once(':').unwrap();
    let (from, to) = (number(from), number(to));
    from + (to - from) * (step as f64 / number(steps)).min(1.0)
}

#[test]
fn losses_are_those_of_pytorch() {
    let text = std::fs::read_to_string(format!("{ROOT}/golden/train_cases.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let (name, args) = (case["name"].as_str().unwrap(), case["args"].as_str().unwrap());
        let words: Vec<&str> = args.split(' ').collect();
        let flag = |flag: &str| words[1 + words.iter().position(|word| *word == flag).unwrap()];
        let (x, targets, cols) = table(flag("--data"));
        let rows: Vec<usize> = (0..targets.len()).collect();
        let classes: Vec<usize> =
            targets.iter().map(|t| (0..10).find(|&c| c as f64 >= *t).unwrap_or(0)).collect();
        let (loss, outputs, targets) = match flag("--task") {
            "multiclass" => (Loss::CrossEntropy, 10, Targets::Classes(&classes)),
            _ => (Loss::MeanSquared, 1, Targets::Values(&targets)),
        };
        let form = match flag("--form") {
            "classic" => Form::Classic,
            "ema" => Form::Ema,
            "ema-unbiased" => Form::EmaUnbiased,
            "sutskever" => Form::Sutskever,
            form => panic!("{form}"),
        };
        let nesterov = words.contains(&"--nesterov");
        let descent = Descent { form, nesterov, decay: Decay::None, clip: Clip::None };
        let network =
            Network { widths: vec![cols, outputs], activation: Activation::Relu, bias: true };
        let zeros = vec![0.0; network.param_count()];
        let mut trainer = Trainer::new(network, loss, descent, zeros);
        let examples = Examples { x: &x, targets };
        let close = |step: String, found: f64, wanted: &Value| {
            let error = (found / wanted.as_f64().unwrap() - 1.0).abs();
            assert!(error <= BOUND, "{name}, step {step}: {found}, wanted {wanted}, {error:e}");
        };
        for step in 0..flag("--epochs").parse().unwrap() {
            let momentum = |step| scheduled(flag("--momentum"), step);
            let rates = Rates {
                lr: scheduled(flag("--lr"), step),
                momentum: momentum(step),
                next_momentum: momentum(step + 1),
            };
            let found = trainer.step(rates, &examples, &rows);
            if let Some(wanted) = case["loss"].get(step.to_string()) {
                close(step.to_string(), found, wanted);
            }
        }
        close("last".into(), trainer.loss(&examples, &rows), &case["final"]);
    }
}

/// Largest relative distance from PyTorch's losses: both are in `f64`, and add up in other orders.
const BOUND: f64 = 1e-12;

/// A network with parameters, inputs and targets of ordinary numbers, scaled down.
fn small(widths: &[usize], activation: Activation, bias: bool) -> (Network, Vec<f64>, Vec<f64>) {
    let network = Network { widths: widths.to_vec(), activation, bias };
    let wide = |seed, len| -> Vec<f64> {
        Draw::Ordinary.values(seed, len).iter().map(|&x| f64::from(x) / 8.0).collect()
    };
    let (params, x) = (wide(1, network.param_count()), wide(2, 6 * widths[0]));
    (network, params, x)
}

#[test]
fn gradients_are_the_slopes_of_losses() {
    let values: Vec<f64> = (0..18).map(|i| f64::from(i % 5) / 4.0).collect();
    let classes = [2, 0, 1, 1, 2, 0];
    for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Gelu] {
        for (loss, targets, outputs) in [
            (Loss::MeanSquared, Targets::Values(&values), 3),
            (Loss::BinaryCrossEntropy, Targets::Values(&values), 1),
            (Loss::BinaryCrossEntropy, Targets::Classes(&[1, 0, 1, 1, 0, 0]), 1),
            (Loss::CrossEntropy, Targets::Classes(&classes), 3),
        ] {
            for (hidden, bias) in [(&[][..], true), (&[4], false), (&[4, 3], true)] {
                let widths = [&[2], hidden, &[outputs]].concat();
                let (network, params, x) = small(&widths, activation, bias);
                let examples = Examples { x: &x, targets };
                let rows = [3, 0, 5];
                let trainer = Trainer::new(network, loss, PLAIN, params);
                let grads = trainer.gradient(&examples, &rows);
                for (i, g) in grads.iter().enumerate() {
                    let at = |h: f64| {
                        let mut moved = trainer.clone();
                        moved.params[i] += h;
                        moved.loss(&examples, &rows)
                    };
                    let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                    let error = (g - slope).abs();
                    assert!(
                        error < 1e-8 * (1.0 + slope.abs()),
                        "{activation:?} {loss:?} {widths:?} {i}: {g}, slope {slope}"
                    );
                }
            }
        }
    }
}

#[test]
fn losses_and_gradients_are_finite_for_huge_outputs() {
    for (loss, target) in [(Loss::BinaryCrossEntropy, 0), (Loss::CrossEntropy, 1)] {
        let outputs = if loss == Loss::CrossEntropy { 3 } else { 1 };
        let network =
            Network { widths: vec![1, outputs], activation: Activation::Relu, bias: false };
        let params = [1e300, -1e300, 0.0][..outputs].to_vec();
        let trainer = Trainer::new(network, loss, PLAIN, params);
        let examples = Examples { x: &[1.0, -1.0], targets: Targets::Classes(&[target; 2]) };
        for row in [0, 1] {
            assert!(trainer.loss(&examples, &[row]).is_finite(), "{loss:?}");
            assert!(trainer.gradient(&examples, &[row]).iter().all(|g| g.is_finite()), "{loss:?}");
        }
    }
}

#[test]
fn every_form_follows_the_definition_of_the_update() {
    for setting in update::settings().filter(|setting| setting.gradient == Gradient::AsIs) {
        let update::Setting { form, nesterov, decay, .. } = setting;
        let descent = Descent { form, nesterov, decay, clip: Clip::None };
        let network = Network { widths: vec![40, 1], activation: Activation::Relu, bias: false };
        let mut params = Draw::Ordinary.values(1, 40);
        let mut velocity = vec![0.0; if form.has_velocity() { 40 } else { 0 }];
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let mut trainer = Trainer::new(network, Loss::MeanSquared, descent, wide(&params));
        for (step, seed) in setting.steps(&SCHEDULE).zip(2..) {
            let grads = Draw::Ordinary.values(seed, 40);
            step.apply(&mut params, &mut velocity, &grads);
            trainer.follow(step.rates, &wide(&grads));
            // Numbers up to 16 are rounded a few times by 2⁻²⁰ at most.
            for (w, wanted) in trainer.params.iter().zip(wide(&params)) {
                assert!((w - wanted).abs() < 1e-5, "{setting}, step {}: {w} {wanted}", step.index);
            }
        }
    }
}

#[test]
fn clipping_bounds_the_whole_gradient_or_each_element() {
    let examples = Examples { x: &[1.0, 2.0], targets: Targets::Values(&[5.0]) };
    let moved = |clip| {
        let network = Network { widths: vec![2, 1], activation: Activation::Relu, bias: false };
        let descent = Descent { form: Form::Plain, nesterov: false, decay: Decay::None, clip };
        let mut trainer = Trainer::new(network, Loss::MeanSquared, descent, vec![0.0; 2]);
        trainer.step(Rates { lr: 1.0, momentum: 0.0, next_momentum: 0.0 }, &examples, &[0]);
        trainer.params
    };
    assert_eq!(moved(Clip::None), [10.0, 20.0]);
    assert_eq!(moved(Clip::Value(15.0)), [10.0, 15.0]);
    let unit = moved(Clip::Norm(1.0));
    assert!(
        (unit[0].hypot(unit[1]) - 1.0).abs() < 1e-15 && (unit[1] / unit[0] - 2.0).abs() < 1e-15
    );
    assert_eq!(moved(Clip::Norm(1000.0)), [10.0, 20.0]);
}

/// Candle's four rows: the loss there is a sum, here a mean, which a rate four times as large and
/// a decay of a quarter make up for.
#[test]
fn a_regression_follows_candle() {
    let x = [2.0, 1.0, 7.0, 4.0, -4.0, 12.0, 5.0, 8.0];
    let y: Vec<f64> = x.chunks(2).map(|row| 3.0 * row[0] + row[1] - 2.0).collect();
    let examples = Examples { x: &x, targets: Targets::Values(&y) };
    let classic = Form::Classic;
    let dampened = Form::Dampened { dampening: 0.2 };
    for (form, momentum, decay, wanted) in [
        (Form::Plain, 0.0, Decay::None, [2.8809, 0.8513, -0.5606]),
        (classic, 0.1, Decay::None, [2.8870, 0.8589, -0.6341]),
        (dampened, 0.1, Decay::None, [2.8746, 0.8434, -0.4838]),
        (classic, 0.1, Decay::Coupled(0.1), [2.8751, 0.8514, -0.5626]),
    ] {
        let network = Network { widths: vec![2, 1], activation: Activation::Relu, bias: true };
        let descent = Descent { form, nesterov: false, decay, clip: Clip::None };
        let mut trainer = Trainer::new(network, Loss::MeanSquared, descent, vec![0.0; 3]);
        for _ in 0..100 {
            let rates = Rates { lr: 0.016, momentum, next_momentum: momentum };
            trainer.step(rates, &examples, &[0, 1, 2, 3]);
        }
        for (w, wanted) in trainer.params.iter().zip(wanted) {
            assert!((w - wanted).abs() < 6e-5, "{form}: {:?}", trainer.params);
        }
    }
}

/// A step of scikit-learn's tests, worked out by hand. Its penalty spares the biases, so it is
/// added here.
#[test]
fn a_step_of_a_perceptron_is_that_worked_out_by_hand() {
    let network = Network { widths: vec![3, 2, 1], activation: Activation::Sigmoid, bias: true };
    let params = vec![0.1, 0.3, 0.5, 0.2, 0.1, 0.0, 0.1, 0.1, 0.1, 0.2, 1.0];
    let is_weight = |i: &usize| !(6..8).contains(i) && *i != 10;
    let trainer = Trainer::new(network, Loss::BinaryCrossEntropy, PLAIN, params);
    let examples = Examples { x: &[0.6, 0.8, 0.7], targets: Targets::Values(&[0.0]) };
    let grads = trainer.gradient(&examples, &[0]);
    let after = trainer.params.iter().zip(grads).enumerate().map(|(i, (w, g))| {
        let penalty = if is_weight(&i) { 0.1 * w } else { 0.0 };
        w - 0.1 * (g + penalty)
    });
    let wanted = [
        0.097999, 0.295666, 0.493832, 0.195755, 0.096006, -0.002620, 0.098332, 0.096258, 0.047012,
        0.154029, 0.923455,
    ];
    for (after, wanted) in after.zip(wanted) {
        assert!((after - wanted).abs() < 1e-6, "{after}, wanted {wanted}");
    }
}
