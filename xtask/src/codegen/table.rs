//! Which kernels are judged, on which levels, and where they are compiled.

/// A level: how its kernels are found, and what is expected of them.
pub(crate) struct Level {
    /// The name.
    pub(crate) name: &'static str,
    /// What the symbol of a kernel contains before the kernel's own name.
    pub(crate) symbol: &'static str,
    /// The index of its register in [`REGISTERS`](super::instruction::REGISTERS), if it has one.
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

/// Kernels that differ in their generic arguments alone. In their loops no packed arithmetic is in
/// other registers than their level's.
pub(crate) struct Family {
    /// The type without its generic arguments.
    pub(crate) name: &'static str,
    /// How many there are.
    pub(crate) count: usize,
    /// Packed operations that the main loop must have at least, by register: none where they are
    /// calls by design.
    pub(crate) least: [usize; 3],
    /// Registers that its loops may spill at most, by register.
    pub(crate) spills: [usize; 3],
    /// Scalar operations that a loop may have at most, on any level.
    pub(crate) scalars: usize,
    /// Whether blocks are transposed within its loops. With few registers that is a loop of moves,
    /// and what is judged is the loop around it.
    pub(crate) transposes: bool,
    /// Whether it finishes tiles, and enters [`DOOR`] for that outside its loops.
    pub(crate) enters: bool,
}

/// A kernel as most are. It spills nothing, but for the baseline: a block is four of its sixteen
/// registers, and three blocks with their factors are more than it has.
pub(crate) const fn one(name: &'static str) -> Family {
    Family {
        name,
        count: 1,
        least: [1; 3],
        spills: [2, 0, 0],
        scalars: 0,
        transposes: false,
        enters: false,
    }
}

/// `count` of them.
const fn many(name: &'static str, count: usize) -> Family {
    Family { count, ..one(name) }
}

/// A kernel that needs more registers than a level has. The ceilings are what it spilled when last
/// looked at, rounded up, so that a compiler may differ but a lost register is seen.
const fn spilling(spills: [usize; 3], name: &'static str) -> Family {
    Family { spills, ..one(name) }
}

/// All units, each after those that it is imported by: a crate that is built with flags of its own
/// is built again for its importers.
pub(crate) static UNITS: [Unit; 4] = [
    Unit {
        package: "ravine-models",
        families: &[
            // Four blocks of chains are half of AVX2's registers. The chain of the bias is one
            // number a sample; eight of its additions are a turn where it runs alone.
            Family {
                count: 3,
                least: [0, 8, 4],
                scalars: 8,
                ..spilling([0, 2, 0], "ravine_models::linear::leaf::Leaf")
            },
            // Four columns of two squares, a sum in `f64` and, of the logistic loss, exponentials
            // and a logarithm: what is not needed at once waits in memory.
            Family {
                count: 3,
                least: [64, 64, 32],
                transposes: true,
                ..spilling([140, 56, 8], "ravine_models::linear::abreast::Abreast")
            },
            // Eight rows of a product, or four.
            Family { least: [0, 4, 8], enters: true, ..one("ravine_models::mlp::small::Forward") },
            // A sum in `f64`, which takes as many registers again, beside an exponential. Of the
            // lanes' maxima four are compared a turn, here and in the slopes.
            Family { scalars: 4, ..spilling([28, 16, 0], "ravine_models::loss::softmax::Sum") },
            Family { scalars: 4, ..spilling([4, 0, 0], "ravine_models::loss::softmax::Slopes") },
            Family { count: 3, ..spilling([8, 0, 0], "ravine_models::loss::pointwise::Slopes") },
            // Eight columns of sixteen rows, and the lanes that are folded.
            Family {
                least: [60, 60, 30],
                transposes: true,
                ..spilling([16, 2, 8], "ravine_models::loss::short::Short")
            },
            // Two such sums beside an exponential and a logarithm each.
            Family { count: 3, ..spilling([32, 20, 2], "ravine_simd::sum::Leaf") },
        ],
    },
    Unit {
        package: "ravine-tensor",
        families: &[
            // A loop for each size of a tile. The largest is judged: 6 rows of a block of two
            // registers, or of four blocks of one. The baseline fuses nothing.
            Family { least: [0, 12, 24], ..one("ravine_tensor::tile::Chains") },
            one("ravine_tensor::samples::Add"),
            // Selects between two polynomials of a block: both results and the argument live on.
            // On the baseline four registers at a time overlap, which is faster than to spill less.
            spilling([24, 4, 0], "ravine_tensor::activation::Forward"),
            spilling([24, 6, 0], "ravine_tensor::activation::Backward"),
            one("ravine_tensor::function::Map<ravine_tensor::function::Exp>"),
            spilling([8, 0, 0], "ravine_tensor::function::Map<ravine_tensor::function::Ln>"),
            // Such a select, and a quotient beside it.
            spilling([30, 10, 0], "ravine_tensor::function::Map<ravine_tensor::function::Erf>"),
        ],
    },
    Unit {
        package: "ravine-momentum",
        families: &[
            // Clamps, decays and looks ahead: the most that a block meets.
            spilling(
                [4, 0, 0],
                "ravine_momentum::sweep::Sweep<ravine_momentum::rule::Ahead, f32, f32, 1, 0, 2, 1>",
            ),
            // Three gradients, three decays, four motions: with a velocity, b may be 1.
            many("ravine_momentum::sweep::Sweep", 36),
            // Three motions, by options that are decided or not; beside the numbers of a step two
            // blocks for the ends of a row.
            Family { count: 6, ..spilling([4, 0, 0], "ravine_momentum::sweep::Strip") },
            // Three motions, of which two with two kinds of velocity, Adam and four kinds of
            // RMSProp, each without an average and with two kinds of it; and a b of 1 without. The
            // numbers of every option live on beside those of the rule, and are read again from
            // the stack.
            Family { count: 31, ..spilling([24, 2, 0], "ravine_momentum::sweep::Undecided") },
            many("ravine_momentum::vector_ema::Average", 2),
            one("ravine_momentum::vector_ema::Quotient"),
            spilling([10, 0, 0], "ravine_simd::sum::Leaf"),
            one("ravine_momentum::look_ahead::Shift"),
        ],
    },
    Unit {
        package: "ravine-simd",
        families: &[
            // Two sums in `f64` alone are sixteen registers of the baseline.
            Family { count: 3, ..spilling([10, 0, 0], "ravine_simd::sum::Leaf") },
            // The baseline fuses nothing.
            Family { least: [0, 12, 12], ..one("ravine_simd::limit::Chains") },
            // Four blocks; of the numbers behind the last block eight are added a turn.
            Family { least: [16, 8, 4], scalars: 8, ..one("ravine_simd::limit::Read") },
            many("ravine_simd::limit::Move", 6),
        ],
    },
];

/// Kernels that need not compute in a loop of their own: they copy, hand finished tiles over, or ask
/// a level for its constants. What they call is judged, and the registers of what they do compute.
pub(crate) const LEFT_OUT: [&str; 10] = [
    "ravine_tensor::block::Hand",
    "ravine_tensor::pack::Copy",
    "ravine_tensor::pack::Pack",
    "ravine_tensor::panels::copy::Pack",
    "ravine_tensor::panels::copy::PackTurned",
    "ravine_tensor::panels::copy::Turn",
    "ravine_tensor::panels::copy::Unpack",
    "ravine_tensor::panels::sums::Sums",
    "ravine_tensor::blocking::Ask",
    "ravine_simd::limit::fma_per_round::Count",
];

/// The door to another kernel, which what is done with a finished tile may enter: the end of its
/// symbol.
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
    fn architecture_tells_of_every_spill_above_the_baseline() {
        let text = include_str!("../../../ARCHITECTURE.md");
        let mut told: Vec<_> = text
            .lines()
            .skip_while(|line| *line != "| kernel | AVX2 | AVX-512 | what it holds |")
            .skip(2)
            .map_while(|line| line.strip_prefix("| `")?.rsplit_once(" | "))
            .map(|(told, _)| told.to_owned())
            .collect();
        let families = UNITS.iter().flat_map(|unit| unit.families);
        let mut spilling: Vec<_> = families
            .filter_map(|Family { name, spills: [_, avx2, avx512], .. }| {
                let told = format!("{}` | {avx2} | {avx512}", name.replace("ravine_", ""));
                (avx2 + avx512 > 0).then_some(told)
            })
            .collect();
        told.sort_unstable();
        spilling.sort_unstable();
        assert_eq!(told, spilling);
    }

    #[test]
    fn no_kernel_is_both_judged_and_left_out() {
        let judged = UNITS.iter().flat_map(|unit| unit.families);
        assert!(judged.into_iter().all(|family| !LEFT_OUT.contains(&family.name)));
    }
}
