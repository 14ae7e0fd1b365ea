//! CSV: where it is read, any column may be the target.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ravine_data::csv;
use ravine_simd::Par;
use ravine_fuzz::{check, file, judge, tally};

fuzz_target!(|bytes: &[u8]| {
    let path = file(".csv", bytes);
    let last = judge(path, csv::read(Par::Seq, path, None));
    tally(last.is_some());
    if let Some(last) = last {
        check(&last);
        let first = csv::read(Par::Seq, path, Some(&last.names[0])).expect("a column's name");
        check(&first);
        assert!((0..last.y.len()).all(|row| first.y[row] == last.x.row(row)[0]));
    }
});
