//! The passes of a linear layer are products, held to the laws of `conformance`.

use ravine_conformance::product::{Kernel, Kind, Shape, cases, check};
use ravine_conformance::{Agreement, Extent};
use ravine_models::{Store, linear};
use ravine_simd::{Level, Par};
use ravine_tensor::{View, ViewMut};

/// A layer without biases, and which of its passes makes a plain product.
#[derive(Clone, Copy)]
struct Layer {
    level: Level,
    par: Par,
    is_forward: bool,
}

impl Kernel for Layer {
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]) {
        let (Self { level, par, is_forward }, Shape { m, k, n }) = (*self, shape);
        let b = View::new(b, k, n);
        if kind == Kind::Plain {
            let (c, a) = (ViewMut::new(c, m, n), View::new(a, m, k));
            if is_forward {
                let w: Vec<f32> = b.t().iter().collect();
                return linear::forward(level, par, c, a, View::new(&w, n, k), &[]);
            }
            return linear::backward_input(level, par, c, a, b);
        }
        // The biases' gradients are those of a layer without inputs.
        let (dy, x) = match kind {
            Kind::ColumnSums => (b, View::new(&[], k, 0)),
            _ => (View::new(a, k, m), b),
        };
        let params = vec![0.0; c.len()];
        linear::backward_params(level, par, Store { params: &params, grads: c }, dy, x);
    }
}

#[test]
fn passes_of_a_layer_are_chains_on_every_level() {
    for level in Level::available() {
        for (threads, is_forward) in [(1, true), (3, false), (8, true)] {
            let mut layer = Layer { level, par: Par::threads(threads), is_forward };
            let kept = check(&mut layer, cases(Extent::Quick), Agreement::Bits);
            assert!(kept.is_ok(), "{level}, {threads} threads, forward: {is_forward}: {kept:?}");
        }
    }
}
