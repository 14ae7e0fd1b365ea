//! How many elements are how far apart.

use serde::Serialize;

use super::distance::Ulps;

/// 0, 1, 2, 3 to 4, 5 to 8, …, up to 2⁶⁴, and infinity.
const BUCKETS: usize = 67;

/// Counts of elements by their distance, in ranges that end at powers of two.
#[derive(Clone, Debug)]
pub(super) struct Distribution {
    counts: [u64; BUCKETS],
}

/// A range of distances, its ends included, and how many elements are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Bucket {
    pub(super) from: Ulps,
    pub(super) to: Ulps,
    pub(super) count: u64,
}

impl Default for Distribution {
    fn default() -> Self {
        Self { counts: [0; BUCKETS] }
    }
}

impl Distribution {
    /// Counts `count` elements more at a distance.
    pub(super) fn add(&mut self, distance: Ulps, count: u64) {
        self.counts[bucket(distance)] += count;
    }

    /// Counts the elements of `other` too.
    pub(super) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }

    /// The ranges that hold any element, nearest first.
    pub(super) fn buckets(&self) -> Vec<Bucket> {
        let held = self.counts.iter().enumerate().filter(|(_, count)| 0 < **count);
        held.map(|(bucket, &count)| {
            let (from, to) = ends(bucket);
            Bucket { from, to, count }
        })
        .collect()
    }
}

impl Bucket {
    /// The range in words.
    pub(super) fn range(&self) -> String {
        let Self { from, to, .. } = self;
        if from == to { from.to_string() } else { format!("{from}-{to}") }
    }
}

fn bucket(distance: Ulps) -> usize {
    match distance {
        Ulps::Finite(0) => 0,
        Ulps::Finite(n) => 1 + (u64::BITS - (n - 1).leading_zeros()) as usize,
        Ulps::Infinite => BUCKETS - 1,
    }
}

/// The least and the greatest distance of a bucket.
fn ends(bucket: usize) -> (Ulps, Ulps) {
    let power = |exponent: usize| 1_u64 << exponent;
    let (from, to) = match bucket {
        0 | 1 => (bucket as u64, bucket as u64),
        65 => (power(63) + 1, u64::MAX),
        66 => return (Ulps::Infinite, Ulps::Infinite),
        _ => (power(bucket - 2) + 1, power(bucket - 1)),
    };
    (Ulps::Finite(from), Ulps::Finite(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_at_powers_of_two() {
        let mut found = Distribution::default();
        for n in [0, 1, 2, 3, 4, 5, 8, 9, u64::MAX] {
            found.add(Ulps::Finite(n), 1);
        }
        found.add(Ulps::Infinite, 3);
        let ranges: Vec<_> =
            found.buckets().iter().map(|bucket| (bucket.range(), bucket.count)).collect();
        let last = format!("{}-{}", (1_u64 << 63) + 1, u64::MAX);
        let wanted = [
            ("0", 1),
            ("1", 1),
            ("2", 1),
            ("3-4", 2),
            ("5-8", 2),
            ("9-16", 1),
            (&last, 1),
            ("inf", 3),
        ];
        assert_eq!(ranges, wanted.map(|(range, count)| (range.to_owned(), count)));
    }

    #[test]
    fn every_range_holds_its_ends_and_follows_the_one_before() {
        let mut next = Some(0);
        for n in 0..BUCKETS - 1 {
            let (from, to) = ends(n);
            assert_eq!((bucket(from), bucket(to)), (n, n));
            let (Ulps::Finite(from), Ulps::Finite(to)) = (from, to) else { unreachable!() };
            assert_eq!(Some(from), next);
            next = to.checked_add(1);
        }
        assert_eq!(next, None);
        assert_eq!(bucket(Ulps::Infinite), BUCKETS - 1);
    }

    #[test]
    fn distributions_add_up() {
        let (mut a, mut b) = (Distribution::default(), Distribution::default());
        a.add(Ulps::Finite(1), 2);
        b.add(Ulps::Finite(1), 3);
        b.add(Ulps::Infinite, 1);
        a.merge(&b);
        assert_eq!(a.buckets().iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [5, 1]);
    }
}
