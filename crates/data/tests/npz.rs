//! What the reader of `.npz` archives takes, and the one line it answers to what it does not take.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "forge/zip.rs"]
mod archive;
#[path = "forge/npy.rs"]
mod npy;

use archive::archive;
use npy::{f32s, npy};
use ravine_data::{ReadError, Source, Table, npz};
use ravine_simd::Par;
use zip::CompressionMethod;

/// A file of this test, under the folder that cargo keeps for tests.
fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("npz_{name}.npz"))
}

fn read(name: &str, content: &[u8]) -> Result<Table, ReadError> {
    fs::write(place(name), content).expect("cargo's folder for tests can be written");
    Source { data: place(name), target: None, labels: None }.read(Par::Seq)
}

/// Asserts that the archive is refused with exactly this line behind its name.
fn refuses(name: &str, content: &[u8], want: &str) {
    let line = read(name, content).expect_err(name).to_string();
    assert_eq!(line, format!("{}: {want}", place(name).display()), "{name}");
}

/// The archive with the bytes `at` behind each mark changed.
fn patched(archive: &[u8], patches: &[(&[u8; 4], usize, &[u8])]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    for (mark, at, bytes) in patches {
        let mark = archive.windows(4).position(|found| found == *mark).expect("a mark of zip");
        archive[mark + at..][..bytes.len()].copy_from_slice(bytes);
    }
    archive
}

/// What begins an entry, and its line in the list at the end.
const ENTRY: &[u8; 4] = b"PK\x03\x04";
const LISTED: &[u8; 4] = b"PK\x01\x02";

const SIX: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

/// An X of 3 × 2 and a y of 3.
fn small(method: CompressionMethod) -> Vec<u8> {
    let x = npy("<f4", false, "(3, 2)", &f32s(&SIX));
    archive(method, &[("X.npy", &x), ("y.npy", &npy("|u1", false, "(3,)", &[7, 8, 9]))])
}

#[test]
fn stored_and_deflated_archives_are_read_in_both_orders() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let x = npy(">f8", true, "(3, 2)", &SIX.map(|x| f64::from(x).to_be_bytes()).concat());
        let y = npy("<i8", false, "(3, 1)", &[7_i64, 8, -9].map(i64::to_le_bytes).concat());
        let other = npy("<c8", false, "(1, 1, 1)", &[0; 8]);
        let entries = [("y.npy", &y[..]), ("note.txt", b"?"), ("X.npy", &x), ("z.npy", &other)];
        let table = read("orders", &archive(method, &entries)).unwrap();
        assert_eq!((table.x.rows(), table.x.cols()), (3, 2));
        assert_eq!(table.x.as_slice(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!((&table.y[..], &*table.target), (&[7.0, 8.0, -9.0][..], "y"));
        assert!(table.names.is_empty());
    }
}

#[test]
fn arrays_of_several_blocks_are_read_whole() {
    let numbers: Vec<f32> = (0..600_000_u32).map(|i| (i % 65_521) as f32).collect();
    let y = npy("|u1", false, "(30000,)", &[0; 30_000]);
    for (descr, fortran) in [("<f4", false), ("<f4", true), ("<f8", false), ("<f8", true)] {
        let bytes = match descr {
            "<f4" => f32s(&numbers),
            _ => numbers.iter().flat_map(|&x| f64::from(x).to_le_bytes()).collect(),
        };
        let x = npy(descr, fortran, "(30000, 20)", &bytes);
        let content = archive(CompressionMethod::Stored, &[("X.npy", &x), ("y.npy", &y)]);
        let table = read(&format!("blocks{}{fortran}", &descr[1..]), &content).unwrap();
        for row in 0..30_000 {
            for (col, x) in table.x.row(row).iter().enumerate() {
                let want = numbers[if fortran { col * 30_000 + row } else { row * 20 + col }];
                assert_eq!(x.to_bits(), want.to_bits(), "{descr}, {fortran}, {row}, {col}");
            }
        }
    }
}

#[test]
fn arrays_of_any_dimensions_are_listed_with_their_bytes() {
    let cube = npy(">i2", false, "(1, 2, 2)", &[1, 2, 3, 4, 5, 6, 7, 8]);
    let content = archive(CompressionMethod::Deflated, &[("a/b.npy", &cube), ("note", b"?")]);
    fs::write(place("listed"), content).unwrap();
    let arrays: Vec<_> = npz::arrays(&place("listed")).unwrap().map(Result::unwrap).collect();
    let [(name, array)] = &arrays[..] else { panic!("{arrays:?}") };
    assert_eq!((&**name, array.header.to_string()), ("a/b", "(1, 2, 2) of >i2".into()));
    assert_eq!(array.bytes, [1, 2, 3, 4, 5, 6, 7, 8]);

    let content = archive(CompressionMethod::Stored, &[("a\nb.npy", b"?")]);
    fs::write(place("line"), content).unwrap();
    let line = npz::arrays(&place("line")).unwrap().next().unwrap().unwrap_err().to_string();
    assert!(line.contains(": a\\nb.npy, header: found ") && !line.contains('\n'), "{line}");
}

#[test]
fn an_archive_that_is_none_is_refused() {
    let wanted = "a whole zip archive, as numpy.savez writes it";
    let whole = small(CompressionMethod::Stored);
    for (name, content) in [("empty", &b""[..]), ("text", b"X,y\n1,2\n"), ("half", &whole[..300])] {
        let line = read(name, content).unwrap_err().to_string();
        let start = format!("{}: archive: found ", place(name).display());
        assert!(
            line.starts_with(&start) && line.ends_with(&format!(", wanted {wanted}")),
            "{line}"
        );
    }
}

