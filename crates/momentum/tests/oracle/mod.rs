//! The definition of a step, one element at a time, and values to try it on.

use ravine_momentum::{Decay, Gradient, Motion, Rule, Step};

/// `len` numbers in −1..1 without a zero, other ones for every `seed`.
pub fn wave(len: usize, seed: u64) -> Vec<f32> {
    let number = |i: u64| {
        let mut x =
            (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03);
        x = (x ^ (x >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let odd = (x >> 40) | 1;
        (odd as f32 - 8_388_608.0) / 8_388_608.0
    };
    (0..len as u64).map(number).collect()
}

/// [`wave`] with zeros of both signs, subnormal and huge numbers, infinities and NaN between.
pub fn hostile(len: usize, seed: u64) -> Vec<f32> {
    let hard =
        [0.0, -0.0, 1e-40, -1e-45, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.5e-38];
    let mut values = wave(len, seed);
    for (i, value) in values.iter_mut().enumerate() {
        let at = i.wrapping_mul(7).wrapping_add(seed as usize * 5) % (2 * hard.len());
        *value = hard.get(at).copied().unwrap_or(*value);
    }
    values
}

/// Bit patterns, every NaN as one.
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }).collect()
}

/// Every choice of options, with numbers of no special kind.
pub fn steps() -> Vec<Step> {
    let gradients = [Gradient::AsIs, Gradient::Scaled(0.3), Gradient::Clamped(0.4)];
    let decays = [Decay::None, Decay::Coupled(0.07), Decay::Decoupled(0.03)];
    let rule = Rule { a: 0.9, b: 0.7, c: 0.11, d: None };
    let motions = [
        Motion::Plain { lr: 0.13 },
        Motion::Momentum(rule),
        Motion::Momentum(Rule { d: Some(0.05), ..rule }),
    ];
    let mut steps = vec![];
    for gradient in gradients {
        for decay in decays {
            steps.extend(motions.map(|motion| Step { gradient, decay, motion }));
        }
    }
    steps
}

/// One step of one element; gives the new parameter and velocity.
pub fn formula(step: &Step, w: f32, v: f32, g: f32) -> (f32, f32) {
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
pub fn apply(step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
    for (i, &g) in grads.iter().enumerate() {
        let v = velocity.get(i).copied().unwrap_or(0.0);
        let (w, v) = formula(step, params[i], v, g);
        params[i] = w;
        if let Some(slot) = velocity.get_mut(i) {
            *slot = v;
        }
    }
}
