//! The laws catch broken kernels, and pass whole ones.

mod formula;
mod function;
mod product;
mod sum;
mod update;
