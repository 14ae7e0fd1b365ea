//! Initial parameters from a file.

use std::path::Path;

use ravine_models::Layout;
use safetensors::SafeTensors;

use crate::tensors::{VELOCITY, find, from_le, read, refuse_foreign};
use crate::{LoadError, LoadFault};

/// Fills `params` from the safetensors file at `path`: a tensor of type F32 for each of the
/// layout's names, in its shape. Tensors called `velocity.…` are passed over, so that a saved run
/// serves as a start.
///
/// # Errors
///
/// If the file cannot be read, its tensors are not the layout's, or a value is not finite.
///
/// # Panics
///
/// If `params` is not as long as the layout.
pub fn read_initial(path: &Path, layout: &Layout, params: &mut [f32]) -> Result<(), LoadError> {
    fill(path, layout, params).map_err(|fault| LoadError { path: path.to_path_buf(), fault })
}

fn fill(path: &Path, layout: &Layout, params: &mut [f32]) -> Result<(), LoadFault> {
    let bytes = read(path)?;
    let file = SafeTensors::deserialize(&bytes).map_err(LoadFault::Format)?;
    let known = |name: &str| layout.tensors().iter().any(|tensor| tensor.name == name);
    refuse_foreign(&file, |name| known(name) || name.starts_with(VELOCITY))?;
    for (tensor, bytes) in find(&file, "", layout)? {
        let values = from_le(bytes);
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            let (name, value) = (tensor.name.clone(), values[index]);
            return Err(LoadFault::Value { name, index, value });
        }
        layout.from_file_order(tensor, params, &values);
    }
    Ok(())
}
