//! A perceptron that learns to read digits.

use super::course::by_step;
use super::{Axis, Chapter, Figure, Ink, Mark, Series};
use crate::digits::Trained;

/// The loss on the way, and what was read in the end.
pub(super) fn chapter(trained: &Trained) -> Chapter {
    let mut smooth = Vec::new();
    let (mut average, mut weight) = (0.0, 0.0);
    for &loss in &trained.losses {
        average += 0.05 * (loss - average);
        weight += 0.05 * (1.0 - weight);
        smooth.push(average / weight);
    }
    let series = vec![
        Series::line("each batch", Ink::Fifth, by_step(&trained.losses)).marked(Mark::Faint),
        Series::line("moving average", Ink::Momentum, by_step(&smooth)),
    ];
    let axes = [Axis::log("step"), Axis::log("cross-entropy")];
    let accuracy = 100.0 * trained.test.accuracy.unwrap_or_default();
    let figure = Figure::new("digits", "A perceptron learns to read", axes, series)
        .see(format!(
            "The loss falls by three powers of ten; the average of the batches so far, the last ones \
             most, follows it and lags. In the end the perceptron, of 64 hidden units, reads \
             {accuracy:.1} % of digits that it never saw."
        ))
        .by("cargo xtask train --data data/digits.csv --task multiclass --model mlp --hidden 64 \
             --lr 0.05 --epochs 20 --test-fraction 0.25");
    Chapter::new("Handwritten digits", vec![figure])
}
