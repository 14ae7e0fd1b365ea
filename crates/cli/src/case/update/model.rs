//! What an update moves, and by what rule.

use std::borrow::Cow;

use half::bf16;
use ravine::momentum::{
    Adam, AdamState, Gradient, Guard, HyperError, Rates, RmsProp, RmsPropState, Rounding, Sgd,
    State, Tensor, VectorEma,
};
use ravine::simd::{Buffer, Level, Par};

/// Who moves the parameters.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// A form of momentum.
    Sgd(Sgd),
    /// The same with a velocity of 16 bits.
    Narrow(Sgd, Rounding),
    /// Classic momentum by a plain loop on one thread.
    Loop,
    /// RMSProp.
    RmsProp(RmsProp),
    /// Adam, or AdamW.
    Adam(Adam),
}

/// What is updated, and how.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Who moves the parameters.
    pub rule: Rule,
    /// Decay of an average of the weights, where there is one.
    pub weight_ema: Option<f64>,
    /// Bound of the norm of all gradients, where there is one.
    pub clip_norm: Option<f64>,
    /// Parameters in all.
    pub len: usize,
    /// Tensors of equal length that they are cut into; what is left over is another.
    pub tensors: usize,
    /// How far past a cache line parameters and gradients start, in elements; states start on one.
    pub offset: usize,
}

#[derive(Clone, Debug)]
enum Kept {
    Sgd(State),
    Narrow(State<bf16>),
    Loop(Buffer),
    RmsProp(RmsPropState),
    Adam(AdamState),
}

/// Parameters and all that a step keeps for them.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) params: Buffer,
    kept: Kept,
    average: Option<VectorEma>,
    rates: Rates,
}

impl Spec {
    /// Slices of `f32` that a step writes.
    pub(super) fn wide(self) -> usize {
        let kept = match self.rule {
            Rule::Sgd(sgd) => usize::from(sgd.form.has_velocity()),
            Rule::Narrow(..) => 0,
            Rule::Loop => 1,
            Rule::RmsProp(rule) => 1 + usize::from(rule.centered) + usize::from(rule.momentum),
            Rule::Adam(_) => 2,
        };
        1 + kept + usize::from(self.weight_ema.is_some())
    }

    /// About how many `f32`s the case holds at once: gradients, and what a step writes twice, for
    /// the reference and then for the limit; states of 16 bits twice more, widened to be compared;
    /// a tensor of the list is two slices.
    pub(crate) fn numbers(self) -> usize {
        let halves = if self.narrow() { 1 + 2 } else { 0 };
        let lists = self.tensors.saturating_mul(size_of::<Tensor<'_>>() / size_of::<f32>());
        (1 + 2 * self.wide() + halves).saturating_mul(self.len).saturating_add(lists)
    }

    /// Whether it writes a slice of 16 bits.
    pub(super) fn narrow(self) -> bool {
        matches!(self.rule, Rule::Narrow(sgd, _) if sgd.form.has_velocity())
    }
}

impl Model {
    pub(super) fn new(
        spec: Spec,
        params: Buffer,
        level: Level,
        par: Par,
    ) -> Result<Self, HyperError> {
        let len = spec.len;
        let kept = match spec.rule {
            Rule::Sgd(sgd) => Kept::Sgd(sgd.init_on(level, par, len)?),
            Rule::Narrow(sgd, rounding) => {
                Kept::Narrow(sgd.init_narrow(level, par, len, rounding)?)
            }
            Rule::Loop => Kept::Loop(Buffer::zeroed(len)),
            Rule::RmsProp(rule) => Kept::RmsProp(rule.init_on(level, par, len)?),
            Rule::Adam(adam) => Kept::Adam(adam.init_on(level, par, len)?),
        };
        let start = &params[spec.offset..];
        let average = spec.weight_ema.map(|decay| VectorEma::new(level, par, decay, start));
        Ok(Self { kept, average: average.transpose()?, params, rates: Rates::new(1e-3, 0.9)? })
    }

