//! No bytes make a reader panic, or take memory that the file does not account for.

use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use peak_alloc::PeakAlloc;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestRunner};

#[path = "forge/zip.rs"]
mod archive;
#[path = "forge/idx.rs"]
mod idx;
#[path = "forge/npy.rs"]
mod npy;

use archive::archive;
use idx::idx;
use npy::{f32s, npy};
use ravine_data::{ReadError, Source, npz};
use ravine_simd::Par;
use zip::CompressionMethod::{Deflated, Stored};

/// Counts the heap, but not the maps of large matrices, whose size is looked at on their own.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Files of each reader that are random, and that are good ones changed.
const RANDOM: u32 = 1000;
const MUTATED: u32 = 3000;

/// Bytes of the heap that a reader may take for any file: its blocks, and the parsers' own.
const BASE: usize = 4 << 20;

/// Numbers that a byte of a file may become: deflate makes 1032 bytes of one.
const INFLATION: usize = 1032;

/// One of the readers under test.
struct Reader {
    name: &'static str,
    /// The end of the file's name.
    suffix: &'static str,
    good: Vec<Vec<u8>>,
    /// What becomes of the bytes before they are a file.
    wrap: fn(Vec<u8>) -> Vec<u8>,
    /// The numbers that the file holds.
    read: fn(&Path) -> Result<usize, ReadError>,
}

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile_{name}"))
}

/// Reads a table; of `labels`, the file is those of three good rows.
fn table(data: &Path, labels: Option<&Path>) -> Result<usize, ReadError> {
    let source = Source { data: data.into(), target: None, labels: labels.map(Path::to_path_buf) };
    let table = source.read(Par::threads(3))?;
    assert_eq!(table.x.rows(), table.y.len());
    assert!(table.x.as_slice().iter().chain(&table.y).all(|x| x.is_finite()));
    Ok(table.x.as_slice().len() + table.y.len())
}

/// The array of a `.npy` file, also as bytes.
fn array(path: &Path) -> Result<usize, ReadError> {
    let bytes = ravine_data::npy::read(path).map(|array| array.bytes.len());
    let matrix = ravine_data::ArrayFile::open(path)?.read_all(Par::threads(3))?;
    Ok(matrix.as_slice().len() + bytes?)
}

/// The arrays of an archive, also as bytes.
fn arrays(path: &Path) -> Result<usize, ReadError> {
    let mut n = table(path, None)?;
    for array in npz::arrays(path)? {
        n = n.max(array?.1.bytes.len());
    }
    Ok(n)
}

/// An array X of these bytes, and a y of as many rows as the good ones have.
fn around(x: &[u8]) -> Vec<u8> {
    archive(Deflated, &[("X.npy", x), ("y.npy", &npy("|u1", false, "(3,)", &[7, 8, 9]))])
}

