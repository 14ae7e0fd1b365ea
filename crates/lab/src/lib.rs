//! Experiments that show why momentum crosses ravines, held against theory.
//!
//! Each experiment is a value with seeds and sizes, and a method that gives back numbers: what the
//! kernels did, beside what theory says they do. Nothing here reads a clock, a file or the
//! environment; what descents on [`real`] data take is left to a caller with a clock. [`figures`]
//! draws the numbers, and [`report`] makes a page of the drawings.
//!
//! | module | question |
//! |---|---|
//! | [`mode`], [`convergence`] | how fast does the error along one eigenvector shrink? |
//! | [`best`] | which rates are best, and what is lost beside them? |
//! | [`edge`] | where does momentum stop to converge, and where start to oscillate? |
//! | [`friction`] | how far does the ball overshoot, and when is it at rest? |
//! | [`descent`], [`rival`] | why not just a smaller learning rate? |
//! | [`parting`] | where are the forms one run, and where do they part? |
//! | [`race`] | how many steps does each form take through one ravine? |
//! | [`real`] | and on data that someone collected? |
//! | [`path`], [`split`] | why is momentum faster? |
//! | [`grid`] | and with other rates, in other ravines? |
//! | [`noise`] | what does it do to noise? |
//! | [`direction`] | how near is an averaged gradient to the full one, and how late? |
//! | [`average`] | what is a moving average, and how does it start? |
//! | [`valley`] | and beyond bowls: hills, a curved valley? |
//! | [`annealing`] | is it better to start with little momentum? |
//! | [`digits`] | does it train a perceptron, the same one everywhere? |
//!
//! # Examples
//!
//! ```
//! use ravine_lab::real::Regression;
//! use ravine_lab::tables;
//! use ravine::momentum::Form;
//!
//! let regression = Regression::new(tables::diabetes())?;
//! let plain = regression.descend(Form::Plain)?;
//! let momentum = regression.descend(Form::Classic { nesterov: false })?;
//! assert_eq!((plain.exact, momentum.exact), (1585, 122));
//! # Ok::<(), ravine_lab::Failure>(())
//! ```
#![forbid(unsafe_code)]

pub mod best;
pub mod convergence;
pub mod edge;
pub mod friction;
pub mod mode;

pub mod descent;
pub mod parting;
pub mod race;
pub mod real;
pub mod rival;
pub mod tables;

pub mod grid;
pub mod path;
pub mod split;

pub mod average;
pub mod direction;
pub mod noise;
pub mod valley;

pub mod annealing;
pub mod digits;

#[cfg(feature = "report")]
pub mod figures;
#[cfg(feature = "report")]
pub mod report;

mod failure;
mod findings;
mod narrow;
mod quadratic;
mod settle;
mod walk;

pub use failure::Failure;
pub use findings::{
    Benches, Curve, Experiments, Findings, Make, Origin, Peer, Regressed, Replay, Speed,
};
pub use path::{Path, Plane};
pub use quadratic::Quadratic;
pub use walk::Walk;
