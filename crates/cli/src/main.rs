//! The program `ravine`.
fn main() {}
