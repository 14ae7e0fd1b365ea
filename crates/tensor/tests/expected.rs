//! What a product asks for ahead of its tiles.

use std::ops::Range;
use std::sync::Mutex;

use ravine_simd::{LANES, Level, Par, Simd};
use ravine_tensor::{Blocking, Finish, Tile, View, product_in};

/// Counts how often each element of the result is asked for.
struct Asked<'a> {
    counts: &'a Mutex<Vec<u8>>,
    cols: usize,
}

impl Finish for Asked<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, _: usize, _: usize, _: Tile<'_>) {}

    const EXPECTS: bool = true;

    #[inline(always)]
    fn expect<S: Simd>(&self, _: S, rows: Range<usize>, cols: Range<usize>) {
        let mut counts = self.counts.lock().expect("nothing panicked with it");
        for row in rows {
            counts[row * self.cols..][cols.clone()].iter_mut().for_each(|count| *count += 1);
        }
    }

    fn split_rows(self, _: usize) -> (Self, Self) {
        unreachable!("one thread takes all rows")
    }
}

#[test]
fn every_element_of_a_large_result_is_asked_for_once_but_for_the_first_tiles() {
    for level in Level::available() {
        let width = level.tile()[1] * LANES;
        for [m, k, n] in
            [[10, 16, 8192], [7, 3, 9999], [31, 16, 2500], [50, 1, 2000], [20, 64, 4096]]
        {
            let (a, b) = (vec![1.0; m * k], vec![1.0; k * n]);
            let counts = Mutex::new(vec![0; m * n]);
            let (a, b) = (View::new(&a, m, k), View::new(&b, k, n));
            let finish = Asked { counts: &counts, cols: n };
            let blocking = Blocking::of(level).along_rows(k);
            product_in(blocking, level, Par::Seq, finish, a, b);
            let counts = counts.into_inner().expect("nothing panicked with it");
            for (i, count) in counts.into_iter().enumerate() {
                let is_first = i / n < 24 && i % n < width && k < 48;
                let at = (i / n, i % n);
                assert_eq!(count, u8::from(!is_first), "{level}, {m} × {k} × {n}, {at:?}");
            }
        }
    }
}
