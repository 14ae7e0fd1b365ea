//! `.npz` archives: as a table, and array by array.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ravine_fuzz::{archive, file, tally};

fuzz_target!(|bytes: &[u8]| tally(archive(file(".npz", bytes))));
