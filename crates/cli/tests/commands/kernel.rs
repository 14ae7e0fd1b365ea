//! Kernels from outside: those of the examples, broken ones, and programs that are none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::{ROOT, file, have, place};

/// `ravine verify` with words that may hold spaces.
fn verify(words: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
    program.current_dir(ROOT).arg("verify").args(words).output().expect("the program starts")
}

/// The object that it prints, and the exit status.
fn outcome(words: &[&str]) -> (Value, i32) {
    let output = verify(&[words, &["--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let object = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{words:?}: {text}{said}"));
    (object, output.status.code().unwrap())
}

/// The one line that it leaves on standard error with status 2.
fn refused(words: &[&str]) -> String {
    let output = verify(words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    assert!(output.stdout.is_empty() && said.lines().count() == 1, "{words:?}: {said}");
    said
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kernels").join(name)
}

/// Compiles `update.c`, where there is a compiler.
fn compiled(name: &str, flags: &[&str]) -> Option<String> {
    let program = place(name);
    let build = ["-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"];
    have("cc", &["--version"]).then(|| {
        let mut compiler = Command::new("cc");
        let compiler = compiler.args(build).args(flags).arg("-o").arg(&program);
        let told = compiler.arg(example("update.c")).output().expect("the compiler starts");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        program.display().to_string()
    })
}

#[test]
fn the_kernel_in_c_has_the_promised_bits_and_what_it_gave_can_be_kept() {
    let Some(kernel) = compiled("update", &[]) else { return };
    let (kept, xml) = (place("kept.json"), place("kernel.xml"));
    let [kept, xml] = [&kept, &xml].map(|file| file.to_str().unwrap());
    let (object, status) = outcome(&["--kernel", &kernel, "--bless", kept, "--junit", xml]);
    assert_eq!((status, &object["mismatches"]), (0, &0.into()), "{object}");
    assert!(object["cases"].as_u64().unwrap() > 1700, "{object}");
    assert!(fs::read_to_string(xml).unwrap().contains("<testcase classname=\"update\""));
    // A part of the cases is held to its part of the file.
    let only = ["--kernel", &kernel, "--only", "classic, length", "--against", kept];
    let (object, status) = outcome(&only);
    assert_eq!((status, &object["against"]["changed"]), (0, &0.into()), "{object}");
    assert_eq!(object["against"]["cases"], object["cases"]);

    let text = fs::read_to_string(kept).unwrap();
    let case = "update/update classic, length 17, ";
    let at = text.find(case).unwrap() + text[text.find(case).unwrap()..].find(": \"").unwrap() + 3;
    let digit = if text[at..].starts_with('0') { "1" } else { "0" };
    let changed = file("changed.json", [&text[..at], digit, &text[at + 1..]].concat());
    let changed = changed.to_str().unwrap();
    let held = ["--kernel", &kernel, "--only", "classic, length 1", "--against", changed];
    let (object, status) = outcome(&held);
    let against = &object["against"];
    assert_eq!((status, &against["changed"]), (1, &1.into()), "{object}");
    assert!(against["first"]["case"].as_str().unwrap().starts_with(case), "{object}");

    let said = refused(&["--kernel", &kernel, "--family", "sum"]);
    assert!(said.contains("found exit status: 2: no array options in the first path"), "{said}");

    assert!(refused(&["--against", xml]).contains("kernel.xml: found "));
    let wanted = "found a run without --full, wanted one with it";
    assert!(refused(&["--against", kept, "--full"]).contains(wanted));
    for (content, wanted) in [
        ("null", "null, expected an object"),
        ("[1]", "found "),
        (
            r#"{"contract": 2, "full": false, "digests": {"sum/a": "nonsense"}}"#,
            "found \"nonsense\" of sum/a, wanted 64 hexadecimal digits",
        ),
    ] {
        let said = refused(&["--against", file("no.json", content).to_str().unwrap()]);
        assert!(said.contains(wanted) && !said.contains("struct"), "{content}: {said}");
    }
    let later = file("later.json", text.replacen("\"contract\": ", "\"contract\": 9", 1));
    let said = refused(&["--against", later.to_str().unwrap()]);
    assert!(said.contains("found contract 9") && said.contains("wanted contract "), "{said}");
}

#[test]
fn a_kernel_that_forgets_its_tail_is_named_with_the_first_element_and_blesses_nothing() {
    let Some(kernel) = compiled("broken_tail", &["-DBROKEN_TAIL"]) else { return };
    let kept = place("broken.json");
    let only = ["--kernel", &kernel, "--only", "classic, length"];
    let bless = [&only[..], &["--bless", kept.to_str().unwrap()]].concat();
    let (object, status) = outcome(&bless);
    assert_eq!(status, 1, "{object}");
    assert!(!kept.exists());
    let Output { stdout, stderr, .. } = verify(&bless);
    let [told, said] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(
        said.contains(" cases differ; ") && said.contains("broken.json is not written"),
        "{said}"
    );
    assert!(told.contains(" ulp apart, 1 such element\n"), "{told}");
    let wrong = object["mismatches"].as_u64().unwrap();
    assert!(0 < wrong && wrong < object["cases"].as_u64().unwrap(), "{object}");
    let first = &object["first"];
    assert!(first["what"].as_str().unwrap().starts_with("update classic, length 1, "), "{object}");
    assert_eq!((&first["level"], &first["tensor"]), (&"kernel".into(), &"params".into()));
    for (key, number) in [("length", 1), ("step", 0), ("index", 0), ("threads", 1), ("wrong", 1)] {
        assert_eq!(first[key], number, "{object}");
    }
    let [expected, found] = ["expected", "found"].map(|key| first[key].as_str().unwrap());
    assert!(expected.len() == 8 && found.len() == 8 && expected != found, "{object}");
    assert!(first["ulps"].as_u64().unwrap() > 0, "{object}");
    let eleven = ["--kernel", &kernel, "--only", "classic, length 11,"];
    let first = &outcome(&eleven).0["first"];
    assert_eq!((&first["index"], &first["wrong"]), (&8.into(), &3.into()), "{first}");
    // Whole blocks are right.
    let whole = ["--kernel", &kernel, "--only", "classic, length 64,"];
    assert_eq!(outcome(&whole).1, 0);
}

#[test]
fn the_kernels_in_numpy_have_the_promised_bits() {
    if have("python3", &["-c", "import numpy"]) {
        for (family, least) in [("update", 400), ("adaptive", 300), ("narrow", 200)] {
            let file = example(&format!("{family}.py"));
            let kernel = format!("python3 -B '{}'", file.display());
            let asked = ["--kernel", &kernel, "--family", family, "--only", "length 1"];
            let (object, status) = outcome(&asked);
            assert_eq!((status, &object["mismatches"]), (0, &0.into()), "{object}");
            assert!(object["cases"].as_u64().unwrap() > least, "{object}");
        }
    }
}

#[test]
fn a_program_that_is_no_kernel_is_refused_in_one_line() {
    for (words, told) in [
        (&["--kernel", "./none-of-that-name"][..], "No such file"),
        (&["--kernel", "false"], "found exit status: 1, wanted exit status: 0"),
        (&["--kernel", "sh -c 'echo first >&2; echo no memory >&2; exit 3'"], "3: no memory,"),
        (&["--kernel", "sh -c 'kill -9 $$'"], "found signal: 9"),
        (&["--kernel", "true"], "no file at the second path, wanted the arrays params and"),
        (&["--kernel", "sh -c 'echo hello > $1'"], "wanted the arrays params and velocity"),
        (&["--kernel", "cp"], "the array params as ("),
        (&["--kernel", "cp", "--family", "adaptive"], "the array params as ("),
        (&["--kernel", "cp", "--family", "narrow"], "the array params as ("),
        (&["--kernel", "cp", "--family", "sum"], "no array sum"),
        (&["--kernel", "cp", "--family", "product"], "no array c,"),
        (&["--kernel", "cp", "--family", "function"], "no array y,"),
        (&["--kernel", "sh 'open"], "quotes closed"),
        (&["--kernel", " "], "quotes closed"),
        (&["--kernel", "true", "--only", "nonsense"], "no case of update has that"),
        (&["--kernel", "true", "--agreement", "ulps:-1"], "wanted bits, ulps:N"),
        (&["--kernel", "true", "--agreement", "relative:inf"], "relative:X with X"),
        (&["--family", "sum"], "--kernel <COMMAND>"),
    ] {
        let said = refused(words);
        assert!(said.contains(told), "{words:?}: {said}");
    }
}

#[test]
fn a_folder_for_temporary_files_that_is_none_is_named() {
    let absent = place("absent-tmp");
    let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
    let program = program.args(["verify", "--kernel", "true"]).env("TMPDIR", &absent);
    let output = program.output().expect("the program starts");
    let said = String::from_utf8(output.stderr).unwrap();
    let wanted = "absent-tmp: found no such folder, wanted a place for a file";
    assert!(output.status.code() == Some(2) && said.contains(wanted), "{said}");
}

#[test]
fn functions_are_held_to_the_truth_and_to_bits_where_that_is_asked_for() {
    if !have("python3", &["-c", "import numpy"]) {
        return;
    }
    let slope = "dy * np.vectorize(lambda x: math.erfc(-x / 2**.5) / 2 \
                 + (x * math.exp(-x * x / 2) / math.tau**.5 if abs(x) < 40 else 0))(x)";
    for (name, number, y) in [
        ("exp", 0, "np.exp(x)"),
        ("erf", 8, "np.vectorize(math.erf)(x)"),
        ("gelu's slope", 11, slope),
        ("gelu's slope below -1.5", 12, slope),
    ] {
        let (object, status) = numpy((name, number), "f8", y, &[]);
        assert_eq!((status, &object["mismatches"]), (0, &0.into()), "{object}");
        let (object, status) = numpy((name, number), "f8", y, &["--agreement", "bits"]);
        assert!(status == 1 && object["mismatches"].as_u64().unwrap() > 0, "{object}");
    }
}

#[test]
fn what_is_plain_arithmetic_has_one_pattern_of_bits_in_any_language() {
    if !have("python3", &["-c", "import numpy"]) {
        return;
    }
    for (name, number, y, bits) in [
        ("relu's mask", 7, "np.where(x > 0, dy, np.float32(0))", true),
        ("tanh's slope", 9, "dy * ((1 - x) * (1 + x))", true),
        ("tanh's slope", 9, "dy * (1 - x * x)", false),
        ("sigmoid's slope", 10, "dy * (x * (1 - x))", true),
        ("sigmoid's slope", 10, "dy * x * (1 - x)", false),
    ] {
        for agreement in [&[][..], &["--agreement", "bits"]] {
            let (object, status) = numpy((name, number), "f4", y, agreement);
            assert_eq!((status, object["mismatches"] == 0), (i32::from(!bits), bits), "{object}");
        }
    }
}

/// What comes of asking NumPy for a function: y of x and dy, in numbers of a kind.
fn numpy((name, number): (&str, usize), kind: &str, y: &str, agreement: &[&str]) -> (Value, i32) {
    let program = format!(
        "import sys, math, numpy as np\n\
         q = np.load(sys.argv[1])\n\
         assert (q['functions'] == {number}).all()\n\
         np.seterr(all='ignore')\n\
         x, dy = q['x'].astype('{kind}'), q['dy'].astype('{kind}')\n\
         np.savez(sys.argv[2], y=({y}).astype('f4'))\n"
    );
    let kernel = file(&format!("function-{number}.py"), program);
    let kernel = format!("python3 '{}'", kernel.display());
    let only = format!("function {name},");
    let asked = ["--kernel", &kernel, "--family", "function", "--only", &only];
    outcome(&[&asked[..], agreement].concat())
}
