//! What this process may still ask memory for.

use ravine::simd::Buffer;
use sysinfo::System;

/// Whether memory holds `len` more `f32`s and leaves a quarter of what is available.
pub(crate) fn holds(len: usize) -> bool {
    (len as u64).saturating_mul(4) <= most()
}

/// The bytes that memory holds while a quarter of what is available is left.
///
/// What is available is what the system says, within the limit of a container; what may be
/// mapped (`ulimit -v`) is found out by mapping it, to an eighth.
pub(crate) fn most() -> u64 {
    let mut available = available();
    while available > 0 && !maps(available) {
        available -= available.div_ceil(8);
    }
    available / 4 * 3
}

/// Whether so many bytes can be mapped.
fn maps(bytes: u64) -> bool {
    usize::try_from(bytes / 4).is_ok_and(|len| Buffer::<f32>::try_zeroed(len).is_some())
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
