//! Sums in another order.

use ravine_conformance::sum::{self, Terms};
use ravine_conformance::{Agreement, Extent};

/// A sum over some number of lanes, in one leaf or in leaves.
struct Lanes(usize, usize);

impl sum::Kernel for Lanes {
    fn sum(&mut self, terms: Terms, x: &[f32], y: &[f32]) -> f64 {
        let y = if y.is_empty() { x } else { y };
        let term = |(&x, &y): (&f32, &f32)| match terms {
            Terms::Values => f64::from(x),
            Terms::Squares => f64::from(x) * f64::from(x),
            Terms::Products => f64::from(x) * f64::from(y),
        };
        let terms: Vec<f64> = x.iter().zip(y).map(term).collect();
        let leaf = |terms: &[f64]| {
            let mut lanes = vec![0.0; self.0];
            for (i, term) in terms.iter().enumerate() {
                lanes[i % self.0] += term;
            }
            let mut half = self.0 / 2;
            while half > 0 {
                for i in 0..half {
                    lanes[i] += lanes[i + half];
                }
                half /= 2;
            }
            lanes[0]
        };
        let mut leaves: Vec<f64> = terms.chunks(self.1).map(leaf).collect();
        // Neighbors, level by level: another tree where the number of leaves is not a power of two.
        while leaves.len() > 1 {
            leaves = leaves.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
        leaves.first().copied().unwrap_or(0.0)
    }
}

#[test]
fn a_sum_of_other_lanes_leaves_or_trees_is_caught() {
    let check = |kernel, most: usize| {
        let cases = sum::cases(Extent::Quick).filter(move |case| case.length <= most);
        sum::check(&mut { kernel }, cases, Agreement::Bits)
    };
    assert!(check(Lanes(32, 4096), 8192).is_ok());
    assert!(check(Lanes(16, 4096), 8192).is_err());
    assert!(check(Lanes(64, 4096), 8192).is_err());
    assert!(check(Lanes(32, 2048), 8192).is_err());
    let failure = check(Lanes(32, 4096), usize::MAX).unwrap_err();
    assert!(failure.case.contains("length 20513"), "{failure}");
}
