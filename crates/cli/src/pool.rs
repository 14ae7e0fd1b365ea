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
    Ok(pool.install(|| work(Par::own(threads))))
}

/// As [`install`], each thread on a core of its own as far as there are cores.
///
/// # Errors
///
/// If the system does not give that many threads, or does not tell its cores.
#[cfg(feature = "rayon")]
pub(crate) fn install_pinned<R: Send>(
    threads: usize,
    work: impl FnOnce(Par) -> R + Send,
) -> Result<R, Error> {
    let cores = core_affinity::get_core_ids().filter(|cores| !cores.is_empty());
    let cores = cores.ok_or_else(|| {
        Error::misplaced("pin", "wants the system's list of cores, which it does not tell")
    })?;
    let pin = move |thread: usize| {
        core_affinity::set_for_current(cores[thread % cores.len()]);
    };
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads).start_handler(pin);
    Ok(builder.build()?.install(|| work(Par::own(threads))))
}

/// This build has no threads to pin.
#[cfg(not(feature = "rayon"))]
pub(crate) fn install_pinned<R: Send>(
    threads: usize,
    work: impl FnOnce(Par) -> R + Send,
) -> Result<R, Error> {
    install(threads, work)
}

/// Runs `work` on the calling thread: this build has no others.
#[cfg(not(feature = "rayon"))]
pub(crate) fn install<R: Send>(
    threads: usize,
    work: impl FnOnce(Par) -> R + Send,
) -> Result<R, Error> {
    Ok(work(Par::own(threads)))
}
