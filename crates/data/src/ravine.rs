//! Regressions whose loss is a ravine with a prescribed spectrum.

use ravine_simd::{Par, math};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::narrow::narrow;
use crate::rotation::rotation;
use crate::symmetric::Cholesky;
use crate::{
    Best, Matrix, NotPositive, Purpose, Spectrum, SpectrumError, Stream, Symmetric, Table, gram,
    hessian,
};

/// The relative error of an eigenvalue up to which data are as prescribed.
const TOLERANCE: f64 = 1e-4;
/// Rows that are worth a thread's attention.
const GRAIN: usize = 256;

/// What is regressed on the features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A number: `y = x·w + s·z`, z standard normal.
    #[default]
    Linear,
    /// A label 0 or 1: 1 with the probability `1 / (1 + exp(−(x·w + s·z)))`.
    Logistic,
}

/// A regression to generate, whose Hessian has prescribed eigenvalues.
///
/// The Hessian of the mean squared error of the linear model without bias is 2XᵀX/N. Of the data
/// as written, in `f32`, each of its eigenvalues is within a relative 1e-4 of that of the
/// [`Spectrum`] from 1/κ to 1, whose directions are random:
///
/// ```text
/// G  normal draws, rounded to f32            S = GᵀG = L·Lᵀ
/// X = G·M, rounded to f32                    M = √(N/2)·L⁻ᵀ·diag(√λ)·Vᵀ,  V orthogonal
/// w  normal draws, rounded to f32            y by the kind
/// ```
///
/// The data have the same bits on every machine and for any number of threads.
///
/// # Examples
///
/// ```
/// use ravine_data::Ravine;
/// use ravine_simd::Par;
///
/// let ravine = Ravine { rows: 200, cols: 5, condition: 100.0, ..Ravine::default() };
/// let made = ravine.generate(Par::Seq)?;
/// assert!((made.eigenvalue_min * 100.0 - 1.0).abs() < 1e-4);
/// assert!((made.best.expect("it is linear").rate - 9.0 / 11.0).abs() < 1e-4);
/// # Ok::<(), ravine_data::RavineError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ravine {
    /// What is regressed.
    pub kind: Kind,
    /// Rows N, `cols ≤ N < 2³²`.
    pub rows: usize,
    /// Features D, at least 1.
    pub cols: usize,
    /// The ratio κ of the largest eigenvalue to the least, at least 1; exactly 1 for one feature.
    pub condition: f64,
    /// How the other eigenvalues lie between them.
    pub spectrum: Spectrum,
    /// The standard deviation s of the noise, at least 0.
    pub noise: f64,
    /// The seed of all draws.
    pub seed: u64,
}

impl Default for Ravine {
    /// 4096 rows of 64 features, a linear ravine of condition 1000 with noise 0.1.
    fn default() -> Self {
        Self {
            kind: Kind::Linear,
            rows: 4096,
            cols: 64,
            condition: 1000.0,
            spectrum: Spectrum::Log,
            noise: 0.1,
            seed: 0,
        }
    }
}

