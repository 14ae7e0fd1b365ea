//! What is done to the gradients of all tensors before a step, or instead of it.

use ravine_simd::sum::{self, LEAF, Square, Term};
use ravine_simd::{Lanes, Level, Par, Simd};

use crate::part::total;
use crate::rates::{check, is_positive};
use crate::{Gradient, HyperError, Tensor, clip, round};

/// Bounds of a gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Clip {
    /// None.
    #[default]
    None,
    /// Of the norm of all tensors together.
    Norm(f64),
    /// Of each element's magnitude.
    Value(f64),
}

/// What becomes of a step whose gradients hold an infinity or a NaN, as they are given: a scale of
/// the guard may yet carry a finite one beyond all numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NonFinite {
    /// It is taken; where a bounded norm is infinite or NaN, as [`clip::by_norm`] says.
    #[default]
    Keep,
    /// It is not taken: parameters, states and counts of steps stay as they are.
    Skip,
    /// It is taken with +0 for each such element, which the norm does not count either.
    Zero,
}

/// Looks at the gradients of all tensors once, and says what a step does to them.
///
/// The norm and the search for what is not finite share one pass, which reads 4 bytes per
/// parameter. There is none but for [`Clip::Norm`] and [`NonFinite::Skip`]: a step replaces what is
/// not finite on its way.
///
/// # Examples
///
/// ```
/// use ravine_momentum::{Clip, Form, Guard, NonFinite, Rates, Sgd, Tensor, WeightDecay};
/// use ravine_simd::{Level, Par};
///
/// let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
/// let guard = Guard::new(Clip::Norm(2.5), NonFinite::Skip)?;
/// let (mut w, mut b) = ([1.0, 1.0], [1.0]);
/// let mut state = sgd.init(3)?;
/// for bias in [4.0, f32::NAN] {
///     let mut tensors = [
///         Tensor { params: &mut w, grads: &[3.0, 0.0] },
///         Tensor { params: &mut b, grads: &[bias] },
///     ];
///     if let Some(gradient) = guard.look(Level::detect(), Par::Seq, &tensors) {
///         sgd.step_tensors(&mut state, Rates::new(1.0, 0.9)?, gradient, &mut tensors);
///     }
/// }
/// assert_eq!((w, b), ([-0.5, 1.0], [-1.0]));
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guard {
    clip: Clip,
    non_finite: NonFinite,
    /// What gradients are multiplied by; `None` for 1.
    scale: Option<f64>,
}

impl Guard {
    /// A guard.
    ///
    /// # Errors
    ///
    /// If a bound is not positive and finite, also as an `f32`.
    pub fn new(clip: Clip, non_finite: NonFinite) -> Result<Self, HyperError> {
        if let Clip::Norm(bound) | Clip::Value(bound) = clip {
            check("clip", bound, "0 < clip < ∞ as an f32", is_positive(bound))?;
        }
        Ok(Self { clip, non_finite, scale: None })
    }

    /// The same for gradients that are to be multiplied by `scale` before they are bounded, such as
    /// those of a loss that was scaled up: the scale and the bound are one factor of the step,
    /// rounded to `f32` once.
    ///
    /// # Errors
    ///
    /// If the scale is not positive and finite as an `f32`, or the guard bounds single elements,
    /// which is no factor.
    pub fn scaled(self, scale: f64) -> Result<Self, HyperError> {
        check("scale", scale, "0 < scale < ∞ as an f32", is_positive(scale))?;
        let is_factor = !matches!(self.clip, Clip::Value(_));
        check("scale", scale, "there is none beside a bound of single elements", is_factor)?;
        Ok(Self { scale: Some(scale), ..self })
    }

