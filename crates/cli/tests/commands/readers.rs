//! Every format of data trains the same bits, and what is not data is refused in one line.

use crate::arrays::{Files, HELD_OUT, ROWS, Task, npy};
use crate::program::{fails, file, object, place, succeeds};

/// The digest of a run, and its losses.
fn outcome(line: &str) -> [String; 3] {
    let object = object(&format!("train {line}"));
    ["digest", "loss", "test_loss"].map(|key| object[key].to_string())
}

#[test]
fn every_format_trains_the_same_bits() {
    for task in [Task::Regression, Task::Binary, Task::Multiclass] {
        let train = Files::new(&format!("read_{task:?}"), ROWS, 1, task);
        let test = Files::new(&format!("read_{task:?}_test"), HELD_OUT, 2, task);
        let run = format!("{} --epochs 1 --lr 1e-3", task.flags());
        let tests = test.flags("test", "test-labels");
        let data = train.flags("data", "labels");
        let wanted = outcome(&format!("{} {} {run}", data[0], tests[0]));
        let share = outcome(&format!("{} --test-fraction 0.25 {run}", data[0]));
        assert!(wanted[2] != "null" && wanted != share, "{wanted:?}");
        for (data, test) in data.iter().zip(tests.iter().cycle().skip(1)) {
            assert_eq!(outcome(&format!("{data} {test} {run}")), wanted, "{data} {test}");
            assert_eq!(outcome(&format!("{data} --test-fraction 0.25 {run}")), share, "{data}");
        }
    }
}

#[test]
fn files_that_do_not_go_together_are_refused() {
    let train = Files::new("refused", 40, 1, Task::Regression);
    let other = Files::new("refused_other", 30, 1, Task::Regression);
    let narrow = file("narrow.npy", npy("<f4", false, "(30, 1)", &[0; 120]));
    let [csv, npy, labels] = [&train.csv, &train.npy, &train.labels].map(|file| file.display());
    let (fewer, narrow) = (other.labels.display(), narrow.display());
    let test = other.csv.display();
    for (line, words) in [
        (format!("--data {npy}"), ["refused.npy", "--labels"]),
        (format!("--data {csv} --labels {labels}"), ["refused.csv", "refused_label.npy"]),
        (format!("--data {npy} --labels {fewer}"), ["found 30", "wanted 40"]),
        (format!("--data {npy} --labels {npy}"), ["refused.npy", "40 × 1"]),
        (format!("--data {npy} --labels {csv}"), ["refused.csv", ".npy"]),
        (format!("--data {npy} --labels {labels} --target a"), ["refused.npy", "\"a\""]),
        (format!("--data {npy} --labels missing.npy"), ["missing.npy", "No such file"]),
        (format!("--data {csv} --test {npy}"), ["refused.npy", "--test-labels"]),
        (format!("--data {csv} --test-labels {labels}"), ["required", "--test <FILE>"]),
        (format!("--data {csv} --test {test} --test-labels {labels}"), ["other.csv", "label.npy"]),
        (format!("--data {csv} --test {narrow} --test-labels {fewer}"), ["1 columns", "3 as in"]),
        (format!("--data {npy}.gz --labels {labels}"), ["refused.npy.gz", ".npz"]),
        (format!("--data {csv} --stream maybe"), ["maybe", "--stream"]),
    ] {
        let said = fails(&format!("train {line}"), 2);
        assert!(words.iter().all(|word| said.contains(word)), "{line}: {said}");
    }
}

#[test]
fn an_archive_trains_the_bits_of_the_table_that_it_was_made_with() {
    let [csv, npz] = ["csv", "npz"].map(|suffix| {
        let made = place(&format!("made.{suffix}"));
        succeeds(&format!("generate --rows 500 --cols 5 --out {}", made.display()));
        outcome(&format!("--data {} --epochs 2 --test-fraction 0.2", made.display()))
    });
    assert_eq!(npz, csv);
}
