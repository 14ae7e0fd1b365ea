//! Momentum training on the CPU with the same bits on every instruction set and thread count.
//!
//! This crate owns the loop: it gathers batches, runs a model forward and backward, and applies
//! momentum's rule to each finished stretch of a gradient. It re-exports the crates it stands on.
//!
//! # Examples
//!
//! A ravine of condition 100, crossed with the best momentum for it:
//!
//! ```
//! use ravine::data::Ravine;
//! use ravine::{Batch, Examples, Options, Run, models::Linear, models::Loss, momentum::Schedule};
//!
//! let ravine = Ravine { rows: 256, cols: 8, condition: 100.0, ..Ravine::default() };
//! let made = ravine.generate(ravine::simd::Par::Seq)?;
//! let best = made.best.expect("a linear ravine has a best momentum");
//! let options = Options {
//!     lr: Schedule::Constant(best.lr),
//!     momentum: Schedule::Constant(best.momentum),
//!     batch: Batch::Full,
//!     epochs: 200,
//!     ..Options::default()
//! };
//! let mut run = Run::new(Linear::new(8, 1, false), Loss::MeanSquared, options)?;
//! let summary = run.train(&Examples::from(&made), |_| ())?;
//! let loss = run.evaluate(&Examples::from(&made))?.loss;
//! assert!(loss < 1.0001 * made.noise_floor.expect("a linear ravine has a floor"));
//! assert_eq!(summary.steps, 200);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod examples;
mod labels;
mod options;
mod rows;
#[cfg(feature = "files")]
mod stored;
mod update;

mod ahead;
mod feed;
mod plan;

mod blocks;
mod evaluate;
mod room;
mod run;
mod step;
mod train;

mod checkpoints;
mod digest;
mod initial;
mod save;
mod saved;
mod tensors;
mod trace;

pub mod theory;

pub use checkpoints::Checkpoints;
pub use digest::digest;
pub use evaluate::Evaluation;
pub use examples::{Examples, Task};
pub use initial::read_initial;
pub use labels::Labels;
pub use options::{Batch, OnNonfinite, Options};
pub use ravine_data as data;
pub use ravine_models as models;
pub use ravine_momentum as momentum;
pub use ravine_momentum::Clip;
pub use ravine_simd as simd;
pub use ravine_tensor as tensor;
pub use room::room;
pub use rows::{Picked, Rows, RowsError};
pub use run::{Position, Run};
pub use save::{Notes, SaveError};
pub use saved::{ResumeError, Saved};
pub use step::{NonFinite, Quantity, StepRecord};
#[cfg(feature = "files")]
pub use stored::Stored;
pub use tensors::{LoadError, LoadFault};
pub use trace::{Trace, TraceMark};
pub use train::{Summary, TrainError};
pub use update::{Update, Watched};

/// Runs the example of the workspace's front page.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct FrontPage;
