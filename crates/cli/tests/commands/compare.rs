//! `ravine compare`: what differs, where, by how much, and what still passes.

use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::Value;

use crate::program::{self, ravine};

mod arrays;
mod models;
mod refusals;
mod runs;
mod traces;

/// A place for a file of these tests alone.
fn place(name: &str) -> PathBuf {
    program::place(&format!("compare-{name}"))
}

/// A file of these tests alone.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    program::file(&format!("compare-{name}"), content)
}

/// The line that compares two files.
fn line(a: &Path, b: &Path) -> String {
    format!("compare {} {}", a.display(), b.display())
}

/// The object of a comparison that must fail.
fn differs(line: &str) -> Value {
    let output = ravine(&format!("{line} --json"));
    let (text, said) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{line}: {text} {said}");
    assert_eq!(said.lines().count(), 1, "{line}: {said}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["passes"], &value["equal"]), (&false.into(), &false.into()), "{value}");
    value
}

/// What a comparison prints for people, whether it fails or not.
fn told(line: &str) -> String {
    String::from_utf8(ravine(line).stdout).unwrap()
}

/// A safetensors file of tensors with a name, type, shape and bytes.
fn model(name: &str, tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> PathBuf {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (*name, TensorView::new(*dtype, shape.to_vec(), bytes).unwrap())
    });
    file(name, safetensors::serialize(views, None).unwrap())
}

fn singles(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
