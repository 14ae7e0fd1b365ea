//! The passes of a perceptron over panels of samples.
//!
//! Forward, and back to the inputs of every layer, threads share the samples, each from the first
//! layer to the last; then they share the rows of every weight matrix. Where weights are more than
//! what they are multiplied with, threads share these rows forward too, and their columns back.

use ravine_simd::{LANES, Level, Par};
use ravine_tensor::{
    Activation, Blocking, LEAF_ROWS, Left, PanelRows, Panels, PanelsMut, Right, View, ViewMut,
    Write, WritePanels, multiply, sum_leaves,
};

use super::sheets::{self, Part, Places, Plan};
use super::{Layer, Mlp};
use crate::Model as _;
use crate::affine::{Backward, Forward};
use crate::sink::{Hand, Sink};

/// Samples of a step to a weight at which its product is bound by memory.
const FEW: usize = 64;

/// Where a pass runs, and of what.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) mlp: &'a Mlp,
    pub(crate) plan: &'a Plan,
    pub(crate) level: Level,
    pub(crate) blocking: Blocking,
}

impl Pass<'_> {
    /// The function behind a layer, of which the last has none.
    #[inline(always)]
    fn activation(self, layer: usize) -> Activation {
        let is_last = layer + 1 == self.mlp.layers.len();
        if is_last { Activation::Identity } else { self.mlp.activation }
    }

    /// Writes the predictions for `x`, samples × inputs, to `y`, samples × outputs.
    pub(crate) fn forward(
        self,
        par: Par,
        part: Part<'_>,
        params: &[f32],
        x: View<'_>,
        y: ViewMut<'_>,
    ) {
        let samples = part.samples.len();
        let shares_outputs = par != Par::Seq && self.is_of_weights(samples);
        if let (false, Some(cut)) = (shares_outputs, par.cut(samples, LANES)) {
            let threads = cut.left.count();
            let (part, more) = part.split(cut.at, threads, par.count());
            let (y, more_y) = y.split_rows(cut.at);
            let (x, more_x) = (x.row_range(0..cut.at), x.row_range(cut.at..x.rows()));
            par.join(
                || self.forward(cut.left, part, params, x, y),
                || self.forward(cut.right, more, params, more_x, more_y),
            );
            return;
        }
        let (mut part, plan) = (part, self.plan);
        self.pack(par, part.reborrow(), x);
        for (i, &places) in plan.layers.iter().enumerate() {
            let of = part.forward(places);
            if shares_outputs {
                self.layer(par, i, params, of, PanelRows::new);
            } else {
                self.layer(par, i, params, of, |panels| panels);
            }
        }
        self.unpack(&part, y);
    }

    /// Writes the outputs of the last layer.
    pub(super) fn unpack(self, part: &Part<'_>, y: ViewMut<'_>) {
        if let Some(last) = self.plan.layers.last() {
            self.level.run(part.read(last.y).unpack(y));
        }
    }

    /// Whether weights are more than features of so many samples, and these few enough for threads
    /// to share what a layer makes. A thread then goes forward with the weights that it updates,
    /// and reads of the others what they made and not what they updated; back, it reads its columns
    /// of the weights, once for all samples.
    fn is_of_weights(self, samples: usize) -> bool {
        let layers = &self.mlp.layers;
        let weights: usize = layers.iter().map(|layer| layer.inputs * layer.outputs).sum();
        let outputs: usize = layers.iter().map(|layer| layer.outputs).sum();
        let features = self.mlp.inputs() + outputs;
        samples <= PanelRows::SAMPLES && features * samples < weights
    }

    /// Packs the inputs of the first layer.
    fn pack(self, par: Par, part: Part<'_>, x: View<'_>) {
        if let Some(cut) = par.cut(part.samples.len(), LANES) {
            let threads = cut.left.count();
            let (part, more) = part.split(cut.at, threads, par.count());
            let (x, more_x) = (x.row_range(0..cut.at), x.row_range(cut.at..x.rows()));
            par.join(|| self.pack(cut.left, part, x), || self.pack(cut.right, more, more_x));
            return;
        }
        let (mut part, first) = (part, self.plan.layers[0]);
        self.level.run(part.write(first.x).pack(x));
        self.level.run(part.write(first.turned).pack_turned(x));
    }

    /// Writes the outputs of a layer, to panels or, where threads share them, to rows of panels.
    fn layer<'p, P: WritePanels>(
        self,
        par: Par,
        i: usize,
        params: &[f32],
        of: sheets::Forward<'p>,
        to: impl Fn(PanelsMut<'p>) -> P,
    ) {
        let (finish, operands) = self.forward_of(i, params, (of.x, to(of.y), of.z.map(to)));
        multiply(self.blocking, self.level, par, finish, operands, of.kept);
    }

    /// The product of a layer's weights with its inputs, and what becomes of it: outputs, and what
    /// they are before the activation where that is kept.
    #[inline(always)]
    pub(super) fn forward_of<'a, P: WritePanels>(
        self,
        i: usize,
        params: &'a [f32],
        (x, y, z): (Panels<'a>, P, Option<P>),
    ) -> (Forward<'a, P>, (Left<'a>, Right<'a>)) {
        let layer = self.mlp.layers[i];
        let params = &params[layer.at..];
        let (level, activation) = (self.level, self.activation(i));
        let finish = Forward { level, activation, b: layer.biases(params), y, z };
        let w = Left::of(layer.weights(params)).expect("rows of neighbours");
        (finish, (w, x.right()))
    }

    /// The product of a layer's transposed weights with the gradients by its outputs, and what
    /// becomes of it: the gradients by the outputs of the layer before, `i` − 1.
    #[inline(always)]
    pub(super) fn backward_of<'a, P: WritePanels>(
        self,
        i: usize,
        params: &'a [f32],
        of: sheets::Backward<'a>,
        to: impl Fn(PanelsMut<'a>) -> P,
    ) -> (Backward<'a, P>, (Left<'a>, Right<'a>), &'a mut [f32]) {
        let layer = self.mlp.layers[i];
        let sheets::Backward { dy, y, z, dz, kept } = of;
        let (level, activation) = (self.level, self.activation(i - 1));
        let finish = Backward { level, activation, y, z, dz: to(dz), row: 0 };
        let w = layer.weights(&params[layer.at..]);
        let w = Left::of(w.t()).expect("columns of neighbours");
        (finish, (w, dy.right()), kept)
    }

    /// Finds the gradients by the outputs of every layer, and turns its inputs.
    pub(crate) fn backward_inputs(self, par: Par, part: Part<'_>, params: &[f32], dy: View<'_>) {
        let samples = part.samples.len();
        let shares_features = par != Par::Seq && self.is_of_weights(samples);
        if let (false, Some(cut)) = (shares_features, par.cut(samples, LANES)) {
            let threads = cut.left.count();
            let (part, more) = part.split(cut.at, threads, par.count());
            let (dy, more_dy) = (dy.row_range(0..cut.at), dy.row_range(cut.at..dy.rows()));
            par.join(
                || self.backward_inputs(cut.left, part, params, dy),
                || self.backward_inputs(cut.right, more, params, more_dy),
            );
            return;
        }
        let (mut part, plan) = (part, self.plan);
        let Some(&last) = plan.layers.last() else { return };
        self.level.run(part.write(last.slopes).pack(dy));
        for i in (1..plan.layers.len()).rev() {
            let of = part.backward(plan.layers[i], plan.layers[i - 1]);
            if shares_features {
                self.layer_back(par, (i, samples), params, of, PanelRows::new);
            } else {
                self.layer_back(par, (i, samples), params, of, |panels| panels);
            }
        }
        self.turn(par, part);
    }

    /// Finds the gradients by the inputs of a layer, in panels or, where threads share them, in
    /// rows of panels.
    fn layer_back<'p, P: WritePanels>(
        self,
        par: Par,
        (i, samples): (usize, usize),
        params: &'p [f32],
        of: sheets::Backward<'p>,
        to: impl Fn(PanelsMut<'p>) -> P,
    ) {
        let (finish, operands, kept) = self.backward_of(i, params, of, to);
        let inputs = self.mlp.layers[i].inputs;
        let blocking = self.blocking.for_terms_apart(inputs, samples);
        multiply(blocking, self.level, par, finish, operands, kept);
    }

    /// Transposes the squares of what every layer but the first reads.
    fn turn(self, par: Par, part: Part<'_>) {
        if let Some(cut) = par.cut(part.samples.len(), LANES) {
            let (part, more) = part.split(cut.at, cut.left.count(), par.count());
            par.join(|| self.turn(cut.left, part), || self.turn(cut.right, more));
            return;
        }
        let mut part = part;
        for &places in self.plan.layers.iter().skip(1) {
            self.level.run(part.turn(places));
        }
    }

    /// Hands the gradients of all parameters to `sink`.
    pub(crate) fn backward_params(self, par: Par, part: &Part<'_>, sink: impl Sink) {
        let mut sink = sink;
        for (layer, &places) in self.mlp.layers.iter().zip(&self.plan.layers).rev() {
            let (rest, own) = sink.split_at(layer.at);
            sink = rest;
            self.layer_params(par, part, *layer, places, own);
        }
    }

    fn layer_params(
        self,
        par: Par,
        part: &Part<'_>,
        layer: Layer,
        places: Places,
        sink: impl Sink,
    ) {
        let (level, Layer { inputs, outputs, .. }) = (self.level, layer);
        let samples = part.samples.len();
        let (dz, x) = (part.read(places.slopes), part.read(places.turned));
        let (dw, db) = sink.split_at(outputs * inputs);
        let (dw, db) = (Hand { sink: dw, cols: inputs }, Hand { sink: db, cols: outputs });
        // One section, so that no chain is kept.
        let blocking = Blocking { terms: LEAF_ROWS, ..self.blocking };
        let blocking = if samples <= FEW { blocking.along_rows(samples) } else { blocking };
        if samples <= LEAF_ROWS {
            multiply(blocking, level, par, dw, (dz.left(), x.turned()), &mut []);
            level.run(dz.sum(db));
            return;
        }
        sum_leaves(level, par, dw, [outputs, inputs], samples, &|par, to, leaf| {
            let operands = (dz.part(leaf.clone()).left(), x.part(leaf).turned());
            multiply(blocking, level, par, Write(to), operands, &mut []);
        });
        sum_leaves(level, Par::Seq, db, [1, outputs], samples, &|_, to, leaf| {
            level.run(dz.part(leaf).sum(Write(to)));
        });
    }
}
