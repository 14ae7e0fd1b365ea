//! Strategies of the crate proptest: numbers, lengths, shapes and settings at which kernels
//! break, and which shrink to the simplest that does.
//!
//! # Examples
//!
//! ```
//! use proptest::prelude::*;
//! use proptest::test_runner::RngSeed;
//! use ravine_conformance::{Agreement, strategies, update};
//!
//! struct Mine;
//!
//! impl update::Kernel for Mine {
//!     fn step(&mut self, step: &update::Step, w: &mut [f32], v: &mut [f32], g: &[f32]) {
//!         step.apply(w, v, g);
//!     }
//! }
//!
//! let config = ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() };
//! proptest!(config, |(case in strategies::update(200))| {
//!     prop_assert_eq!(case.trial().run(&mut Mine, Agreement::Bits), Ok(()));
//! });
//! ```

use proptest::collection::vec;
use proptest::num;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use crate::adaptive::Rule;
use crate::function::Function;
use crate::narrow::Kept;
use crate::product::{Kind, Shape};
use crate::sum::Terms;
use crate::update::{Decay, Form, Gradient, Rates, Setting};
use crate::values::HARD;
use crate::{Draw, adaptive, function, narrow, product, sum, update};

/// Floats of every kind: moderate, normal, subnormal, zeros, infinities, NaN, and those of
/// [`HARD`].
pub fn float() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => moderate(),
        2 => select(&HARD[..]),
        1 => num::f32::ANY,
        1 => num::f32::SUBNORMAL | num::f32::POSITIVE | num::f32::NEGATIVE,
    ]
}

/// Floats of both signs from 2⁻⁴ to 2⁴, none of them zero.
pub fn moderate() -> impl Strategy<Value = f32> {
    (0.0625_f32..16.0, any::<bool>()).prop_map(|(x, negative)| if negative { -x } else { x })
}

/// Vectors of any [`float`], up to `most` elements.
pub fn vector(most: usize) -> impl Strategy<Value = Vec<f32>> {
    length(most).prop_flat_map(|len| vec(float(), len))
}

/// Lengths up to `most`; half of them within one of a multiple of sixteen.
pub fn length(most: usize) -> impl Strategy<Value = usize> {
    let edge = (0..=most / 16, 0..=2_usize);
    let edge = edge.prop_map(move |(n, past)| (16 * n + past).saturating_sub(1).min(most));
    prop_oneof![0..=most, edge]
}

/// Where a slice lies past a cache line.
fn offset() -> impl Strategy<Value = usize> {
    0..16_usize
}

/// Kinds of numbers.
fn draw() -> impl Strategy<Value = Draw> {
    select(&[Draw::Ordinary, Draw::Wide, Draw::Hostile][..])
}

/// Settings of updates: every form, look-ahead where it is defined, any decay and treatment of
/// the gradient.
pub fn setting() -> impl Strategy<Value = Setting> {
    let form = prop_oneof![
        Just(Form::Plain),
        Just(Form::Classic),
        (0.0..1.0).prop_map(|dampening| Form::Dampened { dampening }),
        Just(Form::Dampened { dampening: 0.0 }),
        Just(Form::Sutskever),
        Just(Form::Ema),
        Just(Form::EmaUnbiased),
        (0.0..=1.0).prop_map(|nu| Form::QuasiHyperbolic { nu }),
    ];
    (form, any::<bool>(), decay(), gradient()).prop_map(|(form, ahead, decay, gradient)| {
        let nesterov = ahead && form.can_look_ahead();
        Setting { form, nesterov, decay, gradient }
    })
}

/// Decays of the parameters.
fn decay() -> impl Strategy<Value = Decay<f64>> {
    prop_oneof![
        Just(Decay::None),
        (1e-6..1.0).prop_map(Decay::Coupled),
        (1e-6..1.0).prop_map(Decay::Decoupled),
    ]
}

/// Treatments of the gradient that leave in it what is not finite.
fn gradient() -> impl Strategy<Value = Gradient> {
    prop_oneof![
        Just(Gradient::AsIs),
        (1e-3_f32..2.0).prop_map(Gradient::Scaled),
        (0.0_f32..10.0).prop_map(Gradient::Clamped),
    ]
}

/// Settings of Adam and RMSProp: every rule, any decay and treatment of the gradient, also those
/// that make +0 of what is not finite.
pub fn adaptive_setting() -> impl Strategy<Value = adaptive::Setting> {
    let numbers = (0.0..0.9999, 1e-10..1e-2);
    let adam =
        numbers.clone().prop_map(|(square_decay, epsilon)| Rule::Adam { square_decay, epsilon });
    let options = [any::<bool>(), any::<bool>()];
    let others = (numbers, options).prop_map(|((square_decay, epsilon), [centered, momentum])| {
        Rule::RmsProp { square_decay, epsilon, centered, momentum }
    });
    let gradient = prop_oneof![
        3 => gradient(),
        1 => (1e-3_f32..2.0).prop_map(Gradient::FiniteScaled),
        1 => (0.0_f32..10.0).prop_map(Gradient::FiniteClamped),
    ];
    (prop_oneof![adam, others], decay(), gradient)
        .prop_map(|(rule, decay, gradient)| adaptive::Setting { rule, decay, gradient })
}

