//! Axes: what they measure, where their ticks are.

use std::ops::Range;

/// How an axis spaces its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm; values at or below zero are left out.
    Log,
}

/// One axis of a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub label: String,
    /// How its values are spaced.
    pub scale: Scale,
    /// Its ends; `None` for those of the data.
    pub range: Option<[f64; 2]>,
}

impl Axis {
    /// An even axis, as long as the data.
    #[must_use]
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear, range: None }
    }

    /// A logarithmic axis, as long as the data.
    #[must_use]
    pub fn log(label: impl Into<String>) -> Self {
        Self { scale: Scale::Log, ..Self::linear(label) }
    }

    /// The axis with these ends.
    #[must_use]
    pub fn within(self, from: f64, to: f64) -> Self {
        Self { range: Some([from, to]), ..self }
    }

    /// Where a value is on the axis: itself, or its decimal logarithm.
    pub(crate) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        }
    }

    /// From end to end, in places; `places` are those of the data.
    pub(crate) fn span(&self, places: impl Iterator<Item = f64>) -> Range<f64> {
        if let Some([from, to]) = self.range {
            return self.place(from)..self.place(to);
        }
        let ends = places.filter(|place| place.is_finite());
        let (from, to) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), place| {
            (from.min(place), to.max(place))
        });
        match to - from {
            width if width > 0.0 => from - 0.02 * width..to + 0.04 * width,
            _ => from - 0.5..from + 0.5,
        }
    }

    /// The places of ticks within a span: whole powers of ten, or steps of 1, 2 or 5 times one.
    pub(crate) fn ticks(&self, span: &Range<f64>) -> Vec<f64> {
        const MOST: f64 = 6.0;
        let least = (span.end - span.start) / MOST;
        let power = 10_f64.powf(least.log10().floor());
        let factors = [1.0, 2.0, 5.0, 10.0];
        let fits = |factor: &&f64| least <= **factor * power;
        let mut step = power * factors.iter().find(fits).unwrap_or(&10.0);
        if self.scale == Scale::Log {
            step = step.ceil();
        }
        let first = (span.start / step).ceil();
        (0..).map(|i| (first + f64::from(i)) * step).take_while(|&tick| tick <= span.end).collect()
    }

    /// The tick's value in words.
    pub(crate) fn name(&self, tick: f64) -> String {
        match self.scale {
            // The sum of a step and its multiples leaves crumbs.
            Scale::Linear => format!("{}", (tick * 1e6).round() / 1e6 + 0.0),
            Scale::Log if (0.0..4.0).contains(&tick) => format!("{}", 10_f64.powf(tick).round()),
            Scale::Log => format!("10{}", superscript(&format!("{}", tick.round()))),
        }
    }
}

fn superscript(digits: &str) -> String {
    let raised = |digit: char| match digit {
        '-' => '⁻',
        _ => digit.to_digit(10).and_then(|d| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d as usize)).unwrap_or(digit),
    };
    digits.chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_within_the_span() {
        let linear = Axis::linear("");
        let names = |axis: &Axis, span: Range<f64>| -> Vec<String> {
            axis.ticks(&span).into_iter().map(|tick| axis.name(tick)).collect()
        };
        assert_eq!(names(&linear, 0.0..1.0), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(names(&linear, -3.0..12.0), ["0", "5", "10"]);
        let log = Axis::log("");
        assert_eq!(names(&log, -3.5..1.2), ["10⁻³", "10⁻²", "10⁻¹", "1", "10"]);
        assert_eq!(names(&log, 0.0..4.6), ["1", "10", "100", "1000", "10⁴"]);
    }

    #[test]
    fn a_span_holds_its_data_and_a_single_value_too() {
        let axis = Axis::log("");
        let span = axis.span([1e-3, 10.0, 0.0].map(|value| axis.place(value)).into_iter());
        assert!(-3.2 < span.start && span.start < -3.0, "{span:?}");
        assert!(1.0 < span.end && span.end < 1.3, "{span:?}");
        assert!(axis.span([2.0].into_iter()).contains(&2.0));
    }
}
