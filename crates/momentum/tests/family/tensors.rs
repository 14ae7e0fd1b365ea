//! Steps over tensors, with an average of the weights: the bits of one vector, however it is cut.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_conformance::{Agreement, Draw, compare};
use ravine_momentum::{Form, Gradient, Rates, Sgd, Tensor, VectorEma, WeightDecay};
use ravine_simd::{Level, Par};

use crate::formula::averaged;
use crate::guard::cut;
use crate::{SHARED, THREADS};

const CUTS: [&[usize]; 6] = [&[300], &[1], &[0, 17, 5000, 3, 16], &[40_000], &[32_776], &[1 << 20]];

fn sgds() -> impl Iterator<Item = Sgd> {
    let forms = [
        Form::Plain,
        Form::Classic { nesterov: false },
        Form::Classic { nesterov: true },
        Form::EmaUnbiased,
    ];
    let decays = [WeightDecay::None, WeightDecay::Coupled(0.1), WeightDecay::Decoupled(0.1)];
    forms.into_iter().flat_map(move |form| decays.map(|weight_decay| Sgd { form, weight_decay }))
}

/// Two steps on one vector on the scalar level: parameters, velocity, and the average by its
/// formula.
fn whole(sgd: Sgd, len: usize) -> [Vec<f32>; 3] {
    let mut params = Draw::Ordinary.values(1, len);
    let mut average = params.clone();
    let mut state = sgd.init_on(Level::scalar(), Par::Seq, len).unwrap();
    for t in 0..2 {
        let grads = Draw::Ordinary.values(10 + t, len);
        let step = sgd.begin(&mut state, Rates::new(0.1, 0.9).unwrap(), Gradient::Scaled(0.5));
        step.run(Level::scalar(), Par::Seq, &mut params, state.velocity_mut(), &grads);
        for (m, w) in average.iter_mut().zip(&params) {
            *m = averaged(0.75, *m, *w);
        }
    }
    [params, state.velocity().to_vec(), average]
}

fn holds(sgd: Sgd, len: usize, cuts: &[&[usize]], threads: &[usize]) {
    let [params, velocity, average] = whole(sgd, len);
    let rates = Rates::new(0.1, 0.9).unwrap();
    for level in Level::available() {
        for (&lengths, &n) in cuts.iter().flat_map(|cut| threads.iter().map(move |n| (cut, n))) {
            for averages in [false, true] {
                let par = Par::threads(n);
                let mut found = Draw::Ordinary.values(1, len);
                let mut ema = VectorEma::new(level, par, 0.75, &found).unwrap();
                let mut state = sgd.init_on(level, par, len).unwrap();
                for t in 0..2 {
                    let grads = Draw::Ordinary.values(10 + t, len);
                    let tensors = &mut cut(&mut found, &grads, lengths);
                    let gradient = Gradient::Scaled(0.5);
                    if averages {
                        sgd.step_averaged(&mut state, rates, gradient, tensors, &mut ema);
                    } else {
                        sgd.step_tensors(&mut state, rates, gradient, tensors);
                    }
                }
                let at = format!("{sgd:?}, {level}, {n} threads, {len} cut by {lengths:?}");
                let agrees = |name: &str, wanted: &[f32], found: &[f32]| {
                    assert_eq!(compare(wanted, found, Agreement::Bits), Ok(()), "{name}, {at}");
                };
                agrees("params", &params, &found);
                agrees("velocity", &velocity, state.velocity());
                if averages {
                    agrees("average", &average, ema.value());
                }
            }
        }
    }
}

#[test]
fn a_cut_into_tensors_changes_no_bit() {
    for sgd in sgds() {
        for len in [0, 1, 15, 333, 6001] {
            holds(sgd, len, &CUTS, &[1]);
        }
    }
}

#[test]
fn threads_that_share_tensors_change_no_bit() {
    for sgd in sgds().step_by(4) {
        holds(sgd, SHARED + 5001, &CUTS, &THREADS);
    }
    // Enough for five threads, so that parts that begin inside a tensor are cut again.
    let sgd = Sgd { form: Form::Classic { nesterov: true }, weight_decay: WeightDecay::None };
    holds(sgd, 5 * SHARED / 2 + 77, &[&[0, 17, 5000, 3, 16], &[40_000]], &[3, 5]);
}

#[test]
fn the_average_warms_up() {
    let mut average = VectorEma::new(Level::detect(), Par::Seq, 0.5, &[8.0]).unwrap().warming_up();
    let (mut want, mut left) = (8.0, 1.0);
    for t in 0..20 {
        let t = f64::from(t);
        let decay = ((1.0 + t) / (10.0 + t)).min(0.5);
        assert_eq!(average.next_decay().to_bits(), decay.to_bits(), "step {t}");
        average.push(&[3.0]);
        want = averaged(decay, want, 3.0);
        left *= decay;
        assert_eq!(average.value()[0].to_bits(), want.to_bits(), "step {t}");
        assert_eq!(average.left().to_bits(), left.to_bits(), "step {t}");
    }
}

#[test]
fn tensors_that_do_not_fit_are_refused_before_anything_is_written() {
    let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let rates = Rates::new(0.1, 0.9).unwrap();
    for (n_params, n_grads, n_state, n_average) in
        [(40, 39, 40, 40), (40, 40, 39, 40), (40, 40, 40, 41), (39, 40, 40, 40)]
    {
        let grads = vec![1.0; n_grads];
        let mut params = vec![1.0; n_params];
        let mut ema =
            VectorEma::new(Level::detect(), Par::Seq, 0.5, &vec![1.0; n_average]).unwrap();
        let mut state = sgd.init(n_state).unwrap();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut tensors = [Tensor { params: &mut params, grads: &grads }];
            sgd.step_averaged(&mut state, rates, Gradient::AsIs, &mut tensors, &mut ema);
        }));
        let at = (n_params, n_grads, n_state, n_average);
        assert!(ran.is_err(), "{at:?}");
        let one = 1.0_f32.to_bits();
        assert!(params.iter().chain(ema.value()).all(|x| x.to_bits() == one), "{at:?}");
        assert_eq!((state.step_count(), ema.left()), (0, 1.0), "{at:?}");
    }
}
