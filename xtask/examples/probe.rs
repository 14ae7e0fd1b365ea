//! A kernel around `stream::run`, on every level, for `cargo xtask codegen` to read in assembly.
//!
//! Nothing here is computed: pointers to entries make the compiler emit the kernel.
#![forbid(unsafe_code)]

use std::hint::black_box;

use ravine_simd::{Kernel, Lanes, Level, Simd, stream};

/// A sweep of momentum's rule, written out.
struct Sweep {
    params: &'static mut [f32],
    velocity: &'static mut [f32],
    grads: &'static [f32],
    rule: [f32; 4],
}

impl Kernel for Sweep {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [a, b, c, d] = self.rule.map(|x| simd.splat(x));
        stream::run(
            simd,
            [self.params, self.velocity],
            [self.grads],
            #[inline(always)]
            |[w, v], [g]| {
                let v = (a * v + b * g).flushed();
                [w - (c * v + d * g), v]
            },
        );
    }
}

fn main() {
    keep::<Sweep>();
}

/// Makes the compiler emit `K` on every level.
fn keep<K: Kernel>() {
    for level in Level::available() {
        match level {
            Level::Baseline(simd) => entry::<_, K>(simd),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2(simd) => entry::<_, K>(simd),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512(simd) => entry::<_, K>(simd),
            _ => {}
        }
    }
}

#[inline(always)]
fn entry<S: Simd, K: Kernel>(_: S) {
    black_box(S::vectorize::<K> as fn(S, K) -> K::Output);
}
