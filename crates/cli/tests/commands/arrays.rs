//! The numbers of one table as files of every format.

use std::path::{Path, PathBuf};

use crate::program::file;

/// Rows of the training table.
pub(crate) const ROWS: usize = 5000;
/// Rows of the table of held-out rows.
pub(crate) const HELD_OUT: usize = 300;
/// Columns of features.
pub(crate) const COLS: usize = 3;

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Whole numbers, so that IDX holds them.
    Regression,
    /// 0 and 1.
    Binary,
    /// 0, 1 and 2.
    Multiclass,
}

impl Task {
    pub(crate) fn flags(self) -> &'static str {
        match self {
            Self::Regression => "--task regression",
            Self::Binary => "--task binary",
            Self::Multiclass => "--task multiclass",
        }
    }

    fn label(self, features: &[u8]) -> u8 {
        let sum: u32 = features.iter().map(|&x| u32::from(x)).sum();
        let label = match self {
            Self::Regression => sum / 4,
            Self::Binary => u32::from(sum > 380),
            Self::Multiclass => sum * 3 / 766,
        };
        u8::try_from(label).expect("three bytes add up to less than 766")
    }
}

/// Features, small whole numbers that every format holds exactly, from a fixed draw.
fn features(rows: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut draw = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..rows * COLS).map(|_| draw()).collect()
}

/// A table as files of every format; `name` keeps those of one test apart from the others.
pub(crate) struct Files {
    pub(crate) csv: PathBuf,
    /// `<f4` in C order.
    pub(crate) npy: PathBuf,
    /// `<f8` in Fortran order.
    pub(crate) fortran: PathBuf,
    pub(crate) labels: PathBuf,
    pub(crate) idx: PathBuf,
    pub(crate) idx_labels: PathBuf,
}

impl Files {
    pub(crate) fn new(name: &str, rows: usize, seed: u64, task: Task) -> Self {
        let x = features(rows, seed);
        let y: Vec<u8> = x.chunks_exact(COLS).map(|row| task.label(row)).collect();
        let line = |(row, y): (&[u8], &u8)| format!("{},{},{},{y}\n", row[0], row[1], row[2]);
        let lines: String = x.chunks_exact(COLS).zip(&y).map(line).collect();
        let by_column = (0..COLS).flat_map(|col| x.iter().skip(col).step_by(COLS));
        let shape = format!("({rows}, {COLS})");
        let floats = |values: &[u8]| -> Vec<u8> {
            values.iter().flat_map(|&value| f32::from(value).to_le_bytes()).collect()
        };
        let dimensions: [u32; 2] = [rows, COLS].map(|n| u32::try_from(n).expect("few"));
        let labels = npy("<f4", false, &format!("({rows},)"), &floats(&y));
        Self {
            csv: file(&format!("{name}.csv"), format!("a,b,c,label\n{lines}")),
            npy: file(&format!("{name}.npy"), npy("<f4", false, &shape, &floats(&x))),
            fortran: file(
                &format!("{name}_fortran.npy"),
                npy(
                    "<f8",
                    true,
                    &shape,
                    &by_column.flat_map(|&x| f64::from(x).to_le_bytes()).collect::<Vec<_>>(),
                ),
            ),
            labels: file(&format!("{name}_label.npy"), labels),
            idx: file(&format!("{name}-idx2-ubyte"), idx(&dimensions, &x)),
            idx_labels: file(&format!("{name}-labels-idx1-ubyte"), idx(&dimensions[..1], &y)),
        }
    }

    /// The flags of the table in each format; `test` puts `test-` before them.
    pub(crate) fn flags(&self, data: &str, labels: &str) -> Vec<String> {
        let two =
            |x: &Path, y: &Path| format!("--{data} {} --{labels} {}", x.display(), y.display());
        vec![
            format!("--{data} {}", self.csv.display()),
            two(&self.npy, &self.labels),
            two(&self.fortran, &self.idx_labels),
            two(&self.idx, &self.idx_labels),
        ]
    }
}

/// A `.npy` file of version 1.
pub(crate) fn npy(kind: &str, fortran: bool, shape: &str, body: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}");
    // The numbers start at a multiple of 64 bytes.
    while !(text.len() + 11).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    let length = u16::try_from(text.len()).expect("a short header").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), body].concat()
}

/// An IDX file of bytes.
pub(crate) fn idx(lengths: &[u32], body: &[u8]) -> Vec<u8> {
    let n = u8::try_from(lengths.len()).expect("few dimensions");
    let lengths: Vec<u8> = lengths.iter().flat_map(|n| n.to_be_bytes()).collect();
    [&[0, 0, 8, n][..], &lengths, body].concat()
}
