//! Which updates are tried.

use super::{Case, Decay, Form, Gradient, Setting};
use crate::Extent;
use crate::spread::{self, Reach, Spread};

/// Every form, with Nesterov where it can, with every decay and treatment of the gradient.
pub fn settings() -> impl Iterator<Item = Setting> {
    let forms = [
        Form::Plain,
        Form::Classic,
        Form::Dampened { dampening: 0.25 },
        Form::Dampened { dampening: 0.0 },
        Form::Sutskever,
        Form::Ema,
        Form::EmaUnbiased,
        Form::QuasiHyperbolic { nu: 0.7 },
    ];
    let forms = forms.into_iter().flat_map(|form| {
        [false, true]
            .into_iter()
            .filter(move |&nesterov| !nesterov || form.can_look_ahead())
            .map(move |nesterov| (form, nesterov))
    });
    forms.flat_map(|(form, nesterov)| {
        [Decay::None, Decay::Coupled(0.01), Decay::Decoupled(0.1)].into_iter().flat_map(
            move |decay| {
                [Gradient::AsIs, Gradient::Scaled(0.3), Gradient::Clamped(0.75)]
                    .map(|gradient| Setting { form, nesterov, decay, gradient })
            },
        )
    })
}

/// The cases of an extent: every setting at lengths near a register's, in full at all
/// [`lengths`](crate::lengths); every form at all of them and at one above a million, which is
/// worth eight threads. Half of all cases are of hostile numbers; in full every length but the
/// last has both kinds. Offsets are drawn, and so is the kind elsewhere.
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    spread::out(extent, settings(), reach).map(|(setting, spread)| {
        let Spread { length, offsets, draw, seed } = spread;
        Case { setting, length, offsets, draw, seed }
    })
}

/// The farthest without decay, and on the gradient as it is.
fn reach(setting: &Setting) -> Reach {
    let bare = setting.decay == Decay::None && setting.gradient == Gradient::AsIs;
    if bare { Reach::Threads } else { Reach::Near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_tried_at_every_remainder_and_with_both_draws() {
        spread::is_wide(settings, reach, |extent| {
            cases(extent).map(|case| (case.setting, case.length, case.draw))
        });
    }
}
