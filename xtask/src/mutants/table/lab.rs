//! What experiments are about: momentum itself, its theory, and what tells its forms apart.

use crate::mutants::patch::{Patch, Told};

pub(super) static PATCHES: &[Patch] = &[
    Patch {
        name: "momentum-no-op",
        breaks: "momentum does nothing: every step forgets the velocity",
        file: "crates/momentum/src/form.rs",
        find: "a: beta * rates.velocity_scale(), b, c, d",
        replace: "a: 0.0 * rates.velocity_scale(), b, c, d",
        told: Told::Experiments(MOVED),
    },
    Patch {
        name: "theory-two-roots",
        breaks: "theory says 2√β for √β where the roots are complex",
        file: "crates/ravine/src/theory.rs",
        find: "{ det.sqrt() }",
        replace: "{ 2.0 * det.sqrt() }",
        told: Told::Experiments(&["best", "convergence", "edge", "grid", "mode", "race"]),
    },
    Patch {
        name: "forms-swapped",
        breaks: "the classic form runs as the average, and the average as the classic form",
        file: "crates/momentum/src/sgd.rs",
        find: "let motion = match self.form.rule(rates, first, state.beta_product) {",
        replace: "let form = match self.form {
            Form::Classic { nesterov } => Form::Ema { nesterov },
            Form::Ema { nesterov } => Form::Classic { nesterov },
            form => form,
        };
        let motion = match form.rule(rates, first, state.beta_product) {",
        told: Told::Experiments(MOVED),
    },
    Patch {
        name: "radius-two-roots",
        breaks: "what is measured has 2√β for √β",
        file: "crates/lab/src/mode.rs",
        find: "{ det.sqrt() }",
        replace: "{ 2.0 * det.sqrt() }",
        told: Told::Experiments(&["best", "convergence", "edge", "mode"]),
    },
    Patch {
        name: "onset-two-roots",
        breaks: "oscillation starts at (1 − 2√β)²",
        file: "crates/lab/src/edge.rs",
        find: "1.0 - momentum.sqrt()",
        replace: "1.0 - 2.0 * momentum.sqrt()",
        told: Told::Experiments(&["edge"]),
    },
    Patch {
        name: "swing-two-roots",
        breaks: "the damped oscillator shrinks by 2√β a step",
        file: "crates/lab/src/friction.rs",
        find: "(det.sqrt(), mode",
        replace: "(2.0 * det.sqrt(), mode",
        told: Told::Experiments(&["friction"]),
    },
    Patch {
        name: "steps-two-roots",
        breaks: "the double roots of Polyak's rates are ∓2√β",
        file: "crates/lab/src/split.rs",
        find: "let r = if i == 0",
        replace: "let r = 2.0 * if i == 0",
        told: Told::Experiments(&["split"]),
    },
];

/// Experiments that step with momentum: all but that of moving averages by themselves. What √β is in
/// stands with each patch; the others are held to the rules themselves in `f64`.
const MOVED: &[&str] = &[
    "annealing",
    "best",
    "convergence",
    "descent",
    "digits",
    "direction",
    "edge",
    "friction",
    "grid",
    "mode",
    "noise",
    "parting",
    "path",
    "race",
    "real",
    "rival",
    "split",
    "valley",
];
