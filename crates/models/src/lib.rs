//! Linear models and multilayer perceptrons with hand-written gradients.
//!
//! A [`Model`] is an architecture: sizes and a [`Layout`], no numbers. Parameters and gradients
//! are flat buffers of the caller's; what a backward pass needs of the forward pass is in a cache.
//! Finished gradients go to a [`Sink`], which stores them or applies them at once. A result has
//! the same bits on every instruction set and for any number of threads.
//!
//! # Examples
//!
//! One step of plain descent on two rows:
//!
//! ```
//! use ravine_models::{Loss, Mlp, Model, Store, Target};
//! use ravine_simd::{Level, Par};
//! use ravine_tensor::{Activation, View, ViewMut};
//!
//! # fn main() -> Result<(), ravine_models::WidthError> {
//! let (level, par) = (Level::detect(), Par::Seq);
//! let model = Mlp::new(&[3, 4, 1], Activation::Tanh)?;
//! let mut params = vec![0.0; model.layout().len()];
//! model.init(&mut params, 42);
//! let mut cache = model.cache(level, par, 2);
//!
//! let x = View::new(&[0.5, -1.0, 2.0, 1.5, 0.0, -0.5], 2, 3);
//! let target = Target::Values(View::new(&[1.0, -1.0], 2, 1));
//! let mut dy = [0.0; 2];
//! let mut dy = ViewMut::new(&mut dy, 2, 1);
//! let mut grads = vec![0.0; params.len()];
//!
//! let y = model.forward(&mut cache, &params, x);
//! let before = Loss::MeanSquared.forward(level, par, y, target);
//! Loss::MeanSquared.backward(level, par, &mut dy, y, target);
//! let store = Store { params: &params, grads: &mut grads };
//! model.backward(&mut cache, store, x, dy.as_view());
//! for (w, g) in params.iter_mut().zip(&grads) {
//!     *w -= 0.1 * g;
//! }
//!
//! let y = model.forward(&mut cache, &params, x);
//! assert!(Loss::MeanSquared.forward(level, par, y, target) < before);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod linear;
mod mlp;

mod layout;
mod loss;
mod sink;

mod affine;
mod init;

use ravine_simd::{Level, Par};
use ravine_tensor::View;

pub use layout::{Kind, Layout, Tensor};
pub use linear::{Linear, LinearCache};
pub use loss::{BatchLoss, Loss, Target};
pub use mlp::{Mlp, MlpCache, WidthError};
pub use sink::{Sink, Store};

/// A model with hand-written gradients over flat parameters.
///
/// A training step calls [`forward`](Self::forward), then the loss on the predictions, then
/// [`backward`](Self::backward); neither pass allocates buffers of its own, but for sums over more
/// than 4096 rows, and for what a product packs beyond 16 MiB.
pub trait Model {
    /// Level, threads, and what a backward pass needs of the forward pass.
    type Cache;

    /// Names, shapes and places of the parameters.
    fn layout(&self) -> &Layout;

    /// Columns of the inputs.
    fn inputs(&self) -> usize;

    /// Columns of the predictions.
    fn outputs(&self) -> usize;

    /// Writes the initial parameters, which depend on the model and the seed alone.
    ///
    /// # Panics
    ///
    /// If `params` is not as long as the layout.
    fn init(&self, params: &mut [f32], seed: u64);

    /// Buffers for up to `batch` rows, used on `level` by the threads of `par`.
    fn cache(&self, level: Level, par: Par, batch: usize) -> Self::Cache;

    /// The `f32`s of a [`cache`](Self::cache) for `batch` rows, and of what passes over them make
    /// while they run, at most; `usize::MAX` where no memory holds them.
    fn room(&self, level: Level, par: Par, batch: usize) -> usize;

    /// Predictions for the rows of `x`, batch × outputs, kept in `cache`.
    ///
    /// # Panics
    ///
    /// If `params` is not as long as the layout, `x` has not the model's columns, or has more rows
    /// than the cache was made for.
    fn forward<'c>(&self, cache: &'c mut Self::Cache, params: &[f32], x: View<'_>) -> View<'c>;

    /// Loss and gradients of a block of a batch, whose rows are leaves of a node of the sum over
    /// samples, in one reading of `x`: the terms go to `loss`, the gradients of all parameters are
    /// given back. `None`, and nothing done, where the model has no such pass: then
    /// [`forward`](Self::forward) and [`backward`](Self::backward) give the same bits.
    ///
    /// # Panics
    ///
    /// As those, and as [`BatchLoss::forward`].
    fn once<'c>(
        &self,
        cache: &'c mut Self::Cache,
        params: &[f32],
        x: View<'_>,
        target: Target<'_>,
        loss: &mut BatchLoss,
    ) -> Option<&'c [f32]> {
        let _ = (cache, params, x, target, loss);
        None
    }

    /// Hands every parameter's gradient to `sink`, once. `dy` is the gradient of the loss by the
    /// predictions of the last [`forward`](Self::forward), `x` the inputs of that pass; the sink
    /// lends the parameters of that pass.
    ///
    /// # Panics
    ///
    /// If the sink's parameters are not as many as the layout's, or the shapes of `x` and `dy` are
    /// not those of the last forward pass.
    fn backward(&self, cache: &mut Self::Cache, sink: impl Sink, x: View<'_>, dy: View<'_>);
}
