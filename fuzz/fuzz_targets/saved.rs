//! Saved runs, whose checksum no mutation meets and so is made true: as runs to go on with, and as
//! initial parameters.
#![no_main]

use std::fmt::Write as _;

use libfuzzer_sys::fuzz_target;
use ravine::models::{Linear, Loss, Model as _};
use ravine::{Options, Run, Saved, read_initial};
use ravine_fuzz::{file, judge, tally};
use sha2::{Digest as _, Sha256};

/// What stands before the checksum's digits, and their number.
const KEY: &[u8] = b"\"checksum\":\"";
const DIGITS: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.to_vec();
    sign(&mut bytes);
    let path = file(".safetensors", &bytes);
    let model = || Linear::new(2, 1, true);
    let mut params = [0.0; 3];
    let is_initial = judge(path, read_initial(path, model().layout(), &mut params)).is_some();
    assert!(!is_initial || params.iter().all(|value| value.is_finite()));
    if let Some(saved) = judge(path, Saved::read(path)) {
        let run = Run::resume(model(), Loss::MeanSquared, Options::default(), &saved);
        tally(judge(path, run).is_some());
    }
});

/// Puts the file's own checksum where it has one.
fn sign(bytes: &mut [u8]) {
    let at = bytes.windows(KEY.len()).position(|at| at == KEY).map(|at| at + KEY.len());
    let Some(at) = at.filter(|at| at + DIGITS <= bytes.len()) else { return };
    bytes[at..at + DIGITS].fill(b'0');
    let mut digits = String::new();
    for byte in Sha256::digest(&*bytes) {
        write!(digits, "{byte:02x}").expect("memory");
    }
    bytes[at..at + DIGITS].copy_from_slice(digits.as_bytes());
}
