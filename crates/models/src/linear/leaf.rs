//! Loss and gradients of the samples of one leaf.

use std::array;

use ravine_simd::{Fused, Kernel, LANES, Lanes, Simd, load_columns, sum, unroll};
use ravine_tensor::View;

use crate::loss::Pointwise;

/// Rows whose slopes are kept until their inputs are read again, from the nearest cache.
const BLOCK: usize = HALVES * LANES;
const HALVES: usize = 2;
/// Columns that are read at a time.
const FOUR: usize = 4;
/// Elements that are asked for ahead: as many as are worked on while memory answers.
const AHEAD: usize = 4096;
/// Rows that are asked for ahead while gradients are summed, or memory would rest meanwhile.
const ROWS_AHEAD: usize = BLOCK + LANES;
/// Elements that are left of the inputs from which on they are expected out of the nearer caches.
const FAR: usize = 1 << 18;

/// Writes the gradients of the samples of a leaf, and gives back the sum of their losses: one
/// reading of the inputs.
///
/// | operand | shape                                  | use   |
/// |---------|----------------------------------------|-------|
/// | `grads` | columns, and one where there is a bias | write |
/// | `x`     | samples, and any behind them × columns | read  |
/// | `t`     | samples                                | read  |
/// | `w`     | columns                                | read  |
///
/// `y = x·w + b`, `dw = dyᵀ·x`, `db = Σ dy` with `dy = scale · slope(y, t)`, each output one chain
/// in the order of the columns or samples: predictions have samples in their lanes, gradients
/// columns.
pub(super) struct Leaf<'a, P> {
    pub(super) grads: &'a mut [f32],
    pub(super) x: View<'a>,
    pub(super) t: &'a [f32],
    pub(super) w: &'a [f32],
    pub(super) b: Option<f32>,
    pub(super) loss: P,
    pub(super) scale: f32,
}

impl<P: Pointwise> Kernel for Leaf<'_, P> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f64 {
        let Self { grads, x, t, w, b, loss, scale } = self;
        let mut data = x.data();
        // A view without elements, or of one row, has any stride.
        let stride = if w.is_empty() || t.len() < 2 { w.len() } else { x.row_stride() };
        let scale = simd.splat(scale);
        let mut sum = sum::Chains::new(simd);
        // Columns are read four at a time, also where that is beyond the last.
        let reach = (LANES - 1) * stride + w.len().next_multiple_of(FOUR);
        grads.fill(0.0);
        for t in t.chunks(BLOCK) {
            let mut dy = [0.0; BLOCK];
            unroll!(H < HALVES {
                let t = t.get(H * LANES..).unwrap_or_default();
                if !t.is_empty() {
                    let (rows, t) = match t.first_chunk() {
                        Some(t) => (LANES, simd.load(t)),
                        None => (t.len(), simd.load_short(t)),
                    };
                    let x = &data[H * LANES * stride..];
                    let mut y = if rows == LANES && x.len() >= reach {
                        whole(simd, x, stride, w)
                    } else {
                        few(simd, x, stride, rows, w)
                    };
                    if let Some(b) = b {
                        y = y + simd.splat(b);
                    }
                    let mut terms = loss.term(simd, y, t);
                    if rows < LANES {
                        terms = sum::first(simd, terms, rows);
                    }
                    let chains = if H == 0 { &mut sum.even } else { &mut sum.odd };
                    *chains = *chains + terms;
                    let slopes = loss.slope(simd, y, t) * scale;
                    slopes.store(&mut dy.as_chunks_mut().0[H]);
                }
            });
            let later = data.get(ROWS_AHEAD * stride..).filter(|_| data.len() > FAR);
            let block = Block { rows: data, later: later.unwrap_or_default(), stride };
            accumulate(simd, grads, block, &dy[..t.len()], w.len());
            data = data.get(BLOCK * stride..).unwrap_or_default();
        }
        sum.fold()
    }
}

/// `x·w` of sixteen samples.
#[expect(clippy::out_of_bounds_indexing, reason = "no index from four on is run")]
#[inline(always)]
fn whole<S: Simd>(simd: S, x: &[f32], stride: usize, w: &[f32]) -> S::F32 {
    let (fours, rest) = w.as_chunks::<FOUR>();
    let mut y = simd.splat(0.0);
    // What comes later is asked for as it lies, and all of it: a few of the lines of many rows at
    // a time are a pattern that no CPU foresees, and some of the lines keep it from foreseeing.
    let later = x.get(AHEAD.max(LANES * stride)..).filter(|_| stride == w.len());
    let later = later.unwrap_or_default();
    for (w, col) in fours.iter().zip((0..).step_by(FOUR)) {
        let columns = simd.load_columns(&x[col..], stride);
        if let Some(lines) = later.get(col * LANES..(col + FOUR) * LANES) {
            unroll!(I < FOUR {
                simd.prefetch_far(&lines[I * LANES..]);
            });
        }
        unroll!(I < FOUR {
            y = columns[I].mul_add(simd.splat(w[I]), y);
        });
    }
    if !rest.is_empty() {
        let columns = simd.load_columns(&x[FOUR * fours.len()..], stride);
        unroll!(I < FOUR {
            if let Some(&w) = rest.get(I) {
                let line = later.get((FOUR * fours.len() + I) * LANES..);
                simd.prefetch_far(line.unwrap_or_default());
                y = columns[I].mul_add(simd.splat(w), y);
            }
        });
    }
    y
}

