//! What is saved can be read again, and what cannot be read is named.

use std::cell::Cell;
use std::io::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use ravine::data::Matrix;
use ravine::models::{Linear, Loss, Mlp, Model};
use ravine::momentum::Form;
use ravine::simd::CONTRACT;
use ravine::tensor::Activation;
use ravine::{
    Checkpoints, Examples, Labels, LoadFault, Notes, Options, ResumeError, Run, Saved, StepRecord,
    Trace, digest, read_initial,
};
use sha2::{Digest as _, Sha256};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn mlp(widths: &[usize]) -> Mlp {
    Mlp::new(widths, Activation::Relu).expect("widths above zero")
}

fn run<M: Model>(model: M, form: Form) -> Run<M> {
    let mut options = Options { epochs: 2, seed: 3, ..Options::default() };
    options.sgd.form = form;
    let (inputs, outputs) = (model.inputs(), model.outputs());
    let mut run = Run::new(model, Loss::MeanSquared, options).expect("valid options");
    let ramp = |n: u8, cols| {
        let values = (0..n).map(|i| f32::from(i) / 8.0 - 1.0).collect();
        Matrix::from_vec(values, usize::from(n) / cols, cols)
    };
    let (x, y) = if outputs == 2 { (ramp(12, inputs), ramp(8, 2)) } else { unreachable!() };
    run.train(&Examples { x, labels: Labels::Values(y) }, |_| ()).expect("a finite run");
    run
}

const CLASSIC: Form = Form::Classic { nesterov: false };

/// The bytes of a saved run of three inputs and two outputs.
fn saved_bytes(name: &str) -> Vec<u8> {
    let path = file(name);
    let notes = Notes::from([("data".into(), "abc".into())]);
    run(Linear::new(3, 2, true), CLASSIC).save(&path, &notes).expect("a writable folder");
    std::fs::read(path).expect("just written")
}

/// What [`Saved::read`] says of `bytes`.
fn reading(name: &str, bytes: &[u8]) -> Result<Saved, LoadFault> {
    let path = file(name);
    // Systems bring a file that replaces another to the disk; a new one need not get there.
    drop(std::fs::remove_file(&path));
    std::fs::write(&path, bytes).expect("a writable folder");
    Saved::read(&path).map_err(|error| {
        let text = error.to_string();
        assert!(text.contains(name) && !text.contains('\n'), "{text}");
        error.fault
    })
}

/// Replaces a part of a saved run by another as long, and mends the checksum as documented.
fn forged(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = |what: &str| {
        bytes.windows(what.len()).position(|part| part == what.as_bytes()).expect("it is there")
    };
    let (mut forged, digits) = (bytes.to_vec(), at("\"checksum\":\"") + 12);
    forged[at(from)..][..from.len()].copy_from_slice(to.as_bytes());
    forged[digits..digits + 64].fill(b'0');
    let hash: String = Sha256::digest(&forged).iter().map(|byte| format!("{byte:02x}")).collect();
    forged[digits..digits + 64].copy_from_slice(hash.as_bytes());
    forged
}

#[test]
fn saved_parameters_start_another_run() {
    let (path, run) = (file("round_trip.safetensors"), run(mlp(&[3, 5, 2]), CLASSIC));
    run.save(&path, &Notes::new()).expect("a writable folder");
    let mut read = vec![f32::NAN; run.params().len()];
    read_initial(&path, run.model().layout(), &mut read).expect("a saved file");
    let layout = run.model().layout();
    assert_eq!(digest(layout, &read, &[]), digest(layout, run.params(), &[]));
    assert_ne!(run.digest(), digest(layout, run.params(), &[]), "velocity counts");
}

#[test]
fn files_of_other_models_are_refused_by_name() {
    let path = file("other.safetensors");
    run(mlp(&[3, 5, 2]), CLASSIC).save(&path, &Notes::new()).expect("a writable folder");
    let saved = Saved::read(&path).expect("a saved run");
    for (other, words) in [
        (mlp(&[3, 4, 2]), ["layers.0.weight", "[5, 3]", "[4, 3]"]),
        (mlp(&[3, 5, 2, 2]), ["layers.2.weight", "no tensor", "[2, 2]"]),
        (mlp(&[3, 5]), ["layers.1.", "does not have", "other.safetensors"]),
    ] {
        let mut read = vec![0.0; other.layout().len()];
        let initial = read_initial(&path, other.layout(), &mut read).expect_err("another model");
        let options = *run(Linear::new(3, 2, true), CLASSIC).options();
        let resumed = Run::resume(other, Loss::MeanSquared, options, &saved).expect_err("so");
        for text in [initial.to_string(), resumed.to_string()] {
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            assert!(!text.contains('\n'), "one line: {text}");
        }
    }
}

