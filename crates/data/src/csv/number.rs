//! Numbers as text, each the nearest `f32`.

/// The number that is the whole of a field, if it is finite.
pub(super) fn whole(field: &[u8]) -> Option<f32> {
    let value: f32 = std::str::from_utf8(field).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// The numbers of a row of plain numbers between commas: those of `row`, and the one before the
/// index `at` of them. None where there is anything else in the line.
pub(super) fn row(line: &[u8], at: usize, row: &mut [f32]) -> Option<f32> {
    let (before, after) = row.split_at_mut(at);
    let mut rest = line;
    for value in before {
        *value = leading(&mut rest)?;
        rest = rest.strip_prefix(b",")?;
    }
    let target = leading(&mut rest)?;
    for value in after {
        rest = rest.strip_prefix(b",")?;
        *value = leading(&mut rest)?;
    }
    rest.is_empty().then_some(target)
}

/// Takes a number and the white space around it.
fn leading(rest: &mut &[u8]) -> Option<f32> {
    let text = rest.trim_ascii_start();
    let (value, len) = fast_float2::parse_partial::<f32, _>(text).ok()?;
    *rest = text[len..].trim_ascii_start();
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_rows_have_the_bits_of_the_nearest_f32() {
        let mut near = 0;
        for i in 0..200_000_u32 {
            let value = f32::from_bits(i.wrapping_mul(2_654_435_761) & !(1 << 31));
            if !value.is_finite() {
                continue;
            }
            // Between two neighbors, where rounding twice would go wrong, and beside that place.
            let middle = f64::midpoint(value.into(), value.next_up().into());
            let texts = [format!("{value}"), format!("-{value:e}"), format!("{middle:e}")];
            let digits = middle.to_string();
            for text in texts.into_iter().chain([format!("{digits}1"), digits]) {
                let Some(want) = whole(text.as_bytes()) else { continue };
                let mut found = [f32::NAN];
                let target = row(format!("{text},{text}\r\n").as_bytes(), 0, &mut found);
                let found = [Some(found[0].to_bits()), target.map(f32::to_bits)];
                assert_eq!(found, [Some(want.to_bits()); 2], "{text}");
                near += 1;
            }
        }
        assert!(near > 900_000, "{near} numbers");
    }

    #[test]
    fn a_row_with_anything_else_is_not_plain() {
        let lines = ["1,2,", "1", "1,2,3", "1,\"2\"", "1,nan", "inf,2", "1e39,2", ",2", "1 2", ""];
        for line in lines {
            assert_eq!(row(line.as_bytes(), 1, &mut [0.0]), None, "{line}");
        }
    }
}
