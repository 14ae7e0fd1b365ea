//! What a run prints and leaves behind.

use std::path::Path;

use crate::program::{column, fails, file, object, place, succeeds};
use serde_json::Value;

const DIABETES: &str = "train --data data/diabetes.csv --batch full";

/// A file's words of metadata.
fn metadata(saved: &Path) -> Value {
    let bytes = std::fs::read(saved).unwrap();
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let header = &rest[..usize::try_from(u64::from_le_bytes(*length)).unwrap()];
    let header: Value = serde_json::from_slice(header).unwrap();
    header["__metadata__"].clone()
}

#[test]
fn json_is_one_object_with_all_keys() {
    let keys = [
        "accuracy",
        "digest",
        "level",
        "loss",
        "lr",
        "momentum",
        "rows_per_s",
        "seconds",
        "skipped",
        "steps",
        "test_accuracy",
        "test_loss",
        "threads",
    ];
    let result = object(&format!("{DIABETES} --epochs 3 --lr 0.1:0.2@2 --test-fraction 0.2"));
    let mut found: Vec<_> = result.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, keys);
    assert_eq!((&result["steps"], &result["skipped"]), (&3.into(), &0.into()));
    assert_eq!((&result["lr"], &result["momentum"]), (&0.2.into(), &0.9.into()));
    assert!(result["test_loss"].is_f64() && result["accuracy"].is_null());
    let classes = "--task multiclass --test-fraction 0.2 --epochs 2 --lr 0.1";
    let result = object(&format!("train --data data/digits.csv {classes}"));
    for key in ["loss", "accuracy", "test_loss", "test_accuracy", "seconds", "rows_per_s"] {
        assert!(result[key].as_f64().unwrap() > 0.0, "{key}: {result}");
    }
    assert!(result["test_accuracy"].as_f64().unwrap() > 0.8, "{result}");
}

#[test]
fn the_last_lines_are_those_of_the_object() {
    let run = "train --data data/digits.csv --task multiclass --test-fraction 0.5 --epochs 1";
    let (text, result) = (succeeds(run), object(run));
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    let names = ["digest", "test_accuracy", "test_loss", "accuracy", "loss"];
    for (line, name) in lines.into_iter().zip(names) {
        let (found, value) = line.split_once(' ').unwrap();
        assert_eq!(found, name, "{text}");
        match &result[name] {
            Value::String(digest) => assert_eq!(value, digest),
            number => {
                let value: f64 = value.parse().unwrap();
                assert_eq!(value.to_bits(), number.as_f64().unwrap().to_bits(), "{name}");
            }
        }
    }
}

#[test]
fn a_run_that_diverges_names_the_step_and_leaves_the_trace_alone() {
    let (trace, save) = (place("diverged.csv"), place("diverged.safetensors"));
    let files = format!("--trace {} --save {}", trace.display(), save.display());
    let said = fails(&format!("{DIABETES} --lr 100 --epochs 1000 {files}"), 1);
    let steps = column(&trace, "step");
    assert!(said.contains(&format!("step {}:", steps.len())), "{said}");
    assert!((2..500).contains(&steps.len()) && !save.exists());
    assert!(column(&trace, "loss").iter().all(|loss| loss.is_finite()));
    // Fused or not, the step is the same.
    assert_eq!(fails(&format!("{DIABETES} --lr 100 --epochs 1000"), 1), said);
}

#[test]
fn a_loss_that_is_not_finite_after_the_last_step_fails_too() {
    let said = fails(&format!("{DIABETES} --lr 1e38 --epochs 1 --form plain"), 1);
    assert!(said.contains("step 1: the loss is not finite"), "{said}");
}

