//! Values by their step, as points.

/// Points of a curve at most: more than a page shows.
const POINTS: usize = 500;

/// Values by the steps that led to them: the first, before any step, has no logarithm and is left
/// out.
pub(super) fn by_step(values: &[f64]) -> Vec<(f64, f64)> {
    let steps = (0..).map(f64::from);
    thinned(&steps.zip(values.iter().copied()).skip(1).collect::<Vec<_>>())
}

/// Some of the points, closer at the start: every one there, and each a hundredth further on.
pub(super) fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let next =
        |&at: &usize| (at + 1 < points.len()).then(|| (at + 1 + at / 100).min(points.len() - 1));
    std::iter::successors(Some(0), next).map(|at| points[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_curve_keeps_both_ends_and_is_short() {
        let values: Vec<f64> = (0..50_000).map(f64::from).collect();
        let points = by_step(&values);
        assert!(points.len() < 2 * POINTS, "{}", points.len());
        assert_eq!(points[..3], [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!(points.last(), Some(&(49_999.0, 49_999.0)));
    }
}
