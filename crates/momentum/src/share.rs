//! Flat slices shared between threads.

use ravine_simd::{LANES, Par, Written};

use crate::sweep::WORTH;

/// Applies `f` to the slices, and to the index of their first element: cut where whole cache lines
/// end, so that every part but the last has the phase of the whole.
///
/// # Panics
///
/// If the slices differ in length.
pub(crate) fn run<W: Written + Send>(
    par: Par,
    written: W,
    read: &[f32],
    f: &(impl Fn(usize, W, &[f32]) + Sync),
) {
    assert!(written.all_have(read.len()), "slices differ in length");
    match par.worth(read.len(), WORTH) {
        Par::Seq => f(0, written, read),
        par => split(par, 0, written, read, f),
    }
}

/// Gives every thread of `par` a part.
fn split<W: Written + Send>(
    par: Par,
    at: usize,
    mut written: W,
    read: &[f32],
    f: &(impl Fn(usize, W, &[f32]) + Sync),
) {
    let Some(cut) = par.cut(read.len(), LANES) else { return f(at, written, read) };
    let right = written.split_off(cut.at);
    let (read, more) = read.split_at(cut.at);
    par.join(
        || split(cut.left, at, written, read, f),
        || split(cut.right, at + cut.at, right, more, f),
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
                let add = |at, [sums]: [&mut [f32]; 1], x: &[f32]| {
                    let first = (at + 1) as f32;
                    assert!(x.first().is_none_or(|x| x.to_bits() == first.to_bits()));
                    assert_eq!(sums.len(), x.len());
                    for (sum, x) in sums.iter_mut().zip(x) {
                        *sum += x;
                    }
                };
                split(Par::threads(threads), 0, [&mut sums[..]], &x, &add);
                let want: Vec<u32> = x.iter().map(|x| (1.0 + x).to_bits()).collect();
                let got: Vec<u32> = sums.iter().map(|x| x.to_bits()).collect();
                assert_eq!(got, want, "{threads} threads, len {len}");
            }
        }
    }
}
