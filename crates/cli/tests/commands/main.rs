//! The built program, command by command.

mod arrays;
mod program;

mod bits;
mod compare;
mod generate;
mod golden;
mod installed;
mod read;
mod readers;
mod refusals;
mod runs;
mod stream;
mod verify;
