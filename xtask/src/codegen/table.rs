//! Which kernels are judged, on which levels, and where they are compiled.

/// A level: how its kernels are found, and what is expected of them.
pub(crate) struct Level {
    /// The name.
    pub(crate) name: &'static str,
    /// What the symbol of a kernel contains before the kernel's own name.
    pub(crate) symbol: &'static str,
    /// The index of its register in [`REGISTERS`](super::assembly::REGISTERS), if it has one.
    pub(crate) register: Option<usize>,
    /// Operations that are calls by design: what their symbols contain.
    pub(crate) calls: &'static [&'static str],
}

/// All levels.
pub(crate) static LEVELS: [Level; 4] = [
    Level {
        name: "scalar",
        symbol: "::Scalar as ravine_simd::lanes::Simd>::vectorize::<",
        register: None,
        calls: &[">::map", ">::zip", "ravine_simd::emulated::mul_add"],
    },
    Level {
        name: "baseline",
        symbol: "::Baseline as ravine_simd::lanes::Simd>::vectorize::<",
        register: Some(0),
        calls: &["ravine_simd::emulated::mul_add"],
    },
    Level {
        name: "avx2",
        symbol: "::Avx2 as ravine_simd::lanes::Simd>::vectorize::entry::<",
        register: Some(1),
        calls: &[],
    },
    Level {
        name: "avx512",
        symbol: "::Avx512 as ravine_simd::lanes::Simd>::vectorize::entry::<",
        register: Some(2),
        calls: &[],
    },
];

/// A crate whose assembly is read.
pub(crate) struct Unit {
    /// The package.
    pub(crate) package: &'static str,
    /// Every kernel that computes in loops.
    pub(crate) families: &'static [Family],
}

/// Kernels that differ in their generic arguments alone.
pub(crate) struct Family {
    /// The type without its generic arguments.
    pub(crate) name: &'static str,
    /// How many there are.
    pub(crate) count: usize,
    /// Packed operations that the main loop must have at least, by register.
    pub(crate) least: [usize; 3],
    /// Registers that its loops may spill at most, by register.
    pub(crate) spills: [usize; 3],
}

/// One kernel.
const fn one(name: &'static str) -> Family {
    many(name, 1)
}

/// `count` kernels that spill nothing, but for the baseline: a block is four of its sixteen
/// registers, and three blocks with their factors are more than it has.
const fn many(name: &'static str, count: usize) -> Family {
    spilling([2, 0, 0], name, count)
}

/// `count` kernels that need more registers than a level has. The ceilings are what they spilled
/// when last looked at, rounded up, so that a compiler may differ but a lost register is seen.
const fn spilling(spills: [usize; 3], name: &'static str, count: usize) -> Family {
    Family { name, count, least: [1; 3], spills }
}

/// All units, each after those that it is imported by: a crate that is built with flags of its own
/// is built again for its importers.
pub(crate) static UNITS: [Unit; 4] = [
    Unit {
        package: "ravine-models",
        families: &[
            // A square of sixteen blocks is transposed; AVX2 has eight blocks of registers.
            Family {
                least: [0, 0, 1],
                ..spilling([60, 40, 0], "ravine_models::linear::once::Predict", 1)
            },
            // Two such squares at once, and two chains: more than the registers of AVX-512.
            Family {
                least: [0, 0, 1],
                ..spilling([0, 0, 12], "ravine_models::linear::abreast::Accumulate", 1)
            },
            // Four blocks of chains are half of AVX2's registers. The baseline fuses nothing.
            Family {
                least: [0, 4, 4],
                ..spilling([20, 2, 0], "ravine_models::linear::once::Accumulate", 1)
            },
            // A sum in `f64`, which takes as many registers again, beside an exponential.
            spilling([28, 16, 0], "ravine_models::loss::softmax::Sum", 1),
            spilling([4, 0, 0], "ravine_models::loss::softmax::Slopes", 1),
            spilling([8, 0, 0], "ravine_models::loss::pointwise::Slopes", 3),
            // Two such sums beside an exponential and a logarithm each.
            spilling([32, 20, 2], "ravine_simd::sum::Leaf", 3),
        ],
    },
    Unit {
        package: "ravine-tensor",
        families: &[
            // A loop for each size of a tile. The largest is judged: 6 rows of a block of two
            // registers, or of four blocks of one. The baseline has no fused operation.
            Family { least: [0, 12, 24], ..one("ravine_tensor::tile::Chains") },
            one("ravine_tensor::samples::Add"),
            // Selects between two polynomials of a block: both results and the argument live on.
            // On the baseline four registers at a time overlap, which is faster than to spill less.
            spilling([24, 4, 0], "ravine_tensor::activation::Forward", 1),
            spilling([24, 6, 0], "ravine_tensor::activation::Backward", 1),
            one("ravine_tensor::function::Map<ravine_tensor::function::Exp>"),
            spilling([8, 0, 0], "ravine_tensor::function::Map<ravine_tensor::function::Ln>", 1),
            // Such a select, and a quotient beside it.
            spilling([30, 10, 0], "ravine_tensor::function::Map<ravine_tensor::function::Erf>", 1),
        ],
    },
    Unit {
        package: "ravine-momentum",
        families: &[
            // Clamps, decays and looks ahead: the most that a block meets.
            spilling(
                [4, 0, 0],
                "ravine_momentum::sweep::Sweep<ravine_momentum::rule::Ahead, f32, f32, 1, 0, 2, 1>",
                1,
            ),
            // Three gradients, three decays, three motions.
            many("ravine_momentum::sweep::Sweep", 27),
            // Three motions, by options that are decided or not.
            spilling([24, 2, 0], "ravine_momentum::sweep::Strip", 6),
            // Three motions, of which two with two kinds of velocity, Adam and four kinds of
            // RMSProp, each without an average and with two kinds of it. The numbers of every
            // option live on beside those of the rule, and are read again from the stack.
            spilling([24, 2, 0], "ravine_momentum::sweep::Undecided", 30),
            many("ravine_momentum::vector_ema::Average", 2),
            one("ravine_momentum::vector_ema::Quotient"),
            spilling([10, 0, 0], "ravine_simd::sum::Leaf", 1),
            one("ravine_momentum::look_ahead::Shift"),
        ],
    },
    Unit {
        package: "ravine-simd",
        families: &[
            // Two sums in `f64` alone are sixteen registers of the baseline.
            spilling([10, 0, 0], "ravine_simd::sum::Leaf", 3),
            Family { least: [0, 12, 12], ..one("ravine_simd::limit::Chains") },
            one("ravine_simd::limit::Read"),
            many("ravine_simd::limit::Move", 6),
        ],
    },
];

/// Kernels that compute nothing in a loop of their own: they copy, hand finished tiles over, or ask
/// a level for its constants. Of these only what they call is judged.
pub(crate) const LEFT_OUT: [&str; 9] = [
    "ravine_tensor::block::Hand",
    "ravine_tensor::pack::Copy",
    "ravine_tensor::pack::Pack",
    "ravine_tensor::panels::Pack",
    "ravine_tensor::panels::Sums",
    "ravine_tensor::panels::Turn",
    "ravine_tensor::panels::Unpack",
    "ravine_tensor::blocking::Ask",
    "ravine_simd::limit::fma_per_round::Count",
];

/// The door to another kernel, which a hand-over may enter: the end of its symbol.
pub(crate) const DOOR: &str = "in_place";

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
