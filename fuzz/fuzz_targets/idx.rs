//! IDX arrays: as rows, and as the labels of themselves.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ravine_data::{ArrayFile, Source};
use ravine_simd::Par;
use ravine_fuzz::{check, file, judge, tally};

fuzz_target!(|bytes: &[u8]| {
    let path = file("-ubyte", bytes);
    let rows = ArrayFile::open(path).and_then(|array| array.read_all(Par::Seq));
    tally(judge(path, rows).is_some());
    let source = Source { data: path.into(), target: None, labels: Some(path.into()) };
    if let Some(table) = judge(path, source.read(Par::Seq)) {
        check(&table);
    }
});
