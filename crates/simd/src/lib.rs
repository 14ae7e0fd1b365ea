//! SIMD lanes with run-time dispatch and the same bits on every instruction set.
//!
//! A [`Kernel`] is written once, over blocks of [`LANES`] lanes, and runs on any [`Level`] that
//! the CPU has. All operations round as IEEE 754 asks, so a kernel gives the same bits on every
//! level.
//! A level on x86-64 costs one table of 39 rows in about 80 lines; the macro that turns tables
//! into levels is shared, and has 320 lines.
//!
//! # Examples
//!
//! ```
//! use ravine_simd::{Kernel, Level, Simd, stream};
//!
//! /// `y ← a·x + y`, unfused.
//! struct Axpy<'a> {
//!     y: &'a mut [f32],
//!     a: f32,
//!     x: &'a [f32],
//! }
//!
//! impl Kernel for Axpy<'_> {
//!     type Output = ();
//!
//!     #[inline(always)]
//!     fn run<S: Simd>(self, simd: S) {
//!         let a = simd.splat(self.a);
//!         stream::run(
//!             simd,
//!             [self.y],
//!             [self.x],
//!             #[inline(always)]
//!             |[y], [x]| [a * x + y],
//!         );
//!     }
//! }
//!
//! let x: Vec<f32> = (0..37).map(|i| i as f32).collect();
//! for level in Level::available() {
//!     let mut y = vec![1.0; 37];
//!     level.run(Axpy { y: &mut y, a: 0.5, x: &x });
//!     assert_eq!(y[36], 19.0, "{level}");
//! }
//! ```
#![deny(unsafe_code)]

mod lanes;
mod level;

mod baseline;
mod emulated;
mod scalar;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the workspace's one home of `core::arch` intrinsics")]
mod x86;

mod buffer;
pub mod limit;
pub mod math;
mod par;
#[cfg(feature = "rayon")]
mod pool;
pub mod stream;
pub mod sum;
mod tree;
mod turn;
mod unroll;
mod written;

pub use buffer::Buffer;
pub use lanes::{BitLanes, Fused, IntLanes, Lanes, MaskLanes, Simd, WideLanes};
pub use level::{Level, LevelError};
pub use par::{Cut, Par};
pub use tree::{Tree, middle};
pub use turn::{load_columns, load_square, store_square, turn};
pub use written::{Element, Written};

/// Lanes in a block: sixteen `f32`s fill one 64-byte cache line.
pub const LANES: usize = 16;

/// The version of the numeric contract: a change of any promised bit is a new version.
pub const CONTRACT: u32 = 2;

/// A computation written once for all levels.
pub trait Kernel {
    /// What the computation gives back.
    type Output;

    /// The computation. Mark every implementation `#[inline(always)]`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}
