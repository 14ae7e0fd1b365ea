//! The speed of an update beside what this machine allows.

use ravine::momentum::{Form, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine_lab::{Curve, Speed};

use crate::case::{Case as _, Rule, Spec, Timing, Update, glance, measure, number};
use crate::error::Error;

/// Parameters of the update: more than caches hold.
const PARAMETERS: usize = 2_000_000;
/// Parameters of the points of a curve: from a first-level cache to memory.
const LENGTHS: [usize; 9] =
    [256, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24];

/// Classic momentum by every level, and the fastest loop over the same bytes.
///
/// # Errors
///
/// If a level gives a wrong result.
pub(super) fn speed(par: Par) -> Result<Speed, Error> {
    let Timing { us, limit_us, .. } = measure(&mut update(PARAMETERS, Level::detect(), par)?)?;
    let named = |name: &str, is_limit| Curve { name: name.into(), is_limit, points: Vec::new() };
    let mut curves: Vec<_> = Level::available().map(|level| named(level.name(), false)).collect();
    let mut limit = named("limit", true);
    for len in LENGTHS {
        let mut best = 0.0_f64;
        for (level, curve) in Level::available().zip(&mut curves) {
            let mut case = update(len, level, par)?;
            let (gigabytes, timing) = (1e-3 * case.cost().bytes, glance(&mut case)?);
            curve.points.push((number(len), gigabytes / timing.us));
            // All levels are held to one limit, the best of those taken beside them.
            best = best.max(gigabytes / timing.limit_us);
        }
        limit.points.push((number(len), best));
    }
    curves.push(limit);
    Ok(Speed { parameters: PARAMETERS, threads: par.count(), us, limit_us, curves })
}

fn update(len: usize, level: Level, par: Par) -> Result<Update, Error> {
    let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let rule = Rule::Sgd(sgd);
    let spec = Spec { rule, weight_ema: None, clip_norm: None, len, tensors: 1, offset: 0 };
    Ok(Update::new(spec, level, par)?)
}
