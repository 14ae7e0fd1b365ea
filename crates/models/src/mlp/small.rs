//! The passes of a network that is done sooner than its kernels are entered: one kernel each, on
//! the calling thread, but for activations other than ReLU, which enter their own.
//!
//! Chains, finishes and memory are those of [`Pass`], and so are the bits.

use ravine_simd::{Kernel, Simd};
use ravine_tensor::{SmallProduct, View};

use super::pass::Pass;
use super::sheets::Part;
use crate::Sink;
use crate::sink::Hand;

/// [`Pass::forward`] up to the outputs of the last layer in panels.
pub(super) struct Forward<'a> {
    pub(super) pass: Pass<'a>,
    pub(super) part: Part<'a>,
    pub(super) params: &'a [f32],
    pub(super) x: View<'a>,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { pass, mut part, params, x } = self;
        let layers = &pass.plan.layers;
        let Some(first) = layers.first() else { return };
        part.write(first.x).pack(x).run(simd);
        part.write(first.turned).pack_turned(x).run(simd);
        for (i, &places) in layers.iter().enumerate() {
            let of = part.forward(places);
            let (finish, (left, right)) = pass.forward_of(i, params, (of.x, of.y, of.z));
            SmallProduct { finish, left, right }.run(simd);
        }
    }
}

/// [`Pass::backward_inputs`], then [`Pass::backward_params`].
pub(super) struct Backward<'a, T> {
    pub(super) pass: Pass<'a>,
    pub(super) part: Part<'a>,
    pub(super) dy: View<'a>,
    pub(super) sink: T,
}

impl<T: Sink> Kernel for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { pass, mut part, dy, mut sink } = self;
        let Pass { mlp, plan, .. } = pass;
        let Some(last) = plan.layers.last() else { return };
        part.write(last.slopes).pack(dy).run(simd);
        for i in (1..plan.layers.len()).rev() {
            let of = part.backward(plan.layers[i], plan.layers[i - 1]);
            let (finish, (left, right), _) = pass.backward_of(i, sink.params(), of, |dz| dz);
            SmallProduct { finish, left, right }.run(simd);
        }
        for &places in plan.layers.iter().skip(1) {
            part.turn(places).run(simd);
        }
        for (layer, places) in mlp.layers.iter().zip(&plan.layers).rev() {
            let (rest, own) = sink.split_at(layer.at);
            sink = rest;
            let (dw, db) = own.split_at(layer.outputs * layer.inputs);
            let (dw, db) =
                (Hand { sink: dw, cols: layer.inputs }, Hand { sink: db, cols: layer.outputs });
            let (dz, x) = (part.read(places.slopes), part.read(places.turned));
            SmallProduct { finish: dw, left: dz.left(), right: x.turned() }.run(simd);
            dz.sum(db).run(simd);
        }
    }
}

#[cfg(test)]
mod tests {
    use ravine_conformance::Draw;
    use ravine_simd::{Level, Par};
    use ravine_tensor::{Activation, ViewMut};

    use super::*;
    use crate::mlp::Mlp;
    use crate::{Model, Store};

    const ACTIVATIONS: [Activation; 5] = [
        Activation::Identity,
        Activation::Relu,
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Gelu,
    ];

    /// The bits of the outputs and of all gradients, in one kernel a pass or in many.
    fn bits(mlp: &Mlp, level: Level, rows: usize, small: bool) -> Vec<u32> {
        let wave = |len, seed| Draw::Ordinary.values(seed, len);
        let (inputs, outputs, params) = (mlp.inputs(), mlp.outputs(), wave(mlp.layout().len(), 3));
        let (x, dy) = (wave(rows * inputs, 5), wave(rows * outputs, 7));
        let (x, dy) = (View::new(&x, rows, inputs), View::new(&dy, rows, outputs));
        let mut cache = mlp.cache(level, Par::Seq, rows);
        let pass = mlp.pass(level);
        let (mut y, mut grads) = (vec![f32::NAN; rows * outputs], vec![f32::NAN; params.len()]);
        let to = ViewMut::new(&mut y, rows, outputs);
        let sink = Store { params: &params, grads: &mut grads };
        let mut part = cache.sheets.part(rows);
        if small {
            level.run(Forward { pass, part: part.reborrow(), params: &params, x });
            pass.unpack(&part, to);
            level.run(Backward { pass, part, dy, sink });
        } else {
            pass.forward(Par::Seq, part.reborrow(), &params, x, to);
            pass.backward_inputs(Par::Seq, part.reborrow(), &params, dy);
            pass.backward_params(Par::Seq, &part, sink);
        }
        y.iter().chain(&grads).map(|x| x.to_bits()).collect()
    }

    #[test]
    fn one_kernel_a_pass_gives_the_bits_of_many() {
        for widths in [&[1, 1][..], &[2, 16, 1], &[6, 35, 17, 4], &[17, 3, 40, 2, 18]] {
            for activation in ACTIVATIONS {
                let mlp = Mlp::new(widths, activation).expect("no width is zero");
                for (level, rows) in
                    Level::available().flat_map(|level| [1, 19, 48].map(|rows| (level, rows)))
                {
                    let [small, many] = [true, false].map(|small| bits(&mlp, level, rows, small));
                    assert!(small == many, "{widths:?}, {activation:?}, {level}, {rows} rows");
                }
            }
        }
    }
}
