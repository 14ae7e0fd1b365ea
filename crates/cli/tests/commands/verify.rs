//! The contract holds on this machine.

use crate::program::{object, succeeds};

#[test]
fn no_case_differs() {
    let outcome = object("verify");
    assert_eq!(outcome["mismatches"], 0, "{outcome}");
    assert!(outcome["cases"].as_u64().unwrap() > 1000 && outcome.get("first").is_none());
}

#[test]
fn a_report_is_one_line() {
    let line = succeeds("verify --report");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("contract 1; digest ") && line.contains("rustc"), "{line}");
}
