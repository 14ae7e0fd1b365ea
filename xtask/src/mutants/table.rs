//! The patches, a file a crate.

mod lab;
mod models;
mod momentum;
mod ravine;
mod simd;
mod tensor;

use crate::mutants::patch::Patch;

/// All patches, a crate's one after another.
pub(crate) fn all() -> impl Iterator<Item = &'static Patch> {
    let kernels = [simd::PATCHES, momentum::PATCHES, tensor::PATCHES];
    kernels.into_iter().chain([models::PATCHES, ravine::PATCHES, lab::PATCHES]).flatten()
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
