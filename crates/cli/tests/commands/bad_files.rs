//! Every bad file ends with status 2 and one line that names it, and leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arrays::{idx, npy};
use crate::program::{fails, place, succeeds};

/// An empty folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = place("bad-files").with_file_name(format!("bad-files-{name}"));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Refuses a run in `folder` for `flags`; the line has all `words`, and no file appears.
fn refuses(folder: &Path, flags: &str, words: &[&str]) {
    let before = listing(folder);
    let [trace, save] = ["trace.csv", "run.safetensors"].map(|name| folder.join(name));
    let line = format!("train {flags} --trace {} --save {}", trace.display(), save.display());
    let said = fails(&line, 2);
    assert!(words.iter().all(|word| said.contains(word)), "{flags}: {said}, wanted {words:?}");
    assert_eq!(listing(folder), before, "{flags} leaves a file");
}

#[test]
fn tables_that_are_none() {
    let folder = folder("csv");
    let cases: [(&str, &[u8], &[&str]); 19] = [
        ("empty", b"", &["line 1", "wanted a row of column names"]),
        ("header", b"a,b\n", &["line 2", "wanted a row of numbers"]),
        ("short", b"a,b,c\n1,2,3\n4,5\n", &["line 3", "found 2 fields", "wanted 3"]),
        ("long", b"a,b\n1,2\n3,4,5\n", &["line 3", "found 3 fields", "wanted 2"]),
        ("word", b"a,b\n1,2\n3,four\n", &["line 3, column 2 (b)", "\"four\""]),
        ("blank", b"a,b\n1,\n", &["line 2, column 2 (b)", "\"\""]),
        ("space", b"a,b\n ,2\n", &["line 2, column 1 (a)", "finite"]),
        ("nan", b"a,b\nnan,2\n", &["line 2, column 1 (a)", "\"nan\"", "finite"]),
        ("inf", b"a,b\n1,-inf\n", &["line 2, column 2 (b)", "\"-inf\"", "finite"]),
        ("beyond", b"a,b\n1,3.5e38\n", &["line 2, column 2 (b)", "\"3.5e38\"", "finite in f32"]),
        ("hexadecimal", b"a,b\n0x10,2\n", &["line 2, column 1 (a)", "\"0x10\""]),
        ("grouped", b"a,b\n1_000,2\n", &["line 2, column 1 (a)", "\"1_000\""]),
        ("nul", b"a,b\n1\x00,2\n", &["line 2, column 1 (a)"]),
        ("latin", b"a,b\n1,\xe9\n", &["line 2, column 2 (b)"]),
        ("latin-name", b"a,\xe9,c\n1,2,3\n", &["line 1, column 2", "UTF-8"]),
        ("twice", b"a,b,a\n1,2,3\n", &["line 1, column 3", "\"a\"", "column 1"]),
        ("one-column", b"a\n1\n", &["line 1", "one column"]),
        ("open-quote", b"a,b\n\"1,2\n3,4\n", &["line 2"]),
        ("utf-16", b"\xff\xfea\x00,\x00b\x00\n\x00", &["line 1", "UTF-8"]),
    ];
    for (name, content, words) in cases {
        let file = folder.join(format!("{name}.csv"));
        fs::write(&file, content).unwrap();
        let words = [words, &[file.to_str().unwrap()]].concat();
        refuses(&folder, &format!("--data {}", file.display()), &words);
    }
    let good = folder.join("good.csv");
    fs::write(&good, "a,b\n1,2\n3,4\n").unwrap();
    let good = good.display();
    refuses(&folder, &format!("--data {good} --target c"), &["good.csv", "a column named \"c\""]);
    refuses(&folder, &format!("--data {good}.txt"), &["found .txt", "wanted .csv"]);
    for suffix in ["csv", "npy", "npz"] {
        let missing = folder.join(format!("missing.{suffix}"));
        let name = missing.display();
        let labels = if suffix == "npy" { format!("--labels {name}") } else { String::new() };
        refuses(&folder, &format!("--data {name} {labels}"), &["missing.", "No such file"]);
        let folder_of_that_name = folder.join(format!("folder.{suffix}"));
        fs::create_dir(&folder_of_that_name).unwrap();
        let name = folder_of_that_name.display();
        let labels = if suffix == "npy" { format!("--labels {name}") } else { String::new() };
        refuses(&folder, &format!("--data {name} {labels}"), &["folder.", "found a folder"]);
    }
}

