//! The loop over slices, once for all elementwise kernels.

use crate::written::{each, load_first};
use crate::{LANES, Simd, Written};

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
pub fn run<S: Simd, W: Written, const R: usize>(
    simd: S,
    written: W,
    read: [&[f32]; R],
    f: impl Fn(W::Lanes<S>, [S::F32; R]) -> W::Lanes<S>,
) {
    run_at(
        simd,
        written,
        read,
        #[inline(always)]
        |_, w, r| f(w, r),
    );
}

/// As [`run`], with the index of each block's first element as `f`'s first argument.
///
/// # Panics
///
/// If the slices differ in length.
#[inline(always)]
pub fn run_at<S: Simd, W: Written, const R: usize>(
    simd: S,
    mut written: W,
    read: [&[f32]; R],
    f: impl Fn(usize, W::Lanes<S>, [S::F32; R]) -> W::Lanes<S>,
) {
    run_on(simd, &mut written, read, f);
}

/// As [`run_at`], of slices that stay where they are.
#[inline(always)]
pub(crate) fn run_on<S: Simd, W: Written, const R: usize>(
    simd: S,
    written: &mut W,
    read: [&[f32]; R],
    f: impl Fn(usize, W::Lanes<S>, [S::F32; R]) -> W::Lanes<S>,
) {
    let (len, head) = written.first().unwrap_or_default();
    assert!(written.all_have(len), "written slices differ in length");
    for slice in &read {
        assert_eq!(slice.len(), len, "read and written slices differ in length");
    }
    let short = len < LANES;
    let head = if short { len } else { head };
    let tail = len.saturating_sub(LANES);
    let ragged = !short && !(len - head).is_multiple_of(LANES);
    // In registers: what is kept on the stack is read back too soon.
    let mut ends = [W::zeros(simd); 2];
    if head > 0 {
        ends[0] = end(simd, written, &read, 0, &f);
    }
    if ragged {
        ends[1] = end(simd, written, &read, tail, &f);
    }
    if !short {
        whole(simd, written, &read, head, &f);
    }
    if head > 0 {
        written.store(0, ends[0]);
    }
    if ragged {
        written.store(tail, ends[1]);
    }
}

/// The block at `at`, where the slices may end before it does.
#[inline(always)]
fn end<S: Simd, W: Written, const R: usize>(
    simd: S,
    written: &W,
    read: &[&[f32]; R],
    at: usize,
    f: &impl Fn(usize, W::Lanes<S>, [S::F32; R]) -> W::Lanes<S>,
) -> W::Lanes<S> {
    let mut r = [simd.splat(0.0); R];
    each!(k < R, r[k] = load_first(simd, &read[k][at..]));
    f(at, written.load(simd, at), r)
}

/// The whole blocks from `head` on.
#[expect(clippy::needless_range_loop, reason = "one index goes through all slices")]
#[inline(always)]
fn whole<S: Simd, W: Written, const R: usize>(
    simd: S,
    written: &mut W,
    read: &[&[f32]; R],
    head: usize,
    f: &impl Fn(usize, W::Lanes<S>, [S::F32; R]) -> W::Lanes<S>,
) {
    let len = written.first().unwrap_or_default().0;
    let n = (len - head) / LANES;
    let mut blocks = written.blocks(head, n);
    let reads = read.each_ref().map(|slice| &slice[head..].as_chunks().0[..n]);
    for i in 0..n {
        let mut r = [simd.splat(0.0); R];
        each!(k < R, r[k] = simd.load(&reads[k][i]));
        let new = f(head + LANES * i, W::load_block(simd, &blocks, i), r);
        W::store_block::<S>(&mut blocks, i, new);
    }
}
