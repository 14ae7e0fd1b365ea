//! Eigenvalues of symmetric matrices, by operations that round the same everywhere.

use crate::Symmetric;

/// Sweeps after which an eigenvalue would have been found: two or three are usual.
const SWEEPS: usize = 64;

impl Symmetric {
    /// All eigenvalues, ascending.
    ///
    /// Reflections make the matrix tridiagonal, and implicit QL sweeps with Wilkinson's shift
    /// make it diagonal. Only `+ − × ÷ √` are used, in one order, so the bits are the same on
    /// every machine. Each eigenvalue is off by a small multiple of 2⁻⁵² of the largest one. Takes
    /// 4/3·n³ operations.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_data::Symmetric;
    ///
    /// let eigenvalues = Symmetric::from_fn(2, |i, j| if i == j { 2.0 } else { 1.0 }).eigenvalues();
    /// assert!((eigenvalues[0] - 1.0).abs() < 1e-15 && (eigenvalues[1] - 3.0).abs() < 1e-15);
    /// ```
    ///
    /// # Panics
    ///
    /// If an entry is not finite.
    ///
    /// # References
    ///
    /// R. S. Martin, C. Reinsch and J. H. Wilkinson, *Householder's tridiagonalization of a
    /// symmetric matrix*, 1968; A. Dubrulle, R. S. Martin and J. H. Wilkinson, *The implicit QL
    /// algorithm*, 1968; H. Bowdler, R. S. Martin, C. Reinsch and J. H. Wilkinson, *The QR and QL
    /// algorithms for symmetric matrices*, 1968.
    #[must_use]
    pub fn eigenvalues(&self) -> Vec<f64> {
        let finite = (0..self.dim()).all(|i| self.row(i).iter().all(|x| x.is_finite()));
        assert!(finite, "a matrix with an entry that is not finite has no eigenvalues");
        let (mut diagonal, mut beside) = tridiagonal(self);
        diagonalize(&mut diagonal, &mut beside);
        diagonal.sort_unstable_by(f64::total_cmp);
        diagonal
    }
}

/// The eigenvalues that are not zero but for rounding: those above n·2⁻⁴⁸ of the largest, where n
/// is their number; none if the largest is not positive.
///
/// The bound is what rounding of data to `f32` can make of an eigenvalue that was zero: each value
/// moves by at most 2⁻²⁴ of itself, each eigenvalue of XᵀX by the square of that of its trace. The
/// Gram matrix and its eigenvalues, in `f64`, add less.
///
/// # Examples
///
/// ```
/// assert_eq!(ravine_data::nonzero(&[-1e-17, 1e-16, 0.5, 2.0]), [0.5, 2.0]);
/// ```
#[must_use]
pub fn nonzero(ascending: &[f64]) -> &[f64] {
    const ROUNDING: f64 = 1.0 / (1_u64 << 48) as f64;
    let largest = ascending.last().copied().unwrap_or(0.0);
    let bound = if largest > 0.0 { ascending.len() as f64 * ROUNDING * largest } else { 0.0 };
    &ascending[ascending.partition_point(|&value| value <= bound)..]
}

/// The diagonal and, from index 0 on, what stands beside it, after reflections.
fn tridiagonal(matrix: &Symmetric) -> (Vec<f64>, Vec<f64>) {
    let n = matrix.dim();
    let mut a: Vec<Vec<f64>> = (0..n).map(|i| matrix.row(i).to_vec()).collect();
    let mut beside = vec![0.0; n];
    for i in (1..n).rev() {
        let (above, rest) = a.split_at_mut(i);
        let u = &mut rest[0][..i];
        let scale: f64 = u.iter().map(|x| x.abs()).sum();
        if i == 1 || scale <= 0.0 {
            beside[i - 1] = u[i - 1];
            continue;
        }
        u.iter_mut().for_each(|x| *x /= scale);
        let squares: f64 = u.iter().map(|x| x * x).sum();
        let last = u[i - 1];
        let norm = if last < 0.0 { squares.sqrt() } else { -squares.sqrt() };
        beside[i - 1] = scale * norm;
        u[i - 1] = last - norm;
        let half = squares - last * norm;
        // A ← A − u·qᵀ − q·uᵀ with p = A·u / h, q = p − (uᵀp / 2h)·u.
        let mut q: Vec<f64> = above.iter().map(|row| dot(&row[..i], u) / half).collect();
        let along = dot(u, &q) / (half + half);
        q.iter_mut().zip(&*u).for_each(|(q, u)| *q -= along * u);
        for (j, row) in above.iter_mut().enumerate() {
            for ((a, u_k), q_k) in row.iter_mut().zip(&*u).zip(&q) {
                *a -= u[j] * q_k + q[j] * u_k;
            }
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), beside)
}

