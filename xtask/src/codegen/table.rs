//! Which kernels are judged, and where they are compiled.

/// A crate whose assembly is read.
pub(crate) struct Unit {
    /// The package.
    pub(crate) package: &'static str,
    /// Cargo's arguments that name the one target of it to compile.
    pub(crate) target: &'static [&'static str],
    /// Every kernel that computes in loops.
    pub(crate) families: &'static [Family],
}

/// Kernels that differ in their generic arguments alone.
pub(crate) struct Family {
    /// The type without its generic arguments.
    pub(crate) name: &'static str,
    /// How many there are.
    pub(crate) count: usize,
    /// Packed operations that the main loop must have at least on each level.
    pub(crate) least: [usize; 3],
    /// Whether all that lives in the main loop fits into sixteen registers.
    pub(crate) fits: bool,
}

/// One kernel.
const fn one(name: &'static str) -> Family {
    many(name, 1)
}

/// `count` kernels.
const fn many(name: &'static str, count: usize) -> Family {
    Family { name, count, least: [1; 3], fits: true }
}

/// A kernel with a polynomial, whose coefficients and powers are more than registers.
const fn polynomials(name: &'static str, count: usize) -> Family {
    Family { fits: false, ..many(name, count) }
}

/// All units, each after those that it is imported by: a crate that is built with flags of its own
/// is built again for its importers.
pub(crate) const UNITS: [Unit; 5] = [
    Unit {
        package: "ravine-models",
        target: LIBRARY,
        families: &[
            polynomials("ravine_models::loss::softmax::Sum", 1),
            polynomials("ravine_models::loss::softmax::Slopes", 1),
            polynomials("ravine_models::loss::pointwise::Slopes", 3),
            // The terms of its losses.
            polynomials("ravine_simd::sum::Leaf", 3),
        ],
    },
    Unit {
        package: "ravine-tensor",
        target: LIBRARY,
        families: &[
            // A loop for each size of a tile. The largest is judged: 6 rows of a block of two
            // registers, or 12 rows of two blocks of one. The baseline has no fused operation.
            Family { least: [0, 12, 24], ..one("ravine_tensor::tile::Tile") },
            one("ravine_tensor::tile::Merge"),
            one("ravine_tensor::product::Add"),
            polynomials("ravine_tensor::activation::Forward", 1),
            polynomials("ravine_tensor::activation::Backward", 1),
        ],
    },
    Unit {
        package: "ravine-momentum",
        target: LIBRARY,
        families: &[
            // Three gradients, three decays, three motions.
            many("ravine_momentum::rule::Sweep", 27),
            one("ravine_momentum::ema::Average"),
            one("ravine_momentum::ema::Quotient"),
            one("ravine_momentum::look_ahead::Shift"),
        ],
    },
    Unit {
        package: "ravine-simd",
        target: LIBRARY,
        families: &[
            many("ravine_simd::sum::Leaf", 3),
            Family { least: [0, 12, 12], ..one("ravine_simd::limit::Chains") },
            one("ravine_simd::limit::Read"),
            one("ravine_simd::limit::Move"),
        ],
    },
    // A loop of `stream` by itself, on the baseline too, which libraries enter without a function.
    Unit { package: "xtask", target: &["--example", "probe"], families: &[one("probe::Sweep")] },
];

/// A library, without threads, which no kernel knows of.
const LIBRARY: &[&str] = &["--lib", "--no-default-features"];

/// Kernels that compute nothing in a loop, so that there is nothing to judge: they hand finished
/// tiles over, or ask a level for its constants.
pub(crate) const LEFT_OUT: [&str; 4] = [
    "ravine_tensor::block::Hand",
    "ravine_tensor::product::Hand",
    "ravine_tensor::block::Ask",
    "ravine_simd::limit::fma_per_round::Count",
];

/// Whether a kernel, as symbols name it, is called `name`, whatever its generic arguments.
pub(crate) fn is_called(kernel: &str, name: &str) -> bool {
    kernel.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('<'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_whole_path_with_any_arguments() {
        assert!(is_called("a::Sum", "a::Sum"));
        assert!(is_called("a::Sum<1, b::Sum>", "a::Sum"));
        assert!(!is_called("a::Sums", "a::Sum"));
        assert!(!is_called("b::Sum<a::Sum>", "a::Sum"));
    }

    #[test]
    fn no_kernel_is_both_judged_and_left_out() {
        let judged = UNITS.iter().flat_map(|unit| unit.families);
        assert!(judged.into_iter().all(|family| !LEFT_OUT.contains(&family.name)));
    }
}
