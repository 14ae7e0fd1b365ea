//! Level, threads and fusion never change a bit.

use crate::program::{file, object, place};
use ravine::simd::Level;

const RUNS: [&str; 4] = [
    "--data data/diabetes.csv --batch full --epochs 20 --lr 0.05",
    "--data data/diabetes.csv --batch 37 --epochs 3 --nesterov --weight-decay 0.01",
    "--data data/longley.csv --model mlp --hidden 33,17 --batch full --epochs 5 --lr 1e-9",
    "--data data/digits.csv --task multiclass --model mlp --hidden 40 --activation gelu \
     --batch 250 --epochs 1 --form ema-unbiased --lr 0.05",
];

#[test]
fn every_level_thread_count_and_fusion_has_the_same_digest() {
    for run in RUNS {
        let mut first = None;
        for level in Level::available() {
            for threads in [1, 2, 3] {
                for fused in [true, false] {
                    let speed = format!("--level {level} --threads {threads} --fused {fused}");
                    let result = object(&format!("train {run} {speed}"));
                    assert_eq!(result["level"], level.name());
                    assert_eq!(result["threads"], threads);
                    let bits = [result["digest"].clone(), result["loss"].clone()];
                    let wanted = first.get_or_insert_with(|| bits.clone());
                    assert_eq!(*wanted, bits, "{run} {speed}");
                }
            }
        }
    }
}

#[test]
fn a_trace_or_a_clip_that_never_bites_changes_no_bit() {
    for run in RUNS {
        let digest = |more: &str| object(&format!("train {run} {more}"))["digest"].clone();
        let trace = place("unfused.csv");
        let wanted = digest("");
        assert_eq!(digest(&format!("--trace {}", trace.display())), wanted, "{run}");
        assert_eq!(digest("--clip-value 1e30"), wanted, "{run}");
        assert_eq!(digest("--on-nonfinite skip"), wanted, "{run}");
        assert_ne!(digest("--clip-norm 1e-3"), wanted, "{run}");
    }
}

#[test]
fn a_run_on_nothing_but_short_rows_keeps_its_bits_too() {
    let data = file("narrow.csv", "x,y\n1,2\n2,3\n3,5\n4,8\n5,13\n");
    let digest = |speed: &str| {
        object(&format!("train --data {} --batch 2 {speed}", data.display()))["digest"].clone()
    };
    let wanted = digest("--level scalar --threads 1 --fused false");
    for level in Level::available() {
        assert_eq!(digest(&format!("--level {level} --threads 3")), wanted, "{level}");
    }
}
