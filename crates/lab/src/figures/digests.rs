//! The table of digests as a drawing: one color where all are the same.

use plotters::prelude::*;

use super::Ink;
use super::canvas::{LETTER, WIDTH, drawn, words};
use crate::{Peer, Replay};

/// Height of a row.
const ROW: i32 = 5 * LETTER / 4;
/// Where the columns begin: threads, and the two kinds of run.
const COLUMNS: [i32; 3] = [9 * WIDTH / 24, 12 * WIDTH / 24, 18 * WIDTH / 24];
/// The colors of digests, in the order in which they appear; the last is of all that follow.
const INKS: [Ink; 5] = [Ink::Momentum, Ink::Plain, Ink::Third, Ink::Fourth, Ink::Fifth];

/// Every replay, a row a level and number of threads, a column fused and one unfused; other
/// programs' runs beneath. A digest has a color, and another digest has another.
///
/// # Panics
///
/// If there are more runs than an `i32` counts.
#[must_use]
pub fn digests(replays: &[Replay], peers: &[Peer]) -> String {
    let mut rows = Vec::<Row<'_>>::new();
    for replay in replays {
        let cell = Cell { digest: replay.told(), rows_per_s: replay.rows_per_s };
        let at = rows.iter().position(|row| row.is(replay.level, replay.threads));
        let at = at.unwrap_or_else(|| {
            rows.push(Row { name: replay.level, threads: replay.threads, cells: [None; 2] });
            rows.len() - 1
        });
        rows[at].cells[usize::from(!replay.fused)] = Some(cell);
    }
    let gap = rows.len();
    rows.extend(peers.iter().map(|peer| Row {
        name: &peer.name,
        threads: peer.threads,
        cells: [None, Some(Cell { digest: &peer.digest, rows_per_s: peer.rows_per_s })],
    }));
    let seen = colors(&rows);
    let count = i32::try_from(rows.len()).expect("a table of some rows");
    // Other programs stand apart.
    let apart = if peers.is_empty() { 0 } else { ROW / 2 };
    drawn((count + 1) * ROW + apart, "One training run, many ways: its digests", |area| {
        let write = |text: &str, x, y| area.draw(&Text::new(text.to_owned(), (x, y), words()));
        let heads = ["level", "threads", "fused, rows/s", "not fused, rows/s"];
        for (head, x) in heads.iter().zip([LETTER / 4].into_iter().chain(COLUMNS)) {
            write(head, x, ROW / 2)?;
        }
        for (i, row) in rows.iter().enumerate() {
            let below = if i < gap { 0 } else { apart };
            let y = i32::try_from(i + 1).expect("a table of some rows") * ROW + ROW / 2 + below;
            write(row.name, LETTER / 4, y)?;
            write(&row.threads.to_string(), COLUMNS[0], y)?;
            for (cell, x) in row.cells.iter().zip(&COLUMNS[1..]) {
                let Some(cell) = cell else { continue };
                let found = seen.iter().position(|digest| *digest == cell.digest);
                let ink = INKS[found.unwrap_or(INKS.len()).min(INKS.len() - 1)].color();
                let square = [(*x, y - LETTER / 2), (x + LETTER / 2, y + LETTER / 2)];
                area.draw(&Rectangle::new(square, ink.filled()))?;
                write(&cell.words(), x + LETTER, y)?;
            }
        }
        area.present()
    })
}

/// Runs of one level, or of one other program, and one number of threads.
struct Row<'a> {
    name: &'a str,
    threads: usize,
    /// Fused, and not.
    cells: [Option<Cell<'a>>; 2],
}

#[derive(Clone, Copy)]
struct Cell<'a> {
    digest: &'a str,
    rows_per_s: f64,
}

impl Row<'_> {
    fn is(&self, name: &str, threads: usize) -> bool {
        (self.name, self.threads) == (name, threads)
    }
}

impl Cell<'_> {
    /// The start of the digest, and thousands of rows a second.
    fn words(&self) -> String {
        let digest = self.digest.get(..8).unwrap_or(self.digest);
        format!("{digest}, {:.0}k", self.rows_per_s / 1e3)
    }
}

/// Every digest once, in the order in which they appear.
fn colors<'a>(rows: &[Row<'a>]) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for cell in rows.iter().flat_map(|row| row.cells.iter().flatten()) {
        if !seen.contains(&cell.digest) {
            seen.push(cell.digest);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_a_color_and_another_digest_another() {
        let replay = |threads, fused, digest: &str| Replay {
            level: "scalar",
            threads,
            fused,
            digest: Some(digest.into()),
            rows_per_s: 1e5,
        };
        let colored = |svg: &str, ink: Ink| {
            let RGBColor(r, g, b) = ink.color();
            let fill = format!("fill=\"#{r:02X}{g:02X}{b:02X}\"");
            svg.lines().filter(|line| line.starts_with("<rect") && line.contains(&fill)).count()
        };
        let same = [replay(1, true, "aaaaaaaabb"), replay(1, false, "aaaaaaaabb")];
        let svg = digests(&same, &[]);
        assert_eq!([Ink::Momentum, Ink::Plain].map(|ink| colored(&svg, ink)), [2, 0], "{svg}");
        let peer =
            Peer { name: "another".into(), threads: 2, digest: "cc".into(), rows_per_s: 5e4 };
        let svg = digests(&[replay(1, true, "aa"), replay(2, true, "bb")], &[peer]);
        let inks = [Ink::Momentum, Ink::Plain, Ink::Third];
        assert_eq!(inks.map(|ink| colored(&svg, ink)), [1, 1, 1], "{svg}");
        assert!(svg.contains("another") && svg.contains("cc, 50k"), "{svg}");
    }
}