    /// What a step does to the gradients; `None` where it is to be skipped.
    ///
    /// # Panics
    ///
    /// If a tensor's parameters and gradients differ in length, and the guard reads them.
    #[inline]
    #[must_use]
    pub fn look(&self, level: Level, par: Par, tensors: &[Tensor<'_>]) -> Option<Gradient> {
        if *self == Self::default() {
            return Some(Gradient::AsIs);
        }
        self.look_closely(level, par, tensors)
    }

    /// What [`look`](Self::look) says where there is anything to say; apart from it, so that a guard
    /// that does nothing costs a comparison.
    #[inline(never)]
    fn look_closely(&self, level: Level, par: Par, tensors: &[Tensor<'_>]) -> Option<Gradient> {
        let zeroes = self.non_finite == NonFinite::Zero;
        let of_slice = if zeroes { finite_squares } else { sum::squares };
        let reads = matches!(self.clip, Clip::Norm(_)) || self.non_finite == NonFinite::Skip;
        let norm = match reads {
            true => squares(level, par, tensors, (0, total(tensors)), of_slice).sqrt(),
            false => 0.0,
        };
        if self.non_finite == NonFinite::Skip && !norm.is_finite() {
            return None;
        }
        Some(match self.bound(norm) {
            bounded if !zeroes => bounded,
            Gradient::Clamped(limit) => Gradient::FiniteClamped(limit),
            Gradient::Scaled(factor) => Gradient::FiniteScaled(factor),
            _ => Gradient::FiniteScaled(1.0),
        })
    }

    #[inline]
    fn bound(&self, norm: f64) -> Gradient {
        let scale = self.scale.unwrap_or(1.0);
        match (self.clip, self.scale) {
            (Clip::Norm(limit), _) if limit < scale * norm => Gradient::Scaled(round(limit / norm)),
            (Clip::Value(limit), _) => clip::by_value(limit),
            (_, Some(scale)) => Gradient::Scaled(round(scale)),
            (_, None) => Gradient::AsIs,
        }
    }
}

/// `√Σ gᵢ²` over the gradients of all tensors, in `f64`: the bits of
/// [`clip::global_norm`] of one vector that holds them all, whatever the level and the threads. Reads
/// 4 bytes per parameter.
///
/// # Panics
///
/// If a tensor's parameters and gradients differ in length.
#[must_use]
pub fn norm(level: Level, par: Par, tensors: &[Tensor<'_>]) -> f64 {
    squares(level, par, tensors, (0, total(tensors)), sum::squares).sqrt()
}

/// [`Square`], and zero for what is not finite.
#[derive(Clone, Copy)]
struct Finite;

impl Term<1> for Finite {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, [g]: [S::F32; 1]) -> S::F64 {
        let is_finite = g.abs().lt(simd.splat(f32::INFINITY));
        Square.of(simd, [g.zero_where(!is_finite)])
    }
}

fn finite_squares(level: Level, par: Par, grads: &[f32]) -> f64 {
    sum::run(level, par, [grads], Finite)
}

/// The sum over `len` gradients from `skip` on, by the tree of [`sum`] over all of them.
fn squares(
    level: Level,
    par: Par,
    mut tensors: &[Tensor<'_>],
    (mut skip, len): (usize, usize),
    of_slice: fn(Level, Par, &[f32]) -> f64,
) -> f64 {
    while let Some((first, rest)) = tensors.split_first() {
        if skip < first.grads.len() {
            break;
        }
        skip -= first.grads.len();
        tensors = rest;
    }
    let whole = tensors.first().and_then(|first| first.grads.get(skip..skip + len));
    if let Some(whole) = whole.or((len == 0).then_some(&[])) {
        return of_slice(level, par, whole);
    }
    if len <= LEAF {
        let mut leaf = [0.0; LEAF];
        gather(&mut leaf[..len], tensors, skip);
        return of_slice(level, Par::Seq, &leaf[..len]);
    }
    let (at, par) = sum::cut(par, len);
    let (a, b) = par.join(
        || squares(level, par, tensors, (skip, at), of_slice),
        || squares(level, par, tensors, (skip + at, len - at), of_slice),
    );
    a + b
}

/// Copies the gradients from `skip` on.
fn gather(mut to: &mut [f32], tensors: &[Tensor<'_>], mut skip: usize) {
    for tensor in tensors {
        let from = &tensor.grads[skip..];
        let n = from.len().min(to.len());
        let (head, rest) = to.split_at_mut(n);
        head.copy_from_slice(&from[..n]);
        (to, skip) = (rest, 0);
    }
}
