//! The library that draws the page's figures: plotly.js, its cartesian bundle, which the page
//! carries with it.
//!
//! To take another version: `npm pack plotly.js-cartesian-dist-min`, and put its script and its
//! license in place of those here, and the new checksum beside them.

/// The library's text.
pub(super) const PLOTLY: &str = include_str!("../../vendor/plotly.js/plotly-cartesian.min.js");

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_library_is_plotly_4_1_1_as_npm_has_it() {
        let sum: String = Sha256::digest(PLOTLY).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sum, "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a");
        assert!(PLOTLY.contains("plotly.js (cartesian - minified) v4.1.1"));
        assert!(!PLOTLY.contains("</script"), "it would end the element that holds it");
    }
}
