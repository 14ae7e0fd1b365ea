//! Which of an experiment's numbers are drawn, and how.

use super::{Axis, Chart, Ink, Mark, Scale, Series};
use crate::digits::Trained;
use crate::noise::Variance;
use crate::race::Finish;
use crate::real::{Descent, GOAL};
use crate::split::Split;
use crate::valley::Descended;
use crate::{Path, Plane};

/// Points of a curve at most: more than a page shows.
const POINTS: usize = 500;

/// Excess loss by step, of plain descent and of three forms of momentum.
#[must_use]
pub fn race(finishes: &[Finish]) -> String {
    let drawn = [
        ("plain descent", Ink::Plain),
        ("classic", Ink::Momentum),
        ("classic, Nesterov", Ink::Third),
        ("quasi-hyperbolic, ν = 0.7", Ink::Fourth),
    ];
    let series = drawn.iter().filter_map(|&(name, ink)| {
        let finish = finishes.iter().find(|finish| finish.name == name)?;
        // The curves are of interest until they arrive.
        let end = finish.measured.unwrap_or(u64::MAX).saturating_add(1);
        let end = usize::try_from(end).map_or(finish.course.len(), |end| end);
        let course = &finish.course[..end.min(finish.course.len())];
        Some(Series { name, ink, mark: Mark::Line, points: by_step(course) })
    });
    Chart {
        x: Axis::new("step", Scale::Log),
        y: Axis::new("loss above the noise floor, as a share of it", Scale::Log),
        series: series.collect(),
        aspect: 0.6,
    }
    .draw()
}

/// Two paths through a ravine in the plane, over its contours.
#[must_use]
pub fn path(plane: &Plane, plain: &Path, momentum: &Path) -> String {
    let wide = |[x, y]: [f32; 2]| (f64::from(x), f64::from(y));
    let top = plane.start.iter().zip(plane.curvatures()).map(|(x, c)| 0.5 * c * x * x).sum::<f64>();
    let contour = |share: f64| Series {
        name: "",
        ink: Ink::Grid,
        mark: Mark::Line,
        points: (0..=120)
            .map(|i| plane.contour(share * top, f64::from(i) / 120.0).into())
            .collect(),
    };
    let walked = |name, ink, path: &Path| Series {
        name,
        ink,
        mark: Mark::Path,
        points: path.points.iter().copied().map(wide).collect(),
    };
    let mut series: Vec<_> = [0.02, 0.1, 0.25, 0.5, 1.0].map(contour).into();
    series.push(walked("plain descent", Ink::Plain, plain));
    series.push(walked("momentum", Ink::Momentum, momentum));
    // Axes of one scale, so that right angles stay right.
    let (width, aspect) = (1.35, 0.75);
    let axis = |label, half: f64| Axis { label, scale: Scale::Linear, range: Some([-half, half]) };
    Chart {
        x: axis("first parameter", width),
        y: axis("second parameter", width * aspect),
        series,
        aspect,
    }
    .draw()
}

/// The steps across the ravine, or along it, of both descents.
#[must_use]
pub fn split(plain: &Split, momentum: &Split, along: bool) -> String {
    let series = |name, ink, split: &Split, aside: f64| {
        let steps = if along { &split.flat } else { &split.steep };
        let points = steps.iter().zip(1..).map(|(&step, t)| (f64::from(t) + aside, step)).collect();
        Series { name, ink, mark: Mark::Stems, points }
    };
    let label = if along { "step along the ravine" } else { "step across the ravine" };
    Chart {
        x: Axis::new("step", Scale::Linear),
        y: Axis::new(label, Scale::Linear),
        series: vec![
            series("plain descent", Ink::Plain, plain, -0.15),
            series("momentum", Ink::Momentum, momentum, 0.15),
        ],
        aspect: 0.45,
    }
    .draw()
}

/// The share of the noise that the average keeps, by momentum: measured on the curve of theory.
#[must_use]
pub fn noise(measured: &[(f64, Variance)]) -> String {
    let theory = (0..100).map(|i| f64::from(i) / 100.0);
    let theory = theory.map(|beta| (beta, (1.0 - beta) / (1.0 + beta))).collect();
    let points = measured.iter().map(|(beta, variance)| (*beta, variance.measured)).collect();
    Chart {
        x: Axis::new("momentum β", Scale::Linear),
        y: Axis::new("variance of the velocity, share of the gradient's", Scale::Linear),
        series: vec![
            Series {
                name: "(1 − β) / (1 + β)", ink: Ink::Third, mark: Mark::Line, points: theory
            },
            Series { name: "measured", ink: Ink::Momentum, mark: Mark::Dots, points },
        ],
        aspect: 0.6,
    }
    .draw()
}

