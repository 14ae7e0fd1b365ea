//! The multilayer perceptron.

use std::fmt;
use std::mem::swap;

use ravine_simd::{Buffer, Level, Par};
use ravine_tensor::{Activation, View, ViewMut, product};

use crate::affine::Affine;
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
}

/// Shape of a layer, and where its weights begin; its biases follow them.
#[derive(Clone, Copy, Debug)]
struct Layer {
    inputs: usize,
    outputs: usize,
    at: usize,
}

impl Layer {
    /// The weights, given the layer's own parameters and what may follow them.
    fn weights(self, params: &[f32]) -> View<'_> {
        View::new(&params[..self.outputs * self.inputs], self.outputs, self.inputs)
    }

    /// The biases, given the same.
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
        Ok(Self { layers, activation, layout })
    }

    /// The function between the layers.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Columns that each layer keeps: its outputs, and them before the activation where the
    /// derivative takes them.
    fn kept_columns(&self) -> impl Iterator<Item = (usize, Option<usize>)> {
        let hidden = self.layers.len() - 1;
        self.layers.iter().enumerate().map(move |(i, layer)| {
            let keeps = i < hidden && self.activation == Activation::Gelu;
            (layer.outputs, keeps.then_some(layer.outputs))
        })
    }

    /// Columns of the gradients by the outputs of two neighboring hidden layers.
    fn slope_columns(&self) -> [usize; 2] {
        let hidden = &self.layers[..self.layers.len() - 1];
        [hidden.iter().map(|layer| layer.outputs).max().unwrap_or(0); 2]
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
    kept: Vec<Kept>,
    /// Gradients by the outputs of the layer at hand and of the one before it.
    slopes: [Buffer; 2],
}

/// What a layer keeps.
#[derive(Clone, Debug)]
struct Kept {
    /// Outputs.
    y: Buffer,
    /// Outputs before the activation, where its derivative takes them.
    z: Option<Buffer>,
}

impl Kept {
    /// Where the layer's outputs for `rows` rows go, and its outputs before the activation.
    fn views(&mut self, rows: usize, cols: usize) -> (ViewMut<'_>, Option<ViewMut<'_>>) {
        let z = self.z.as_mut().map(|z| matrix_mut(z, rows, cols));
        (matrix_mut(&mut self.y, rows, cols), z)
    }
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
        let kept = self.kept_columns().map(|(y, z)| Kept {
            y: Buffer::zeroed(batch * y),
            z: z.map(|z| Buffer::zeroed(batch * z)),
        });
        let slopes = self.slope_columns().map(|columns| Buffer::zeroed(batch * columns));
        MlpCache { level, par, batch, rows: 0, kept: kept.collect(), slopes }
    }

    fn room(&self, level: Level, par: Par, batch: usize) -> usize {
        let kept = self.kept_columns().map(|(y, z)| y.saturating_add(z.unwrap_or(0)));
        let columns = kept.chain(self.slope_columns()).fold(0, usize::saturating_add);
        let passes = self.layers.iter();
        let passes =
            passes.map(|layer| linear::room(level, par, batch, layer.inputs, layer.outputs));
        batch.saturating_mul(columns).saturating_add(passes.max().unwrap_or(0))
    }

    fn forward<'c>(&self, cache: &'c mut MlpCache, params: &[f32], x: View<'_>) -> View<'c> {
        assert_eq!(params.len(), self.layout.len(), "parameters of another model");
        let rows = x.rows();
        assert!(rows <= cache.batch, "{rows} rows in a cache of {}", cache.batch);
        let (level, par, hidden) = (cache.level, cache.par, self.layers.len() - 1);
        cache.rows = rows;
        let mut x = x;
        for (i, (layer, kept)) in self.layers.iter().zip(&mut cache.kept).enumerate() {
            let params = &params[layer.at..];
            let (w, b) = (layer.weights(params), layer.biases(params));
            let (y, z) = kept.views(rows, layer.outputs);
            if i < hidden {
                let after = Some((b, self.activation));
                product(level, par, Affine { level, y, z, after }, x, w.t());
            } else {
                linear::forward(level, par, y, x, w, b);
            }
            x = matrix(&kept.y, rows, layer.outputs);
        }
        matrix(&cache.kept[hidden].y, rows, self.outputs())
    }

    fn backward(&self, cache: &mut MlpCache, sink: impl Sink, x: View<'_>, dy: View<'_>) {
        assert_eq!(sink.params().len(), self.layout.len(), "a sink of another model");
        assert_eq!((x.rows(), dy.rows()), (cache.rows, cache.rows), "rows of the last forward");
        let (level, par, rows, last) = (cache.level, cache.par, cache.rows, self.layers.len() - 1);
        let [mut here, mut below] = cache.slopes.each_mut();
        let mut sink = sink;
        for (i, layer) in self.layers.iter().enumerate().skip(1).rev() {
            let (rest, own) = sink.split_at(layer.at);
            sink = rest;
            let dy = if i == last { dy } else { matrix(here, rows, layer.outputs) };
            let kept = &cache.kept[i - 1];
            // Before the sink may change the weights.
            let dx = matrix_mut(below, rows, layer.inputs);
            linear::backward_input(level, par, dx, dy, layer.weights(own.params()));
            let dx = &mut below[..rows * layer.inputs];
            // Where z was not kept, the derivative can be had from y alone (ReLU's has its sign).
            let y = &kept.y[..dx.len()];
            let z = kept.z.as_ref().map_or(y, |z| &z[..dx.len()]);
            self.activation.backward(level, par, dx, z, y);
            linear::backward_params(level, par, own, dy, matrix(&kept.y, rows, layer.inputs));
            swap(&mut here, &mut below);
        }
        let first = self.layers[0].outputs;
        let dy = if last == 0 { dy } else { matrix(here, rows, first) };
        linear::backward_params(level, par, sink, dy, x);
    }
}

/// The first `rows` rows of a buffer.
fn matrix(buffer: &[f32], rows: usize, cols: usize) -> View<'_> {
    View::new(&buffer[..rows * cols], rows, cols)
}

/// The first `rows` rows of a buffer, to write.
fn matrix_mut(buffer: &mut [f32], rows: usize, cols: usize) -> ViewMut<'_> {
    ViewMut::new(&mut buffer[..rows * cols], rows, cols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_as_large_as_was_told() {
        let (level, par, batch) = (Level::detect(), Par::Seq, 7);
        for activation in [Activation::Relu, Activation::Gelu] {
            let mlp = Mlp::new(&[3, 40, 20, 2], activation).expect("all widths are at least 1");
            let cache = mlp.cache(level, par, batch);
            let kept =
                cache.kept.iter().map(|kept| kept.y.len() + kept.z.as_ref().map_or(0, |z| z.len()));
            let made = kept.chain(cache.slopes.iter().map(|slope| slope.len())).sum::<usize>();
            let widths = [(3, 40), (40, 20), (20, 2)];
            let passes =
                widths.map(|(inputs, outputs)| linear::room(level, par, batch, inputs, outputs));
            let told = mlp.room(level, par, batch) - passes.into_iter().max().unwrap();
            assert_eq!(told, made, "{activation:?}");
        }
    }

    #[test]
    fn more_rows_than_any_memory_holds_are_told_as_such() {
        let mlp = Mlp::new(&[3, 40, 2], Activation::Relu).expect("all widths are at least 1");
        assert_eq!(mlp.room(Level::detect(), Par::Seq, usize::MAX), usize::MAX);
    }
}