#[test]
fn arrays_that_are_none() {
    let folder = folder("arrays");
    let labels = folder.join("labels.npy");
    fs::write(&labels, npy("<f4", false, "(2,)", &[0; 8])).unwrap();
    let good = npy("<f4", false, "(2, 3)", &[0; 24]);
    let with =
        |last: f32| npy("<f4", false, "(2, 3)", &[&[0; 20][..], &last.to_le_bytes()].concat());
    let cases: [(&str, Vec<u8>, &[&str]); 20] = [
        ("empty.npy", vec![], &["header"]),
        ("no-magic.npy", b"not a NumPy array at all".to_vec(), &["wanted"]),
        ("cut-header.npy", good[..40].to_vec(), &["header"]),
        ("cut-body.npy", good[..good.len() - 4].to_vec(), &["20", "24"]),
        ("more-body.npy", [&good[..], &[0; 8]].concat(), &["32", "24"]),
        ("three.npy", npy("<f4", false, "(2, 3, 1)", &[0; 24]), &["(2, 3, 1)", "dimension"]),
        ("none.npy", npy("<f4", false, "()", &[0; 4]), &["()", "dimension"]),
        ("objects.npy", npy("|O", false, "(2, 3)", &[0; 24]), &["|O"]),
        ("complex.npy", npy("<c8", false, "(2, 3)", &[0; 48]), &["<c8"]),
        ("text.npy", npy("<U4", false, "(2, 3)", &[0; 96]), &["<U4"]),
        ("huge.npy", npy("<f4", false, "(4000000000000, 3)", &[0; 24]), &["24", "48000000000000"]),
        ("overflow.npy", npy("<f8", false, "(18446744073709551615, 9)", &[0; 8]), &["8"]),
        ("no-rows.npy", npy("<f4", false, "(0, 3)", &[]), &["row"]),
        ("no-columns.npy", npy("<f4", false, "(2, 0)", &[]), &["column"]),
        ("nan.npy", with(f32::NAN), &["row 2, column 3", "NaN"]),
        ("infinite.npy", with(f32::NEG_INFINITY), &["row 2, column 3", "inf"]),
        (
            "beyond.npy",
            npy("<f8", false, "(2, 1)", &[[0; 8], 1e39_f64.to_le_bytes()].concat()),
            &["row 2", "finite"],
        ),
        ("magic-idx2-ubyte", [&[1, 0, 8, 2][..], &[0; 20]].concat(), &["magic"]),
        ("more-rows-idx2-ubyte", idx(&[2000, 3], &[0; 6]), &["6", "6000"]),
        ("cut-idx2-ubyte", idx(&[2, 3], &[0; 6])[..7].to_vec(), &["header"]),
    ];
    for (name, content, words) in cases {
        let file = folder.join(name);
        fs::write(&file, content).unwrap();
        let flags = format!("--data {} --labels {}", file.display(), labels.display());
        refuses(&folder, &flags, &[words, &[file.to_str().unwrap()]].concat());
    }
    let (data, more) = (folder.join("good.npy"), folder.join("more.npy"));
    fs::write(&data, good).unwrap();
    fs::write(&more, npy("<f4", false, "(3,)", &[0; 12])).unwrap();
    let flags = format!("--data {} --labels {}", data.display(), more.display());
    refuses(&folder, &flags, &["more.npy", "3", "2"]);
    let archive = folder.join("noise.npz");
    fs::write(&archive, b"PK\x03\x04 and nothing more").unwrap();
    refuses(&folder, &format!("--data {}", archive.display()), &["noise.npz"]);
}

