//! What a wrong result of a case is told as.

/// A case gave a wrong result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Mismatch {
    /// An element has other bits.
    #[error("{id}: wrong result at index {index}: found {found:?}, wanted {wanted:?}")]
    Element {
        /// The case, and which of its results.
        id: String,
        /// The first element that differs.
        index: usize,
        /// Its value.
        found: f32,
        /// The value by other means.
        wanted: f32,
    },
    /// An element is further from a result in `f64` than rounding explains.
    #[error(
        "{id}: wrong result at index {index}: found {found:?}, wanted {wanted:?} within {within:e}"
    )]
    Far {
        /// The case, and which of its results.
        id: String,
        /// The first such element.
        index: usize,
        /// Its value.
        found: f32,
        /// The value in `f64`.
        wanted: f64,
        /// How far rounding carries.
        within: f64,
    },
    /// An element is not finite: what is timed then is not what is asked for.
    #[error("{id}: wrong result at index {index}: found {found:?}, wanted a finite number")]
    NonFinite {
        /// The case, and which of its results.
        id: String,
        /// The first such element.
        index: usize,
        /// Its value.
        found: f32,
    },
    /// There are more elements, or fewer.
    #[error("{id}: wrong result: found {found} elements, wanted {wanted}")]
    Length {
        /// The case, and which of its results.
        id: String,
        /// How many there are.
        found: usize,
        /// How many there are by other means.
        wanted: usize,
    },
}

impl Mismatch {
    /// Compares finite results in bits.
    ///
    /// # Errors
    ///
    /// If lengths differ; at the first element that differs; at the first that is not finite.
    pub fn find(id: &str, found: &[f32], wanted: &[f32]) -> Result<(), Self> {
        if found.len() != wanted.len() {
            return Err(Self::Length { id: id.into(), found: found.len(), wanted: wanted.len() });
        }
        let differ = |(a, b): (&f32, &f32)| a.to_bits() != b.to_bits();
        match found.iter().zip(wanted).position(differ) {
            None => Self::finite(id, found),
            Some(index) => {
                let (found, wanted) = (found[index], wanted[index]);
                Err(Self::Element { id: id.into(), index, found, wanted })
            }
        }
    }

    /// Looks through a result for what is not finite.
    ///
    /// # Errors
    ///
    /// At the first such element.
    pub fn finite(id: &str, found: &[f32]) -> Result<(), Self> {
        match found.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(index) => Err(Self::NonFinite { id: id.into(), index, found: found[index] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: &[f32], wanted: &[f32]) -> String {
        Mismatch::find("case", found, wanted).expect_err("they differ").to_string()
    }

    #[test]
    fn results_are_compared_in_bits() {
        assert_eq!(Mismatch::find("case", &[1.0, -0.0], &[1.0, -0.0]), Ok(()));
        let said = told(&[1.0, 0.0], &[1.0, -0.0]);
        assert_eq!(said, "case: wrong result at index 1: found 0.0, wanted -0.0");
    }

    #[test]
    fn results_of_other_lengths_differ() {
        assert_eq!(told(&[1.0], &[1.0, 2.0]), "case: wrong result: found 1 elements, wanted 2");
        assert_eq!(told(&[1.0], &[]), "case: wrong result: found 1 elements, wanted 0");
    }

    #[test]
    fn what_is_not_finite_is_no_result_even_where_both_agree() {
        for value in [f32::NAN, f32::INFINITY] {
            let said = told(&[1.0, value], &[1.0, value]);
            assert!(said.contains("index 1") && said.contains("wanted a finite number"), "{said}");
        }
    }
}
