//! Slices shorter than a block.

use ravine_simd::{Kernel, LANES, Lanes, Level, Simd};

/// The lanes of a slice shorter than a block, and what an ordinary load of it with zeros gives.
struct Short<'a>(&'a [f32]);

impl Kernel for Short<'_> {
    type Output = [[f32; LANES]; 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let (mut padded, mut found) = ([0.0; LANES], [[f32::NAN; LANES]; 2]);
        padded[..self.0.len()].copy_from_slice(self.0);
        simd.load(&padded).store(&mut found[0]);
        simd.load_short(self.0).store(&mut found[1]);
        found
    }
}

#[test]
fn a_short_slice_is_read_with_zeros_behind_it() {
    for level in Level::available() {
        for n in 0..LANES {
            // Exactly as long as its memory: reading on would be seen by a sanitizer.
            let slice: Box<[f32]> = (1..).map(|i: u16| -f32::from(i)).take(n).collect();
            let [wanted, found] = level.run(Short(&slice)).map(|lanes| lanes.map(f32::to_bits));
            assert_eq!(wanted, found, "{level}, {n} of {LANES}");
        }
    }
}
