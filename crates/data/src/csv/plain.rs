//! Rows of plain numbers, by several threads.

use memchr::memchr;
use ravine_simd::Par;

use super::lines::count_ends;
use super::number;

/// Reads rows of plain numbers into `x`, whose rows have `columns` each, and into `y`, which has
/// one for each row of `x`: the number before the index `at` of a row.
///
/// `text` is whole lines. They are read up to the first that is no row of plain numbers, or that
/// there is no place for; gives the bytes and the rows up to there, whatever the threads.
pub(super) fn rows(
    par: Par,
    text: &[u8],
    columns: usize,
    at: usize,
    x: &mut [f32],
    y: &mut [f32],
) -> (usize, usize) {
    let shared = par.cut(text.len(), 1).and_then(|cut| {
        let end = cut.at + memchr(b'\n', &text[cut.at..])? + 1;
        let (left, right) = text.split_at(end);
        // As many as there are, if all its lines are rows; otherwise the right part is not wanted.
        let n = usize::try_from(count_ends(left)).ok().filter(|&n| n <= y.len())?;
        Some((cut, left, right, n))
    });
    let Some((cut, left, right, n)) = shared else { return rows_alone(text, columns, at, x, y) };
    let ((x, x_right), (y, y_right)) = (x.split_at_mut(n * columns), y.split_at_mut(n));
    let (first, second) = par.join(
        || rows(cut.left, left, columns, at, x, y),
        || rows(cut.right, right, columns, at, x_right, y_right),
    );
    if first.0 < left.len() { first } else { (first.0 + second.0, first.1 + second.1) }
}

/// What [`rows`] does, by one thread.
fn rows_alone(
    text: &[u8],
    columns: usize,
    at: usize,
    x: &mut [f32],
    y: &mut [f32],
) -> (usize, usize) {
    let (mut len, mut n) = (0, 0);
    for (row, target) in x.chunks_exact_mut(columns).zip(y) {
        let rest = &text[len..];
        let line = &rest[..memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)];
        let Some(value) = number::row(line, at, row) else { break };
        (*target, len, n) = (value, len + line.len(), n + 1);
    }
    (len, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes and the rows that are read, and their numbers.
    fn read(par: Par, text: &str, places: usize) -> (usize, usize, Vec<f32>) {
        let (mut x, mut y) = (vec![f32::NAN; 2 * places], vec![f32::NAN; places]);
        let (len, n) = rows(par, text.as_bytes(), 2, 1, &mut x, &mut y);
        let numbers = (0..n).flat_map(|i| [x[2 * i], y[i], x[2 * i + 1]]);
        (len, n, numbers.collect())
    }

    #[test]
    fn threads_read_the_rows_of_one_up_to_the_first_line_that_is_not_plain() {
        let plain: Vec<_> = (0..40).map(|i| format!("{i},-{}e-3,{i}.5", i * i)).collect();
        let odd = [("\n", ""), ("\r\n", "\"1\",2,3"), ("\n", "1,2"), (" \n", "1,2,3,4")];
        for ((end, odd), at, places) in odd.iter().flat_map(|&odd| {
            (0..40).flat_map(move |at| [40, 17, 0].map(|places| (odd, at, places)))
        }) {
            let text = [&plain[..at], &[odd.into()], &plain[at..]].concat().join(end);
            let wanted = at.min(places);
            let bytes: usize = text.split_inclusive('\n').take(wanted).map(str::len).sum();
            for n_threads in [1, 2, 3, 5, 8, 64] {
                let (len, n, numbers) = read(Par::threads(n_threads), &text, places);
                assert_eq!((len, n), (bytes, wanted), "{n_threads} threads, {places}: {text}");
                for (i, found) in numbers.chunks_exact(3).enumerate() {
                    let i = i as f32;
                    assert_eq!(found, [i, -i * i / 1e3, i + 0.5], "{n_threads} threads, row {i}");
                }
            }
        }
    }

    #[test]
    fn fewer_lines_than_threads_are_read() {
        for (text, want) in [("", 0), ("1,2,3", 1), ("1,2,3\n", 1), ("1,2,3\n4,5,6", 2), ("\n", 0)]
        {
            for n_threads in [1, 2, 3, 5, 8] {
                let (_, n, numbers) = read(Par::threads(n_threads), text, 4);
                assert_eq!(n, want, "{n_threads} threads, {text}");
                assert_eq!(numbers[..], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..3 * n], "{text}");
            }
        }
    }
}
