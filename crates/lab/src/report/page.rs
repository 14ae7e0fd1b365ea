//! The page's words and their order.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ravine::simd::CONTRACT;

use super::Why;
use super::style::STYLE;
use crate::noise::Variance;
use crate::split::kept;
use crate::{Findings, Regressed, figures};

const DEMO: &str = "cargo xtask demo";

/// The whole page.
pub(super) fn page(found: &Findings, why: &Why) -> Markup {
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
                (replays(found))
                (reason(why))
                (race(found))
                (real(&found.real))
                (noise(why))
                (beyond(why))
                (digits(found))
                (speed(found))
                footer {
                    (found.origin.machine) " · " (found.origin.date) " · " (found.origin.version)
                    " · numeric contract " (CONTRACT)
                }
            }
        }
    }
}

/// A drawing, one sentence on what to see, and the command that made its numbers.
fn figure(svg: &str, see: &str, command: &str) -> Markup {
    html! {
        figure {
            (PreEscaped(svg))
            figcaption { (see) code { (command) } }
        }
    }
}

/// A table; the first row is its header.
fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Markup {
    html! {
        div .wide {
            table {
                tr { @for name in header { th { (name) } } }
                @for row in rows { tr { @for cell in row { td { (cell) } } } }
            }
        }
    }
}

fn reason(why: &Why) -> Markup {
    let [plain, momentum] = &why.paths;
    let [plain_split, split] = &why.splits;
    let path = figures::path(&why.plane, plain, momentum);
    let steps = [false, true].map(|along| figures::split(plain_split, split, along));
    let across = 100.0 * kept(&split.steep);
    let along = 100.0 * kept(&split.flat);
    html! {
        h2 { "Why" }
        div .pair {
            (figure(&path, "Forty steps each at their best rates: momentum swings wider, \
                and is at the minimum while plain descent is still on its way.", DEMO))
            div {
                (figure(&steps[0], &format!("Across the ravine momentum's steps turn about and \
                    cancel: their sum is {across:.1} % of their length."), DEMO))
                (figure(&steps[1], &format!("Along the ravine they all point to the minimum and \
                    add up: {along:.0} % is kept, and at first each is longer than plain \
                    descent's."), DEMO))
            }
        }
    }
}

fn race(found: &Findings) -> Markup {
    let rows = found.race.iter().map(|finish| {
        [
            finish.name.into(),
            format!("{:.4}", finish.optimum.lr),
            format!("{:.4}", finish.optimum.momentum),
            steps(finish.measured),
            finish.predicted.to_string(),
            format!("{:.0}", finish.asymptotic),
            format!("{:.4}", finish.optimum.rate),
        ]
    });
    html! {
        h2 { "A ravine of condition " (format!("{:.0}", found.condition)) }
        div .pair {
            (figure(&figures::race(&found.race), "Each form at its own best rates, until the loss \
                stays within a ten-thousandth of the noise floor: momentum needs about the square \
                root of plain descent's steps, times a small number.", DEMO))
            div {
                (table(["form", "α", "β", "steps", "predicted", "by rate", "rate ρ"], rows))
                p {
                    "Predicted are the steps of the same recurrence in f64. The rate ρ is the \
                     modulus of its largest root; ‘by rate’ are the steps if every step shrank \
                     the error by it, which a start far from the slowest direction, or a double \
                     root, make wrong."
                }
            }
        }
    }
}

fn real(regressions: &[Regressed]) -> Markup {
    let rows = regressions.iter().flat_map(|Regressed { name, condition, plain, momentum }| {
        [("plain descent", plain), ("momentum", momentum)].map(|(what, descent)| {
            let (measured, exact) = (steps(descent.measured), descent.exact.to_string());
            [(*name).into(), format!("{condition:.0}"), what.into(), measured, exact]
        })
    });
    html! {
        h2 { "Real data" }
        div .pair {
            @for Regressed { name, condition, plain, momentum } in regressions {
                (figure(&figures::regression(plain, momentum), &format!("Condition {condition:.0}: \
                    momentum has the coefficients to a thousandth after {} steps, plain descent \
                    after {}.", steps(momentum.measured), steps(plain.measured)),
                    &format!("cargo xtask train --data data/{name}.csv --batch full --epochs {} \
                    --lr optimal --momentum optimal", momentum.exact)))
            }
        }
        (table(["data", "condition", "", "steps in f32", "exact"], rows))
    }
}

