//! The loop over slices, once for all elementwise kernels.

use crate::{LANES, Lanes, Simd};

/// A cache line in bytes.
const LINE: usize = 64;

/// Replaces the written slices, block by block, by what `f` makes of all operands.
///
/// `f` gets one block of each written and of each read slice, and gives back the new blocks of
/// the written ones. It must work lane by lane: a lane of its result depends on the same lane of
/// its operands alone. Lanes beyond a slice hold zero and what becomes of them is dropped.
///
/// Whole blocks start where the first written slice meets a cache line. The up to fifteen
/// elements before and after them are computed as blocks that overlap their neighbours, from the
/// operands' old values, and written last: so every element takes the same path.
///
/// Give `f` as a closure marked `#[inline(always)]`; without the mark the loop falls apart into
/// calls.
///
/// # Panics
///
/// If the slices differ in length.
#[inline(always)]
pub fn run<S: Simd, const W: usize, const R: usize>(
    simd: S,
    mut written: [&mut [f32]; W],
    read: [&[f32]; R],
    f: impl Fn([S::F32; W], [S::F32; R]) -> [S::F32; W],
) {
    let len = written.first().map_or(0, |first| first.len());
    for slice in &written {
        assert_eq!(slice.len(), len, "written slices differ in length");
    }
    for slice in &read {
        assert_eq!(slice.len(), len, "read and written slices differ in length");
    }
    let short = len < LANES;
    let head = if short { len } else { written[0].as_ptr().align_offset(LINE).min(LANES) };
    let tail = len.saturating_sub(LANES);
    let ragged = !short && !(len - head).is_multiple_of(LANES);
    let ends = [(0, head > 0), (tail, ragged)];
    let mut kept = [[[0.0; LANES]; W]; 2];
    for ((at, needed), kept) in ends.into_iter().zip(&mut kept) {
        if needed {
            let mut w = [simd.splat(0.0); W];
            let mut r = [simd.splat(0.0); R];
            for (w, slice) in w.iter_mut().zip(&written) {
                *w = simd.load(&block(&slice[at..]));
            }
            for (r, slice) in r.iter_mut().zip(&read) {
                *r = simd.load(&block(&slice[at..]));
            }
            for (new, kept) in f(w, r).into_iter().zip(kept) {
                new.store(kept);
            }
        }
    }
    if !short {
        whole(simd, &mut written, &read, head, &f);
    }
    for ((at, needed), kept) in ends.into_iter().zip(&kept) {
        if needed {
            for (slice, kept) in written.iter_mut().zip(kept) {
                match slice[at..].first_chunk_mut() {
                    Some(to) => *to = *kept,
                    None => copy_short(slice, kept),
                }
            }
        }
    }
}

/// The whole blocks from `head` on.
#[inline(always)]
fn whole<S: Simd, const W: usize, const R: usize>(
    simd: S,
    written: &mut [&mut [f32]; W],
    read: &[&[f32]; R],
    head: usize,
    f: &impl Fn([S::F32; W], [S::F32; R]) -> [S::F32; W],
) {
    let n = (written[0].len() - head) / LANES;
    let mut chunks = written.each_mut().map(|slice| &mut slice[head..].as_chunks_mut().0[..n]);
    let reads = read.each_ref().map(|slice| &slice[head..].as_chunks().0[..n]);
    for i in 0..n {
        let mut w = [simd.splat(0.0); W];
        let mut r = [simd.splat(0.0); R];
        for (w, chunk) in w.iter_mut().zip(&chunks) {
            *w = simd.load(&chunk[i]);
        }
        for (r, chunk) in r.iter_mut().zip(&reads) {
            *r = simd.load(&chunk[i]);
        }
        for (new, chunk) in f(w, r).into_iter().zip(&mut chunks) {
            new.store(&mut chunk[i]);
        }
    }
}

/// The block at the start of `slice`, with zeros where the slice is shorter.
#[inline(always)]
fn block(slice: &[f32]) -> [f32; LANES] {
    slice.first_chunk().copied().unwrap_or_else(|| padded(slice))
}

/// Fewer than sixteen elements, and zeros behind them.
#[inline(always)]
pub(crate) fn padded(slice: &[f32]) -> [f32; LANES] {
    let mut block = [0.0; LANES];
    copy_short(&mut block[..slice.len()], slice);
    block
}

/// Copies the first `to.len()` elements, fewer than sixteen, in pieces of fixed length: a copy
/// of run-time length is a call, which many small slices feel.
#[inline(always)]
fn copy_short(mut to: &mut [f32], mut from: &[f32]) {
    macro_rules! piece {
        ($($n:literal)+) => {$(
            if to.len() & $n != 0 {
                let (head, rest) = to.split_at_mut($n);
                head.copy_from_slice(&from[..$n]);
                (to, from) = (rest, &from[$n..]);
            }
        )+};
    }
    piece!(8 4 2 1);
    debug_assert!(to.is_empty() && from.len() <= LANES);
}
