//! Operands, copied to where the tile reads them in order.

use std::cell::Cell;

use ravine_simd::{
    Buffer, Kernel, LANES, Lanes, Level, Par, Simd, load_square, store_square, turn,
};

use crate::operand::Steps;
use crate::{Left, Right, View};

thread_local! {
    /// Where this thread has packed before: to make new memory, and to fill it with zeros, is a
    /// good part of a small product's time.
    static SPARE: Cell<Option<Buffer>> = const { Cell::new(None) };
}

/// `f32`s of the largest memory that a thread keeps for its next product.
const MOST_SPARE: usize = 1 << 22;

/// Packs a view in panels of sixteen columns, k × 16 each, for as long as `then` runs; threads
/// share the panels. What lies in columns that are missing is zero. `then` also gets `kept_len`
/// `f32`s of any value.
pub(crate) fn packed<R>(
    level: Level,
    par: Par,
    from: View<'_>,
    kept_len: usize,
    then: impl FnOnce(Right<'_>, &mut [f32]) -> R,
) -> R {
    let (terms, cols) = (from.rows(), from.cols());
    let packed_len = len(terms, cols);
    let len = packed_len + kept_len;
    // Taken, so that a product within another on this thread finds none.
    let spare = SPARE.take().filter(|spare| len <= spare.len());
    let mut values = spare.unwrap_or_else(|| Buffer::zeroed(len));
    let (packed, kept) = values[..len].split_at_mut(packed_len);
    panels(level, par, packed.as_chunks_mut().0, from);
    let result = then(Right::packed(packed, terms, cols), kept);
    if values.len() <= MOST_SPARE {
        SPARE.set(Some(values));
    }
    result
}

/// The `f32`s of a packed view: whole squares.
pub(crate) fn len(terms: usize, cols: usize) -> usize {
    let squares = cols.div_ceil(LANES).saturating_mul(terms.div_ceil(LANES));
    squares.saturating_mul(LANES * LANES)
}

fn panels(level: Level, par: Par, to: &mut [[f32; LANES]], from: View<'_>) {
    let Some(cut) = par.cut(from.cols(), LANES) else { return level.run(Pack { to, from }) };
    let (left, right) = to.split_at_mut(len(from.rows(), cut.at) / LANES);
    par.join(
        || panels(level, cut.left, left, from.col_range(0..cut.at)),
        || panels(level, cut.right, right, from.col_range(cut.at..from.cols())),
    );
}

struct Pack<'a> {
    to: &'a mut [[f32; LANES]],
    from: View<'a>,
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to, from } = self;
        let (terms, cols) = (from.rows().next_multiple_of(LANES), from.cols());
        for (to, col) in to.chunks_exact_mut(terms.max(1)).zip((0..cols).step_by(LANES)) {
            panel(simd, to, from.col_range(col..cols.min(col + LANES)));
        }
    }
}

/// Copies k × up to 16 elements as blocks, one a term.
#[inline(always)]
pub(crate) fn panel<S: Simd>(simd: S, to: &mut [[f32; LANES]], from: View<'_>) {
    let (terms, cols) = (from.rows(), from.cols());
    let (row_stride, col_stride) = (from.row_stride(), from.col_stride());
    let data = from.data();
    if col_stride == 1 {
        for (p, to) in to.iter_mut().enumerate().take(terms) {
            let row = &data[p * row_stride..];
            match row.first_chunk() {
                Some(row) => *to = *row,
                None => simd.load_short(&row[..cols]).store(to),
            }
        }
        return;
    }
    if row_stride == 1 {
        for (p, to) in (0..terms).step_by(LANES).zip(to.chunks_mut(LANES)) {
            let n = LANES.min(terms - p);
            let square = turn::<S>(load_square(simd, &data[p..], col_stride, cols, n));
            store_square::<S>(square, to.first_chunk_mut().expect("panels are whole squares"));
        }
        return;
    }
    for (p, to) in to.iter_mut().enumerate().take(terms) {
        for (j, to) in to.iter_mut().enumerate() {
            *to = if j < cols { from.at(p, j) } else { 0.0 };
        }
    }
}

/// Copies some terms of up to sixteen rows that are neighbours.
pub(crate) fn left<'a>(level: Level, to: &'a mut [f32], from: Left<'_>, terms: usize) -> Left<'a> {
    let Steps::Columns { term } = from.steps else { unreachable!("rows that are neighbours") };
    let blocks = &mut to.as_chunks_mut().0[..terms];
    level.run(Copy { to: blocks, from: from.data, term, rows: from.rows });
    Left { data: to, rows: from.rows, terms, steps: Steps::Copied { at: 0 } }
}

struct Copy<'a, 'b> {
    to: &'a mut [[f32; LANES]],
    from: &'b [f32],
    term: usize,
    rows: usize,
}

impl Kernel for Copy<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (p, to) in self.to.iter_mut().enumerate() {
            let from = &self.from[p * self.term..];
            simd.prefetch(from.get(LANES..).unwrap_or_default());
            match from.first_chunk() {
                Some(from) => simd.load(from).store(to),
                None => simd.load_short(&from[..self.rows]).store(to),
            }
        }
    }
}
