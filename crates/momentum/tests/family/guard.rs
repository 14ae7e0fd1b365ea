//! What is not finite, and what is too long.

use ravine_conformance::{Agreement, Draw, compare};
use ravine_momentum::{
    Adam, Clip, Form, Gradient, Guard, NonFinite, Rates, RmsProp, Rounding, Sgd, Tensor, VectorEma,
    WeightDecay, clip, norm,
};
use ravine_simd::{Level, Par};

use crate::THREADS;

#[expect(clippy::cast_possible_truncation, reason = "the one rounding of a factor")]
fn single(x: f64) -> f32 {
    x as f32
}

/// Cuts a vector into tensors of these lengths, again and again.
pub(crate) fn cut<'a>(
    mut params: &'a mut [f32],
    mut grads: &'a [f32],
    lengths: &[usize],
) -> Vec<Tensor<'a>> {
    let mut tensors = Vec::new();
    for &len in lengths.iter().cycle() {
        let (head, rest) = params.split_at_mut(len.min(params.len()));
        let (first, more) = grads.split_at(head.len());
        tensors.push(Tensor { params: head, grads: first });
        (params, grads) = (rest, more);
        if grads.is_empty() {
            return tensors;
        }
    }
    tensors
}

#[test]
fn the_norm_does_not_depend_on_how_parameters_are_cut_into_tensors() {
    for len in [0, 1, 37, 4096, 4097, 20_001] {
        let grads = Draw::Ordinary.values(len as u64, len);
        let want = clip::global_norm(Level::scalar(), Par::Seq, &grads);
        for lengths in [&[1000, 3, 0, 17][..], &[300], &[5000], &[4096], &[100_000]] {
            let mut params = vec![0.0; len];
            let tensors = cut(&mut params, &grads, lengths);
            for level in Level::available() {
                for threads in THREADS {
                    let found = norm(level, Par::threads(threads), &tensors);
                    let at = format!("{level}, {threads} threads, {len} cut by {lengths:?}");
                    assert_eq!(found.to_bits(), want.to_bits(), "{at}");
                }
            }
        }
    }
}

#[test]
fn a_step_that_is_skipped_leaves_every_byte() {
    let len = 1000;
    let sgd = Sgd { form: Form::Ema { nesterov: true }, weight_decay: WeightDecay::Coupled(0.1) };
    let rates = Rates::new(0.1, 0.9).unwrap();
    for hole in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in [0, 16, 301, 999] {
            for clip in [Clip::None, Clip::Norm(1.0), Clip::Value(0.5)] {
                let guard = Guard::new(clip, NonFinite::Skip).unwrap();
                let mut params = Draw::Ordinary.values(1, len);
                let mut grads = Draw::Ordinary.values(2, len);
                let mut state = sgd.init(len).unwrap();
                let mut step = |params: &mut [f32], grads: &[f32]| {
                    let mut tensors = cut(params, grads, &[300]);
                    let gradient = guard.look(Level::detect(), Par::Seq, &tensors);
                    let gradient = gradient?;
                    sgd.step_tensors(&mut state, rates, gradient, &mut tensors);
                    Some((state.step_count(), state.velocity().to_vec()))
                };
                let (_, velocity) = step(&mut params, &grads).expect("a finite gradient");
                let before = params.clone();
                grads[at] = hole;
                assert_eq!(step(&mut params, &grads), None, "{hole} at {at}, {clip:?}");
                assert_eq!(compare(&before, &params, Agreement::Bits), Ok(()));
                assert_eq!(state.step_count(), 1);
                assert_eq!(compare(&velocity, state.velocity(), Agreement::Bits), Ok(()));
            }
        }
    }
}

