//! Models and losses against independent definitions.
#![expect(clippy::cast_possible_truncation, reason = "small numbers of rows and classes")]

mod oracle;
mod pass;

mod bits;
mod losses;
mod slopes;
mod step;
