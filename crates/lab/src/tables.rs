//! The real data, which the crate carries with it.

use ravine::data::{Matrix, Table};

/// Employment in the United States from 1947 to 1962, and six figures that move together: 16 rows,
/// condition 12 220 when standardized.
///
/// # References
///
/// J. W. Longley, *An appraisal of least squares programs for the electronic computer from the
/// point of view of the user*, 1967.
#[must_use]
pub fn longley() -> Table {
    table(include_str!("../data/longley.csv"))
}

/// Diabetes a year on, and ten measurements in their own units: 442 rows, condition 470 when
/// standardized.
///
/// # References
///
/// B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, *Least angle regression*, 2004.
#[must_use]
pub fn diabetes() -> Table {
    table(include_str!("../data/diabetes.csv"))
}

/// Handwritten digits of 8 × 8 pixels from 0 to 16, and which digit each is: 1797 rows.
///
/// # References
///
/// E. Alpaydin and C. Kaynak, *Cascading classifiers*, 1998.
#[must_use]
pub fn digits() -> Table {
    table(include_str!("../data/digits.csv"))
}

/// Reads one of the crate's own files, which quote nothing; the last column is the target.
fn table(text: &str) -> Table {
    let mut lines = text.lines();
    let header = lines.next().expect("the first line names the columns");
    let mut names: Vec<String> = header.split(',').map(str::to_owned).collect();
    let target = names.pop().expect("there is a last column");
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for line in lines {
        let row =
            line.split(',').map(|field| field.parse::<f32>().expect("every field is a number"));
        x.extend(row);
        y.push(x.pop().expect("a row has a last field"));
    }
    Table { x: Matrix::from_vec(x, y.len(), names.len()), y, names, target }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_their_rows_and_targets() {
        for (table, rows, cols, target) in [
            (longley(), 16, 6, "TOTEMP"),
            (diabetes(), 442, 10, "progression"),
            (digits(), 1797, 64, "digit"),
        ] {
            assert_eq!((table.x.rows(), table.x.cols(), &*table.target), (rows, cols, target));
            assert_eq!((table.y.len(), table.names.len()), (rows, cols), "{target}");
        }
    }
}
