//! Runs whose velocity, and the average of whose parameters, the law is shown after every step.

use half::bf16;
use ravine_conformance::narrow::{Kept, Kernel, Setting, Step};
use ravine_momentum::{Gradient, Precision, Rates, Rounding, Sgd, State, VectorEma};
use ravine_simd::{Level, Par};

use crate::guard::cut;
use crate::ours;

/// A run over tensors.
pub(crate) struct Run {
    on: (Level, Par),
    /// The lengths of the tensors, again and again.
    lengths: &'static [usize],
    /// Whether the average is no output of the steps, but takes the parameters after each.
    apart: bool,
    state: Option<Box<dyn Kept32>>,
}

impl Run {
    pub(crate) fn new(on: (Level, Par), lengths: &'static [usize], apart: bool) -> Self {
        Self { on, lengths, apart, state: None }
    }
}

impl Kernel for Run {
    fn step(
        &mut self,
        step: &Step,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        grads: &[f32],
    ) {
        let Self { on, lengths, apart, state } = self;
        if step.index == 0 {
            *state = Some(begun(*on, step.setting, average));
        }
        let state = state.as_mut().unwrap();
        let update = step.update;
        let options = (ours::rates(update.rates), ours::gradient(update.setting.gradient));
        state.step(options, (*lengths, *apart), params, grads);
        state.write(velocity, average);
    }
}

/// A velocity and an average of any precision, which are seen as `f32`.
trait Kept32 {
    fn step(
        &mut self,
        options: (Rates, Gradient),
        manner: (&[usize], bool),
        params: &mut [f32],
        grads: &[f32],
    );
    fn write(&self, velocity: &mut [f32], average: &mut [f32]);
}

struct Kind<V: Precision, A: Precision> {
    sgd: Sgd,
    state: State<V>,
    average: VectorEma<A>,
}

impl<V: Precision + Into<f32>, A: Precision + Into<f32>> Kept32 for Kind<V, A> {
    fn step(
        &mut self,
        (rates, gradient): (Rates, Gradient),
        (lengths, apart): (&[usize], bool),
        params: &mut [f32],
        grads: &[f32],
    ) {
        let Self { sgd, state, average } = self;
        let tensors = &mut cut(params, grads, lengths);
        if apart {
            sgd.step_tensors(state, rates, gradient, tensors);
            average.push(params);
        } else {
            sgd.step_averaged(state, rates, gradient, tensors, average);
        }
    }

    fn write(&self, velocity: &mut [f32], average: &mut [f32]) {
        velocity.copy_from_slice(&wide(self.state.velocity()));
        average.copy_from_slice(&wide(self.average.value()));
    }
}

/// The same numbers, exactly.
pub(crate) fn wide<T: Copy + Into<f32>>(values: &[T]) -> Vec<f32> {
    values.iter().map(|&x| x.into()).collect()
}

fn begun((level, par): (Level, Par), setting: Setting, average: &[f32]) -> Box<dyn Kept32> {
    let (sgd, len) = (ours::sgd(setting.update), average.len());
    match rounding(setting.velocity) {
        None => with(setting, average, (level, par), sgd, sgd.init_on(level, par, len).unwrap()),
        Some(rounding) => {
            let state = sgd.init_narrow(level, par, len, rounding).unwrap();
            with(setting, average, (level, par), sgd, state)
        }
    }
}

fn with<V: Precision + Into<f32>>(
    setting: Setting,
    average: &[f32],
    (level, par): (Level, Par),
    sgd: Sgd,
    state: State<V>,
) -> Box<dyn Kept32> {
    let decay = setting.average_decay;
    match rounding(setting.average) {
        None => {
            let average = VectorEma::new(level, par, decay, average).unwrap();
            Box::new(Kind { sgd, state, average })
        }
        Some(rounding) => {
            let average = VectorEma::narrow(level, par, decay, average, rounding).unwrap();
            Box::new(Kind::<V, bf16> { sgd, state, average })
        }
    }
}

fn rounding(kept: Kept) -> Option<Rounding> {
    match kept {
        Kept::Wide => None,
        Kept::Nearest => Some(Rounding::Nearest),
        Kept::Stochastic { seed } => Some(Rounding::Stochastic { seed }),
    }
}
