//! What is not finite, and what is too long.

use ravine_conformance::{Agreement, Draw, compare};
use ravine_momentum::{
    Clip, Form, Gradient, Guard, NonFinite, Rates, Sgd, Tensor, WeightDecay, clip, norm,
};
use ravine_simd::{Level, Par};

use crate::THREADS;

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
    let grads = [3.0, f32::NAN, 4.0, f32::INFINITY, -0.0];
    let look = |clip| {
        let mut params = [0.0; 5];
        let guard = Guard::new(clip, NonFinite::Zero).unwrap();
        guard.look(Level::detect(), Par::Seq, &cut(&mut params, &grads, &[2]))
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
    assert_eq!(compare(&[-0.5, 1.0, -1.0, 1.0, 1.0], &params, Agreement::Bits), Ok(()));
}

#[test]
fn a_finite_gradient_is_only_bounded() {
    for non_finite in [NonFinite::Keep, NonFinite::Skip, NonFinite::Zero] {
        for (clip, want) in [
            (Clip::None, Gradient::AsIs),
            (Clip::Norm(2.5), Gradient::Scaled(0.5)),
            (Clip::Norm(5.0), Gradient::AsIs),
            (Clip::Value(0.5), Gradient::Clamped(0.5)),
        ] {
            let mut params = [0.0; 2];
            let tensors = [Tensor { params: &mut params, grads: &[3.0, 4.0] }];
            let guard = Guard::new(clip, non_finite).unwrap();
            let found = guard.look(Level::detect(), Par::Seq, &tensors);
            assert_eq!(found, Some(want), "{non_finite:?}, {clip:?}");
        }
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
