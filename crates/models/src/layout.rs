//! Names, shapes and places of a model's parameters.

use std::borrow::Cow;
use std::ops::Range;

/// What a tensor is to its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Weights, outputs × inputs.
    Weight,
    /// Biases, one an output; one-dimensional in files.
    Bias,
}

/// A named part of the flat parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, …
    pub name: String,
    /// What it is to its layer.
    pub kind: Kind,
    /// Outputs of the layer.
    pub rows: usize,
    /// Inputs of the layer; 1 for biases.
    pub cols: usize,
    /// Index of its first parameter.
    pub at: usize,
}

impl Tensor {
    /// Its parameters' indices.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.rows * self.cols
    }

    /// Its dimensions in a file: `[rows, cols]` of weights, `[rows]` of biases.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        match self.kind {
            Kind::Weight => vec![self.rows, self.cols],
            Kind::Bias => vec![self.rows],
        }
    }
}

/// How a model's parameters lie in one flat buffer; gradients and velocity lie the same way.
///
/// In memory the tensors follow each other in the order of a file. How each lies inside is the
/// layout's own matter: what is written to a file or digested goes through
/// [`to_file_order`](Self::to_file_order).
///
/// # Examples
///
/// ```
/// use ravine_models::{Linear, Model};
///
/// let model = Linear::new(3, 2, true);
/// let names: Vec<_> = model.layout().tensors().iter().map(|tensor| &*tensor.name).collect();
/// assert_eq!(names, ["layers.0.weight", "layers.0.bias"]);
/// assert_eq!(model.layout().len(), 2 * 3 + 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    tensors: Vec<Tensor>,
    len: usize,
}

impl Layout {
    /// The tensors in the order of a file.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Number of parameters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values of `tensor` as a file has them: outputs × inputs, row-major.
    ///
    /// # Panics
    ///
    /// If `params` is not as long as the layout.
    #[must_use]
    pub fn to_file_order<'p>(&self, tensor: &Tensor, params: &'p [f32]) -> Cow<'p, [f32]> {
        assert_eq!(params.len(), self.len, "parameters of another layout");
        Cow::Borrowed(&params[tensor.range()])
    }

    /// Sets `tensor` in `params` to `values` in the order of a file.
    ///
    /// # Panics
    ///
    /// If `params` is not as long as the layout, or `values` not as long as the tensor.
    pub fn from_file_order(&self, tensor: &Tensor, params: &mut [f32], values: &[f32]) {
        assert_eq!(params.len(), self.len, "parameters of another layout");
        params[tensor.range()].copy_from_slice(values);
    }

    /// Appends a layer's weights and, where it has them, its biases.
    ///
    /// `None` where no address space holds the parameters.
    pub(crate) fn with_layer(mut self, inputs: usize, outputs: usize, bias: bool) -> Option<Self> {
        let idx = self.tensors.iter().filter(|tensor| tensor.kind == Kind::Weight).count();
        let shapes = [(Kind::Weight, inputs, "weight"), (Kind::Bias, 1, "bias")];
        for (kind, cols, word) in shapes.into_iter().take(1 + usize::from(bias)) {
            let end = self.len.checked_add(outputs.checked_mul(cols)?)?;
            end.checked_mul(size_of::<f32>()).filter(|&bytes| isize::try_from(bytes).is_ok())?;
            let name = format!("layers.{idx}.{word}");
            self.tensors.push(Tensor { name, kind, rows: outputs, cols, at: self.len });
            self.len = end;
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        let first = Layout::default().with_layer(3, 2, false).expect("few parameters");
        first.with_layer(2, 1, true).expect("few parameters")
    }

    #[test]
    fn tensors_follow_each_other_in_the_order_of_a_file() {
        let layout = layout();
        let told = |tensor: &Tensor| (tensor.name.clone(), tensor.shape(), tensor.range());
        let tensors: Vec<_> = layout.tensors().iter().map(told).collect();
        let wanted = [
            ("layers.0.weight".into(), vec![2, 3], 0..6),
            ("layers.1.weight".into(), vec![1, 2], 6..8),
            ("layers.1.bias".into(), vec![1], 8..9),
        ];
        assert_eq!(tensors, wanted);
        assert_eq!((layout.len(), layout.is_empty()), (9, false));
        assert!(Layout::default().is_empty());
    }

    #[test]
    fn a_tensor_is_read_and_written_as_files_have_it_and_no_other_is_touched() {
        let (layout, mut params) = (layout(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let [weight, next, _] = layout.tensors() else { panic!("{layout:?}") };
        assert_eq!(*layout.to_file_order(weight, &params), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        layout.from_file_order(next, &mut params, &[-6.0, -7.0]);
        let wanted = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, -6.0, -7.0, 8.0];
        assert_eq!(params.map(f32::to_bits), wanted.map(f32::to_bits));
    }

    #[test]
    fn what_no_address_space_holds_is_no_layout() {
        for (inputs, outputs) in [(usize::MAX, 2), (usize::MAX / 4, 1), (1 << 31, 1 << 31)] {
            assert_eq!(Layout::default().with_layer(inputs, outputs, true), None);
        }
    }
}
