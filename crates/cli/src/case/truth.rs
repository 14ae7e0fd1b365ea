//! Products in `f64`, and how far those in `f32` may be from them.

use ravine::tensor::View;

use super::{Mismatch, number};

/// Terms that are added up in a comparison, about and at most: a second's work.
const TERMS: usize = 1 << 26;

/// Holds `found` against `A·B + bias` in `f64`: every element, or as many, spread evenly, as a
/// second allows. No bias is an empty one.
///
/// # Errors
///
/// At the first element that is further off than rounding explains, `γ·(Σ |aᵢₚ·bₚⱼ| + |biasⱼ|)`
/// for `γ = nε / (1 − nε)`, n roundings, ε = 2⁻²⁴ (Higham, "Accuracy and stability of numerical
/// algorithms", 2002, section 3.1).
pub(super) fn near(
    id: &str,
    found: View<'_>,
    a: View<'_>,
    b: View<'_>,
    bias: &[f32],
) -> Result<(), Mismatch> {
    let (terms, cols) = (a.cols(), found.cols());
    let n_elements = found.rows() * cols;
    let looked_at = (TERMS / terms.max(1)).clamp(1, n_elements.max(1));
    // An odd step walks through all columns of a power of two.
    let step = n_elements.div_ceil(looked_at) | 1;
    let roundings = number(terms + usize::from(!bias.is_empty())) * f64::from(f32::EPSILON) / 2.0;
    for index in (0..n_elements).step_by(step) {
        let (row, col) = (index / cols, index % cols);
        let bias = bias.get(col).map_or(0.0, |&bias| f64::from(bias));
        let (mut wanted, mut size) = (bias, bias.abs());
        for p in 0..terms {
            let term = f64::from(a.at(row, p)) * f64::from(b.at(p, col));
            wanted += term;
            size += term.abs();
        }
        let (found, within) = (found.at(row, col), roundings / (1.0 - roundings) * size);
        // Not finite is not near.
        if (f64::from(found) - wanted).abs() <= within {
            continue;
        }
        return Err(Mismatch::Far { id: id.into(), index, found, wanted, within });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_near_and_more_is_not() {
        let (a, b) = ([1.0, 0.1, 0.2, 0.3], [1.0, 2.0, 3.0, 0.7]);
        let (a, b) = (View::new(&a, 2, 2), View::new(&b, 2, 2));
        let right = [1.3, 2.07, 1.1, 0.61_f32];
        assert_eq!(near("case", View::new(&right, 2, 2), a, b, &[]), Ok(()));
        let biased = right.map(|x| x + 0.5);
        assert_eq!(near("case", View::new(&biased, 2, 2), a, b, &[0.5, 0.5]), Ok(()));
        for wrong in [right[3] + 3e-7, f32::NAN, f32::INFINITY] {
            let found = [right[0], right[1], right[2], wrong];
            let told = near("case", View::new(&found, 2, 2), a, b, &[]).expect_err("it is wrong");
            let told = told.to_string();
            assert!(told.contains("case: wrong result at index 3: found"), "{told}");
        }
    }
}
