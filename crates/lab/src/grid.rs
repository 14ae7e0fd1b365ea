//! Crossings of ravines over a grid of α, β and κ: what sliders choose from.

use ravine::momentum::{Form, HyperError, Rates, Sgd, WeightDecay};
use ravine::theory;

use crate::narrow::{narrow, rounded};

/// Learning rates, momenta and conditions, and how far each descent goes.
///
/// A ravine is the quadratic of curvature 1 across and 1/κ along, in the coordinates of its own
/// directions; the classic form descends from [`START`].
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Learning rates α, ascending.
    pub lrs: Vec<f64>,
    /// Momenta β, ascending; 0 is plain descent.
    pub momenta: Vec<f64>,
    /// Conditions κ, ascending.
    pub conditions: Vec<f64>,
    /// Steps of a descent that are kept.
    pub steps: usize,
}

/// Where descents start: across the ravine, and along it.
pub const START: [f64; 2] = [0.35, 1.0];
/// The share of the first distance below which a descent has arrived.
pub const GOAL: f64 = 0.01;
/// Steps after which a descent that has not arrived is given up.
const MOST: usize = 5000;

/// What the kernels did at every point of a [`Grid`], in the order α, β, and then κ.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossings {
    /// For α and β: the positions across, and those along for each κ, each from the start to the
    /// last step. Those of a descent that diverges may be infinite or not a number.
    pub positions: Vec<f32>,
    /// For α, β and κ: the step after which the distance stays below [`GOAL`] of the first, if
    /// it does within 5000.
    pub arrivals: Vec<Option<usize>>,
    /// [`Grid::rates`].
    pub rates: Vec<f64>,
}

impl Default for Grid {
    /// 39 × 14 × 7 points, 100 steps.
    fn default() -> Self {
        Self {
            lrs: (1..=39).map(|tenths| f64::from(tenths) / 10.0).collect(),
            momenta: vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99],
            conditions: vec![2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1000.0],
            steps: 100,
        }
    }
}

impl Grid {
    /// Crosses every ravine with every α and β.
    ///
    /// # Errors
    ///
    /// If a learning rate or a momentum is outside its range.
    pub fn cross(&self) -> Result<Crossings, HyperError> {
        let (mut positions, mut arrivals) = (Vec::new(), Vec::new());
        let curvatures: Vec<_> = std::iter::once(1.0)
            .chain(self.conditions.iter().map(|condition| 1.0 / condition))
            .collect();
        for &lr in &self.lrs {
            for &momentum in &self.momenta {
                let courses = descend(lr, momentum, &curvatures, MOST)?;
                let kept = courses.iter().flat_map(|course| &course[..=self.steps]);
                positions.extend(kept);
                let [across, along @ ..] = &*courses else { unreachable!("one curvature is 1") };
                arrivals.extend(along.iter().map(|along| arrival(across, along)));
            }
        }
        Ok(Crossings { positions, arrivals, rates: self.rates() })
    }