/// Settings of steps with an average: those of updates, velocity and average kept in every way.
pub fn narrow_setting() -> impl Strategy<Value = narrow::Setting> {
    let kept = || {
        let chance = any::<u64>().prop_map(|seed| Kept::Stochastic { seed });
        prop_oneof![Just(Kept::Wide), Just(Kept::Nearest), chance]
    };
    (setting(), [kept(), kept()], 0.0..0.9999).prop_map(
        |(update, [velocity, average], average_decay)| {
            let velocity = if update.form.has_velocity() { velocity } else { Kept::Wide };
            narrow::Setting { update, velocity, average, average_decay }
        },
    )
}

/// Rates of `steps` steps: both change from step to step, and some momenta are zero.
pub fn schedule(steps: usize) -> impl Strategy<Value = Vec<Rates>> {
    let momentum = weighted(0.8, 0.0..0.999).prop_map(Option::unwrap_or_default);
    (vec(1e-4..1.0, steps), vec(momentum, steps + 1)).prop_map(|(lrs, momenta)| {
        let momenta = momenta.windows(2);
        let rates = lrs.into_iter().zip(momenta);
        rates.map(|(lr, pair)| Rates { lr, momentum: pair[0], next_momentum: pair[1] }).collect()
    })
}

/// Updates of up to `most` parameters.
pub fn update(most: usize) -> impl Strategy<Value = update::Case> {
    let offsets = [offset(), offset(), offset()];
    (setting(), length(most), offsets, draw(), 0..1000_u64).prop_map(
        |(setting, length, offsets, draw, seed)| update::Case {
            setting,
            length,
            offsets,
            draw,
            seed,
        },
    )
}

/// Steps of Adam and RMSProp on up to `most` parameters.
pub fn adaptive(most: usize) -> impl Strategy<Value = adaptive::Case> {
    let offsets = [offset(), offset(), offset(), offset(), offset()];
    (adaptive_setting(), length(most), offsets, draw(), 0..1000_u64).prop_map(
        |(setting, length, offsets, draw, seed)| adaptive::Case {
            setting,
            length,
            offsets,
            draw,
            seed,
        },
    )
}

/// Steps with an average, in 16 bits or not, on up to `most` parameters.
pub fn narrow(most: usize) -> impl Strategy<Value = narrow::Case> {
    let offsets = [offset(), offset(), offset(), offset()];
    (narrow_setting(), length(most), offsets, draw(), 0..1000_u64).prop_map(
        |(setting, length, offsets, draw, seed)| narrow::Case {
            setting,
            length,
            offsets,
            draw,
            seed,
        },
    )
}

/// Functions of up to `most` elements, masks and slopes among them.
pub fn function(most: usize) -> impl Strategy<Value = function::Case> {
    let functions = select(&Function::ALL[..]);
    (functions, length(most), [offset(), offset()], 0..1000_u64).prop_map(
        |(function, length, offsets, seed)| function::Case { function, length, offsets, seed },
    )
}

/// Sums of up to `most` elements.
pub fn sum(most: usize) -> impl Strategy<Value = sum::Case> {
    let terms = select(&[Terms::Values, Terms::Squares, Terms::Products][..]);
    (terms, length(most), [offset(), offset()], draw(), 0..1000_u64).prop_map(
        |(terms, length, offsets, draw, seed)| sum::Case { terms, length, offsets, draw, seed },
    )
}

/// Shapes of products, each size up to `most`, which may be zero.
pub fn shape(most: usize) -> impl Strategy<Value = Shape> {
    [length(most), length(most), length(most)].prop_map(|[m, k, n]| Shape { m, k, n })
}

/// Products whose sizes are up to `most`.
pub fn product(most: usize) -> impl Strategy<Value = product::Case> {
    let kind = select(&[Kind::Plain, Kind::OverSamples, Kind::ColumnSums][..]);
    let offsets = [offset(), offset(), offset()];
    (kind, shape(most), offsets, draw(), 0..1000_u64).prop_map(
        |(kind, shape, offsets, draw, seed)| {
            let m = if kind == Kind::ColumnSums { 1 } else { shape.m };
            product::Case { kind, shape: Shape { m, ..shape }, offsets, draw, seed }
        },
    )
}