#[test]
fn skipped_rows_leave_no_trace() {
    let good = "x,y\n1,2\n2,3\n-1,-2\n0.5,1\n";
    let (clean, hurt) = (file("clean.csv", good), file("hurt.csv", format!("{good}3e38,1e10\n")));
    let flags = "--standardize false --batch 1 --shuffle false --epochs 4 --on-nonfinite skip";
    let run = |data: &Path| object(&format!("train --data {} {flags}", data.display()));
    let (clean, hurt) = (run(&clean), run(&hurt));
    assert_eq!((&clean["steps"], &clean["skipped"]), (&16.into(), &0.into()));
    assert_eq!((&hurt["steps"], &hurt["skipped"]), (&16.into(), &4.into()));
    assert_eq!(clean["digest"], hurt["digest"]);
}

#[test]
fn a_saved_run_is_a_start_with_the_same_loss() {
    for model in ["--model linear", "--model mlp --hidden 9 --activation tanh"] {
        let save = place("start.safetensors");
        let run = format!("{DIABETES} {model} --epochs 20 --lr 0.01");
        let end = object(&format!("{run} --save {}", save.display()));
        // A step too small to move a parameter.
        let still = format!("{DIABETES} {model} --epochs 1 --lr 1e-30 --momentum 0");
        let start = object(&format!("{still} --init {}", save.display()));
        assert_eq!(start["loss"], end["loss"], "{model}");
        assert_ne!(object(&still)["loss"], end["loss"], "{model}");
    }
}

#[test]
fn a_saved_run_tells_what_it_was() {
    let save = place("told.safetensors");
    let flags = "--batch 100 --epochs 2 --seed 7 --form ema --lr optimal --momentum 0.5";
    let line = format!("train --data data/longley.csv {flags} --save {}", save.display());
    let result = object(&line);
    let told = metadata(&save);
    let words = |key: &str| told[key].as_str().unwrap().to_owned();
    let json = |key: &str| serde_json::from_str::<Value>(&words(key)).unwrap();
    assert_eq!((words("step"), words("beta_product")), ("2".into(), "0.25".into()));
    assert_eq!(words("contract"), ravine::simd::CONTRACT.to_string());
    assert_eq!(words("data").len(), 64);
    assert_eq!(json("random"), serde_json::json!({ "seed": 7, "epoch": 2, "batch": 0 }));
    let config = json("config");
    assert_eq!((&config["form"], &config["batch"]), (&"ema".into(), &100.into()));
    assert_eq!(config["lr"], result["lr"].to_string());
    assert!(config.get("threads").is_none() && config.get("level").is_none());
}

#[test]
fn the_optimal_rate_is_the_best_of_its_neighbors() {
    let run = format!("{DIABETES} --epochs 150");
    let result = object(&format!("{run} --lr optimal --momentum optimal"));
    let [lr, momentum, loss] = ["lr", "momentum", "loss"].map(|key| result[key].as_f64().unwrap());
    for (lr, momentum) in
        [(0.7 * lr, momentum), (lr, 0.9 * momentum), (lr, 1.0 - 0.5 * (1.0 - momentum))]
    {
        let other = object(&format!("{run} --lr {lr} --momentum {momentum}"));
        assert!(other["loss"].as_f64().unwrap() > loss, "{lr} {momentum}: {other}");
    }
    let given = object(&format!("{run} --lr optimal --momentum 0.5"));
    assert!(given["lr"].as_f64().unwrap() > 0.0 && given["momentum"] == 0.5);
    let text = succeeds(&format!("{run} --lr optimal --form plain"));
    assert!(text.contains("optimal: lr "), "{text}");
}

#[test]
fn held_out_rows_are_standardized_by_the_training_rows() {
    let data = file("rows.csv", "x,y\n1,1\n2,2\n3,3\n4,4\n");
    let moved = file("moved.csv", "x,y\n11,11\n12,12\n");
    let flags = "--batch full --epochs 300 --lr 0.1";
    let line = format!("train --data {} --test {} {flags}", data.display(), moved.display());
    assert!(object(&line)["test_loss"].as_f64().unwrap() < 1e-6);
}