fn noise(why: &Why) -> Markup {
    let row = |what: &str, variance: &Variance| {
        let Variance { measured, error, theory } = variance;
        [what.into(), format!("{measured:.5} ± {error:.5}"), format!("{theory:.5}")]
    };
    let rows = [
        row("velocity on the bowl", &why.bowl.velocity),
        row("parameter, momentum 0.9", &why.bowl.momentum),
        row("parameter, plain descent", &why.bowl.plain),
    ];
    html! {
        h2 { "Noise" }
        div .pair {
            (figure(&figures::noise(&why.averages), "The velocity of the averaging form keeps the \
                share of the gradient's noise that theory says: the direction is averaged.", DEMO))
            div {
                (table(["variance under noise of 1", "measured", "theory"], rows))
                p {
                    "At one effective rate α/(1 − β) = 0.1 both parameters tremble about the \
                     minimum alike: momentum buys speed along the ravine, not a lower noise floor."
                }
            }
        }
    }
}

fn beyond(why: &Why) -> Markup {
    let [plain, momentum] = &why.valley;
    let [stopped, rolled] = why.hills.map(|share| 100.0 * share);
    html! {
        h2 { "Beyond bowls" }
        div .pair {
            (figure(&figures::valley(plain, momentum), &format!("Rosenbrock's valley at one \
                learning rate: momentum 0.9 arrives after {} steps, plain descent after {}.",
                steps(momentum.steps), steps(plain.steps)), DEMO))
            div {
                (table(["hills: starts that reach the minimum", ""], [
                    ["plain descent".into(), format!("{stopped:.0} %")],
                    ["momentum 0.9".into(), format!("{rolled:.0} %")],
                ]))
                p { "Small bumps on a wide bowl stop plain descent; momentum rolls over them from most starts." }
            }
        }
    }
}

fn digits(found: &Findings) -> Markup {
    let accuracy = 100.0 * found.digits.test.accuracy.unwrap_or_default();
    html! {
        h2 { "Handwritten digits" }
        (figure(&figures::digits(&found.digits), &format!("A perceptron with 64 hidden units reads \
            {accuracy:.1} % of digits that it never saw."),
            "cargo xtask train --data data/digits.csv --task multiclass --model mlp --hidden 64 \
            --lr 0.05 --epochs 20 --test-fraction 0.25"))
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
        (figure(&figures::digests(&found.replays, &found.peers), &format!("One training run on \
            every instruction set of this machine, with 1, 2, 3 and 8 threads, its updates fused \
            with the gradients or not: {same} of {all} digests of parameters and velocity are the \
            same.{beneath}"), DEMO))
    }
}

fn speed(found: &Findings) -> Markup {
    let speed = &found.speed;
    html! {
        h2 { "Speed" }
        p {
            "An update of " (speed.parameters) " parameters by " (speed.threads) " threads takes "
            (format!("{:.0}", speed.us)) " µs; this machine moves the same bytes in "
            (format!("{:.0}", speed.limit_us)) " µs, so that "
            (format!("{:.0}", 100.0 * speed.limit_us / speed.us)) " % of its limit is reached."
        }
        (figure(&figures::bandwidth(&speed.curves), "Bytes that an update of classic momentum \
            reads and writes in a second, by its length, beside what this machine allows: the \
            caches one after another, and memory.", DEMO))
        p { code { "cargo xtask bench update --len " (speed.parameters) } }
    }
}

/// A number of steps, or that there were not enough.
fn steps(steps: Option<u64>) -> String {
    steps.map_or("too many".into(), |steps| steps.to_string())
}
