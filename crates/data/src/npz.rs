//! Generated data as NumPy archives.

use std::io::{self, Seek, Write};
use std::path::Path;

use npyz::npz::NpzWriter;
use npyz::zip::write::FileOptions;
use npyz::zip::{CompressionMethod, DateTime};
use npyz::{DType, WriterBuilder};

use crate::{Generated, write_whole};

/// Writes an `.npz` archive of the arrays `X` (N × D), `y` (N) and `w_true` (D), of
/// little-endian `f32`.
///
/// The file appears whole or not at all. Arrays are stored, not compressed, without a date: the
/// file has the same bytes everywhere.
///
/// # Examples
///
/// ```no_run
/// use ravine_data::{Ravine, npz};
/// use ravine_simd::Par;
///
/// npz::write("ravine.npz".as_ref(), &Ravine::default().generate(Par::Seq)?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Path, made: &Generated) -> io::Result<()> {
    let (rows, cols) = (made.x.rows() as u64, made.x.cols() as u64);
    write_whole(path, |file| {
        let mut archive = NpzWriter::new(file);
        array(&mut archive, "X", &[rows, cols], made.x.as_slice())?;
        array(&mut archive, "y", &[rows], &made.y)?;
        array(&mut archive, "w_true", &[cols], &made.w_true)?;
        archive.zip_writer().finish()?;
        Ok(())
    })
}

fn array(
    archive: &mut NpzWriter<impl Write + Seek>,
    name: &str,
    shape: &[u64],
    values: &[f32],
) -> io::Result<()> {
    // Entries of 4 GiB and more need the wide header.
    let large = u32::MAX as usize / 8 < values.len();
    let options = FileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(large);
    let mut writer = archive
        .array(name, options)?
        .dtype(DType::new_scalar("<f4".parse().expect("a type of NumPy")))
        .shape(shape)
        .begin_nd()?;
    writer.extend(values)?;
    writer.finish()
}