#[test]
fn what_is_not_finite_counts_for_zero() {
    let (level, grads) = (Level::detect(), [3.0, f32::NAN, 4.0, f32::INFINITY, -0.0]);
    let look = |clip| {
        let mut params = [0.0; 5];
        let guard = Guard::new(clip, NonFinite::Zero).unwrap();
        guard.look(level, Par::Seq, &cut(&mut params, &grads, &[2]))
    };
    assert_eq!(look(Clip::None), Some(Gradient::FiniteScaled(1.0)));
    assert_eq!(look(Clip::Norm(2.5)), Some(Gradient::FiniteScaled(0.5)));
    assert_eq!(look(Clip::Norm(5.0)), Some(Gradient::FiniteScaled(1.0)));
    assert_eq!(look(Clip::Value(3.5)), Some(Gradient::FiniteClamped(3.5)));
    let sgd = Sgd { form: Form::Plain, weight_decay: WeightDecay::None };
    let (mut state, mut params) = (sgd.init(5).unwrap(), [1.0; 5]);
    let gradient = look(Clip::Norm(2.5)).unwrap();
    let mut tensors = cut(&mut params, &grads, &[2]);
    sgd.step_tensors(&mut state, Rates::new(1.0, 0.0).unwrap(), gradient, &mut tensors);
    let same = compare(&[-0.5, 1.0, -1.0, 1.0, 1.0], &params, Agreement::Bits);
    assert_eq!(same, Ok(()), "{level}");
}

#[test]
fn a_finite_gradient_is_only_bounded() {
    for non_finite in [NonFinite::Keep, NonFinite::Skip, NonFinite::Zero] {
        for (clip, want, zeroed) in [
            (Clip::None, Gradient::AsIs, Gradient::FiniteScaled(1.0)),
            (Clip::Norm(2.5), Gradient::Scaled(0.5), Gradient::FiniteScaled(0.5)),
            (Clip::Norm(5.0), Gradient::AsIs, Gradient::FiniteScaled(1.0)),
            (Clip::Value(0.5), Gradient::Clamped(0.5), Gradient::FiniteClamped(0.5)),
        ] {
            // Zeroing changes no bit of what is finite: the laws of the steps say so.
            let want = if non_finite == NonFinite::Zero { zeroed } else { want };
            let mut params = [0.0; 2];
            let tensors = [Tensor { params: &mut params, grads: &[3.0, 4.0] }];
            let guard = Guard::new(clip, non_finite).unwrap();
            let found = guard.look(Level::detect(), Par::Seq, &tensors);
            assert_eq!(found, Some(want), "{non_finite:?}, {clip:?}");
        }
    }
}

/// A factor of the gradients and a bound of their norm are one factor of the step.
#[test]
fn gradients_are_scaled_before_they_are_bounded() {
    let (mut params, grads) = ([0.0; 2], [300.0, 400.0]);
    let tensors = [Tensor { params: &mut params, grads: &grads }];
    for (clip, non_finite, want) in [
        (Clip::None, NonFinite::Keep, Gradient::Scaled(0.01)),
        (Clip::Norm(2.5), NonFinite::Keep, Gradient::Scaled(0.005)),
        (Clip::Norm(5.5), NonFinite::Skip, Gradient::Scaled(0.01)),
        (Clip::Norm(5.5), NonFinite::Zero, Gradient::FiniteScaled(0.01)),
    ] {
        let guard = Guard::new(clip, non_finite).unwrap().scaled(0.01).unwrap();
        let found = guard.look(Level::detect(), Par::Seq, &tensors);
        assert_eq!(found, Some(want), "{clip:?}, {non_finite:?}");
    }
    let guard = |clip| Guard::new(clip, NonFinite::Keep).unwrap();
    assert!([0.0, -1.0, f64::NAN, 1e60].iter().all(|&s| guard(Clip::None).scaled(s).is_err()));
    assert!(guard(Clip::Value(1.0)).scaled(0.5).is_err());
}

