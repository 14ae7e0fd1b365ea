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

/// Classic momentum, and the least loop over the same bytes.
///
/// # Errors
///
/// If a level gives a wrong result.
pub(super) fn speed(par: Par) -> Result<Speed, Error> {
    let Timing { us, limit_us, .. } = measure(&mut update(PARAMETERS, Level::detect(), par)?)?;
    let mut curves = Vec::new();
    for level in Level::available() {
        curves.push(curve(level, par)?);
    }
    // The limit of the widest level is the machine's.
    let limit = curves.last().map(|(_, limit)| limit.clone());
    let curves = curves.into_iter().map(|(curve, _)| curve).chain(limit).collect();
    Ok(Speed { parameters: PARAMETERS, threads: par.count(), us, limit_us, curves })
}

fn update(len: usize, level: Level, par: Par) -> Result<Update, Error> {
    let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let rule = Rule::Sgd(sgd);
    let spec = Spec { rule, weight_ema: None, clip_norm: None, len, tensors: 1, offset: 0 };
    Ok(Update::new(spec, level, par)?)
}

/// A level's curve, and the limit beside it.
fn curve(level: Level, par: Par) -> Result<(Curve, Curve), Error> {
    let (mut found, mut limit) = (Vec::new(), Vec::new());
    for len in LENGTHS {
        let mut case = update(len, level, par)?;
        let bytes = case.cost().bytes;
        let Timing { us, limit_us, .. } = glance(&mut case)?;
        found.push((number(len), bytes / us / 1e3));
        limit.push((number(len), bytes / limit_us / 1e3));
    }
    let curve = |name: &str, is_limit, points| Curve { name: name.into(), is_limit, points };
    Ok((curve(level.name(), false, found), curve("limit", true, limit)))
}