    /// Steps, one after another, as a caller's loop takes them.
    pub(super) fn steps(
        &mut self,
        times: u32,
        spec: &Spec,
        guard: &Guard,
        (level, par): (Level, Par),
        grads: &[f32],
    ) {
        let look = |tensors: &[Tensor<'_>]| guard.look(level, par, tensors);
        let Self { params, kept, average, rates } = self;
        let params = &mut params[spec.offset..];
        if spec.tensors == 1 {
            let tensors = &mut [Tensor { params, grads }];
            kept.steps(times, &spec.rule, (*rates, &look), tensors, average.as_mut());
            return;
        }
        let each = (spec.len / spec.tensors).max(1);
        for _ in 0..times {
            // The list is made anew, as it is by whoever borrows tensors for one step.
            let tensors = params.chunks_mut(each).zip(grads.chunks(each));
            let mut tensors: Vec<Tensor<'_>> =
                tensors.map(|(params, grads)| Tensor { params, grads }).collect();
            kept.steps(1, &spec.rule, (*rates, &look), &mut tensors, average.as_mut());
        }
    }

    /// Parameters, states and average, each by its name.
    pub(super) fn values(&self) -> Vec<(&'static str, Cow<'_, [f32]>)> {
        let mut values: Vec<(_, Cow<'_, [f32]>)> = vec![("parameters", self.params[..].into())];
        match &self.kept {
            Kept::Sgd(state) => values.push(("velocity", state.velocity().into())),
            Kept::Loop(velocity) => values.push(("velocity", velocity[..].into())),
            Kept::Narrow(state) => {
                let velocity: Vec<f32> = state.velocity().iter().map(|v| v.to_f32()).collect();
                values.push(("velocity", velocity.into()));
            }
            Kept::RmsProp(state) => values.extend([
                ("squares", state.square().into()),
                ("mean", state.mean().into()),
                ("velocity", state.velocity().into()),
            ]),
            Kept::Adam(state) => {
                values.extend([("mean", state.mean().into()), ("squares", state.square().into())]);
            }
        }
        values.extend(self.average.as_ref().map(|average| ("average", average.value().into())));
        values
    }
}

impl Kept {
    fn steps(
        &mut self,
        times: u32,
        rule: &Rule,
        (rates, look): (Rates, &impl Fn(&[Tensor<'_>]) -> Option<Gradient>),
        tensors: &mut [Tensor<'_>],
        mut average: Option<&mut VectorEma>,
    ) {
        macro_rules! step {
            ($rule:expr, $state:expr) => {
                for _ in 0..times {
                    let Some(gradient) = look(tensors) else { continue };
                    match &mut average {
                        None => $rule.step_tensors($state, rates, gradient, tensors),
                        Some(average) => {
                            $rule.step_averaged($state, rates, gradient, tensors, average);
                        }
                    }
                }
            };
        }
        match (rule, self) {
            (Rule::Sgd(sgd), Self::Sgd(state)) => step!(sgd, state),
            (Rule::Narrow(sgd, _), Self::Narrow(state)) => step!(sgd, state),
            (Rule::Loop, Self::Loop(velocity)) => {
                for _ in 0..times {
                    for Tensor { params, grads } in &mut *tensors {
                        plain_loop(params, velocity, grads);
                    }
                }
            }
            (Rule::RmsProp(rule), Self::RmsProp(state)) => step!(rule, state),
            (Rule::Adam(adam), Self::Adam(state)) => step!(adam, state),
            _ => unreachable!("a state is made by its rule"),
        }
    }
}

/// Classic momentum as one writes it who thinks of nothing else, compiled for the target's
/// baseline: what is to be beaten.
fn plain_loop(params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
    for ((w, v), g) in params.iter_mut().zip(velocity).zip(grads) {
        *v = 0.9 * *v + g;
        *w -= 1e-3 * *v;
    }
}

#[cfg(test)]
mod tests {
    use ravine::momentum::{Form, WeightDecay};

    use super::*;

    #[test]
    fn a_case_holds_gradients_once_and_what_a_step_writes_twice() {
        let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
        let by = |rule, weight_ema| {
            Spec { rule, weight_ema, clip_norm: None, len: 1000, tensors: 1, offset: 0 }.numbers()
        };
        let list = size_of::<Tensor<'_>>() / 4;
        assert_eq!(by(Rule::Sgd(sgd), None), 5000 + list);
        assert_eq!(by(Rule::Narrow(sgd, Rounding::Nearest), None), 6000 + list);
        assert_eq!(by(Rule::Adam(Adam::default()), Some(0.9)), 9000 + list);
    }
}
