//! The contract holds on this machine.

use std::fs;

use ravine::simd::CONTRACT;

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

/// How a change of bits is recorded.
const HOW: &str = "\
If no bit was meant to change, the code is at fault, or the cases of `verify` have changed. If the
change is meant: raise ravine_simd::CONTRACT, say what differs and why under **Changed bits** in
CHANGELOG.md. In any case take the rows of README.md again, by `.ci/levels`.";

#[test]
fn a_report_is_one_line_with_the_digest_that_every_machine_has() {
    let line = succeeds("verify --report");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(
        line.contains(&format!("contract {CONTRACT}; digest ")) && line.contains("rustc"),
        "{line}"
    );
    let found = line.trim().rsplit(' ').next().unwrap();
    let readme = include_str!("../../../../README.md");
    let rows = readme.lines().filter_map(|row| row.split_once("; digest "));
    let recorded: Vec<&str> = rows.map(|(_, rest)| &rest[..64]).collect();
    assert!(recorded.len() >= 3, "README.md has {} machines", recorded.len());
    for wanted in recorded {
        assert_eq!(found, wanted, "{HOW}");
    }
}

#[test]
fn results_are_not_written_over_a_baseline() {
    for flag in ["bless", "against"] {
        let told = fails(&format!("verify --junit same --{flag} ./same"), 2);
        assert!(told.contains(&format!("and --{flag} name the same file")), "{told}");
    }
}

#[test]
fn results_that_cannot_be_written_are_refused_before_any_work() {
    assert!(fails("verify --junit none/verify.xml", 2).contains("none/verify.xml"));
}
