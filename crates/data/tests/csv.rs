//! What `csv::read` takes, and the one line it answers to what it does not take.

use std::fs;
use std::path::{Path, PathBuf};

use ravine_data::{Table, csv};
use ravine_simd::Par;

const THREADS: [usize; 5] = [1, 2, 3, 5, 8];

/// A file of this test, under the folder that cargo keeps for tests.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("csv_{name}.csv"));
    fs::write(&path, content).expect("cargo's folder for tests can be written");
    path
}

/// The table of a file, which is the same for every number of threads.
fn read(name: &str, content: &[u8]) -> Table {
    let path = file(name, content);
    let [one, others @ ..] = THREADS.map(|n| {
        csv::read(Par::threads(n), &path, None)
            .unwrap_or_else(|error| panic!("{n} threads: {error}"))
    });
    for (other, n) in others.iter().zip(&THREADS[1..]) {
        assert_eq!(bits(other), bits(&one), "{name}, {n} threads");
    }
    one
}

fn bits(table: &Table) -> (usize, Vec<u32>) {
    let numbers = table.x.as_slice().iter().chain(&table.y);
    (table.x.rows(), numbers.map(|x| x.to_bits()).collect())
}

/// Asserts that the file is refused with exactly this line behind its name.
fn refuses(name: &str, content: &[u8], target: Option<&str>, want: &str) {
    let path = file(name, content);
    for n in THREADS {
        let error = csv::read(Par::threads(n), &path, target).expect_err(name);
        let want = format!("{}: {want}", path.display());
        assert_eq!(error.to_string(), want, "{name}, {n} threads");
    }
}

#[test]
fn the_last_column_is_the_target() {
    let table = read("last", b"a,b,y\n1,2,3\n-4.5,5e-3,+6\n");
    assert_eq!((table.x.rows(), table.x.cols()), (2, 2));
    assert_eq!(table.x.as_slice(), [1.0, 2.0, -4.5, 5e-3]);
    assert_eq!(table.y, [3.0, 6.0]);
    assert_eq!((&table.names[..], &*table.target), (&["a".into(), "b".into()][..], "y"));
}

#[test]
fn any_column_can_be_the_target() {
    let path = file("named", b"a,b,y\n1,2,3\n4,5,6\n");
    let table = csv::read(Par::Seq, &path, Some("b")).unwrap();
    assert_eq!((table.x.as_slice(), &table.y[..]), (&[1.0, 3.0, 4.0, 6.0][..], &[2.0, 5.0][..]));
    assert_eq!((&table.names[..], &*table.target), (&["a".into(), "y".into()][..], "b"));
}

#[test]
fn marks_quotes_spaces_blank_lines_and_line_ends_are_no_obstacle() {
    let table = read("lenient", "\u{feff}\"a, b\", y\r\n\r\n 1 ,\"2\"\r\n3,4".as_bytes());
    assert_eq!((&*table.names[0], &*table.target), ("a, b", "y"));
    assert_eq!((table.x.as_slice(), &table.y[..]), (&[1.0, 3.0][..], &[2.0, 4.0][..]));
}

#[test]
fn values_are_the_nearest_f32() {
    let table = read("nearest", b"a,y\n0.1,3.4028235e38\n1e-45,16777217\n");
    assert_eq!(
        table.x.as_slice().iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
        [0x3dcc_cccd, 1]
    );
    assert_eq!(table.y.iter().map(|y| y.to_bits()).collect::<Vec<_>>(), [0x7f7f_ffff, 0x4b80_0000]);
}

#[test]
fn rows_are_the_same_wherever_blocks_of_the_file_end() {
    let n = 20_000;
    let value = |i: u32| f32::from_bits(0x3f00_0000 + i * 7919);
    let rows: String =
        (0..n).map(|i| format!("{},{:e} ,{}\n", value(i), value(i + n), -value(i))).collect();
    assert!(rows.len() > 1 << 19, "{} bytes", rows.len());
    // Rows of every kind, and enough of them for several blocks of a mebibyte.
    let feeds = format!("a,b,y\n{rows}{rows}{rows}");
    let quoted = feeds.replace(",-", ",\"-").replace('\n', "\"\n").replacen("y\"", "y", 1);
    let returns = feeds.replace('\n', "\r\n");
    let blank = feeds.replace('\n', "\n\n\r\n");
    let open = feeds.trim_end().to_owned();
    for (name, text) in [
        ("feeds", feeds),
        ("quoted", quoted),
        ("returns", returns),
        ("blank_lines", blank),
        ("open", open),
    ] {
        let table = read(name, text.as_bytes());
        assert_eq!(table.x.rows(), 3 * n as usize, "{name}");
        for (row, i) in (0..n).cycle().take(3 * n as usize).enumerate() {
            let found = [table.x.row(row), &table.y[row..=row]].concat();
            assert_eq!(found, [value(i), value(i + n), -value(i)], "{name}, row {row}");
        }
    }
}

