//! Initial parameters from a file.

use std::path::{Path, PathBuf};

use ravine_models::Layout;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

/// Initial parameters cannot be had from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The file cannot be read.
    #[error("{}: found {source}, wanted a safetensors file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no safetensors file.
    #[error("{}: found no safetensors file ({source}), wanted one", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SafeTensorError,
    },
    /// A tensor is absent.
    #[error("{}: no tensor {name}, which the model has with shape {wanted:?}; found {found}", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The shape that the model wants.
        wanted: Vec<usize>,
        /// The names in the file.
        found: String,
    },
    /// A tensor that the model does not have.
    #[error("{}: tensor {name}, which the model does not have", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
    /// A tensor of another shape or type.
    #[error("{}: tensor {name} is {found_type:?} of shape {found:?}, but F32 of shape {wanted:?} is wanted", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
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
    #[error("{}: tensor {name}, element {index} is {value}, but every value is finite", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The element in file order.
        index: usize,
        /// The value.
        value: f32,
    },
}

/// Fills `params` from the safetensors file at `path`: a tensor of type F32 for each of the
/// layout's names, in its shape. Tensors called `velocity.…` are passed over, so that a saved run
/// serves as a start.
///
/// # Errors
///
/// If the file cannot be read, or its tensors are not the layout's.
///
/// # Panics
///
/// If `params` is not as long as the layout.
pub fn read_initial(path: &Path, layout: &Layout, params: &mut [f32]) -> Result<(), InitError> {
    let here = || path.to_path_buf();
    let bytes = std::fs::read(path).map_err(|source| InitError::Read { path: here(), source })?;
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|source| InitError::Format { path: here(), source })?;
    let known = |name: &str| layout.tensors().iter().any(|tensor| tensor.name == name);
    let names = file.names();
    if let Some(name) = names.iter().find(|name| !known(name) && !name.starts_with("velocity.")) {
        return Err(InitError::Foreign { path: here(), name: (*name).to_string() });
    }
    for tensor in layout.tensors() {
        let (name, wanted) = (tensor.name.clone(), tensor.shape());
        let Ok(view) = file.tensor(&name) else {
            let mut found: Vec<&str> = names.to_vec();
            found.sort_unstable();
            let found = if found.is_empty() { "none".into() } else { found.join(", ") };
            return Err(InitError::Absent { path: here(), name, wanted, found });
        };
        if view.dtype() != Dtype::F32 || view.shape() != wanted {
            let (found_type, found) = (view.dtype(), view.shape().to_vec());
            return Err(InitError::Shape { path: here(), name, found_type, found, wanted });
        }
        let (values, _) = view.data().as_chunks::<4>();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(InitError::Value { path: here(), name, index, value: values[index] });
        }
        layout.from_file_order(tensor, params, &values);
    }
    Ok(())
}
