//! Numbers that other implementations publish.

use std::iter::zip;

use ravine_momentum::{Form, Rates, Sgd, State, WeightDecay};
use ravine_simd::{Buffer, Level, Par};
use serde_json::Value;

const CLASSIC: Form = Form::Classic { nesterov: false };
const NESTEROV: Form = Form::Classic { nesterov: true };

#[track_caller]
fn close(got: &[f32], want: &[f64], bound: f64) {
    // That of a state for which none is named.
    let level = Level::detect();
    for (i, (&got, want)) in zip(got, want).enumerate() {
        assert!((f64::from(got) - want).abs() <= bound, "{level}, index {i}: {got} is not {want}");
    }
}

/// dfdx's tests of its SGD.
#[test]
fn five_parameters_after_five_steps() {
    let grads = [0.1, 1.0, 2.0, 10.0, 100.0_f32].map(|g| g / 5.0);
    let (none, coupled) = (WeightDecay::None, WeightDecay::Coupled(0.1));
    let decoupled = WeightDecay::Decoupled(0.1);
    for (form, weight_decay, want) in [
        (CLASSIC, none, [0.9983876, 0.983875, 0.96775, 0.83875, -0.61249995]),
        (NESTEROV, none, [0.9981938, 0.98193747, 0.963875, 0.819375, -0.8062499]),
        (CLASSIC, coupled, [0.99034745, 0.9758687, 0.9597812, 0.83108085, -0.6167973]),
        (CLASSIC, decoupled, [0.9934003, 0.978913, 0.962815, 0.834037, -0.614717]),
        (Form::Plain, coupled, [0.994012, 0.98502994, 0.97505, 0.8952098, -0.00299193]),
    ] {
        let sgd = Sgd { form, weight_decay };
        let (mut state, mut params) = (sgd.init(5).unwrap(), [1.0; 5]);
        for _ in 0..5 {
            sgd.step(&mut state, Rates::new(0.01, 0.5).unwrap(), &mut params, &grads);
        }
        close(&params, &want, 6e-7);
    }
}

#[test]
fn a_change_of_the_learning_rate_tells_the_forms_apart() {
    let run = |form, rates: [f64; 2]| {
        let sgd = Sgd { form, weight_decay: WeightDecay::None };
        let (mut state, mut params) = (sgd.init(1).unwrap(), [0.0]);
        for lr in rates {
            sgd.step(&mut state, Rates::new(lr, 0.9).unwrap(), &mut params, &[1.0]);
        }
        params
    };
    let sutskever = Form::Sutskever { nesterov: false };
    close(&run(CLASSIC, [0.1, 0.01]), &[-0.119], 1e-8);
    close(&run(sutskever, [0.1, 0.01]), &[-0.2], 2e-8);
    close(&run(CLASSIC, [0.1, 0.1]), &[-0.29], 2e-8);
    close(&run(sutskever, [0.1, 0.1]), &[-0.29], 2e-8);
}

/// The examples of ONNX's Momentum operator, after its first step.
#[test]
fn the_momentum_operator_of_onnx() {
    for (form, decay, params_want, velocity_want) in [
        (CLASSIC, 0.001, [1.13238, 2.70772], [0.6762, 0.9228]),
        (NESTEROV, 0.01, [1.227535, 2.95714], [0.687, 0.948]),
    ] {
        let sgd = Sgd { form, weight_decay: WeightDecay::Coupled(decay) };
        let velocity = Buffer::from([1.7, 3.6].as_slice());
        let mut state = State::from_parts(Level::detect(), Par::Seq, 1, 0.95, velocity).unwrap();
        let mut params = [1.2, 2.8];
        sgd.step(&mut state, Rates::new(0.1, 0.95).unwrap(), &mut params, &[-0.94, -2.5]);
        close(&params, &params_want, 5e-7);
        close(state.velocity(), &velocity_want, 5e-7);
    }
}

/// candle's linear regression: four rows, the *sum* of squared errors.
#[test]
fn four_rows_of_linear_regression() {
    let run = |form, momentum, weight_decay, steps| {
        let sgd = Sgd { form, weight_decay };
        let (mut state, mut params) = (sgd.init(3).unwrap(), [0.0_f32; 3]);
        for _ in 0..steps {
            let [w1, w2, b] = params.map(f64::from);
            let mut grads = [0.0; 3];
            for [x1, x2] in [[2.0, 1.0], [7.0, 4.0], [-4.0, 12.0], [5.0, 8.0]] {
                let error = w1 * x1 + w2 * x2 + b - (3.0 * x1 + x2 - 2.0);
                for (grad, x) in zip(&mut grads, [x1, x2, 1.0]) {
                    *grad += 2.0 * error * x;
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "gradients are f32")]
            let grads = grads.map(|g| g as f32);
            sgd.step(&mut state, Rates::new(0.004, momentum).unwrap(), &mut params, &grads);
        }
        params
    };
    let (none, l2) = (WeightDecay::None, WeightDecay::Coupled(0.4));
    let dampened = Form::Dampened { dampening: 0.2, nesterov: false };
    close(&run(Form::Plain, 0.0, none, 1000), &[2.9983196, 0.99790204, -1.9796902], 1e-6);
    close(&run(Form::Plain, 0.0, none, 100), &[2.8809, 0.8513, -0.5606], 5.1e-5);
    close(&run(CLASSIC, 0.1, none, 100), &[2.8870, 0.8589, -0.6341], 5.1e-5);
    close(&run(dampened, 0.1, none, 100), &[2.8746, 0.8434, -0.4838], 5.1e-5);
    close(&run(CLASSIC, 0.1, l2, 100), &[2.8751, 0.8514, -0.5626], 5.1e-5);
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|x| x.as_f64().expect("a number")).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the recorded inputs are exact in f32")]
fn exact(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|x| x as f32).collect()
}

