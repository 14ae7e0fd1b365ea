//! The built program, command by command.

mod arrays;
mod program;

mod bad_files;
mod bench;
mod bits;
mod compare;
mod demo;
#[cfg(unix)]
mod diskfull;
#[cfg(unix)]
mod endless;
mod generate;
mod golden;
mod installed;
#[cfg(unix)]
mod kernel;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod links;
mod read;
mod readers;
mod refusals;
mod resume;
mod runs;
mod stream;
mod verify;
