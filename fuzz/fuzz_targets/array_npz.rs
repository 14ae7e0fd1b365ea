//! The array X of a whole `.npz` archive: behind checksums that no mutation meets.
#![no_main]

use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use ravine_fuzz::{archive, file, tally};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Three labels.
const Y: &[u8] = include_bytes!("../seeds/npy/labels.npy");

fuzz_target!(|bytes: &[u8]| {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [("X.npy", bytes), ("y.npy", Y)] {
        zip.start_file(name, options).and_then(|()| Ok(zip.write_all(bytes)?)).expect("memory");
    }
    let bytes = zip.finish().expect("memory").into_inner();
    tally(archive(file(".npz", &bytes)));
});
