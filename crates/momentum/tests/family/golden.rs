//! PyTorch's RMSprop, Adam and AdamW in `f64`, eight steps each.

use ravine_momentum::{Adam, Rates, RmsProp, WeightDecay};
use ravine_simd::Level;
use serde_json::Value;

use crate::formula::round;

const VECTORS: &str = include_str!("../golden/family.json");

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn singles(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(round).collect()
}

/// A run's parameters after each of its steps.
fn run(rule: &str, config: &Value, params: &mut [f32], grads: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let number = |key: &str, default: f64| config[key].as_f64().unwrap_or(default);
    let weight_decay = match number("weight_decay", 0.0) {
        0.0 => WeightDecay::None,
        decay if rule == "AdamW" => WeightDecay::Decoupled(decay),
        decay => WeightDecay::Coupled(decay),
    };
    let (lr, epsilon) = (number("lr", f64::NAN), number("eps", 1e-8));
    let mut after = Vec::new();
    if rule == "RMSprop" {
        let momentum = number("momentum", 0.0);
        let rule = RmsProp {
            square_decay: number("alpha", 0.99),
            epsilon,
            centered: config["centered"].as_bool().unwrap_or(false),
            momentum: momentum > 0.0,
            weight_decay,
        };
        let mut state = rule.init(params.len()).unwrap();
        for grads in grads {
            rule.step(&mut state, Rates::new(lr, momentum).unwrap(), params, grads);
            after.push(params.to_vec());
        }
    } else {
        let beta = |i: usize, default: f64| config["betas"][i].as_f64().unwrap_or(default);
        let adam = Adam { square_decay: beta(1, 0.999), epsilon, weight_decay };
        let mut state = adam.init(params.len()).unwrap();
        for grads in grads {
            adam.step(&mut state, Rates::new(lr, beta(0, 0.9)).unwrap(), params, grads);
            after.push(params.to_vec());
        }
    }
    after
}

#[test]
fn the_rules_of_pytorch() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let grads: Vec<Vec<f32>> = file["grads"].as_array().unwrap().iter().map(singles).collect();
    // That of a state for which none is named.
    let level = Level::detect();
    let runs = file["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 7);
    for golden in runs {
        let (rule, config) = (golden["rule"].as_str().unwrap(), &golden["config"]);
        let after = run(rule, config, &mut singles(&file["p0"]), &grads);
        for (step, wanted) in golden["params_after"].as_object().unwrap() {
            let found = &after[step.parse::<usize>().unwrap() - 1];
            for (i, (&found, wanted)) in found.iter().zip(numbers(wanted)).enumerate() {
                let apart = (f64::from(found) - wanted).abs();
                assert!(
                    apart <= 1e-6 * wanted.abs().max(1.0),
                    "{level}, {rule} {config}, step {step}, index {i}: {found}, not {wanted}"
                );
            }
        }
    }
}
