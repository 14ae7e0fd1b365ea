//! How long a leaf of samples is, apart from the constant that says so.

use ravine_conformance::{Agreement, compare};
use ravine_simd::{Level, Par};
use ravine_tensor::{View, ViewMut, Write, column_sums};

/// 2²⁴ swallows every one that is added to it in its own leaf, and none of the next leaf's sum.
#[test]
fn a_leaf_has_4096_samples() {
    let mut samples = [1.0; 4100];
    samples[0] = 16_777_216.0;
    for level in Level::available() {
        let mut sum = [f32::NAN];
        let finish = Write(ViewMut::new(&mut sum, 1, 1));
        column_sums(level, Par::Seq, finish, View::new(&samples, 4100, 1));
        let same = compare(&[16_777_220.0], &sum, Agreement::Bits);
        assert_eq!(same, Ok(()), "{level}, 4100 × 1");
    }
}
