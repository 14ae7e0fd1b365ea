//! What theory says of momentum on a quadratic.
//!
//! Along an eigenvector of curvature λ a step with constant α and β is linear in the error and the
//! velocity, with the characteristic polynomial `z² − T·z + D`:
//!
//! | form | T | D |
//! |---|---|---|
//! | plain | 1 − αλ | 0 |
//! | without Nesterov | 1 + β − gαλ | β |
//! | Nesterov | (1 + β)(1 − gαλ) | β(1 − gαλ) |
//! | quasi-hyperbolic | 1 + β − (1 − νβ)αλ | β(1 − (1 − ν)αλ) |
//!
//! where g is what the form makes of a unit of gradient: 1 − τ for dampened, 1 − β for the moving
//! averages, 1 otherwise. The error shrinks by the larger root's modulus a step (Polyak, "Some
//! methods of speeding up the convergence of iteration methods", 1964; Ma and Yarats,
//! "Quasi-hyperbolic momentum and Adam for deep learning", 2019).

use ravine_momentum::Form;

/// Learning rate, momentum, and the factor by which the error shrinks a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimum {
    /// Learning rate α.
    pub lr: f64,
    /// Momentum β.
    pub momentum: f64,
    /// Modulus of the largest root over the spectrum.
    pub rate: f64,
}

/// Modulus of the larger root at curvature `lambda`: the factor by which a step shrinks the error
/// along its eigenvector, in the limit of many steps. Above 1 it grows.
#[must_use]
pub fn rate(form: Form, lr: f64, momentum: f64, lambda: f64) -> f64 {
    let (beta, h) = (momentum, lr * lambda);
    let (trace, det) = match form {
        Form::Plain => (1.0 - h, 0.0),
        Form::QuasiHyperbolic { nu } => {
            (1.0 + beta - (1.0 - nu * beta) * h, beta * (1.0 - (1.0 - nu) * h))
        }
        form if is_nesterov(form) => {
            let rest = 1.0 - gain(form, beta) * h;
            ((1.0 + beta) * rest, beta * rest)
        }
        form => (1.0 + beta - gain(form, beta) * h, beta),
    };
    let discriminant = trace * trace - 4.0 * det;
    if discriminant < 0.0 { det.sqrt() } else { (trace.abs() + discriminant.sqrt()) / 2.0 }
}

/// The learning rate with the best rate for a given momentum, on a quadratic with these
/// eigenvalues of its Hessian, all positive.
///
/// Without Nesterov it is `2(1 + β) / (g(λ₁ + λₙ))`, which makes the two ends of the spectrum
/// equally fast; where a range of rates is equally good, it is that one. Otherwise it is found
/// numerically to a relative 1e-9.
///
/// # Panics
///
/// If `eigenvalues` is empty.
#[must_use]
pub fn best_lr(form: Form, momentum: f64, eigenvalues: &[f64]) -> Optimum {
    let (low, high) = ends(eigenvalues);
    let worst = |lr: f64| {
        let rates = eigenvalues.iter().map(|&lambda| rate(form, lr, momentum, lambda));
        rates.fold(0.0, f64::max)
    };
    let lr = match form {
        Form::Plain => 2.0 / (low + high),
        // Up to the edge of stability, where a root reaches −1.
        Form::QuasiHyperbolic { nu } => {
            let edge = 2.0 * (1.0 + momentum) / (1.0 + momentum - 2.0 * nu * momentum);
            search(worst, edge / high)
        }
        form if is_nesterov(form) => search(worst, 2.0 / (gain(form, momentum) * high)),
        form => 2.0 * (1.0 + momentum) / (gain(form, momentum) * (low + high)),
    };
    Optimum { lr, momentum, rate: worst(lr) }
}

/// The learning rate and momentum with the best rate together.
///
/// Without Nesterov: `α = (2 / (√λ₁ + √λₙ))² / g`, `β = ((√κ − 1) / (√κ + 1))²`, rate `√β`
/// (Polyak, 1964). Otherwise it is found numerically. Plain descent has no momentum: its rate is
/// `(κ − 1) / (κ + 1)`.
///
/// # Panics
///
/// If `eigenvalues` is empty.
#[must_use]
pub fn best(form: Form, eigenvalues: &[f64]) -> Optimum {
    let (low, high) = ends(eigenvalues);
    let root = (high / low).sqrt();
    let polyak = (root - 1.0) / (root + 1.0);
    match form {
        Form::Plain => best_lr(form, 0.0, eigenvalues),
        Form::QuasiHyperbolic { .. } => joint(form, eigenvalues),
        form if is_nesterov(form) => joint(form, eigenvalues),
        form => {
            let (momentum, lr) = (polyak * polyak, 2.0 / (low.sqrt() + high.sqrt()));
            Optimum { lr: lr * lr / gain(form, momentum), momentum, rate: polyak }
        }
    }
}