/// One run in `f64` beside ours: it must give the recorded numbers, and it knows how large the
/// operands of each element have been.
struct Shadow {
    params: Vec<f64>,
    velocity: Vec<f64>,
    largest: Vec<f64>,
}

impl Shadow {
    /// One step as PyTorch documents it.
    fn step(&mut self, config: &Value, first: bool, grads: &[f64]) {
        let number = |name: &str| config[name].as_f64().unwrap_or(0.0);
        let (lr, momentum) = (number("lr"), number("momentum"));
        let nesterov = config["nesterov"].as_bool().unwrap_or(false);
        for (i, &g) in grads.iter().enumerate() {
            let g = g + number("weight_decay") * self.params[i];
            let kept = if first { 1.0 } else { 1.0 - number("dampening") };
            let v = momentum * self.velocity[i] + kept * g;
            let operands = [self.params[i], self.velocity[i], grads[i], g, v];
            self.velocity[i] = v;
            self.params[i] -= lr * if nesterov { g + momentum * v } else { v };
            for operand in operands.into_iter().chain([self.params[i]]) {
                self.largest[i] = self.largest[i].max(operand.abs());
            }
        }
    }
}

fn compare(got: &[f32], want: &[f64], shadow: &[f64], bounds: &[f64], what: &str) {
    assert_eq!((got.len(), shadow.len()), (want.len(), want.len()), "{what}");
    for (i, &got) in got.iter().enumerate() {
        assert!((shadow[i] - want[i]).abs() < 1e-12, "{what}, index {i}: {}", shadow[i]);
        let error = (f64::from(got) - want[i]).abs();
        assert!(error <= bounds[i], "{what}, index {i}: {error} beyond {}", bounds[i]);
    }
}

/// Every step may err by four units in the last place of the largest operand that the element
/// has had, 4·2⁻²³ of it at most: hyper-parameters and each operation are rounded by half a unit,
/// and no step enlarges the error of those before.
#[test]
fn trajectories_of_pytorch() {
    let golden: Value = serde_json::from_str(include_str!("golden/torch_sgd.json")).unwrap();
    let mut compared = 0;
    for case in golden["cases"].as_array().unwrap() {
        let grads: Vec<_> = case["grads"].as_array().unwrap().iter().map(exact).collect();
        for run in case["runs"].as_array().unwrap() {
            let config = &run["config"];
            let momentum = config["momentum"].as_f64();
            let nesterov = config["nesterov"].as_bool().unwrap_or(false);
            let dampening = config["dampening"].as_f64().unwrap_or(0.0);
            let form = match momentum {
                Some(_) => Form::Dampened { dampening, nesterov },
                None => Form::Plain,
            };
            let decay = config["weight_decay"].as_f64();
            let weight_decay = decay.map_or(WeightDecay::None, WeightDecay::Coupled);
            let sgd = Sgd { form, weight_decay };
            let lr = config["lr"].as_f64().unwrap();
            let rates = Rates::new(lr, momentum.unwrap_or(0.0)).unwrap();

            let mut params = exact(&case["p0"]);
            let mut state = sgd.init(params.len()).unwrap();
            let mut shadow = Shadow {
                params: numbers(&case["p0"]),
                velocity: vec![0.0; params.len()],
                largest: vec![0.0; params.len()],
            };
            for (grads, t) in zip(&grads, 1_u8..) {
                sgd.step(&mut state, rates, &mut params, grads);
                let wide: Vec<f64> = grads.iter().map(|&g| f64::from(g)).collect();
                shadow.step(config, t == 1, &wide);
                let after = &run["after"][t.to_string()];
                if after.is_null() {
                    continue;
                }
                let unit = f64::from(t) * 4.0 * 2.0_f64.powi(-23);
                let bounds: Vec<f64> = shadow.largest.iter().map(|x| unit * x).collect();
                let what = format!("{}, {config}, step {t}", state.level());
                let params_want = numbers(&after["params"]);
                compare(&params, &params_want, &shadow.params, &bounds, &what);
                if momentum.is_some() {
                    let velocity_want = numbers(&after["velocity"]);
                    compare(state.velocity(), &velocity_want, &shadow.velocity, &bounds, &what);
                }
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 30);
}
