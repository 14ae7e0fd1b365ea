//! Threads as a parameter.

use std::num::NonZeroUsize;

#[cfg(feature = "rayon")]
use crate::pool;

/// How many threads share a piece of work, in the caller's rayon pool.
///
/// Results never depend on it. Without the feature `rayon` the parts run one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Par {
    /// The calling thread alone.
    Seq,
    /// This many threads.
    Threads(NonZeroUsize),
}

/// A piece of work cut in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Length of the first part.
    pub at: usize,
    /// Threads of the first part.
    pub left: Par,
    /// Threads of the second part.
    pub right: Par,
}

impl Par {
    /// `n` threads; none and one are both [`Par::Seq`].
    #[inline]
    #[must_use]
    pub fn threads(n: usize) -> Self {
        match NonZeroUsize::new(n) {
            Some(n) if n.get() > 1 => Self::Threads(n),
            _ => Self::Seq,
        }
    }

    /// The number of threads, at least 1.
    #[inline]
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Seq => 1,
            Self::Threads(n) => n.get(),
        }
    }

    /// The threads in two, as even as can be; one thread is both.
    #[inline]
    #[must_use]
    pub fn halves(self) -> [Self; 2] {
        let n = self.count();
        [n.div_ceil(2), n / 2].map(Self::threads)
    }

    /// As many of the threads as get `least` elements each of `len`.
    #[inline]
    #[must_use]
    pub fn worth(self, len: usize, least: usize) -> Self {
        Self::threads(self.count().min(len / least.max(1)))
    }

    /// Cuts `len` elements, in multiples of `grain`, in proportion to the threads on each side;
    /// `None` where one thread, or one grain, is left.
    #[inline]
    #[must_use]
    pub fn cut(self, len: usize, grain: usize) -> Option<Cut> {
        let grains = len.div_ceil(grain);
        let n = self.count().min(grains);
        if n < 2 {
            return None;
        }
        let [left, right] = Self::threads(n).halves();
        let at = grain * (grains * left.count() / n).max(1);
        Some(Cut { at, left, right })
    }

    /// Runs both closures, at the same time where there is more than one thread.
    pub fn join<A: Send, B: Send>(
        self,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match self {
            #[cfg(feature = "rayon")]
            Self::Threads(_) => pool::join(a, b),
            _ => (a(), b()),
        }
    }

    /// Runs a closure that joins more than once, and keeps the threads awake from one join to the
    /// next: one that slept in between would come late to every small piece of work.
    ///
    /// A thread that finds no work for about a millisecond sleeps all the same.
    pub fn awake<R: Send>(self, f: impl FnOnce() -> R + Send) -> R {
        match self {
            #[cfg(feature = "rayon")]
            Self::Threads(n) => pool::awake(n.get() - 1, f),
            _ => f(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(par: Par, len: usize, grain: usize) -> Vec<usize> {
        par.cut(len, grain).map_or(vec![len], |cut| {
            let right = parts(cut.right, len - cut.at, grain);
            [parts(cut.left, cut.at, grain), right].concat()
        })
    }

    #[test]
    fn work_is_cut_evenly_at_grains() {
        assert_eq!(parts(Par::threads(3), 96, 16), [32, 32, 32]);
        assert_eq!(parts(Par::threads(5), 81, 16), [16, 16, 16, 16, 17]);
        assert_eq!(parts(Par::threads(8), 40, 16), [16, 16, 8]);
        assert_eq!(parts(Par::threads(1), 40, 16), [40]);
        assert_eq!(parts(Par::threads(4), 0, 16), [0]);
        assert_eq!(parts(Par::threads(usize::MAX), 40, 16), [16, 16, 8]);
    }

    #[test]
    fn no_thread_and_one_are_the_calling_thread() {
        assert_eq!([0, 1].map(Par::threads), [Par::Seq; 2]);
        assert_eq!([Par::Seq, Par::threads(2), Par::threads(9)].map(Par::count), [1, 2, 9]);
    }

    #[test]
    fn threads_that_would_get_too_little_are_left_out() {
        for (len, least, n) in [(99, 10, 8), (79, 10, 7), (10, 10, 1), (0, 10, 1), (5, 0, 5)] {
            assert_eq!(Par::threads(8).worth(len, least).count(), n, "{len} by {least}");
        }
        assert_eq!(Par::Seq.worth(1000, 1), Par::Seq);
    }

    #[test]
    fn a_cut_hands_on_all_threads() {
        for n in 2..=9 {
            let cut = Par::threads(n).cut(1000, 16).expect("threads and grains");
            assert_eq!(cut.left.count() + cut.right.count(), n);
            assert!(cut.at.is_multiple_of(16) && cut.left.count() - cut.right.count() < 2);
        }
    }

    #[test]
    fn halves_are_all_threads_and_each_has_one() {
        let halves = |n| Par::threads(n).halves().map(Par::count);
        assert_eq!([1, 2, 3, 8].map(halves), [[1, 1], [1, 1], [2, 1], [4, 4]]);
    }

    #[test]
    fn join_gives_both_results_in_order() {
        for par in [Par::Seq, Par::threads(2)] {
            assert_eq!(par.awake(|| par.join(|| 1, || 2)), (1, 2));
        }
    }

    #[test]
    #[cfg(feature = "rayon")]
    fn one_thread_stays_outside_the_pool() {
        let inside = || rayon::current_thread_index().is_some();
        assert_eq!(Par::Seq.join(inside, inside), (false, false));
        assert_eq!(Par::threads(2).join(inside, inside), (true, true));
    }
}
