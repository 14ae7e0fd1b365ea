//! Ravines with known answers, and tables of numbers read from files.
//!
//! # Examples
//!
//! ```
//! use ravine_data::{Matrix, Order, Standardizer};
//!
//! let mut x = Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0], 4, 1);
//! Standardizer::fit(&x).apply(&mut x);
//! assert!((x.as_slice()[3] - 1.341_640_8).abs() < 1e-6);
//!
//! let mut order = Order::new(4);
//! order.shuffle(7, 0);
//! let mut rows = order.as_slice().to_vec();
//! rows.sort();
//! assert_eq!(rows, [0, 1, 2, 3]);
//! ```
#![forbid(unsafe_code)]

mod narrow;
mod random;

mod table;

mod columns;
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
mod array;
#[cfg(feature = "files")]
mod element;
#[cfg(feature = "files")]
mod error;
#[cfg(feature = "files")]
mod grid;
#[cfg(feature = "files")]
mod source;

#[cfg(feature = "files")]
pub mod csv;
#[cfg(feature = "files")]
mod idx;
#[cfg(feature = "files")]
pub mod npy;
#[cfg(feature = "files")]
pub mod npz;
#[cfg(feature = "whole")]
mod regular;
#[cfg(feature = "whole")]
mod whole;

#[cfg(feature = "files")]
pub use array::ArrayFile;
pub use bowl::Bowl;
pub use eigen::nonzero;
#[cfg(feature = "files")]
pub use element::Element;
#[cfg(feature = "files")]
pub use error::ReadError;
pub use function::{Function, Hills, Noisy, Valley};
pub use gram::{gram, hessian, hessian_pass};
pub use order::Order;
pub use random::{Purpose, Stream};
pub use ravine::{Generated, Kind, Ravine, RavineError};
#[cfg(feature = "whole")]
pub use regular::open_regular;
#[cfg(feature = "files")]
pub use source::Source;
pub use spectrum::{Best, Spectrum, SpectrumError};
pub use split::{SplitError, arrange, split, split_rows};
pub use standardize::{Standardizer, standardize};
pub use symmetric::{NotPositive, Symmetric};
pub use table::{Classes, Matrix, Table, UnknownClass};
#[cfg(feature = "whole")]
pub use whole::{WholeFile, duplicate_whole, remove_leftovers, write_whole};
