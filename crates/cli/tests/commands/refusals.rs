//! Bad usage and bad input: status 2, one line, and no file.

use crate::program::{ROOT, fails, file, place, ravine, succeeds};

/// Refuses a run on diabetes for the words of `flags`; the line says `why`.
fn refuses(flags: &str, why: &str) {
    let (trace, save) = (place("refused.csv"), place("refused.safetensors"));
    let files = format!("--trace {} --save {}", trace.display(), save.display());
    let said = fails(&format!("train --data data/diabetes.csv {files} {flags}"), 2);
    assert!(said.contains(why), "{flags}: {said}");
    assert!(!trace.exists() && !save.exists(), "{flags}");
}

#[test]
fn numbers_outside_their_ranges_are_refused() {
    for (flags, why) in [
        ("--lr 0", "--lr is 0, but 0 < lr < ∞ as an f32"),
        ("--lr -1", "--lr is -1, but 0 < lr < ∞ as an f32"),
        ("--lr nan", "--lr is NaN"),
        ("--lr 0.1:0@10", "--lr is 0, but 0 < lr < ∞ as an f32"),
        ("--lr cosine:0.1:-1@10", "--lr is -1"),
        ("--lr 0.1:0.2@0", "at least 1 step"),
        ("--momentum 1", "--momentum is 1, but 0 ≤ momentum < 1 as an f32"),
        ("--momentum 0.5:1@9", "--momentum is 1, but 0 ≤ momentum < 1 as an f32"),
        ("--momentum sutskever@1", "--momentum is 1"),
        ("--form dampened --dampening 1", "--dampening is 1, but 0 ≤ dampening < 1"),
        ("--form quasi-hyperbolic --nu 1.5", "--nu is 1.5, but 0 ≤ nu ≤ 1"),
        ("--weight-decay -0.1", "--weight-decay is -0.1, but 0 ≤ weight decay < ∞"),
        ("--clip-norm 0", "--clip-norm is 0, but 0 < clip < ∞"),
        ("--clip-value inf", "--clip-value is inf, but 0 < clip < ∞"),
        ("--epochs 0", "--epochs is 0, but 1 ≤ epochs"),
        ("--batch 0", "--batch"),
        ("--threads 0", "--threads is 0, but threads ≥ 1"),
        ("--level avx1024", "--level is avx1024, but this CPU has auto, scalar"),
        ("--model mlp --hidden 8,0", "--hidden is 0, but 1 ≤ each width"),
        ("--test-fraction 0", "--test-fraction is 0, but 0 < test fraction < 1"),
        ("--test-fraction 0.0001", "test fraction 0.0001 of 442 rows"),
    ] {
        refuses(flags, why);
    }
}

#[test]
fn runs_that_memory_does_not_hold_are_refused_before_they_begin() {
    for (hidden, why) in [
        ("100000,16777216", "bytes, wanted at most"),
        ("4,16777216,16777216", "bytes, wanted at most"),
        ("4,70000000", "1 ≤ each width ≤ 16777216"),
        ("18446744073709551615", "1 ≤ each width ≤ 16777216"),
    ] {
        refuses(&format!("--model mlp --hidden {hidden}"), why);
    }
    // A batch is never larger than the data.
    succeeds("train --data data/diabetes.csv --model mlp --epochs 1 --batch 1000000000");
}

/// Where few bytes may be mapped no allocation fails: they are counted first.
#[test]
#[cfg(target_os = "linux")]
fn runs_that_may_not_map_their_memory_are_refused_before_they_begin() {
    let program = env!("CARGO_BIN_EXE_ravine");
    for hidden in ["3000000", "100000,100000"] {
        let line = format!(
            "ulimit -v 2000000 && exec {program} train --data data/diabetes.csv --threads 2 \
             --model mlp --hidden {hidden}"
        );
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .current_dir(ROOT)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{hidden}: {said}");
        assert!(said.contains("bytes, wanted at most"), "{hidden}: {said}");
    }
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (flags, why) in [
        ("--dampening 0.5", "--dampening goes with --form dampened alone, found --form classic"),
        ("--form ema --nu 0.7", "--nu goes with --form quasi-hyperbolic alone"),
        ("--form plain --nesterov", "--nesterov does not go with --form plain"),
        ("--form ema-unbiased --nesterov", "--nesterov does not go with --form ema-unbiased"),
        ("--form quasi-hyperbolic --nesterov", "--nesterov does not go with"),
        ("--form dampened --dampening 0.5 --nesterov", "dampening = 0 with Nesterov"),
        ("--form plain --momentum 0.9", "--momentum above 0 does not go with --form plain"),
        ("--momentum optimal", "--momentum optimal goes with --lr optimal alone"),
        ("--lr optimal --momentum 0.5:0.9@10", "one number for --momentum"),
        ("--lr optimal --model mlp", "--lr optimal goes with --task regression --model linear"),
        ("--lr optimal --decoupled --weight-decay 0.1", "does not go with --decoupled"),
        ("--hidden 8", "--hidden goes with --model mlp alone"),
        ("--model mlp --bias false", "--bias false goes with --model linear alone"),
        ("--clip-norm 1 --clip-value 1", "cannot be used with"),
        ("--test data/diabetes.csv --test-fraction 0.5", "cannot be used with"),
        ("--resume no-run.safetensors", "no-run.safetensors: found No such file"),
        ("--save-every 0", "--save-every"),
        ("--lr fast", "wanted a number"),
        ("--form heavy-ball", "heavy-ball"),
        ("--velocity 3", "--velocity"),
    ] {
        refuses(flags, why);
    }
}

