//! Steps over tensors, with an average of the weights: the bits of one vector, however it is cut.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_conformance::narrow::{self, Case, Kept};
use ravine_conformance::update::Gradient;
use ravine_conformance::{Agreement, Extent, compare};
use ravine_momentum::{self as ours, Rates, Sgd, Tensor, VectorEma, WeightDecay};
use ravine_simd::{Level, Par};

use crate::formula::averaged;
use crate::run::Run;
use crate::{SHARED, THREADS};

const CUTS: [&[usize]; 6] = [&[300], &[1], &[0, 17, 5000, 3, 16], &[40_000], &[32_776], &[1 << 20]];

/// The settings of the law whose velocity and average are wide, each as a case of a length.
fn cases(length: usize) -> impl Iterator<Item = Case> {
    let all = narrow::cases(Extent::Quick).filter(|case| case.length == 47);
    let wide =
        all.filter(|Case { setting, .. }| [setting.velocity, setting.average] == [Kept::Wide; 2]);
    wide.map(move |case| Case { length, ..case })
}

/// Runs a case on every level, cut in many ways, by each number of threads, the average a further
/// output of the steps or apart from them.
fn holds(case: Case, cuts: &[&'static [usize]], threads: &[usize]) {
    let trial = case.trial();
    for level in Level::available() {
        for (&lengths, &n) in cuts.iter().flat_map(|cut| threads.iter().map(move |n| (cut, n))) {
            let apart = (case.length + lengths.len() + n).is_multiple_of(2);
            let run = &mut Run::new((level, Par::threads(n)), lengths, apart);
            let kept = trial.run(run, Agreement::Bits);
            let at = format!("{level}, {n} threads, cut by {lengths:?}");
            assert_eq!(kept, Ok(()), "{at}, average apart: {apart}");
        }
    }
}

#[test]
fn a_cut_into_tensors_changes_no_bit() {
    for length in [0, 1, 15, 16, 333, 6001] {
        for case in cases(length) {
            holds(case, &CUTS, &[1, 2]);
        }
    }
}

#[test]
fn threads_that_share_tensors_change_no_bit() {
    let decorated = |case: &Case| case.setting.update.gradient != Gradient::AsIs;
    for case in cases(SHARED + 5001).filter(decorated).step_by(4) {
        holds(case, &CUTS, &THREADS);
    }
    // Enough for five threads, so that parts that begin inside a tensor are cut again.
    let ahead = |case: &Case| case.setting.update.nesterov;
    let case = cases(5 * SHARED / 2 + 77).find(ahead).unwrap();
    holds(case, &[&[0, 17, 5000, 3, 16], &[40_000]], &[3, 5]);
}

#[test]
fn the_average_warms_up() {
    for level in Level::available() {
        let mut average = VectorEma::new(level, Par::Seq, 0.5, &[8.0]).unwrap().warming_up();
        let (mut want, mut left) = (8.0, 1.0);
        for t in 0..20 {
            let warm = f64::from(1 + t) / f64::from(10 + t);
            let (found, decay) = (average.next_decay(), warm.min(0.5));
            assert!(found.to_bits() == decay.to_bits(), "{level}, step {t}: {found}, not {decay}");
            average.push(&[3.0]);
            want = averaged(decay, want, 3.0);
            left *= decay;
            let same = compare(&[want], average.value(), Agreement::Bits);
            assert_eq!(same, Ok(()), "{level}, step {t}");
            assert_eq!(average.left().to_bits(), left.to_bits(), "{level}, step {t}");
        }
    }
}

#[test]
fn tensors_that_do_not_fit_are_refused_before_anything_is_written() {
    let sgd =
        Sgd { form: ours::Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
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
            sgd.step_averaged(&mut state, rates, ours::Gradient::AsIs, &mut tensors, &mut ema);
        }));
        let at = (n_params, n_grads, n_state, n_average);
        assert!(ran.is_err(), "{at:?}");
        let one = 1.0_f32.to_bits();
        assert!(params.iter().chain(ema.value()).all(|x| x.to_bits() == one), "{at:?}");
        assert_eq!((state.step_count(), ema.left()), (0, 1.0), "{at:?}");
    }
}
