//! Generated ravines are as promised, and the same everywhere.
#![expect(clippy::float_cmp, reason = "the same bits are promised")]

use ravine_data::{Generated, Kind, Matrix, Ravine, RavineError, Spectrum, hessian};
use ravine_simd::Par;

const SPECTRA: [Spectrum; 3] = [Spectrum::Log, Spectrum::Linear, Spectrum::TwoLevel];

fn generate(ravine: Ravine) -> Generated {
    ravine.generate(Par::Seq).unwrap_or_else(|error| panic!("{ravine:?}: {error}"))
}

fn loss(x: &Matrix, y: &[f32], w: &[f64]) -> f64 {
    let error = |i| {
        let row = x.row(i).iter().zip(w).map(|(&x, w)| f64::from(x) * w);
        row.sum::<f64>() - f64::from(y[i])
    };
    (0..y.len()).map(|i| error(i).powi(2)).sum::<f64>() / y.len() as f64
}

#[test]
fn every_eigenvalue_is_as_prescribed() {
    for spectrum in SPECTRA {
        for (rows, cols) in [(2, 2), (5, 5), (64, 64), (300, 7), (1500, 40)] {
            for condition in [1.0, 1.5, 1000.0, 1e6] {
                let ravine = Ravine { rows, cols, condition, spectrum, ..Ravine::default() };
                let made = generate(ravine);
                let found = hessian(Par::Seq, &made.x, false).eigenvalues();
                let wanted = spectrum.eigenvalues(cols, condition).unwrap();
                for (found, wanted) in found.iter().zip(&wanted) {
                    let off = (found / wanted - 1.0).abs();
                    assert!(off < 1e-4, "{ravine:?}: {found}, not {wanted}");
                }
                assert_eq!((made.eigenvalue_min, made.eigenvalue_max), (found[0], found[cols - 1]));
                assert!((made.condition / condition - 1.0).abs() < 2e-4, "{}", made.condition);
            }
        }
    }
}

#[test]
fn eigenvalues_are_off_by_much_less_than_promised_where_rows_abound() {
    let made = generate(Ravine { condition: 1e6, ..Ravine::default() });
    assert!((made.eigenvalue_min * 1e6 - 1.0).abs() < 1e-5, "{:e}", made.eigenvalue_min);
}

#[test]
fn features_are_correlated_and_not_along_the_axes() {
    let curvature = hessian(Par::Seq, &generate(Ravine::default()).x, false);
    let (mut beside, mut along) = (0.0_f64, f64::INFINITY);
    for i in 0..64 {
        for j in 0..i {
            beside = beside.max(curvature.row(i)[j].abs());
        }
        along = along.min(curvature.row(i)[i]);
    }
    assert!(beside > 0.05 && along > 0.05, "{beside}, {along}");
}

#[test]
fn the_same_bytes_come_twice_and_for_any_number_of_threads() {
    for kind in [Kind::Linear, Kind::Logistic] {
        let ravine = Ravine { kind, rows: 3001, cols: 5, ..Ravine::default() };
        let first = generate(ravine);
        for threads in [1, 2, 3, 5, 8] {
            let made = ravine.generate(Par::threads(threads)).unwrap();
            assert_eq!(made.sha256, first.sha256, "{kind:?}, {threads} threads");
            assert_eq!(made.noise_floor, first.noise_floor, "{kind:?}, {threads} threads");
            assert_eq!(made.optimum, first.optimum, "{kind:?}, {threads} threads");
            assert_eq!(made.eigenvalue_min, first.eigenvalue_min, "{kind:?}, {threads} threads");
        }
    }
}

#[test]
fn the_bytes_are_those_that_were_recorded() {
    let small = Ravine { rows: 50, cols: 4, condition: 100.0, ..Ravine::default() };
    let sums = [
        (small, "1315af9827162f6a33988a0b73326ed420b6e9a90903dbbad88f5f6cf57349c1"),
        (
            Ravine { kind: Kind::Logistic, ..small },
            "fcc0c692d6349385bcce3445bd7986d115afa4ee200aa8041b770a92d3d4e2ee",
        ),
        (
            Ravine { spectrum: Spectrum::Linear, seed: u64::MAX, ..small },
            "1198c0cac2966641c82e5c666714f57d1dcff5e13285c67fe4bd757a9aded304",
        ),
        (Ravine::default(), "b485131d4f447a5f9cc86b68583d9849634e38e0c50fca6c49c8ba5682206fea"),
    ];
    for (ravine, wanted) in sums {
        assert_eq!(generate(ravine).sha256, wanted, "{ravine:?}");
    }
}

#[test]
fn every_field_changes_the_data() {
    let base = Ravine { rows: 60, cols: 4, ..Ravine::default() };
    let variants = [
        base,
        Ravine { kind: Kind::Logistic, ..base },
        Ravine { rows: 61, ..base },
        Ravine { cols: 5, ..base },
        Ravine { condition: 999.0, ..base },
        Ravine { spectrum: Spectrum::Linear, ..base },
        Ravine { spectrum: Spectrum::TwoLevel, ..base },
        Ravine { noise: 0.2, ..base },
        Ravine { seed: 1, ..base },
    ];
    let sums: std::collections::BTreeSet<String> =
        variants.iter().map(|&ravine| generate(ravine).sha256).collect();
    assert_eq!(sums.len(), variants.len());
}