#[test]
fn initial_parameters_that_are_none() {
    let folder = folder("init");
    let own = folder.join("own.safetensors");
    let data = "--data data/diabetes.csv --epochs 1";
    succeeds(&format!("train {data} --save {}", own.display()));
    let own = fs::read(own).unwrap();
    let header_end = 8 + usize::try_from(u64::from_le_bytes(own[..8].try_into().unwrap())).unwrap();
    let renamed = String::from_utf8_lossy(&own[..header_end])
        .replace("\"layers.0.weight\"", "\"layers.9.weight\"");
    let retyped =
        tensors(r#"{"layers.0.weight":{"dtype":"F64","shape":[1,10],"data_offsets":[0,80]}}"#, 80);
    let reshaped = tensors(
        r#"{"layers.0.weight":{"dtype":"F32","shape":[2,10],"data_offsets":[0,80]},"layers.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[80,84]}}"#,
        84,
    );
    let infinite = tensors(
        r#"{"layers.0.weight":{"dtype":"F32","shape":[1,10],"data_offsets":[0,40]},"layers.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[40,44]}}"#,
        44,
    );
    let infinite = [&infinite[..infinite.len() - 4], &f32::INFINITY.to_le_bytes()].concat();
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        ("empty", vec![], &["wanted"]),
        ("noise", b"no tensors here, not one".to_vec(), &["wanted"]),
        ("cut", own[..own.len() - 9].to_vec(), &["wanted"]),
        ("cut-header", own[..header_end / 2].to_vec(), &["wanted"]),
        ("promise", [&u64::MAX.to_le_bytes()[..], &own[8..]].concat(), &["wanted"]),
        ("names", [renamed.as_bytes(), &own[header_end..]].concat(), &["layers."]),
        ("types", retyped, &["layers.0.weight", "F64", "F32"]),
        ("shapes", reshaped, &["layers.0.weight", "[2, 10]", "[1, 10]"]),
        ("values", infinite, &["layers.0.bias", "inf", "finite"]),
    ];
    for (name, content, words) in cases {
        let file = folder.join(format!("{name}.safetensors"));
        fs::write(&file, content).unwrap();
        let words = [words, &[file.to_str().unwrap()]].concat();
        refuses(&folder, &format!("{data} --init {}", file.display()), &words);
    }
    refuses(&folder, &format!("{data} --init {}", folder.display()), &["wanted"]);
    refuses(&folder, &format!("{data} --init missing.safetensors"), &["No such file"]);
}

/// A safetensors file with this header and `bytes` zeros.
fn tensors(header: &str, bytes: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; bytes]].concat()
}

#[test]
fn no_output_takes_the_place_of_an_input_or_of_another_output() {
    let folder = folder("outputs");
    let name = |name: &str| folder.join(name).display().to_string();
    let [data, alias, labels] = ["x.npy", "../bad-files-outputs/x.npy", "y.npy"].map(name);
    fs::write(&data, npy("<f4", false, "(2, 3)", &[0; 24])).unwrap();
    fs::write(&labels, npy("<f4", false, "(2,)", &[0; 8])).unwrap();
    let [run, previous, long] = ["r.st", "r.previous.st", &"n".repeat(300)].map(name);
    let before = listing(&folder);
    for (flags, why) in [
        (format!("--trace {alias}"), "--trace and --data name the same file"),
        (format!("--save {labels}"), "--save and --labels name the same file"),
        (format!("--save {run} --trace {run}"), "--trace and --save name the same file"),
        (format!("--save {run} --save-every 1 --trace {previous}"), "--trace and --save-every"),
        (format!("--save {}", folder.display()), "found a folder"),
        (format!("--trace {long}"), "too long"),
        ("--save /dev/null".into(), "found a pipe or a device"),
    ] {
        let said = fails(&format!("train --data {data} --labels {labels} {flags}"), 2);
        assert!(said.contains(why), "{flags}: {said}");
        assert_eq!(listing(&folder), before, "{flags}");
    }
}

#[test]
fn models_and_matrices_beyond_memory_are_refused_before_they_are_made() {
    let folder = folder("large");
    let wide = "--data data/diabetes.csv --model mlp --hidden 16777216,16777216";
    refuses(&folder, wide, &["diabetes.csv", "parameters", "memory"]);
    let (data, labels) = (folder.join("wide.npy"), folder.join("y.npy"));
    fs::write(&data, npy("|u1", false, "(1, 4000000)", &vec![1; 4_000_000])).unwrap();
    fs::write(&labels, npy("<f4", false, "(1,)", &[0; 4])).unwrap();
    let flags = format!("--data {} --labels {}", data.display(), labels.display());
    refuses(&folder, &format!("{flags} --lr optimal"), &["4000001 × 4000001", "memory"]);
}
