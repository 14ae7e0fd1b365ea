//! Gradients of every model, activation and loss against central differences of an independent
//! evaluation in `f64`.

use ravine_conformance::trainer::Network;
use ravine_models::{Linear, Loss, Mlp, Model, Tensor};
use ravine_simd::{Level, Par};
use ravine_tensor::Activation;

use crate::oracle::{Bowl, network, numbers};
use crate::pass::{Examples, Run, gradients};

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Gelu,
];

const LOSSES: [Loss; 3] = [Loss::MeanSquared, Loss::BinaryCrossEntropy, Loss::CrossEntropy];

/// Outputs to try a loss with.
fn outputs(loss: Loss) -> &'static [usize] {
    match loss {
        Loss::MeanSquared => &[1, 3],
        Loss::BinaryCrossEntropy => &[1],
        Loss::CrossEntropy => &[2, 5],
    }
}

/// Holds loss and gradients of `model` against those of `network`.
///
/// Each gradient may be off by 1e-5 of the largest of its tensor: an element may be a sum that
/// cancels, and then its own size says nothing about the rounding of its terms.
fn check<M: Model>(model: &M, network: Network, rows: usize, loss: Loss) {
    let examples = Examples::new(rows, model.inputs(), model.outputs(), 11);
    let run = Run { level: Level::detect(), par: Par::Seq, capacity: rows };
    let Network { widths, activation, .. } = &network;
    let case = format!("{}, {widths:?}, {activation:?}, {loss:?}, {rows} rows", run.level);
    let mut bowl = Bowl::new(network, &examples, loss);
    // Parameters of which every tensor has a gradient: a narrow layer of ReLUs may have none.
    let tensors = model.layout().tensors();
    let (params, wide, want) = (3..40)
        .map(|seed| {
            let params = numbers(model.layout().len(), seed);
            let wide: Vec<f64> = params.iter().map(|&p| f64::from(p)).collect();
            let want: Vec<f64> = (0..wide.len()).map(|i| slope(&mut bowl, &wide, i)).collect();
            (params, wide, want)
        })
        .find(|(_, _, want)| tensors.iter().all(|tensor| largest(&want[tensor.range()]) > 1e-4))
        .expect("parameters with a gradient in every tensor");

    let (value, grads) = gradients(model, run, &params, &examples, loss);
    for tensor in tensors {
        close(&case, tensor, &grads[tensor.range()], &want[tensor.range()]);
        // The chain rule of the definitions is another witness.
        close(&case, tensor, &grads[tensor.range()], &bowl.gradient(&wide)[tensor.range()]);
    }
    // Last, for what makes a loss wrong makes gradients wrong, and those name their place.
    let exact = bowl.at(&wide);
    assert!((value - exact).abs() <= 1e-6 * exact, "{case}: loss {value}, not {exact}");
}

fn largest(slopes: &[f64]) -> f64 {
    slopes.iter().fold(0.0, |a: f64, b| a.max(b.abs()))
}

/// Central difference, with the error of order h² removed by a second one (Richardson).
fn slope(bowl: &mut Bowl, params: &[f64], i: usize) -> f64 {
    let mut moved = params.to_vec();
    let mut difference = |h: f64| {
        moved[i] = params[i] + h;
        let above = bowl.at(&moved);
        moved[i] = params[i] - h;
        (above - bowl.at(&moved)) / (2.0 * h)
    };
    let h = 1e-4;
    (4.0 * difference(h / 2.0) - difference(h)) / 3.0
}

fn close(case: &str, tensor: &Tensor, grads: &[f32], want: &[f64]) {
    let largest = largest(want);
    for (i, (&g, &want)) in grads.iter().zip(want).enumerate() {
        let error = (f64::from(g) - want).abs();
        assert!(error <= 1e-5 * largest, "{case}: {}[{i}] is {g}, not {want}", tensor.name);
    }
}

#[test]
fn gradients_of_linear_models_are_the_slopes_of_their_loss() {
    for loss in LOSSES {
        for &outputs in outputs(loss) {
            for inputs in [1, 3, 17, 33] {
                for (rows, bias) in [(1, true), (6, false), (23, true)] {
                    let model = Linear::new(inputs, outputs, bias);
                    let network = network(&[inputs, outputs], Activation::Identity, bias);
                    check(&model, network, rows, loss);
                }
            }
        }
    }
}

#[test]
fn gradients_of_perceptrons_are_the_slopes_of_their_loss() {
    let hidden: [&[usize]; 5] = [&[], &[1], &[18], &[5, 4], &[3, 1, 17]];
    for loss in LOSSES {
        for activation in ACTIVATIONS {
            for hidden in hidden {
                for &outputs in outputs(loss) {
                    let widths = [&[4], hidden, &[outputs]].concat();
                    let model = Mlp::new(&widths, activation).unwrap();
                    check(&model, network(&widths, activation, true), 7, loss);
                }
            }
        }
    }
}

#[test]
fn gradients_of_perceptrons_of_many_rows_are_the_slopes_of_their_loss() {
    // More than one kernel a pass is worth. Of so many rows some lie at the kink of ReLU.
    let smooth = ACTIVATIONS.into_iter().filter(|&activation| activation != Activation::Relu);
    for (loss, outputs) in [(Loss::MeanSquared, 3), (Loss::CrossEntropy, 5)] {
        for activation in smooth.clone() {
            for widths in [[4, 18, 9, outputs], [3, 7, 17, outputs]] {
                let model = Mlp::new(&widths, activation).unwrap();
                check(&model, network(&widths, activation, true), 400, loss);
            }
        }
    }
}

#[test]
fn gradients_of_one_row_and_one_input_are_the_slopes_of_the_loss() {
    for loss in LOSSES {
        for activation in ACTIVATIONS {
            let widths = [1, 2, outputs(loss)[0]];
            let model = Mlp::new(&widths, activation).unwrap();
            check(&model, network(&widths, activation, true), 1, loss);
        }
    }
}