#[test]
fn no_weights_have_a_lower_loss_than_the_optimum() {
    for noise in [0.0, 0.1, 3.0] {
        let made = generate(Ravine { rows: 500, cols: 6, noise, ..Ravine::default() });
        let (best, floor) = (made.optimum.unwrap(), made.noise_floor.unwrap());
        assert!((loss(&made.x, &made.y, &best) - floor).abs() <= 1e-12 * floor);
        for i in 0..6 {
            for step in [-0.1, 0.1] {
                let mut near = best.clone();
                near[i] += step;
                assert!(loss(&made.x, &made.y, &near) > floor, "noise {noise}, weight {i}");
            }
        }
        // Of N normal errors with D weights fitted, N − D are left.
        let wanted = noise * noise * (500.0 - 6.0) / 500.0;
        assert!((floor - wanted).abs() <= 0.25 * wanted + 1e-12, "noise {noise}: {floor}");
    }
}

#[test]
fn without_noise_the_optimum_is_the_truth() {
    let made = generate(Ravine { rows: 200, cols: 5, noise: 0.0, ..Ravine::default() });
    for (found, &truth) in made.optimum.unwrap().iter().zip(&made.w_true) {
        assert!((found - f64::from(truth)).abs() < 1e-4, "{found}, not {truth}");
    }
}

#[test]
fn labels_are_drawn_by_the_sigmoid_of_the_margin() {
    let made = generate(Ravine {
        kind: Kind::Logistic,
        rows: 20_000,
        cols: 3,
        condition: 2.0,
        noise: 0.0,
        ..Ravine::default()
    });
    assert!(made.y.iter().all(|&y| y == 0.0 || y == 1.0));
    assert!(made.best.is_none() && made.noise_floor.is_none() && made.optimum.is_none());
    // The sum of labels less probabilities has variance Σp(1 − p), for any weights of the rows.
    for col in 0..3 {
        let (mut sum, mut variance) = (0.0, 0.0);
        for (i, &y) in made.y.iter().enumerate() {
            let row = made.x.row(i);
            let margin: f64 =
                row.iter().zip(&made.w_true).map(|(&x, &w)| f64::from(x) * f64::from(w)).sum();
            let (p, x) = (1.0 / (1.0 + (-margin).exp()), f64::from(row[col]));
            sum += x * (f64::from(y) - p);
            variance += x * x * p * (1.0 - p);
        }
        assert!(sum.abs() < 3.5 * variance.sqrt(), "column {col}: {sum} of {variance}");
    }
}

#[test]
fn the_best_constants_are_those_of_the_data() {
    let made = generate(Ravine { condition: 400.0, ..Ravine::default() });
    let best = made.best.unwrap();
    assert!(
        (best.rate - 19.0 / 21.0).abs() < 1e-5 && (best.rate_plain - 399.0 / 401.0).abs() < 1e-6
    );
    assert!((best.momentum - (19.0_f64 / 21.0).powi(2)).abs() < 1e-5);
    assert!((best.lr - (2.0_f64 / 1.05).powi(2)).abs() < 1e-4);
}

#[test]
fn what_cannot_be_generated_is_refused_with_its_numbers() {
    let base = Ravine { rows: 4, cols: 4, ..Ravine::default() };
    let line = |ravine: Ravine| ravine.generate(Par::Seq).expect_err("refused").to_string();
    assert_eq!(line(Ravine { rows: 3, ..base }), "rows are 3, but 4 columns ≤ rows < 2³²");
    assert_eq!(line(Ravine { cols: 0, ..base }), "dimensions are 0, but dimensions ≥ 1");
    let single = Ravine { cols: 1, condition: 1000.0, ..base };
    assert_eq!(line(single), "condition is 1000, but in one dimension condition = 1");
    for (condition, shown) in [(0.5, "0.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let wanted = format!("condition is {shown}, but 1 ≤ condition < ∞");
        assert_eq!(line(Ravine { condition, ..base }), wanted);
    }
    for (noise, shown) in [(-0.5, "-0.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        assert_eq!(line(Ravine { noise, ..base }), format!("noise is {shown}, but 0 ≤ noise < ∞"));
    }
    let lost = Ravine { condition: 1e18, ..base }.generate(Par::Seq).unwrap_err();
    assert!(matches!(lost, RavineError::Lost { .. }), "{lost}");
}

#[test]
fn one_feature_has_the_curvature_one() {
    let made = generate(Ravine { rows: 9, cols: 1, condition: 1.0, ..Ravine::default() });
    assert!((made.eigenvalue_min - 1.0).abs() < 1e-6 && made.condition == 1.0);
}
