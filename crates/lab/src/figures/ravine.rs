//! Why: a path through a ravine, and its steps along and across.

use ravine::momentum::Form;

use super::{Axis, Chapter, Figure, Ink, Mark, Series};
use crate::split::{Split, kept};
use crate::{Failure, Path, Plane};

/// Steps that are drawn.
const STEPS: usize = 40;

/// Two descents through one ravine, each at its best rates.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let plane = Plane::default();
    let forms = [Form::Plain, Form::Classic { nesterov: false }];
    let [plain, momentum] = forms.map(|form| plane.descend(form, STEPS));
    let [plain_split, split] = forms.map(|form| Split::of(&plane, form, STEPS));
    let (plain_split, split) = (plain_split?, split?);
    Ok(Chapter::new(
        "Why",
        vec![
            path(&plane, &plain?, &momentum?),
            steps(&plain_split, &split, false),
            steps(&plain_split, &split, true),
        ],
    ))
}

/// Two paths through a ravine in the plane, over its contours.
fn path(plane: &Plane, plain: &Path, momentum: &Path) -> Figure {
    let wide = |[x, y]: [f32; 2]| (f64::from(x), f64::from(y));
    let top = plane.start.iter().zip(plane.curvatures()).map(|(x, c)| 0.5 * c * x * x).sum::<f64>();
    // Axes of one scale, so that right angles stay right.
    let (width, aspect) = (1.35, 0.85);
    let contour = |share: f64| {
        // What is outside the frame breaks the line.
        let shown = |[x, y]: [f64; 2]| {
            let is_inside = x.abs() < width && y.abs() < width * aspect;
            if is_inside { (x, y) } else { (f64::NAN, f64::NAN) }
        };
        let turns = (0..=600).map(|i| shown(plane.contour(share * top, f64::from(i) / 600.0)));
        Series::line("", Ink::Grid, turns.collect())
    };
    let walked = |name, ink, path: &Path| {
        Series::line(name, ink, path.points.iter().copied().map(wide).collect()).marked(Mark::Path)
    };
    let mut series: Vec<_> = [0.02, 0.1, 0.25, 0.5, 1.0].map(contour).into();
    series.push(walked("plain descent", Ink::Plain, plain));
    series.push(walked("momentum", Ink::Momentum, momentum));
    let axes = [
        Axis::linear("first parameter").within(-width, width),
        Axis::linear("second parameter").within(-width * aspect, width * aspect),
    ];
    Figure::new("path", "Forty steps through a ravine", axes, series).aspect(aspect).see(
        "Forty steps each at their best rates: momentum swings wider, and is at the minimum while \
         plain descent is still on its way.",
    )
}

/// The steps across the ravine, or along it, of both descents.
fn steps(plain: &Split, momentum: &Split, along: bool) -> Figure {
    let part = |split: &Split| if along { split.flat.clone() } else { split.steep.clone() };
    let series = |name, ink, split, aside: f64| {
        let points = part(split).into_iter().zip(1..).map(|(step, t)| (f64::from(t) + aside, step));
        Series::line(name, ink, points.collect()).marked(Mark::Stems)
    };
    let all = vec![
        series("plain descent", Ink::Plain, plain, -0.15),
        series("momentum", Ink::Momentum, momentum, 0.15),
    ];
    let share = 100.0 * kept(&part(momentum));
    let (name, title, label, see) = match along {
        false => (
            "steps-across",
            "Across the ravine, steps cancel",
            "step across the ravine",
            format!(
                "Across the ravine momentum's steps turn about and cancel: their sum is \
                 {share:.1} % of their length."
            ),
        ),
        true => (
            "steps-along",
            "Along the ravine, steps add up",
            "step along the ravine",
            format!(
                "Along the ravine they all point to the minimum and add up: {share:.0} % is kept, \
                 and at first each is longer than plain descent's."
            ),
        ),
    };
    Figure::new(name, title, [Axis::linear("step"), Axis::linear(label)], all).aspect(0.45).see(see)
}
