//! Saved models: safetensors files of any program.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::rc::Rc;

use ravine::data::ReadError;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

use super::excerpt::excerpt;
use super::matched::{Course, Matched};
use super::number::{Float, Kind};
use super::tensor::Tensor;
use crate::error::Error;

/// Words of metadata that a person wants to know of where they differ.
const TOLD: [&str; 4] = ["step", "contract", "data", "config"];

/// What a safetensors file holds.
struct Model {
    /// In the order of the file.
    tensors: Vec<Tensor>,
    metadata: HashMap<String, String>,
}

/// Reads two saved models and puts tensors of one name side by side.
pub(super) fn read(a: &Path, b: &Path) -> Result<Matched, Error> {
    let [mut a, mut b] = [load(a)?, load(b)?];
    let notes = [a.overlook_velocity(&b, "A"), b.overlook_velocity(&a, "B")];
    let mut matched = Matched::by_name("tensor", a.tensors, b.tensors);
    matched.notes.extend(notes.into_iter().flatten());
    for key in TOLD {
        if let (Some(a), Some(b)) = (a.metadata.get(key), b.metadata.get(key)) {
            matched.notes.extend(note(key, a, b));
        }
    }
    let [a, b] = [a.metadata, b.metadata].map(|metadata| metadata.get("step")?.parse().ok());
    matched.course = Course::Still(a.filter(|_| a == b));
    Ok(matched)
}

impl Model {
    /// Leaves out the velocities of a model that is held against one without any, as other programs
    /// save it, and gives the note that says so.
    fn overlook_velocity(&mut self, other: &Self, side: &str) -> Option<String> {
        let is_velocity = |tensor: &Tensor| tensor.name.starts_with("velocity.");
        let n = self.tensors.iter().filter(|tensor| is_velocity(tensor)).count();
        let alone = n == self.tensors.len() || other.tensors.iter().any(is_velocity);
        if n == 0 || alone {
            return None;
        }
        self.tensors.retain(|tensor| !is_velocity(tensor));
        Some(format!("{n} tensors of velocity are in {side} alone"))
    }
}

fn load(path: &Path) -> Result<Model, Error> {
    let content = |found: String, wanted: &str| Error::Content {
        file: path.to_path_buf(),
        found: found.into(),
        wanted: wanted.into(),
    };
    let bytes = std::fs::read(path).map_err(|source| ReadError::Io {
        file: path.to_path_buf(),
        kind: "safetensors",
        source,
    })?;
    let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| {
        content(format!("no safetensors file ({})", excerpt(&error.to_string())), "one")
    })?;
    let (file, begin) = (Rc::new(bytes), size_of::<u64>() + header);
    let mut tensors = Vec::new();
    for name in metadata.offset_keys() {
        let info = metadata.info(&name).expect("the header's own names");
        let kind = kind(info.dtype).ok_or_else(|| {
            let found = format!("tensor {} of type {}", excerpt(&name), info.dtype);
            content(found, "F64, F32, F16, BF16, an integer type or BOOL")
        })?;
        let (from, to) = info.data_offsets;
        let shape = info.shape.clone();
        tensors.push(Tensor::within(name, kind, shape, file.clone(), begin + from..begin + to));
    }
    Ok(Model { tensors, metadata: metadata.metadata().clone().unwrap_or_default() })
}

fn kind(dtype: Dtype) -> Option<Kind> {
    Some(match dtype {
        Dtype::F64 => Kind::Float(Float::F64),
        Dtype::F32 => Kind::Float(Float::F32),
        Dtype::F16 => Kind::Float(Float::F16),
        Dtype::BF16 => Kind::Float(Float::BF16),
        Dtype::I64 => Kind::Signed(8),
        Dtype::I32 => Kind::Signed(4),
        Dtype::I16 => Kind::Signed(2),
        Dtype::I8 => Kind::Signed(1),
        Dtype::U64 => Kind::Unsigned(8),
        Dtype::U32 => Kind::Unsigned(4),
        Dtype::U16 => Kind::Unsigned(2),
        Dtype::U8 => Kind::Unsigned(1),
        Dtype::BOOL => Kind::Bool,
        _ => return None,
    })
}

/// How two words of metadata differ: key by key where both are JSON objects.
fn note(key: &str, a: &str, b: &str) -> Vec<String> {
    let told = |key: &str, a: &str, b: &str| format!("{key} is {a} in A, {b} in B");
    match (serde_json::from_str(a), serde_json::from_str(b)) {
        _ if a == b => Vec::new(),
        (Ok(Value::Object(a)), Ok(Value::Object(b))) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
            let word = |value: Option<&Value>| value.map_or("absent".into(), Value::to_string);
            differing
                .map(|inner| {
                    told(&format!("{key} {inner}"), &word(a.get(inner)), &word(b.get(inner)))
                })
                .collect()
        }
        _ => vec![told(key, a, b)],
    }
}
