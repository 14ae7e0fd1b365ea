//! The problem behind linear regression, exactly.

use ravine::data::{Matrix, NotPositive, Symmetric, hessian};
use ravine::simd::Par;

/// The mean squared error of a linear model with one output, in `f64`:
///
/// ```text
/// f(w) = floor + ½·(w − w*)ᵀ·H·(w − w*)        H = 2/N·XᵀX
/// ```
///
/// With a bias the parameters have one more, the intercept, last; X has a last column of ones.
#[derive(Clone, Debug)]
pub struct Quadratic {
    hessian: Symmetric,
    optimum: Vec<f64>,
    floor: f64,
}

impl Quadratic {
    /// The problem of predicting `y` from the rows of `x`.
    ///
    /// # Errors
    ///
    /// If the columns depend on each other, so that many parameters fit equally well.
    ///
    /// # Panics
    ///
    /// If there is no row, or not a target for each.
    pub fn new(x: &Matrix, y: &[f32], bias: bool) -> Result<Self, NotPositive> {
        assert_eq!(x.rows(), y.len(), "rows, and targets");
        let hessian = hessian(Par::Seq, x, bias);
        let mut slope = vec![0.0; hessian.dim()];
        let mut n = 0.0;
        for (row, &y) in y.iter().enumerate() {
            n += 1.0;
            for (slope, x) in slope.iter_mut().zip(extended(x.row(row), bias)) {
                *slope += x * f64::from(y);
            }
        }
        slope.iter_mut().for_each(|slope| *slope *= 2.0 / n);
        let optimum = hessian.solve(&slope)?;
        let residual = |row: usize| {
            let fit = extended(x.row(row), bias).zip(&optimum).map(|(x, w)| x * w).sum::<f64>();
            fit - f64::from(y[row])
        };
        let floor = (0..y.len()).map(|row| residual(row) * residual(row)).sum::<f64>() / n;
        Ok(Self { hessian, optimum, floor })
    }

    /// The parameters w* of the least loss.
    #[must_use]
    pub fn optimum(&self) -> &[f64] {
        &self.optimum
    }

    /// The least loss, which is the noise that no parameters predict.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// The least and the largest eigenvalue of the Hessian.
    ///
    /// # Panics
    ///
    /// If there is no parameter.
    #[must_use]
    pub fn curvatures(&self) -> [f64; 2] {
        let eigenvalues = self.hessian.eigenvalues();
        let ends = [eigenvalues.first(), eigenvalues.last()];
        ends.map(|end| *end.expect("a problem has at least one parameter"))
    }

    /// The gradient at `w`, and the loss above the least one.
    ///
    /// ```text
    /// g = H·(w − w*)        excess = ½·(w − w*)·g
    /// ```
    ///
    /// # Panics
    ///
    /// If `grads` or `w` are not as many as the parameters.
    pub fn gradient(&self, grads: &mut [f64], w: &[f64]) -> f64 {
        assert_eq!((grads.len(), w.len()), (self.optimum.len(), self.optimum.len()), "parameters");
        let off: Vec<f64> = w.iter().zip(&self.optimum).map(|(w, best)| w - best).collect();
        for (i, g) in grads.iter_mut().enumerate() {
            *g = self.hessian.row(i).iter().zip(&off).map(|(h, off)| h * off).sum();
        }
        0.5 * grads.iter().zip(&off).map(|(g, off)| g * off).sum::<f64>()
    }
}

/// A row, and a one behind it where there is an intercept.
fn extended(row: &[f32], bias: bool) -> impl Iterator<Item = f64> {
    row.iter().map(|&x| f64::from(x)).chain(bias.then_some(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Quadratic {
        // y = 2x + 1, and noise of 1, −1, −1, 1 that no line explains.
        let x = Matrix::from_vec(vec![-1.5, -0.5, 0.5, 1.5], 4, 1);
        Quadratic::new(&x, &[-1.0, -1.0, 1.0, 5.0], true).unwrap()
    }

    #[test]
    fn the_optimum_is_the_line_through_the_points_and_the_floor_its_noise() {
        let [slope, intercept] = *line().optimum() else { panic!("two parameters") };
        assert!((slope - 2.0).abs() < 1e-14 && (intercept - 1.0).abs() < 1e-14);
        assert!((line().floor() - 1.0).abs() < 1e-14, "{}", line().floor());
        let [low, high] = line().curvatures();
        assert!((low - 2.0).abs() < 1e-14 && (high - 2.5).abs() < 1e-14, "{low} {high}");
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_excess() {
        let quadratic = line();
        let mut grads = [f64::NAN; 2];
        let at = quadratic.gradient(&mut grads, &[3.0, 0.0]);
        // ½·(2.5·1² + 2·1²)
        assert!((at - 2.25).abs() < 1e-14, "{at}");
        for i in 0..2 {
            let excess = |off: f64| {
                let mut w = [3.0, 0.0];
                w[i] += off;
                quadratic.gradient(&mut [0.0; 2], &w)
            };
            let slope = (excess(1e-4) - excess(-1e-4)) / 2e-4;
            assert!((slope - grads[i]).abs() < 1e-9, "{i}: {slope}, {grads:?}");
        }
    }

    #[test]
    fn columns_that_depend_on_each_other_have_no_one_optimum() {
        let x = Matrix::from_vec(vec![1.0, 2.0, 2.0, 4.0, 3.0, 6.0], 3, 2);
        assert!(Quadratic::new(&x, &[1.0, 2.0, 4.0], false).is_err());
    }
}
