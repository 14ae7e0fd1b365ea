//! Rows that stay in their file train the bits of rows in memory.

use serde_json::Value;

use crate::arrays::{COLS, Files, HELD_OUT, ROWS, Task, npy};
use crate::program::{fails, file, object, place, succeeds};

/// Everything of a result but the time it took.
fn result(line: &str) -> Value {
    let mut value = object(&format!("train {line}"));
    let object = value.as_object_mut().expect("an object");
    object.remove("seconds");
    object.remove("rows_per_s");
    value
}

fn streamed_is_whole(data: &str, more: &[&str]) {
    for more in more {
        let wanted = result(&format!("{data} --stream false {more}"));
        assert_eq!(result(&format!("{data} --stream true {more}")), wanted, "{more}");
    }
}

#[test]
fn streamed_regressions_are_whole_ones() {
    let files = Files::new("streamed", ROWS, 1, Task::Regression);
    let test = Files::new("streamed_test", HELD_OUT, 2, Task::Regression);
    for data in &files.flags("data", "labels")[1..] {
        streamed_is_whole(data, &["--batch 37 --epochs 2"]);
    }
    let test = &test.flags("test", "test-labels")[2];
    streamed_is_whole(
        &format!("{} --epochs 2 --lr 1e-4", files.flags("data", "labels")[1]),
        &[
            "--batch 1 --epochs 1",
            "--batch 37 --shuffle false --standardize false --lr 1e-6",
            "--batch 4999 --clip-norm 0.1 --threads 2",
            "--batch full --threads 3 --level scalar",
            "--batch full --lr optimal --bias false",
            "--batch 37 --test-fraction 0.3",
            "--batch 4000 --test-fraction 0.01 --on-nonfinite skip",
            "--model mlp --hidden 5,4 --activation tanh --batch full --fused false",
            "--model mlp --hidden 5 --test-fraction 0.3",
            &format!("--batch 37 {test}"),
        ],
    );
}

#[test]
fn streamed_classifications_are_whole_ones() {
    for task in [Task::Binary, Task::Multiclass] {
        let files = Files::new(&format!("streamed_{task:?}"), ROWS, 3, task);
        let data = format!("{} {} --epochs 2", files.flags("data", "labels")[3], task.flags());
        let hidden = "--model mlp --hidden 6 --batch full";
        streamed_is_whole(&data, &["--batch 37 --test-fraction 0.2", "--batch full", hidden]);
    }
}

#[test]
fn the_checksum_in_a_saved_file_does_not_depend_on_where_rows_lie() {
    let files = Files::new("saved_streamed", ROWS, 1, Task::Regression);
    let [whole, streamed] = ["false", "true"].map(|stream| {
        let saved = place(&format!("saved_{stream}.safetensors"));
        let data = &files.flags("data", "labels")[1];
        succeeds(&format!("train {data} --epochs 1 --stream {stream} --save {}", saved.display()));
        let saved = std::fs::read(saved).unwrap();
        let text = String::from_utf8_lossy(&saved).into_owned();
        let checksum = text.split("\"data\":\"").nth(1).expect("a checksum")[..64].to_owned();
        (saved.len(), checksum)
    });
    assert_eq!(whole, streamed);
}

#[test]
fn a_run_says_that_its_rows_are_streamed() {
    let files = Files::new("said", ROWS, 1, Task::Regression);
    let data = format!("train {} --epochs 1", files.flags("data", "labels")[1]);
    assert!(succeeds(&format!("{data} --stream true")).contains("streamed from the file"));
    assert!(!succeeds(&data).contains("streamed"), "a little fits into memory");
}

#[test]
fn what_cannot_be_streamed_is_refused() {
    let csv = Files::new("refused_stream", 10, 1, Task::Regression).csv;
    let said = fails(&format!("train --data {} --stream true", csv.display()), 2);
    assert!(said.contains("refused_stream.csv") && said.contains(".npy"), "{said}");
}

#[test]
fn a_value_that_is_not_finite_is_found_before_training() {
    let mut values: Vec<u8> = (0..ROWS * COLS).flat_map(|_| 1.0_f32.to_le_bytes()).collect();
    values[4 * (4321 * COLS + 1)..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let shape = format!("({ROWS}, {COLS})");
    let x = file("not_finite.npy", npy("<f4", false, &shape, &values));
    let labels = Files::new("not_finite_labels", ROWS, 1, Task::Regression).labels;
    let saved = place("not_finite.safetensors");
    for stream in ["true", "false"] {
        let (x, labels, saved) = (x.display(), labels.display(), saved.display());
        let line = format!("train --data {x} --labels {labels} --stream {stream} --save {saved}");
        let said = fails(&line, 2);
        assert!(said.contains("row 4322, column 2"), "{said}");
    }
    assert!(!saved.exists());
}