    /// The positions of the descent with the α and β of these indices, along one direction: 0 is
    /// across, and 1 + i is along the ravine of condition i.
    ///
    /// # Panics
    ///
    /// If an index is outside the grid.
    #[must_use]
    pub fn course<'a>(
        &self,
        crossings: &'a Crossings,
        [lr, momentum]: [usize; 2],
        direction: usize,
    ) -> &'a [f32] {
        let (directions, length) = (1 + self.conditions.len(), self.steps + 1);
        let at = (lr * self.momenta.len() + momentum) * directions + direction;
        &crossings.positions[at * length..][..length]
    }

    /// The rate ρ by theory, of the slower of the two directions, for α, β and κ.
    #[must_use]
    pub fn rates(&self) -> Vec<f64> {
        let mut rates = Vec::new();
        for &lr in &self.lrs {
            for &momentum in &self.momenta {
                let [lr, momentum] = [lr, momentum].map(rounded);
                let rate = |lambda| theory::rate(CLASSIC, lr, momentum, lambda);
                let steep = rate(1.0);
                rates.extend(self.conditions.iter().map(|kappa| rate(1.0 / kappa).max(steep)));
            }
        }
        rates
    }

    /// The best α and β for each κ, as indices: of plain descent, and of all.
    ///
    /// # Panics
    ///
    /// If the grid has no α or no β.
    #[must_use]
    pub fn best(&self, crossings: &Crossings) -> Vec<[[usize; 2]; 2]> {
        let (n_momenta, n_conditions) = (self.momenta.len(), self.conditions.len());
        let least = |condition: usize, momenta: usize| {
            let points =
                (0..self.lrs.len()).flat_map(|lr| (0..momenta).map(move |beta| [lr, beta]));
            let rate = |[lr, beta]: [usize; 2]| {
                crossings.rates[(lr * n_momenta + beta) * n_conditions + condition]
            };
            points.min_by(|&a, &b| rate(a).total_cmp(&rate(b))).expect("a grid has points")
        };
        (0..n_conditions)
            .map(|condition| [least(condition, 1), least(condition, n_momenta)])
            .collect()
    }
}

const CLASSIC: Form = Form::Classic { nesterov: false };

/// The positions along directions of these curvatures, the steepest first, from [`START`] through
/// `steps` steps: one descent of as many parameters.
///
/// # Errors
///
/// If the learning rate or the momentum is outside its range.
pub fn descend(
    lr: f64,
    momentum: f64,
    curvatures: &[f64],
    steps: usize,
) -> Result<Vec<Vec<f32>>, HyperError> {
    let form = if momentum > 0.0 { CLASSIC } else { Form::Plain };
    let sgd = Sgd { form, weight_decay: WeightDecay::None };
    let (mut state, rates) = (sgd.init(curvatures.len())?, Rates::new(lr, momentum)?);
    let mut w = vec![narrow(START[1]); curvatures.len()];
    w[0] = narrow(START[0]);
    let mut grads = vec![0.0; w.len()];
    let mut courses: Vec<_> = w.iter().map(|&w| vec![w]).collect();
    for _ in 0..steps {
        for ((g, &w), lambda) in grads.iter_mut().zip(&w).zip(curvatures) {
            *g = narrow(f64::from(w) * lambda);
        }
        sgd.step(&mut state, rates, &mut w, &grads);
        courses.iter_mut().zip(&w).for_each(|(course, &w)| course.push(w));
    }
    Ok(courses)
}

