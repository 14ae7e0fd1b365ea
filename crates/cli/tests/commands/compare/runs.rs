//! Runs of our own: what they save and trace.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{differs, line, place};
use crate::program::{object, succeeds};

const DIABETES: &str = "train --data data/diabetes.csv --batch full --lr 0.001";

/// A trained model and its trace.
fn run(name: &str, flags: &str) -> (PathBuf, PathBuf) {
    let (save, trace) = (place(&format!("{name}.safetensors")), place(&format!("{name}.csv")));
    let files = format!("--save {} --trace {}", save.display(), trace.display());
    succeeds(&format!("{DIABETES} {flags} {files}"));
    (save, trace)
}

#[test]
fn runs_that_differ_in_threads_and_level_alone_are_equal() {
    let (save, trace) = run("equal-a", "--model mlp --hidden 8 --epochs 5 --threads 1");
    let (again, retrace) =
        run("equal-b", "--model mlp --hidden 8 --epochs 5 --threads 3 --level scalar");
    for (a, b, tensors, elements) in
        [(&save, &again, 8, 2 * (10 * 8 + 8 + 8 + 1)), (&trace, &retrace, 4, 4 * 5)]
    {
        let result = object(&line(a, b));
        assert_eq!((&result["equal"], &result["passes"]), (&true.into(), &true.into()), "{result}");
        assert_eq!(result["elements"], elements, "{result}");
        assert_eq!(result["tensors"].as_array().unwrap().len(), tensors, "{result}");
        assert_eq!((&result["differing"], &result["max_ulps"]), (&0.into(), &0.into()));
        assert_eq!(result["distribution"], json!([{ "from": 0, "to": 0, "count": elements }]));
        assert_eq!((&result["first"], &result["notes"]), (&Value::Null, &json!([])));
        assert!(succeeds(&line(a, b)).ends_with("elements, bit for bit\n"));
    }
}

#[test]
fn a_longer_run_differs_and_the_steps_are_told() {
    let (short, short_trace) = run("short", "--epochs 4");
    let (long, long_trace) = run("long", "--epochs 6");
    let result = differs(&line(&short, &long));
    let notes: Vec<_> = result["notes"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert_eq!(notes, ["\"step is 4 in A, 6 in B\"", "\"config epochs is 4 in A, 6 in B\""]);
    assert_eq!((&result["first"]["step"], &result["unmatched"]), (&Value::Null, &json!([])));
    // The steps that both took are the same, and those that one took alone are named.
    let result = differs(&line(&short_trace, &long_trace));
    assert_eq!((&result["differing"], &result["elements"]), (&0.into(), &16.into()));
    let problem = "2 of them, 4 to 5, are in B alone";
    assert_eq!(result["unmatched"], json!([{ "tensor": "step", "problem": problem }]));
}

#[test]
fn runs_of_one_length_part_at_their_step_and_their_flags_are_told() {
    let (slow, slow_trace) = run("slow", "--epochs 3 --momentum 0.5");
    let (fast, fast_trace) = run("fast", "--epochs 3 --momentum 0.75");
    let result = differs(&line(&slow, &fast));
    assert_eq!(result["notes"], json!(["config momentum is \"0.5\" in A, \"0.75\" in B"]));
    assert_eq!((&result["first"]["step"], &result["elements"]), (&3.into(), &22.into()));
    // The first step is plain descent in both, and the flag is seen at once.
    let result = differs(&line(&slow_trace, &fast_trace));
    assert_eq!(
        (&result["first"]["step"], &result["first"]["tensor"]),
        (&0.into(), &"momentum".into())
    );
    let loss = &result["tensors"][0];
    assert_eq!((&loss["tensor"], &loss["differing"]), (&"loss".into(), &1.into()));
    assert_eq!(loss["farthest"]["step"], 2);
}
