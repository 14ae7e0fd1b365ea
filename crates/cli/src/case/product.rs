//! A product of two matrices.

use clap::ValueEnum;
use ravine::simd::{Buffer, Level, Par};
use ravine::tensor::{View, ViewMut, Write, product};

use super::limits::arithmetic;
use super::truth::near;
use super::{Case, Cost, Mismatch, normals, number};

/// Which operands of a product are transposes of what lies in memory, row after row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Transposed {
    /// `A·B`, as a layer's input gradient
    None,
    /// `Aᵀ·B`, as a layer's weight gradient
    Left,
    /// `A·Bᵀ`, as a layer's forward pass
    Right,
    /// `Aᵀ·Bᵀ`
    Both,
}

/// Sizes of a product `C = A·B`, m × n of k terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows of A and C: m.
    pub rows: usize,
    /// Columns of A and rows of B: k.
    pub inner: usize,
    /// Columns of B and C: n.
    pub cols: usize,
    /// How A and B lie in memory.
    pub transposed: Transposed,
}

/// A product that is written to memory.
#[derive(Debug)]
pub struct Product {
    shape: Shape,
    level: Level,
    par: Par,
    a: Buffer,
    b: Buffer,
    c: Buffer,
}

impl Product {
    /// The case, of normal draws of a fixed seed.
    #[must_use]
    pub fn new(shape: Shape, level: Level, par: Par) -> Self {
        let Shape { rows, inner, cols, .. } = shape;
        let [a, b] = normals([rows * inner, inner * cols]);
        Self { shape, level, par, a, b, c: Buffer::zeroed(rows * cols) }
    }

    fn operands(&self) -> (View<'_>, View<'_>) {
        let Shape { rows, inner, cols, transposed } = self.shape;
        let lies = |data, [rows, cols]: [usize; 2], turned| match turned {
            false => View::new(data, rows, cols),
            true => View::new(data, cols, rows).t(),
        };
        use Transposed::{Both, Left, Right};
        let a = lies(&self.a, [rows, inner], matches!(transposed, Left | Both));
        (a, lies(&self.b, [inner, cols], matches!(transposed, Right | Both)))
    }
}

impl Case for Product {
    fn id(&self) -> String {
        let Self { shape: Shape { rows, inner, cols, transposed }, level, par, .. } = self;
        let turned = match transposed {
            Transposed::None => "",
            Transposed::Left => "+left",
            Transposed::Right => "+right",
            Transposed::Both => "+both",
        };
        format!("product/{rows}x{inner}x{cols}{turned}/{level}/{}t", par.count())
    }

    fn cost(&self) -> Cost {
        let Shape { rows, inner, cols, .. } = self.shape;
        let numbers = self.a.len() + self.b.len() + self.c.len();
        Cost { bytes: 4.0 * number(numbers), flops: 2.0 * number(rows * inner) * number(cols) }
    }

    /// Every element is written, and near the product in `f64`.
    fn check(&mut self) -> Result<(), Mismatch> {
        self.c.fill(f32::NAN);
        self.run();
        let Shape { rows, cols, .. } = self.shape;
        let (a, b) = self.operands();
        near(&self.id(), View::new(&self.c, rows, cols), a, b, &[])
    }

    fn run(&mut self) {
        let mut c = std::mem::take(&mut self.c);
        let (a, b) = self.operands();
        let to = Write(ViewMut::new(&mut c, self.shape.rows, self.shape.cols));
        product(self.level, self.par, to, a, b);
        self.c = c;
    }

    fn left(&self) -> Result<(), Mismatch> {
        Mismatch::finite(&self.id(), &self.c)
    }

    fn limit(&mut self) -> f64 {
        arithmetic(self.par, self.cost().flops)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { rows: 5, inner: 9, cols: 19, transposed: Transposed::None };

    #[test]
    fn products_of_all_four_transpositions_are_near_those_in_f64() {
        use Transposed::{Both, Left, None, Right};
        for transposed in [None, Left, Right, Both] {
            for level in Level::available() {
                let mut case = Product::new(Shape { transposed, ..SHAPE }, level, Par::Seq);
                assert_eq!(case.check(), Ok(()), "{transposed:?}");
            }
        }
    }

    #[test]
    fn an_operand_that_is_another_is_told() {
        let mut case = Product::new(SHAPE, Level::baseline(), Par::Seq);
        case.run();
        let (a, b) = case.operands();
        let wrong = near(&case.id(), View::new(&case.c, 5, 19), a, b, &[1e-3; 19]);
        let told = wrong.expect_err("a bias was added").to_string();
        assert!(told.starts_with("product/5x9x19/baseline/1t: wrong result at index 0"), "{told}");
    }
}