#[test]
fn the_first_fault_of_a_file_is_named_whichever_thread_finds_one() {
    // Three mebibytes, which eight threads share at once and two in two blocks.
    let mut rows = vec![*b"1.25,-1e-2,0.5\n"; (3 << 20) / 15];
    let fault = *b"1.2.5,-1e-2,.5\n";
    for first in [0, 1, 70_000, 150_000, rows.len() - 1] {
        rows[first..].fill(fault);
        let content = [b"a,b,y\n".as_slice(), rows.as_flattened()].concat();
        let want = format!(
            "line {}, column 1 (a): found \"1.2.5\", wanted a number that is finite in f32",
            first + 2
        );
        refuses("first_fault", &content, None, &want);
        rows.fill(*b"1.25,-1e-2,0.5\n");
    }
}

#[test]
fn a_block_may_end_at_any_byte_of_a_row() {
    let row = *b"1.25,-1e-2,0.5\n";
    let rows = vec![row; (1 << 20) / row.len() + 2];
    for spaces in 0..row.len() {
        let header = format!("a,b,y{}\n", " ".repeat(spaces));
        let path = file("any_byte", &[header.as_bytes(), rows.as_flattened()].concat());
        let table = csv::read(Par::Seq, &path, None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(table.y, vec![0.5; rows.len()], "{spaces} spaces");
    }
}

#[test]
fn what_quotes_hide_is_no_row_wherever_threads_begin() {
    // Lines that look like rows, in a quoted field as long as many parts of threads.
    let hidden = "1,2\n".repeat(1 << 20);
    let rows = "3,4\n".repeat(1 << 19);
    for before in [0, 1, 5_000, 1 << 19] {
        let rows = &rows[..4 * before];
        let content = format!("a,y\n{rows}5,\"{hidden}\"\n");
        let want = format!(
            "line {}, column 2 (y): found \"{}…\", wanted a number that is finite in f32",
            before + 2,
            "1,2\\n".repeat(10)
        );
        refuses("hidden", content.as_bytes(), None, &want);
    }
}

#[test]
fn a_row_may_be_longer_than_a_block_but_not_endless() {
    let cols = 400_000;
    let line = |field: &dyn Fn(usize) -> String| (0..cols).map(field).collect::<Vec<_>>().join(",");
    let (names, values) = (line(&|i| format!("c{i}")), line(&|i| i.to_string()));
    let quoted = values.replacen("0,1", "\"0\",1", 1);
    let table = read("wide", format!("{names}\n{values}\n{quoted}\n").as_bytes());
    let want: Vec<f32> = (0..cols).map(|i| i as f32).collect();
    for row in 0..2 {
        assert!([table.x.row(row), &table.y[row..=row]].concat() == want, "row {row}");
    }
    let (a, quote) = (vec![b'a'; 40 << 20], vec![b'"'; 1]);
    let endless = "found a row of over 16777216 bytes, wanted at most 16777216";
    refuses("endless_name", &a, None, &format!("line 1, column 1: {endless}"));
    let header = b"a,y\n1,2\n".as_slice();
    refuses("endless_row", &[header, &a].concat(), None, &format!("line 3, column 1: {endless}"));
    let open = [header, &quote, b"\n1,2\n", &a].concat();
    refuses("endless_quote", &open, None, &format!("line 3, column 1: {endless}"));
    let commas = [header, &vec![b','; 20 << 20]].concat();
    refuses("endless_commas", &commas, None, &format!("line 3, column 1: {endless}"));
}

#[test]
fn lines_without_numbers_ask_for_no_memory() {
    // Sixteen million rows of 100 000 columns would be 6.7 TB.
    let names = (0..100_000).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let text = [names.as_bytes(), &vec![b'\n'; 1 << 24]].concat();
    let want = "line 2, column 1: found the end of the file, wanted a row of numbers";
    refuses("feeds_only", &text, None, want);
}

#[test]
#[cfg(unix)]
fn what_is_no_regular_file_is_refused() {
    let line = csv::read(Par::Seq, Path::new("/dev/null"), None).expect_err("a device").to_string();
    assert_eq!(line, "/dev/null: found a pipe or a device, wanted a readable CSV file");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for path in [&folder.join("no_such.csv"), folder] {
        let line = csv::read(Par::Seq, path, None).expect_err("unreadable").to_string();
        assert!(line.starts_with(&format!("{}: found ", path.display())), "{line}");
        assert!(line.ends_with(", wanted a readable CSV file") && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_file_without_names_or_numbers_is_refused() {
    let header = "found the end of the file, wanted a row of column names";
    refuses("empty", b"", None, &format!("line 1, column 1: {header}"));
    refuses("blank", b"\n\n", None, &format!("line 1, column 1: {header}"));
    let numbers = "line 2, column 1: found the end of the file, wanted a row of numbers";
    refuses("header", b"a,y", None, numbers);
    refuses("header_line", b"a,y\n", None, numbers);
    let two = "line 1, column 1: found one column, wanted a feature and a target";
    refuses("narrow", b"y\n1\n", None, two);
}

#[test]
fn a_header_must_be_distinct_utf8() {
    let twice = "line 1, column 3: found \"a\", wanted a name that column 1 does not have";
    refuses("twice", b"a,b,a\n1,2,3\n", None, twice);
    let latin = "line 1, column 2: found \"\u{fffd}t\u{fffd}\", wanted a column name in UTF-8";
    refuses("latin", b"a,\xe9t\xe9\n1,2\n", None, latin);
}

#[test]
fn a_target_that_is_no_column_is_refused() {
    let want =
        "line 1, column 2: found none of that name among 2 columns, wanted a column named \"z\"";
    refuses("target", b"a,y\n1,2\n", Some("z"), want);
}

#[test]
fn a_row_of_another_length_is_refused() {
    let short = "line 3, column 2: found 1 fields in the row, wanted 2 as in the first row";
    refuses("short", b"a,y\n1,2\n3\n", None, short);
    let long = "line 2, column 3: found 3 fields in the row, wanted 2 as in the first row";
    refuses("long", b"a,y\n1,2,3\n", None, long);
}

#[test]
fn what_is_no_finite_number_is_refused_with_its_place() {
    let fields: [(&str, &[u8], &str); 15] = [
        ("word", b"red", "red"),
        ("gap", b"", ""),
        ("space", b"  ", ""),
        ("nan", b"NaN", "NaN"),
        ("inf", b"-inf", "-inf"),
        ("large", b"3.5e38", "3.5e38"),
        ("larger", b"1e99999", "1e99999"),
        ("infinity", b"infinity", "infinity"),
        ("underscore", b"1_000", "1_000"),
        ("hex", b"0x10", "0x10"),
        ("nul", b"1\0", "1\\0"),
        ("point", b"-.", "-."),
        ("comma", b"\"1,5\"", "1,5"),
        ("bytes", b"1\xff", "1\u{fffd}"),
        ("lines", b"\"1\n2\"", "1\\n2"),
    ];
    for (name, field, shown) in fields {
        let content = [b"a,b,y\n1,2,3\n\n4,", field, b",5\n"].concat();
        let want = format!(
            "line 4, column 2 (b): found \"{shown}\", wanted a number that is finite in f32"
        );
        refuses(name, &content, None, &want);
    }
    let long = [b"a,y\n".as_slice(), &[b'x'; 100], b",1\n"].concat();
    let want = format!(
        "line 2, column 1 (a): found \"{}…\", wanted a number that is finite in f32",
        "x".repeat(40)
    );
    refuses("endless", &long, None, &want);
}

#[test]
fn line_ends_in_quotes_count_as_lines() {
    let want = "line 5, column 2 (y): found \"x\", wanted a number that is finite in f32";
    refuses("quoted_ends", b"\"a\nb\",y\n\"1\n\",2\n3,x\n", None, want);
}
