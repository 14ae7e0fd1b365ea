//! The multilayer perceptron.

mod pass;
mod sheets;
mod small;

use std::fmt;

use ravine_simd::{Buffer, LANES, Level, Par};
use ravine_tensor::{Activation, Blocking, LEAF_ROWS, View, ViewMut};

use self::pass::Pass;
use self::sheets::{Plan, Sheets, kept_len};
use crate::{Kind, Layout, Model, Sink, Tensor, init, linear};

/// A multilayer perceptron: linear layers with one activation between them.
///
/// ```text
/// h₀ = x,  hᵢ₊₁ = f(hᵢ·wᵢᵀ + bᵢ),  y = hₗ·wₗᵀ + bₗ
/// ```
///
/// Biases start at zero, weights are drawn uniformly from `−limit..limit`, with the limit √(6/I)
/// (He) for ReLU and GELU and √(6/(I + O)) (Glorot) otherwise; I and O are the layer's inputs and
/// outputs. The draws are the same on every machine.
///
/// # Examples
///
/// ```
/// use ravine_models::{Mlp, Model};
/// use ravine_tensor::Activation;
///
/// let mlp = Mlp::new(&[64, 32, 10], Activation::Relu)?;
/// assert_eq!(mlp.layout().len(), 64 * 32 + 32 + 32 * 10 + 10);
/// assert_eq!(mlp.layout().tensors()[2].name, "layers.1.weight");
/// # Ok::<(), ravine_models::WidthError>(())
/// ```
///
/// # References
///
/// Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep feedforward
/// neural networks", 2010. Kaiming He et al., "Delving deep into rectifiers", 2015.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    activation: Activation,
    layout: Layout,
    plan: Plan,
}

/// Multiply-adds of a pass that are worth a thread.
const WORTH: usize = 1 << 20;

/// Parameters times rows, in whole panels, of the largest pass that is one kernel: beyond it tiles
/// of several blocks save more than entries cost.
const SMALL: usize = 1 << 16;

/// Shape of a layer, and where its weights begin; its biases follow them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    inputs: usize,
    outputs: usize,
    at: usize,
}

impl Layer {
    /// The weights, given the layer's own parameters and what may follow them.
    #[inline(always)]
    fn weights(self, params: &[f32]) -> View<'_> {
        View::new(&params[..self.outputs * self.inputs], self.outputs, self.inputs)
    }

    /// The biases, given the same.
    #[inline(always)]
    fn biases(self, params: &[f32]) -> &[f32] {
        &params[self.outputs * self.inputs..][..self.outputs]
    }
}

impl Mlp {
    /// A perceptron of these widths: inputs, hidden layers if any, outputs.
    ///
    /// # Errors
    ///
    /// If there are fewer than two widths, one is zero, or no address space holds the parameters.
    pub fn new(widths: &[usize], activation: Activation) -> Result<Self, WidthError> {
        let error = || WidthError { widths: widths.into() };
        if widths.len() < 2 || widths.contains(&0) {
            return Err(error());
        }
        let mut layout = Layout::default();
        let mut layers = Vec::new();
        for pair in widths.windows(2) {
            layers.push(Layer { inputs: pair[0], outputs: pair[1], at: layout.len() });
            layout = layout.with_layer(pair[0], pair[1], true).ok_or_else(error)?;
        }
        let plan = Plan::of(&layers, activation == Activation::Gelu);
        Ok(Self { layers, activation, layout, plan })
    }

    /// The function between the layers.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// As many of the threads as a pass through `layers` is worth.
    fn worth(par: Par, layers: &[Layer], rows: usize) -> Par {
        let weights = layers.iter().map(|layer| layer.inputs * layer.outputs).sum::<usize>();
        par.worth(weights.saturating_mul(rows), WORTH)
    }

    /// Whether a pass of so many rows is done sooner than its kernels are entered one by one.
    fn is_small(&self, rows: usize) -> bool {
        let lanes = rows.next_multiple_of(LANES);
        rows <= LEAF_ROWS && self.layout.len().saturating_mul(lanes) <= SMALL
    }

