//! The first picture, which is there before any script runs: the runs that the sliders begin with.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::Plane;
use crate::grid::{Crossings, Grid, START};

/// What the first plot shows of the ravine: half of its width, and of its height.
pub(super) const HALF: [f64; 2] = [1.2, 0.62];
/// Points of a contour.
const TURNS: u32 = 96;

/// Lines of one height around the minimum, the outermost first.
pub(super) fn contours(condition: f64) -> [Vec<[f64; 2]>; 7] {
    let plane = Plane { condition, angle: 0.0, start: START };
    let top = START.iter().zip(plane.curvatures()).map(|(x, c)| 0.5 * c * x * x).sum::<f64>();
    [2.2, 1.5, 1.0, 0.6, 0.3, 0.12, 0.03].map(|share| {
        let turn = |i| plane.contour(share * top, f64::from(i) / f64::from(TURNS));
        (0..=TURNS).map(turn).collect()
    })
}

/// The ravine of one condition, and through it the runs of plain descent and of momentum with the
/// α and β of these indices, where the plot will draw them.
pub(super) fn picture(
    grid: &Grid,
    crossings: &Crossings,
    condition: usize,
    [plain, momentum]: [[usize; 2]; 2],
) -> Markup {
    let runs = [("plain", plain), ("momentum", momentum)].map(|(ink, [lr, momentum])| {
        let along = grid.course(crossings, [lr, momentum], 1 + condition);
        let across = grid.course(crossings, [lr, momentum], 0);
        (ink, line(along.iter().zip(across).map(|(&x, &y)| [x, y].map(f64::from))))
    });
    let [width, height] = HALF.map(|half| 2.0 * half);
    let frame = format!("{} {} {width} {height}", -HALF[0], -HALF[1]);
    html! {
        svg .first viewBox=(frame) preserveAspectRatio="none" aria-hidden="true" {
            @for contour in contours(grid.conditions[condition]) {
                path .contour d=(line(contour)) {}
            }
            @for (ink, run) in &runs { path style={ "--ink: var(--" (ink) ")" } d=(run) {} }
        }
    }
}

/// A line through points, as a drawing's height grows downwards.
fn line(points: impl IntoIterator<Item = [f64; 2]>) -> String {
    points.into_iter().fold(String::new(), |mut line, [x, y]| {
        let to = if line.is_empty() { 'M' } else { 'L' };
        write!(line, "{to}{x:.4} {:.4}", -y).expect("writing into a string succeeds");
        line
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_begin_at_the_start_and_end_at_the_minimum() {
        let grid = Grid { conditions: vec![10.0], ..Grid::default() };
        let crossings = grid.cross().unwrap();
        let best = grid.best(&crossings)[0];
        let picture = picture(&grid, &crossings, 0, best).into_string();
        assert!(picture.contains("viewBox=\"-1.2 -0.62 2.4 1.24\""), "{picture}");
        assert_eq!(picture.matches("class=\"contour\"").count(), 7);
        let runs: Vec<_> = picture.split("d=\"M1.0000 -0.3500L").skip(1).collect();
        assert_eq!(runs.len(), 2, "{picture}");
        for run in runs {
            let (run, _) = run.split_once('"').unwrap();
            let (_, last) = run.rsplit_once('L').unwrap();
            let end: Vec<f64> = last.split(' ').map(|part| part.parse().unwrap()).collect();
            assert!(end.iter().all(|part| part.abs() < 1e-3), "{last}");
        }
    }
}
