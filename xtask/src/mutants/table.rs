//! The patches, a file a crate.

mod models;
mod momentum;
mod ravine;
mod simd;
mod tensor;

use crate::mutants::patch::Patch;

/// All patches, a crate's one after another.
pub(crate) fn all() -> impl Iterator<Item = &'static Patch> {
    [simd::PATCHES, momentum::PATCHES, tensor::PATCHES, models::PATCHES, ravine::PATCHES]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().map(|patch| patch.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