#[test]
fn an_archive_without_x_or_y_or_with_both_twice_is_refused() {
    let x = npy("<f4", false, "(3, 2)", &f32s(&SIX));
    let only = |names: &[&str]| {
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &x[..])).collect();
        archive(CompressionMethod::Stored, &entries)
    };
    let want = "archive: found the entries x.npy, y.npy, wanted one named X.npy";
    refuses("no_x", &only(&["x.npy", "y.npy"]), want);
    refuses("no_y", &only(&["X.npy"]), "archive: found the entries X.npy, wanted one named y.npy");
    // The writer refuses a name twice, so the second is renamed afterwards.
    let mut twice = only(&["X.npy", "Z.npy"]);
    while let Some(at) = twice.windows(5).position(|name| name == b"Z.npy") {
        twice[at] = b'X';
    }
    refuses("twice", &twice, "archive: found two entries of one name, wanted each name once");
}

#[test]
fn entries_are_refused_by_name_with_what_is_wrong() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let y = npy("|u1", false, "(3,)", &[7, 8, 9]);
        for (name, x, want) in [
            (
                "cut",
                &npy("<f4", false, "(3, 2)", &[0; 23])[..],
                "X.npy, numbers: found 23 bytes, wanted 24, (3, 2) of <f4",
            ),
            (
                "long",
                &npy("<f4", false, "(3, 2)", &[0; 25]),
                "X.npy, numbers: found 25 bytes, wanted 24, (3, 2) of <f4",
            ),
            (
                "promise",
                &npy("<f4", false, "(1000000000000,)", &[0; 24]),
                "X.npy, numbers: found 24 bytes, wanted 4000000000000, (1000000000000,) of <f4",
            ),
            (
                "cube",
                &npy("<f4", false, "(1, 2, 3)", &[0; 24]),
                "X.npy, header: found 3 dimensions, (1, 2, 3) of <f4, wanted 1 or 2: rows, and columns",
            ),
            (
                "nan",
                &npy("<f4", false, "(1, 2)", &f32s(&[1.0, f32::NAN])),
                "X.npy, row 1, column 2: found NaN, wanted a number that is finite in f32",
            ),
            (
                "no_npy",
                b"these are no numbers",
                "X.npy, header: found \"these \", \
                 wanted the six bytes \\x93NUMPY of a .npy file, and two of its version",
            ),
            (
                "rows",
                &npy("<f4", false, "(2, 3)", &f32s(&SIX)),
                "y.npy: found 3 × 1 numbers, wanted 2 × 1 for the rows of X.npy",
            ),
        ] {
            refuses(name, &archive(method, &[("X.npy", x), ("y.npy", &y)]), want);
        }
    }
}

#[test]
fn encrypted_and_otherwise_compressed_entries_are_refused() {
    let whole = small(CompressionMethod::Stored);
    let wanted = "wanted an entry that is stored or deflated, and not encrypted";
    let encrypted = patched(&whole, &[(ENTRY, 6, &[1]), (LISTED, 8, &[1])]);
    let found = "unsupported Zip archive: Password required to decrypt file";
    refuses("encrypted", &encrypted, &format!("X.npy: found {found}, {wanted}"));
    for method in [1, 9, 12, 14, 93, 95, 99] {
        let packed = patched(&whole, &[(ENTRY, 8, &[method]), (LISTED, 10, &[method])]);
        let line = read("method", &packed).unwrap_err().to_string();
        assert!(line.contains(": X.npy: found ") && line.ends_with(wanted), "{method}: {line}");
    }
}

#[test]
fn a_wrong_checksum_is_refused() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let wrong =
            patched(&small(method), &[(ENTRY, 14, &[1, 2, 3, 4]), (LISTED, 16, &[1, 2, 3, 4])]);
        refuses("checksum", &wrong, "X.npy: found Invalid checksum, wanted an entry that is whole");
    }
}

#[test]
fn promises_that_the_file_cannot_hold_are_refused() {
    // Sizes are those of the packed bytes, and then of those that they make.
    let deflated = small(CompressionMethod::Deflated);
    let huge = patched(&deflated, &[(LISTED, 24, &[0xff, 0xff, 0xff, 0x7f])]);
    let line = read("huge", &huge).unwrap_err().to_string();
    let want = " bytes that promise 2147483647, wanted no more than the file can hold";
    assert!(line.contains(": X.npy: found ") && line.ends_with(want), "{line}");
    let both = [0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f];
    let stored = patched(&small(CompressionMethod::Stored), &[(LISTED, 20, &both)]);
    let want = "2147483647 bytes that promise 2147483647, wanted no more than the file can hold";
    refuses("packed", &stored, &format!("X.npy: found {want}"));
}

#[test]
fn an_entry_that_ends_early_is_refused() {
    let x = npy("<f4", false, "(3, 2)", &f32s(&SIX));
    let y = npy("|u1", false, "(3,)", &[7, 8, 9]);
    let whole = archive(CompressionMethod::Deflated, &[("X.npy", &x), ("y.npy", &y)]);
    // One byte more is promised than the deflated bytes make, and one less.
    for (name, size) in [("more", x.len() + 1), ("less", x.len() - 1)] {
        let size = u32::try_from(size).unwrap().to_le_bytes();
        let line = read(name, &patched(&whole, &[(LISTED, 24, &size)])).unwrap_err().to_string();
        assert!(line.contains(": X.npy, numbers: found "), "{line}");
    }
}
