//! The laws catch broken kernels, and pass whole ones.

mod adaptive;
mod formula;
mod function;
mod narrow;
mod product;
mod sum;
mod update;
