//! Updates, timed and compared.

use std::fs;

use serde_json::{Value, json};

use super::program::{fails, file, object, place, succeeds};

#[test]
fn every_rule_is_checked_and_timed() {
    for (flags, id) in [
        ("", ""),
        ("--form plain", "plain/"),
        ("--form sutskever --nesterov --weight-decay 0.1", "sutskever+nesterov+decay/"),
        ("--rule loop --threads 1 --level baseline", "loop/"),
        ("--state bf16", "bf16/"),
        ("--state bf16-stochastic --weight-ema 0.9", "bf16-stochastic+average/"),
        ("--rule rmsprop --clip-norm 1", "rmsprop+clip/"),
        ("--rule adam", "adam/"),
        ("--rule adamw --weight-decay 0.01 --weight-ema 0.9 --clip-norm 1", "adamw+average+clip/"),
    ] {
        for tensors in [1, 3] {
            if tensors > 1 && flags.contains("loop") {
                continue;
            }
            let line = format!("bench update --len 99 --tensors {tensors} {flags}");
            let answer = object(&line);
            let id = format!("update/{id}{}x{tensors}/", 99 / tensors);
            assert!(answer["id"].as_str().is_some_and(|found| found.starts_with(&id)), "{answer}");
            for key in ["us", "us_min", "limit_us", "limit_us_min", "ratio", "gb_per_s"] {
                assert!(answer[key].as_f64().is_some_and(|value| 0.0 < value), "{key}: {answer}");
            }
        }
    }
}

#[test]
fn flags_of_an_update_that_do_not_go_together_are_refused() {
    for (flags, said) in [
        ("--tensors 4", "--tensors is 4"),
        ("--rule adam --state bf16", "--state bf16"),
        ("--rule rmsprop --nesterov", "--nesterov"),
        ("--form plain --nesterov", "--nesterov"),
        ("--rule loop --clip-norm 1", "--rule loop goes with --len"),
        ("--rule loop --threads 2 --level baseline", "--rule loop takes"),
        ("--rule loop --threads 1 --level scalar", "--rule loop takes"),
        ("--rule adamw --form ema", "--form goes"),
        ("--rule loop --threads 1 --level baseline --weight-decay nan", "--rule loop goes with"),
        ("--form plain --state bf16", "--state bf16 wants a velocity, --form plain has none"),
        ("--weight-ema 1", "--weight-ema is 1, but"),
        ("--weight-ema -1", "--weight-ema is -1, but"),
        ("--clip-norm 0", "--clip-norm is 0, but"),
        ("--clip-norm 1e60", "--clip-norm is 1e60, but"),
        ("--clip-norm 1e-60", "--clip-norm is 1e-60, but"),
        ("--weight-decay -1", "--weight-decay is -1, but 0 ≤ weight decay < ∞"),
        ("--weight-decay nan", "--weight-decay is NaN, but"),
    ] {
        let found = fails(&format!("bench update --len 9 {flags}"), 2);
        assert!(found.contains(said), "{flags}: {found}");
    }
}

#[test]
fn products_and_layers_are_checked_and_timed() {
    for (flags, id) in [
        ("product --rows 3 --inner 20 --cols 17", "product/3x20x17/"),
        ("product --rows 20 --inner 3 --cols 1 --transpose left", "product/20x3x1+left/"),
        ("product --rows 1 --inner 1 --cols 2 --transpose right", "product/1x1x2+right/"),
        ("product --rows 5 --inner 6 --cols 7 --transpose both", "product/5x6x7+both/"),
        ("layer --inputs 5 --outputs 3 --batch 2", "layer/forward/5-3x2/"),
        ("layer --inputs 5 --outputs 3 --batch 2 --pass backward", "layer/backward/5-3x2/"),
    ] {
        let answer = object(&format!("bench {flags} --threads 2"));
        assert!(answer["id"].as_str().is_some_and(|found| found.starts_with(id)), "{answer}");
        for key in ["us", "us_min", "limit_us", "limit_us_min", "ratio", "gflops"] {
            assert!(answer[key].as_f64().is_some_and(|value| 0.0 < value), "{key}: {answer}");
        }
    }
}

#[test]
fn cases_that_do_other_work_have_other_ids() {
    let id =
        |flags: &str| object(&format!("bench {flags} --layers 3,2,1 --threads 1"))["id"].clone();
    let train = "train --rows 9 --batch 4";
    let ids = [
        id("step --batch 4"),
        id("step --batch 4 --fused false"),
        id(train),
        id("train --rows 9 --batch 3"),
        id(&format!("{train} --fused false")),
    ];
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "{ids:?}");
    }
}