/// The step after which the distance stays below the goal.
fn arrival(across: &[f32], along: &[f32]) -> Option<usize> {
    let goal = GOAL * START[0].hypot(START[1]);
    let is_below = |(&x, &y): (&f32, &f32)| f64::from(x).hypot(f64::from(y)) < goal;
    let stays = across.iter().zip(along).rev().take_while(|&point| is_below(point)).count();
    (stays > 0).then_some(across.len() - stays)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plane, Walk};

    fn grid() -> Grid {
        Grid {
            lrs: vec![0.3, 1.9, 3.1],
            momenta: vec![0.0, 0.5, 0.9],
            conditions: vec![10.0, 100.0],
            steps: 40,
        }
    }

    #[test]
    fn every_crossing_is_the_descent_in_the_plane_bit_for_bit() {
        let grid = grid();
        let crossings = grid.cross().unwrap();
        for (i, &lr) in grid.lrs.iter().enumerate() {
            for (j, &momentum) in grid.momenta.iter().enumerate() {
                let across = grid.course(&crossings, [i, j], 0);
                for (direction, &condition) in (1..).zip(&grid.conditions) {
                    let along = grid.course(&crossings, [i, j], direction);
                    let plane = Plane { condition, angle: 0.0, start: START };
                    let form = if momentum > 0.0 { CLASSIC } else { Form::Plain };
                    let sgd = Sgd { form, weight_decay: WeightDecay::None };
                    let mut state = sgd.init(2).unwrap();
                    let rates = Rates::new(lr, momentum).unwrap();
                    let mut w = plane.point(START).map(narrow);
                    for (t, (steep, flat)) in across.iter().zip(along).enumerate() {
                        let found = [flat, steep].map(|w| w.to_bits());
                        let wanted = w.map(f32::to_bits);
                        assert_eq!(found, wanted, "α {lr}, β {momentum}, κ {condition}, step {t}");
                        let grads = plane.gradient(w);
                        sgd.step(&mut state, rates, &mut w, &grads);
                    }
                }
            }
        }
        assert_eq!(crossings.positions.len(), 9 * 3 * (grid.steps + 1));
    }

    /// The step after which the distance stays below the goal, in `f64`.
    fn exact(lr: f64, momentum: f64, condition: f64) -> Option<usize> {
        let mut walk = Walk::new(CLASSIC, rounded(lr), rounded(momentum), 2);
        let (curvatures, mut w) = ([1.0, 1.0 / condition], START);
        let mut courses = w.map(|w| vec![narrow(w)]);
        for _ in 0..MOST {
            let grads = [0, 1].map(|i| curvatures[i] * w[i]);
            walk.step(&mut w, &grads);
            courses.iter_mut().zip(w).for_each(|(course, w)| course.push(narrow(w)));
        }
        arrival(&courses[0], &courses[1])
    }

    #[test]
    fn a_crossing_arrives_within_a_step_of_theory_where_that_says_that_it_converges() {
        let grid = grid();
        let Crossings { arrivals, rates, .. } = grid.cross().unwrap();
        let mut cells = arrivals.iter().zip(&rates);
        for &lr in &grid.lrs {
            for &momentum in &grid.momenta {
                for &condition in &grid.conditions {
                    let (&found, &rate) = cells.next().unwrap();
                    let wanted = exact(lr, momentum, condition);
                    let what = format!("α {lr}, β {momentum}, κ {condition}");
                    assert_eq!(wanted.is_some(), rate < 1.0, "{what}: {wanted:?}, rate {rate}");
                    assert_eq!(found.is_some(), wanted.is_some(), "{what}: {found:?}");
                    let off = found.zip(wanted).map_or(0, |(found, wanted)| found.abs_diff(wanted));
                    assert!(off <= 1, "{what}: {found:?} steps, wanted {wanted:?}");
                }
            }
        }
        assert_eq!(cells.next(), None);
    }

    #[test]
    fn the_best_point_is_near_polyaks() {
        let grid = Grid::default();
        let crossings = grid.cross().unwrap();
        let best = grid.best(&crossings);
        for (i, (&condition, [plain, all])) in grid.conditions.iter().zip(best).enumerate() {
            let rate = |[lr, momentum]: [usize; 2]| {
                let at = lr * grid.momenta.len() + momentum;
                crossings.rates[at * grid.conditions.len() + i]
            };
            let ends = [1.0 / condition, 1.0];
            let wanted = theory::best(CLASSIC, &ends);
            let (off, momentum) = (rate(all) - wanted.rate, grid.momenta[all[1]]);
            assert!((-1e-12..0.15).contains(&off), "κ {condition}: {}, {wanted:?}", rate(all));
            // Many α have one rate √β; in a shallow bowl the best between the points is another.
            let is_near = off < 0.05 && (momentum - wanted.momentum).abs() < 0.11;
            assert!(is_near || condition < 10.0, "κ {condition}: {off}, β {momentum}, {wanted:?}");
            let wanted = theory::best(Form::Plain, &ends);
            assert_eq!(plain[1], 0, "κ {condition}");
            assert!((grid.lrs[plain[0]] - wanted.lr).abs() < 0.11, "κ {condition}: {wanted:?}");
        }
    }
}
