//! The memory that a run takes, before any of it is asked for.

use ravine_models::Model;

use crate::plan::Plan;
use crate::{Labels, Options, Rows, ahead};

/// The bytes that a run makes memory for, from its start to its evaluation, at most: parameters,
/// velocity and gradients, what a step keeps of a block, blocks that are gathered or read ahead,
/// and the packed operands of products. `u64::MAX` where no memory holds them.
///
/// Rows that lie in memory already do not count, and neither does a constant few megabytes.
///
/// # Panics
///
/// If there are no rows.
///
/// # Examples
///
/// ```
/// use ravine::data::{Matrix, Table};
/// use ravine::models::{Linear, Model};
/// use ravine::{Examples, Options, room};
///
/// let table = Table { x: Matrix::zeroed(10, 3), y: vec![0.0; 10], ..Table::default() };
/// let (narrow, wide) = (Linear::new(3, 1, true), Linear::new(3, 1 << 20, true));
/// let rows = Examples::regression(table);
/// let options = Options::default();
/// assert!(room(&narrow, &options, &rows) < room(&wide, &options, &rows));
/// ```
#[must_use]
pub fn room(model: &impl Model, options: &Options, rows: &impl Rows) -> u64 {
    let plan = Plan::new(rows.count(), model, options);
    let pass = Plan::pass(rows.count());
    let params = model.layout().len();
    // Gradients of blocks wait in a tree, besides the one at hand.
    let n_blocks = plan.blocks(0).len();
    let in_blocks = if n_blocks > 1 { 2 + n_blocks.ilog2() as usize } else { 0 };
    let stored = usize::from(!options.runs_fused());
    let velocity = usize::from(options.sgd.form.has_velocity());
    let state = params.saturating_mul(1 + velocity + stored + in_blocks);

    let Options { level, par, .. } = *options;
    let gathered = rows.cols().saturating_add(match rows.labels() {
        Labels::Values(values) => values.cols(),
        Labels::Classes(_) => 1,
    });
    let of = |plan: &Plan| {
        let n_gathered = ahead::rows_at_a_time(rows, plan).saturating_mul(gathered);
        let dy = plan.block_rows().saturating_mul(model.outputs());
        model.room(level, par, plan.block_rows()).saturating_add(n_gathered).saturating_add(dy)
    };
    let order = if plan.shuffle.is_some() { plan.rows } else { 0 };
    let len = [state, order, of(&plan), of(&pass)].into_iter().fold(0, usize::saturating_add);
    (len as u64).saturating_mul(4)
}
