//! The table of digests: one color where all are the same.

use maud::{Markup, html};

use crate::Findings;
use crate::figures::Ink;

/// The colors of digests, in the order in which they appear; the last is of all that follow.
const INKS: [Ink; 5] = [Ink::Momentum, Ink::Plain, Ink::Third, Ink::Fourth, Ink::Fifth];

/// A row a level and number of threads, fused and not; other programs' beneath.
pub(super) fn digests(found: &Findings) -> Markup {
    let mut seen = Vec::new();
    let mut rows = Vec::<Row<'_>>::new();
    for replay in &found.replays {
        let run = Run::new(replay.told(), replay.rows_per_s, &mut seen);
        let (name, threads) = (replay.level, replay.threads);
        let at = rows.iter().position(|row| row.name == name && row.threads == threads);
        let at = at.unwrap_or_else(|| {
            rows.push(Row { name, threads, runs: [None, None] });
            rows.len() - 1
        });
        rows[at].runs[usize::from(!replay.fused)] = Some(run);
    }
    for peer in &found.peers {
        let run = Run::new(&peer.digest, peer.rows_per_s, &mut seen);
        rows.push(Row { name: &peer.name, threads: peer.threads, runs: [None, Some(run)] });
    }
    let (same, all) = (found.same(), found.replays.len());
    let beneath = match found.peers.is_empty() {
        true => "",
        false => " Beneath are runs of other programs, which need not agree with ours.",
    };
    html! {
        section #digests {
            h2 { "The same bits everywhere" }
            figure {
                div .wide tabindex="0" role="region" aria-label="Digests" {
                    table {
                        thead {
                            tr {
                                @for name in ["level", "threads", "fused", "rows/s", "not fused", "rows/s"] {
                                    th scope="col" { (name) }
                                }
                            }
                        }
                        tbody { @for row in &rows { (row.told()) } }
                    }
                }
                figcaption {
                    p {
                        "One training run on every instruction set of this machine, with 1, 2, 3 \
                         and 8 threads, its updates fused with the gradients or not: " (same)
                        " of " (all) " digests of parameters and velocity are the same." (beneath)
                    }
                    code { "cargo xtask demo" }
                }
            }
        }
    }
}

/// Runs of one level, or of one other program, and one number of threads.
struct Row<'a> {
    name: &'a str,
    threads: usize,
    /// Fused, and not.
    runs: [Option<Run<'a>>; 2],
}

struct Run<'a> {
    digest: &'a str,
    rows_per_s: f64,
    ink: Ink,
}

impl<'a> Run<'a> {
    /// A run, with the color of its digest among those seen so far.
    fn new(digest: &'a str, rows_per_s: f64, seen: &mut Vec<&'a str>) -> Self {
        let at = seen.iter().position(|other| *other == digest).unwrap_or_else(|| {
            seen.push(digest);
            seen.len() - 1
        });
        Self { digest, rows_per_s, ink: INKS[at.min(INKS.len() - 1)] }
    }
}

impl Row<'_> {
    fn told(&self) -> Markup {
        html! {
            tr {
                td { (self.name) }
                td { (self.threads) }
                @for run in &self.runs {
                    @if let Some(Run { digest, rows_per_s, ink }) = run {
                        td .digest style={ "--ink: var(--" (ink.name()) ")" } title=(digest) {
                            i {} (digest.get(..8).unwrap_or(digest))
                        }
                        td { (format!("{:.0}k", rows_per_s / 1e3)) }
                    } @else {
                        td {} td {}
                    }
                }
            }
        }
    }
}
