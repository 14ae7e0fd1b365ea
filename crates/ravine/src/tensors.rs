//! A model's tensors in a safetensors file, and what can be wrong with such a file.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ravine_data::open_regular;
use ravine_models::{Layout, Tensor};
use safetensors::{Dtype, SafeTensorError, SafeTensors};

/// What the names of a velocity's tensors begin with.
pub(crate) const VELOCITY: &str = "velocity.";

/// A file does not hold the parameters, or the run, that it should.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), on_one_line(&fault.to_string()))]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: LoadFault,
}

/// What is wrong with a file of parameters, or of a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadFault {
    /// The file cannot be read.
    #[error("found {0}, wanted a safetensors file")]
    Read(io::Error),
    /// The file is no safetensors file.
    #[error("found no safetensors file ({0}), wanted one")]
    Format(SafeTensorError),
    /// A tensor is absent.
    #[error("no tensor {name}, which the model has with shape {wanted:?}; found {found}")]
    Absent {
        /// The tensor.
        name: String,
        /// The shape that the model wants.
        wanted: Vec<usize>,
        /// The names in the file.
        found: String,
    },
    /// A tensor that the model does not have.
    #[error("tensor {name}, which the model does not have")]
    Foreign {
        /// The tensor.
        name: String,
    },
    /// A tensor of another shape or type.
    #[error(
        "tensor {name} is {found_type:?} of shape {found:?}, but F32 of shape {wanted:?} is wanted"
    )]
    Shape {
        /// The tensor.
        name: String,
        /// Its type.
        found_type: Dtype,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that the model wants.
        wanted: Vec<usize>,
    },
    /// A value that no training can start from.
    #[error("tensor {name}, element {index} is {value}, but every value is finite")]
    Value {
        /// The tensor.
        name: String,
        /// The element in file order.
        index: usize,
        /// The value.
        value: f32,
    },
    /// The file tells nothing of a run.
    #[error("found no {key} in its metadata, wanted a saved run")]
    Untold {
        /// What a saved run would tell.
        key: &'static str,
    },
    /// What the file tells of its run is outside its range.
    #[error("{key} is {found}, but {wanted}")]
    Told {
        /// What is told.
        key: &'static str,
        /// What the file says.
        found: String,
        /// What it could be.
        wanted: String,
    },
    /// The file's bytes are not those that were written.
    #[error("found damage: its bytes have the SHA-256 {found}, wanted its checksum {wanted}")]
    Checksum {
        /// SHA-256 of the file as it is.
        found: String,
        /// The checksum in the file.
        wanted: String,
    },
}

/// The text with its control characters escaped: names and metadata come from the file.
fn on_one_line(text: &str) -> String {
    text.chars().fold(String::new(), |mut line, c| {
        if c.is_control() {
            line.extend(c.escape_debug());
        } else {
            line.push(c);
        }
        line
    })
}

/// Reads a file of tensors, but no device or pipe, which could go on for ever.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, LoadFault> {
    let mut bytes = Vec::new();
    let read = open_regular(path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(LoadFault::Read)
}

/// Refuses a file with a tensor whose name is not `known`.
pub(crate) fn refuse_foreign(
    file: &SafeTensors<'_>,
    known: impl Fn(&str) -> bool,
) -> Result<(), LoadFault> {
    match names(file).into_iter().find(|name| !known(name)) {
        Some(name) => Err(LoadFault::Foreign { name: name.into() }),
        None => Ok(()),
    }
}

/// Finds the layout's tensors by their names behind `prefix`, each F32 in its shape, and gives
/// their bytes.
pub(crate) fn find<'l, 'f>(
    file: &SafeTensors<'f>,
    prefix: &str,
    layout: &'l Layout,
) -> Result<Vec<(&'l Tensor, &'f [u8])>, LoadFault> {
    let find = |tensor: &'l Tensor| {
        let (name, wanted) = (format!("{prefix}{}", tensor.name), tensor.shape());
        let Ok(view) = file.tensor(&name) else {
            let found = names(file);
            let found = if found.is_empty() { "none".into() } else { found.join(", ") };
            return Err(LoadFault::Absent { name, wanted, found });
        };
        if view.dtype() != Dtype::F32 || view.shape() != wanted {
            let (found_type, found) = (view.dtype(), view.shape().to_vec());
            return Err(LoadFault::Shape { name, found_type, found, wanted });
        }
        Ok((tensor, view.data()))
    };
    layout.tensors().iter().map(find).collect()
}

/// The names of all tensors, sorted.
fn names<'a>(file: &'a SafeTensors<'_>) -> Vec<&'a str> {
    let mut names = file.names();
    names.sort_unstable();
    names
}

/// Names, tensors and values of parameters, and then of the velocity where it is not empty, in the
/// order of a file.
pub(crate) fn pieces<'a>(
    layout: &'a Layout,
    params: &'a [f32],
    velocity: &'a [f32],
) -> impl Iterator<Item = (String, &'a Tensor, Cow<'a, [f32]>)> {
    let parts = [("", params), (VELOCITY, velocity)];
    let parts = parts.into_iter().filter(|(_, values)| !values.is_empty());
    parts.flat_map(move |(prefix, values)| {
        let tensors = layout.tensors().iter();
        tensors.map(move |tensor| {
            let name = format!("{prefix}{}", tensor.name);
            (name, tensor, layout.to_file_order(tensor, values))
        })
    })
}

/// The values of little-endian bytes.
pub(crate) fn from_le(bytes: &[u8]) -> Vec<f32> {
    let (values, _) = bytes.as_chunks();
    values.iter().map(|value| f32::from_le_bytes(*value)).collect()
}

/// The little-endian bytes of values: on most machines those that are in memory.
pub(crate) fn to_le(values: &[f32]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        Cow::Borrowed(bytemuck::cast_slice(values))
    } else {
        Cow::Owned(values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }
}
