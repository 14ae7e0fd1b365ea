//! A square of blocks is transposed on every level.

use std::array;

use ravine_simd::{Kernel, LANES, Level, Simd, load_square, store_square, turn};

struct Turn<'a>(&'a mut [[f32; LANES]; LANES]);

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let square = load_square(simd, self.0.as_flattened(), LANES, LANES, LANES);
        store_square::<S>(turn::<S>(square), self.0);
    }
}

#[test]
fn rows_become_columns_on_every_level() {
    let number = |row: usize, col: usize| (LANES * row + col) as f32;
    for level in Level::available() {
        let mut square = array::from_fn(|row| array::from_fn(|col| number(row, col)));
        level.run(Turn(&mut square));
        let want: [[f32; LANES]; LANES] =
            array::from_fn(|row| array::from_fn(|col| number(col, row)));
        assert_eq!(
            square.map(|row| row.map(f32::to_bits)),
            want.map(|row| row.map(f32::to_bits)),
            "{level}"
        );
    }
}
