//! Memory for parameters, gradients and velocities.

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

/// Bytes of a cache line.
const LINE: usize = 64;
/// From this many bytes on, two huge pages, a buffer asks the system for huge pages.
const HUGE: usize = 4 << 20;

/// A fixed number of numbers, `f32`s unless said otherwise, that start on a cache line (64 bytes).
/// Numbers of a size that does not divide 64 do not compile.
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
pub struct Buffer<T = f32> {
    memory: Memory<T>,
    len: usize,
}

enum Memory<T> {
    /// The elements start at the index `at`, which is on a cache line.
    Heap {
        elements: Vec<T>,
        at: usize,
    },
    Map(MmapMut),
}

impl<T: Pod> Buffer<T> {
    /// `len` zeros.
    ///
    /// # Panics
    ///
    /// If the memory cannot be had.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        Self::try_zeroed(len).unwrap_or_else(|| panic!("no memory for {len} numbers"))
    }

    /// `len` zeros, or `None` where the memory cannot be had.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_simd::Buffer;
    ///
    /// assert_eq!(Buffer::<f32>::try_zeroed(3).map(|buffer| buffer.len()), Some(3));
    /// assert!(Buffer::<f32>::try_zeroed(usize::MAX).is_none());
    /// ```
    #[must_use]
    pub fn try_zeroed(len: usize) -> Option<Self> {
        let bytes = len.checked_mul(size_of::<T>())?;
        let map = if bytes < HUGE { None } else { MmapMut::map_anon(bytes).ok() };
        let memory = if let Some(map) = map {
            // Advice: where the system has no huge pages the map is as good without.
            #[cfg(target_os = "linux")]
            drop(map.advise(memmap2::Advice::HugePage));
            Memory::Map(map)
        } else {
            let line = const {
                assert!(
                    LINE.is_multiple_of(size_of::<T>()),
                    "a line holds no whole number of them"
                );
                LINE / size_of::<T>()
            };
            let (room, mut elements) = (len.checked_add(line)?, Vec::new());
            elements.try_reserve_exact(room).ok()?;
            elements.resize(room, T::zeroed());
            let at = elements.as_ptr().align_offset(LINE).min(line);
            Memory::Heap { elements, at }
        };
        Some(Self { memory, len })
    }

    /// Keeps the first `len` elements, or all where there are fewer; the memory stays.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl<T: Pod> From<&[T]> for Buffer<T> {
    fn from(values: &[T]) -> Self {
        let mut buffer = Self::zeroed(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl<T: Pod> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl<T: Pod> Default for Buffer<T> {
    fn default() -> Self {
        Self::zeroed(0)
    }
}

impl<T: Pod> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.memory {
            Memory::Heap { elements, at } => &elements[*at..*at + self.len],
            Memory::Map(map) => &bytemuck::cast_slice(map)[..self.len],
        }
    }
}

impl<T: Pod> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.memory {
            Memory::Heap { elements, at } => &mut elements[*at..*at + self.len],
            Memory::Map(map) => &mut bytemuck::cast_slice_mut(map)[..self.len],
        }
    }
}

impl<T: Pod + fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f32`s in the least map.
    const MANY: usize = HUGE / 4;

    #[test]
    fn buffers_start_on_a_cache_line_and_at_zero() {
        for len in [0, 1, 15, 16, 17, 1000, MANY - 1, MANY, MANY + 3] {
            let mut buffer = Buffer::<f32>::zeroed(len);
            assert_eq!((buffer.len(), buffer.as_ptr().addr() % 64), (len, 0), "len {len}");
            assert!(buffer.iter().all(|x| x.to_bits() == 0), "len {len}");
            buffer.fill(2.0);
            assert!(buffer.clone().iter().all(|x| x.to_bits() == 2.0_f32.to_bits()), "len {len}");
        }
    }

    #[test]
    fn large_buffers_ask_for_pages_of_their_own() {
        for (len, mapped) in [(MANY - 1, false), (MANY, true), (MANY + 1, true)] {
            let memory = Buffer::<f32>::zeroed(len).memory;
            assert_eq!(matches!(memory, Memory::Map(_)), mapped, "len {len}");
        }
    }

    #[test]
    fn narrow_numbers_start_on_a_cache_line_too() {
        for len in [0, 1, 33, HUGE / 2 - 1, HUGE / 2] {
            let buffer = Buffer::<u16>::zeroed(len);
            assert_eq!((buffer.len(), buffer.as_ptr().addr() % 64), (len, 0), "len {len}");
            assert_eq!(matches!(buffer.memory, Memory::Map(_)), len == HUGE / 2, "len {len}");
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
            assert!(Buffer::<f32>::try_zeroed(len).is_none(), "len {len}");
        }
    }

    #[test]
    fn a_truncated_buffer_keeps_its_first_elements() {
        for len in [20, MANY + 3] {
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