    fn pass(&self, level: Level) -> Pass<'_> {
        Pass { mlp: self, plan: &self.plan, level, blocking: Blocking::of(level) }
    }

    /// The bound of the initial values of `weights`.
    fn limit(&self, weights: &Tensor) -> f64 {
        let (inputs, outputs) = (weights.cols as f64, weights.rows as f64);
        match self.activation {
            Activation::Relu | Activation::Gelu => (6.0 / inputs).sqrt(),
            _ => (6.0 / (inputs + outputs)).sqrt(),
        }
    }
}

/// No perceptron has such widths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidthError {
    /// The widths asked for: inputs, hidden layers, outputs.
    pub widths: Box<[usize]>,
}

impl fmt::Display for WidthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "widths are {:?}, but at least two, none of them zero, with parameters that fit into \
             memory",
            self.widths,
        )
    }
}

impl std::error::Error for WidthError {}

/// What [`Mlp`] keeps of a forward pass, and room for a backward pass.
#[derive(Clone, Debug)]
pub struct MlpCache {
    level: Level,
    par: Par,
    batch: usize,
    /// Rows of the last forward pass.
    rows: usize,
    sheets: Sheets,
    /// Predictions.
    y: Buffer,
}

impl Model for Mlp {
    type Cache = MlpCache;

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn inputs(&self) -> usize {
        self.layers.first().expect("there is a layer").inputs
    }

    fn outputs(&self) -> usize {
        self.layers.last().expect("there is a layer").outputs
    }

    fn init(&self, params: &mut [f32], seed: u64) {
        assert_eq!(params.len(), self.layout.len(), "parameters of another model");
        for (tensor, idx) in self.layout.tensors().iter().zip(0..) {
            let params = &mut params[tensor.range()];
            match tensor.kind {
                Kind::Weight => init::uniform(params, self.limit(tensor), seed, idx),
                Kind::Bias => params.fill(0.0),
            }
        }
    }

    fn cache(&self, level: Level, par: Par, batch: usize) -> MlpCache {
        let kept_len = kept_len(&self.layers, level, par, batch);
        let sheets = Sheets::new(&self.plan, batch, kept_len);
        let y = Buffer::zeroed(batch * self.outputs());
        MlpCache { level, par, batch, rows: 0, sheets, y }
    }

    fn room(&self, level: Level, par: Par, batch: usize) -> usize {
        let passes = self.layers.iter().map(|layer| {
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            if batch <= LEAF_ROWS { 0 } else { linear::room(level, par, batch, inputs, outputs) }
        });
        batch
            .saturating_mul(self.outputs())
            .saturating_add(self.plan.len(batch))
            .saturating_add(kept_len(&self.layers, level, par, batch))
            .saturating_add(passes.max().unwrap_or(0))
    }

    fn forward<'c>(&self, cache: &'c mut MlpCache, params: &[f32], x: View<'_>) -> View<'c> {
        assert_eq!(params.len(), self.layout.len(), "parameters of another model");
        let (rows, outputs) = (x.rows(), self.outputs());
        assert!(rows <= cache.batch, "{rows} rows in a cache of {}", cache.batch);
        cache.rows = rows;
        let par = Self::worth(cache.par, &self.layers, rows);
        let y = ViewMut::new(&mut cache.y[..rows * outputs], rows, outputs);
        let (pass, mut part) = (self.pass(cache.level), cache.sheets.part(rows));
        if self.is_small(rows) {
            cache.level.run(small::Forward { pass, part: part.reborrow(), params, x });
            pass.unpack(&part, y);
        } else {
            par.awake(|| pass.forward(par, part, params, x, y));
        }
        View::new(&cache.y[..rows * outputs], rows, outputs)
    }

