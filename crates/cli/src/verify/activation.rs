//! Activations: the same polynomials on every level.

use ravine::simd::{Level, Par};
use ravine::tensor::Activation;

use super::THREADS;
use super::oracle::hostile;
use super::tally::{Case, Tally};

/// Compares activations and their derivatives with the scalar level on one thread.
pub(super) fn run(tally: &mut Tally, full: bool) {
    let lengths: &[usize] =
        if full { &[0, 1, 15, 16, 17, 33, 1000, 4099, 300_007] } else { &[1, 17, 1000, 100_003] };
    for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Gelu] {
        for &length in lengths {
            // From the flat ends to the steep middle.
            let x: Vec<f32> = hostile(5, length).iter().map(|x| 3.0 * x).collect();
            let dy = hostile(6, length);
            let values = |level, threads| {
                let par = Par::threads(threads);
                let (mut y, mut dx) = (vec![f32::NAN; length], dy.clone());
                activation.forward(level, par, &mut y, &x);
                activation.backward(level, par, &mut dx, &x, &y);
                [y, dx]
            };
            let expected = values(Level::scalar(), 1);
            expected.iter().for_each(|values| tally.expect(values));
            for level in Level::available() {
                for threads in THREADS {
                    let found = values(level, threads);
                    let pairs = expected.iter().zip(&found).map(|(a, b)| (&a[..], &b[..]));
                    let what = format!("{activation:?}, value and derivative");
                    tally.compare(&Case { what: &what, level, threads }, pairs);
                }
            }
        }
    }
}
