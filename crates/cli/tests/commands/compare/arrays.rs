//! NumPy's arrays.

use std::path::PathBuf;

use serde_json::json;

use super::{differs, file, line, place, told};
use crate::program::{fails, object, succeeds};

/// A `.npy` file as NumPy writes it.
fn npy(name: &str, descr: &str, fortran: bool, shape: &str, numbers: &[u8]) -> PathBuf {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    file(name, [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), numbers].concat())
}

/// The bytes of six numbers, in an order and by a function to bytes.
fn six<const N: usize>(order: [usize; 6], values: [f32; 6], bytes: fn(f32) -> [u8; N]) -> Vec<u8> {
    order.into_iter().flat_map(|at| bytes(values[at])).collect()
}

const ROWS: [usize; 6] = [0, 1, 2, 3, 4, 5];

/// The numbers of a 2 × 3 array, column by column.
const COLUMNS: [usize; 6] = [0, 3, 1, 4, 2, 5];

#[test]
fn neither_byte_order_nor_memory_order_is_a_difference() {
    let values = [1.0, -2.5, 3e-40, f32::INFINITY, f32::NAN, 0.1];
    let mut other = values;
    other[3] = f32::MAX;
    let rows = npy("rows.npy", "<f4", false, "(2, 3)", &six(ROWS, values, f32::to_le_bytes));
    let columns =
        npy("columns.npy", ">f4", true, "(2, 3)", &six(COLUMNS, values, f32::to_be_bytes));
    let result = object(&line(&rows, &columns));
    assert_eq!((&result["equal"], &result["elements"]), (&true.into(), &6.into()));
    let other = npy("other.npy", ">f4", true, "(2, 3)", &six(COLUMNS, other, f32::to_be_bytes));
    for (a, b, a_bits, b_bits) in [
        (&rows, &other, "0x7f800000", "0x7f7fffff"),
        (&other, &columns, "0x7f7fffff", "0x7f800000"),
    ] {
        let result = differs(&line(a, b));
        let first = &result["first"];
        assert_eq!((&first["index"], &first["flat"]), (&json!([1, 0]), &3.into()), "{result}");
        assert_eq!((&first["a_bits"], &first["b_bits"]), (&a_bits.into(), &b_bits.into()));
        assert_eq!((&result["differing"], &first["ulps"]), (&1.into(), &1.into()));
    }
    let text = told(&line(&rows, &other));
    assert!(
        text.contains("first difference: array array, index [1, 0] (flat 3): A inf "),
        "{text}"
    );
}

#[test]
fn arrays_have_any_number_of_dimensions() {
    let (numbers, mut others) = ([0_u8; 24], [0_u8; 24]);
    others[17] = 255;
    let a = npy("deep-a.npy", "|u1", false, "(2, 3, 4)", &numbers);
    let b = npy("deep-b.npy", "|u1", false, "(2, 3, 4)", &others);
    let first = differs(&line(&a, &b))["first"].clone();
    // Element [1, 1, 1] stands at 12 + 4 + 1.
    assert_eq!((&first["index"], &first["flat"]), (&json!([1, 1, 1]), &17.into()));
    assert_eq!(
        (&first["b"], &first["b_bits"], &first["ulps"]),
        (&255.into(), &"0xff".into(), &255.into())
    );
    let a = npy("alone-a.npy", "<i8", false, "()", &(-1_i64).to_le_bytes());
    let b = npy("alone-b.npy", ">i8", false, "()", &1_i64.to_be_bytes());
    let first = differs(&line(&a, &b))["first"].clone();
    assert_eq!(
        (&first["index"], &first["flat"], &first["ulps"]),
        (&json!([]), &0.into(), &2.into())
    );
    assert_eq!((&first["a"], &first["relative"]), (&(-1).into(), &2.0.into()));
    let empty = npy("empty.npy", "<f8", false, "(0, 7)", &[]);
    assert_eq!(object(&line(&empty, &empty))["elements"], 0);
}

#[test]
fn other_types_and_shapes_are_named() {
    let numbers = [0_u8; 8];
    let array = |name: &str, descr: &str, shape: &str| npy(name, descr, false, shape, &numbers);
    let a = array("type-a.npy", "<f4", "(2,)");
    for (b, problem) in [
        (array("type-b.npy", "<i4", "(2,)"), "type F32 in A, I32 in B"),
        (array("type-c.npy", "<f4", "(2, 1)"), "shape [2] in A, [2, 1] in B"),
        (array("type-d.npy", "<f2", "(4,)"), "shape [2] in A, [4] in B"),
    ] {
        let wanted = json!([{ "tensor": "array", "problem": problem }]);
        assert_eq!(differs(&line(&a, &b))["unmatched"], wanted);
    }
    let halves = npy("halves.npy", ">f2", false, "(2,)", &[0x3c, 0x00, 0x2e, 0x66]);
    let singles = [1.0_f32, 0.1].map(f32::to_le_bytes).concat();
    let singles = npy("singles.npy", "<f4", false, "(2,)", &singles);
    let result = object(&line(&halves, &singles));
    assert_eq!(result["notes"], json!(["tensors that are F16 in A, F32 in B, rounded to F16: 1"]));
}

#[test]
fn arrays_of_an_archive_are_matched_by_name() {
    let generate = |name: &str, noise: &str| {
        let file = place(name);
        let out = file.display();
        succeeds(&format!("generate --rows 40 --cols 3 --noise {noise} --out {out}"));
        file
    };
    let [a, b, c] = [("made-a.npz", "0.1"), ("made-b.npz", "0.1"), ("made-c.npz", "0.2")]
        .map(|(n, s)| generate(n, s));
    let result = object(&line(&a, &b));
    assert_eq!((&result["equal"], &result["elements"]), (&true.into(), &163.into()));
    let result = differs(&line(&a, &c));
    let tensors = result["tensors"].as_array().unwrap();
    let differing: Vec<_> =
        tensors.iter().map(|line| (&line["tensor"], &line["differing"])).collect();
    assert_eq!(differing[0], (&"X".into(), &0.into()));
    assert_eq!(differing[1], (&"y".into(), &40.into()));
    assert_eq!(differing[2], (&"w_true".into(), &0.into()));
    assert_eq!(result["first"]["tensor"], "y");
}

#[test]
fn what_is_no_array_is_refused() {
    let good = npy("good.npy", "<f4", false, "(2,)", &[0; 8]);
    let made = place("whole.npz");
    succeeds(&format!("generate --rows 40 --cols 3 --out {}", made.display()));
    let archive = std::fs::read(&made).unwrap();
    for (bad, good) in [
        (npy("cut.npy", "<f4", false, "(3,)", &[0; 8]), &good),
        (npy("long.npy", "<f4", false, "(1,)", &[0; 8]), &good),
        (npy("promise.npy", "<f4", false, "(4611686018427387904, 8)", &[0; 8]), &good),
        (npy("object.npy", "|O", false, "(1,)", &[0; 8]), &good),
        (file("deep.npy", [b"\x93NUMPY\x01\x00\x88\x13", &[b'('; 5000][..]].concat()), &good),
        (file("foreign.npy", "PK\x03\x04"), &good),
        (file("cut.npz", &archive[..archive.len() / 2]), &made),
        (file("foreign.npz", "step,loss\n"), &made),
    ] {
        let name = bad.file_name().unwrap().to_str().unwrap();
        for line in [line(&bad, good), line(good, &bad)] {
            let said = fails(&line, 2);
            assert!(said.contains(name) && said.contains("found"), "{said}");
        }
    }
}
