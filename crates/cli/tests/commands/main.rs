//! The built program, command by command.

mod program;

mod bits;
mod compare;
mod generate;
mod golden;
mod installed;
mod read;
mod refusals;
mod runs;
mod verify;
