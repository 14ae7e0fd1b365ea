//! The first screen: a ravine to play with.

use maud::{Markup, PreEscaped, html};

use super::{first, json, page};
use crate::grid::{Crossings, Grid};

/// Sliders over a grid of crossings, the pictures that they redraw, and the crossings themselves.
pub(super) fn play(grid: &Grid, crossings: &Crossings) -> Markup {
    let best = grid.best(crossings);
    let condition = best.len() / 2;
    let [_, [lr, momentum]] = best[condition];
    let sliders = [
        ("alpha", "α", "learning rate", grid.lrs.len(), lr),
        ("beta", "β", "momentum", grid.momenta.len(), momentum),
        ("kappa", "κ", "condition: how narrow the ravine is", grid.conditions.len(), condition),
    ];
    let picture = first::picture(grid, crossings, condition, best[condition]);
    let others = [
        ("map", "The rate", "strong color is fast"),
        ("distance", "How far", "distance from the minimum"),
        ("across", "Across", "where it is across the ravine"),
        ("along", "Along", "where it is along the ravine"),
    ];
    html! {
        section #play aria-label="A ravine to play with" {
            div .controls {
                @for (id, letter, name, count, value) in sliders {
                    div .slider {
                        label for=(id) { b { (letter) } " " span { (name) } }
                        output #{ (id) "-value" } for=(id) {}
                        input #(id) type="range" min="0" max=(count - 1) step="1" value=(value)
                            autocomplete="off";
                    }
                }
                div .buttons {
                    button type="button" data-best="0" { "Best without momentum" }
                    button type="button" data-best="1" { "Best with momentum" }
                }
            }
            dl .readings aria-live="polite" {
                div { dt { "rate ρ by theory" } dd #rate {} }
                div { dt { "steps until 1 % of the way is left" } dd #arrival {} }
                div { dt { "plain descent at its best" } dd #plain-arrival {} }
            }
            div .panels {
                (panel("path", "The path", "the ravine from above", &picture))
                @for (name, title, what) in others { (panel(name, title, what, &html! {})) }
            }
            div .roll {
                button #roll type="button" { "Roll" }
                input #step type="range" min="0" max=(grid.steps) step="1" value=(grid.steps)
                    aria-label="step" autocomplete="off";
                output #where for="step" {}
            }
            p .see {
                "Blue is the run that the sliders choose, orange is plain descent at its best rate: \
                 across the ravine momentum's steps cancel, along it they add up. The dashed line \
                 falls as theory's ρᵗ does; near the best rates a run goes as t·ρᵗ."
                code { "cargo xtask demo" }
            }
        }
        script #grid type="application/json" {
            (PreEscaped(json::inside_script(&json::grid(grid, crossings))))
        }
        script #runs type="text/plain" { (PreEscaped(json::positions(crossings))) }
    }
}

/// A plot, with what is in its place until it is drawn.
fn panel(name: &str, title: &str, what: &str, until: &Markup) -> Markup {
    let keys = match name {
        "map" => "Arrow keys choose α and β.",
        _ => "Arrow keys go from step to step.",
    };
    html! {
        div .panel .{ "panel-" (name) } {
            div .head {
                h3 { (title) " " small { (what) } }
                (page::tools(title))
            }
            div .plot data-plot=(name) tabindex="0" role="application"
                aria-label={ (title) ": " (what) ". " (keys) } {
                (until)
            }
        }
    }
}
