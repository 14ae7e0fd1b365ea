//! Updates: every form, with every decay and treatment of the gradient.

use ravine::momentum::{Form, Gradient, Rates, Sgd, State, WeightDecay};
use ravine::simd::Buffer;
use ravine_conformance::update::{self, Case, Decay, Kernel, Setting, Step};
use ravine_conformance::{Agreement, Extent};

use super::difference::Place;
use super::tally::{Results, Tally};
use super::way::Way;

/// Whole slices, and stretches of them as a product hands them over.
const FUSION: [&str; 2] = ["", "fused"];

/// Ways of each case, times cases.
pub(super) fn count(extent: Extent) -> u64 {
    (update::cases(extent).count() * Way::all(&FUSION).count()) as u64
}

/// Compares updates with their formula.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("update");
    for case in update::cases(extent) {
        let trial = case.trial();
        tally.case(&place(&case), Way::all(&FUSION), |way, results| {
            trial.run(&mut Ours { way, state: None, results }, Agreement::Bits)
        });
    }
}

/// A case as differences name it.
pub(super) fn place(case: &Case) -> Place<'_> {
    Place { case, length: case.length, offsets: &case.offsets }
}

/// The program's own steps, their numbers included.
struct Ours<'a> {
    way: &'a Way,
    /// What counts the steps of a case; it has no velocity of its own.
    state: Option<State>,
    results: &'a mut Results,
}

impl Kernel for Ours<'_> {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        let (level, par) = self.way.on();
        if step.index == 0 {
            self.state = State::from_parts(level, par, 0, 1.0, Buffer::zeroed(0)).ok();
        }
        let state = self.state.as_mut().expect("the first step makes it");
        let gradient = gradient(step.setting.gradient);
        let ours = sgd(step.setting).begin(state, rates(step.rates), gradient);
        if self.way.manner() == FUSION[0] {
            ours.run(level, par, params, velocity, grads);
        } else {
            for piece in pieces(grads.len()) {
                let velocity = velocity.get_mut(piece.clone()).unwrap_or_default();
                ours.run(level, par, &mut params[piece.clone()], velocity, &grads[piece]);
            }
        }
        self.results.add(params);
        self.results.add(velocity);
    }
}

/// Stretches of uneven length, of 48 to 142 elements.
fn pieces(len: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let next = move |at: usize| (at < len).then(|| at..len.min(at + 48 + (at * 7) % 95));
    std::iter::successors(next(0), move |piece| next(piece.end))
}

/// What a case's setting is called here.
pub(super) fn sgd(setting: Setting) -> Sgd {
    let nesterov = setting.nesterov;
    let form = match setting.form {
        update::Form::Plain => Form::Plain,
        update::Form::Classic => Form::Classic { nesterov },
        update::Form::Dampened { dampening } => Form::Dampened { dampening, nesterov },
        update::Form::Sutskever => Form::Sutskever { nesterov },
        update::Form::Ema => Form::Ema { nesterov },
        update::Form::EmaUnbiased => Form::EmaUnbiased,
        update::Form::QuasiHyperbolic { nu } => Form::QuasiHyperbolic { nu },
    };
    Sgd { form, weight_decay: weight_decay(setting.decay) }
}

/// The rates of a step.
pub(super) fn rates(rates: update::Rates) -> Rates {
    let update::Rates { lr, momentum, next_momentum } = rates;
    let rates = Rates::new(lr, momentum).and_then(|rates| rates.followed_by(next_momentum));
    rates.expect("in range")
}

/// A setting's decay.
pub(super) fn weight_decay(decay: Decay<f64>) -> WeightDecay {
    match decay {
        Decay::None => WeightDecay::None,
        Decay::Coupled(decay) => WeightDecay::Coupled(decay),
        Decay::Decoupled(decay) => WeightDecay::Decoupled(decay),
    }
}

/// A setting's treatment of the gradient.
pub(super) fn gradient(gradient: update::Gradient) -> Gradient {
    match gradient {
        update::Gradient::AsIs => Gradient::AsIs,
        update::Gradient::Scaled(s) => Gradient::Scaled(s),
        update::Gradient::Clamped(limit) => Gradient::Clamped(limit),
        update::Gradient::FiniteScaled(s) => Gradient::FiniteScaled(s),
        update::Gradient::FiniteClamped(limit) => Gradient::FiniteClamped(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_in_order() {
        for len in [0, 1, 47, 48, 49, 1000, 4099] {
            assert_eq!(pieces(len).flatten().collect::<Vec<_>>(), (0..len).collect::<Vec<_>>());
        }
    }
}
