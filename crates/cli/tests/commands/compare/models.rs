//! Saved models, bit by bit.

use safetensors::Dtype;
use serde_json::json;

use super::{differs, line, model, singles, told};
use crate::program::object;

fn doubles(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn a_flipped_bit_is_named_by_tensor_index_and_bits() {
    let bias = ("layers.0.bias", Dtype::F32, &[2][..], singles(&[0.5, -0.5]));
    let weight = |value: f32| {
        let values = singles(&[1.0, 2.0, 3.0, 4.0, 5.0, value]);
        ("layers.0.weight", Dtype::F32, &[2, 3][..], values)
    };
    let (value, flipped) = (0.1_f32, f32::from_bits(0.1_f32.to_bits() ^ 1));
    let a = model("whole.safetensors", &[bias.clone(), weight(value)]);
    let b = model("flipped.safetensors", &[bias, weight(flipped)]);
    let result = differs(&line(&a, &b));
    let first = json!({
        "tensor": "layers.0.weight", "step": null, "index": [1, 2], "flat": 5,
        "a": 0.1, "b": 0.099999994, "a_bits": "0x3dcccccd", "b_bits": "0x3dcccccc",
        "ulps": 1, "relative": result["max_relative"],
    });
    assert_eq!(result["first"], first);
    assert_eq!((&result["differing"], &result["failing"]), (&1.into(), &1.into()));
    assert_eq!((&result["elements"], &result["max_ulps"]), (&8.into(), &1.into()));
    let sentence = "first difference: tensor layers.0.weight, index [1, 2] (flat 5): \
                    A 0.1 (0x3dcccccd), B 0.099999994 (0x3dcccccc), 1 ulp, relative 7.45e-8\n";
    let text = told(&line(&a, &b));
    assert!(text.contains(sentence), "{text}");
    let passing = object(&format!("{} --ulps 1", line(&a, &b)));
    assert_eq!((&passing["equal"], &passing["passes"]), (&false.into(), &true.into()));
}

#[test]
fn what_either_flag_allows_passes() {
    // 3 ulps, small in relation; and 2 subnormal ulps, which double the number.
    let one = f32::from_bits(1.0_f32.to_bits() + 3);
    let a = model("passing-a.safetensors", &[("w", Dtype::F32, &[3], singles(&[1.0, 1e-45, 5.0]))]);
    let b = model("passing-b.safetensors", &[("w", Dtype::F32, &[3], singles(&[one, 4e-45, 5.0]))]);
    let line = line(&a, &b);
    for (flags, failing, first) in [
        ("", 2, 0),
        ("--ulps 0", 2, 0),
        ("--ulps 2", 1, 0),
        ("--relative 1e-6", 1, 1),
        ("--relative 0.6", 1, 1),
    ] {
        let result = differs(&format!("{line} {flags}"));
        assert_eq!(result["failing"], failing, "{flags}: {result}");
        assert_eq!(result["first_failing"]["flat"], first, "{flags}: {result}");
        assert_eq!((&result["differing"], &result["first"]["flat"]), (&2.into(), &0.into()));
    }
    for flags in ["--ulps 3", "--relative 0.7", "--ulps 2 --relative 1e-6"] {
        let result = object(&format!("{line} {flags}"));
        assert_eq!((&result["passes"], &result["failing"]), (&true.into(), &0.into()), "{flags}");
        assert_eq!((&result["equal"], &result["max_ulps"]), (&false.into(), &3.into()), "{flags}");
    }
    let text = told(&format!("{line} --relative 1e-6"));
    assert!(text.contains("first beyond what passes: tensor w, index [1]"), "{text}");
    assert!(text.ends_with("2 of 3 elements differ, 1 beyond what passes\n"), "{text}");
}

#[test]
fn zeros_of_both_signs_differ_by_no_ulp_and_all_nans_are_equal() {
    let nan = f32::from_bits(0xffc0_1234);
    let a =
        model("nan-a.safetensors", &[("w", Dtype::F32, &[3], singles(&[0.0, f32::NAN, f32::MAX]))]);
    let b = model(
        "nan-b.safetensors",
        &[("w", Dtype::F32, &[3], singles(&[-0.0, nan, f32::INFINITY]))],
    );
    let result = differs(&line(&a, &b));
    assert_eq!((&result["differing"], &result["max_ulps"]), (&2.into(), &1.into()));
    assert_eq!((&result["max_relative"], &result["first"]["flat"]), (&"inf".into(), &0.into()));
    assert_eq!(result["notes"], json!(["zeros that differ in their sign alone, 0 ulps apart: 1"]));
    object(&format!("{} --ulps 1", line(&a, &b)));
    let c = model("nan-c.safetensors", &[("w", Dtype::F32, &[3], singles(&[0.0, 1.0, f32::MAX]))]);
    let result = differs(&format!("{} --ulps 18446744073709551615", line(&a, &c)));
    assert_eq!((&result["max_ulps"], &result["first"]["a"]), (&"inf".into(), &"NaN".into()));
}

#[test]
fn a_model_of_doubles_is_held_against_ours_by_rounding() {
    let ours = [0.1_f32, 1e-3, -7.25, 3e38];
    let theirs = ours.map(f64::from);
    let near = [0.1, theirs[1] * (1.0 + 1e-9), theirs[2], theirs[3]];
    let far = [0.1, theirs[1], theirs[2] * (1.0 + 2e-7), f64::MAX];
    let a = model("single.safetensors", &[("w", Dtype::F32, &[2, 2], singles(&ours))]);
    let b = model("double.safetensors", &[("w", Dtype::F64, &[2, 2], doubles(&near))]);
    let result = object(&line(&a, &b));
    let note = "tensors that are F32 in A, F64 in B, rounded to F32: 1";
    assert_eq!((&result["equal"], &result["notes"]), (&true.into(), &json!([note])));
    let c = model("far.safetensors", &[("w", Dtype::F64, &[2, 2], doubles(&far))]);
    let result = differs(&line(&a, &c));
    assert_eq!((&result["differing"], &result["first"]["index"]), (&2.into(), &json!([1, 0])));
    assert_eq!((&result["first"]["ulps"], &result["max_relative"]), (&3.into(), &"inf".into()));
    assert_eq!(result["first"]["b"], far[2]);
}

#[test]
fn tensors_that_cannot_be_compared_are_named() {
    let tensor = |name, dtype, shape| (name, dtype, shape, singles(&[1.0; 6]));
    let (f32, i32) = (Dtype::F32, Dtype::I32);
    let a =
        [("alone", f32, &[6][..]), ("shape", f32, &[2, 3]), ("type", f32, &[6]), ("w", f32, &[6])];
    let b = [("shape", f32, &[3, 2][..]), ("type", i32, &[6]), ("w", f32, &[6]), ("z", f32, &[6])];
    let save = |name, tensors: [(_, _, _); 4]| {
        model(name, &tensors.map(|(name, dtype, shape)| tensor(name, dtype, shape)))
    };
    let result = differs(&line(&save("odd-a.safetensors", a), &save("odd-b.safetensors", b)));
    assert_eq!((&result["elements"], &result["differing"]), (&6.into(), &0.into()));
    let wanted = [
        ("alone", "in A alone, F32 [6]"),
        ("shape", "shape [2, 3] in A, [3, 2] in B"),
        ("type", "type F32 in A, I32 in B"),
        ("z", "in B alone, F32 [6]"),
    ];
    let wanted = wanted.map(|(tensor, problem)| json!({ "tensor": tensor, "problem": problem }));
    assert_eq!(result["unmatched"], json!(wanted));
}

#[test]
fn long_lists_are_cut_short_and_names_cannot_command_a_terminal() {
    let names: Vec<_> = (0..60).map(|n| format!("layer\u{1b}[2J.{n}")).collect();
    let save = |name: &str, value: f32| {
        let one = |name| (name, Dtype::F32, &[1][..], singles(&[value]));
        model(name, &names.iter().map(String::as_str).map(one).collect::<Vec<_>>())
    };
    let text = told(&line(&save("ones.safetensors", 1.0), &save("twos.safetensors", 2.0)));
    assert!(text.contains("… and 36 more, of which 36 differ"), "{text}");
    assert!(!text.contains('\u{1b}') && text.lines().count() < 40, "{text}");
}

#[test]
fn what_is_too_large_for_the_narrower_type_is_no_rounding() {
    let a = model("large.safetensors", &[("w", Dtype::F64, &[2], doubles(&[1e300, 0.1]))]);
    let b = model("small.safetensors", &[("w", Dtype::F32, &[2], singles(&[f32::INFINITY, 0.1]))]);
    let result = differs(&format!("{} --ulps 1000 --relative 0.5", line(&a, &b)));
    assert_eq!((&result["failing"], &result["first"]["flat"]), (&1.into(), &0.into()));
}

#[test]
fn velocities_that_one_program_alone_saves_are_a_note() {
    let w = || ("layers.0.weight", Dtype::F32, &[1][..], singles(&[1.0]));
    let v = ("velocity.layers.0.weight", Dtype::F32, &[1][..], singles(&[2.0]));
    let a = model("with-velocity.safetensors", &[w(), v.clone()]);
    // Velocities that both have, in other shapes, are a difference.
    let wide = ("velocity.layers.0.weight", Dtype::F32, &[2][..], singles(&[2.0, 2.0]));
    differs(&line(&a, &model("wide-velocity.safetensors", &[w(), wide])));
    let b = model("without-velocity.safetensors", &[w()]);
    for line in [line(&a, &b), line(&b, &a)] {
        let result = object(&line);
        assert_eq!((&result["equal"], &result["elements"]), (&true.into(), &1.into()), "{result}");
        assert!(result["notes"][0].as_str().unwrap().contains("velocity"), "{result}");
    }
    // A file of velocities alone has nothing in common with it.
    differs(&line(&b, &model("velocity-alone.safetensors", &[v])));
}
