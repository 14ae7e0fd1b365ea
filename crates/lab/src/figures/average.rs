//! Moving averages: what a velocity is made of.

use super::{Axis, Chapter, Figure, Ink, Mark, Series};
use crate::Failure;
use crate::average::{Averages, Sequence, Weights};

/// The window of the simple average, and the decay of the exponential one that smooths as much.
const WINDOW: usize = 39;
const DECAY: f64 = 0.95;

/// A noisy sequence with its averages, and the weights in them.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let averages = Sequence::default().average(WINDOW, DECAY)?;
    let weights = Weights::new(WINDOW, DECAY, 80);
    Ok(Chapter::new("What a velocity is made of", vec![sequence(&averages), shares(&weights)]))
}

fn points(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().zip(1..).map(|(&value, t)| (f64::from(t), value)).collect()
}

fn sequence(averages: &Averages) -> Figure {
    let series = vec![
        Series::line("noisy", Ink::Fifth, points(&averages.noisy)).marked(Mark::Faint),
        Series::theory("without noise", Ink::Text, points(&averages.wave)),
        Series::line("mean of the last 39", Ink::Third, points(&averages.simple)),
        Series::line("exponential, β = 0.95", Ink::Plain, points(&averages.exponential)),
        Series::line("the same, unbiased", Ink::Momentum, points(&averages.unbiased)),
    ];
    let axes = [Axis::linear("value"), Axis::linear("average")];
    Figure::new("averages", "Averages follow, and lag", axes, series).see(
        "All three smooth the noise and come late; the exponential average also starts from zero, \
         and its correction by 1 − βᵗ takes that away.",
    )
}

fn shares(weights: &Weights) -> Figure {
    let bars =
        Series::line("exponential, (1 − β)·β^(T − i)", Ink::Momentum, points(&weights.exponential));
    let series = vec![
        bars.marked(Mark::Bars),
        Series::line("mean of the last 39", Ink::Third, points(&weights.simple)),
    ];
    let axes = [Axis::linear("value i, the last is 80"), Axis::linear("weight")];
    Figure::new("weights", "How much each value counts", axes, series).see(
        "An exponential average of β = 0.95 forgets gradually where a mean of 39 forgets at once; \
         both keep the same share of the noise.",
    )
}
