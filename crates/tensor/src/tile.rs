//! The micro-kernel: a tile of the product that stays in registers while k runs.

use ravine_simd::{Fused, Kernel, LANES, Lanes, Level, Simd, unroll};

use crate::blocking::PAGE;
use crate::operand::Steps;
use crate::{Left, Order, Right};

/// Rows of the highest tile.
pub(crate) const ROWS: usize = 12;
/// Blocks in a row of the widest tile.
pub(crate) const BLOCKS: usize = 4;
/// Terms in straight code: fewer addresses are worked out, and the loop still fits where decoded
/// instructions are kept. Where a tile fills the registers, what is loaded ahead would be spilled.
const fn straight<S: Simd>() -> usize {
    if S::TILE < TILE { 1 } else { 4 }
}
/// Blocks of the largest tile.
pub(crate) const TILE: usize = 24;
/// Elements of a term behind those that are read, asked for where terms are on pages of their own:
/// a CPU foresees few of so many streams.
const AHEAD: usize = 48;

/// Continues the chains of a tile: `acc ← fma(aᵢₚ, bₚⱼ, acc)` for p in order.
///
/// It knows nothing of what becomes of the tile, so that it is compiled once for each level and
/// size.
pub(crate) struct Chains<'a> {
    /// The chains: where they end, and where they begin unless they begin at zero.
    pub(crate) values: &'a mut [[f32; LANES]],
    pub(crate) order: Order,
    /// Whether the chains were begun before.
    pub(crate) resumes: bool,
    /// Rows of the tile.
    pub(crate) height: usize,
    /// Blocks in a row.
    pub(crate) n_blocks: usize,
    /// Terms of a chain.
    pub(crate) terms: usize,
    pub(crate) left: Left<'a>,
    pub(crate) right: Right<'a>,
}

impl Chains<'_> {
    /// Runs them. Not generic, so that this crate alone compiles the kernel.
    pub(crate) fn run_on(self, level: Level) {
        level.run(self);
    }
}

impl Kernel for Chains<'_> {
    type Output = ();

    /// Finds the loop of the tile's size. Sizes beyond the level's are never compiled.
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        macro_rules! sizes {
            ($($rows:literal by $blocks:literal),+) => {
                match (self.height, self.n_blocks) {
                    $(($rows, $blocks) if const { fits::<S>($rows, $blocks) } => {
                        self.advance::<S, $rows, $blocks>(simd);
                    })+
                    (rows, blocks) => unreachable!("no tile is {rows} × {blocks}"),
                }
            };
        }
        sizes! {
            1 by 1, 2 by 1, 4 by 1, 6 by 1, 12 by 1,
            1 by 2, 2 by 2, 4 by 2, 6 by 2,
            1 by 3, 2 by 3, 4 by 3, 6 by 3,
            1 by 4, 2 by 4, 4 by 4, 6 by 4
        }
    }
}

/// Rows of the highest tile of so many blocks in a row: a pointer to each row is kept.
pub(crate) const fn highest(n_blocks: usize) -> usize {
    if n_blocks == 1 { ROWS } else { 6 }
}

/// Whether a level has tiles of the size.
const fn fits<S: Simd>(height: usize, n_blocks: usize) -> bool {
    height * n_blocks <= S::TILE && n_blocks <= S::TILE_BLOCKS && height <= highest(n_blocks)
}