fn readers() -> Vec<Reader> {
    let numbers = [1.5, -2.0, 3e4, 0.0, 5.0, 6.0];
    let floats = npy("<f4", false, "(3, 2)", &f32s(&numbers));
    let doubles = npy(">f8", true, "(3, 2)", &numbers.map(|x| f64::from(x).to_be_bytes()).concat());
    let halves = npy("<f2", false, "(3, 2)", &[0; 12]);
    let images = idx(&[3, 2, 2], &[9; 12]);
    fs::write(place("rows.npy"), &floats).expect("cargo's folder for tests can be written");
    let csv = [
        &b"a,b,y\n1,2,3\n-4.5,5e-3,+6\n"[..],
        "\u{feff}\"a, \"\"b\"\"\", y\r\n\r\n 1 ,\"2\"\r\n3,4".as_bytes(),
    ];
    let reader = |name, suffix, good: &[&[u8]], wrap, read| {
        let good = good.iter().map(|bytes| bytes.to_vec()).collect();
        Reader { name, suffix, good, wrap, read }
    };
    let as_is: fn(Vec<u8>) -> Vec<u8> = |bytes| bytes;
    let labels = |path: &Path| table(&place("rows.npy"), Some(path));
    let y = npy("<i8", false, "(3, 1)", &[7_i64, 8, 9].map(i64::to_le_bytes).concat());
    let entries = [("X.npy", &floats[..]), ("y.npy", &y), ("note", b"?")];
    let (stored, deflated) = (archive(Stored, &entries), archive(Deflated, &entries));
    vec![
        reader(".csv", ".csv", &csv, as_is, |path| table(path, None)),
        reader(".npy", ".npy", &[&floats, &doubles, &halves], as_is, array),
        reader("IDX", "-ubyte", &[&images, &idx(&[3], &[1, 2, 3])], as_is, |path| {
            Ok(ravine_data::ArrayFile::open(path)?.read_all(Par::threads(3))?.as_slice().len())
        }),
        reader("labels, .npy", ".npy", &[&y], as_is, labels),
        reader("labels, IDX", "-ubyte", &[&idx(&[3], &[1, 2, 3])], as_is, labels),
        reader(".npz, stored", ".npz", &[&stored], as_is, arrays),
        reader(".npz, deflated", ".npz", &[&deflated], as_is, arrays),
        reader(".npz of such arrays", ".npz", &[&floats, &doubles], |x| around(&x), arrays),
    ]
}

/// A change to a file. Places are shares of its length.
#[derive(Clone, Debug)]
enum Change {
    /// A bit is another.
    Flip(Index, u8),
    /// Some bytes are gone.
    Cut(Index, usize),
    /// The file ends early.
    End(Index),
    /// There are more bytes.
    Insert(Index, Vec<u8>),
    /// Some bytes come twice, the second time elsewhere.
    Duplicate(Index, usize, Index),
    /// From one place on the file is another good one from its own place on.
    Splice(Index, Index, Index),
    /// A number of this many bytes stands over what was there, in this order of bytes.
    Length(Index, u64, usize, bool),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        // What parsers trip over, as text and as lengths.
        let texts = ["(", "{'", "'", "\"", ",", "\n", "-", "1e999", "nan", "9999999999999", "True"];
        let texts = select(texts.map(|text| text.as_bytes().to_vec()).to_vec());
        let lengths =
            [0, 1, 0x7f, 0xff, 0xffff, 1 << 20, 1 << 31, u32::MAX.into(), 1 << 62, u64::MAX];
        let (lengths, at) = (prop_oneof![select(lengths.to_vec()), 0..300_u64], any::<Index>);
        prop_oneof![
            4 => (at(), 0..8_u8).prop_map(|(at, bit)| Self::Flip(at, bit)),
            1 => (at(), 1..40_usize).prop_map(|(at, n)| Self::Cut(at, n)),
            1 => at().prop_map(Self::End),
            1 => (at(), prop_oneof![texts, vec(any::<u8>(), 1..40)])
                .prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            1 => (at(), 1..60_usize, at()).prop_map(|(at, n, to)| Self::Duplicate(at, n, to)),
            1 => (at(), at(), at()).prop_map(|(at, file, from)| Self::Splice(at, file, from)),
            1 => (at(), lengths, select(vec![1, 2, 4, 8]), any::<bool>())
                .prop_map(|(at, n, width, big)| Self::Length(at, n, width, big)),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>, good: &[Vec<u8>]) {
        let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
        let slice = |at: &Index, n: usize, bytes: &[u8]| {
            let at = place(at, bytes);
            at..(at + n).min(bytes.len())
        };
        match self {
            Self::Flip(at, bit) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Self::Flip(..) => {}
            Self::Cut(at, n) => drop(bytes.drain(slice(at, *n, bytes))),
            Self::End(at) => bytes.truncate(place(at, bytes)),
            Self::Insert(at, more) => drop(bytes.splice(slice(at, 0, bytes), more.iter().copied())),
            Self::Duplicate(at, n, to) => {
                let twice = bytes[slice(at, *n, bytes)].to_vec();
                drop(bytes.splice(slice(to, 0, bytes), twice));
            }
            Self::Splice(at, file, from) => {
                bytes.truncate(place(at, bytes));
                let other = file.get(good);
                bytes.extend(&other[place(from, other)..]);
            }
            Self::Length(at, n, width, big) => {
                let n = if *big { n.to_be_bytes() } else { n.to_le_bytes() };
                let n = if *big { &n[8 - width..] } else { &n[..*width] };
                drop(bytes.splice(slice(at, *width, bytes), n.iter().copied()));
            }
        }
    }
}

