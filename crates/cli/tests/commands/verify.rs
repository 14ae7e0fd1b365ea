//! The contract holds on this machine.

use std::fs;

use crate::program::{fails, object, place, succeeds};

#[test]
fn no_case_differs_and_every_family_is_run_on_every_level() {
    let file = place("verify.xml");
    let outcome = object(&format!("verify --junit {}", file.display()));
    assert_eq!(outcome["mismatches"], 0, "{outcome}");
    assert!(outcome.get("first").is_none());
    let rows = outcome["families"].as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["family"].as_str().unwrap()).collect();
    let [momentum, others] = [
        &["update", "adaptive", "narrow"][..],
        &["sum", "product", "function", "derivative", "training"],
    ];
    assert_eq!(names, [momentum, others].concat());
    let mut cases = 0;
    for row in rows {
        let levels = row["levels"].as_array().unwrap();
        assert_eq!(levels[0]["level"], "scalar");
        assert_eq!(levels.len(), rows[0]["levels"].as_array().unwrap().len());
        cases += levels.iter().map(|level| level["cases"].as_u64().unwrap()).sum::<u64>();
    }
    assert_eq!(outcome["cases"], cases);
    // Forms, Nesterov, threads and fusion are counted, for every level.
    for row in &rows[..momentum.len()] {
        assert!(row["levels"][0]["cases"].as_u64().unwrap() > 10_000, "{outcome}");
    }
    let xml = fs::read_to_string(file).unwrap();
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "), "{xml}");
    assert_eq!(xml.matches("<testsuite ").count(), rows.len());
    assert!(xml.contains("name=\"scalar, threads 8\"") && !xml.contains("<failure"), "{xml}");
}

#[test]
fn a_report_is_one_line() {
    let line = succeeds("verify --report");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("contract 2; digest ") && line.contains("rustc"), "{line}");
}

#[test]
fn results_that_cannot_be_written_are_refused_before_any_work() {
    assert!(fails("verify --junit none/verify.xml", 2).contains("none/verify.xml"));
}
