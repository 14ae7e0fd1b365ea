//! NumPy's `.npz` archives of arrays.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use npyz::write_options::WriteOptions;
use npyz::{DType, Serialize, WriterBuilder};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::grid::Grid;
use crate::npy::{self, Array, Header};
use crate::source::{Format, labels};
use crate::{Generated, Matrix, ReadError, Table, write_whole};

/// The most bytes that a byte of the deflate format makes.
const INFLATION: u64 = 1032;

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
        let mut archive = ZipWriter::new(file);
        write_array(&mut archive, "X", "<f4", &[rows, cols], made.x.as_slice())?;
        write_array(&mut archive, "y", "<f4", &[rows], &made.y)?;
        write_array(&mut archive, "w_true", "<f4", &[cols], &made.w_true)?;
        archive.finish()?;
        Ok(())
    })
}

/// An array to be written into an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    shape: Vec<u64>,
    numbers: Numbers,
}

#[derive(Clone, Debug, PartialEq)]
enum Numbers {
    F32(Vec<f32>),
    I32(Vec<i32>),
}

impl Entry {
    /// Numbers of `<f4`, in one dimension.
    #[must_use]
    pub fn floats(numbers: impl IntoIterator<Item = f32>) -> Self {
        let numbers: Vec<f32> = numbers.into_iter().collect();
        Self { shape: vec![numbers.len() as u64], numbers: Numbers::F32(numbers) }
    }

    /// Numbers of `<i4`, in one dimension.
    ///
    /// # Panics
    ///
    /// If one of them is 2³¹ or more.
    #[must_use]
    pub fn integers(numbers: impl IntoIterator<Item = usize>) -> Self {
        let narrow = |n: usize| i32::try_from(n).expect("a number below 2^31");
        let numbers: Vec<i32> = numbers.into_iter().map(narrow).collect();
        Self { shape: vec![numbers.len() as u64], numbers: Numbers::I32(numbers) }
    }

    /// The same numbers in several dimensions, the last index fastest.
    ///
    /// # Panics
    ///
    /// If their number is another.
    #[must_use]
    pub fn shaped(self, shape: &[usize]) -> Self {
        let shape: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
        let (wanted, found) = (shape.iter().product::<u64>(), self.shape.iter().product());
        assert_eq!(wanted, found, "numbers of the shape, and of the array");
        Self { shape, ..self }
    }
}

/// Writes an `.npz` archive of any arrays, in the manner of [`write()`].
///
/// # Examples
///
/// ```no_run
/// use ravine_data::npz::{self, Entry};
///
/// let x = Entry::floats([1.0, 2.0, 3.0, 4.0]).shaped(&[2, 2]);
/// npz::write_arrays("x.npz".as_ref(), &[("x", x), ("lengths", Entry::integers([2, 2]))])?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_arrays(path: &Path, arrays: &[(&str, Entry)]) -> io::Result<()> {
    write_whole(path, |file| {
        let mut archive = ZipWriter::new(file);
        for (name, Entry { shape, numbers }) in arrays {
            match numbers {
                Numbers::F32(numbers) => write_array(&mut archive, name, "<f4", shape, numbers)?,
                Numbers::I32(numbers) => write_array(&mut archive, name, "<i4", shape, numbers)?,
            }
        }
        archive.finish()?;
        Ok(())
    })
}

/// The arrays of an archive with their names, one after another: only one is in memory.
///
/// Arrays are stored or deflated, of any dimensions; entries that are no `.npy` are passed over.
///
/// # Examples
///
/// ```no_run
/// for array in ravine_data::npz::arrays("ravine.npz".as_ref())? {
///     let (name, array) = array?;
///     println!("{name}: {}", array.header); // X: (4096, 64) of <f4
/// }
/// # Ok::<(), ravine_data::ReadError>(())
/// ```
///
/// # Errors
///
/// If the file is no archive, or has a name twice; for an array, if it is not as its header and
/// its checksum say, or memory cannot hold it.
pub fn arrays(
    path: &Path,
) -> Result<impl Iterator<Item = Result<(String, Array), ReadError>> + use<>, ReadError> {
    let mut archive = Archive::open(path)?;
    let names: Vec<String> = archive.names().filter(|name| name.ends_with(".npy")).collect();
    Ok(names.into_iter().map(move |entry| {
        let array = archive
            .read(&entry, |reader, header, bytes, file| Array::read(reader, header, bytes, file))?;
        Ok((entry[..entry.len() - 4].to_owned(), array))
    }))
}

