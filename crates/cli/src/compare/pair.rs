//! Two tensors of one name, element by element.

use super::distance::{Ulps, relative, same_bits};
use super::distribution::Distribution;
use super::number::{Kind, Value};
use super::tensor::Tensor;

/// Elements between two signs of progress, and that are compared at once where they are equal.
pub(super) const BLOCK: usize = 1 << 16;

/// What passes besides equal bits; an element passes if either allows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passing {
    /// The greatest distance.
    pub(super) ulps: Option<u64>,
    /// The greatest relative difference.
    pub(super) relative: Option<f64>,
}

/// Two tensors of one name and shape, of types that can be compared.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) a: Tensor,
    pub(super) b: Tensor,
    /// The type in which they are compared.
    pub(super) kind: Kind,
}

/// What the comparison of two tensors found.
#[derive(Debug)]
pub(super) struct Tally {
    /// Elements whose bits differ.
    pub(super) differing: u64,
    /// Elements that differ beyond what passes.
    pub(super) failing: u64,
    /// Elements that differ, but are no distance apart.
    pub(super) signs: u64,
    /// The largest distance, and the first element that has it.
    pub(super) max_ulps: (Ulps, Option<usize>),
    /// The largest relative difference.
    pub(super) max_relative: f64,
    /// The first element that differs.
    pub(super) first: Option<Difference>,
    /// The first element that differs beyond what passes.
    pub(super) first_failing: Option<Difference>,
    /// All elements by distance.
    pub(super) distribution: Distribution,
}

/// An element that differs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    /// The element, counted with the last index running fastest.
    pub(super) flat: usize,
    /// The bits in each file.
    pub(super) bits: [u64; 2],
    pub(super) ulps: Ulps,
    pub(super) relative: f64,
}

impl Passing {
    fn allows(self, ulps: Ulps, relative: f64) -> bool {
        self.ulps.is_some_and(|most| ulps <= Ulps::Finite(most))
            || self.relative.is_some_and(|most| relative <= most)
    }
}

impl Pair {
    /// Puts two tensors of one name side by side, or says why they cannot be.
    pub(super) fn new(a: Tensor, b: Tensor) -> Result<Self, String> {
        if a.shape != b.shape {
            return Err(format!("shape {:?} in A, {:?} in B", a.shape, b.shape));
        }
        let kind = a.kind.common(b.kind);
        let kind = kind.ok_or_else(|| format!("type {} in A, {} in B", a.kind, b.kind))?;
        Ok(Self { a, b, kind })
    }

    /// The values of a difference in the two files, each in its own type.
    pub(super) fn values(&self, difference: &Difference) -> [Value; 2] {
        let [a, b] = difference.bits;
        [self.a.kind.value(a), self.b.kind.value(b)]
    }

    /// Compares all elements, and calls `tick` after each block of them.
    pub(super) fn compare(&self, passing: Passing, mut tick: impl FnMut()) -> Tally {
        let mut tally = Tally {
            differing: 0,
            failing: 0,
            signs: 0,
            max_ulps: (Ulps::Finite(0), None),
            max_relative: 0.0,
            first: None,
            first_failing: None,
            distribution: Distribution::default(),
        };
        let len = self.a.len();
        for start in (0..len).step_by(BLOCK) {
            let block = start..len.min(start + BLOCK);
            let slices = (self.a.slice(block.clone()), self.b.slice(block.clone()));
            if self.a.kind == self.b.kind && slices.0.is_some() && slices.0 == slices.1 {
                tally.distribution.add(Ulps::Finite(0), block.len() as u64);
            } else {
                block.for_each(|flat| self.element(&mut tally, passing, flat));
            }
            tick();
        }
        tally
    }

    fn element(&self, tally: &mut Tally, passing: Passing, flat: usize) {
        let bits = [self.a.bits(flat), self.b.bits(flat)];
        let a = self.a.kind.round(bits[0], self.kind);
        let b = self.b.kind.round(bits[1], self.kind);
        // What is finite in one file and too large for the other's type is no rounding.
        let overflows =
            |kind: Kind, own, rounded| self.kind.is_infinite(rounded) && !kind.is_infinite(own);
        let overflows = overflows(self.a.kind, bits[0], a) || overflows(self.b.kind, bits[1], b);
        if !overflows && same_bits(self.kind, a, b) {
            tally.distribution.add(Ulps::Finite(0), 1);
            return;
        }
        let (ulps, relative) = match overflows {
            true => (Ulps::Infinite, f64::INFINITY),
            false => {
                (Ulps::between(self.kind, a, b), relative(self.kind.value(a), self.kind.value(b)))
            }
        };
        let difference = Difference { flat, bits, ulps, relative };
        tally.differing += 1;
        tally.signs += u64::from(ulps == Ulps::Finite(0));
        tally.first.get_or_insert(difference);
        if !passing.allows(ulps, relative) {
            tally.failing += 1;
            tally.first_failing.get_or_insert(difference);
        }
        if tally.max_ulps.1.is_none() || tally.max_ulps.0 < ulps {
            tally.max_ulps = (ulps, Some(flat));
        }
        tally.max_relative = tally.max_relative.max(relative);
        tally.distribution.add(ulps, 1);
    }
}
