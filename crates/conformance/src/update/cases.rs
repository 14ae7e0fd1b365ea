//! Which updates are tried.

use super::{Case, Decay, Form, Gradient, Setting};
use crate::deck::{self, Deck};
use crate::{Draw, Extent, lengths};

/// Elements around which lengths are tried besides the short ones.
const CHUNK: usize = 4096;
/// The same of what threads are given.
const SHARE: usize = 32_768;

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
/// [`lengths`]; every form at all of them and at one above a million, which is worth eight
/// threads. Half of all cases are of hostile numbers; in full every length but the last has both
/// kinds. Offsets are drawn, and so is the kind elsewhere.
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    let settings = settings().flat_map(move |setting| {
        let bare = setting.decay == Decay::None && setting.gradient == Gradient::AsIs;
        of_setting(extent, bare).map(move |(length, draw)| (setting, length, draw))
    });
    let mut offsets = deck::offsets();
    // Few cards, so that the few lengths of a setting meet both kinds.
    let kinds = [Draw::Hostile, Draw::Hostile, Draw::Ordinary, Draw::Ordinary];
    let mut kinds = Deck::new(kinds, 16);
    settings.zip(0..).map(move |((setting, length, draw), seed)| {
        let draw = draw.unwrap_or_else(|| kinds.deal());
        Case { setting, length, offsets: offsets(), draw, seed }
    })
}

/// The lengths that a setting is tried at, and with which numbers, where those are not dealt;
/// `bare` without decay and on the gradient as it is.
fn of_setting(extent: Extent, bare: bool) -> Box<dyn Iterator<Item = (usize, Option<Draw>)>> {
    const MILLION: usize = 1_000_003;
    let dealt = |length| (length, None);
    match (extent, bare) {
        (Extent::Quick, false) => {
            Box::new([0, 1, 15, 16, 17, 33, 47, 65, 1000].into_iter().map(dealt))
        }
        (Extent::Quick, true) => Box::new(lengths(extent, CHUNK).chain([8 * SHARE + 5]).map(dealt)),
        (Extent::Full, bare) => {
            let short = lengths(Extent::Full, CHUNK).filter(|&length| length < MILLION);
            let long = [SHARE - 1, SHARE, SHARE + 1, 2 * SHARE + 17];
            let both = [Some(Draw::Hostile), Some(Draw::Ordinary)];
            let twice = short.chain(long).flat_map(move |length| both.map(|draw| (length, draw)));
            Box::new(twice.chain(bare.then_some(dealt(MILLION))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_tried_at_every_remainder_and_with_both_draws() {
        for extent in [Extent::Quick, Extent::Full] {
            let cases: Vec<_> = cases(extent).collect();
            for setting in settings() {
                let of = || cases.iter().filter(|case| case.setting == setting);
                for draw in [Draw::Hostile, Draw::Ordinary] {
                    assert!(of().any(|case| case.draw == draw && case.length > 0), "{setting}");
                }
                let bare = setting.decay == Decay::None && setting.gradient == Gradient::AsIs;
                let long = match extent {
                    Extent::Quick => 8 * SHARE,
                    Extent::Full => 1_000_000,
                };
                let (all, short): (Vec<_>, Vec<_>) = of().partition(|case| case.length > long);
                assert_eq!(all.is_empty(), !bare, "{setting}");
                let remainders =
                    (0..64).filter(|r| short.iter().any(|case: &&Case| case.length % 64 == *r));
                let wanted = if bare || extent == Extent::Full { 64 } else { 6 };
                assert!(remainders.count() >= wanted, "{setting}");
            }
        }
    }

    #[test]
    fn every_short_length_is_tried_with_both_draws() {
        for extent in [Extent::Quick, Extent::Full] {
            let cases: Vec<_> = cases(extent).collect();
            for (length, draw) in (0..66).flat_map(|n| [(n, Draw::Hostile), (n, Draw::Ordinary)]) {
                let has = cases.iter().any(|case| (case.length, case.draw) == (length, draw));
                assert!(has, "length {length}, {draw}");
            }
        }
    }
}
