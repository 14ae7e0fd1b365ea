//! What readers of arrays take, and the one line they answer to what they do not take.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "forge/idx.rs"]
mod idx;
#[path = "forge/npy.rs"]
mod npy;

use idx::idx;
use npy::{f32s, npy};
use ravine_data::{ArrayFile, Matrix, ReadError, Source, Table};
use ravine_simd::Par;

const THREADS: [usize; 5] = [1, 2, 3, 5, 8];

/// A file of this test, under the folder that cargo keeps for tests.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("arrays_{name}"));
    fs::write(&path, content).expect("cargo's folder for tests can be written");
    path
}

fn source(data: &Path, labels: Option<&Path>) -> Result<Table, ReadError> {
    let labels = labels.map(Path::to_path_buf);
    Source { data: data.into(), target: None, labels }.read(Par::Seq)
}

/// All rows of an array, which are the same for every number of threads, as is what is refused.
fn read(name: &str, content: &[u8]) -> Result<Vec<f32>, ReadError> {
    let array = ArrayFile::open(&file(name, content))?;
    let [one, others @ ..] = THREADS.map(|n| array.read_all(Par::threads(n)));
    for (other, n) in others.into_iter().zip(&THREADS[1..]) {
        let bits = |x: &Matrix| x.as_slice().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let one = one.as_ref().map(bits).map_err(ToString::to_string);
        assert!(
            other.as_ref().map(bits).map_err(ToString::to_string) == one,
            "{name}, {n} threads"
        );
    }
    let one = one?;
    assert_eq!((one.rows(), one.cols()), (array.rows(), array.cols()));
    Ok(one.as_slice().to_vec())
}

/// Asserts that the array is refused with exactly this line behind its name.
fn refuses(name: &str, content: &[u8], want: &str) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("arrays_{name}"));
    let line = read(name, content).expect_err(name).to_string();
    assert_eq!(line, format!("{}: {want}", path.display()), "{name}");
}

const SIX: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

