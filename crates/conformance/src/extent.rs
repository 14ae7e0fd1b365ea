//! How far a law is tried, and the lengths at which kernels break.

/// How far a law is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extent {
    /// Every option at some of the lengths, and the bare forms at every length near a register's;
    /// seconds for a kernel.
    Quick,
    /// Every option at every length.
    Full,
}

/// The lengths at which kernels break, ascending: 0 to 65, which is every remainder of up to four
/// blocks of sixteen lanes; around one `chunk`, the elements that a kernel takes at a time; in
/// full also around two and three chunks, and a prime above a million.
///
/// # Examples
///
/// ```
/// use ravine_conformance::{Extent, lengths};
///
/// let lengths: Vec<usize> = lengths(Extent::Quick, 4096).collect();
/// assert_eq!(lengths[..3], [0, 1, 2]);
/// assert_eq!(lengths[65..], [65, 4095, 4096, 4097]);
/// ```
pub fn lengths(extent: Extent, chunk: usize) -> impl Iterator<Item = usize> {
    let (chunks, above) = match extent {
        Extent::Quick => (1, None),
        Extent::Full => (3, Some(1_000_003)),
    };
    let edges = (1..=chunks).flat_map(move |n| {
        let at = n * chunk;
        [at.saturating_sub(1), at, at + 1]
    });
    let mut least = 66;
    let edges = edges.chain(above).filter(move |&length| {
        let new = least <= length;
        least = least.max(length + 1);
        new
    });
    (0..=65).chain(edges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_ascend_for_any_chunk() {
        for chunk in [1, 16, 22, 64, 65, 66, 4096, 400_000] {
            for extent in [Extent::Quick, Extent::Full] {
                let lengths: Vec<_> = lengths(extent, chunk).collect();
                assert!(lengths.is_sorted_by(|a, b| a < b), "{chunk}: {lengths:?}");
                assert!(lengths.contains(&(chunk + 1)), "{chunk}");
            }
        }
    }
}
