//! A step allocates nothing on the thread that takes it, whatever is switched on.

use allocation_counter::measure;
use ravine_momentum::{
    Adam, Clip, Form, Guard, NonFinite, Rates, RmsProp, Rounding, Sgd, Tensor, VectorEma,
    WeightDecay,
};
use ravine_simd::{Level, Par};

/// Lengths of tensors; together they are worth two threads.
const LENGTHS: [usize; 5] = [300, 0, 40_000, 17, 30_000];

/// Takes two steps on many tensors, and counts what the calling thread allocates.
fn allocated(mut step: impl FnMut(&mut [Tensor<'_>])) -> u64 {
    let mut params = LENGTHS.map(|len| vec![1.0; len]);
    let grads = LENGTHS.map(|len| vec![0.5; len]);
    let mut tensors: Vec<Tensor<'_>> =
        params.iter_mut().zip(&grads).map(|(params, grads)| Tensor { params, grads }).collect();
    let all = measure(|| (0..2).for_each(|_| step(&mut tensors)));
    all.count_total
}

#[test]
fn a_step_allocates_nothing() {
    let (level, par) = (Level::detect(), Par::Seq);
    let len = LENGTHS.iter().sum();
    let start = vec![1.0; len];
    let rates = Rates::new(0.1, 0.9).unwrap();
    let guard = Guard::new(Clip::Norm(1.0), NonFinite::Zero).unwrap();
    let weight_decay = WeightDecay::Coupled(0.1);
    let mut average = VectorEma::new(level, par, 0.9, &start).unwrap();
    let rounding = Rounding::Stochastic { seed: 1 };
    let mut narrow = VectorEma::narrow(level, par, 0.9, &start, rounding).unwrap();

    let sgd = Sgd { form: Form::Classic { nesterov: true }, weight_decay };
    let mut state = sgd.init_on(level, par, len).unwrap();
    let plain = allocated(|tensors| {
        let gradient = guard.look(level, par, tensors).unwrap();
        sgd.step_tensors(&mut state, rates, gradient, tensors);
    });
    let averaged = allocated(|tensors| {
        let gradient = guard.look(level, par, tensors).unwrap();
        sgd.step_averaged(&mut state, rates, gradient, tensors, &mut average);
    });
    let mut state = sgd.init_narrow(level, par, len, rounding).unwrap();
    let narrow = allocated(|tensors| {
        let gradient = guard.look(level, par, tensors).unwrap();
        sgd.step_averaged(&mut state, rates, gradient, tensors, &mut narrow);
    });
    let adam = Adam { weight_decay, ..Adam::default() };
    let mut state = adam.init_on(level, par, len).unwrap();
    let adam = allocated(|tensors| {
        let gradient = guard.look(level, par, tensors).unwrap();
        adam.step_averaged(&mut state, rates, gradient, tensors, &mut average);
    });
    let rule = RmsProp { centered: true, momentum: true, weight_decay, ..RmsProp::default() };
    let mut state = rule.init_on(level, par, len).unwrap();
    let rms_prop = allocated(|tensors| {
        let gradient = guard.look(level, par, tensors).unwrap();
        rule.step_averaged(&mut state, rates, gradient, tensors, &mut average);
    });
    assert_eq!([plain, averaged, narrow, adam, rms_prop], [0; 5]);
}

#[test]
fn sharing_a_step_allocates_nothing_on_the_thread_that_shares_it() {
    let len = LENGTHS.iter().sum();
    let sgd = Sgd { form: Form::Ema { nesterov: false }, weight_decay: WeightDecay::None };
    let (level, par) = (Level::detect(), Par::threads(2));
    let mut state = sgd.init_on(level, par, len).unwrap();
    let rates = Rates::new(0.1, 0.9).unwrap();
    let guard = Guard::new(Clip::Norm(1.0), NonFinite::Keep).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let found = pool.install(|| {
        allocated(|tensors| {
            let gradient = guard.look(level, par, tensors).unwrap();
            sgd.step_tensors(&mut state, rates, gradient, tensors);
        })
    });
    assert_eq!(found, 0);
}