/// Reads the arrays `X` and `y`.
pub(crate) fn read(path: &Path) -> Result<Table, ReadError> {
    let mut archive = Archive::open(path)?;
    let x = archive.matrix("X.npy")?;
    let y = archive.matrix("y.npy")?;
    let y = labels(&y, path, "y.npy", x.rows(), "X.npy")?;
    Ok(Table { x, y, names: Vec::new(), target: "y".into() })
}

/// An archive that is open, with no name twice.
struct Archive {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
    /// Bytes of the file, of which no entry can take more.
    length: u64,
}

impl Archive {
    fn open(path: &Path) -> Result<Self, ReadError> {
        let file = Format::Npz.open(path)?;
        let length = file.metadata().map_err(|error| Format::Npz.io(path, error))?.len();
        let refused = |found: &str, wanted| ReadError::content(path, "archive", found, wanted);
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
            ZipError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
                Format::Npz.io(path, source)
            }
            error => refused(&error.to_string(), "a whole zip archive, as numpy.savez writes it"),
        })?;
        if zip.has_duplicate_names() {
            return Err(refused("two entries of one name", "each name once"));
        }
        Ok(Self { path: path.into(), zip, length })
    }

    /// The names of the entries that have one in UTF-8.
    fn names(&self) -> impl Iterator<Item = String> {
        self.zip.file_names().filter_map(|name| Some(name.ok()?.into_owned()))
    }

    /// Reads an array of one or two dimensions.
    fn matrix(&mut self, entry: &str) -> Result<Matrix, ReadError> {
        self.read(entry, |reader, header, bytes, file| {
            let grid = Grid::of(&header, file, bytes, false)?;
            let mut matrix = grid.matrix(file)?;
            grid.read(0..grid.rows, true, matrix.as_mut_slice(), file, |_, bytes| {
                reader.read_exact(bytes).map_err(|error| Format::Npz.io(file, error))
            })?;
            Ok(matrix)
        })
    }

    /// Reads an entry by a function of its reader, its header, the bytes behind that, and the
    /// path of the archive.
    fn read<T>(
        &mut self,
        entry: &str,
        content: impl FnOnce(&mut dyn Read, Header, u64, &Path) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let Some(index) = self.zip.index_for_name(entry) else {
            let names: Vec<_> = self.names().take(8).collect();
            let found = format!("the entries {}", names.join(", ").escape_debug());
            let wanted = format!("one named {entry}");
            return Err(ReadError::content(&self.path, "archive", found, wanted));
        };
        let shown = entry.escape_debug().to_string();
        let refused = |found: String, wanted| ReadError::content(&self.path, &shown, found, wanted);
        let plain = "an entry that is stored or deflated, and not encrypted";
        let opened = self.zip.by_index(index);
        let file = opened.map_err(|error| refused(error.to_string(), plain))?;
        let (size, packed) = (file.size(), file.compressed_size());
        let most = match file.compression() {
            CompressionMethod::Stored => packed,
            CompressionMethod::Deflated => packed.saturating_mul(INFLATION),
            other => return Err(refused(format!("the compression {other}"), plain)),
        };
        if packed > self.length || size > most {
            let found = format!("{packed} bytes that promise {size}");
            return Err(refused(found, "no more than the file can hold"));
        }
        let mut file = file.take(size);
        let whole = || {
            let header = npy::header(&mut file, &self.path)?;
            let bytes = file.limit();
            let read = content(&mut file, header, bytes, &self.path)?;
            // The checksum is compared at the end, and the end is seen by reading on.
            match file.get_mut().read(&mut [0]) {
                Ok(0) => Ok(read),
                Ok(_) => Err(Format::Npz.io(&self.path, io::Error::other("more than promised"))),
                Err(error) => Err(Format::Npz.io(&self.path, error)),
            }
        };
        whole().map_err(|error| error.inside(&shown))
    }
}

fn write_array<T: Serialize>(
    archive: &mut ZipWriter<impl Write + Seek>,
    name: &str,
    element: &str,
    shape: &[u64],
    values: &[T],
) -> io::Result<()> {
    // Entries of 4 GiB and more need the wide header.
    let large = u32::MAX as usize / 8 < values.len();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(large);
    archive.start_file(format!("{name}.npy"), options)?;
    let mut writer = WriteOptions::new()
        .dtype(DType::new_scalar(element.parse().expect("a type of NumPy")))
        .shape(shape)
        .writer(archive)
        .begin_nd()?;
    writer.extend(values)?;
    writer.finish()
}
