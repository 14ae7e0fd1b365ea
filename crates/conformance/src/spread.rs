//! The lengths, places and numbers at which the settings of a step are tried.

use crate::deck::{self, Deck};
use crate::{Draw, Extent, lengths};

/// Elements around which lengths are tried besides the short ones.
const CHUNK: usize = 4096;
/// The same of what threads are given.
const SHARE: usize = 32_768;

/// All of a case but its setting.
pub(crate) struct Spread<const N: usize> {
    pub(crate) length: usize,
    pub(crate) offsets: [usize; N],
    pub(crate) draw: Draw,
    pub(crate) seed: u64,
}

/// How far a setting is tried.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Reach {
    /// At lengths near a register's, in full at all [`lengths`].
    Near,
    /// At all of them.
    Chunk,
    /// And at one that is worth eight threads.
    Threads,
}

/// Tries settings of steps with N operands, each as far as `reach` says.
pub(crate) fn out<S: Copy, const N: usize>(
    extent: Extent,
    settings: impl Iterator<Item = S>,
    reach: impl Fn(&S) -> Reach,
) -> impl Iterator<Item = (S, Spread<N>)> {
    let settings = settings.flat_map(move |setting| {
        let reach = reach(&setting);
        of_reach(extent, reach).map(move |(length, draw)| (setting, length, draw))
    });
    let mut offsets = deck::offsets();
    // Few cards, so that the few lengths of a setting meet both kinds.
    let kinds = [Draw::Hostile, Draw::Hostile, Draw::Ordinary, Draw::Ordinary];
    let mut kinds = Deck::new(kinds, 16);
    settings.zip(0..).map(move |((setting, length, draw), seed)| {
        let draw = draw.unwrap_or_else(|| kinds.deal());
        (setting, Spread { length, offsets: offsets(), draw, seed })
    })
}

/// The lengths that a setting is tried at, and with which numbers, where those are not dealt.
fn of_reach(extent: Extent, reach: Reach) -> Box<dyn Iterator<Item = (usize, Option<Draw>)>> {
    const MILLION: usize = 1_000_003;
    let dealt = |length| (length, None);
    let threads = |length| (reach == Reach::Threads).then_some(dealt(length));
    match (extent, reach) {
        (Extent::Quick, Reach::Near) => {
            Box::new([0, 1, 15, 16, 17, 33, 47, 65, 1000].into_iter().map(dealt))
        }
        (Extent::Quick, _) => {
            Box::new(lengths(extent, CHUNK).map(dealt).chain(threads(8 * SHARE + 5)))
        }
        (Extent::Full, _) => {
            let short = lengths(Extent::Full, CHUNK).filter(|&length| length < MILLION);
            let long = [SHARE - 1, SHARE, SHARE + 1, 2 * SHARE + 17];
            let both = [Some(Draw::Hostile), Some(Draw::Ordinary)];
            let twice = short.chain(long).flat_map(move |length| both.map(|draw| (length, draw)));
            Box::new(twice.chain(threads(MILLION)))
        }
    }
}

/// Holds the cases of a family to what [`out`] promises: every setting meets both kinds of
/// numbers and as many remainders and threads as its reach says, and every short length both kinds.
#[cfg(test)]
pub(crate) fn is_wide<S, I, C>(
    settings: impl Fn() -> I,
    reach: impl Fn(&S) -> Reach,
    cases: impl Fn(Extent) -> C,
) where
    S: PartialEq + std::fmt::Display,
    I: Iterator<Item = S>,
    C: Iterator<Item = (S, usize, Draw)>,
{
    const DRAWS: [Draw; 2] = [Draw::Hostile, Draw::Ordinary];
    for extent in [Extent::Quick, Extent::Full] {
        let cases: Vec<_> = cases(extent).collect();
        for setting in settings() {
            let of = || cases.iter().filter(|(of, ..)| *of == setting);
            for draw in DRAWS {
                assert!(of().any(|case| case.2 == draw && case.1 > 0), "{setting}, {draw}");
            }
            let long = match extent {
                Extent::Quick => 8 * SHARE,
                Extent::Full => 1_000_000,
            };
            let (all, short): (Vec<_>, Vec<_>) = of().partition(|case| case.1 > long);
            assert_eq!(all.is_empty(), reach(&setting) != Reach::Threads, "{setting}");
            let remainders = (0..64).filter(|r| short.iter().any(|case| case.1 % 64 == *r));
            let far = reach(&setting) != Reach::Near || extent == Extent::Full;
            let wanted = if far { 64 } else { 6 };
            assert!(remainders.count() >= wanted, "{setting}");
        }
        for (length, draw) in (0..66).flat_map(|n| DRAWS.map(|draw| (n, draw))) {
            let has = cases.iter().any(|case| (case.1, case.2) == (length, draw));
            assert!(has, "length {length}, {draw}");
        }
    }
}
