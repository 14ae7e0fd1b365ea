//! The golden vectors are what the definitions give.

use ravine_conformance::update::Form;
use ravine_conformance::{Agreement, golden, mul_add, product, sum, update};

#[test]
fn the_file_is_what_the_definitions_give() {
    let (file, written) = (golden::TEXT, golden::write());
    let same = file.lines().zip(written.lines()).take_while(|(a, b)| a == b).count();
    assert!(
        file == written,
        "golden/vectors.json differs in line {}; if the contract has changed, write it anew by \
         `cargo run -p ravine-conformance --example golden`",
        same + 1,
    );
}

#[test]
fn every_form_is_in_the_file_with_and_without_nesterov_and_decays() {
    let updates = golden::read(golden::TEXT).unwrap().updates;
    let settings = update::settings().filter(|s| s.gradient == update::Gradient::AsIs);
    for setting in settings {
        assert!(updates.iter().any(|trial| trial.case.setting == setting), "{setting}");
    }
    // Not a number is wrong without a number being right.
    for trial in &updates {
        let last = trial.expected.last().unwrap();
        assert!(last.params.iter().filter(|w| w.is_finite()).count() > 12, "{}", trial.case);
        assert_eq!(trial.expected.len(), 4);
    }
}

/// Fuses, which no update may.
struct Fused;

impl update::Kernel for Fused {
    fn step(&mut self, step: &update::Step, params: &mut [f32], velocity: &mut [f32], g: &[f32]) {
        let update::Motion::Momentum { a, b, c, d: None } = step.motion else {
            return step.apply(params, velocity, g);
        };
        for ((w, v), g) in params.iter_mut().zip(velocity).zip(g) {
            *v = mul_add(a, *v, b * g);
            *w = mul_add(-c, *v, *w);
        }
    }
}

/// Adds up in order.
struct InOrder;

impl sum::Kernel for InOrder {
    fn sum(&mut self, terms: sum::Terms, x: &[f32], _: &[f32]) -> f64 {
        assert_eq!(terms, sum::Terms::Values);
        x.iter().map(|&x| f64::from(x)).sum()
    }
}

/// Rounds twice.
struct Twice;

impl product::Kernel for Twice {
    fn product(
        &mut self,
        _: product::Kind,
        shape: product::Shape,
        c: &mut [f32],
        a: &[f32],
        b: &[f32],
    ) {
        for (at, c) in c.iter_mut().enumerate() {
            let (i, j) = (at / shape.n, at % shape.n);
            *c = (0..shape.k).fold(0.0, |sum, p| sum + a[i * shape.k + p] * b[p * shape.n + j]);
        }
    }
}

#[test]
fn the_file_catches_broken_kernels() {
    let file = golden::read(golden::TEXT).unwrap();
    let trial = file.updates.iter().find(|trial| trial.case.setting.form == Form::Ema).unwrap();
    assert!(trial.run(&mut Fused, Agreement::Bits).is_err());
    let values = |trial: &&sum::Trial| trial.case.terms == sum::Terms::Values;
    assert!(file.sums.iter().filter(values).any(|t| t.run(&mut InOrder, Agreement::Bits).is_err()));
    assert!(file.products[0].run(&mut Twice, Agreement::Bits).is_err());
}

#[test]
fn a_file_that_is_none_is_refused() {
    assert!(golden::read("{}").is_err());
    let broken = golden::TEXT.replacen("0x1", "0x", 1);
    let message = golden::read(&broken).unwrap_err().to_string();
    assert!(message.contains("is no hexadecimal float"), "{message}");
}
