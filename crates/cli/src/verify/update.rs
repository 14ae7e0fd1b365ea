//! Updates: every form, with every decay and treatment of the gradient.

use std::fmt;

use ravine::momentum::{Form, Gradient, Rates, Sgd, State, Step, WeightDecay};
use ravine::simd::{Buffer, Level, Par};

use super::THREADS;
use super::oracle::hostile;
use super::tally::{Case, Tally};

/// Learning rate.
const LR: f64 = 0.1;
/// Weight decay.
const DECAY: f64 = 0.01;
/// Momentum by step, and what would follow.
const MOMENTA: [f64; 4] = [0.5, 0.7, 0.9, 0.9];

/// Compares updates.
pub(super) fn run(tally: &mut Tally, full: bool) {
    // The last is long enough for eight threads.
    let long = 8 * (1 << 15) + 5;
    let lengths: &[usize] = if full {
        &[0, 1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 255, 1000, 4099, 70_001]
    } else {
        &[0, 1, 15, 16, 17, 33, 49, 1000]
    };
    for sgd in forms().flat_map(|form| decays().map(move |weight_decay| Sgd { form, weight_decay }))
    {
        for gradient in [Gradient::AsIs, Gradient::Scaled(0.3), Gradient::Clamped(0.75)] {
            for &length in lengths {
                compare(tally, Setting { sgd, gradient }, length);
            }
        }
        if full || sgd.weight_decay == WeightDecay::None {
            compare(tally, Setting { sgd, gradient: Gradient::AsIs }, long);
        }
    }
}

fn forms() -> impl Iterator<Item = Form> {
    let nesterov = [false, true].into_iter().flat_map(|nesterov| {
        let dampening = if nesterov { 0.0 } else { 0.25 };
        [
            Form::Classic { nesterov },
            Form::Dampened { dampening, nesterov },
            Form::Sutskever { nesterov },
            Form::Ema { nesterov },
        ]
    });
    [Form::Plain, Form::EmaUnbiased, Form::QuasiHyperbolic { nu: 0.7 }].into_iter().chain(nesterov)
}

fn decays() -> [WeightDecay; 3] {
    [WeightDecay::None, WeightDecay::Coupled(DECAY), WeightDecay::Decoupled(DECAY)]
}

#[derive(Clone, Copy, Debug)]
struct Setting {
    sgd: Sgd,
    gradient: Gradient,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sgd: Sgd { form, weight_decay }, gradient } = self;
        write!(f, "update {form:?}, decay {weight_decay:?}, gradient {gradient:?}")
    }
}

/// Parameters and velocity after each step.
type Course = Vec<[Vec<f32>; 2]>;

fn compare(tally: &mut Tally, setting: Setting, length: usize) {
    let params = hostile(length as u64, length);
    let grads = [1, 2, 3].map(|seed| hostile(1000 * seed + length as u64, length));
    let expected = formula(setting, &params, &grads);
    for [params, velocity] in &expected {
        tally.expect(params);
        tally.expect(velocity);
    }
    for level in Level::available() {
        for threads in THREADS {
            for fused in [false, true] {
                let found = kernel(setting, (level, threads, fused), &params, &grads);
                let what = format!("{setting}, fused {fused}");
                let pairs = expected.iter().flatten().zip(found.iter().flatten());
                let pairs = pairs.map(|(expected, found)| (&expected[..], &found[..]));
                tally.compare(&Case { what: &what, level, threads }, pairs);
            }
        }
    }
}

/// The steps by the kernels; `fused` in the pieces of a product.
fn kernel(
    Setting { sgd, gradient }: Setting,
    (level, threads, fused): (Level, usize, bool),
    params: &[f32],
    grads: &[Vec<f32>; 3],
) -> Course {
    let par = Par::threads(threads);
    let mut params = Buffer::from(params);
    let mut state: State = sgd.init_on(level, par, params.len()).expect("in range");
    let mut course = Course::new();
    for (momenta, grads) in MOMENTA.windows(2).zip(grads) {
        let rates = Rates::new(LR, momenta[0]).and_then(|rates| rates.followed_by(momenta[1]));
        let step = sgd.begin(&mut state, rates.expect("in range"), gradient);
        if fused {
            let velocity = state.velocity_mut();
            Pieces { level, step, params: &mut params, velocity, grads }.run();
        } else {
            step.run(level, par, &mut params, state.velocity_mut(), grads);
        }
        course.push([params.to_vec(), state.velocity().to_vec()]);
    }
    course
}

