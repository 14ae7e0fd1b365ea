//! Threads of a rayon pool that runs nothing else, and how they stay awake.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rayon::Yield;

/// Rounds without a job after which a thread that stays awake sleeps after all: about as long as
/// it takes to wake it some ten times.
const PATIENCE: usize = 1 << 12;

thread_local! {
    /// Whether the thread is at work on a part of a [`join`] or of an [`awake`].
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Runs both closures, each on the thread that is free for it.
pub(crate) fn join<A: Send, B: Send>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(|| at_work(a), || at_work(b))
}

/// Runs `f` while up to `others` more threads wait for its jobs with open eyes.
///
/// A thread that has slept takes longer to wake than a small job to run: it would come too late to
/// every one. Of other jobs in the pool they take up any, and `f` waits for them at its end.
pub(crate) fn awake<R: Send>(others: usize, f: impl FnOnce() -> R + Send) -> R {
    let done = AtomicBool::new(false);
    let run = || {
        let _done = OnDrop(|| done.store(true, Ordering::Release));
        at_work(f)
    };
    let others = || watch(others.min(rayon::current_num_threads().saturating_sub(1)), &done);
    rayon::join(run, others).0
}

/// Takes jobs until `done`, or until there have been none for long; on this thread, unless it is
/// at work.
fn watch(threads: usize, done: &AtomicBool) -> bool {
    // A thread that waits for a part of its own job takes up any other job meanwhile. Were it this
    // one, the part could be what `done` waits for: then both would wait till patience ends.
    if threads == 0 || done.load(Ordering::Acquire) || AT_WORK.get() {
        return false;
    }
    if threads > 1 {
        let half = threads / 2;
        return rayon::join(|| watch(threads - half, done), || watch(half, done)).0;
    }
    let mut idle = 0;
    while idle < PATIENCE && !done.load(Ordering::Acquire) {
        if rayon::yield_now() == Some(Yield::Executed) {
            idle = 0;
        } else {
            idle += 1;
            thread::yield_now();
        }
    }
    true
}

fn at_work<R>(f: impl FnOnce() -> R) -> R {
    let before = AT_WORK.replace(true);
    let _restored = OnDrop(|| AT_WORK.set(before));
    f()
}

/// Runs a closure when it is dropped, after a panic too.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};

    use rayon::{ThreadPool, ThreadPoolBuilder};

    use super::*;

    fn pool(threads: usize) -> ThreadPool {
        ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
    }

    /// A sum over a tree of jobs, each of which keeps others awake.
    fn sum(from: u64, to: u64) -> u64 {
        awake(3, || match to - from {
            1 => from,
            n => {
                let (a, b) = join(|| sum(from, from + n / 2), || sum(from + n / 2, to));
                a + b
            }
        })
    }

    #[test]
    fn watches_within_watches_end() {
        for threads in [1, 2, 3, 5] {
            let pool = pool(threads);
            let (a, b) = pool.join(|| sum(0, 1000), || sum(1000, 2000));
            assert_eq!((a, b), (499_500, 1_499_500), "{threads} threads");
        }
    }

    #[test]
    fn a_panic_ends_the_watch_and_passes() {
        let pool = pool(2);
        let work = || pool.install(|| awake(1, || panic!("of the work")));
        let payload = panic::catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"of the work"));
        assert!(pool.install(|| awake(1, || AT_WORK.get())));
        assert!(!pool.install(|| AT_WORK.get()), "no thread is left at work");
    }

    #[test]
    fn a_thread_at_work_watches_nothing() {
        let watch = || watch(1, &AtomicBool::new(false));
        assert_eq!([watch(), at_work(watch), watch()], [true, false, true]);
    }

    #[test]
    fn nobody_watches_what_is_done() {
        let watch = |threads, done| watch(threads, &AtomicBool::new(done));
        assert_eq!([watch(0, false), watch(1, true), watch(usize::MAX, true)], [false; 3]);
        assert_eq!(pool(2).install(|| awake(usize::MAX, || 7)), 7);
    }
}
