//! The passes of a perceptron over panels of samples.
//!
//! Forward, and back to the inputs of every layer, threads share the samples, each from the first
//! layer to the last; then they share the rows of every weight matrix. Where weights are more than
//! what they are multiplied with, threads share these rows forward too.

use ravine_simd::{LANES, Level, Par};
use ravine_tensor::{
    Activation, Blocking, LEAF_ROWS, Left, PanelRows, PanelsMut, View, ViewMut, Write, WritePanels,
    feature_sums, multiply, sum_leaves, unpack,
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
        if let Some(last) = plan.layers.last() {
            unpack(self.level, y, part.read(last.y));
        }
    }

    /// Whether weights are more than features of so many samples, and these few enough for threads
    /// to share the outputs. A thread then goes forward with the weights that it updates, and reads
    /// of the others what they made and not what they updated.
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
        let mut part = part;
        part.pack(self.level, self.plan.layers[0], x);
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
        let layer = self.mlp.layers[i];
        let params = &params[layer.at..];
        let finish = Forward {
            level: self.level,
            activation: self.activation(i),
            b: layer.biases(params),
            y: to(of.y),
            z: of.z.map(to),
        };
        let w = Left::of(layer.weights(params)).expect("rows of neighbours");
        multiply(self.blocking, self.level, par, finish, (w, of.x.right()), of.kept);
    }

    /// Finds the gradients by the outputs of every layer, and turns its inputs.
    pub(crate) fn backward_inputs(self, par: Par, part: Part<'_>, params: &[f32], dy: View<'_>) {
        if let Some(cut) = par.cut(part.samples.len(), LANES) {
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
        part.write(last.slopes).pack(self.level, dy);
        for (i, layer) in self.mlp.layers.iter().enumerate().skip(1).rev() {
            let blocking = self.blocking.for_terms_apart(layer.inputs, part.samples.len());
            let of = part.backward(plan.layers[i], plan.layers[i - 1]);
            let activation = self.activation(i - 1);
            let (level, y, z, dz) = (self.level, of.y, of.z, of.dz);
            let finish = Backward { level, activation, y, z, dz, row: 0 };
            let w = layer.weights(&params[layer.at..]);
            let w = Left::of(w.t()).expect("columns of neighbours");
            multiply(blocking, self.level, par, finish, (w, of.dy.right()), of.kept);
        }
        for &places in plan.layers.iter().skip(1) {
            part.turn(self.level, places);
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
        let blocking = if samples <= FEW { blocking.along_rows() } else { blocking };
        if samples <= LEAF_ROWS {
            multiply(blocking, level, par, dw, (dz.left(), x.turned()), &mut []);
            feature_sums(level, db, dz);
            return;
        }
        sum_leaves(level, par, dw, [outputs, inputs], samples, &|par, to, leaf| {
            let operands = (dz.part(leaf.clone()).left(), x.part(leaf).turned());
            multiply(blocking, level, par, Write(to), operands, &mut []);
        });
        sum_leaves(level, Par::Seq, db, [1, outputs], samples, &|_, to, leaf| {
            feature_sums(level, Write(to), dz.part(leaf));
        });
    }
}