#[test]
fn both_orders_are_read_row_by_row() {
    let rows = npy("<f4", false, "(2, 3)", &f32s(&SIX));
    assert_eq!(read("rows.npy", &rows).unwrap(), SIX);
    let columns = npy("<f4", true, "(3, 2)", &f32s(&SIX));
    assert_eq!(read("columns.npy", &columns).unwrap(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
}

#[test]
fn an_array_of_one_dimension_is_one_column() {
    let array = ArrayFile::open(&file("one.npy", &npy("<f8", false, "(2,)", &[0; 16]))).unwrap();
    assert_eq!((array.rows(), array.cols()), (2, 1));
}

#[test]
fn dimensions_of_images_are_columns() {
    let path =
        file("images-idx3-ubyte", &idx(&[2, 2, 3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]));
    let array = ArrayFile::open(&path).unwrap();
    assert_eq!((array.rows(), array.cols()), (2, 6));
    let mut row = vec![f32::NAN; 6];
    array.read(1..2, &mut row).unwrap();
    assert_eq!(row, [6.0, 7.0, 8.0, 9.0, 10.0, 255.0]);
}

#[test]
fn threads_name_the_fault_that_one_finds_first() {
    // In Fortran order that is the one in the first columns, which is not in the first rows.
    let mut numbers = vec![0.5; 30_000 * 20];
    (numbers[29_999], numbers[19 * 30_000]) = (f32::INFINITY, f32::NAN);
    let want = "row 30000, column 1: found inf, wanted a number that is finite in f32";
    refuses("first.npy", &npy("<f4", true, "(30000, 20)", &f32s(&numbers)), want);
    let want = "row 1500, column 20: found inf, wanted a number that is finite in f32";
    refuses("first.npy", &npy("<f4", false, "(30000, 20)", &f32s(&numbers)), want);
}

#[test]
fn any_rows_are_those_of_the_whole_also_from_many_threads() {
    let (rows, cols) = (700, 3);
    let numbers: Vec<f32> = (0_u16..700 * 3).map(f32::from).collect();
    let wide: Vec<u8> = numbers.iter().flat_map(|&x| f64::from(x).to_be_bytes()).collect();
    for (name, descr, fortran, bytes) in [
        ("c4", "<f4", false, f32s(&numbers)),
        ("f4", "<f4", true, f32s(&numbers)),
        ("c8", ">f8", false, wide.clone()),
        ("f8", ">f8", true, wide),
    ] {
        let path = file(&format!("{name}.npy"), &npy(descr, fortran, "(700, 3)", &bytes));
        let array = ArrayFile::open(&path).unwrap();
        let whole = array.read_all(Par::Seq).unwrap();
        let want =
            |row: usize, col| numbers[if fortran { col * rows + row } else { row * cols + col }];
        std::thread::scope(|scope| {
            for (start, end) in [(0, 700), (0, 0), (699, 700), (13, 14), (100, 400), (350, 699)] {
                let (array, whole) = (&array, &whole);
                scope.spawn(move || {
                    let mut out = vec![f32::NAN; (end - start) * cols];
                    array.read(start..end, &mut out).unwrap();
                    assert_eq!(out, whole.rows_of(start..end), "{name}, {start}..{end}");
                });
            }
        });
        for row in 0..rows {
            assert_eq!(
                *whole.row(row),
                [want(row, 0), want(row, 1), want(row, 2)],
                "{name}, {row}"
            );
        }
    }
}

#[test]
fn arrays_of_several_blocks_are_read_whole_and_faults_in_them_found() {
    // A block is 1 MiB, and each of these arrays has several, the last of them short.
    let (rows, cols) = (200_000, 3);
    let at =
        |row: usize, col: usize, fortran| if fortran { col * rows + row } else { row * cols + col };
    for (descr, fortran) in [("<f4", false), ("<f4", true), ("<f8", false), ("<f8", true)] {
        let name = format!("blocks{}{fortran}.npy", &descr[1..]);
        let mut numbers: Vec<f32> = (0..600_000_u32).map(|i| (i % 65_521) as f32).collect();
        let bytes = |numbers: &[f32]| match descr {
            "<f4" => f32s(numbers),
            _ => numbers.iter().flat_map(|&x| f64::from(x).to_le_bytes()).collect(),
        };
        let shape = "(200000, 3)";
        let found = read(&name, &npy(descr, fortran, shape, &bytes(&numbers))).unwrap();
        for row in 0..rows {
            for col in 0..cols {
                let (found, want) = (found[row * cols + col], numbers[at(row, col, fortran)]);
                assert_eq!(found.to_bits(), want.to_bits(), "{name}, {row}, {col}");
            }
        }
        numbers[at(190_000, 1, fortran)] = f32::NEG_INFINITY;
        numbers[at(190_000, 2, fortran)] = f32::NAN;
        numbers[at(199_000, 0, fortran)] = f32::NAN;
        let want = "row 190001, column 2: found -inf, wanted a number that is finite in f32";
        refuses(&name, &npy(descr, fortran, shape, &bytes(&numbers)), want);
    }
}

#[test]
fn a_number_that_is_not_finite_in_f32_is_named_with_its_place() {
    let want = "row 2, column 3: found NaN, wanted a number that is finite in f32";
    let rows = [1.0, 2.0, 3.0, 4.0, 5.0, f32::NAN];
    refuses("nan.npy", &npy("<f4", false, "(2, 3)", &f32s(&rows)), want);
    let large: Vec<u8> = [1.0, 1e300, 2.0, 3.0_f64].iter().flat_map(|x| x.to_be_bytes()).collect();
    let want = |place, x: f64| format!("{place}: found {x}, wanted a number that is finite in f32");
    let rows = npy(">f8", false, "(2, 2)", &large);
    refuses("large.npy", &rows, &want("row 1, column 2", 1e300));
    let columns = npy(">f8", true, "(2, 2)", &large);
    refuses("large.npy", &columns, &want("row 2, column 1", 1e300));
}

#[test]
fn a_file_that_is_not_as_long_as_promised_is_refused() {
    let whole = npy("<f4", false, "(2, 3)", &f32s(&SIX));
    let cut = "numbers: found 23 bytes, wanted 24, (2, 3) of <f4";
    refuses("cut.npy", &whole[..whole.len() - 1], cut);
    let long = "numbers: found 25 bytes, wanted 24, (2, 3) of <f4";
    refuses("long.npy", &[&whole[..], &[0]].concat(), long);
    let promise = npy("<f4", false, "(1000000000000, 1000)", &f32s(&SIX));
    let want = "numbers: found 24 bytes, wanted 4000000000000000, (1000000000000, 1000) of <f4";
    refuses("promise.npy", &promise, want);
    let beyond = npy("<f4", false, "(4611686018427387904, 4)", &[]);
    let want =
        "header: found (4611686018427387904, 4) of <f4, wanted fewer numbers than 2⁶⁴ bytes hold";
    refuses("beyond.npy", &beyond, want);
    let images = idx(&[2, 2], &[0; 3]);
    refuses("cut-ubyte", &images, "numbers: found 3 bytes, wanted 4, (2, 2) of |u1");
    let beyond = idx(&[u32::MAX; 9], &[]);
    let line = read("beyond-ubyte", &beyond).unwrap_err().to_string();
    assert!(line.contains("header: found (4294967295, 4294967295, "), "{line}");
}

#[test]
fn headers_are_refused_with_what_is_wrong() {
    let whole = npy("<f4", false, "(2, 3)", &f32s(&SIX));
    let begin = "the six bytes \\x93NUMPY of a .npy file, and two of its version";
    for (name, content, found, wanted) in [
        ("empty", &b""[..], "the end after 0 bytes", begin),
        ("magic", b"PK\x03\x04numpy", "\"PK\\x03\\x04nu\"", begin),
        ("version", b"\x93NUMPY\x04\x00\x02\x00{}", "version 4.0", "version 1.0, 2.0 or 3.0"),
        ("minor", b"\x93NUMPY\x01\x01\x02\x00{}", "version 1.1", "version 1.0, 2.0 or 3.0"),
        ("length", b"\x93NUMPY\x01\x00\x02", "the end after 1 bytes", "the length of its text"),
        ("text", &whole[..60], "the end after 50 bytes", "118 bytes of text"),
        ("huge", b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "4294967295 bytes of text", "at most 10000"),
    ] {
        refuses(
            &format!("{name}.npy"),
            content,
            &format!("header: found {found}, wanted {wanted}"),
        );
    }
    for (name, content, found, wanted) in [
        (
            "start",
            &[8, 0, 8, 1][..],
            "\"\\x08\\x00\\x08\\x01\"",
            "two zeros, a type and the number of dimensions, as an IDX file begins",
        ),
        ("type", &[0, 0, 10, 1], "the type 0x0a", "one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e"),
        ("none", &[0, 0, 8, 0], "0 dimensions, () of |u1", "at least 1"),
        ("short", &[0, 0, 8, 3, 0, 0], "the end after 2 bytes", "3 lengths of 4 bytes"),
        ("zero", &idx(&[0], &[]), "no numbers, (0,) of |u1", "at least one row and one column"),
    ] {
        let want = format!("header: found {found}, wanted {wanted}");
        refuses(&format!("{name}-ubyte"), content, &want);
    }
}

#[test]
fn shapes_that_are_no_rows_and_columns_are_refused() {
    let some = "at least one row and one column";
    let two = "1 or 2: rows, and columns";
    for (name, shape, found, wanted) in [
        ("point", "()", "0 dimensions, () of <f4", two),
        ("cube", "(1, 2, 3)", "3 dimensions, (1, 2, 3) of <f4", two),
        ("rows", "(0, 3)", "no numbers, (0, 3) of <f4", some),
        ("cols", "(3, 0)", "no numbers, (3, 0) of <f4", some),
        ("none", "(0,)", "no numbers, (0,) of <f4", some),
    ] {
        let want = format!("header: found {found}, wanted {wanted}");
        refuses(&format!("{name}_shape.npy"), &npy("<f4", false, shape, &f32s(&SIX)), &want);
    }
}

#[test]
fn types_that_are_no_numbers_are_refused_by_name() {
    for descr in ["|O", "<c8", "<U5", "|S3", "<M8[s]", "<m8[ns]", "|V4", "<f16", "f4", ""] {
        let want = format!(
            "header: found the type \"{descr}\", \
             wanted an integer or a float of at most 8 bytes, or a boolean, as <f4"
        );
        refuses("type.npy", &npy(descr, false, "(1,)", &[0; 16]), &want);
    }
    let content = npy("[]", false, "(1,)", &[]);
    let text = String::from_utf8_lossy(&content).replace("'[]'", "[('a', '<f4'), ('b', '<i4')]");
    // The byte that is no UTF-8 became three.
    let content = [b"\x93", &text.as_bytes()[3..]].concat();
    let line = read("fields.npy", &content).unwrap_err().to_string();
    assert!(line.contains("header: found {'descr': [('a', '<f4'), ('b', '<i4')], "), "{line}");
    assert!(line.ends_with(", wanted numbers of one type, as <f4"), "{line}");
}

#[test]
fn texts_that_are_no_header_are_refused_however_they_nest() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(4999), close.repeat(4999));
    for text in [
        "",
        "{}",
        "None",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': 1, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
        &deep("(", ")"),
        &deep("[", "]"),
        &deep("{", "}"),
        &"(".repeat(9999),
        &"-".repeat(9999),
        &"1+".repeat(4999),
    ] {
        let length = u32::try_from(text.len()).unwrap().to_le_bytes();
        let content = [b"\x93NUMPY\x03\x00", &length[..], text.as_bytes()].concat();
        let line = read("text.npy", &content).unwrap_err().to_string();
        assert!(line.contains(": header: found ") && line.len() < 600, "{line}");
    }
}