    fn backward(&self, cache: &mut MlpCache, sink: impl Sink, x: View<'_>, dy: View<'_>) {
        assert_eq!(sink.params().len(), self.layout.len(), "a sink of another model");
        assert_eq!((x.rows(), dy.rows()), (cache.rows, cache.rows), "rows of the last forward");
        assert_eq!((x.cols(), dy.cols()), (self.inputs(), self.outputs()), "columns");
        let (pass, rows) = (self.pass(cache.level), cache.rows);
        if self.is_small(rows) {
            let part = cache.sheets.part(rows);
            return cache.level.run(small::Backward { pass, part, dy, sink });
        }
        let (all, par) = (cache.par, Self::worth(cache.par, &self.layers[1..], rows));
        // Before the sink may change the weights.
        Self::worth(all, &self.layers, rows).awake(|| {
            pass.backward_inputs(par, cache.sheets.part(rows), sink.params(), dy);
            pass.backward_params(all, &cache.sheets.part(rows), sink);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use ravine_conformance::Draw;

    use super::*;
    use crate::Store;

    #[test]
    fn a_cache_is_as_large_as_was_told() {
        let (level, par, batch) = (Level::detect(), Par::Seq, 7);
        for activation in [Activation::Relu, Activation::Gelu] {
            let mlp = Mlp::new(&[3, 40, 20, 2], activation).expect("all widths are at least 1");
            let cache = mlp.cache(level, par, batch);
            let made = cache.sheets.len() + cache.y.len();
            assert_eq!(mlp.room(level, par, batch), made, "{activation:?}");
        }
    }

    /// The gradients of all parameters by some of the samples.
    fn gradients(mlp: &Mlp, rows: Range<usize>) -> Vec<f32> {
        let wave = |len, seed| Draw::Ordinary.values(seed, len);
        let params = wave(mlp.layout.len(), 3);
        let (x, dy) = (wave(5000 * mlp.inputs(), 5), wave(5000 * mlp.outputs(), 7));
        let [x, dy] = [(&x, mlp.inputs()), (&dy, mlp.outputs())]
            .map(|(values, cols)| View::new(values, 5000, cols).row_range(rows.clone()));
        let mut cache = mlp.cache(Level::detect(), Par::Seq, rows.len());
        let mut grads = vec![f32::NAN; params.len()];
        mlp.forward(&mut cache, &params, x);
        mlp.backward(&mut cache, Store { params: &params, grads: &mut grads }, x, dy);
        grads
    }

    #[test]
    fn more_rows_than_a_leaf_are_summed_leaf_by_leaf_however_small_the_network() {
        let mlp = Mlp::new(&[2, 3], Activation::Identity).expect("no width is zero");
        let leaves = [0..LEAF_ROWS, LEAF_ROWS..5000].map(|leaf| gradients(&mlp, leaf));
        let want = leaves[0].iter().zip(&leaves[1]).map(|(a, b)| a + b);
        assert!(gradients(&mlp, 0..5000).into_iter().eq(want));
    }

    #[test]
    fn no_rows_have_no_gradient() {
        let mlp = Mlp::new(&[17, 18, 1], Activation::Relu).expect("no width is zero");
        assert!(gradients(&mlp, 7..7).iter().all(|grad| grad.to_bits() == 0));
    }

    #[test]
    fn the_passes_that_tests_cut_are_worth_eight_threads() {
        let mlp = Mlp::new(&[20, 200, 150, 3], Activation::Relu).expect("no width is zero");
        for layers in [&mlp.layers[..], &mlp.layers[1..]] {
            assert_eq!(Mlp::worth(Par::threads(8), layers, 300).count(), 8);
        }
        let few = Mlp::new(&[20, 64, 33, 3], Activation::Relu).expect("no width is zero");
        assert_eq!(Mlp::worth(Par::threads(8), &few.layers, 300), Par::Seq);
    }

    #[test]
    fn more_rows_than_any_memory_holds_are_told_as_such() {
        let mlp = Mlp::new(&[3, 40, 2], Activation::Relu).expect("all widths are at least 1");
        assert_eq!(mlp.room(Level::detect(), Par::Seq, usize::MAX), usize::MAX);
    }
}