#[test]
fn an_epoch_tells_what_its_input_takes() {
    let answer = object("bench train --rows 99 --layers 3,2,1 --batch 4 --threads 1");
    let [us, input, share] = ["us", "input_us", "input_share"].map(|key| answer[key].as_f64());
    let (us, input, share) = (us.unwrap(), input.unwrap(), share.unwrap());
    assert!(0.0 < input && (share - input / us).abs() <= 1e-12 * share, "{answer}");
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    for (flags, said) in [
        ("product --rows 0", "'0' for '--rows <M>': wanted a number ≥ 1"),
        ("update --len 0", "'0' for '--len <N>': wanted a number ≥ 1"),
        (
            "product --rows 4000000000 --inner 4000000000",
            "--rows with --inner and --cols asks for about",
        ),
        (
            "layer --batch 4000000000 --inputs 4000000000",
            "--batch with --inputs and --outputs asks for about",
        ),
        ("product --transpose up", "'up'"),
    ] {
        let found = fails(&format!("bench {flags}"), 2);
        assert!(found.contains(said), "{flags}: {found}");
    }
}

/// A record of `bench update --len 99 --threads 1 --level scalar` whose cases had this share of
/// the limit in every round.
fn record(name: &str, id: &Value, share: f64) -> String {
    let timing = json!({ "id": id, "rounds": vec![(1.0, share); 9] });
    file(name, json!({ "timings": [timing] }).to_string()).display().to_string()
}

#[test]
fn a_case_is_slower_only_beyond_the_noise() {
    let bench = "bench update --len 99 --threads 1 --level scalar";
    let id = &object(bench)["id"];
    // No machine is a thousand times as near to its limit as another, or as far.
    let was_slow = record("was-slow.json", id, 1e-6);
    let was_fast = record("was-fast.json", id, 1e6);
    assert!(succeeds(&format!("{bench} --against {was_slow}")).contains("ratio"));
    let against = &object(&format!("{bench} --against {was_slow}"))["against"][0];
    assert_eq!((&against["id"], &against["slower"]), (id, &json!(false)), "{against}");
    let said = fails(&format!("{bench} --against {was_fast}"), 1);
    assert!(said.contains("slower than noise explains: update/"), "{said}");
}

#[test]
fn an_update_that_diverges_while_it_is_timed_is_a_wrong_result() {
    let said = fails("bench update --len 9 --threads 1 --weight-decay 1e6", 1);
    assert!(said.contains("wanted a finite number"), "{said}");
}

#[test]
fn limits_are_compared_with_nothing() {
    let record = record("limits.json", &json!("limit/read"), 1.0);
    let said = fails(&format!("bench limits --against {record}"), 2);
    assert!(said.contains("--against does not go with limits"), "{said}");
}

#[test]
fn a_sweep_is_compared_with_nothing_and_drawn_into_no_file() {
    let record = record("sweep.json", &json!("product/1x1x1"), 1.0);
    let said = fails(&format!("bench sweep --against {record}"), 2);
    assert!(said.contains("--against does not go with sweep"), "{said}");
    let said = fails(&format!("bench sweep --draw {record}"), 2);
    assert!(said.contains("found a file, wanted a folder"), "{said}");
}

#[test]
fn what_is_no_record_is_refused() {
    let bench = "bench update --len 99 --threads 1";
    for (content, wanted) in [
        ("{}", "found no list \"timings\""),
        ("7", "found no list \"timings\""),
        ("[1", "EOF while parsing a list at line 1"),
        (r#"{"timings": [1]}"#, "found no text \"id\" in timing 1"),
        (r#"{"timings": [{"id": "a"}]}"#, "found no rounds of a"),
        (r#"{"timings": [{"id": "a", "rounds": []}]}"#, "found no rounds of a"),
        (
            r#"{"timings": [{"id": "a", "rounds": [[1, 1], [0, 1]]}]}"#,
            "found [0,1] as round 2 of a",
        ),
        (r#"{"timings": [{"id": "a", "rounds": [[1e-320, 1e308]]}]}"#, "as round 1 of a"),
        (r#"{"timings": []}"#, "none of the cases"),
    ] {
        let said = fails(&format!("{bench} --against {}", file("no.json", content).display()), 2);
        assert!(said.contains(wanted) && said.contains("no.json"), "{content}: {said}");
        assert!(!said.contains("struct") && !said.contains("expected"), "{content}: {said}");
    }
    let said = fails(&format!("{bench} --against {}", place("absent.json").display()), 2);
    assert!(said.contains("absent.json"), "{said}");
}

#[test]
fn a_record_can_be_compared_with() {
    let file = place("record.json");
    let bench = "bench update --len 99 --threads 2 --pin";
    succeeds(&format!("{bench} --record {}", file.display()));
    let record: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(record["timings"][0]["rounds"].as_array().map(Vec::len), Some(9));
    assert!(record["machine"].is_string() && record["date"].is_string());
    assert!(record["commit"].is_string() || record["commit"].is_null());
    assert_eq!(record["pinned"], json!(true));
    assert_eq!(record["answer"].get("gflops"), None);
}
