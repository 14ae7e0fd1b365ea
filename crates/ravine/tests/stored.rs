//! Rows that stay in their file.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use ravine::data::{ArrayFile, Matrix, Standardizer, Table, split};
use ravine::models::{Linear, Loss};
use ravine::simd::Par;
use ravine::{Batch, Examples, Labels, Options, Picked, Rows, Run, Stored, TrainError};

/// Columns of the files.
const COLS: usize = 16;

fn value(i: usize) -> f32 {
    f32::from(u16::try_from(i * 7919 % 10_007).expect("a small remainder")) / 10_007.0
}

/// A `.npy` file of as many rows.
fn file(name: &str, rows: usize) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut file = BufWriter::new(File::create(&path).expect("a writable folder"));
    let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {COLS}), }}");
    file.write_all(b"\x93NUMPY\x01\x00\x76\x00").expect("room");
    writeln!(file, "{text:<117}").expect("room");
    for i in 0..rows * COLS {
        file.write_all(&value(i).to_le_bytes()).expect("room");
    }
    file.into_inner().expect("room");
    path
}

fn targets(rows: usize) -> Vec<f32> {
    (0..rows).map(|row| value(row * COLS) - value(row * COLS + 3)).collect()
}

fn stored(path: &Path, rows: usize) -> Stored {
    Stored::new(ArrayFile::open(path).expect("just written"), Labels::numbers(targets(rows)))
}

fn table(rows: usize) -> Table {
    let x = Matrix::from_vec((0..rows * COLS).map(value).collect(), rows, COLS);
    Table { x, y: targets(rows), ..Table::default() }
}

#[test]
fn picked_rows_are_read_wherever_they_lie() {
    const ROWS: usize = 3000;
    let rows = stored(&file("picked.npy", ROWS), ROWS);
    let near = Examples::regression(table(ROWS));
    for picked in [&[][..], &[7], &[0, 1, 2], &[5, 3, 4, 4], &[2999, 0, 1500, 20, 2, 37, 19]] {
        let [mut found, mut wanted] = [f32::NAN, f32::NAN].map(|x| vec![x; picked.len() * COLS]);
        rows.read(Par::Seq, Picked::Rows(picked), &mut found).expect("rows of the file");
        near.read(Par::Seq, Picked::Rows(picked), &mut wanted).expect("rows in memory");
        assert_eq!(found, wanted, "{picked:?}");
    }
}

#[test]
fn held_out_rows_statistics_and_curvature_are_those_of_a_table() {
    const ROWS: usize = 9000;
    let path = file("split.npy", ROWS);
    let (train, test) = split(table(ROWS), 0.3, 7).expect("rows on both sides");
    let (mut found, found_test) = stored(&path, ROWS).split(0.3, 7).expect("rows on both sides");
    let wanted = Standardizer::fit(&train.x);
    assert_eq!(found.fit().expect("rows of the file"), wanted);
    let hessian = ravine::data::hessian(Par::Seq, &train.x, true);
    let of_file = found.hessian(Par::threads(3), true).expect("rows of the file");
    assert!((0..=COLS).all(|i| of_file.row(i) == hessian.row(i)));
    found.standardize(wanted.clone());
    let mut train = train;
    wanted.apply(&mut train.x);
    for (found, wanted) in [(found, train), (found_test, test)] {
        let mut x = vec![f32::NAN; wanted.x.as_slice().len()];
        found.read(Par::Seq, Picked::Range(0..wanted.y.len()), &mut x).expect("rows of the file");
        assert_eq!(x, wanted.x.as_slice());
        let Labels::Values(y) = found.labels() else { panic!("labels are numbers") };
        assert_eq!(y.as_slice(), wanted.y);
    }
}

#[test]
fn a_file_that_is_cut_while_a_run_reads_it_ends_the_run() {
    // More than is read ahead.
    const ROWS: usize = 700_000;
    let path = file("cut.npy", ROWS);
    let rows = stored(&path, ROWS);
    let batch = Batch::Rows(NonZeroUsize::new(5000).expect("not zero"));
    let options = Options { batch, shuffle: false, epochs: 2, ..Options::default() };
    let run = Run::new(Linear::new(COLS, 1, true), Loss::MeanSquared, options);
    let cut = || OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(1000));
    let trained = run.expect("valid").train(&rows, |_| cut().expect("a writable file"));
    let error = trained.expect_err("rows are gone");
    assert!(matches!(error, TrainError::Read(_)), "{error}");
    assert!(error.to_string().contains("cut.npy"), "{error}");
}
