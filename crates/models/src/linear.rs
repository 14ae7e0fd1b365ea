//! The linear layer, its gradients, and the model of one such layer.

mod abreast;
mod leaf;
mod once;

use ravine_simd::{Buffer, Level, Par};
use ravine_tensor::{
    LEAF_ROWS, View, ViewMut, Write, column_sums, over_samples, over_samples_room, product,
    product_room,
};

use self::once::Once;
use crate::affine::Affine;
use crate::sink::Hand;
use crate::{BatchLoss, Layout, Model, Sink, Target};

/// Maps every row of `x`: `y ← x·wᵀ + b`.
///
/// | operand | shape            | use   |
/// |---------|------------------|-------|
/// | `y`     | batch × outputs  | write |
/// | `x`     | batch × inputs   | read  |
/// | `w`     | outputs × inputs | read  |
/// | `b`     | outputs, or none | read  |
///
/// The bias is added to each finished stretch of the product, while it is in the nearest cache.
///
/// # Panics
///
/// If the shapes do not agree.
pub fn forward(level: Level, par: Par, y: ViewMut<'_>, x: View<'_>, w: View<'_>, b: &[f32]) {
    assert_eq!((y.rows(), y.cols()), (x.rows(), w.rows()), "shape of the outputs");
    assert!(b.is_empty() || b.len() == w.rows(), "{} biases of {} outputs", b.len(), w.rows());
    let b = (!b.is_empty()).then_some(b);
    product(level, par, Affine { y, b }, x, w.t());
}

/// Hands the parameter gradients of [`forward`] to `sink`: `dw = dyᵀ·x`, then, where the sink
/// stands for more parameters than the weights, `db = Σ rows of dy`.
///
/// | operand | shape                                       | use   |
/// |---------|---------------------------------------------|-------|
/// | `sink`  | outputs × inputs weights, maybe outputs biases | takes |
/// | `dy`    | batch × outputs                             | read  |
/// | `x`     | batch × inputs                              | read  |
///
/// # Panics
///
/// If the shapes do not agree.
pub fn backward_params(level: Level, par: Par, sink: impl Sink, dy: View<'_>, x: View<'_>) {
    let (outputs, inputs) = (dy.cols(), x.cols());
    let len = sink.params().len();
    let (dw, db) = sink.split_at(outputs * inputs);
    over_samples(level, par, Hand { sink: dw, cols: inputs }, dy, x);
    if len > outputs * inputs {
        assert_eq!(len, outputs * (inputs + 1), "one bias an output");
        column_sums(level, par, Hand { sink: db, cols: outputs }, dy);
    }
}

/// Writes the input gradient of [`forward`]: `dx ← dy·w`.
///
/// | operand | shape            | use   |
/// |---------|------------------|-------|
/// | `dx`    | batch × inputs   | write |
/// | `dy`    | batch × outputs  | read  |
/// | `w`     | outputs × inputs | read  |
///
/// # Panics
///
/// If the shapes do not agree.
pub fn backward_input(level: Level, par: Par, dx: ViewMut<'_>, dy: View<'_>, w: View<'_>) {
    assert_eq!((dx.rows(), dx.cols()), (dy.rows(), w.cols()), "shape of the input gradient");
    product(level, par, Write(dx), dy, w);
}

/// The `f32`s that the passes of a layer over `batch` rows make while they run, at most.
pub(crate) fn room(level: Level, par: Par, batch: usize, inputs: usize, outputs: usize) -> usize {
    product_room(level, par, [batch, inputs, outputs])
        .max(product_room(level, par, [batch, outputs, inputs]))
        .max(over_samples_room(level, par, [outputs, batch, inputs]))
        .max(over_samples_room(level, par, [1, batch, outputs]))
}

/// A linear model: `y = x·wᵀ + b`.
///
/// With the mean squared loss it is linear regression, with the binary cross-entropy logistic
/// regression, with the cross-entropy softmax regression. Parameters start at zero: the losses
/// are convex, so no symmetry needs breaking.
///
/// # Examples
///
/// ```
/// use ravine_models::{Linear, Model};
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::View;
///
/// let model = Linear::new(2, 1, true);
/// let mut cache = model.cache(Level::detect(), Par::Seq, 1);
/// let y = model.forward(&mut cache, &[2.0, 3.0, 0.5], View::new(&[10.0, 1.0], 1, 2));
/// assert_eq!(y.at(0, 0), 23.5);
/// ```
#[derive(Clone, Debug)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    layout: Layout,
}

