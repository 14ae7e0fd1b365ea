//! A fused multiply-add rounds once on every level, also where a bit that no `f64` holds decides.

use ravine_conformance::{Agreement, Draw, compare, mul_add};
use ravine_simd::{Fused, Kernel, LANES, Lanes, Level, Simd};

/// `a·b + c` of one block.
struct MulAdd([[f32; LANES]; 3]);

impl Kernel for MulAdd {
    type Output = [f32; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f32; LANES] {
        let [a, b, c] = self.0.map(|block| simd.load(&block));
        let mut out = [f32::NAN; LANES];
        a.mul_add(b, c).store(&mut out);
        out
    }
}

/// Holds every level to the definition, block after block.
fn rounds_once(operands: &[[f32; 3]]) {
    for (i, block) in operands.as_chunks::<LANES>().0.iter().enumerate() {
        let expected = block.map(|[a, b, c]| mul_add(a, b, c));
        let lanes = [0, 1, 2].map(|operand| block.map(|operands| operands[operand]));
        for level in Level::available() {
            let found = level.run(MulAdd(lanes));
            let same = compare(&expected, &found, Agreement::Bits);
            assert_eq!(same, Ok(()), "{level}, block {i}");
        }
    }
}

#[test]
fn any_numbers_are_rounded_once() {
    let [a, b, c] = [1, 2, 3].map(|seed| Draw::Hostile.values(seed, 20_000));
    let zipped = a.iter().zip(&b).zip(&c);
    rounds_once(&zipped.map(|((&a, &b), &c)| [a, b, c]).collect::<Vec<_>>());
}

/// The product of odd numbers of 12 and of 13 bits is halfway between two `f32`s, and the third
/// term says to which it goes.
#[test]
fn halves_are_rounded_by_what_lies_beyond_them() {
    let mut operands = Vec::new();
    for i in 0..500_u16 {
        let (a, b) = (f32::from(2049 + 4 * i), f32::from(4097 + 8 * i));
        for shift in [1, 20, 40, 100] {
            let c = f32::from_bits((127 - shift) << 23);
            operands.extend([[a, b, c], [a, b, -c], [-a, b, c], [-a, b, -c]]);
        }
    }
    rounds_once(&operands);
}
