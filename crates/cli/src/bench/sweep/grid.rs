//! The shapes of a sweep.

use std::ops::RangeInclusive;

use crate::case::{Shape, Transposed};

/// Longest size of a line that has them all.
const LONGEST: usize = 130;
/// The two other sizes of such a line.
const OTHERS: [usize; 3] = [8, 33, 128];
/// Sizes of two sides beside one long one, and of one beside two.
const FEW: [usize; 13] = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33];
/// That long side, and those two.
const LONG: [usize; 2] = [4096, 1000];
/// Squares are as large as these powers of two, and by one smaller and larger.
const POWERS: RangeInclusive<u32> = 2..=9;

/// What stands in a shape's place.
#[derive(Clone, Copy)]
enum Side {
    /// A number.
    Fixed(usize),
    /// The size along the line.
    Swept,
}

/// Shapes that differ in one size.
pub(super) struct Line {
    /// `m × 8 × 8`: letters stand for the size.
    pub(super) name: String,
    sides: [Side; 3],
    pub(super) sizes: Vec<usize>,
}

/// Lines that are drawn together.
#[cfg_attr(not(feature = "report"), expect(dead_code, reason = "drawings alone read all of it"))]
pub(super) struct Family {
    /// The name of the drawing's file.
    pub(super) file: &'static str,
    /// Whether sizes grow by factors.
    pub(super) is_log: bool,
    pub(super) lines: Vec<Line>,
}

impl Line {
    fn new(sides: [Side; 3], sizes: impl IntoIterator<Item = usize>) -> Self {
        let word = |(side, letter): (Side, &str)| match side {
            Side::Fixed(size) => size.to_string(),
            Side::Swept => letter.into(),
        };
        let words: Vec<String> = sides.into_iter().zip(["m", "k", "n"]).map(word).collect();
        Self { name: words.join(" × "), sides, sizes: sizes.into_iter().collect() }
    }

    /// The shape of a size.
    pub(super) fn shape(&self, size: usize) -> Shape {
        let [rows, inner, cols] = self.sides.map(|side| match side {
            Side::Fixed(size) => size,
            Side::Swept => size,
        });
        Shape { rows, inner, cols, transposed: Transposed::None }
    }
}

/// All shapes: each side from 1 to 130, few rows, columns or terms beside many, and squares about
/// powers of two.
pub(super) fn families() -> [Family; 6] {
    let axis = |at: usize| {
        let line = |other| {
            let mut sides = [Side::Fixed(other); 3];
            sides[at] = Side::Swept;
            Line::new(sides, 1..=LONGEST)
        };
        OTHERS.map(line).into()
    };
    let few = |long: usize, is_long: fn(usize, usize) -> bool| {
        let line = |at| {
            let side = |i| if is_long(i, at) { Side::Fixed(long) } else { Side::Swept };
            Line::new([0, 1, 2].map(side), FEW)
        };
        (0..3).map(line).collect()
    };
    let about = |power: u32| {
        let power = 1_usize << power;
        power - 1..=power + 1
    };
    let squares = vec![Line::new([Side::Swept; 3], POWERS.flat_map(about))];
    let family = |file, is_log, lines| Family { file, is_log, lines };
    [
        family("rows.svg", false, axis(0)),
        family("inner.svg", false, axis(1)),
        family("cols.svg", false, axis(2)),
        family("long.svg", false, few(LONG[0], |i, at| i == at)),
        family("flat.svg", false, few(LONG[1], |i, at| i != at)),
        family("squares.svg", true, squares),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_its_shapes() {
        let families = families();
        let named = |name: &str| {
            let lines = families.iter().flat_map(|family| &family.lines);
            let line = lines.into_iter().find(|line| line.name == name).expect("there is one");
            let Shape { rows, inner, cols, .. } = line.shape(7);
            [rows, inner, cols]
        };
        assert_eq!(named("33 × k × 33"), [33, 7, 33]);
        assert_eq!(named("m × k × 4096"), [7, 7, 4096]);
        assert_eq!(named("1000 × 1000 × n"), [1000, 1000, 7]);
        assert_eq!(named("m × k × n"), [7, 7, 7]);
    }

    #[test]
    fn every_size_from_1_to_130_is_on_every_axis() {
        for family in &families()[..3] {
            for line in &family.lines {
                assert!(line.sizes.iter().copied().eq(1..=130), "{}", line.name);
            }
        }
    }
}
