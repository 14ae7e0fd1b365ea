//! A step after the first takes no memory from the heap.

use allocation_counter::measure;
use ravine::models::{Linear, Loss, Mlp, Model, Target};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::tensor::{Activation, View};
use ravine::{Clip, Options, Run};
use ravine_conformance::Draw;
use ravine_simd::{Level, Par};

/// Allocations of three steps, after one.
fn allocations<M: Model>(model: M, rows: usize, options: Options) -> u64 {
    let (inputs, outputs) = (model.inputs(), model.outputs());
    let x = Draw::Ordinary.values(1, rows * inputs).iter().map(|x| x * 1e-3).collect::<Vec<_>>();
    let t = vec![0.5; rows * outputs];
    let (x, t) = (View::new(&x, rows, inputs), View::new(&t, rows, outputs));
    let mut run = Run::new(model, Loss::MeanSquared, options).expect("rates in range");
    let mut step = || {
        run.step(x, Target::Values(t)).expect("finite").expect("taken");
    };
    step();
    measure(|| (0..3).for_each(|_| step())).count_total
}

#[test]
fn steps_after_the_first_allocate_nothing() {
    for level in Level::available() {
        for (fused, clip) in [(true, Clip::None), (false, Clip::None), (true, Clip::Norm(1.0))] {
            let options = Options {
                sgd: Sgd {
                    form: Form::Classic { nesterov: true },
                    weight_decay: WeightDecay::None,
                },
                lr: Schedule::Constant(1e-3),
                momentum: Schedule::Constant(0.9),
                level,
                par: Par::Seq,
                fused,
                clip,
                ..Options::default()
            };
            let at = format!("{level}, {fused}, {clip:?}");
            for activation in [Activation::Relu, Activation::Gelu] {
                for (widths, rows) in [(&[2, 16, 1][..], 32), (&[70, 33, 600, 10], 50)] {
                    let mlp = Mlp::new(widths, activation).expect("widths above zero");
                    assert_eq!(allocations(mlp, rows, options), 0, "{widths:?}, {at}");
                }
            }
            for rows in [100, 5000, 20_000] {
                assert_eq!(allocations(Linear::new(7, 1, true), rows, options), 0, "{rows}, {at}");
            }
            // A product of views packs an operand, where the one before it did.
            for (inputs, outputs, rows) in [(7, 2, 100), (784, 10, 32), (64, 10, 300)] {
                let linear = Linear::new(inputs, outputs, true);
                assert_eq!(allocations(linear, rows, options), 0, "{inputs}, {rows}, {at}");
            }
        }
    }
    // An allocation would be seen.
    let counted = measure(|| drop(std::hint::black_box(vec![0_u8; 64])));
    assert_eq!(counted.count_total, 1);
}