/// Every rule shares the guard's verdict: what is not looked through is not touched.
#[test]
fn a_step_that_is_skipped_leaves_the_states_of_every_rule() {
    let (len, rates) = (700, Rates::new(0.1, 0.9).unwrap());
    let guard = Guard::new(Clip::None, NonFinite::Skip).unwrap();
    let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let (adam, rms_prop) = (Adam::default(), RmsProp { momentum: true, ..RmsProp::default() });
    let (on, by_chance) = ((Level::detect(), Par::Seq), Rounding::Stochastic { seed: 1 });
    let mut narrow = sgd.init_narrow(on.0, on.1, len, by_chance).unwrap();
    let (mut moments, mut squares) = (adam.init(len).unwrap(), rms_prop.init(len).unwrap());
    let mut params = Draw::Ordinary.values(1, len);
    let mut average = VectorEma::new(on.0, on.1, 0.9, &params).unwrap();
    let mut grads = Draw::Ordinary.values(2, len);
    let mut seen = Vec::new();
    for hole in [None, Some(f32::NAN)] {
        grads[400] = hole.unwrap_or(grads[400]);
        let mut tensors = cut(&mut params, &grads, &[300, 7]);
        if let Some(gradient) = guard.look(on.0, on.1, &tensors) {
            sgd.step_averaged(&mut narrow, rates, gradient, &mut tensors, &mut average);
            adam.step_averaged(&mut moments, rates, gradient, &mut tensors, &mut average);
            rms_prop.step_averaged(&mut squares, rates, gradient, &mut tensors, &mut average);
        }
        let states = [moments.mean(), moments.square(), squares.square(), squares.velocity()];
        let wide = [&params[..], average.value()].into_iter().chain(states).flatten();
        let bits: Vec<u32> = wide.map(|x| x.to_bits()).collect();
        let halves: Vec<u16> = narrow.velocity().iter().map(|v| v.to_bits()).collect();
        let counts = (narrow.step_count(), moments.step_count(), average.count());
        seen.push((bits, halves, counts));
    }
    assert_eq!(seen[0].2, (1, 1, 3));
    assert!(seen[0] == seen[1], "a skipped step changed something");
}

/// Groups of parameters, each with rates of its own, are bounded by the norm of all.
#[test]
fn groups_step_at_their_own_rates_under_one_bound() {
    let guard = Guard::new(Clip::Norm(1.0), NonFinite::Skip).unwrap();
    let forms = [Form::Classic { nesterov: false }, Form::Ema { nesterov: false }];
    let decays = [WeightDecay::Decoupled(0.1), WeightDecay::None];
    let rates = [Rates::new(0.5, 0.9).unwrap(), Rates::new(0.25, 0.5).unwrap()];
    let grads = [Draw::Ordinary.values(1, 100), Draw::Ordinary.values(2, 30)];
    let start = [Draw::Ordinary.values(3, 100), Draw::Ordinary.values(4, 30)];
    let mut params = start.clone();
    let [first, second] = &mut params;
    let mut all =
        [Tensor { params: first, grads: &grads[0] }, Tensor { params: second, grads: &grads[1] }];
    let level = Level::detect();
    let gradient = guard.look(level, Par::Seq, &all).unwrap();
    let Gradient::Scaled(factor) = gradient else { panic!("{gradient:?} of a long gradient") };
    for (i, group) in all.iter_mut().enumerate() {
        let sgd = Sgd { form: forms[i], weight_decay: decays[i] };
        let mut state = sgd.init(group.params.len()).unwrap();
        sgd.step_tensors(&mut state, rates[i], gradient, std::slice::from_mut(group));
    }
    let norm = clip::global_norm(Level::scalar(), Par::Seq, &grads.concat());
    assert_eq!(factor.to_bits(), (single(1.0 / norm)).to_bits());
    let wanted = [
        std::iter::zip(&start[0], &grads[0])
            .map(|(w, g)| w - 0.05 * w - 0.5 * (factor * g))
            .collect(),
        std::iter::zip(&start[1], &grads[1])
            .map(|(w, g)| w - 0.25 * (0.5 * (factor * g)))
            .collect(),
    ]
    .map(|wanted: Vec<f32>| wanted);
    for (i, (wanted, found)) in wanted.iter().zip(&params).enumerate() {
        assert_eq!(compare(wanted, found, Agreement::Bits), Ok(()), "{level}, group {i}");
    }
}

#[test]
fn bounds_outside_their_range_are_refused() {
    for bound in [0.0, -1.0, 1e-60, 1e60, f64::NAN] {
        for clip in [Clip::Norm(bound), Clip::Value(bound)] {
            assert!(Guard::new(clip, NonFinite::Keep).is_err(), "{clip:?}");
        }
    }
}