#[test]
fn versions_2_and_3_are_read() {
    for version in [2, 3] {
        let text = "{'shape': (1, 2), 'fortran_order': False, 'descr': '|u1'}";
        let length = u32::try_from(text.len()).unwrap().to_le_bytes();
        let start = [b"\x93NUMPY", &[version, 0][..], &length].concat();
        let content = [&start, text.as_bytes(), &[7, 8]].concat();
        assert_eq!(read("version.npy", &content).unwrap(), [7.0, 8.0]);
    }
}

#[test]
fn labels_are_of_any_type_and_either_format() {
    let x = file("x.npy", &npy("<f4", false, "(3, 2)", &f32s(&SIX)));
    for (name, content) in [
        ("flat.npy", npy("|u1", false, "(3,)", &[7, 8, 9])),
        ("column.npy", npy("|u1", false, "(3, 1)", &[7, 8, 9])),
        ("y-idx1-ubyte", idx(&[3], &[7, 8, 9])),
    ] {
        let table = source(&x, Some(&file(name, &content))).unwrap();
        assert_eq!((table.x.as_slice(), &table.y[..]), (&SIX[..], &[7.0, 8.0, 9.0][..]), "{name}");
        assert_eq!((table.names.len(), table.target), (0, format!("arrays_{name}")));
    }
}