impl Ravine {
    /// Makes the data. Takes about 3·N·D² operations.
    ///
    /// # Errors
    ///
    /// If a field is outside its range, or κ is too large for data in `f32` to have the spectrum
    /// (it is checked; up to 10⁶ it has not been seen).
    pub fn generate(&self, par: Par) -> Result<Generated, RavineError> {
        let (rows, cols) = (self.rows, self.cols);
        if !(0.0..f64::INFINITY).contains(&self.noise) {
            return Err(RavineError::Noise { noise: self.noise });
        }
        if rows < cols || u64::from(u32::MAX) < rows as u64 {
            return Err(RavineError::Rows { rows, cols });
        }
        let prescribed = self.spectrum.eigenvalues(cols, self.condition)?;

        let mut x = Matrix::zeroed(rows, cols);
        each_row(par, x.as_mut_slice(), cols, 0, &|i, row| {
            let mut draws = Stream::new(self.seed, Purpose::Design, i as u64);
            row.iter_mut().for_each(|x| *x = narrow(draws.normal()));
        });
        let map = self.map(&gram(par, &x, false), &prescribed)?;
        each_row(par, x.as_mut_slice(), cols, 0, &|_, row| multiply(row, &map));

        let eigenvalues = hessian(par, &x, false).eigenvalues();
        for (&found, &wanted) in eigenvalues.iter().zip(&prescribed) {
            if TOLERANCE * wanted < (found - wanted).abs() {
                return Err(RavineError::Lost { found, wanted });
            }
        }
        let mut draws = Stream::new(self.seed, Purpose::Weights, 0);
        let w_true: Vec<f32> = (0..cols).map(|_| narrow(draws.normal())).collect();
        let y = self.targets(&x, &w_true);
        Generated::of(self.kind, par, x, y, w_true, &eigenvalues)
    }

    /// The matrix M, row by row.
    fn map(&self, gram: &Symmetric, prescribed: &[f64]) -> Result<Vec<f64>, NotPositive> {
        let cols = self.cols;
        let v = rotation(cols, self.seed);
        let mut map = vec![0.0; cols * cols];
        for (i, (row, lambda)) in map.chunks_exact_mut(cols).zip(prescribed).enumerate() {
            let scale = (0.5 * self.rows as f64 * lambda).sqrt();
            row.iter_mut().enumerate().for_each(|(j, m)| *m = scale * v[j * cols + i]);
        }
        Cholesky::of(gram)?.solve_upper(&mut map, cols);
        Ok(map)
    }

    fn targets(&self, x: &Matrix, w_true: &[f32]) -> Vec<f32> {
        let mut noise = Stream::new(self.seed, Purpose::Noise, 0);
        let mut labels = Stream::new(self.seed, Purpose::Labels, 0);
        let w: Vec<f64> = w_true.iter().copied().map(f64::from).collect();
        let target = |i| {
            let value = predict(x.row(i), &w) + self.noise * noise.normal();
            match self.kind {
                Kind::Linear => narrow(value),
                Kind::Logistic => {
                    if labels.uniform() < 1.0 / (1.0 + math::exp(-value)) {
                        1.0
                    } else {
                        0.0
                    }
                }
            }
        };
        (0..x.rows()).map(target).collect()
    }
}

/// A generated regression, and what is known of it.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Features X, N × D.
    pub x: Matrix,
    /// Targets, N.
    pub y: Vec<f32>,
    /// The weights that the targets were made from, D.
    pub w_true: Vec<f32>,
    /// The least eigenvalue of 2XᵀX/N, measured on the data as written.
    pub eigenvalue_min: f64,
    /// The largest one.
    pub eigenvalue_max: f64,
    /// Their ratio.
    pub condition: f64,
    /// SHA-256 over the little-endian `f32` of X by rows, y and w, in lower-case hexadecimal.
    pub sha256: String,
    /// For a linear ravine: the weights of the least mean squared error.
    pub optimum: Option<Vec<f64>>,
    /// For a linear ravine: the least mean squared error on the data as written.
    pub noise_floor: Option<f64>,
    /// For a linear ravine: the constants that cross it fastest.
    pub best: Option<Best>,
}

impl Generated {
    fn of(
        kind: Kind,
        par: Par,
        x: Matrix,
        y: Vec<f32>,
        w_true: Vec<f32>,
        eigenvalues: &[f64],
    ) -> Result<Self, RavineError> {
        let (min, max) = (eigenvalues[0], eigenvalues[eigenvalues.len() - 1]);
        let linear = kind == Kind::Linear;
        let optimum = if linear { Some(least_squares(par, &x, &y)?) } else { None };
        Ok(Self {
            sha256: checksum([x.as_slice(), &y, &w_true]),
            noise_floor: optimum.as_ref().map(|w| mean_squared_error(&x, &y, w)),
            optimum,
            best: linear.then(|| Best::of(min, max)),
            eigenvalue_min: min,
            eigenvalue_max: max,
            condition: max / min,
            x,
            y,
            w_true,
        })
    }