/// Relative error of the coefficients of a regression, by step.
#[must_use]
pub fn regression(plain: &Descent, momentum: &Descent) -> String {
    let series = |name, ink, descent: &Descent| {
        let points = by_step(&descent.course);
        Series { name, ink, mark: Mark::Line, points }
    };
    let end = plain.course.iter().fold(0.0, |end, _| end + 1.0);
    Chart {
        x: Axis::new("step", Scale::Log),
        y: Axis::new("relative error of the coefficients", Scale::Log),
        series: vec![
            Series {
                name: "goal",
                ink: Ink::Text,
                mark: Mark::Faint,
                points: vec![(1.0, GOAL), (end, GOAL)],
            },
            series("plain descent", Ink::Plain, plain),
            series("momentum", Ink::Momentum, momentum),
        ],
        aspect: 0.6,
    }
    .draw()
}

/// Loss of each batch of a training run, and their moving average.
#[must_use]
pub fn digits(trained: &Trained) -> String {
    let mut smooth = Vec::new();
    let mut average = None;
    for &loss in &trained.losses {
        let last = average.unwrap_or(loss);
        average = Some(last + 0.05 * (loss - last));
        smooth.extend(average);
    }
    let series =
        |name, ink, mark, losses: &[f64]| Series { name, ink, mark, points: by_step(losses) };
    Chart {
        x: Axis::new("step", Scale::Log),
        y: Axis::new("cross-entropy", Scale::Log),
        series: vec![
            series("each batch", Ink::Grid, Mark::Line, &trained.losses),
            series("moving average", Ink::Momentum, Mark::Line, &smooth),
        ],
        aspect: 0.6,
    }
    .draw()
}

/// Two paths through Rosenbrock's valley, whose floor is the parabola y = x².
#[must_use]
pub fn valley(plain: &Descended, momentum: &Descended) -> String {
    let floor = (-75..=75).map(|i| f64::from(i) / 50.0).map(|x| (x, x * x)).collect();
    let walked = |name, ink, descended: &Descended| {
        let wide = |&[x, y]: &[f32; 2]| (f64::from(x), f64::from(y));
        let points: Vec<_> = descended.points.iter().map(wide).collect();
        Series { name, ink, mark: Mark::Line, points: thinned(&points) }
    };
    let axis = |label, range| Axis { label, scale: Scale::Linear, range: Some(range) };
    Chart {
        x: axis("x", [-1.6, 1.6]),
        y: axis("y", [-0.6, 2.2]),
        series: vec![
            Series { name: "floor of the valley", ink: Ink::Grid, mark: Mark::Line, points: floor },
            walked("plain descent", Ink::Plain, plain),
            walked("momentum", Ink::Momentum, momentum),
            Series { name: "minimum", ink: Ink::Text, mark: Mark::Dots, points: vec![(1.0, 1.0)] },
        ],
        aspect: 0.6,
    }
    .draw()
}

/// Values by their step, counted from 1 so that the first has a logarithm.
fn by_step(values: &[f64]) -> Vec<(f64, f64)> {
    let mut step = 0.0;
    let points: Vec<_> = values
        .iter()
        .map(|&value| {
            step += 1.0;
            (step, value)
        })
        .collect();
    thinned(&points)
}

/// Some of the points, closer at the start: every one there, and each a hundredth further on.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let next =
        |&at: &usize| (at + 1 < points.len()).then(|| (at + 1 + at / 100).min(points.len() - 1));
    std::iter::successors(Some(0), next).map(|at| points[at]).collect()
}

#[cfg(test)]
mod tests {
    use ravine::momentum::Form;

    use super::*;

    #[test]
    fn a_thinned_curve_keeps_both_ends_and_is_short() {
        let values: Vec<f64> = (0..50_000).map(f64::from).collect();
        let points = by_step(&values);
        assert!(points.len() < 2 * POINTS, "{}", points.len());
        assert_eq!(points[..3], [(1.0, 0.0), (2.0, 1.0), (3.0, 2.0)]);
        assert_eq!(points.last(), Some(&(50_000.0, 49_999.0)));
    }

    #[test]
    fn a_drawing_scales_and_brings_colors_for_dark_ground() {
        let plane = Plane::default();
        let forms = [Form::Plain, Form::Classic { nesterov: false }];
        let [plain, momentum] = forms.map(|form| plane.descend(form, 30).unwrap());
        let svg = path(&plane, &plain, &momentum);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 2080 "), "{svg}");
        assert!(svg.contains("@media (prefers-color-scheme: dark)"), "{svg}");
        assert!(svg.matches("<circle").count() >= 62, "a dot for each point");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
