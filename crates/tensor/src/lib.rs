//! Views over slices, matrix products and activations with the same bits on every CPU.
//!
//! A product hands its finished rows to a [`Finish`] instead of to memory, so what follows it
//! (a bias, an activation, an update) happens while they are in the nearest cache.
//!
//! # Examples
//!
//! A layer without bias, `y = x·wᵀ`, for weights that are stored output × input:
//!
//! ```
//! use ravine_simd::{Level, Par};
//! use ravine_tensor::{View, ViewMut, Write, product};
//!
//! let (x, w) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0]);
//! let (x, w) = (View::new(&x, 2, 3), View::new(&w, 1, 3));
//! let mut y = [f32::NAN; 2];
//! product(Level::detect(), Par::Seq, Write(ViewMut::new(&mut y, 2, 1)), x, w.t());
//! assert_eq!(y, [-2.0, -2.0]);
//! ```
#![forbid(unsafe_code)]

mod view;
mod view_mut;

mod finish;
mod operand;
mod panel_rows;
mod panels;
mod product;
mod samples;
mod small;

mod block;
mod blocking;
mod pack;
mod tile;

mod activation;
pub mod exp;
pub mod function;
mod normal;
mod tanh;

pub use activation::Activation;
pub use blocking::Blocking;
pub use finish::{Finish, Order, Tile, Write};
pub use operand::{Left, Right};
pub use panel_rows::{PanelRows, WritePanels};
pub use panels::{Pack, PackTurned, Panels, PanelsMut, Sums, Turn, Unpack, panel_len};
pub use product::{multiply, multiply_room, product, product_in, product_room};
pub use samples::{
    LEAF_ROWS, add, column_sums, over_samples, over_samples_in, over_samples_room, sum_leaves,
};
pub use small::SmallProduct;
pub use view::{View, ViewError};
pub use view_mut::ViewMut;
