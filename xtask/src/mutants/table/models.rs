//! Forward and backward passes, and losses.

use crate::mutants::patch::{Patch, Told};

pub(super) static PATCHES: &[Patch] = &[
    Patch {
        name: "linear-abreast",
        breaks: "leaves side by side mix up weight and bias",
        file: "crates/models/src/linear/abreast.rs",
        find: "(sums.0, sums.1) = (dw, db);",
        replace: "(sums.0, sums.1) = (db, dw);",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "bias-columns",
        breaks: "a stretch of outputs takes the biases of the first",
        file: "crates/models/src/affine.rs",
        find: "[values, &b[range.clone()]]",
        replace: "[values, &b[..values.len()]]",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "bias-gradient",
        breaks: "the last row has no share in the gradient of the biases",
        file: "crates/models/src/linear.rs",
        find: "Hand { sink: db, cols: outputs }, dy)",
        replace: "Hand { sink: db, cols: outputs }, dy.row_range(0..dy.rows() - 1))",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "weight-gradient",
        breaks: "gradients of weights go to a sink in the width of the outputs",
        file: "crates/models/src/linear.rs",
        find: "Hand { sink: dw, cols: inputs }",
        replace: "Hand { sink: dw, cols: outputs }",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "mlp-slope",
        breaks: "the gradient goes past the activation",
        file: "crates/models/src/affine.rs",
        find: "Activation::Relu.lanes_backward(simd, dy, z, z).store(dz);",
        replace: "let _ = (z, dy.store(dz));",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "softmax-overflow",
        breaks: "softmax does not subtract the largest logit",
        file: "crates/models/src/loss/softmax.rs",
        find: "[exp::exp(simd, z - most)]",
        replace: "[exp::exp(simd, z + (most - most))]",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "loss-batch",
        breaks: "the mean of a batch's loss is that of a block",
        file: "crates/models/src/loss/batch.rs",
        find: "self.loss.slopes(level, par, dy, y, target, self.rows);",
        replace: "self.loss.slopes(level, par, dy, y, target, y.rows());",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "forward-cut",
        breaks: "a thread goes forward with the rows of the first",
        file: "crates/models/src/mlp/pass.rs",
        find: "(x.row_range(0..cut.at), x.row_range(cut.at..x.rows()));\n            par.join(\n",
        replace: "(x.row_range(0..cut.at), x.row_range(0..x.rows() - cut.at));\n            par.join(\n",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "backward-cut",
        breaks: "a thread goes backward with the slopes of the first",
        file: "crates/models/src/mlp/pass.rs",
        find: "dy.row_range(cut.at..dy.rows()));",
        replace: "dy.row_range(0..dy.rows() - cut.at));",
        told: Told::LevelAndPlace,
    },
];
