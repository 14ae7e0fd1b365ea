//! The page's words and their order.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ravine::simd::CONTRACT;

use super::style::STYLE;
use crate::Findings;
use crate::figures::{self, Chapter, Figure, Table};

const DEMO: &str = "cargo xtask demo";

/// The whole page.
pub(super) fn page(found: &Findings, chapters: &[Chapter]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Across the ravine: momentum, measured" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Across the ravine" }
                p .lead {
                    "Gradient descent zigzags between the walls of a ravine; momentum cancels the \
                     zigzag and adds up the way along. Every number here was just measured, and \
                     stands beside what theory says."
                }
                @for chapter in chapters { (section(chapter)) }
                (replays(found))
                footer {
                    (found.origin.machine) " · " (found.origin.date) " · " (found.origin.version)
                    " · numeric contract " (CONTRACT)
                }
            }
        }
    }
}

fn section(chapter: &Chapter) -> Markup {
    html! {
        h2 { (chapter.title) }
        @if !chapter.words.is_empty() { p { (chapter.words) } }
        div .pair { @for figure in &chapter.figures { (drawing(figure)) } }
        @for table in &chapter.tables { (written(table)) }
    }
}

fn drawing(figure: &Figure) -> Markup {
    html! {
        figure {
            (PreEscaped(figure.svg()))
            figcaption { (figure.see) code { (figure.command) } }
        }
    }
}

fn written(table: &Table) -> Markup {
    html! {
        div .wide {
            table {
                tr { @for name in &table.head { th { (name) } } }
                @for row in &table.rows { tr { @for cell in row { td { (cell) } } } }
            }
        }
        @if !table.words.is_empty() { p { (table.words) } }
    }
}

fn replays(found: &Findings) -> Markup {
    let (same, all) = (found.same(), found.replays.len());
    let beneath = match found.peers.is_empty() {
        true => "",
        false => " Beneath are runs of other programs, which need not agree with ours.",
    };
    html! {
        h2 { "The same bits everywhere" }
        figure {
            (PreEscaped(figures::digests(&found.replays, &found.peers)))
            figcaption {
                "One training run on every instruction set of this machine, with 1, 2, 3 and 8 \
                 threads, its updates fused with the gradients or not: " (same) " of " (all)
                " digests of parameters and velocity are the same." (beneath)
                code { (DEMO) }
            }
        }
    }
}