/// A step on stretches of uneven length, as a product hands them over.
struct Pieces<'a> {
    level: Level,
    step: Step,
    params: &'a mut [f32],
    velocity: &'a mut [f32],
    grads: &'a [f32],
}

impl Pieces<'_> {
    fn run(self) {
        let mut at = 0;
        while at < self.grads.len() {
            let end = self.grads.len().min(at + 1 + (at * 7 + 47) % 96);
            let velocity = match self.velocity.is_empty() {
                true => &mut [][..],
                false => &mut self.velocity[at..end],
            };
            let (params, grads) = (&mut self.params[at..end], &self.grads[at..end]);
            self.step.run(self.level, Par::Seq, params, velocity, grads);
            at = end;
        }
    }
}

/// The steps by the table of forms, one element at a time.
fn formula(setting: Setting, params: &[f32], grads: &[Vec<f32>; 3]) -> Course {
    let Setting { sgd: Sgd { form, weight_decay }, gradient } = setting;
    let mut params = params.to_vec();
    let has_velocity = form != Form::Plain;
    let mut velocity = vec![0.0_f32; if has_velocity { params.len() } else { 0 }];
    let (mut course, mut product) = (Course::new(), 1.0);
    for (step, grads) in grads.iter().enumerate() {
        let (beta, next) = (MOMENTA[step], MOMENTA[step + 1]);
        product *= beta;
        let numbers = numbers(form, (beta, next), product, step == 0);
        for (i, (w, &g)) in params.iter_mut().zip(grads).enumerate() {
            let mut g = match gradient {
                Gradient::AsIs => g,
                Gradient::Scaled(s) => s * g,
                Gradient::Clamped(limit) if limit < g => limit,
                Gradient::Clamped(limit) if g < -limit => -limit,
                Gradient::Clamped(_) => g,
            };
            if let WeightDecay::Coupled(decay) = weight_decay {
                g += round(decay) * *w;
            }
            let change = numbers.map(|([a, b, c], d)| {
                let v = a * velocity[i] + b * g;
                velocity[i] = if v.abs() < f32::MIN_POSITIVE { 0.0 } else { v };
                let change = c * velocity[i];
                d.map_or(change, |d| change + d * g)
            });
            if let WeightDecay::Decoupled(decay) = weight_decay {
                *w -= round(LR * decay) * *w;
            }
            *w -= change.unwrap_or(round(LR) * g);
        }
        course.push([params.clone(), velocity.clone()]);
    }
    course
}

/// The numbers a, b, c and d; none for the plain form.
fn numbers(
    form: Form,
    (beta, next): (f64, f64),
    product: f64,
    first: bool,
) -> Option<([f32; 3], Option<f32>)> {
    let (a, b, c, d) = match form {
        Form::Plain => return None,
        Form::Classic { nesterov: false } => (beta, 1.0, LR, None),
        Form::Classic { nesterov: true } => (beta, 1.0, LR * beta, Some(LR)),
        Form::Dampened { .. } if first => match form {
            Form::Dampened { nesterov: true, .. } => (0.0, 1.0, LR * beta, Some(LR)),
            _ => (0.0, 1.0, LR, None),
        },
        Form::Dampened { dampening, nesterov: false } => (beta, 1.0 - dampening, LR, None),
        Form::Dampened { nesterov: true, .. } => (beta, 1.0, LR * beta, Some(LR)),
        Form::Sutskever { nesterov: false } => (beta, -LR, -1.0, None),
        Form::Sutskever { nesterov: true } => (beta, -LR, -next, Some(LR)),
        Form::Ema { nesterov: false } => (beta, 1.0 - beta, LR, None),
        Form::Ema { nesterov: true } => (beta, 1.0 - beta, LR * beta, Some(LR * (1.0 - beta))),
        Form::EmaUnbiased => (beta, 1.0 - beta, LR / (1.0 - product), None),
        Form::QuasiHyperbolic { nu } => (beta, 1.0 - beta, LR * nu, Some(LR * (1.0 - nu))),
    };
    Some(([a, b, c].map(round), d.map(round)))
}

#[expect(clippy::cast_possible_truncation, reason = "the numbers of a step are rounded once")]
fn round(x: f64) -> f32 {
    x as f32
}
