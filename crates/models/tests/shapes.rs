//! Layouts, initial parameters, and what is told of both.

use ravine_models::{Kind, Linear, Mlp, Model};
use ravine_simd::{Level, Par};
use ravine_tensor::Activation;

fn mlp(widths: &[usize], activation: Activation) -> Mlp {
    Mlp::new(widths, activation).expect("all widths are at least 1")
}

#[test]
fn tensors_lie_one_behind_another_in_the_order_of_a_file() {
    let model = mlp(&[3, 4, 2], Activation::Relu);
    let layout = model.layout();
    let shapes: Vec<_> = layout.tensors().iter().map(|tensor| tensor.shape()).collect();
    assert_eq!(shapes, [vec![4, 3], vec![4], vec![2, 4], vec![2]]);
    let starts: Vec<_> = layout.tensors().iter().map(|tensor| tensor.at).collect();
    assert_eq!((starts, layout.len(), layout.is_empty()), (vec![0, 12, 16, 24], 26, false));
    let names: Vec<_> = layout.tensors().iter().map(|tensor| &*tensor.name).collect();
    let of = |i, word| format!("layers.{i}.{word}");
    assert_eq!(names, [of(0, "weight"), of(0, "bias"), of(1, "weight"), of(1, "bias")]);
    assert!(Linear::new(0, 1, false).layout().is_empty());
}

#[test]
fn what_is_read_from_a_file_is_written_to_it_again() {
    let model = mlp(&[3, 4, 2], Activation::Relu);
    let values: Vec<f32> = (1_u8..).map(f32::from).take(26).collect();
    let mut params = vec![f32::NAN; 26];
    for tensor in model.layout().tensors() {
        model.layout().from_file_order(tensor, &mut params, &values[tensor.range()]);
        assert_eq!(*model.layout().to_file_order(tensor, &params), values[tensor.range()]);
    }
    assert_eq!(params, values);
}

/// √(6/I) before ReLU and GELU, √(6/(I + O)) before the others.
#[test]
fn initial_weights_fill_the_interval_of_their_activation_and_biases_are_zero() {
    for (activation, limits) in [
        (Activation::Relu, [6.0 / 100.0, 6.0 / 60.0]),
        (Activation::Gelu, [6.0 / 100.0, 6.0 / 60.0]),
        (Activation::Tanh, [6.0 / 160.0, 6.0 / 100.0]),
        (Activation::Sigmoid, [6.0 / 160.0, 6.0 / 100.0]),
    ] {
        let model = mlp(&[100, 60, 40], activation);
        let mut params = vec![f32::NAN; model.layout().len()];
        model.init(&mut params, 1);
        let weights = model.layout().tensors().iter().filter(|tensor| tensor.kind == Kind::Weight);
        for (tensor, square) in weights.zip(limits) {
            let limit = f64::sqrt(square);
            let most =
                params[tensor.range()].iter().map(|w| f64::from(w.abs())).fold(0.0, f64::max);
            assert!(0.99 * limit < most && most <= limit, "{activation:?}: {most} of {limit}");
        }
        let biases = model.layout().tensors().iter().filter(|tensor| tensor.kind == Kind::Bias);
        for tensor in biases {
            assert!(params[tensor.range()].iter().all(|b| b.to_bits() == 0), "{activation:?}");
        }
    }
    let mut params = [f32::NAN; 8];
    Linear::new(3, 2, true).init(&mut params, 1);
    assert!(params.iter().all(|w| w.to_bits() == 0));
}

#[test]
fn room_is_told_for_the_predictions_and_for_what_a_pass_makes() {
    let (level, par) = (Level::detect(), Par::Seq);
    let linear = Linear::new(50, 3, true);
    let [few, many] = [10, 1000].map(|batch| linear.room(level, par, batch));
    // What a pass packs is more than the predictions.
    assert!(2 * 10 * 3 < few && 2 * 1000 * 3 < many, "{few}, {many}");
    assert_eq!(linear.room(level, par, usize::MAX), usize::MAX);
}

#[test]
fn widths_that_no_perceptron_has_are_told() {
    for widths in [&[][..], &[3], &[3, 0, 2], &[usize::MAX, 2]] {
        let message = Mlp::new(widths, Activation::Relu).unwrap_err().to_string();
        assert!(message.starts_with(&format!("widths are {widths:?}, but")), "{message}");
    }
}
