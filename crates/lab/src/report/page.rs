//! The page's parts and their order.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ravine::simd::CONTRACT;

use super::{json, plot, style};
use crate::Findings;
use crate::figures::{Chapter, Figure, Table};

/// What a browser may do with the page: run its own scripts and styles, and fetch nothing.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                      img-src data: blob:";

/// What is of no use where there are no scripts.
const UNSCRIPTED: &str = ".controls, .readings, .roll, .tools, .keys, .figure .plot, .y-label, \
                          .panel:not(.panel-path) { display: none }";

/// The scripts, after the library that they use.
const SCRIPTS: [&str; 2] = [include_str!("figure.js"), include_str!("play.js")];

/// The whole page: its first screen, the chapters, and the table of digests.
pub(super) fn page(
    found: &Findings,
    play: &Markup,
    chapters: &[Chapter],
    digests: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Across the ravine: momentum, measured" }
                style { (PreEscaped(style::sheet())) }
                noscript { style { (UNSCRIPTED) } }
            }
            body {
                header {
                    h1 { "Across the ravine" }
                    p .lead {
                        "Gradient descent zigzags between the walls of a ravine; momentum cancels \
                         the zigzag and adds up the way along. Every run here is by the real \
                         kernels, and stands beside what theory says."
                    }
                }
                main {
                    noscript { p { "The ravine to play with, hovering and zooming need scripts." } }
                    (play)
                    nav aria-label="Chapters" {
                        @for (i, chapter) in (1..).zip(chapters) {
                            a href={ "#chapter-" (i) } { (chapter.title) }
                        }
                        a href="#digests" { "The same bits everywhere" }
                    }
                    @for (i, chapter) in (1..).zip(chapters) { (section(i, chapter)) }
                    (digests)
                }
                footer {
                    p {
                        (found.origin.machine) " · " (found.origin.date) " · "
                        (found.origin.version) " · numeric contract " (CONTRACT)
                    }
                    p {
                        "Hover for values, drag to zoom, double-click to see all. A figure that \
                         has the focus takes arrow keys, page keys over a map, shift and arrows \
                         to move the view, and +, − and 0. Figures by plotly.js 4.1.1, MIT \
                         license."
                    }
                }
                script { (PreEscaped(plot::PLOTLY)) }
                @for script in SCRIPTS { script { (PreEscaped(script)) } }
            }
        }
    }
}

fn section(i: usize, chapter: &Chapter) -> Markup {
    html! {
        section id={ "chapter-" (i) } {
            h2 { (chapter.title) }
            @if !chapter.words.is_empty() { p { (chapter.words) } }
            div .figures .alone[chapter.figures.len() == 1] {
                @for figure in &chapter.figures { (drawing(figure)) }
            }
            @for table in &chapter.tables {
                (written(table))
                code .of-table { "cargo xtask demo" }
            }
        }
    }
}

/// What looks closer at a figure.
pub(super) fn tools(title: &str) -> Markup {
    // Its name, what it does, and its sign.
    let tools = [("in", "zoom in", "+"), ("out", "zoom out", "−"), ("reset", "show all", "↺")];
    html! {
        div .tools {
            @for (tool, what, sign) in tools {
                button type="button" data-tool=(tool) aria-label={ (what) ": " (title) } { (sign) }
            }
        }
    }
}

/// A figure: its plot, its sentence, its command; and the drawing where there are no scripts.
fn drawing(figure: &Figure) -> Markup {
    let shape = format!("--aspect: {:.3}", 1.0 / figure.aspect);
    let keys = match figure.heat {
        Some(_) => "Arrow keys go from shade to shade, page keys to what lies over them.",
        None => "Arrow keys go from point to point.",
    };
    let about = format!("{}. {} {keys}", figure.title, figure.see);
    html! {
        figure .figure id=(figure.name) {
            div .head {
                h3 { (figure.title) }
                (tools(&figure.title))
            }
            div .keys {
                @for (i, series) in figure.series.iter().enumerate() {
                    @if !series.name.is_empty() {
                        button .key type="button" aria-pressed="true" data-series=(i)
                            style={ "--ink: var(--" (series.ink.name()) ")" } {
                            i .{ "mark-" (json::mark_name(series.mark)) } {}
                            (series.name)
                        }
                    }
                }
            }
            div .y-label { (figure.y.label) }
            div .plot style=(shape) tabindex="0" role="application" aria-label=(about) {}
            div .said role="status" {}
            script type="application/json" {
                (PreEscaped(json::inside_script(&json::figure(figure))))
            }
            noscript { (PreEscaped(figure.svg())) }
            figcaption { p { (figure.see) } code { (figure.command) } }
        }
    }
}

/// A table that scrolls where it is too wide.
pub(super) fn written(table: &Table) -> Markup {
    html! {
        div .wide tabindex="0" role="region" aria-label=(table.head.join(", ")) {
            table {
                thead { tr { @for name in &table.head { th scope="col" { (name) } } } }
                tbody {
                    @for row in &table.rows { tr { @for cell in row { td { (cell) } } } }
                }
            }
        }
        @if !table.words.is_empty() { p .note { (table.words) } }
    }
}
