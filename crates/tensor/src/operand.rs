//! Where a product reads its operands.

use ravine_simd::LANES;

use crate::View;
use crate::pack;

/// The left operand of a product, m × k, read where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) terms: usize,
    pub(crate) steps: Steps,
}

/// How its elements follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Steps {
    /// Terms are neighbours, from `row` to `row`.
    Rows { row: usize },
    /// Sixteen terms of a row are neighbours, and those of the next row follow them; from `chunk`
    /// to the next sixteen terms.
    Panels { chunk: usize },
    /// Rows are neighbours, from `term` to `term`: copied first where there are many terms.
    Columns { term: usize },
    /// Sixteen rows are neighbours, and their next terms follow them; `at` is the first row.
    Copied { at: usize },
}

impl<'a> Left<'a> {
    /// A view, unless neither its rows nor its columns are neighbours in memory.
    #[inline(always)]
    #[must_use]
    pub fn of(view: View<'a>) -> Option<Self> {
        let (rows, terms) = (view.rows(), view.cols());
        if rows == 0 || terms == 0 {
            return Some(Self { data: &[], rows, terms, steps: Steps::Columns { term: 0 } });
        }
        let steps = if view.col_stride() == 1 || terms < 2 {
            Steps::Rows { row: view.row_stride() }
        } else if view.row_stride() == 1 || rows < 2 {
            Steps::Columns { term: view.col_stride() }
        } else {
            return None;
        };
        Some(Self { data: view.data(), rows, terms, steps })
    }

    /// What begins at a row, and at a term that is a multiple of sixteen.
    #[inline(always)]
    pub(crate) fn from(self, row: usize, term: usize) -> Self {
        let (at, steps) = match self.steps {
            Steps::Rows { row: stride } => (row * stride + term, self.steps),
            Steps::Panels { chunk } => (row * LANES + term / LANES * chunk, self.steps),
            Steps::Copied { at } => (term * LANES, Steps::Copied { at: at + row }),
            Steps::Columns { term: stride } => (row + term * stride, self.steps),
        };
        let (rows, terms) = (self.rows - row, self.terms - term);
        Self { data: self.data.get(at..).unwrap_or_default(), rows, terms, steps }
    }

    /// The rows before `row`.
    #[inline]
    pub(crate) fn until(self, row: usize) -> Self {
        Self { rows: row, ..self }
    }
}

/// The right operand of a product, k × n, in panels of sixteen columns: sixteen neighbours for
/// each term.
#[derive(Clone, Copy, Debug)]
pub struct Right<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) terms: usize,
    pub(crate) cols: usize,
    /// From sixteen terms to the next.
    pub(crate) chunk: usize,
    /// From a panel to the next.
    pub(crate) panel: usize,
}

impl<'a> Right<'a> {
    /// A packed view.
    #[inline]
    pub(crate) fn packed(data: &'a [f32], terms: usize, cols: usize) -> Self {
        Self { data, terms, cols, chunk: LANES * LANES, panel: pack::len(terms, 1) }
    }

    /// Sixteen terms of a panel; those beyond the last have no meaning.
    #[inline(always)]
    pub(crate) fn square(self, chunk: usize, panel: usize) -> &'a [[f32; LANES]; LANES] {
        let data = &self.data[chunk * self.chunk + panel * self.panel..][..LANES * LANES];
        data.as_chunks().0.first_chunk().expect("a square")
    }

    /// What begins at a term and a column that are multiples of sixteen.
    #[inline(always)]
    pub(crate) fn from(self, term: usize, col: usize) -> Self {
        let at = term / LANES * self.chunk + col / LANES * self.panel;
        let (terms, cols) = (self.terms - term, self.cols - col);
        Self { data: self.data.get(at..).unwrap_or_default(), terms, cols, ..self }
    }
}
