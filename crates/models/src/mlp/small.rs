//! The passes of a network that is done sooner than its kernels are entered: one kernel each, on
//! the calling thread.
//!
//! Products, finishes and memory are those of [`Pass`], and so are the bits.

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
            let (finish, (left, right), _) = pass.backward_of(i, sink.params(), of);
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
