//! The fingerprint of a trained model.

use ravine_models::Layout;
use sha2::{Digest as _, Sha256};

use crate::tensors::{pieces, to_le};

/// SHA-256, in hexadecimal, over the little-endian `f32`s of the parameters and then of the
/// velocity, tensor by tensor in the order and shape of a saved file.
///
/// `velocity` is empty where the form has none.
#[must_use]
pub fn digest(layout: &Layout, params: &[f32], velocity: &[f32]) -> String {
    let mut hash = Sha256::new();
    for (_, _, values) in pieces(layout, params, velocity) {
        hash.update(to_le(&values));
    }
    hex(&hash.finalize())
}

/// Two hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string succeeds");
        text
    })
}
