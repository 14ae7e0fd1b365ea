//! The update beside this machine's limit.

use std::time::Instant;

use ravine::momentum::{Form, Gradient, Rates, Sgd, WeightDecay};
use ravine::simd::{Buffer, Level, Par, limit};
use ravine_lab::Speed;

/// Parameters: more than caches hold, with their velocity and gradients.
const PARAMETERS: usize = 2_000_000;
/// Rounds, each of both loops in turn.
const ROUNDS: usize = 31;
/// Updates in a round.
const UPDATES: u32 = 10;

/// Times classic momentum, and the least loop over the same bytes, in interleaved rounds.
pub(super) fn speed(par: Par) -> Speed {
    let level = Level::detect();
    let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let mut state = sgd.init_on(level, par, PARAMETERS).expect("classic momentum is valid");
    let rates = Rates::new(1e-3, 0.9).expect("both rates are in range");
    let [mut params, mut grads] = [(); 2].map(|()| Buffer::zeroed(PARAMETERS));
    params.fill(1.0);
    grads.fill(1e-3);
    let [mut w, mut v] = [params.clone(), grads.clone()];
    let (mut ours, mut limits) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..UPDATES {
            let step = sgd.begin(&mut state, rates, Gradient::AsIs);
            step.run(level, par, &mut params, state.velocity_mut(), &grads);
        }
        ours.push(micros(begun));
        let begun = Instant::now();
        (0..UPDATES).for_each(|_| limit::update(level, par, &mut w, &mut v, &grads));
        limits.push(micros(begun));
    }
    let (us, limit_us) = (median(ours), median(limits));
    Speed { parameters: PARAMETERS, threads: par.count(), us, limit_us }
}

fn micros(begun: Instant) -> f64 {
    1e6 * begun.elapsed().as_secs_f64() / f64::from(UPDATES)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
