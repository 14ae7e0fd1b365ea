//! Writes the golden vectors anew: `cargo run -p ravine-conformance --example golden`, in the
//! workspace. A change of them is a change of the numeric contract.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/vectors.json");
    std::fs::write(path, ravine_conformance::golden::write())
}
