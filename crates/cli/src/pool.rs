//! The threads that work runs on.

use ravine::simd::Par;

use crate::error::Error;

/// Threads that a pool has at most. Results do not depend on it, and no machine gains from more.
const MOST: usize = 256;

/// The threads that `--threads` asks for, as far as a pool goes: all cores where it is absent.
pub(crate) fn threads(asked: Option<usize>) -> Result<usize, Error> {
    match asked {
        Some(0) => Err(Error::range("threads", 0, "threads ≥ 1")),
        Some(n) => Ok(n.min(MOST)),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// Runs `work` in a pool of `threads` threads, and tells it to use them all.
///
/// # Errors
///
/// If the system does not give that many threads.
#[cfg(feature = "rayon")]
pub(crate) fn install<R: Send>(
    threads: usize,
    work: impl FnOnce(Par) -> R + Send,
) -> Result<R, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    Ok(pool.install(|| work(Par::threads(threads))))
}

/// Runs `work` on the calling thread: this build has no others.
#[cfg(not(feature = "rayon"))]
pub(crate) fn install<R: Send>(
    threads: usize,
    work: impl FnOnce(Par) -> R + Send,
) -> Result<R, Error> {
    Ok(work(Par::threads(threads)))
}
