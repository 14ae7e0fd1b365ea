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
