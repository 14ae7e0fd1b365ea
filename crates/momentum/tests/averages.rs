//! Moving averages of vectors in bits, of numbers against their weights.

use ravine_conformance::{Agreement, Draw, Extent, Guarded, compare, lengths};
use ravine_momentum::{Ema, VectorEma, ema};
use ravine_simd::{Level, Par};

/// Elements that are worth eight threads.
const SHARED: usize = 8 << 15;

#[test]
fn the_average_of_five_and_seven_is_the_published_one() {
    let mut average = Ema::new(0.9, 0.0).unwrap();
    assert_eq!(average.unbiased(), None);
    for (x, value, unbiased) in [(5.0, 0.5, 5.0), (7.0, 1.15, 1.15 / 0.19)] {
        assert!((average.push(x) - value).abs() < 1e-15);
        assert!((average.value() - value).abs() < 1e-15);
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
fn the_share_of_the_first_value_does_not_stay_among_the_subnormal_numbers() {
    // A product with one of them costs more than the rest of a short step.
    let mut average = VectorEma::new(Level::scalar(), Par::Seq, 0.5, &[1.0]).unwrap();
    for _ in 0..1022 {
        average.push(&[1.0]);
    }
    assert_eq!(average.left().to_bits(), f64::MIN_POSITIVE.to_bits());
    average.push(&[1.0]);
    assert_eq!(average.left().to_bits(), 0.0_f64.to_bits());
}

/// The formula: the average, and what an average that started at zero estimates.
fn formula(m: f32, x: f32, decay: f64) -> [f32; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
    let [keep, take] = [decay as f32, (1.0 - decay) as f32];
    let m = keep * m + take * x;
    let m = if m.abs() < f32::MIN_POSITIVE { 0.0 } else { m };
    [m, m / take]
}

fn averages_by_the_formula(len: usize, threads: &[usize]) {
    let seed = len as u64;
    let [initial, x] = [1, 2].map(|operand| Draw::Hostile.values(16 * seed + operand, len));
    let pairs = initial.iter().zip(&x);
    let (value, unbiased): (Vec<_>, Vec<_>) =
        pairs.map(|(&m, &x)| formula(m, x, 0.9).into()).unzip();
    let x = Guarded::new(&x, len % 16);
    for level in Level::available() {
        for &n in threads {
            let at = format!("{level}, {n} threads, length {len}");
            let mut average = VectorEma::new(level, Par::threads(n), 0.9, &initial).unwrap();
            average.push(x.values());
            assert_eq!(compare(&value, average.value(), Agreement::Bits), Ok(()), "value, {at}");
            assert_eq!(average.left().to_bits(), 0.9_f64.to_bits(), "{at}");
            let mut out = Guarded::new(&vec![f32::NAN; len], 3 * len % 16);
            average.write_unbiased(out.values_mut());
            assert_eq!(compare(&unbiased, out.values(), Agreement::Bits), Ok(()), "{at}");
            assert_eq!(out.check(), Ok(()), "unbiased, {at}");
        }
    }
}

#[test]
fn vectors_are_averaged_by_the_formula_on_every_level_by_any_number_of_threads() {
    for len in lengths(Extent::Quick, 4096) {
        averages_by_the_formula(len, &[1]);
    }
    averages_by_the_formula(SHARED + 5, &[1, 2, 3, 5, 8]);
}

#[test]
fn the_shares_of_older_values_shrink_with_every_value() {
    let mut average = VectorEma::new(Level::detect(), Par::Seq, 0.5, &[4.0]).unwrap();
    for (left, value) in [(0.5, 2.0), (0.25, 1.0), (0.125, 0.5)] {
        average.push(&[0.0]);
        assert_eq!(average.left().to_bits(), f64::to_bits(left));
        assert_eq!(average.value(), [value]);
    }
}

#[test]
fn an_average_of_zeros_reaches_zero() {
    let mut average = VectorEma::new(Level::detect(), Par::Seq, 0.9, &[1.0; 20]).unwrap();
    for _ in 0..1000 {
        average.push(&[0.0; 20]);
    }
    assert_eq!(compare(&[0.0; 20], average.value(), Agreement::Bits), Ok(()));
}

#[test]
fn a_decay_outside_its_range_is_refused() {
    for decay in [1.0, -0.1, f64::NAN] {
        assert!(Ema::new(decay, 0.0).is_err());
        assert!(VectorEma::new(Level::detect(), Par::Seq, decay, &[]).is_err());
    }
    // It rounds to 1, and what is taken in would only be added.
    assert!(VectorEma::new(Level::detect(), Par::Seq, 1.0 - 1e-9, &[]).is_err());
}

#[test]
fn saved_averages_go_on_with_the_same_bits() {
    let begun = |initial: &[f32]| VectorEma::new(Level::detect(), Par::Seq, 0.99, initial);
    let values = |seed| Draw::Ordinary.values(seed, 40);
    let mut whole = begun(&values(1)).unwrap().warming_up();
    whole.push(&values(2));
    let (count, left) = (whole.count(), whole.left());
    let again = begun(whole.value()).unwrap().warming_up();
    let mut again = again.resumed(count, left).unwrap();
    for seed in 3..6 {
        for average in [&mut whole, &mut again] {
            average.push(&values(seed));
        }
        assert_eq!(compare(whole.value(), again.value(), Agreement::Bits), Ok(()));
    }
    assert_eq!((again.count(), again.left().to_bits()), (4, whole.left().to_bits()));
    for (count, left) in [(u64::MAX, 0.5), (1, 1.5), (1, f64::NAN)] {
        assert!(begun(&[]).unwrap().resumed(count, left).is_err(), "{count} values, {left}");
    }
}
