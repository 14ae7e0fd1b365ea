//! Which steps are tried.

use std::mem::discriminant;

use super::{Case, Kept, Setting};
use crate::Extent;
use crate::spread::{self, Reach, Spread};
use crate::update::{self, Decay, Form, Gradient};

/// The seeds of velocity and average: two, or one chance would round both. They fill both halves
/// of 64 bits, each with less than 2³¹.
const SEEDS: [u64; 2] = [0x0000_0005_0000_0007, 0x7fff_ffff_1234_5678];

/// Classic momentum, with Nesterov and without, with its velocity and an average kept in every
/// way; and forms of every kind with every decay, all kept wide.
pub fn settings() -> impl Iterator<Item = Setting> {
    let [of_velocity, of_average] =
        SEEDS.map(|seed| [Kept::Wide, Kept::Nearest, Kept::Stochastic { seed }]);
    let classic = [false, true].into_iter().flat_map(move |nesterov| {
        let update = update::Setting {
            form: Form::Classic,
            nesterov,
            decay: Decay::None,
            gradient: Gradient::AsIs,
        };
        of_velocity.into_iter().flat_map(move |velocity| {
            of_average.map(move |average| setting(update, velocity, average))
        })
    });
    let forms = [
        (Form::Plain, false),
        (Form::Classic, false),
        (Form::Classic, true),
        (Form::EmaUnbiased, false),
    ];
    let wide = forms.into_iter().flat_map(|(form, nesterov)| {
        [Decay::None, Decay::Coupled(0.01), Decay::Decoupled(0.1)].map(move |decay| {
            let gradient = Gradient::Scaled(0.5);
            let update = update::Setting { form, nesterov, decay, gradient };
            setting(update, Kept::Wide, Kept::Wide)
        })
    });
    classic.chain(wide)
}

fn setting(update: update::Setting, velocity: Kept, average: Kept) -> Setting {
    Setting { update, velocity, average, average_decay: 0.75 }
}

/// The cases of an extent, at lengths and with numbers as [those](crate::update::cases) of
/// updates: every setting at lengths near a register's, classic momentum without Nesterov, kept
/// in every way, at all [`lengths`](crate::lengths); where both are kept alike, also at one that
/// is worth eight threads.
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    spread::out(extent, settings(), reach).map(|(setting, spread)| {
        let Spread { length, offsets, draw, seed } = spread;
        Case { setting, length, offsets, draw, seed }
    })
}

/// Farther without a look ahead, on the gradient as it is, and the farthest where velocity and
/// average are kept alike.
fn reach(setting: &Setting) -> Reach {
    let alike = discriminant(&setting.velocity) == discriminant(&setting.average);
    if setting.update.nesterov || setting.update.gradient != Gradient::AsIs {
        Reach::Near
    } else if alike {
        Reach::Threads
    } else {
        Reach::Chunk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_keep_is_tried_at_every_remainder_and_with_both_draws() {
        spread::is_wide(settings, reach, |extent| {
            cases(extent).map(|case| (case.setting, case.length, case.draw))
        });
    }
}
