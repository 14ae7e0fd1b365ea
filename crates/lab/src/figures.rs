//! Results as figures: a description of each, its drawing as SVG that scales and turns its colors
//! on dark ground, and the chapters in which they are read.
//!
//! Every chapter has a file: what it runs, what it draws, and what is to be seen.

mod axis;
mod canvas;
mod chapter;
mod chart;
mod course;
mod digests;
mod figure;
mod ink;
mod legend;

mod annealing;
mod average;
mod beyond;
mod convergence;
mod direction;
mod edge;
mod friction;
mod learned;
mod noise;
mod parting;
mod race;
mod ravine;
mod real;
mod rival;
pub(crate) mod speed;

pub use axis::{Axis, Scale};
pub use chapter::{Chapter, Table, chapters};
pub use digests::digests;
pub use figure::{Figure, Heat, Mark, Series};
pub use ink::Ink;
pub(crate) use ink::SHADES;
pub use race::race;
