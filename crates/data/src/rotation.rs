//! Orthogonal matrices drawn at random.

use crate::{Purpose, Stream};

/// An orthogonal `dim × dim` matrix, row by row: the product of the reflections
///
/// ```text
/// Hₖ = 1 − 2·u·uᵀ / uᵀu,   u = v + sign(v₀)·‖v‖·e₀,   k = 0 … dim − 2
/// ```
///
/// on the last `dim − k` coordinates, v normal draws (the stream [`Purpose::Rotation`], k).
/// Uniform among all orthogonal matrices but for the signs of its columns (G. W. Stewart, *The
/// efficient generation of random orthogonal matrices*, 1980). Takes 4/3·dim³ operations.
pub(crate) fn rotation(dim: usize, seed: u64) -> Vec<f64> {
    let mut v = vec![0.0; dim * dim];
    (0..dim).for_each(|i| v[i * dim + i] = 1.0);
    let mut along = vec![0.0; dim];
    for k in (0..dim.saturating_sub(1)).rev() {
        let mut draws = Stream::new(seed, Purpose::Rotation, k as u64);
        let mut u: Vec<f64> = (k..dim).map(|_| draws.normal()).collect();
        let norm = u.iter().map(|x| x * x).sum::<f64>().sqrt();
        u[0] += if u[0] < 0.0 { -norm } else { norm };
        let square: f64 = u.iter().map(|x| x * x).sum();
        let along = &mut along[k..];
        along.fill(0.0);
        for (row, u) in v.chunks_exact(dim).skip(k).zip(&u) {
            along.iter_mut().zip(&row[k..]).for_each(|(sum, v)| *sum += u * v);
        }
        for (row, u) in v.chunks_exact_mut(dim).skip(k).zip(&u) {
            let factor = 2.0 * u / square;
            row[k..].iter_mut().zip(&*along).for_each(|(v, sum)| *v -= factor * sum);
        }
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_orthogonal_and_of_length_one() {
        for dim in [1, 2, 3, 8, 33] {
            let v = rotation(dim, 3);
            for i in 0..dim {
                for j in 0..dim {
                    let dot: f64 = (0..dim).map(|k| v[i * dim + k] * v[j * dim + k]).sum();
                    let wanted = if i == j { 1.0 } else { 0.0 };
                    assert!((dot - wanted).abs() < 1e-14, "dim {dim}, rows {i} and {j}: {dot}");
                }
            }
        }
    }

    #[test]
    fn no_axis_stays_in_place() {
        let v = rotation(6, 4);
        assert!(v.iter().all(|x| x.abs() < 0.95 && 1e-6 < x.abs()), "{v:?}");
        assert_ne!(v, rotation(6, 5));
    }
}