impl Chains<'_> {
    #[expect(clippy::needless_range_loop, reason = "one index goes through all rows")]
    #[inline(always)]
    fn advance<S: Simd, const MR: usize, const NB: usize>(self, simd: S) {
        let Self { values, order, resumes, terms, left, right, .. } = self;
        let mut tile = [[simd.splat(0.0); NB]; MR];
        let by_rows = order == Order::Rows;
        let place = |i, j| if by_rows { i * NB + j } else { j * MR + i };
        if resumes {
            unroll!(I < MR {
                unroll!(J < NB {
                    tile[I][J] = simd.load(&values[place(I, J)]);
                });
            });
        }
        let (whole, rest) = (terms / LANES, terms % LANES);
        match left.steps {
            Steps::Rows { row } => {
                let mut rows = [&[][..]; MR];
                unroll!(I < MR {
                    rows[I] = &left.data[I * row..][..terms];
                });
                each(simd, &mut tile, right, terms, |i, p| rows[i][p]);
            }
            Steps::Copied { at } => {
                assert!(at + MR <= LANES, "rows of one panel");
                let blocks = &left.data.as_chunks::<LANES>().0[..terms];
                each(simd, &mut tile, right, terms, |i, p| blocks[p][at + i]);
            }
            Steps::Panels { chunk: step } => {
                let straight = const { straight::<S>() };
                for chunk in 0..whole {
                    let panels = squares::<NB>(right, chunk);
                    let rows = rows::<MR>(left, chunk * step);
                    for p in (0..LANES).step_by(straight) {
                        unroll!(P < straight {
                            fma(simd, &mut tile, |i| rows[i][p + P], &panels, p + P);
                        });
                    }
                }
                if rest > 0 {
                    let panels = squares::<NB>(right, whole);
                    let rows = rows::<MR>(left, whole * step);
                    for p in 0..rest {
                        fma(simd, &mut tile, |i| rows[i][p], &panels, p);
                    }
                }
            }
            Steps::Columns { term } => {
                for chunk in 0..terms.div_ceil(LANES) {
                    let panels = squares::<NB>(right, chunk);
                    for p in 0..LANES.min(terms - chunk * LANES) {
                        let a = &left.data[(chunk * LANES + p) * term..];
                        if term >= PAGE {
                            simd.prefetch(a.get(AHEAD..).unwrap_or_default());
                        }
                        let a = a.first_chunk::<MR>().expect("the operand has the tile's rows");
                        fma(simd, &mut tile, |i| a[i], &panels, p);
                    }
                }
            }
        }
        unroll!(I < MR {
            unroll!(J < NB {
                tile[I][J].store(&mut values[place(I, J)]);
            });
        });
    }
}

/// Adds all terms, where `a` is the element of a row and a term.
#[inline(always)]
fn each<S: Simd, const MR: usize, const NB: usize>(
    simd: S,
    tile: &mut [[S::F32; NB]; MR],
    right: Right<'_>,
    terms: usize,
    a: impl Fn(usize, usize) -> f32,
) {
    let straight = const { straight::<S>() };
    if straight == 1 {
        for chunk in 0..terms.div_ceil(LANES) {
            let panels = squares::<NB>(right, chunk);
            for p in 0..LANES.min(terms - chunk * LANES) {
                fma(simd, tile, |i| a(i, chunk * LANES + p), &panels, p);
            }
        }
        return;
    }
    let mut done = 0;
    if let Some(all) = neighbours::<NB>(right, terms / LANES) {
        for chunk in 0..terms / LANES {
            let panels = all.map(|panel| &panel[chunk]);
            for p in (0..LANES).step_by(straight) {
                let from = chunk * LANES + p;
                unroll!(P < straight {
                    fma(simd, tile, |i| a(i, from + P), &panels, p + P);
                });
            }
        }
        done = terms / LANES * LANES;
    }
    for p in done..terms {
        fma(simd, tile, |i| a(i, p), &squares(right, p / LANES), p % LANES);
    }
}

/// Sixteen terms of each row of a tile.
#[inline(always)]
fn rows<const MR: usize>(left: Left<'_>, at: usize) -> &[[f32; LANES]; MR] {
    left.data[at..].as_chunks().0.first_chunk().expect("the operand has the tile's rows")
}

/// All whole squares of each panel of a tile, where they are neighbours: checked once.
#[inline(always)]
fn neighbours<const NB: usize>(
    right: Right<'_>,
    whole: usize,
) -> Option<[&[[[f32; LANES]; LANES]]; NB]> {
    if whole == 0 || right.chunk != LANES * LANES {
        return None;
    }
    let mut panels = [&[][..]; NB];
    unroll!(J < NB {
        let panel = &right.data[J * right.panel..][..whole * LANES * LANES];
        panels[J] = panel.as_chunks().0.as_chunks().0;
    });
    Some(panels)
}

/// Sixteen terms of each panel of a tile.
#[inline(always)]
fn squares<const NB: usize>(right: Right<'_>, chunk: usize) -> [&[[f32; LANES]; LANES]; NB] {
    let mut panels = [&[[0.0; LANES]; LANES]; NB];
    unroll!(J < NB {
        panels[J] = right.square(chunk, J);
    });
    panels
}

/// Adds term `p` to all chains.
#[inline(always)]
fn fma<S: Simd, const MR: usize, const NB: usize>(
    simd: S,
    tile: &mut [[S::F32; NB]; MR],
    a: impl Fn(usize) -> f32,
    panels: &[&[[f32; LANES]; LANES]; NB],
    p: usize,
) {
    let mut b = [simd.splat(0.0); NB];
    unroll!(J < NB {
        b[J] = simd.load(&panels[J][p]);
    });
    unroll!(I < MR {
        let a = simd.splat(a(I));
        unroll!(J < NB {
            tile[I][J] = a.mul_add(b[J], tile[I][J]);
        });
    });
}