fn joint(form: Form, eigenvalues: &[f64]) -> Optimum {
    // Momentum enters as the odds of keeping the velocity, which spreads out the values near 1.
    let beta = |odds: f64| odds / (1.0 + odds);
    let worst = |odds: f64| best_lr(form, beta(odds), eigenvalues).rate;
    let (low, high) = ends(eigenvalues);
    best_lr(form, beta(search(worst, 8.0 * (high / low).sqrt())), eigenvalues)
}

fn is_nesterov(form: Form) -> bool {
    matches!(
        form,
        Form::Classic { nesterov: true }
            | Form::Dampened { nesterov: true, .. }
            | Form::Sutskever { nesterov: true }
            | Form::Ema { nesterov: true }
    )
}

/// What the form makes of a unit of gradient. The correction of the unbiased average tends to 1.
fn gain(form: Form, momentum: f64) -> f64 {
    match form {
        Form::Dampened { dampening, .. } if momentum > 0.0 => 1.0 - dampening,
        Form::Ema { .. } | Form::EmaUnbiased => 1.0 - momentum,
        _ => 1.0,
    }
}

fn ends(eigenvalues: &[f64]) -> (f64, f64) {
    assert!(!eigenvalues.is_empty(), "a quadratic has at least one eigenvalue");
    eigenvalues.iter().fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), &lambda| {
        (low.min(lambda), high.max(lambda))
    })
}

/// The least value of `f` in `0..=most`: a coarse scan of geometric steps, since `f` may have
/// several valleys, and a golden section of the best interval (Kiefer, 1953).
fn search(f: impl Fn(f64) -> f64, most: f64) -> f64 {
    let points: Vec<f64> =
        std::iter::successors(Some(most), |x| Some(0.96 * x)).take(400).collect();
    let best = (0..points.len()).min_by(|&i, &j| f(points[i]).total_cmp(&f(points[j])));
    let best = best.expect("the scan has points");
    let mut low = points.get(best + 1).map_or(0.0, |&x| x);
    let mut high = points[best.saturating_sub(1)];
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    while high - low > 1e-10 * high {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - golden * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + golden * (high - low);
            at_b = f(b);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAVINE: [f64; 3] = [1.0, 30.0, 1000.0];

    fn close(found: f64, wanted: f64, bound: f64) {
        assert!((found / wanted - 1.0).abs() <= bound, "found {found}, wanted {wanted}");
    }

    #[test]
    fn plain_descent_and_heavy_ball_have_polyaks_rates() {
        let plain = best(Form::Plain, &RAVINE);
        close(plain.lr, 2.0 / 1001.0, 1e-15);
        close(plain.rate, 999.0 / 1001.0, 1e-12);
        let (classic, root) = (Form::Classic { nesterov: false }, 1000.0_f64.sqrt());
        let heavy = best(classic, &RAVINE);
        close(heavy.rate, (root - 1.0) / (root + 1.0), 1e-15);
        close(heavy.lr, (2.0 / (1.0 + root)).powi(2), 1e-15);
        let given = best_lr(classic, heavy.momentum, &RAVINE);
        close(given.lr, heavy.lr, 1e-12);
        // The double roots at both ends leave half of the digits.
        close(given.rate, heavy.rate, 1e-6);
    }

    #[test]
    fn nesterov_has_the_rate_of_lessard_recht_and_packard() {
        // "Analysis and design of optimization algorithms via integral quadratic constraints",
        // 2016, table 1: α = 4 / (3L + m), rate 1 − 2 / √(3κ + 1).
        let found = best(Form::Classic { nesterov: true }, &RAVINE);
        close(found.rate, 1.0 - 2.0 / 3001.0_f64.sqrt(), 1e-5);
        close(found.lr, 4.0 / 3001.0, 1e-3);
    }

    #[test]
    fn quasi_hyperbolic_momentum_lies_between_plain_descent_and_the_moving_average() {
        let forms = [0.0, 0.7, 1.0].map(|nu| Form::QuasiHyperbolic { nu });
        let [plain, between, average] = forms.map(|form| best(form, &RAVINE).rate);
        close(plain, best(Form::Plain, &RAVINE).rate, 1e-6);
        close(average, best(Form::Ema { nesterov: false }, &RAVINE).rate, 1e-4);
        assert!(average < between && between < plain, "{average} {between} {plain}");
    }

    #[test]
    fn heavy_ball_is_stable_up_to_two_plus_two_beta() {
        for (form, edge) in [
            (Form::Classic { nesterov: false }, 2.0 + 2.0 * 0.9),
            (Form::Ema { nesterov: false }, (2.0 + 2.0 * 0.9) / 0.1),
            (Form::Dampened { dampening: 0.5, nesterov: false }, (2.0 + 2.0 * 0.9) / 0.5),
            (Form::Classic { nesterov: true }, (2.0 + 2.0 * 0.9) / (1.0 + 2.0 * 0.9)),
        ] {
            assert!(rate(form, 0.999_999 * edge, 0.9, 1.0) < 1.0, "{form:?} inside");
            assert!(rate(form, 1.000_001 * edge, 0.9, 1.0) > 1.0, "{form:?} outside");
        }
    }
}