#[test]
fn bad_data_is_refused_by_file_and_place() {
    for (name, content, flags, why) in [
        ("words.csv", "a,b\n1,2\n3,four\n", "", "line 3, column 2"),
        ("infinite.csv", "a,b\n1,2\ninf,4\n", "", "line 3, column 1"),
        ("short.csv", "a,b\n1\n", "", "line 2"),
        ("empty.csv", "", "", "empty.csv"),
        ("header.csv", "a,b\n", "", "header.csv"),
        ("target.csv", "a,b\n1,2\n", "--target c", "target.csv"),
        ("three.csv", "a,b\n1,2\n1,3\n1,4\n", "--task binary", "exactly 2 distinct values"),
        ("one.csv", "a,b\n1,2\n1,2\n", "--task multiclass", "at least 2 distinct values"),
        ("table.txt", "a,b\n1,2\n", "", "found .txt, wanted .csv"),
        ("table.npz", "", "", "wanted"),
        ("images-ubyte", "", "", "--labels"),
    ] {
        let data = file(name, content);
        let said = fails(&format!("train --data {} {flags}", data.display()), 2);
        assert!(said.contains(why) && said.contains(name), "{name}: {said}");
    }
    let absent = place("absent.csv");
    assert!(fails(&format!("train --data {}", absent.display()), 2).contains("absent.csv"));
}

#[test]
fn held_out_rows_must_have_the_columns_and_classes_of_the_training_rows() {
    let train = file("train-rows.csv", "a,b,c\n1,2,0\n2,1,1\n");
    for (name, content, why) in [
        ("other-columns.csv", "a,d,c\n1,2,0\n", "found the features a, d in line 1, wanted a, b"),
        ("other-class.csv", "a,b,c\n1,2,0\n1,2,7\n", "found the target 7"),
        ("no-target.csv", "a,b\n1,2\n", "no-target.csv"),
    ] {
        let (train, test) = (train.display(), file(name, content));
        let flags = format!("--task binary --test {}", test.display());
        let said = fails(&format!("train --data {train} {flags}"), 2);
        assert!(said.contains(why) && said.contains(name), "{name}: {said}");
    }
}

#[test]
fn initial_parameters_must_fit_the_model() {
    let wrong = file("wrong.safetensors", "no tensors");
    refuses(&format!("--init {}", wrong.display()), "wrong.safetensors");
    let linear = place("linear.safetensors");
    let save = format!("train --data data/diabetes.csv --epochs 1 --save {}", linear.display());
    succeeds(&save);
    refuses(&format!("--init {} --model mlp", linear.display()), "layers.");
}

#[test]
fn places_where_no_file_can_be_are_found_before_training() {
    let folder = place("absent-folder").join("run.csv");
    for flag in ["--trace", "--save"] {
        let line = format!("train --data data/diabetes.csv {flag} {}", folder.display());
        assert!(fails(&line, 2).contains("absent-folder"));
        // A folder is no place for a file.
        fails(&format!("train --data data/diabetes.csv {flag} data"), 2);
    }
    let both = place("both");
    let both = both.display();
    fails(&format!("train --data data/diabetes.csv --trace {both} --save {both}"), 2);
    fails(&format!("generate --out {}", folder.with_extension("npz").display()), 2);
}

#[test]
fn ravines_that_cannot_be_are_refused() {
    for (flags, why) in [
        ("--rows 4 --cols 8", "rows"),
        ("--cols 0", "--"),
        ("--condition 0.5", "--condition is 0.5, but"),
        ("--noise -1", "--noise is -1, but 0 ≤ noise < ∞"),
        ("--threads 0", "--threads is 0, but threads ≥ 1"),
        ("--kind cubic", "cubic"),
    ] {
        let said = fails(&format!("generate {flags}"), 2);
        assert!(said.contains(why), "{flags}: {said}");
    }
    let text = place("ravine.txt");
    assert!(fails(&format!("generate --out {}", text.display()), 2).contains(".npz or .csv"));
    assert!(!text.exists());
}

#[test]
fn data_and_benchmarks_that_memory_does_not_hold_are_refused() {
    let most = usize::MAX;
    for (command, why) in [
        (format!("generate --rows 4 --cols {most}"), "more than memory holds"),
        ("generate --rows 4 --cols 1000000000000".into(), "more than memory holds"),
        ("generate --rows 4294967295 --cols 64".into(), "4294967295 × 64 numbers"),
        ("generate --rows 4294967295 --cols 4294967295".into(), "more than memory holds"),
        ("generate --rows 4 --cols 5".into(), "4"),
        (format!("bench update --len {most}"), "--len asks for about"),
        ("bench step --layers 1000000,1000000".into(), "--layers with --batch asks for about"),
        (
            format!("bench step --layers 10,10 --batch {most}"),
            "--layers with --batch asks for about",
        ),
        (format!("bench linear --rows {most} --cols 4"), "--rows with --cols asks for about"),
        (format!("bench train --rows {most}"), "--rows with --layers and --batch asks for about"),
    ] {
        let line = fails(&command, 2);
        assert!(line.contains(why), "{command}: {line}");
    }
}

#[test]
fn a_number_of_bench_outside_its_range_is_refused_by_its_flag() {
    let said = fails("bench update --len 9 --weight-decay=-1", 2);
    assert!(said.contains("--weight-decay is -1, but 0 ≤ weight decay < ∞"), "{said}");
}

#[test]
fn help_has_examples_and_comes_on_standard_output() {
    for command in ["train", "generate", "verify"] {
        let output = ravine(&format!("{command} --help"));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        let example = format!("\n  ravine {command}");
        assert!(text.contains("Examples:\n") && text.contains(&example), "{text}");
    }
    assert_eq!(ravine("").status.code(), Some(2));
    assert!(fails("descend", 2).contains("descend"));
}