#[test]
fn labels_that_do_not_fit_the_rows_are_refused() {
    let x = file("x2.npy", &npy("<f4", false, "(3, 2)", &f32s(&SIX)));
    let two = file("two.npy", &npy("|u1", false, "(2,)", &[7, 8]));
    let line = source(&x, Some(&two)).unwrap_err().to_string();
    let want = format!("labels: found 2 × 1 numbers, wanted 3 × 1 for the rows of {}", x.display());
    assert_eq!(line, format!("{}: {want}", two.display()));
    let wide = file("wide.npy", &npy("|u1", false, "(3, 2)", &[0; 6]));
    let line = source(&x, Some(&wide)).unwrap_err().to_string();
    let want = format!("labels: found 3 × 2 numbers, wanted 3 × 1 for the rows of {}", x.display());
    assert_eq!(line, format!("{}: {want}", wide.display()));
    let line = source(&x, Some("y.csv".as_ref())).unwrap_err().to_string();
    let want = "suffix: found .csv, wanted .npy, or a name that ends in -ubyte (IDX)";
    assert_eq!(line, format!("y.csv: {want}"));
}

#[test]
fn a_source_says_what_it_lacks_and_what_it_has_too_much_of() {
    let of = |data: &str, target: Option<&str>, labels: Option<&str>| {
        let (target, labels) = (target.map(String::from), labels.map(PathBuf::from));
        Source { data: data.into(), target, labels }.read(Par::Seq).expect_err(data).to_string()
    };
    let lacking = "labels: found none, wanted a file of them (--labels)";
    assert_eq!(of("x.npy", None, None), format!("x.npy: {lacking}"));
    assert_eq!(of("x-ubyte", None, None), format!("x-ubyte: {lacking}"));
    let own = "labels: found y.npy, wanted none, because the file holds its own targets";
    assert_eq!(of("x.csv", None, Some("y.npy")), format!("x.csv: {own}"));
    assert_eq!(of("x.npz", None, Some("y.npy")), format!("x.npz: {own}"));
    let named = "target: found \"age\", wanted none, because only .csv files name their columns";
    for data in ["x.npy", "x.npz", "x-ubyte"] {
        assert_eq!(of(data, Some("age"), Some("y.npy")), format!("{data}: {named}"));
    }
    let known = ".csv, .npy, .npz, or a name that ends in -ubyte (IDX)";
    for (data, suffix) in [("x.gz", ".gz"), ("x", "none"), ("x.CSV", ".CSV"), ("x-ubyte.gz", ".gz")]
    {
        let want = format!("{data}: suffix: found {suffix}, wanted {known}");
        assert_eq!(of(data, None, None), want);
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("arrays_folder.npy");
    fs::create_dir_all(&folder).unwrap();
    let line = ArrayFile::open(&folder).unwrap_err().to_string();
    let want = "found a folder, wanted a readable .npy file";
    assert_eq!(line, format!("{}: {want}", folder.display()));
    let line = ArrayFile::open("no/such.npy".as_ref()).unwrap_err().to_string();
    assert!(line.starts_with("no/such.npy: found ") && line.ends_with(".npy file"), "{line}");
}

#[cfg(unix)]
#[test]
fn a_device_is_refused_and_not_waited_for() {
    let link = Path::new(env!("CARGO_TARGET_TMPDIR")).join("arrays_device.npy");
    fs::remove_file(&link).ok();
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    let line = ArrayFile::open(&link).unwrap_err().to_string();
    let want = "found a pipe or a device, wanted a readable .npy file";
    assert_eq!(line, format!("{}: {want}", link.display()));
}
