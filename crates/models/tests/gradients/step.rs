//! A step of training worked out by hand: `test_fit` of scikit-learn's multilayer perceptron.

use ravine_models::{Kind, Loss, Mlp, Model};
use ravine_simd::{Level, Par};
use ravine_tensor::Activation;

use crate::pass::{Examples, Run, gradients};

/// Widths 3-2-1, logistic; one row `[.6, .8, .7]` of class 0; decay .1 on the weights and not on
/// the biases; learning rate .1. The results are published with six places.
#[test]
fn a_step_of_the_logistic_perceptron_is_the_one_worked_out_by_hand() {
    let model = Mlp::new(&[3, 2, 1], Activation::Sigmoid).unwrap();
    let examples =
        Examples { x: vec![0.6, 0.8, 0.7], values: vec![0.0], classes: vec![0], rows: 1 };
    // Weights are outputs × inputs; scikit-learn writes inputs × outputs.
    let mut params = [0.1, 0.3, 0.5, 0.2, 0.1, 0.0, 0.1, 0.1, 0.1, 0.2, 1.0];
    for level in Level::available() {
        let run = Run { level, par: Par::Seq, capacity: 1 };
        let (_, grads) = gradients(&model, run, &params, &examples, Loss::BinaryCrossEntropy);
        // 0.765452022 is the published output, and the class is 0.
        assert!((grads[10] - 0.765_452).abs() < 1e-6, "{level}: {}", grads[10]);
    }

    let run = Run { level: Level::detect(), par: Par::Seq, capacity: 1 };
    let (_, grads) = gradients(&model, run, &params, &examples, Loss::BinaryCrossEntropy);
    for tensor in model.layout().tensors() {
        let decay = if tensor.kind == Kind::Weight { 0.1 } else { 0.0 };
        for (w, g) in params[tensor.range()].iter_mut().zip(&grads[tensor.range()]) {
            *w -= 0.1 * (g + decay * *w);
        }
    }
    let want = [
        [0.097_999, 0.295_666, 0.493_832].as_slice(),
        &[0.195_755, 0.096_006, -0.002_620],
        &[0.098_332, 0.096_258],
        &[0.047_012, 0.154_029],
        &[0.923_455],
    ]
    .concat();
    for (i, (w, want)) in params.iter().zip(want).enumerate() {
        assert!((w - want).abs() < 1e-6, "{}: params[{i}] is {w}, not {want}", run.level);
    }
}