    /// The data as a table of the features `x0`, `x1`, … and the target `y`.
    #[must_use]
    pub fn table(&self) -> Table {
        let names = (0..self.x.cols()).map(|col| format!("x{col}")).collect();
        Table { x: self.x.clone(), y: self.y.clone(), names, target: "y".into() }
    }
}

/// A ravine cannot be generated as asked.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum RavineError {
    /// The number of features or the condition is outside its range.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// There are fewer rows than features, or too many for the streams of draws.
    #[error("rows are {rows}, but {cols} columns ≤ rows < 2³²")]
    Rows {
        /// Rows.
        rows: usize,
        /// Features.
        cols: usize,
    },
    /// The noise is outside its range.
    #[error("noise is {noise}, but 0 ≤ noise < ∞")]
    Noise {
        /// The standard deviation of the noise.
        noise: f64,
    },
    /// The draws do not span all directions.
    #[error("the draws are degenerate: {0}; another seed is wanted")]
    Degenerate(#[from] NotPositive),
    /// The condition is too large for data in `f32`.
    #[error("an eigenvalue of data in f32 is {found:e}, but the spectrum has {wanted:e}")]
    Lost {
        /// The eigenvalue of the data.
        found: f64,
        /// The one that was prescribed.
        wanted: f64,
    },
}

/// Runs `f` on each row and its index, from `first` on.
fn each_row(
    par: Par,
    rows: &mut [f32],
    cols: usize,
    first: usize,
    f: &(impl Fn(usize, &mut [f32]) + Sync),
) {
    match par.cut(rows.len() / cols, GRAIN) {
        Some(cut) => {
            let (left, right) = rows.split_at_mut(cut.at * cols);
            par.join(
                || each_row(cut.left, left, cols, first, f),
                || each_row(cut.right, right, cols, first + cut.at, f),
            );
        }
        None => (first..).zip(rows.chunks_exact_mut(cols)).for_each(|(i, row)| f(i, row)),
    }
}

/// Replaces g by g·M, each sum in the order of g, rounded once.
fn multiply(row: &mut [f32], map: &[f64]) {
    let mut sums = vec![0.0; row.len()];
    for (&g, m) in row.iter().zip(map.chunks_exact(sums.len())) {
        let g = f64::from(g);
        sums.iter_mut().zip(m).for_each(|(sum, m)| *sum += g * m);
    }
    row.iter_mut().zip(sums).for_each(|(x, sum)| *x = narrow(sum));
}

fn least_squares(par: Par, x: &Matrix, y: &[f32]) -> Result<Vec<f64>, NotPositive> {
    let mut right = vec![0.0; x.cols()];
    for (i, &y) in y.iter().enumerate() {
        right.iter_mut().zip(x.row(i)).for_each(|(b, &x)| *b += f64::from(x) * f64::from(y));
    }
    gram(par, x, false).solve(&right)
}

fn mean_squared_error(x: &Matrix, y: &[f32], w: &[f64]) -> f64 {
    let squares = y.iter().enumerate().map(|(i, &y)| {
        let error = predict(x.row(i), w) - f64::from(y);
        error * error
    });
    squares.sum::<f64>() / y.len() as f64
}

fn predict(x: &[f32], w: &[f64]) -> f64 {
    x.iter().zip(w).fold(0.0, |sum, (&x, w)| sum + f64::from(x) * w)
}

fn checksum(parts: [&[f32]; 3]) -> String {
    let mut hash = Sha256::new();
    for chunk in parts.into_iter().flat_map(|part| part.chunks(1024)) {
        let bytes: Vec<u8> = chunk.iter().flat_map(|x| x.to_le_bytes()).collect();
        hash.update(&bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