/// `x·w` of up to sixteen samples at the end of all.
#[inline(always)]
fn few<S: Simd>(simd: S, x: &[f32], stride: usize, rows: usize, w: &[f32]) -> S::F32 {
    let mut y = simd.splat(0.0);
    for (w, col) in w.chunks(FOUR).zip((0..).step_by(FOUR)) {
        let columns = load_columns(simd, &x[col..], stride, rows, w.len());
        for (column, &w) in columns.into_iter().zip(w) {
            y = column.mul_add(simd.splat(w), y);
        }
    }
    y
}

/// Rows that gradients are summed over, from some column on.
#[derive(Clone, Copy)]
struct Block<'a> {
    rows: &'a [f32],
    /// Those that are asked for meanwhile; none where all are near.
    later: &'a [f32],
    stride: usize,
}

impl Block<'_> {
    #[inline(always)]
    fn from(self, col: usize) -> Self {
        let later = self.later.get(col..).unwrap_or_default();
        Self { rows: &self.rows[col..], later, ..self }
    }
}

/// `dw ← dw + dyᵀ·x` and, where there is a bias, `db ← db + Σ dy`.
#[inline(always)]
fn accumulate<S: Simd>(simd: S, grads: &mut [f32], x: Block<'_>, dy: &[f32], cols: usize) {
    let (dw, db) = grads.split_at_mut(cols);
    // The bias's chain runs beside the first columns', or both wait for each addition.
    let mut db = db.first_mut();
    let (blocks, rest) = dw.as_chunks_mut::<LANES>();
    let whole = blocks.len() * LANES;
    let (fours, few) = blocks.as_chunks_mut::<4>();
    let at = fours.len() * 4 * LANES;
    for (dw, col) in fours.iter_mut().zip((0..).step_by(4 * LANES)) {
        chains(simd, dw, db.take(), x.from(col), dy);
    }
    let (two, one) = few.as_chunks_mut::<2>();
    if let [two] = two {
        chains(simd, two, db.take(), x.from(at), dy);
    }
    if let [one] = one {
        let one = array::from_mut(one);
        chains(simd, one, db.take(), x.from(whole - LANES), dy);
    }
    if !rest.is_empty() {
        let mut sums = simd.load_short(rest);
        each(
            dy,
            db.take(),
            #[inline(always)]
            |i, dy| {
                let row = &x.rows[i * x.stride + whole..];
                let row = match row.first_chunk() {
                    Some(row) => simd.load(row),
                    None => simd.load_short(&row[..rest.len()]),
                };
                sums = simd.splat(dy).mul_add(row, sums);
            },
        );
        let mut lanes = [0.0; LANES];
        sums.store(&mut lanes);
        rest.copy_from_slice(&lanes[..rest.len()]);
    }
    // There was no column to run beside.
    if db.is_some() {
        each(dy, db, |_, _| {});
    }
}

/// Continues the chains of `NB` blocks of columns, and of the bias where it is yet to run.
#[inline(always)]
fn chains<S: Simd, const NB: usize>(
    simd: S,
    dw: &mut [[f32; LANES]; NB],
    db: Option<&mut f32>,
    x: Block<'_>,
    dy: &[f32],
) {
    let Block { rows, later, stride } = x;
    let mut sums = [simd.splat(0.0); NB];
    unroll!(J < NB {
        sums[J] = simd.load(&dw[J]);
    });
    each(
        dy,
        db,
        #[inline(always)]
        |i, dy| {
            let dy = simd.splat(dy);
            let row = rows[i * stride..][..NB * LANES].as_chunks::<LANES>().0;
            if let Some(lines) = later.get(i * stride..i * stride + NB * LANES) {
                unroll!(J < NB {
                    simd.prefetch_far(&lines[J * LANES..]);
                });
            }
            unroll!(J < NB {
                sums[J] = dy.mul_add(simd.load(&row[J]), sums[J]);
            });
        },
    );
    unroll!(J < NB {
        sums[J].store(&mut dw[J]);
    });
}

/// Goes through the slopes in the order of their samples, with the chain of the bias where it is
/// yet to run.
#[inline(always)]
fn each(dy: &[f32], db: Option<&mut f32>, mut run: impl FnMut(usize, f32)) {
    let mut none = 0.0;
    let db = db.unwrap_or(&mut none);
    let mut sum = *db;
    for (i, &dy) in dy.iter().enumerate() {
        sum += dy;
        run(i, dy);
    }
    *db = sum;
}
