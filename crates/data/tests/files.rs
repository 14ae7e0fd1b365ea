//! Files that are written read back as what they were, and appear whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ravine_conformance::{Agreement, compare};
use ravine_data::{
    Generated, Matrix, Ravine, Source, Table, WholeFile, csv, duplicate_whole, npz,
    remove_leftovers, write_whole,
};
use ravine_simd::Par;

/// An empty folder of this test, under the one that cargo keeps for tests.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("files_{name}"));
    fs::remove_dir_all(&path).ok();
    fs::create_dir(&path).expect("cargo's folder for tests can be written");
    path
}

fn made() -> Generated {
    let ravine = Ravine { rows: 30, cols: 3, ..Ravine::default() };
    ravine.generate(Par::Seq).expect("a small ravine")
}

/// Holds a table that was read to what was written.
fn same(read: &Table, x: &[f32], y: &[f32]) {
    assert_eq!(compare(x, read.x.as_slice(), Agreement::Bits), Ok(()), "x");
    assert_eq!(compare(y, &read.y, Agreement::Bits), Ok(()), "y");
}

#[test]
fn a_table_reads_back_bit_for_bit() {
    let path = folder("csv").join("table.csv");
    let hard = [0.1, -0.0, 1e-45, f32::MIN_POSITIVE, f32::MAX, 16_777_215.0, 1.0 / 3.0, -2.5e-9];
    let names = vec!["a, b".to_owned(), "\"quoted\"".to_owned(), "c\nd".to_owned()];
    let table = Table {
        x: Matrix::from_vec(hard[..6].to_vec(), 2, 3),
        y: hard[6..].to_vec(),
        names,
        target: "é".into(),
    };
    csv::write(&path, &table).unwrap();
    let read = csv::read(Par::Seq, &path, None).unwrap();
    same(&read, table.x.as_slice(), &table.y);
    assert_eq!((&read.names, &read.target), (&table.names, &table.target));

    let made = made();
    csv::write(&path, &made.table()).unwrap();
    let read = csv::read(Par::Seq, &path, Some("y")).unwrap();
    same(&read, made.x.as_slice(), &made.y);
    assert_eq!(read.names, ["x0", "x1", "x2"]);
}

#[test]
fn numbers_are_written_in_their_shortest_form() {
    let path = folder("shortest").join("table.csv");
    let x = Matrix::from_vec(vec![1.0, 0.1, 1e30, -1e-20, 16_777_216.0], 1, 5);
    let names = ["a", "b", "c", "d", "e"].map(String::from).to_vec();
    csv::write(&path, &Table { x, y: vec![-0.0], names, target: "y".into() }).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "a,b,c,d,e,y\n1,0.1,1e30,-1e-20,16777216,-0\n");
}

#[test]
fn an_archive_holds_the_arrays() {
    let (path, made) = (folder("npz").join("ravine.npz"), made());
    npz::write(&path, &made).unwrap();
    let archive = fs::read(&path).unwrap();
    let arrays: Vec<_> = npz::arrays(&path).unwrap().map(Result::unwrap).collect();
    let names: Vec<&str> = arrays.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["X", "y", "w_true"]);
    for ((name, array), (shape, values)) in arrays.iter().zip([
        (&[30, 3][..], made.x.as_slice()),
        (&[30], &made.y),
        (&[3], &made.w_true),
    ]) {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!((&array.header.shape[..], &array.bytes), (shape, &bytes), "{name}");
        assert_eq!((array.header.element.to_string(), array.header.fortran), ("<f4".into(), false));
    }
    let table = Source { data: path.clone(), target: None, labels: None }.read(Par::Seq).unwrap();
    same(&table, made.x.as_slice(), &made.y);
    assert_eq!(table.target, "y");
    npz::write(&path, &made).unwrap();
    assert_eq!(fs::read(&path).unwrap(), archive, "the same data make the same file");
}

#[test]
fn a_failed_write_leaves_what_was_there_and_nothing_else() {
    let folder = folder("whole");
    let path = folder.join("file");
    write_whole(&path, |file| io::Write::write_all(file, b"before")).unwrap();
    let fails = |file: &mut WholeFile| {
        io::Write::write_all(file, &[0; 100_000])?;
        Err(io::Error::other("the content ends here"))
    };
    assert_eq!(write_whole(&path, fails).unwrap_err().to_string(), "the content ends here");
    assert!(write_whole(&folder.join("new"), fails).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"before");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    assert!(write_whole(&folder.join("no/such/file"), |_| Ok(())).is_err());
}

#[cfg(unix)]
#[test]
fn a_file_is_as_open_as_any_new_one() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder("open");
    write_whole(&folder.join("ours"), |_| Ok(())).unwrap();
    fs::write(folder.join("usual"), b"").unwrap();
    let [ours, usual] =
        ["ours", "usual"].map(|name| fs::metadata(folder.join(name)).unwrap().permissions().mode());
    assert_eq!(ours, usual, "{ours:o}, not {usual:o}");
}

#[test]
fn a_second_name_keeps_what_the_first_had() {
    let folder = folder("second");
    let [first, second] = ["first", "second"].map(|name| folder.join(name));
    assert!(duplicate_whole(&first, &second).is_err(), "there is nothing to name");
    for content in ["one", "two", "two", "three"] {
        write_whole(&first, |file| io::Write::write_all(file, content.as_bytes())).unwrap();
        duplicate_whole(&first, &second).unwrap();
        // Once more, when both are names of one file.
        duplicate_whole(&first, &second).unwrap();
        assert_eq!(fs::read_to_string(&second).unwrap(), content);
    }
    write_whole(&first, |_| Ok(())).unwrap();
    assert_eq!(fs::read_to_string(&second).unwrap(), "three");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no temporary name is left");
}

#[test]
fn leftovers_of_the_dead_go_and_files_of_the_living_stay() {
    let folder = folder("leftovers");
    let path = folder.join("run.csv");
    let others = ["run.csv", ".ravine-run.csv-abcdefg.part", ".ravine-run.csv-2-abcdef.part"];
    for name in others.into_iter().chain([".ravine-run.csv-abcdef.part"]) {
        fs::write(folder.join(name), b"").unwrap();
    }
    let mut alive = WholeFile::create(&path).unwrap();
    remove_leftovers(&path).unwrap();
    assert!(!folder.join(".ravine-run.csv-abcdef.part").exists());
    io::Write::write_all(&mut alive, b"alive").unwrap();
    alive.finish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "alive");
    let mut left: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [others[2], others[1], others[0]]);
}
