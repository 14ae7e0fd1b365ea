//! Saved runs.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ravine_data::write_whole;
use ravine_models::Layout;
use safetensors::tensor::{Dtype, SafeTensorError, TensorView};

/// A run cannot be saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The file cannot be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The tensors cannot be put into a file.
    #[error("{}: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SafeTensorError,
    },
}

/// Writes parameters, and the velocity where there is one, as a safetensors file: `layers.0.weight`
/// (out × in), `layers.0.bias`, …, `velocity.layers.0.weight`, …, all F32, with `metadata` as
/// strings.
///
/// The file appears whole or not at all: it is written beside its place, synced, and renamed.
///
/// # Errors
///
/// If the file cannot be written.
///
/// # Panics
///
/// If `params` is not as long as the layout, or `velocity` neither as long nor empty.
pub fn save(
    path: &Path,
    layout: &Layout,
    params: &[f32],
    velocity: &[f32],
    metadata: HashMap<String, String>,
) -> Result<(), SaveError> {
    let format = |source| SaveError::Format { path: path.to_path_buf(), source };
    let parts = [("", params), ("velocity.", velocity)];
    let mut tensors = Vec::new();
    for (prefix, values) in parts.into_iter().filter(|(_, values)| !values.is_empty()) {
        for tensor in layout.tensors() {
            let values = layout.to_file_order(tensor, values);
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.push((format!("{prefix}{}", tensor.name), tensor.shape(), bytes));
        }
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name, view))
    });
    let views = views.collect::<Result<Vec<_>, _>>().map_err(format)?;
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(format)?;
    write_whole(path, |file| file.write_all(&bytes))
        .map_err(|source| SaveError::Write { path: path.to_path_buf(), source })
}
