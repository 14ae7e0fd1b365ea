//! Steps of a run, its batches, and its file.

use crate::mutants::levelless::Levelless;
use crate::mutants::patch::{Patch, Told};

pub(super) static PATCHES: &[Patch] = &[
    Patch {
        name: "lr-stale",
        breaks: "a step is taken at the learning rate of the last",
        file: "crates/ravine/src/step.rs",
        find: "let lr = options.lr.at(step);",
        replace: "let lr = options.lr.at(step.saturating_sub(1));",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "momentum-stale",
        breaks: "a step is taken with the momentum of the last",
        file: "crates/ravine/src/step.rs",
        find: "let momentum = options.momentum.at(step);",
        replace: "let momentum = options.momentum.at(step.saturating_sub(1));",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "velocity-reset",
        breaks: "every step begins with no velocity",
        file: "crates/ravine/src/step.rs",
        find: "let velocity = self.state.velocity_mut();",
        replace: "let velocity = self.state.velocity_mut();\n            velocity.fill(0.0);",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "norm-rounded",
        breaks: "the norm that clips is rounded to f32",
        file: "crates/ravine/src/step.rs",
        find: "Some(sum::squares(level, par, &self.grads).sqrt())",
        replace: "Some(f64::from(sum::squares(level, par, &self.grads).sqrt() as f32))",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "fused-slice",
        breaks: "a fused update takes the velocity of the first parameters",
        file: "crates/ravine/src/update.rs",
        find: "self.velocity.get_mut(at..)",
        replace: "self.velocity.get_mut(0..)",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "batch-dropped",
        breaks: "the last, short batch is left out",
        file: "crates/ravine/src/plan.rs",
        find: "self.rows.div_ceil(self.batch) as u64",
        replace: "(self.rows / self.batch) as u64",
        told: Told::Place(Levelless::Plan),
    },
    Patch {
        name: "shuffle-seed",
        breaks: "the order of rows does not depend on the seed",
        file: "crates/ravine/src/feed.rs",
        find: "order.shuffle(*seed, epoch);",
        replace: "order.shuffle(0 * *seed, epoch);",
        told: Told::Place(Levelless::Plan),
    },
    Patch {
        name: "shuffle-epoch",
        breaks: "every epoch has the order of the first",
        file: "crates/ravine/src/feed.rs",
        find: "order.shuffle(*seed, epoch);",
        replace: "order.shuffle(*seed, 0);",
        told: Told::Place(Levelless::Plan),
    },
    Patch {
        name: "velocity-lost",
        breaks: "a resumed run has no velocity",
        file: "crates/ravine/src/saved.rs",
        find: "saved.beta_product, velocity)?;",
        replace: "saved.beta_product, Buffer::zeroed(velocity.len()))?;",
        told: Told::LevelAndPlace,
    },
    Patch {
        name: "position-lost",
        breaks: "a resumed run begins its epoch again",
        file: "crates/ravine/src/saved.rs",
        find: "let position = saved.position;",
        replace: "let position = Position { batch: 0, ..saved.position };",
        told: Told::LevelAndPlace,
    },
];
