//! What the forms run down: a bowl, with noise.

use ravine_conformance::Draw;

/// Parameters of a run.
pub(crate) const LEN: usize = 37;

/// [`LEN`] numbers of both signs with magnitudes in 2⁻⁸..1.
pub(crate) fn small(seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, LEN).into_iter().map(|x| x / 16.0).collect()
}

/// The gradient of step `t` at the parameters: of a bowl of curvatures in 0..1 around `center`,
/// with noise.
pub(crate) fn grads(params: &[f32], center: f32, t: u64) -> Vec<f32> {
    let (curvature, noise) = (small(2), small(3 + t));
    let slope = params.iter().zip(curvature).map(|(w, c)| (w - center) * c.abs());
    slope.zip(noise).map(|(slope, noise)| slope + 0.1 * noise).collect()
}
