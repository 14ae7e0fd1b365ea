//! What is no pair of results.

use std::path::PathBuf;

use safetensors::Dtype;

use super::{file, line, model, place, singles};
use crate::program::fails;

/// A saved model that can be read.
fn good(name: &str) -> PathBuf {
    model(name, &[("w", Dtype::F32, &[1], singles(&[1.0]))])
}

/// A trace that can be read.
fn trace(name: &str) -> PathBuf {
    file(name, "step,loss\n0,1\n")
}

#[test]
fn what_is_no_saved_model_is_refused() {
    let good = good("good.safetensors");
    let whole = std::fs::read(&good).unwrap();
    let promise = |length: u64, rest: &[u8]| [&length.to_le_bytes(), rest].concat();
    let header = |text: &str| promise(text.len() as u64, text.as_bytes());
    let huge = r#"{"w":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,4]}}"#;
    let small = r#"{"w":{"dtype":"F8_E4M3","shape":[0],"data_offsets":[0,0]}}"#;
    let deep = format!("{{\"w\":{}", "[".repeat(100_000));
    for (name, content, why) in [
        ("empty.safetensors", Vec::new(), "header too small"),
        ("cut.safetensors", whole[..whole.len() - 1].to_vec(), "not fully covered"),
        ("cut-header.safetensors", whole[..20].to_vec(), "invalid header length"),
        ("long.safetensors", [&whole[..], b"x"].concat(), "not fully covered"),
        ("promise.safetensors", promise(u64::MAX, b"{}"), "header too large"),
        ("huge.safetensors", header(huge), "overflow"),
        ("deep.safetensors", header(&deep), "recursion limit"),
        (
            "foreign.safetensors",
            b"PK\x03\x04 an archive of another kind".to_vec(),
            "header too large",
        ),
        ("small.safetensors", header(small), "tensor w of type F8_E4M3, wanted F64, F32,"),
    ] {
        let bad = file(name, content);
        for line in [line(&bad, &good), line(&good, &bad)] {
            let said = fails(&line, 2);
            assert!(said.contains(why) && said.contains(name), "{name}: {said}");
        }
    }
}

#[test]
fn what_is_no_trace_is_refused_by_place() {
    let trace = trace("good.csv");
    for (name, content, why) in [
        ("nothing.csv", "", "line 1: found nothing, wanted a header"),
        ("twice.csv", "step,loss,loss\n0,1,2\n", "line 1, column 3: found \"loss\" again"),
        ("word.csv", "step,loss\n0,1\n1,high\n", "line 3, column 2 (loss): found \"high\""),
        ("after-blanks.csv", "step,loss\n\n\n0,x\n", "line 4, column 2 (loss)"),
        ("two-bytes.csv", "step,loss\r\n0,1\r\n\r\n1,x\r\n", "line 4, column 2 (loss)"),
        ("two-bytes-short.csv", "step,loss\r\n0,1\r\n1\r\n", "line 3: found 1 fields"),
        ("cut-row.csv", "step,loss\n0\n", "line 2: found 1 fields in the row, wanted 2 as"),
        (
            "half.csv",
            "step,loss\n0.5,1\n",
            "line 2, column 1 (step): found \"0.5\", wanted a whole",
        ),
        ("minus.csv", "step,loss\n-1,1\n", "line 2, column 1 (step): found \"-1\""),
        ("blank.csv", "step,loss\n,1\n", "line 2, column 1 (step): found \"\""),
        ("again.csv", "step,loss\n3,1\n4,1\n3,1\n", "row 3, column step: found 3 again"),
        ("others.csv", "step,error\n0,1\n", "others.csv"),
    ] {
        let said = fails(&line(&file(name, content), &trace), 2);
        assert!(said.contains(why) && said.contains(name), "{name}: {said}");
    }
    // What a message quotes is short, however long the line.
    let long = file("nines.csv", "9".repeat(100_000));
    assert!(fails(&line(&long, &trace), 2).len() < 1000);
}

#[test]
fn what_is_no_pair_of_files_is_refused() {
    let (good, trace) = (good("one.safetensors"), trace("other.csv"));
    let (text, array, archive) = (file("notes.txt", "a"), file("one.npy", ""), file("two.npz", ""));
    let folder = place("folder.csv");
    std::fs::create_dir_all(&folder).unwrap();
    let absent = place("absent.safetensors");
    let nameless = file("nameless", "a");
    for (a, b, why) in [
        (&good, &trace, "other.csv: found a trace (.csv), wanted a saved model (.safetensors), as"),
        (&array, &archive, "two.npz: found arrays (.npz), wanted an array (.npy), as "),
        (&text, &good, "notes.txt: found the suffix .txt, wanted .safetensors, .npy"),
        (&good, &nameless, "nameless: found a name without a suffix"),
        (&folder, &trace, "folder.csv: found a folder"),
        (&good, &absent, "absent.safetensors: found No such file"),
    ] {
        let said = fails(&line(a, b), 2);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn numbers_outside_their_ranges_are_refused() {
    let good = good("ranges.safetensors");
    for (flags, why) in [
        ("--ulps -1", "--ulps is -1, but 0 ≤ ulps < 2^64"),
        ("--ulps 0.5", "--ulps"),
        ("--ulps 18446744073709551616", "--ulps is 18446744073709551616, but"),
        ("--relative -0.1", "--relative is -0.1, but 0 ≤ relative < ∞"),
        ("--relative inf", "--relative is inf, but"),
        ("--relative nan", "--relative is NaN, but"),
        ("extra.csv", "extra.csv"),
    ] {
        let said = fails(&format!("{} {flags}", line(&good, &good)), 2);
        assert!(said.contains(why), "{flags}: {said}");
    }
}
