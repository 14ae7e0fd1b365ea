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
    /// This many threads of a pool that runs nothing else: they stay awake while they wait.
    Own(NonZeroUsize),
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

    /// The same of a pool that is for this work alone.
    ///
    /// A thread that slept while another did a small piece by itself would come late to the next
    /// piece, as late in the next step, and so on: where work is in many small pieces, threads wait
    /// for it with open eyes, for about a millisecond. Meanwhile they take up any job of the pool,
    /// and the work waits for its end: so there should be no other.
    #[inline]
    #[must_use]
    pub fn own(n: usize) -> Self {
        match Self::threads(n) {
            Self::Threads(n) => Self::Own(n),
            par => par,
        }
    }

    /// The number of threads, at least 1.
    #[inline]
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Seq => 1,
            Self::Threads(n) | Self::Own(n) => n.get(),
        }
    }

    /// The threads in two, as even as can be; one thread is both.
    #[inline]
    #[must_use]
    pub fn halves(self) -> [Self; 2] {
        let n = self.count();
        [n.div_ceil(2), n / 2].map(|n| self.at_most(n))
    }

    /// No more than `n` of the threads; none and one are both [`Par::Seq`].
    #[inline]
    #[must_use]
    pub fn at_most(self, n: usize) -> Self {
        let n = n.min(self.count());
        if let Self::Own(_) = self { Self::own(n) } else { Self::threads(n) }
    }

    /// As many of the threads as get `least` elements each of `len`.
    #[inline]
    #[must_use]
    pub fn worth(self, len: usize, least: usize) -> Self {
        self.at_most(len / least.max(1))
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
        let [left, right] = self.at_most(n).halves();
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
            Self::Threads(_) => rayon::join(a, b),
            #[cfg(feature = "rayon")]
            Self::Own(_) => pool::join(a, b),
            _ => (a(), b()),
        }
    }

    /// Runs a closure that joins more than once; threads of [`Par::own`] stay awake from one join
    /// to the next.
    pub fn awake<R: Send>(self, f: impl FnOnce() -> R + Send) -> R {
        match self {
            #[cfg(feature = "rayon")]
            Self::Own(n) => pool::awake(n.get() - 1, f),
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
        assert_eq!([Par::Seq, Par::threads(2), Par::own(9)].map(Par::count), [1, 2, 9]);
        assert_eq!([0, 1].map(Par::own), [Par::Seq; 2]);
    }

    #[test]
    fn threads_of_an_own_pool_stay_such() {
        let par = Par::own(6);
        assert_eq!([7, 6, 2, 1, 0].map(|n| par.at_most(n).count()), [6, 6, 2, 1, 1]);
        assert_eq!((par.worth(100, 20), par.halves()), (Par::own(5), [Par::own(3); 2]));
        let Some(Cut { left, right, .. }) = par.cut(64, 16) else { panic!("four grains") };
        assert_eq!([left, right], [Par::own(2); 2]);
        assert_eq!(Par::threads(6).halves(), [Par::threads(3); 2]);
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
        for par in [Par::Seq, Par::threads(2), Par::own(2), Par::own(usize::MAX)] {
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
