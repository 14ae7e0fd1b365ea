//! Flat slices shared between threads.

use ravine_simd::{LANES, Par};

/// Elements that are worth a thread: below twice as many, a sweep stays on the calling thread.
///
/// That many take a few microseconds, about what waking a thread takes.
pub(crate) const WORTH: usize = 1 << 15;

/// Applies `f` to the slices, cut where whole cache lines end so that every part but the last
/// has the phase of the whole.
///
/// # Panics
///
/// If the slices differ in length.
pub(crate) fn run<const W: usize, const R: usize>(
    par: Par,
    written: [&mut [f32]; W],
    read: [&[f32]; R],
    f: &(impl Fn([&mut [f32]; W], [&[f32]; R]) + Sync),
) {
    let len = written.first().map_or(0, |first| first.len());
    assert!(written.iter().all(|slice| slice.len() == len), "written slices differ in length");
    assert!(
        read.iter().all(|slice| slice.len() == len),
        "read and written slices differ in length"
    );
    match par.worth(len, WORTH) {
        Par::Seq => f(written, read),
        par => split(par, written, read, f),
    }
}

/// Gives every thread of `par` a part.
fn split<const W: usize, const R: usize>(
    par: Par,
    mut written: [&mut [f32]; W],
    read: [&[f32]; R],
    f: &(impl Fn([&mut [f32]; W], [&[f32]; R]) + Sync),
) {
    let Some(cut) = par.cut(written[0].len(), LANES) else { return f(written, read) };
    let right = written
        .each_mut()
        .map(|slice| slice.split_off_mut(cut.at..).expect("a cut lies inside the slices"));
    let reads = read.map(|slice| slice.split_at(cut.at));
    par.join(
        || split(cut.left, written, reads.map(|(left, _)| left), f),
        || split(cut.right, right, reads.map(|(_, right)| right), f),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_visited_once_whatever_the_threads() {
        for threads in [1, 2, 3, 5, 8] {
            for len in (0..=3 * LANES + 1).chain([4096, 4099]) {
                let mut sums = vec![1_f32; len];
                let x: Vec<f32> = (0..len).map(|i| (i + 1) as f32).collect();
                let add = |[sums]: [&mut [f32]; 1], [x]: [&[f32]; 1]| {
                    assert_eq!(sums.len(), x.len());
                    for (sum, x) in sums.iter_mut().zip(x) {
                        *sum += x;
                    }
                };
                split(Par::threads(threads), [&mut sums], [&x], &add);
                let want: Vec<u32> = x.iter().map(|x| (1.0 + x).to_bits()).collect();
                let got: Vec<u32> = sums.iter().map(|x| x.to_bits()).collect();
                assert_eq!(got, want, "{threads} threads, len {len}");
            }
        }
    }
}
