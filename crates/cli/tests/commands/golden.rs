//! Training follows the losses that PyTorch finds in `f64`.

use crate::program::{ROOT, column, object, place};
use serde_json::Value;

#[test]
fn every_case_has_pytorchs_losses() {
    let text = std::fs::read_to_string(format!("{ROOT}/golden/train_cases.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let (name, args) = (case["name"].as_str().unwrap(), case["args"].as_str().unwrap());
        // Longley's columns are nearly dependent, which `f32` feels.
        let bound = if name.starts_with("longley") { 1e-3 } else { 2e-5 };
        let trace = place(&format!("{name}.csv"));
        let result = object(&format!("train {args} --trace {}", trace.display()));
        let close = |step: &str, found: f64, wanted: &Value| {
            let wanted = wanted.as_f64().unwrap();
            let error = (found / wanted - 1.0).abs();
            assert!(error <= bound, "{name}, step {step}: {found}, wanted {wanted}, error {error}");
        };
        let losses = column(&trace, "loss");
        let steps = case["loss"].as_object().unwrap();
        assert_eq!(steps.len(), 7, "{name}");
        for (step, wanted) in steps {
            close(step, losses[step.parse::<usize>().unwrap()], wanted);
        }
        close("last", result["loss"].as_f64().unwrap(), &case["final"]);
        assert_eq!(result["steps"], losses.len());
    }
}
