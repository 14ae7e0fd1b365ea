//! Numbers of things.

use std::num::NonZeroUsize;

/// Reads a number of things.
pub(super) fn count(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "wanted a number ≥ 1")
}
