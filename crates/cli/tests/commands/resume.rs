//! A run that goes on from its file, and what is refused to it.

use crate::program::{fails, file, object, place, succeeds};
use ravine::simd::Level;

const RUNS: [&str; 3] = [
    "--data data/diabetes.csv --batch 100 --lr cosine:0.1:0.01@20 --momentum 0.5:0.9@9 --nesterov",
    "--data data/longley.csv --batch full --lr optimal --momentum optimal",
    "--data data/digits.csv --task multiclass --model mlp --hidden 20 --activation gelu --batch 500 \
     --form ema-unbiased --test-fraction 0.2 --clip-norm 1 --seed 7 --shuffle false",
];

/// A run on diabetes of two epochs, saved by `name`.
fn saved(name: &str) -> String {
    let save = place(name);
    let line = "train --data data/diabetes.csv --batch 100 --epochs 2 --lr 0.1 --clip-norm 9";
    succeeds(&format!("{line} --save {}", save.display()));
    save.display().to_string()
}

/// The words of a run without its data's name, which is the only one that a resumed run needs.
fn data(run: &str) -> String {
    run.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_resumed_run_ends_in_the_bits_of_one_that_never_stopped() {
    let (save, again) = (place("resumed.safetensors"), place("again.safetensors"));
    let mut levels: Vec<Level> = Level::available().collect();
    levels.reverse();
    for run in RUNS {
        let whole = object(&format!("train {run} --epochs 7 --save {}", again.display()));
        let wanted = std::fs::read(&again).unwrap();
        for (threads, level) in [1, 2, 3].into_iter().zip(levels.iter().cycle()) {
            succeeds(&format!("train {run} --epochs 3 --save {}", save.display()));
            // The flags are those of the file; given once more they are no fault.
            for flags in [data(run), run.to_owned()] {
                let line = format!("train {flags} --epochs 7 --threads {threads} --level {level}");
                let resume = format!("--resume {} --save {}", save.display(), again.display());
                let rest = object(&format!("{line} {resume}"));
                for key in ["digest", "loss", "test_loss", "steps", "lr", "momentum"] {
                    assert_eq!(rest[key], whole[key], "{key}: {run} on {level}");
                }
                assert!(std::fs::read(&again).unwrap() == wanted, "{run}: the file has its bytes");
            }
        }
    }
}

#[test]
fn nothing_left_to_do_prints_the_results() {
    let save = saved("done.safetensors");
    let line = format!("train --data data/diabetes.csv --resume {save}");
    let (done, longer) = (object(&line), object(&format!("{line} --epochs 3")));
    assert_eq!((&done["steps"], &longer["steps"]), (&10.into(), &15.into()));
    assert_ne!(done["digest"], longer["digest"]);
}

#[test]
fn a_trace_goes_on_where_its_file_still_holds_the_rows_of_the_run() {
    let [whole, part] = ["whole-trace.csv", "part-trace.csv"].map(place);
    let save = place("traced.safetensors");
    let run = "train --data data/diabetes.csv --batch 100 --lr 0.1";
    succeeds(&format!("{run} --epochs 4 --trace {}", whole.display()));
    let wanted = std::fs::read_to_string(&whole).unwrap();
    let begin = || {
        let files = format!("--trace {} --save {}", part.display(), save.display());
        succeeds(&format!("{run} --epochs 2 {files}"));
    };
    let go_on = || {
        let files = format!("--trace {} --resume {}", part.display(), save.display());
        let said = succeeds(&format!("train --data data/diabetes.csv --epochs 4 {files}"));
        (said, std::fs::read_to_string(&part).unwrap())
    };
    begin();
    assert_eq!(go_on().1, wanted);
    // Without a file it begins where the run stands.
    begin();
    std::fs::remove_file(&part).unwrap();
    let (said, found) = go_on();
    assert!(said.contains("part-trace.csv will begin at step 10"), "{said}");
    let rest: String = wanted.lines().skip(11).map(|line| format!("{line}\n")).collect();
    assert_eq!(found, format!("step,loss,grad_norm,lr,momentum\n{rest}"));
    // Rows of another course are neither gone on with nor lost.
    begin();
    let foreign = wanted.replace("0.9\n", "0.8\n");
    std::fs::write(&part, &foreign).unwrap();
    let files = format!("--trace {} --resume {}", part.display(), save.display());
    let said = fails(&format!("train --data data/diabetes.csv --epochs 4 {files}"), 2);
    assert!(said.contains("found no trace of this run up to step 10"), "{said}");
    assert_eq!(std::fs::read_to_string(&part).unwrap(), foreign);
}

#[test]
fn flags_that_would_change_what_was_done_are_refused_by_name() {
    let save = saved("kept.safetensors");
    let more = place("more.safetensors");
    for (flags, why) in [
        ("--lr 0.2", "--lr is 0.2, but 0.1 in the run of"),
        ("--lr optimal", "--lr is optimal, but 0.1 in the run of"),
        ("--momentum 0.5", "--momentum is 0.5, but 0.9 in the run of"),
        ("--batch full", "--batch is full, but 100 in the run of"),
        ("--seed 1", "--seed is 1, but 0 in the run of"),
        ("--nesterov", "--nesterov is true, but false in the run of"),
        ("--model mlp", "--model is mlp, but linear in the run of"),
        ("--weight-decay 0.1", "--weight-decay is 0.1, but 0.0 in the run of"),
        ("--target bmi", "--target is bmi, but absent in the run of"),
        ("--clip-norm 3", "--clip-norm is 3.0, but 9.0 in the run of"),
        ("--clip-value 3", "found the run of other flags than those given"),
        ("--epochs 1", "--epochs is 1, but the run in"),
        ("--init kept.safetensors", "cannot be used with"),
        ("--data data/longley.csv", "found a run on data with the checksum"),
    ] {
        let files = format!("--resume {save} --save {}", more.display());
        let said = fails(&format!("train --data data/diabetes.csv {files} {flags}"), 2);
        let named = why == "cannot be used with" || said.contains("kept.safetensors");
        assert!(said.contains(why) && named, "{flags}: {said}");
        assert!(!more.exists(), "{flags}");
    }
    fails("train --data data/diabetes.csv --save-every 5", 2);
}

#[test]
fn what_is_no_saved_run_is_refused_and_the_one_before_is_offered() {
    let save = saved("good.safetensors");
    let bytes = std::fs::read(&save).unwrap();
    let (bad, before) = (place("bad.safetensors"), place("bad.previous.safetensors"));
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let foreign = br#"(       {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let contents: [(&[u8], &str); 4] = [
        (&bytes[..bytes.len() - 1], "found no safetensors file"),
        (&flipped, "found damage"),
        (b"", "found no safetensors file"),
        (foreign, "bad.safetensors: found no"),
    ];
    let line = format!("train --data data/diabetes.csv --resume {}", bad.display());
    for (content, why) in contents {
        drop(std::fs::remove_file(&before));
        std::fs::write(&bad, content).unwrap();
        let said = fails(&line, 2);
        assert!(said.contains(why) && !said.contains("previous"), "{said}");
        std::fs::write(&before, &bytes).unwrap();
        let said = fails(&line, 2);
        let offer =
            format!("the one before is whole: --resume {} goes on at step 10", before.display());
        assert!(said.contains(why) && said.contains(&offer), "{said}");
    }
    std::fs::remove_file(&bad).unwrap();
    assert!(fails(&line, 2).contains("goes on at step 10"));
    let weights = file("weights.safetensors", foreign);
    assert!(fails(&line.replace("bad.", "weights."), 2).contains(&weights.display().to_string()));
}

#[test]
fn a_default_that_is_given_is_no_change() {
    let save = place("defaults.safetensors");
    let run = "train --data data/diabetes.csv --epochs 1 --lr 1e-5";
    succeeds(&format!("{run} --model mlp --save {}", save.display()));
    succeeds(&format!("{run} --hidden 64,64 --activation relu --resume {}", save.display()));
}
