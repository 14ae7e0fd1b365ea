//! Cases are dealt where their operands lie, and the kind of their numbers.
//!
//! A rule that counts (offsets s, 3s and 5s, kinds in turn) ties them to each other and to the
//! lengths, so that some never meet: hostile numbers and odd offsets, or operands an odd number of
//! elements apart. Decks of their own tie nothing, and leave no card out.

use crate::values::Words;

/// Cards in an order that is drawn, each once before any comes again.
pub(crate) struct Deck<T> {
    cards: Vec<T>,
    left: Vec<T>,
    words: Words,
}

impl<T: Copy> Deck<T> {
    /// The deck of a seed.
    pub(crate) fn new(cards: impl IntoIterator<Item = T>, seed: u64) -> Self {
        Self { cards: Vec::from_iter(cards), left: Vec::new(), words: Words::new(seed) }
    }

    /// The next card.
    pub(crate) fn deal(&mut self) -> T {
        if self.left.is_empty() {
            self.left.clone_from(&self.cards);
        }
        let at = (self.words.word() >> 32) as usize % self.left.len();
        self.left.swap_remove(at)
    }
}

/// Deals how far past a cache line each operand of a case lies, 0 to 15 elements.
pub(crate) fn offsets<const N: usize>() -> impl FnMut() -> [usize; N] {
    let mut decks: [_; N] = std::array::from_fn(|operand| Deck::new(0..16, operand as u64));
    move || decks.each_mut().map(Deck::deal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draw, Extent, adaptive, function, narrow, product, sum, update};

    #[test]
    fn every_card_is_dealt_once_before_any_comes_again() {
        let mut deck = Deck::new(0..16, 7);
        let [first, second] = [(); 2].map(|()| (0..16).map(|_| deck.deal()).collect::<Vec<_>>());
        assert_ne!(first, second);
        for mut round in [first, second] {
            round.sort_unstable();
            assert_eq!(round, (0..16).collect::<Vec<_>>());
        }
    }

    /// A case: its kind of numbers, where its operands lie, and its length.
    type Drawn<const N: usize> = (Draw, [usize; N], usize);

    /// Holds the cases of a family to what decks give.
    fn is_spread<const N: usize>(family: &str, drawn: impl Iterator<Item = Drawn<N>>) {
        let drawn: Vec<_> = drawn.filter(|&(_, _, length)| length > 0).collect();
        for kind in [Draw::Ordinary, Draw::Wide, Draw::Hostile] {
            let of: Vec<_> = drawn.iter().filter(|(draw, ..)| *draw == kind).collect();
            if of.is_empty() {
                continue;
            }
            for odd in [0, 1] {
                assert!(
                    of.iter().any(|(.., length)| length % 2 == odd),
                    "{family}, {kind}: no length of parity {odd}"
                );
                for operand in 0..N {
                    let has = of.iter().any(|(_, offsets, _)| offsets[operand] % 2 == odd);
                    assert!(
                        has,
                        "{family}, {kind}: operand {operand} at no offset of parity {odd}"
                    );
                    for other in 0..operand {
                        let apart = |offsets: [usize; N]| offsets[operand].abs_diff(offsets[other]);
                        let has = of.iter().any(|(_, offsets, _)| apart(*offsets) % 2 == odd);
                        assert!(has, "{family}, {kind}: {operand} and {other} never {odd} apart");
                    }
                }
            }
        }
        for operand in 0..N {
            for offset in 0..16 {
                let has = drawn.iter().any(|(_, offsets, _)| offsets[operand] == offset);
                assert!(has, "{family}: operand {operand} is never at offset {offset}");
            }
        }
    }

    #[test]
    fn kinds_offsets_and_lengths_meet_in_every_family() {
        for extent in [Extent::Quick, Extent::Full] {
            let updates = update::cases(extent);
            is_spread("update", updates.map(|case| (case.draw, case.offsets, case.length)));
            let adaptives = adaptive::cases(extent);
            is_spread("adaptive", adaptives.map(|case| (case.draw, case.offsets, case.length)));
            let narrows = narrow::cases(extent);
            is_spread("narrow", narrows.map(|case| (case.draw, case.offsets, case.length)));
            let sums = sum::cases(extent);
            is_spread("sum", sums.map(|case| (case.draw, case.offsets, case.length)));
            let products = product::cases(extent);
            let size = |shape: product::Shape| shape.m * shape.n;
            is_spread("product", products.map(|case| (case.draw, case.offsets, size(case.shape))));
            // Half of a function's numbers are hostile, whatever its offsets.
            let functions = function::cases(extent);
            is_spread("function", functions.map(|case| (Draw::Hostile, case.offsets, case.length)));
        }
    }
}
