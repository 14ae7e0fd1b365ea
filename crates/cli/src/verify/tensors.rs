//! Parameters as one tensor, or cut into many, which may not change a bit.

use ravine::momentum::Tensor;

/// One tensor, and many.
pub(super) const CUTS: [&str; 2] = ["", "in tensors"];

/// Lengths of the many, again and again: below a block of lanes and above a thread's worth.
const LENGTHS: [usize; 7] = [300, 1, 0, 17, 33, 50_001, 16];

/// The tensors of a manner, which are the whole one behind another.
pub(super) fn cut<'a>(
    manner: &str,
    mut params: &'a mut [f32],
    mut grads: &'a [f32],
) -> Vec<Tensor<'a>> {
    if manner != CUTS[1] {
        return vec![Tensor { params, grads }];
    }
    let mut tensors = Vec::new();
    for len in LENGTHS.into_iter().cycle() {
        let (head, rest) = params.split_at_mut(len.min(params.len()));
        let (first, more) = grads.split_at(head.len());
        tensors.push(Tensor { params: head, grads: first });
        (params, grads) = (rest, more);
        if grads.is_empty() {
            break;
        }
    }
    tensors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_are_the_whole_in_order() {
        for (len, wanted) in [(0, 1), (300, 1), (301, 2), (1000, 6), (60_000, 13)] {
            let grads: Vec<f32> = (0_u16..).map(f32::from).take(len).collect();
            let mut params = grads.clone();
            let tensors = cut(CUTS[1], &mut params, &grads);
            assert_eq!(tensors.len(), wanted, "{len}");
            let joined =
                |of: fn(&Tensor<'_>) -> Vec<f32>| tensors.iter().flat_map(of).eq(grads.clone());
            assert!(joined(|tensor| tensor.params.to_vec()), "{len}");
            assert!(joined(|tensor| tensor.grads.to_vec()), "{len}");
        }
    }
}
