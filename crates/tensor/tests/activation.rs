//! Activations and elementary functions: the same bits on every level, and close to the truth.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "oracles are rounded, and counts are small"
)]

use ravine_conformance::function::truth::{distribution, erf, gelu_slope};
use ravine_conformance::{Agreement, compare};
use ravine_simd::{LANES, Level, Par};
use ravine_tensor::{Activation, function};

const ALL: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Gelu,
];

/// Edges, and the arguments where each function is farthest from the truth.
const HOSTILE: [f32; 32] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.624_999_94,
    0.625,
    14.5,
    -14.6,
    -13.2,
    88.722_83,
    88.722_84,
    -87.336_54,
    -103.97,
    -103.98,
    -150.0,
    f32::MIN_POSITIVE,
    f32::from_bits(1),
    -f32::from_bits(1),
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::EPSILON,
    70.4031,
    0.699_976_8,
    0.628_309_55,
    -1.116_659_5,
    1.006_893_2,
    -0.336_236_42,
    -0.618_762_25,
    -13.294_776,
];

/// Hostile values, any bits, and values from −20 to 20.
fn sample(len: usize) -> Vec<f32> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut words = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    });
    let mut next = || words.next().unwrap();
    let drawn = (0..len).map(|i| {
        let word = next();
        if i % 4 == 0 { f32::from_bits(word) } else { word as i32 as f32 * (20.0 / 2e9) }
    });
    HOSTILE.into_iter().chain(drawn).collect()
}

/// Holds two results to the same bits, and names the first index where they differ.
fn same(got: &[f32], want: &[f32], context: &str) {
    assert_eq!(compare(want, got, Agreement::Bits), Ok(()), "{context}");
}

type Function = fn(Level, Par, &mut [f32], &[f32]);

/// The functions of slices that are no activations.
const FUNCTIONS: [(&str, Function); 3] =
    [("exp", function::exp), ("ln", function::ln), ("erf", function::erf)];

fn of(function: Function, level: Level, x: &[f32]) -> Vec<f32> {
    let mut y = vec![f32::NAN; x.len()];
    function(level, Par::Seq, &mut y, x);
    y
}

fn forward(activation: Activation, level: Level, x: &[f32]) -> Vec<f32> {
    let mut y = vec![f32::NAN; x.len()];
    activation.forward(level, Par::Seq, &mut y, x);
    y
}

/// The largest distance from the truth, in units in the last place of the true value; those of
/// subnormal values are 2⁻¹⁴⁹.
fn worst(x: &[f32], y: &[f32], truth: impl Fn(f64) -> f64) -> (f64, f32) {
    worst_in(x, y, truth, |_| 0.0)
}

/// The same in units of at least `least`.
fn worst_in(
    x: &[f32],
    y: &[f32],
    truth: impl Fn(f64) -> f64,
    least: impl Fn(f64) -> f64,
) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for (&x, &y) in x.iter().zip(y) {
        let want = truth(f64::from(x));
        let rounded = want as f32;
        if !rounded.is_finite() || !y.is_finite() {
            same(&[y], &[rounded], &format!("at {x:e}"));
            continue;
        }
        let exponent = (want.abs().to_bits() >> 52).max(1023 - 126) as i32 - 1023 - 23;
        let unit = f64::max(2.0_f64.powi(exponent), least(f64::from(x)));
        let distance = (f64::from(y) - want).abs() / unit;
        if distance > worst.0 {
            worst = (distance, x);
        }
    }
    worst
}

#[test]
fn every_level_gives_the_same_bits() {
    let x = sample(20_000);
    for activation in ALL {
        let y = forward(activation, Level::scalar(), &x);
        let mut want = x.clone();
        activation.backward(Level::scalar(), Par::Seq, &mut want, &x, &y);
        for level in Level::available() {
            same(&forward(activation, level, &x), &y, &format!("{activation:?}, {level}"));
            let mut dx = x.clone();
            activation.backward(level, Par::Seq, &mut dx, &x, &y);
            same(&dx, &want, &format!("{activation:?} back, {level}"));
        }
    }
    for (name, function) in FUNCTIONS {
        let want = of(function, Level::scalar(), &x);
        for level in Level::available() {
            same(&of(function, level, &x), &want, &format!("{name}, {level}"));
        }
    }
}

#[test]
fn length_and_threads_change_no_bits() {
    let x = sample(200_000);
    for activation in ALL {
        let y = forward(activation, Level::detect(), &x);
        let mut dx = vec![1.0; x.len()];
        activation.backward(Level::detect(), Par::Seq, &mut dx, &x, &y);
        for len in (0..=3 * LANES + 1).chain([x.len()]) {
            for threads in [1, 2, 3, 5, 8] {
                let (par, x) = (Par::threads(threads), &x[..len]);
                let (mut y_got, mut dx_got) = (vec![f32::NAN; len], vec![1.0; len]);
                activation.forward(Level::detect(), par, &mut y_got, x);
                activation.backward(Level::detect(), par, &mut dx_got, x, &y_got);
                let context = format!("{activation:?}, {len} elements, {threads} threads");
                same(&y_got, &y[..len], &context);
                same(&dx_got, &dx[..len], &context);
            }
        }
    }
}

