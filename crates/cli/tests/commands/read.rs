//! The reading of data, timed.

use super::program::{fails, object};

#[test]
fn a_timed_reading_says_what_it_read_and_how_fast() {
    let answer = object("bench read --data data/diabetes.csv");
    assert_eq!((answer["rows"].as_u64(), answer["cols"].as_u64()), (Some(442), Some(10)));
    let keys = ["us", "us_min", "limit_us", "limit_us_min", "ratio", "rows_per_s", "bytes_per_s"];
    for key in keys {
        assert!(answer[key].as_f64().is_some_and(|value| 0.0 < value), "{key}: {answer}");
    }
    let (us, rows_per_s) = (answer["us"].as_f64().unwrap(), answer["rows_per_s"].as_f64().unwrap());
    assert!((rows_per_s * us / 442e6 - 1.0).abs() < 1e-9, "{answer}");
    assert!(answer["level"].is_string() && answer["threads"].is_u64(), "{answer}");
}

#[test]
fn a_file_that_cannot_be_read_is_not_timed() {
    let said = fails("bench read --data data/diabetes.csv --target nothing", 2);
    assert!(said.contains("a column named \"nothing\""), "{said}");
}
