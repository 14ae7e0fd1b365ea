//! Rows that are read while others are worked on.

use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use ravine_models::Target;
use ravine_simd::Par;
use ravine_tensor::View;

use crate::feed::{Drawn, Feed, Gathered, Near};
use crate::plan::Plan;
use crate::{Position, Rows, RowsError};

/// Bytes of the inputs that are read at a time, unless a block has more.
const LOAD_BYTES: usize = 8 << 20;
/// Loads at a time: one is worked on, one is waiting, one is being read.
const LOADS: usize = 3;

/// Lends `work` a feed of the blocks of `plan`, from a position on: of views where the rows lie
/// in memory, else of rows that a thread reads ahead.
///
/// The thread ends when the plan does, when reading fails, or when `work` is done.
pub(crate) fn feed<R: Rows, T>(
    rows: &R,
    plan: &Plan,
    from: Position,
    work: impl FnOnce(&mut dyn Feed) -> T,
) -> T {
    if let Some(x) = rows.in_memory() {
        return work(&mut Near::new(rows, x, plan));
    }
    let most = load_rows(rows, plan);
    let (full, filled) = channel();
    let (free, empty) = channel();
    thread::scope(|scope| {
        scope.spawn(move || read(rows, plan, from, most, &empty, &full));
        // Dropped before the scope waits for the thread, whose channels are closed by that.
        work(&mut Ahead { filled, free, load: None })
    })
}

/// Rows of a load, at most.
fn load_rows(rows: &impl Rows, plan: &Plan) -> usize {
    (LOAD_BYTES / (4 * rows.cols().max(1))).max(plan.block_rows()).min(plan.rows)
}

/// Rows that a [`feed`] of this plan has copies of at a time, at most.
pub(crate) fn rows_at_a_time(rows: &impl Rows, plan: &Plan) -> usize {
    match (rows.in_memory(), plan.shuffle) {
        (Some(_), None) => 0,
        (Some(_), Some(_)) => plan.block_rows(),
        (None, _) => load_rows(rows, plan).saturating_mul(LOADS),
    }
}

/// Rows that were read in one go.
struct Load {
    gathered: Gathered,
    epoch: u64,
    /// Their places in the epoch's order.
    places: Range<usize>,
}

/// What the thread that reads does.
fn read(
    rows: &impl Rows,
    plan: &Plan,
    from: Position,
    most: usize,
    empty: &Receiver<Gathered>,
    full: &Sender<Result<Load, RowsError>>,
) {
    let mut drawn = Drawn::new(plan);
    let mut n_made = 0;
    for epoch in from.epoch..plan.epochs {
        let first = if epoch == from.epoch { from.batch } else { 0 };
        for places in loads(plan, first, most) {
            let room = if n_made < LOADS {
                n_made += 1;
                Gathered::room(rows, most)
            } else {
                let Ok(room) = empty.recv() else { return };
                Ok(room)
            };
            let load = room.and_then(|mut gathered| {
                gathered.fill(Par::Seq, rows, drawn.rows(epoch, places.clone()))?;
                Ok(Load { gathered, epoch, places })
            });
            let failed = load.is_err();
            if full.send(load).is_err() || failed {
                return;
            }
        }
    }
}

/// Blocks of an epoch from a batch on, as many together as fit into `most` rows.
fn loads(plan: &Plan, first: u64, most: usize) -> impl Iterator<Item = Range<usize>> {
    let mut blocks = (first..plan.batches()).flat_map(|batch| plan.blocks(batch)).peekable();
    std::iter::from_fn(move || {
        let mut places = blocks.next()?;
        while let Some(block) = blocks.next_if(|block| block.end - places.start <= most) {
            places.end = block.end;
        }
        Some(places)
    })
}

/// Rows that a thread reads.
struct Ahead {
    filled: Receiver<Result<Load, RowsError>>,
    free: Sender<Gathered>,
    /// The load that blocks are taken from.
    load: Option<Load>,
}

impl Feed for Ahead {
    fn block(
        &mut self,
        epoch: u64,
        places: Range<usize>,
    ) -> Result<(View<'_>, Target<'_>), RowsError> {
        let holds = |load: &Load| load.epoch == epoch && places.end <= load.places.end;
        if !self.load.as_ref().is_some_and(holds) {
            if let Some(read) = self.load.take() {
                // A thread that has read all there is takes no more.
                drop(self.free.send(read.gathered));
            }
            let next = self.filled.recv().expect("the thread reads all blocks or says why not");
            self.load = Some(next?);
        }
        let load = self.load.as_ref().expect("just filled");
        assert!(holds(load) && load.places.start <= places.start, "blocks come in order");
        let at = load.places.start;
        Ok(load.gathered.get(places.start - at..places.end - at))
    }
}