#[test]
fn a_run_of_another_seed_or_with_another_velocity_is_refused() {
    let path = file("velocity.safetensors");
    for (form, other, words) in [
        (CLASSIC, Form::Plain, "tensor velocity.layers.0."),
        (Form::Plain, CLASSIC, "no tensor velocity.layers.0.weight"),
    ] {
        run(Linear::new(3, 2, true), form).save(&path, &Notes::new()).expect("a writable folder");
        let saved = Saved::read(&path).expect("a saved run");
        let resume = |form, seed| {
            let mut options = Options { seed, ..Options::default() };
            options.sgd.form = form;
            let run = Run::resume(Linear::new(3, 2, true), Loss::MeanSquared, options, &saved);
            run.map(drop).map_err(|error| error.to_string())
        };
        let text = resume(other, 3).expect_err("another form");
        assert!(text.contains(words) && text.contains("velocity.safetensors"), "{text}");
        let text = resume(form, 4).expect_err("another seed");
        assert!(text.ends_with("seed is 3, but 4 is wanted"), "{text}");
        assert_eq!(resume(form, 3), Ok(()));
    }
    let saved = Saved::read(&path).expect("a saved run");
    let mut options = Options::default();
    options.sgd.form = Form::QuasiHyperbolic { nu: 2.0 };
    options.seed = 3;
    let refused = Run::resume(Linear::new(3, 2, true), Loss::MeanSquared, options, &saved);
    assert!(matches!(refused, Err(ResumeError::Load(_) | ResumeError::Hyper(_))));
}

