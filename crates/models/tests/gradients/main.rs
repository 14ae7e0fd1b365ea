//! Models and losses against independent definitions.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers of rows and classes"
)]

mod oracle;
mod pass;

mod bits;
mod losses;
mod slopes;
mod step;
