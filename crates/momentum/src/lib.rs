//! Momentum in all its forms, and moving averages, as SIMD kernels over flat slices.
//!
//! At least seven rules are called "SGD with momentum". With gradient g, momentum β and learning
//! rate α:
//!
//! | [`Form`] | rule | first step | who |
//! |---|---|---|---|
//! | classic | v ← βv + g; w ← w − αv | v₀ = 0 | TensorFlow 1, optax's `trace`, dfdx |
//! | dampened | v ← βv + (1 − τ)g; w ← w − αv | v₁ = g, *undampened* | PyTorch, burn, MLX |
//! | sutskever | v ← βv − αg; w ← w + v | v₀ = 0 | Caffe, MXNet, Keras, scikit-learn |
//! | ema | v ← βv + (1 − β)g; w ← w − αv | v₀ = 0, small at first | old MLX |
//! | ema-unbiased | as ema, v divided by 1 − Πβ | unbiased | optax's `ema`, Adam's first moment |
//! | quasi-hyperbolic | m as ema's v; w ← w − α((1 − ν)g + νm) | m₀ = 0 | Ma and Yarats, ensmallen |
//! | `nesterov: true` | steps along g + βv | as the form | PyTorch; Sutskever's point w + βv |
//!
//! All are one [`Rule`] of four numbers and one kernel: reading 12 and writing 8 bytes per
//! parameter, the same bits on every instruction set and for any number of threads. Plain descent
//! has no velocity: it reads 8 and writes 4.
//!
//! [`Adam`] (AdamW with decoupled decay) and [`RmsProp`] run on the same pass. Each has `step` for
//! one vector, `step_tensors` for [`Tensor`]s of any lengths, and `step_averaged`, which takes the new
//! parameters into a [`VectorEma`] as well. A [`Guard`] bounds gradients and decides what becomes
//! of infinities and NaNs.
//!
//! # Annealing
//!
//! "The forms are the same up to the learning rate" and "anneal β" contradict each other. At
//! constant rates ema is classic with α/(1 − β), and sutskever is classic. But a schedule changes
//! the rule's numbers and leaves the velocity in memory as it is, and then the forms part: ema
//! and classic where β changes, sutskever and classic where α changes. Either anneal in the form
//! the recipe was written for, or carry the velocity over at each change: [`Form::carried`] gives
//! the rates that do, and [`Form::equivalent`] the learning rate.
//!
//! # Examples
//!
//! ```
//! use ravine_momentum::{Form, Rates, Schedule, Sgd, WeightDecay};
//!
//! let sgd = Sgd { form: Form::Classic { nesterov: true }, weight_decay: WeightDecay::None };
//! let momentum = Schedule::Sutskever { max: 0.9 };
//! let mut params = vec![1.0, -2.0, 3.0];
//! let mut state = sgd.init(params.len())?;
//! for t in 0..1000 {
//!     let grads: Vec<f32> = params.iter().map(|w| 0.1 * w).collect();
//!     sgd.step(&mut state, Rates::new(0.5, momentum.at(t))?, &mut params, &grads);
//! }
//! assert!(params.iter().all(|w| w.abs() < 1e-6));
//! # Ok::<(), ravine_momentum::HyperError>(())
//! ```
#![forbid(unsafe_code)]

mod rule;
mod step;

mod part;
mod precision;
mod share;
mod sweep;

mod form;
mod rates;
mod sgd;
mod state;

mod convert;
mod look_ahead;

mod adam;
mod rms_prop;
mod root_mean_square;

pub mod clip;
mod guard;
mod schedule;

pub mod ema;
pub mod sma;
mod vector_ema;

pub use adam::{Adam, AdamState};
pub use convert::Conversion;
pub use ema::Ema;
pub use form::Form;
pub use guard::{Clip, Guard, NonFinite, norm};
pub use part::Tensor;
pub use precision::{Precision, Rounding};
pub use rates::{HyperError, Rates};
pub use rms_prop::{RmsProp, RmsPropState};
pub use rule::Rule;
pub use schedule::Schedule;
pub use sgd::{Sgd, WeightDecay};
pub use sma::Sma;
pub use state::State;
pub use step::{Decay, Gradient, Motion, Step};
pub use sweep::Rows;
pub use vector_ema::VectorEma;

/// Rounds a number of a step, the only rounding between its `f64` and its `f32`.
#[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
fn round(x: f64) -> f32 {
    x as f32
}
