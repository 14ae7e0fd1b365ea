//! What a training step takes of the heap, by `dhat`.
#![forbid(unsafe_code)]

use dhat::{HeapStats, Profiler};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Case as _, Step, timed};

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

const LAYERS: [usize; 4] = [128, 512, 512, 128];

/// Allocations of steps after the first, the most bytes at once, and those of the gradient.
fn steps(fused: bool) -> (u64, usize, usize) {
    let _profiler = Profiler::builder().testing().build();
    let options = timed(Level::detect(), Par::Seq, fused);
    let mut step = Step::mlp(&LAYERS, 16, options).expect("widths above zero");
    step.run();
    let first = HeapStats::get();
    (0..3).for_each(|_| step.run());
    let last = HeapStats::get();
    (last.total_blocks - first.total_blocks, last.max_bytes, 4 * step.n_params())
}

#[test]
fn a_fused_step_takes_less_memory_by_the_gradient_and_later_steps_allocate_nothing() {
    let ((allocations, fused, _), (more, stored, gradient)) = (steps(true), steps(false));
    assert_eq!((allocations, more), (0, 0), "allocations of later steps, fused and not");
    // Both end alike in the order of their buffers, within a cache line for alignment.
    let apart = stored - fused;
    assert!(apart.abs_diff(gradient) <= 4096, "{apart} bytes apart, {gradient} of a gradient");
    // Parameters, velocity, and a batch of features: no copy of the weights beside them.
    assert!(fused < 2 * gradient + gradient / 2, "{fused} bytes, {gradient} of the parameters");
}
