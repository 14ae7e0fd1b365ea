//! Traces, row by row.

use serde_json::{Value, json};

use super::{differs, file, line, told};
use crate::program::object;

#[test]
fn traces_are_matched_by_column_and_step() {
    let a = file("a.csv", "step,loss,lr,grad_norm\n0,4,0.1,\n1,3,0.1,2\n2,2.5,0.1,1\n");
    let b = file("b.csv", "time,grad_norm,loss,step\n9.5,1,2.5,2.0\nx,,4,0\ny,2,3,1\n");
    let result = object(&line(&a, &b));
    assert_eq!((&result["equal"], &result["elements"]), (&true.into(), &6.into()), "{result}");
    let notes = ["column lr is in A alone", "column time is in B alone"];
    assert_eq!(result["notes"], json!(notes));
    // The first step, then the first column of A.
    let c = file("c.csv", "loss,step,grad_norm\n2,2,5\n4,0,\n3,1,7\n");
    let result = differs(&line(&a, &c));
    let first = &result["first"];
    assert_eq!((&first["step"], &first["tensor"]), (&1.into(), &"grad_norm".into()));
    assert_eq!((&first["a"], &first["b"], &first["flat"]), (&2.0.into(), &7.0.into(), &1.into()));
    assert_eq!(first["a_bits"], "0x4000000000000000");
    let text = told(&line(&a, &c));
    assert!(text.contains("first difference: step 1, column grad_norm, "), "{text}");
}

#[test]
fn traces_without_steps_are_matched_by_row() {
    let a = file("rows-a.csv", "step,loss\n5,4\n6,3\n7,2\n");
    let b = file("rows-b.csv", "loss\n4\n3.5\n");
    let result = differs(&line(&a, &b));
    assert_eq!((&result["first"]["step"], &result["first"]["index"]), (&Value::Null, &json!([1])));
    let problem = json!([{ "tensor": "row", "problem": "2 is in A alone" }]);
    assert_eq!(result["unmatched"], problem);
    assert_eq!(result["notes"], json!(["column step is in A alone"]));
}
