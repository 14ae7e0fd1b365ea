//! What is saved can be read again, and what cannot be read is named.

use std::collections::HashMap;
use std::path::PathBuf;

use ravine::models::{Mlp, Model};
use ravine::tensor::Activation;
use ravine::{digest, read_initial, save};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn model(widths: &[usize]) -> Mlp {
    Mlp::new(widths, Activation::Relu).expect("widths above zero")
}

fn params(model: &Mlp) -> Vec<f32> {
    let mut params = vec![f32::NAN; model.layout().len()];
    model.init(&mut params, 3);
    params
}

#[test]
fn saved_parameters_start_another_run() {
    let (path, model) = (file("round_trip.safetensors"), model(&[3, 5, 2]));
    let params = params(&model);
    let velocity: Vec<f32> = params.iter().map(|x| -x).collect();
    save(&path, model.layout(), &params, &velocity, HashMap::new()).expect("a writable folder");
    let mut read = vec![f32::NAN; params.len()];
    read_initial(&path, model.layout(), &mut read).expect("a saved file");
    assert_eq!(digest(model.layout(), &read, &[]), digest(model.layout(), &params, &[]));
    let with_velocity = digest(model.layout(), &params, &velocity);
    assert_ne!(with_velocity, digest(model.layout(), &params, &[]), "velocity counts");
}

#[test]
fn files_of_other_models_are_refused_by_name() {
    let (path, small) = (file("other.safetensors"), model(&[3, 5, 2]));
    save(&path, small.layout(), &params(&small), &[], HashMap::new()).expect("a writable folder");
    for (other, words) in [
        (model(&[3, 4, 2]), ["layers.0.weight", "[5, 3]", "[4, 3]"]),
        (model(&[3, 5, 2, 2]), ["layers.2.weight", "no tensor", "[2, 2]"]),
        (model(&[3, 5]), ["layers.1.", "does not have", "other.safetensors"]),
    ] {
        let mut read = vec![0.0; other.layout().len()];
        let error = read_initial(&path, other.layout(), &mut read).expect_err("another model");
        let text = error.to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert!(!text.contains('\n'), "one line: {text}");
    }
}

#[test]
fn damaged_and_missing_files_are_named() {
    let (path, model) = (file("damaged.safetensors"), model(&[2, 2]));
    let mut read = vec![0.0; model.layout().len()];
    let missing = read_initial(&file("missing.safetensors"), model.layout(), &mut read);
    assert!(missing.expect_err("no file").to_string().contains("missing.safetensors"));
    save(&path, model.layout(), &params(&model), &[], HashMap::new()).expect("a writable folder");
    let bytes = std::fs::read(&path).expect("just written");
    for cut in [0, 4, 20, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..cut]).expect("a writable folder");
        let error = read_initial(&path, model.layout(), &mut read).expect_err("cut short");
        assert!(error.to_string().contains("damaged.safetensors"), "{error}");
    }
}