impl Linear {
    /// A model of `inputs` columns and `outputs` predictions, with or without biases.
    ///
    /// # Panics
    ///
    /// If no address space holds the parameters.
    #[must_use]
    pub fn new(inputs: usize, outputs: usize, bias: bool) -> Self {
        let layout = Layout::default()
            .with_layer(inputs, outputs, bias)
            .expect("documented: the parameters fit into memory");
        Self { inputs, outputs, layout }
    }

    /// The lengths of a cache's `grads` and `spare`.
    fn kept(&self, par: Par, batch: usize) -> [usize; 2] {
        let len = if self.outputs == 1 { self.layout.len() } else { 0 };
        let n_leaves = batch.div_ceil(LEAF_ROWS);
        [len, once::spare_len(once::shared(par, n_leaves), n_leaves, len)]
    }
}

/// What [`Linear`] keeps of a forward pass.
#[derive(Clone, Debug)]
pub struct LinearCache {
    level: Level,
    par: Par,
    batch: usize,
    rows: usize,
    y: Buffer,
    /// Gradients of a pass that reads its inputs once, and those of leaves that wait to be added.
    grads: Buffer,
    spare: Buffer,
}

impl Model for Linear {
    type Cache = LinearCache;

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn init(&self, params: &mut [f32], _: u64) {
        assert_eq!(params.len(), self.layout.len(), "parameters of another model");
        params.fill(0.0);
    }

    fn cache(&self, level: Level, par: Par, batch: usize) -> LinearCache {
        let [grads, spare] = self.kept(par, batch).map(Buffer::zeroed);
        let y = Buffer::zeroed(batch * self.outputs);
        LinearCache { level, par, batch, rows: 0, y, grads, spare }
    }

    fn room(&self, level: Level, par: Par, batch: usize) -> usize {
        let passes = room(level, par, batch, self.inputs, self.outputs);
        let kept = self.kept(par, batch).into_iter().fold(passes, usize::saturating_add);
        batch.saturating_mul(self.outputs).saturating_add(kept)
    }

    fn forward<'c>(&self, cache: &'c mut LinearCache, params: &[f32], x: View<'_>) -> View<'c> {
        assert_eq!(params.len(), self.layout.len(), "parameters of another model");
        assert!(x.rows() <= cache.batch, "{} rows in a cache of {}", x.rows(), cache.batch);
        cache.rows = x.rows();
        let (w, b) = params.split_at(self.outputs * self.inputs);
        let w = View::new(w, self.outputs, self.inputs);
        let y = &mut cache.y[..x.rows() * self.outputs];
        forward(cache.level, cache.par, ViewMut::new(y, x.rows(), self.outputs), x, w, b);
        View::new(y, x.rows(), self.outputs)
    }

    fn once<'c>(
        &self,
        cache: &'c mut LinearCache,
        params: &[f32],
        x: View<'_>,
        target: Target<'_>,
        loss: &mut BatchLoss,
    ) -> Option<&'c [f32]> {
        if self.outputs != 1 || !loss.is_pointwise() || x.rows() == 0 || x.col_stride() != 1 {
            return None;
        }
        assert_eq!(params.len(), self.layout.len(), "parameters of another model");
        assert_eq!((x.cols(), x.rows()), (self.inputs, target.rows()), "shape of the inputs");
        assert!(x.rows() <= cache.batch, "{} rows in a cache of {}", x.rows(), cache.batch);
        let LinearCache { level, par, ref mut grads, ref mut spare, .. } = *cache;
        let (w, b) = params.split_at(self.inputs);
        let par = par.worth(x.rows() * x.cols(), once::WORTH);
        let par = once::shared(par, x.rows().div_ceil(LEAF_ROWS));
        let (b, count) = (b.first().copied(), loss.count());
        let sum = loss.by_term(target, Once { level, par, w, b, x, count, grads, spare });
        loss.push(x.rows(), sum);
        Some(grads)
    }

    fn backward(&self, cache: &mut LinearCache, sink: impl Sink, x: View<'_>, dy: View<'_>) {
        assert_eq!(sink.params().len(), self.layout.len(), "a sink of another model");
        assert_eq!((x.rows(), dy.rows()), (cache.rows, cache.rows), "rows of the last forward");
        assert_eq!((x.cols(), dy.cols()), (self.inputs, self.outputs), "columns");
        backward_params(cache.level, cache.par, sink, dy, x);
    }
}
