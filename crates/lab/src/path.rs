//! Paths through a ravine in the plane.

use ravine::momentum::{Form, HyperError, Rates, Sgd, WeightDecay};
use ravine::theory::{self, Optimum};

use crate::narrow::narrow;

/// A ravine in the plane, with its minimum 0 at the origin:
///
/// ```text
/// f(w) = ½·(s·w)² + ½·(l·w)²/κ
/// ```
///
/// where s is the steep direction, of curvature 1, and l the flat one, of curvature 1/κ; both
/// have length 1 and they are at right angles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// Condition κ, above 1.
    pub condition: f64,
    /// Angle of the flat direction to the first axis, in radians.
    pub angle: f64,
    /// Where paths start: along the steep direction, and along the flat one.
    pub start: [f64; 2],
}

/// The points that a descent passed, its start first.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The rates it went with.
    pub optimum: Optimum,
    /// The points, as the kernels left them.
    pub points: Vec<[f32; 2]>,
}

impl Default for Plane {
    /// Condition 40, slanted, so that no direction is a parameter's own.
    fn default() -> Self {
        Self { condition: 40.0, angle: 0.4, start: [0.35, 1.0] }
    }
}

impl Plane {
    /// The curvatures: steep, flat.
    #[must_use]
    pub fn curvatures(&self) -> [f64; 2] {
        [1.0, 1.0 / self.condition]
    }

    /// The directions: steep, flat.
    #[must_use]
    pub fn directions(&self) -> [[f64; 2]; 2] {
        let (sin, cos) = self.angle.sin_cos();
        [[-sin, cos], [cos, sin]]
    }

    /// The point with these parts along the steep and the flat direction.
    #[must_use]
    pub fn point(&self, parts: [f64; 2]) -> [f64; 2] {
        let [steep, flat] = self.directions();
        [0, 1].map(|i| parts[0] * steep[i] + parts[1] * flat[i])
    }

    /// The parts of a vector along the steep and the flat direction.
    #[must_use]
    pub fn parts(&self, w: [f64; 2]) -> [f64; 2] {
        self.directions().map(|[x, y]| x * w[0] + y * w[1])
    }

    /// The gradient, in `f64` and rounded once.
    #[must_use]
    pub fn gradient(&self, w: [f32; 2]) -> [f32; 2] {
        let [steep, flat] = self.parts(w.map(f64::from));
        self.point([steep, flat / self.condition]).map(narrow)
    }

    /// A point of the line on which f is `height`, at `turn` of its way around, in `0..1`.
    #[must_use]
    pub fn contour(&self, height: f64, turn: f64) -> [f64; 2] {
        let (sin, cos) = (std::f64::consts::TAU * turn).sin_cos();
        let radius = (2.0 * height).sqrt();
        self.point([radius * sin, radius * self.condition.sqrt() * cos])
    }

    /// The path of `steps` steps at the form's best rates for these curvatures.
    ///
    /// # Errors
    ///
    /// If a number of the form is outside its range.
    pub fn descend(&self, form: Form, steps: usize) -> Result<Path, HyperError> {
        let optimum = theory::best(form, &self.curvatures());
        let rates = Rates::new(optimum.lr, optimum.momentum)?;
        let sgd = Sgd { form, weight_decay: WeightDecay::None };
        let mut state = sgd.init(2)?;
        let mut w = self.point(self.start).map(narrow);
        let mut points = vec![w];
        for _ in 0..steps {
            let grads = self.gradient(w);
            sgd.step(&mut state, rates, &mut w, &grads);
            points.push(w);
        }
        Ok(Path { optimum, points })
    }
}

impl Path {
    /// The first step after which the distance to the minimum stays below `share` of what it was
    /// at the start; `None` where the path ends too early.
    #[must_use]
    pub fn arrival(&self, share: f64) -> Option<usize> {
        let distance = |[x, y]: [f32; 2]| f64::from(x).hypot(f64::from(y));
        let goal = share * distance(*self.points.first()?);
        let last = self.points.iter().rposition(|&point| goal <= distance(point))?;
        (last + 1 < self.points.len()).then_some(last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Walk;
    use crate::narrow::rounded;

    #[test]
    fn the_gradient_is_the_slope_of_what_the_contours_show() {
        let plane = Plane::default();
        for turn in [0.05, 0.3, 0.61] {
            let [x, y] = plane.contour(0.3, turn);
            let [steep, flat] = plane.parts([x, y]);
            let height = 0.5 * (steep * steep + flat * flat / plane.condition);
            assert!((height - 0.3).abs() < 1e-12, "turn {turn}: {height}");
            // Along a contour the slope is zero.
            let [ahead, behind] = [1e-6, -1e-6].map(|off| plane.contour(0.3, turn + off));
            let [dx, dy] = plane.gradient([narrow(x), narrow(y)]).map(f64::from);
            let along = dx * (ahead[0] - behind[0]) + dy * (ahead[1] - behind[1]);
            let across = dx.hypot(dy) * (ahead[0] - behind[0]).hypot(ahead[1] - behind[1]);
            assert!(across > 1e-7 && along.abs() < 1e-5 * across, "turn {turn}: {along}, {across}");
        }
    }

    #[test]
    fn every_point_is_that_of_the_descent_in_f64_and_momentum_arrives_in_a_sixth_of_the_steps() {
        let plane = Plane { condition: 100.0, ..Plane::default() };
        let arrival = |form| {
            let path = plane.descend(form, 2000).unwrap();
            let Optimum { lr, momentum, .. } = path.optimum;
            let mut walk = Walk::new(form, rounded(lr), rounded(momentum), 2);
            let (mut parts, mut last) = (plane.start, 0);
            for (t, point) in path.points.iter().enumerate() {
                let found = plane.parts(point.map(f64::from));
                for i in 0..2 {
                    // A step rounds by up to 4·2⁻²⁴, and the double root makes Σ (t + 1)·ρᵗ =
                    // 1/(1 − ρ)² = 30 of it.
                    let off = (found[i] - parts[i]).abs();
                    assert!(off < 1e-5, "{form:?}, step {t}, direction {i}: {found:?}, {parts:?}");
                }
                let distance = parts[0].hypot(parts[1]);
                last =
                    if distance < 1e-4 * plane.start[0].hypot(plane.start[1]) { last } else { t };
                let grads = [0, 1].map(|i| plane.curvatures()[i] * parts[i]);
                walk.step(&mut parts, &grads);
            }
            let found = path.arrival(1e-4).unwrap();
            assert!(found.abs_diff(last + 1) <= 1, "{form:?}: {found} steps, wanted {}", last + 1);
            found
        };
        let (plain, momentum) = (arrival(Form::Plain), arrival(Form::Classic { nesterov: false }));
        assert!(6 * momentum < plain, "{momentum} and {plain}");
    }

    #[test]
    fn a_path_that_ends_early_has_no_arrival() {
        let plane = Plane::default();
        assert_eq!(plane.descend(Form::Plain, 5).unwrap().arrival(1e-3), None);
    }
}