#[test]
fn no_bytes_make_a_reader_panic_or_take_memory_beyond_them() {
    for reader in readers() {
        let path =
            place(&format!("{}{}", reader.name.replace(['.', ' ', ','], "_"), reader.suffix));
        let (accepted, peak) = (Cell::new(0), Cell::new(0));
        let read = |bytes: Vec<u8>| {
            // A new file, because some systems take a millisecond to shorten one.
            fs::remove_file(&path).ok();
            fs::write(&path, &bytes).expect("cargo's folder for tests can be written");
            let before = HEAP.current_usage();
            HEAP.reset_peak_usage();
            let found = (reader.read)(&path);
            let used = HEAP.peak_usage() - before;
            peak.set(peak.get().max(used));
            let most = BASE + 4 * INFLATION * bytes.len();
            prop_assert!(used <= most, "{used} bytes of heap for a file of {}", bytes.len());
            match found {
                Ok(n) => {
                    accepted.set(accepted.get() + 1);
                    prop_assert!(n <= INFLATION * bytes.len(), "{n} numbers of {}", bytes.len());
                }
                Err(ReadError::Memory { bytes, .. }) => prop_assert!(false, "{bytes} asked for"),
                Err(error) => {
                    let line = error.to_string();
                    let shape = !line.contains('\n') && line.contains(": found ");
                    prop_assert!(shape && line.contains(", wanted "), "{line}");
                }
            }
            Ok(())
        };
        let run = |cases, strategy: BoxedStrategy<Vec<u8>>| {
            let mut runner = TestRunner::new(Config {
                cases,
                failure_persistence: None,
                rng_seed: RngSeed::Fixed(1),
                ..Config::default()
            });
            runner.run(&strategy.prop_map(reader.wrap), read).expect(reader.name);
        };
        for good in &reader.good {
            let (before, path) = (accepted.get(), &path);
            read((reader.wrap)(good.clone())).expect("a good file");
            assert_eq!(accepted.get(), before + 1, "{}: {path:?}", reader.name);
        }
        accepted.set(0);
        // Behind a good beginning there is more to go wrong than before any.
        let start = (select(reader.good.clone()), any::<Index>());
        let start = start.prop_map(|(good, at)| good[..at.index(good.len().min(20))].to_vec());
        let random = (prop_oneof![Just(Vec::new()), start], vec(any::<u8>(), 0..300));
        run(RANDOM, random.prop_map(|(start, rest)| [start, rest].concat()).boxed());
        let good = reader.good.clone();
        let mutated = (select(reader.good.clone()), vec(Change::any(), 1..4));
        let mutated = mutated.prop_map(move |(mut bytes, changes)| {
            changes.iter().for_each(|change| change.apply(&mut bytes, &good));
            bytes
        });
        run(MUTATED, mutated.boxed());
        let (name, accepted, peak) = (reader.name, accepted.get(), peak.get());
        // Past the capture of passing tests, so that the count is seen.
        writeln!(
            std::io::stderr(),
            "{name}: {RANDOM} random, {MUTATED} mutated, {accepted} accepted, peak {peak} bytes"
        )
        .expect("somewhere to write");
        assert!(0 < accepted && accepted < RANDOM + MUTATED, "{name}: {accepted} accepted");
    }
}
