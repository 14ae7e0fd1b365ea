//! Ravines with the same bytes everywhere, and the command that crosses them.

use crate::program::{column, object, place};

const SMALL: &str = "generate --rows 512 --cols 16 --condition 1000";

#[test]
fn the_same_command_makes_the_same_bytes_on_any_number_of_threads() {
    let (first, second) = (place("first.npz"), place("second.npz"));
    let made = object(&format!("{SMALL} --threads 1 --out {}", first.display()));
    let again = object(&format!("{SMALL} --threads 2 --out {}", second.display()));
    assert_eq!(made["sha256"], again["sha256"]);
    assert_eq!(made["sha256"], object(&format!("{SMALL} --threads 3"))["sha256"]);
    assert_ne!(made["sha256"], object(&format!("{SMALL} --seed 1"))["sha256"]);
    assert!(std::fs::read(first).unwrap() == std::fs::read(second).unwrap());
}

#[test]
fn the_object_has_the_spectrum_as_asked() {
    let keys = [
        "sha256",
        "eigenvalue_min",
        "eigenvalue_max",
        "condition",
        "lr_optimal",
        "momentum_optimal",
        "rate_optimal",
        "rate_plain",
        "noise_floor",
    ];
    for spectrum in ["log", "linear", "two-level"] {
        let made = object(&format!("{SMALL} --spectrum {spectrum}"));
        for (key, wanted) in [("eigenvalue_min", 1e-3), ("eigenvalue_max", 1.0)] {
            let found = made[key].as_f64().unwrap();
            assert!((found / wanted - 1.0).abs() < 1e-4, "{spectrum}, {key}: {found}");
        }
        assert!(keys.iter().all(|key| !made[key].is_null()), "{made}");
    }
    let logistic = object(&format!("{SMALL} --kind logistic"));
    assert!(logistic["lr_optimal"].is_null() && logistic["sha256"].is_string());
}

#[test]
fn the_printed_command_converges_at_the_predicted_rate() {
    let (data, trace) = (place("crossed.csv"), place("crossing.csv"));
    let made = object(&format!("{SMALL} --out {}", data.display()));
    let line = made["train"].as_str().unwrap().strip_prefix("ravine ").unwrap().to_owned();
    let result = object(&format!("{line} --trace {}", trace.display()));
    let floor = made["noise_floor"].as_f64().unwrap();
    let end = result["loss"].as_f64().unwrap();
    assert!((end / floor - 1.0).abs() < 1e-4, "{end}, floor {floor}");
    // The excess loss falls with the square of the error, which is t·rateᵗ at the double roots.
    let excess: Vec<f64> = column(&trace, "loss").iter().map(|loss| loss - floor).collect();
    let (from, to) = (40_u8, 120_u8);
    let fall = excess[usize::from(to)] / excess[usize::from(from)];
    let rate = (fall.sqrt() * f64::from(from) / f64::from(to)).powf(1.0 / f64::from(to - from));
    let wanted = made["rate_optimal"].as_f64().unwrap();
    assert!((rate / wanted - 1.0).abs() < 0.02, "rate {rate}, wanted {wanted}");
}

#[test]
fn a_logistic_ravine_is_learned_by_its_printed_command() {
    let data = place("logistic.csv");
    let flags = "--kind logistic --rows 400 --cols 5 --condition 10";
    let made = object(&format!("generate {flags} --out {}", data.display()));
    let line = made["train"].as_str().unwrap().strip_prefix("ravine ").unwrap().to_owned();
    let result = object(&line);
    assert!(result["loss"].as_f64().unwrap() < std::f64::consts::LN_2, "{result}");
}