/// The bounds are those that `cargo xtask accuracy` holds all 2³² arguments to.
#[test]
fn functions_are_within_the_stated_ulp_of_the_truth() {
    let x = sample(300_000);
    let level = Level::detect();
    let sigmoid =
        |x: f64| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) };
    let gelu = |x: f64| if x == f64::NEG_INFINITY { -0.0 } else { x * distribution(x) };
    let mut slope = vec![1.0; x.len()];
    Activation::Gelu.backward(level, Par::Seq, &mut slope, &x, &x);
    let least = |x: f64| 2.0_f64.powi(if x < -1.5 { -148 } else { -26 });
    let results = [
        ("exp", 1.0, worst(&x, &of(function::exp, level, &x), f64::exp)),
        ("ln", 0.83, worst(&x, &of(function::ln, level, &x), f64::ln)),
        ("tanh", 1.34, worst(&x, &of(function::tanh, level, &x), f64::tanh)),
        ("sigmoid", 1.68, worst(&x, &of(function::sigmoid, level, &x), sigmoid)),
        ("erf", 1.43, worst(&x, &of(function::erf, level, &x), erf)),
        ("gelu", 4.3, worst(&x, &forward(Activation::Gelu, level, &x), gelu)),
        ("gelu's slope", 6.5, worst_in(&x, &slope, gelu_slope, least)),
    ];
    for (name, bound, (worst, x)) in results {
        assert!(worst <= bound, "{name} is {worst} ulp off at {x:e}");
    }
}

#[test]
fn special_values_have_their_limits() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let x = [0.0, -0.0, inf, -inf, nan];
    for level in Level::available() {
        let check = |got: &[f32], want: [f32; 5], name| {
            same(got, &want, &format!("{name}, {level}"));
        };
        check(&of(function::exp, level, &x), [1.0, 1.0, inf, 0.0, nan], "exp");
        check(&of(function::ln, level, &x), [-inf, -inf, inf, nan, nan], "ln");
        check(&of(function::erf, level, &x), [0.0, -0.0, 1.0, -1.0, nan], "erf");
        let map = |activation| forward(activation, level, &x);
        check(&map(Activation::Identity), x, "identity");
        check(&map(Activation::Relu), [0.0, 0.0, inf, 0.0, 0.0], "relu");
        check(&map(Activation::Tanh), [0.0, -0.0, 1.0, -1.0, nan], "tanh");
        check(&map(Activation::Sigmoid), [0.5, 0.5, 1.0, 0.0, nan], "sigmoid");
        check(&map(Activation::Gelu), [0.0, -0.0, inf, -0.0, nan], "gelu");
        same(&of(function::ln, level, &[1.0, -1.0]), &[0.0, nan], &format!("ln, {level}"));
    }
}

#[test]
fn tanh_is_odd_and_functions_rise() {
    let x: Vec<f32> = (0..200_000).map(|i| (i - 100_000) as f32 * 1.3e-4).collect();
    let negated: Vec<f32> = x.iter().map(|x| -x).collect();
    let level = Level::detect();
    let y = forward(Activation::Tanh, level, &x);
    let odd: Vec<f32> = forward(Activation::Tanh, level, &negated).iter().map(|y| -y).collect();
    same(&y, &odd, "tanh");
    // One unit in the last place is the rounding's, not the function's.
    let rises = |y: &[f32]| y.windows(2).all(|y| y[0] <= y[1] + y[1].abs() * 1.2e-7);
    assert!(rises(&y), "tanh");
    assert!(rises(&forward(Activation::Sigmoid, level, &x)), "sigmoid");
    assert!(rises(&of(function::exp, level, &x)), "exp");
    assert!(rises(&of(function::ln, level, &x[100_001..])), "ln");
}

#[test]
fn backward_multiplies_by_the_derivative() {
    let x: Vec<f32> = (0..4000).map(|i| (i as f32 - 1999.5) * 4e-3).collect();
    let dy: Vec<f32> = (0..4000).map(|i| 1.0 + (i % 7) as f32 * 0.25).collect();
    let truth = |activation: Activation, x: f64| match activation {
        Activation::Identity => x,
        Activation::Relu => {
            if x > 0.0 {
                x
            } else {
                0.0
            }
        }
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Gelu => x * distribution(x),
    };
    let level = Level::detect();
    for activation in ALL {
        let y = forward(activation, level, &x);
        let mut dx = dy.clone();
        activation.backward(level, Par::Seq, &mut dx, &x, &y);
        for ((&x, &dy), &dx) in x.iter().zip(&dy).zip(&dx) {
            let (at, h) = (f64::from(x), 1e-5);
            let slope = (truth(activation, at + h) - truth(activation, at - h)) / (2.0 * h);
            let error = (f64::from(dx) - f64::from(dy) * slope).abs();
            assert!(error < 1e-6, "{activation:?}, {level}, at {x}: {dx}, slope {slope}");
        }
    }
}

#[test]
fn relu_lets_no_gradient_through_at_zero_and_nan() {
    let x = [0.0, -0.0, f32::from_bits(1), -f32::from_bits(1), f32::NAN, f32::INFINITY];
    for level in Level::available() {
        let mut dx = [3.0; 6];
        Activation::Relu.backward(level, Par::Seq, &mut dx, &x, &x);
        same(&dx, &[0.0, 0.0, 3.0, 0.0, 0.0, 3.0], level.name());
    }
}

/// Where x > 0 ? x : +0 parts from the larger of the two as aarch64's `fmaxnm` takes it, which a
/// compiler may put in its place.
#[test]
fn relu_of_a_signaling_nan_is_zero() {
    let x = [f32::from_bits(0x7f80_0001), f32::from_bits(0xffbf_ffff), f32::NAN, 2.0];
    let x = x.repeat(10);
    for level in Level::available() {
        let y = forward(Activation::Relu, level, &x);
        same(&y, &[0.0, 0.0, 0.0, 2.0].repeat(10), level.name());
    }
}
