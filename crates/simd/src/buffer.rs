//! Memory for parameters, gradients and velocities.

use std::fmt;
use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// Length of a cache line in `f32`s.
const LINE: usize = 16;
/// From this many `f32`s on (4 MiB, two huge pages) a buffer asks the system for huge pages.
const HUGE: usize = 1 << 20;

/// A fixed number of `f32`s that start on a cache line (64 bytes).
///
/// From 4 MiB on the memory is an anonymous map that asks for huge pages, which makes passes over
/// it faster where the system grants them on request.
///
/// # Examples
///
/// ```
/// use ravine_simd::Buffer;
///
/// let mut params = Buffer::zeroed(1000);
/// params[7] = 1.5;
/// assert_eq!(params.as_ptr().addr() % 64, 0);
/// assert_eq!(params.iter().sum::<f32>(), 1.5);
/// ```
pub struct Buffer {
    memory: Memory,
    len: usize,
}

enum Memory {
    /// The elements start at the index `at`, which is on a cache line.
    Heap {
        elements: Vec<f32>,
        at: usize,
    },
    Map(MmapMut),
}

impl Buffer {
    /// `len` zeros.
    ///
    /// # Panics
    ///
    /// If the memory cannot be had.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        Self::try_zeroed(len).unwrap_or_else(|| panic!("no memory for {len} f32s"))
    }

    /// `len` zeros, or `None` where the memory cannot be had.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_simd::Buffer;
    ///
    /// assert_eq!(Buffer::try_zeroed(3).map(|buffer| buffer.len()), Some(3));
    /// assert!(Buffer::try_zeroed(usize::MAX).is_none());
    /// ```
    #[must_use]
    pub fn try_zeroed(len: usize) -> Option<Self> {
        let map = if len < HUGE { None } else { MmapMut::map_anon(len.checked_mul(4)?).ok() };
        let memory = if let Some(map) = map {
            // Advice: where the system has no huge pages the map is as good without.
            #[cfg(target_os = "linux")]
            drop(map.advise(memmap2::Advice::HugePage));
            Memory::Map(map)
        } else {
            let (room, mut elements) = (len.checked_add(LINE)?, Vec::new());
            elements.try_reserve_exact(room).ok()?;
            elements.resize(room, 0.0_f32);
            let at = elements.as_ptr().align_offset(4 * LINE).min(LINE);
            Memory::Heap { elements, at }
        };
        Some(Self { memory, len })
    }

    /// Keeps the first `len` elements, or all where there are fewer; the memory stays.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl From<&[f32]> for Buffer {
    fn from(values: &[f32]) -> Self {
        let mut buffer = Self::zeroed(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::zeroed(0)
    }
}

impl Deref for Buffer {
    type Target = [f32];

    #[inline]
    fn deref(&self) -> &[f32] {
        match &self.memory {
            Memory::Heap { elements, at } => &elements[*at..*at + self.len],
            Memory::Map(map) => &bytemuck::cast_slice(map)[..self.len],
        }
    }
}

impl DerefMut for Buffer {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f32] {
        match &mut self.memory {
            Memory::Heap { elements, at } => &mut elements[*at..*at + self.len],
            Memory::Map(map) => &mut bytemuck::cast_slice_mut(map)[..self.len],
        }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_start_on_a_cache_line_and_at_zero() {
        for len in [0, 1, 15, 16, 17, 1000, HUGE - 1, HUGE, HUGE + 3] {
            let mut buffer = Buffer::zeroed(len);
            assert_eq!((buffer.len(), buffer.as_ptr().addr() % 64), (len, 0), "len {len}");
            assert!(buffer.iter().all(|x| x.to_bits() == 0), "len {len}");
            buffer.fill(2.0);
            assert!(buffer.clone().iter().all(|x| x.to_bits() == 2.0_f32.to_bits()), "len {len}");
        }
    }

    #[test]
    fn large_buffers_ask_for_pages_of_their_own() {
        for (len, mapped) in [(HUGE - 1, false), (HUGE, true), (HUGE + 1, true)] {
            let memory = Buffer::zeroed(len).memory;
            assert_eq!(matches!(memory, Memory::Map(_)), mapped, "len {len}");
        }
    }

    #[test]
    fn a_buffer_shows_its_elements() {
        let mut buffer = Buffer::zeroed(2);
        buffer[1] = 1.5;
        assert_eq!(format!("{buffer:?}"), "[0.0, 1.5]");
    }

    #[test]
    fn memory_that_cannot_be_had_is_no_buffer() {
        for len in [usize::MAX, usize::MAX / 2, usize::MAX / 4, usize::MAX / 8] {
            assert!(Buffer::try_zeroed(len).is_none(), "len {len}");
        }
    }

    #[test]
    fn a_truncated_buffer_keeps_its_first_elements() {
        for len in [20, HUGE + 3] {
            let mut buffer = Buffer::zeroed(len);
            buffer[4] = 1.0;
            buffer.truncate(len + 1);
            assert_eq!(buffer.len(), len);
            buffer.truncate(5);
            assert_eq!(*buffer, [0.0, 0.0, 0.0, 0.0, 1.0], "len {len}");
            assert_eq!(buffer.clone().len(), 5, "len {len}");
        }
    }
}
