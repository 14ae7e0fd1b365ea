//! Tensors one behind another, and how threads share them.

use std::slice;

use ravine_simd::{LANES, Par, Written};

/// A tensor's parameters and their gradients, flat, of one length.
///
/// A step over tensors gives the bits of the same step over one vector that holds them all: it
/// does not matter how parameters are cut into tensors.
#[derive(Debug, Default)]
pub struct Tensor<'a> {
    /// Parameters, changed by a step.
    pub params: &'a mut [f32],
    /// Their gradients.
    pub grads: &'a [f32],
}

impl Tensor<'_> {
    fn len(&self) -> usize {
        self.params.len()
    }

    /// The same tensor, for a shorter time.
    fn again(&mut self) -> Tensor<'_> {
        Tensor { params: self.params, grads: self.grads }
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        let (params, more_params) = self.params.split_at_mut(at);
        let (grads, more_grads) = self.grads.split_at(at);
        (Self { params, grads }, Tensor { params: more_params, grads: more_grads })
    }
}

/// Parameters of all `tensors` together.
///
/// # Panics
///
/// If the parameters and gradients of one differ in length.
#[inline]
pub(crate) fn total(tensors: &[Tensor<'_>]) -> usize {
    let len = |tensor: &Tensor<'_>| {
        assert_eq!(tensor.len(), tensor.grads.len(), "params and grads differ in length");
        tensor.len()
    };
    tensors.iter().map(len).sum()
}

/// A stretch of parameters that may begin and end inside a tensor, and what is kept for them.
pub(crate) struct Part<'t, 'a, K> {
    pub(crate) first: Tensor<'t>,
    pub(crate) middle: &'t mut [Tensor<'a>],
    pub(crate) last: Tensor<'t>,
    /// Slices as long as the stretch: states, averages.
    pub(crate) kept: K,
    /// Index of the stretch's first parameter among all.
    pub(crate) at: usize,
    /// Parameters of the stretch.
    pub(crate) len: usize,
}

impl<'t, 'a, K: Written + Send> Part<'t, 'a, K> {
    /// All of `tensors`, of `len` parameters together.
    pub(crate) fn all(tensors: &'t mut [Tensor<'a>], len: usize, kept: K) -> Self {
        let (first, last) = (Tensor::default(), Tensor::default());
        Self { first, middle: tensors, last, kept, at: 0, len }
    }

    /// Gives every thread of `par` a part of as many parameters, cut between cache lines where
    /// the whole is one aligned vector.
    pub(crate) fn share(self, par: Par, f: &(impl Fn(&mut [Tensor<'_>], &mut K, usize) + Sync)) {
        let Some(cut) = par.cut(self.len, LANES) else { return self.each(f) };
        let (left, right) = self.split_at(cut.at);
        par.join(|| left.share(cut.left, f), || right.share(cut.right, f));
    }

    /// Applies `f` to the tensors, what is kept for them and the index of their first parameter:
    /// at once to all that are whole.
    fn each(self, f: &impl Fn(&mut [Tensor<'_>], &mut K, usize)) {
        let Self { mut first, middle, mut last, mut kept, mut at, len } = self;
        let end = at + len;
        if first.len() > 0 {
            let len = first.len();
            let next = kept.split_off(len);
            f(slice::from_mut(&mut first), &mut kept, at);
            (kept, at) = (next, at + len);
        }
        let whole = end - at - last.len();
        if whole > 0 {
            let next = kept.split_off(whole);
            f(middle, &mut kept, at);
            kept = next;
        }
        if last.len() > 0 {
            let at = end - last.len();
            f(slice::from_mut(&mut last), &mut kept, at);
        }
    }

    /// The first `at` parameters, and the others.
    fn split_at(self, at: usize) -> (Self, Self) {
        let Self { first, middle, last, mut kept, at: start, len } = self;
        let more_kept = kept.split_off(at);
        let mut inside = at;
        let (ours, theirs) = if inside <= first.len() {
            let (first, next) = first.split_at(inside);
            ((first, &mut [][..], Tensor::default()), (next, middle, last))
        } else {
            inside -= first.len();
            let whole = middle.iter().take_while(|tensor| {
                let is_whole = tensor.len() <= inside;
                if is_whole {
                    inside -= tensor.len();
                }
                is_whole
            });
            let whole = whole.count();
            let (middle, rest) = middle.split_at_mut(whole);
            match rest.split_first_mut() {
                Some((tensor, rest)) => {
                    let (end, next) = tensor.again().split_at(inside);
                    ((first, middle, end), (next, rest, last))
                }
                None => {
                    let (end, next) = last.split_at(inside);
                    ((first, middle, end), (next, &mut [][..], Tensor::default()))
                }
            }
        };
        let part =
            |(first, middle, last), kept, at, len| Self { first, middle, last, kept, at, len };
        (part(ours, kept, start, at), part(theirs, more_kept, start + at, len - at))
    }
}
