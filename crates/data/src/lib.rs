//! Ravines with known answers, and tables of numbers read from files.
//!
//! # Examples
//!
//! ```
//! use ravine_data::{Batches, Matrix, Standardizer};
//!
//! let mut x = Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0], 4, 1);
//! let y = [10.0, 20.0, 30.0, 40.0];
//! Standardizer::fit(&x).apply(&mut x);
//!
//! let mut batches = Batches::new(4, 2);
//! batches.shuffle(7, 0);
//! let (mut batch_x, mut batch_y) = ([0.0; 2], [0.0; 2]);
//! for i in 0..batches.len() {
//!     batches.gather(i, &mut batch_x, &mut batch_y, &x, &y);
//!     assert!(batch_x.iter().zip(batch_y).all(|(x, y)| (x * 11.18 + 25.0 - y).abs() < 0.01));
//! }
//! ```
#![forbid(unsafe_code)]

mod narrow;
mod random;

mod table;

mod batch;
mod order;
mod split;
mod standardize;

mod eigen;
mod gram;
mod rotation;
mod spectrum;
mod symmetric;

mod bowl;
mod function;
mod ravine;

#[cfg(feature = "files")]
pub mod csv;
#[cfg(feature = "files")]
pub mod npz;
#[cfg(feature = "whole")]
mod whole;

pub use batch::Batches;
pub use bowl::Bowl;
pub use eigen::nonzero;
pub use function::{Function, Hills, Noisy, Valley};
pub use gram::{gram, hessian};
pub use order::Order;
pub use random::{Purpose, Stream};
pub use ravine::{Generated, Kind, Ravine, RavineError};
pub use spectrum::{Best, Spectrum, SpectrumError};
pub use split::{SplitError, split};
pub use standardize::Standardizer;
pub use symmetric::{NotPositive, Symmetric};
pub use table::{Classes, Matrix, Table, UnknownClass};
#[cfg(feature = "whole")]
pub use whole::write_whole;
