//! What losses make of odd targets, small terms and long batches.

use ravine_conformance::Draw;
use ravine_models::{BatchLoss, Loss, Target};
use ravine_simd::{Level, Par};
use ravine_tensor::View;

#[test]
fn a_probability_above_a_half_stands_for_class_one() {
    let (y, t) = ([-1.0, 1.0, -1.0, 1.0], [0.3, 0.7, 0.3, 0.3]);
    let (y, t) = (View::new(&y, 4, 1), View::new(&t, 4, 1));
    assert_eq!(Loss::BinaryCrossEntropy.correct(y, Target::Values(t)), 3);
}

#[test]
#[should_panic(expected = "targets and predictions differ in rows")]
fn targets_of_other_rows_are_refused() {
    let classes = Target::Classes(&[0, 1, 0]);
    let _ = Loss::CrossEntropy.correct(View::new(&[0.0; 4], 2, 2), classes);
}

#[test]
#[should_panic(expected = "targets and predictions differ in columns")]
fn targets_of_other_columns_are_refused() {
    let values = Target::Values(View::new(&[0.0; 2], 2, 1));
    let _ = Loss::MeanSquared.correct(View::new(&[0.0; 4], 2, 2), values);
}

#[test]
#[should_panic(expected = "the binary cross-entropy takes one logit a row")]
fn two_logits_of_a_binary_loss_are_refused() {
    let _ = Loss::BinaryCrossEntropy.correct(View::new(&[0.0; 4], 2, 2), Target::Classes(&[0, 1]));
}

/// The difference of two logits is no `f32`; where all that is left of the loss is one small term,
/// what was rounded away would be seen.
#[test]
fn a_small_term_of_the_cross_entropy_has_the_exact_difference_of_its_logits() {
    for z in [[64.0, -0.1_f32], [50.0, 0.3], [70.0, 1.7]] {
        let (y, class) = (View::new(&z, 1, 2), Target::Classes(&[0]));
        let want = (f64::from(z[1]) - f64::from(z[0])).exp();
        for level in Level::available() {
            let loss = Loss::CrossEntropy.forward(level, Par::Seq, y, class);
            let error = (loss / want - 1.0).abs() / f64::from(f32::EPSILON);
            assert!(error < 2.0, "{level}, {z:?}: off by {error} ε");
        }
    }
}

/// The leaves of its sum are those of the whole batch, wherever a block ends.
#[test]
fn a_batch_in_blocks_has_the_loss_of_the_whole() {
    let (level, rows) = (Level::detect(), BatchLoss::ROWS + 904);
    for (loss, outputs) in [(Loss::MeanSquared, 2), (Loss::MeanSquared, 1), (Loss::CrossEntropy, 2)]
    {
        let (y, t) = (Draw::Ordinary.values(1, rows * outputs), Draw::Ordinary.values(2, rows * 2));
        let (y, t) = (View::new(&y, rows, outputs), View::new(&t[..rows * outputs], rows, outputs));
        let classes = [1, 0, 1].repeat(rows).split_off(2 * rows);
        let target = match loss {
            Loss::CrossEntropy => Target::Classes(&classes),
            _ => Target::Values(t),
        };
        let mut batch = BatchLoss::new(loss, rows, outputs);
        for block in [0..BatchLoss::ROWS, BatchLoss::ROWS..rows] {
            let target = target.row_range(block.clone());
            batch.forward(level, Par::Seq, y.row_range(block), target);
        }
        let whole = loss.forward(level, Par::Seq, y, target);
        assert_eq!(batch.mean().to_bits(), whole.to_bits(), "{loss:?} of {outputs} outputs");
    }
}
