//! Slices between canaries.

use std::fmt;

/// Elements of a cache line, which offsets count from.
const LINE: usize = 16;
/// Canaries on either side, as many as a kernel takes at a time.
const MARGIN: usize = 4 * LINE;
/// A signaling NaN: arithmetic makes none, and hands on none that it is given, for it sets the bit
/// that makes a NaN quiet. A quiet one would pass through a kernel that goes beyond its slices.
const CANARY: u32 = 0x7f80_ca7a;

/// A slice that starts a chosen number of elements past a cache line, with canaries around it.
///
/// # Examples
///
/// ```
/// use ravine_conformance::Guarded;
///
/// let mut params = Guarded::new(&[1.0, 2.0, 3.0], 5);
/// assert_eq!(params.values().as_ptr().addr() % 64, 5 * 4);
/// params.values_mut()[2] = 4.0;
/// assert_eq!((params.values(), params.check()), (&[1.0, 2.0, 4.0][..], Ok(())));
/// ```
#[derive(Debug)]
pub struct Guarded {
    store: Vec<f32>,
    start: usize,
    len: usize,
}

/// A kernel wrote past an end of its slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trespass {
    /// The end.
    pub side: Side,
    /// How far past it, in elements: 1 is the slice's neighbor.
    pub distance: usize,
    /// The bits that were written there.
    pub found: u32,
}

/// An end of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Before its first element.
    Before,
    /// After its last element.
    After,
}

impl Guarded {
    /// Copies `values` to where they start `offset` elements (0 to 15) past a multiple of 64
    /// bytes.
    ///
    /// # Panics
    ///
    /// If `offset` is more than 15.
    #[must_use]
    pub fn new(values: &[f32], offset: usize) -> Self {
        assert!(offset < LINE, "offset is {offset}, but a cache line has {LINE} elements");
        let room = LINE + MARGIN + offset + values.len() + MARGIN;
        let mut store = vec![f32::from_bits(CANARY); room];
        // A vector's buffer stays where it is when the vector is moved.
        let past = store.as_ptr().addr() / size_of::<f32>() % LINE;
        let start = (LINE - past) % LINE + MARGIN + offset;
        store[start..start + values.len()].copy_from_slice(values);
        Self { store, start, len: values.len() }
    }

    /// The slice.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.store[self.start..self.start + self.len]
    }

    /// The slice, to be written.
    #[must_use]
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.store[self.start..self.start + self.len]
    }

    /// Looks at the canaries.
    ///
    /// # Errors
    ///
    /// If one is gone: the nearest to the slice, before it first.
    pub fn check(&self) -> Result<(), Trespass> {
        let gone = |x: &f32| x.to_bits() != CANARY;
        let (before, rest) = self.store.split_at(self.start);
        let after = &rest[self.len..];
        let (side, (distance, found)) = if let Some(x) = nearest(before.iter().rev(), gone) {
            (Side::Before, x)
        } else if let Some(x) = nearest(after.iter(), gone) {
            (Side::After, x)
        } else {
            return Ok(());
        };
        Err(Trespass { side, distance, found })
    }
}

/// The first canary that is gone, and how far it stood from the slice.
fn nearest<'a>(
    canaries: impl Iterator<Item = &'a f32>,
    gone: impl Fn(&f32) -> bool,
) -> Option<(usize, u32)> {
    canaries.zip(1..).find(|(x, _)| gone(x)).map(|(x, distance)| (distance, x.to_bits()))
}

impl fmt::Display for Trespass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, distance, found } = self;
        let side = match side {
            Side::Before => "before the first",
            Side::After => "after the last",
        };
        write!(f, "{found:#010x} was written {distance} {side} element, outside the slice")
    }
}

impl std::error::Error for Trespass {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_starts_at_its_offset_whatever_its_length() {
        for offset in 0..LINE {
            for len in [0, 1, 17, 5000] {
                let guarded = Guarded::new(&vec![1.0; len], offset);
                assert_eq!(guarded.values().as_ptr().addr() % 64, 4 * offset);
                assert_eq!((guarded.values().len(), guarded.check()), (len, Ok(())));
            }
        }
    }

    #[test]
    fn a_write_past_either_end_is_named() {
        for (side, distance) in [(Side::Before, 1), (Side::Before, 64), (Side::After, 3)] {
            let mut guarded = Guarded::new(&[1.0; 20], 7);
            let at = match side {
                Side::Before => guarded.start - distance,
                Side::After => guarded.start + 19 + distance,
            };
            guarded.store[at] = 1.0;
            let trespass = Trespass { side, distance, found: 0x3f80_0000 };
            assert_eq!(guarded.check(), Err(trespass));
        }
        let mut guarded = Guarded::new(&[], 0);
        let at = guarded.start;
        guarded.store[at] = f32::NAN;
        let message = guarded.check().unwrap_err().to_string();
        assert_eq!(message, "0x7fc00000 was written 1 after the last element, outside the slice");
    }

    /// A kernel that computes beyond its slices reads canaries and writes what it makes of them.
    #[test]
    fn arithmetic_on_canaries_is_a_trespass() {
        let [mut w, v, g] = [1.0, 2.0, 3.0].map(|x| Guarded::new(&[x; 20], 3));
        let last = w.start + w.len;
        for at in w.start..last + 1 {
            w.store[at] -= 0.1 * (0.9 * v.store[at] + g.store[at]);
        }
        let Err(Trespass { side: Side::After, distance: 1, .. }) = w.check() else {
            panic!("{:?} of an update one too long", w.check());
        };
        let mut sums = Guarded::new(&[0.0; 4], 0);
        let before = sums.start - 1;
        sums.store[before] += g.store[g.start];
        let Err(Trespass { side: Side::Before, distance: 1, .. }) = sums.check() else {
            panic!("{:?} of a sum one too early", sums.check());
        };
    }
}