/// Turns a tridiagonal matrix into the diagonal one of its eigenvalues.
fn diagonalize(d: &mut [f64], e: &mut [f64]) {
    for l in 0..d.len() {
        let mut sweeps = 0;
        loop {
            let m = (l..d.len() - 1).find(|&m| negligible(e[m], d[m], d[m + 1]));
            let m = m.unwrap_or(d.len() - 1);
            if m == l {
                break;
            }
            assert!(sweeps < SWEEPS, "an eigenvalue was not found in {SWEEPS} sweeps");
            sweeps += 1;
            sweep(d, e, l, m);
        }
    }
}

/// One implicit QL sweep over the block `l..=m`.
fn sweep(d: &mut [f64], e: &mut [f64], l: usize, m: usize) {
    let shape = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let root = hypotenuse(shape, 1.0);
    let towards = if shape < 0.0 { shape - root } else { shape + root };
    let mut g = d[m] - d[l] + e[l] / towards;
    let (mut sin, mut cos, mut shift) = (1.0, 1.0, 0.0);
    for i in (l..m).rev() {
        let (f, b) = (sin * e[i], cos * e[i]);
        let r = hypotenuse(f, g);
        e[i + 1] = r;
        if r <= 0.0 {
            // The block falls apart here.
            d[i + 1] -= shift;
            e[m] = 0.0;
            return;
        }
        (sin, cos) = (f / r, g / r);
        g = d[i + 1] - shift;
        let turned = (d[i] - g) * sin + 2.0 * cos * b;
        shift = sin * turned;
        d[i + 1] = g + shift;
        g = cos * turned - b;
    }
    d[l] -= shift;
    e[l] = g;
    e[m] = 0.0;
}

/// Whether what stands beside two diagonal entries is lost in their rounding.
fn negligible(beside: f64, above: f64, below: f64) -> bool {
    beside.abs() <= f64::EPSILON * (above.abs() + below.abs())
}

/// √(a² + b²) without overflow.
fn hypotenuse(a: f64, b: f64) -> f64 {
    let (a, b) = (a.abs(), b.abs());
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high <= 0.0 {
        return 0.0;
    }
    let ratio = low / high;
    high * (1.0 + ratio * ratio).sqrt()
}

/// Σ aᵢ·bᵢ in the order of i.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Stream, rotation::rotation};

    fn assert_near(found: &[f64], wanted: &[f64], what: &str) {
        let largest = wanted.iter().fold(1e-300_f64, |max, x| max.max(x.abs()));
        assert_eq!(found.len(), wanted.len(), "{what}");
        let bound = 1e-14 * wanted.len() as f64;
        for (i, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            let off = (found - wanted).abs() / largest;
            assert!(off < bound, "{what}, {i}: {found}, not {wanted}");
        }
    }

    #[test]
    fn eigenvalues_are_known_of_the_second_difference() {
        for n in 1..40 {
            let matrix = Symmetric::from_fn(n, |i, j| match i - j {
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            });
            let pi = std::f64::consts::PI;
            let wanted: Vec<f64> =
                (1..=n).map(|k| 2.0 - 2.0 * (pi * k as f64 / (n + 1) as f64).cos()).collect();
            assert_near(&matrix.eigenvalues(), &wanted, &format!("n {n}"));
        }
    }

    #[test]
    fn a_rotation_keeps_the_eigenvalues() {
        for n in [1, 2, 3, 5, 17, 64] {
            for scale in [1e-140, 1.0, 1e140] {
                let mut draws = Stream::new(n as u64, Purpose::Weights, 0);
                let mut wanted: Vec<f64> = (0..n).map(|_| scale * draws.normal()).collect();
                // Repeated and zero eigenvalues are the hard ones.
                wanted[n / 2] = 0.0;
                wanted[n / 3] = wanted[0];
                wanted.sort_by(f64::total_cmp);
                let v = rotation(n, 5);
                let matrix = Symmetric::from_fn(n, |i, j| {
                    (0..n).map(|k| v[i * n + k] * wanted[k] * v[j * n + k]).sum()
                });
                assert_near(&matrix.eigenvalues(), &wanted, &format!("n {n}, scale {scale}"));
            }
        }
    }

    #[test]
    fn zeros_have_zero_eigenvalues() {
        assert_eq!(Symmetric::from_fn(4, |_, _| 0.0).eigenvalues(), [0.0; 4]);
        assert!(Symmetric::from_fn(0, |_, _| 0.0).eigenvalues().is_empty());
        assert!(nonzero(&[]).is_empty() && nonzero(&[0.0, 0.0]).is_empty());
        assert!(nonzero(&[-2.0, -1.0]).is_empty());
    }

    #[test]
    #[should_panic(expected = "not finite")]
    fn an_entry_that_is_not_finite_is_refused() {
        let _ = Symmetric::from_fn(2, |_, _| f64::NAN).eigenvalues();
    }
}
