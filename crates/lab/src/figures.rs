//! Results as drawings: SVG text that scales, and that turns its colors on dark ground.

mod axis;
mod bandwidth;
mod canvas;
mod chart;
mod digests;
mod drawings;
mod ink;

pub use axis::{Axis, Scale};
pub use bandwidth::bandwidth;
pub use chart::{Chart, Mark, Series};
pub use digests::digests;
pub use drawings::{digits, noise, path, race, regression, split, valley};
pub use ink::Ink;
