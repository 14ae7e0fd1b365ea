//! Which steps are tried.

use super::{Case, Rule, Setting};
use crate::Extent;
use crate::spread::{self, Reach, Spread};
use crate::update::{Decay, Gradient};

/// Every rule, with every decay and treatment of the gradient.
pub fn settings() -> impl Iterator<Item = Setting> {
    let adam = Rule::Adam { square_decay: 0.97, epsilon: 1e-6 };
    let options = [(false, false), (false, true), (true, false), (true, true)];
    let others = options.map(|(centered, momentum)| Rule::RmsProp {
        square_decay: 0.9,
        epsilon: 1e-7,
        centered,
        momentum,
    });
    let decays = [Decay::None, Decay::Coupled(0.1), Decay::Decoupled(0.2)];
    let gradients = [
        Gradient::AsIs,
        Gradient::Scaled(0.3),
        Gradient::Clamped(0.75),
        Gradient::FiniteScaled(0.3),
        Gradient::FiniteClamped(0.75),
    ];
    std::iter::once(adam).chain(others).flat_map(move |rule| {
        decays
            .into_iter()
            .flat_map(move |decay| gradients.map(|gradient| Setting { rule, decay, gradient }))
    })
}

/// The cases of an extent, at lengths and with numbers as [those](crate::update::cases) of
/// updates: every setting at lengths near a register's, every rule with every decay at all
/// [`lengths`](crate::lengths), on the gradient as it is; without decay also at one that is worth
/// eight threads.
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    spread::out(extent, settings(), reach).map(|(setting, spread)| {
        let Spread { length, offsets, draw, seed } = spread;
        Case { setting, length, offsets, draw, seed }
    })
}

/// Farther on the gradient as it is, and the farthest without decay.
fn reach(setting: &Setting) -> Reach {
    match (setting.gradient, setting.decay) {
        (Gradient::AsIs, Decay::None) => Reach::Threads,
        (Gradient::AsIs, _) => Reach::Chunk,
        _ => Reach::Near,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_tried_at_every_remainder_and_with_both_draws() {
        spread::is_wide(settings, reach, |extent| {
            cases(extent).map(|case| (case.setting, case.length, case.draw))
        });
    }
}
