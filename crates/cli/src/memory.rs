//! What this process may still ask memory for.

use ravine::simd::Buffer;
use sysinfo::System;

/// Whether memory holds `len` more `f32`s and leaves a quarter of what is available.
///
/// What is available is what the system says, within the limit of a container; what may be
/// mapped (`ulimit -v`) is found out by mapping it.
pub(crate) fn holds(len: usize) -> bool {
    let most = usize::try_from(available() / 4).unwrap_or(usize::MAX);
    let with_quarter = len.saturating_add(len / 3);
    with_quarter <= most && Buffer::try_zeroed(with_quarter).is_some()
}

/// Bytes that the system can give without swapping; all where it does not say.
fn available() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    if system.total_memory() == 0 {
        return u64::MAX;
    }
    // Pages of files that a container reads count against its limit, but give way.
    let limit = system.cgroup_limits().map(|cgroup| cgroup.total_memory.saturating_sub(cgroup.rss));
    system.available_memory().min(limit.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_fits_and_more_than_there_can_be_does_not() {
        assert!(holds(0) && holds(1 << 10));
        assert!(!holds(usize::MAX / 8) && !holds(usize::MAX));
    }
}
