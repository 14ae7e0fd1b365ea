//! How fast the kernels are: on this machine, and by records of benches.

use super::{Axis, Chapter, Figure, Ink, Mark, Series};
use crate::{Benches, Curve, Speed};

/// The colors of curves in their order.
const INKS: [Ink; 5] = [Ink::Momentum, Ink::Third, Ink::Fourth, Ink::Fifth, Ink::Plain];

/// The update beside the machine's limit, and what records hold where there are any.
pub(crate) fn chapter(speed: &Speed, benches: Option<&Benches>) -> Chapter {
    let Speed { parameters, threads, us, limit_us, .. } = speed;
    let mut figures = vec![bandwidth(speed)];
    figures.extend(benches.into_iter().flat_map(recorded));
    let words = format!(
        "An update of {parameters} parameters by {threads} threads takes {us:.0} µs; this machine \
         moves the same bytes in {limit_us:.0} µs. Reached of that limit: {}.",
        speed.share()
    );
    Chapter { words, ..Chapter::new("Speed", figures) }
}

/// Bytes a second by the number of parameters, a curve a level; the faint one is what the machine
/// allows.
fn bandwidth(speed: &Speed) -> Figure {
    let axes = [Axis::log("parameters"), Axis::log("gigabytes a second, read and written")];
    let (limits, levels) = speed.curves.iter().cloned().partition::<Vec<_>, _>(|c| c.is_limit);
    let faint =
        |curve: Curve| Series::line(curve.name, Ink::Text, curve.points).marked(Mark::Faint);
    let mut series: Vec<_> = limits.into_iter().map(faint).collect();
    series.extend(colored(&levels));
    Figure::new("bandwidth", "An update moves its bytes", axes, series)
        .see(
            "Bytes that an update of classic momentum reads and writes in a second, by its length, \
             beside what this machine allows: the caches one after another, and memory. The limit is \
             measured as well: where a level lies above it, it was taken too low.",
        )
        .by("cargo xtask demo")
}

/// What records of benches hold: steps by width, speed by threads, shares of the limit.
fn recorded(benches: &Benches) -> Vec<Figure> {
    let Benches { widths, threads, shares, command, origin } = benches;
    let figures = [
        (
            Figure::new(
                "step-by-width",
                "A training step by the width of its layers",
                [Axis::log("width of a layer"), Axis::log("milliseconds a step")],
                colored(widths),
            )
            .see("One step of a perceptron, ours and others' side by side: lower is faster."),
            widths,
        ),
        (
            Figure::new(
                "speed-by-threads",
                "Speed by the number of threads",
                [Axis::linear("threads"), Axis::linear("times the speed of one thread")],
                colored(threads),
            )
            .see("How much more is done in the same time by more threads."),
            threads,
        ),
        (
            Figure::new(
                "share-of-limit",
                "The share of the limit that is reached",
                [Axis::log("parameters, edge or width"), Axis::linear("share of this machine's limit").within(0.0, 1.1)],
                colored(shares),
            )
            .see(
                "Each kind of work beside what the machine could do at most, as measured beside it: 1 \
                 is all of that. By the parameters of an update, the edge of a product, and the width \
                 of a step's layers.",
            ),
            shares,
        ),
    ];
    let drawn = figures.into_iter().filter(|(_, curves)| !curves.is_empty());
    let told = |figure: Figure| {
        let see = format!("{} Recorded {origin}.", figure.see);
        figure.see(see).by(command.clone())
    };
    drawn.map(|(figure, _)| told(figure)).collect()
}

fn colored(curves: &[Curve]) -> Vec<Series> {
    let inked = curves.iter().zip(INKS.into_iter().cycle());
    let series = |(curve, ink): (&Curve, Ink)| {
        Series::line(&*curve.name, ink, curve.points.clone()).marked(Mark::Path)
    };
    inked.map(series).collect()
}
