//! The definition of a step, one element at a time.

use ravine_momentum::{Decay, Gradient, Motion, Rule, Step};

/// One step of one element; gives the new parameter and velocity.
pub(crate) fn formula(step: &Step, w: f32, v: f32, g: f32) -> (f32, f32) {
    let g = match step.gradient {
        Gradient::AsIs => g,
        Gradient::Scaled(s) => s * g,
        Gradient::Clamped(limit) if g > limit => limit,
        Gradient::Clamped(limit) if g < -limit => -limit,
        Gradient::Clamped(_) => g,
    };
    let g = if let Decay::Coupled(decay) = step.decay { g + decay * w } else { g };
    let kept = if let Decay::Decoupled(e) = step.decay { w - e * w } else { w };
    match step.motion {
        Motion::Plain { lr } => (kept - lr * g, v),
        Motion::Momentum(Rule { a, b, c, d }) => {
            let v = a * v + b * g;
            let v = if v.abs() < f32::MIN_POSITIVE { 0.0 } else { v };
            (kept - d.map_or(c * v, |d| c * v + d * g), v)
        }
    }
}

/// [`formula`] over slices; a plain step leaves the velocity alone.
pub(crate) fn apply(step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
    for (i, &g) in grads.iter().enumerate() {
        let v = velocity.get(i).copied().unwrap_or(0.0);
        let (w, v) = formula(step, params[i], v, g);
        params[i] = w;
        if let Some(slot) = velocity.get_mut(i) {
            *slot = v;
        }
    }
}