#[test]
fn a_flip_of_any_bit_is_refused() {
    let bytes = saved_bytes("flip.safetensors");
    assert!(reading("flip.safetensors", &bytes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut hurt = bytes.clone();
            hurt[at] ^= 1 << bit;
            assert!(reading("flip.safetensors", &hurt).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_file_cut_at_any_length_or_with_more_behind_is_refused() {
    let mut bytes = saved_bytes("cut.safetensors");
    for length in 0..bytes.len() {
        assert!(reading("cut.safetensors", &bytes[..length]).is_err(), "length {length}");
        let mut read = [0.0; 8];
        let layout = Linear::new(3, 2, true);
        let initial = read_initial(&file("cut.safetensors"), layout.layout(), &mut read);
        assert!(initial.is_err(), "length {length}");
    }
    bytes.push(0);
    assert!(reading("cut.safetensors", &bytes).is_err());
}

#[test]
fn what_is_no_saved_run_is_refused_with_its_reason() {
    let name = "forged.safetensors";
    let bytes = saved_bytes(name);
    let text = |bytes: &[u8]| reading(name, bytes).expect_err("forged").to_string();
    let ours = format!("contract\":\"{CONTRACT}\"");
    for (from, to, wanted) in [
        (&*ours, "contract\":\"7\"", &*format!("contract is 7, but this program's is {CONTRACT}")),
        ("skipped\":\"0\"", "skipped\":\"x\"", "skipped is x, but it is a count below 2⁵³"),
        ("step\":\"2\"", "step\":\"-\"", "step is -, but it is a count"),
        ("\"beta_product\":\"0", "\"beta_product\":\"7", "but 0 ≤ beta product ≤ 1"),
        ("\\\"batch\\\"", "\\\"birch\\\"", "but seed, epoch and batch are wanted, as JSON"),
        ("\"skipped\"", "\"skapped\"", "found no skipped in its metadata, wanted a saved run"),
    ] {
        assert!(text(&forged(&bytes, from, to)).contains(wanted), "{wanted}");
    }
    assert!(reading(name, &forged(&bytes, "\"abc\"", "\"xyz\"")).is_ok(), "the forger can forge");
    let foreign = br#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ____"#;
    let foreign = [&(foreign.len() as u64 - 4).to_le_bytes(), &foreign[..]].concat();
    assert!(text(&foreign).contains("found no checksum in its metadata"));
    for path in [file("missing.safetensors"), PathBuf::from(env!("CARGO_TARGET_TMPDIR"))] {
        let error = Saved::read(&path).expect_err("no file").to_string();
        assert!(error.starts_with(&format!("{}: found ", path.display())), "{error}");
    }
    #[cfg(unix)]
    assert!(Saved::read("/dev/zero".as_ref()).is_err(), "it goes on for ever");
}

#[test]
fn an_error_is_one_line_whatever_a_tensor_is_called() {
    let path = file("line.safetensors");
    let header = br#"{"a\nb":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header, b"____"].concat();
    std::fs::write(&path, bytes).expect("a writable folder");
    let layout = Linear::new(3, 2, true).layout().clone();
    let error = read_initial(&path, &layout, &mut [0.0; 8]).expect_err("a foreign tensor");
    assert!(
        error.to_string().ends_with(r": tensor a\nb, which the model does not have"),
        "{error}"
    );
}

#[test]
fn no_bytes_make_a_reader_panic_or_pass() {
    let name = "random.safetensors";
    let bytes = saved_bytes(name);
    let layout = Linear::new(3, 2, true).layout().clone();
    let change = (0..bytes.len(), 0..40_usize, proptest::collection::vec(any::<u8>(), 0..40));
    let changes = proptest::collection::vec(change, 1..4).prop_map(|changes| {
        let mut bytes = bytes.clone();
        for (at, cut, put) in changes {
            let at = at.min(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put);
        }
        bytes
    });
    let noise = proptest::collection::vec(any::<u8>(), 0..300);
    let mut runner = TestRunner::new(Config {
        cases: 8000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    });
    let seen = Cell::new(0);
    let refused = runner.run(&prop_oneof![noise, changes], |found| {
        prop_assume!(found != bytes);
        prop_assert!(reading(name, &found).is_err());
        drop(read_initial(&file(name), &layout, &mut vec![0.0; layout.len()]));
        seen.set(seen.get() + 1);
        Ok(())
    });
    refused.expect("neither panic nor pass");
    let seen = seen.get();
    writeln!(std::io::stderr(), "{seen} files of noise and of changed runs refused")
        .expect("somewhere to write");
    assert!(seen >= 8000, "{seen}");
}

#[test]
fn checkpoints_keep_the_two_newest() {
    let folder = file("checkpoints");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir(&folder).expect("a writable folder");
    let path = folder.join("run.safetensors");
    let left = folder.join(".ravine-run.safetensors-aaaaaa.part");
    std::fs::write(&left, b"killed").expect("a writable folder");
    let mut checkpoints = Checkpoints::new(&path).expect("a folder");
    assert!(!left.exists(), "what a killed program left is gone");
    let run = run(Linear::new(3, 2, true), CLASSIC);
    let note = |path: PathBuf| Saved::read(&path).ok().map(|saved| saved.notes()["n"].clone());
    let mut before = None;
    for n in ["1", "2", "3"] {
        checkpoints.save(&run, &Notes::from([("n".into(), n.into())])).expect("a folder");
        assert_eq!(note(path.clone()), Some(n.to_owned()));
        assert_eq!(note(Checkpoints::previous_of(&path)), before);
        before = Some(n.to_owned());
    }
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 2);
    std::fs::remove_dir_all(&folder).expect("a folder");
    let error = checkpoints.save(&run, &Notes::new()).expect_err("no folder").to_string();
    assert!(error.contains("run.safetensors: cannot be written: "), "{error}");
}

#[test]
#[should_panic(expected = "a note is called step")]
fn a_note_has_a_name_of_its_own() {
    let notes = Notes::from([("step".into(), "7".into())]);
    drop(run(Linear::new(3, 2, true), CLASSIC).save(&file("note.safetensors"), &notes));
}

#[test]
fn a_trace_goes_on_after_its_mark_and_after_no_other() {
    let step = |step, loss| StepRecord { step, loss, grad_norm: Some(2.0), lr: 0.1, momentum: 0.9 };
    let mut whole = Trace::new(Vec::new()).expect("memory");
    let mut marks = vec![whole.mark()];
    for n in 0..4_u8 {
        whole.push(&step(n.into(), f64::from(n) / 3.0)).expect("memory");
        marks.push(whole.mark());
    }
    let text = whole.into_inner();
    for (n, mark) in (0_u8..).zip(&marks) {
        let mut earlier = std::io::Cursor::new(&text);
        let rest = Trace::after(Vec::new(), &mut earlier, mark).expect("memory");
        let mut rest = rest.expect("the same beginning");
        for n in n..4 {
            rest.push(&step(n.into(), f64::from(n) / 3.0)).expect("memory");
        }
        assert_eq!(rest.into_inner(), text);
        for other in [&text[..text.len().min(20)], b"step,loss,grad_norm,lr,momentum\n0,1,,1,1\n"] {
            let other = Trace::after(Vec::new(), &mut std::io::Cursor::new(other), mark);
            assert!(other.expect("memory").is_none() || n == 0, "mark {n}");
        }
    }
}

#[test]
fn a_damaged_newest_never_takes_the_place_of_the_whole_one_before() {
    let path = file("damaged.safetensors");
    let previous = Checkpoints::previous_of(&path);
    let run = run(Linear::new(3, 2, true), CLASSIC);
    let step = |n: &str| Notes::from([("n".to_string(), n.to_string())]);
    run.save(&previous, &step("1")).expect("a folder");
    std::fs::write(&path, "damaged").expect("a folder");
    let mut checkpoints = Checkpoints::new(&path).expect("a folder");
    for (n, before) in [("2", "1"), ("3", "2")] {
        checkpoints.save(&run, &step(n)).expect("a folder");
        let told = |path| Saved::read(path).expect("whole").notes()["n"].clone();
        assert_eq!([told(&path), told(&previous)], [n, before]);
    }
}
