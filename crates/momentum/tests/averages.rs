//! Moving averages of vectors in bits, of numbers against their weights.

use ravine_momentum::{Ema, VectorEma, ema};
use ravine_simd::{LANES, Level, Par};

#[expect(clippy::cast_possible_truncation, reason = "small seeds")]
mod values;
use values::{bits, hostile, wave};

#[test]
fn the_average_of_five_and_seven_is_the_published_one() {
    let mut average = Ema::new(0.9, 0.0).unwrap();
    assert_eq!(average.unbiased(), None);
    for (x, value, unbiased) in [(5.0, 0.5, 5.0), (7.0, 1.15, 1.15 / 0.19)] {
        assert!((average.push(x) - value).abs() < 1e-15);
        assert!((average.unbiased().unwrap() - unbiased).abs() < 1e-14);
    }
}

#[test]
fn the_average_is_the_weighted_sum_of_all_values_and_the_first() {
    for decay in [0.0, 0.3, 0.9, 0.999] {
        let mut average = Ema::new(decay, -3.0).unwrap();
        let values: Vec<f64> = (1..=30_u8).map(|i| f64::from(i).sqrt()).collect();
        for n in 1..=values.len() {
            let got = average.push(values[n - 1]);
            let (initial, weights) = ema::weights(decay, n);
            let sum: f64 = weights.iter().zip(&values).map(|(w, x)| w * x).sum();
            assert!((got - (sum - 3.0 * initial)).abs() < 1e-13, "decay {decay}, {n} values");
            let unbiased = average.unbiased().unwrap();
            assert!((unbiased - sum / (1.0 - initial)).abs() < 1e-11, "decay {decay}, {n} values");
            assert!((initial + weights.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }
}

#[test]
fn every_level_averages_vectors_by_the_formula() {
    for len in (0..=3 * LANES + 1).chain([4099]) {
        let (initial, x) = (hostile(len, 1), hostile(len, 2));
        let average = |(&m, &x): (&f32, &f32)| {
            let m = 0.9_f32 * m + 0.1_f32 * x;
            if m.abs() < f32::MIN_POSITIVE { 0.0 } else { m }
        };
        let want: Vec<f32> = initial.iter().zip(&x).map(average).collect();
        let divisor = 0.1_f32;
        let unbiased: Vec<f32> = want.iter().map(|m| m / divisor).collect();
        for level in Level::available() {
            let mut got = VectorEma::new(level, Par::Seq, 0.9, &initial).unwrap();
            got.push(&x);
            assert_eq!(bits(got.value()), bits(&want), "{level}, len {len}");
            let mut out = vec![f32::NAN; len];
            got.write_unbiased(&mut out);
            assert_eq!(bits(&out), bits(&unbiased), "{level}, len {len}");
        }
    }
}

#[test]
fn threads_do_not_change_an_average() {
    let len = (8 << 15) + 5;
    let (initial, x) = (wave(len, 1), wave(len, 2));
    let averages = [1, 2, 3, 5, 8].map(|threads| {
        let par = Par::threads(threads);
        let mut average = VectorEma::new(Level::detect(), par, 0.99, &initial).unwrap();
        average.push(&x);
        let mut out = vec![f32::NAN; len];
        average.write_unbiased(&mut out);
        (bits(average.value()), bits(&out))
    });
    assert!(averages.iter().all(|other| *other == averages[0]));
}

#[test]
fn an_average_of_zeros_reaches_zero() {
    let mut average = VectorEma::new(Level::detect(), Par::Seq, 0.9, &[1.0; 20]).unwrap();
    for _ in 0..1000 {
        average.push(&[0.0; 20]);
    }
    assert_eq!(bits(average.value()), [0; 20]);
}

#[test]
fn a_decay_outside_its_range_is_refused() {
    for decay in [1.0, -0.1, f64::NAN] {
        assert!(Ema::new(decay, 0.0).is_err());
        assert!(VectorEma::new(Level::detect(), Par::Seq, decay, &[]).is_err());
    }
}
