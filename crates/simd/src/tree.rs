//! The balanced tree that sums are added in.
//!
//! A tree stands over a number of leaves; a node of more than one leaf is cut in two, and the left
//! half has the odd leaf. So the order of the additions depends on the number of leaves alone.

use std::ops::Range;

/// Adds up the leaves of a balanced tree that come one after another, alone or as whole nodes.
///
/// It keeps at most log₂ of the number of leaves + 1 values.
///
/// # Examples
///
/// The tree over five leaves is `((0 + 1) + 2) + (3 + 4)`:
///
/// ```
/// use ravine_simd::Tree;
///
/// let mut tree = Tree::new(5);
/// while let Some(n) = tree.next_node(1) {
///     let leaf = tree.at().to_string();
///     tree.push(n, leaf, |a, b| format!("({a} + {b})"));
/// }
/// assert_eq!(tree.finish().as_deref(), Some("(((0 + 1) + 2) + (3 + 4))"));
/// ```
#[derive(Clone, Debug)]
pub struct Tree<T> {
    n_leaves: usize,
    at: usize,
    /// The nodes that wait for their right neighbors, from left to right.
    kept: [Option<T>; usize::BITS as usize + 1],
    n_kept: usize,
}

impl<T> Tree<T> {
    /// The tree over `n_leaves` leaves.
    #[must_use]
    pub fn new(n_leaves: usize) -> Self {
        Self { n_leaves, at: 0, kept: [const { None }; usize::BITS as usize + 1], n_kept: 0 }
    }

    /// The number of leaves that have come.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The number of leaves of the largest node that may come next and has at most `most` leaves,
    /// at least 1; `None` when all have come.
    #[must_use]
    pub fn next_node(&self, most: usize) -> Option<usize> {
        let (mut from, mut to) = (0, self.n_leaves);
        while from != self.at || to - from > most.max(1) {
            let middle = middle(&(from..to));
            if self.at < middle {
                to = middle;
            } else {
                from = middle;
            }
        }
        (from < to).then_some(to - from)
    }

    /// Takes the sum of the next node, of `n_leaves` leaves, and adds up what is complete with it.
    ///
    /// # Panics
    ///
    /// If the next leaves are no node of the tree.
    pub fn push(&mut self, n_leaves: usize, sum: T, mut add: impl FnMut(T, T) -> T) {
        assert_eq!(self.next_node(n_leaves), Some(n_leaves), "leaves of a node of the tree");
        let end = self.at + n_leaves;
        // Down to the node: each larger one that ends with it is complete.
        let (mut from, mut to, mut n_complete) = (0, self.n_leaves, 0);
        while to - from > n_leaves {
            n_complete += usize::from(to == end);
            let middle = middle(&(from..to));
            if self.at < middle {
                to = middle;
            } else {
                from = middle;
            }
        }
        self.at = end;
        let mut sum = sum;
        for left in self.kept[self.n_kept - n_complete..self.n_kept].iter_mut().rev() {
            sum = add(left.take().expect("a node that waits"), sum);
        }
        self.n_kept -= n_complete;
        self.kept[self.n_kept] = Some(sum);
        self.n_kept += 1;
    }

    /// The sum of all leaves; `None` where there are none.
    ///
    /// # Panics
    ///
    /// If leaves are missing.
    #[must_use]
    pub fn finish(mut self) -> Option<T> {
        assert_eq!(self.at, self.n_leaves, "leaves that came, and leaves of the tree");
        let [root, ..] = &mut self.kept;
        root.take()
    }
}

/// Where a range of leaves is cut: the left half has the odd one.
#[inline]
#[must_use]
pub fn middle(leaves: &Range<usize>) -> usize {
    leaves.start + leaves.len().div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as a person writes it.
    fn definition(leaves: Range<usize>) -> String {
        if leaves.len() == 1 {
            return leaves.start.to_string();
        }
        let at = leaves.start + leaves.len().div_ceil(2);
        format!("({} {})", definition(leaves.start..at), definition(at..leaves.end))
    }

    #[test]
    fn leaves_and_nodes_of_any_size_are_added_in_the_same_tree() {
        for n_leaves in 1..=70 {
            for most in [1, 2, 3, 4, 7, 8, 100] {
                let mut tree = Tree::new(n_leaves);
                while let Some(n) = tree.next_node(most) {
                    assert!(n <= most, "{n} leaves, but at most {most}");
                    let node = definition(tree.at()..tree.at() + n);
                    tree.push(n, node, |a, b| format!("({a} {b})"));
                    assert!(tree.n_kept <= n_leaves.ilog2() as usize + 1);
                }
                let wanted = definition(0..n_leaves);
                assert_eq!(tree.finish(), Some(wanted), "{n_leaves} leaves, {most} at most");
            }
        }
    }

    #[test]
    fn a_tree_without_leaves_has_no_sum() {
        let tree = Tree::<f64>::new(0);
        assert_eq!((tree.next_node(1), tree.finish()), (None, None));
    }

    #[test]
    #[should_panic(expected = "leaves of a node of the tree")]
    fn leaves_of_two_nodes_are_refused() {
        let mut tree = Tree::new(3);
        tree.push(1, 0.0, |a, b| a + b);
        tree.push(2, 0.0, |a, b| a + b);
    }

    #[test]
    #[should_panic(expected = "leaves that came, and leaves of the tree")]
    fn a_tree_is_not_finished_before_its_last_leaf() {
        let mut tree = Tree::new(2);
        tree.push(1, 0.0, |a, b| a + b);
        let _ = tree.finish();
    }
}
