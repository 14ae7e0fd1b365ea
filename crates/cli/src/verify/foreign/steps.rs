//! The arrays that every family of steps hands over.

use ravine::data::npz::Entry;

/// Lengths, parameters and gradients of cases, and the options and numbers of their steps: a row
/// of 3 and one of N a step, as many steps a case. `cases` are parameters before the first step
/// with the gradients of every step.
pub(super) fn question<'t, const N: usize>(
    cases: impl Iterator<Item = (&'t [f32], &'t [Vec<f32>])> + Clone,
    rows: impl Iterator<Item = ([usize; 3], [f32; N])>,
) -> Vec<(&'static str, Entry)> {
    let (options, numbers): (Vec<_>, Vec<_>) = rows.unzip();
    let n_cases = cases.clone().count();
    let n_steps = options.len() / n_cases.max(1);
    let params = cases.clone().flat_map(|(params, _)| params).copied();
    let grads = cases.clone().flat_map(|(_, grads)| grads).flatten().copied();
    vec![
        ("lengths", Entry::integers(cases.clone().map(|(params, _)| params.len()))),
        ("options", Entry::integers(options.concat()).shaped(&[n_cases, n_steps, 3])),
        ("numbers", Entry::floats(numbers.concat()).shaped(&[n_cases, n_steps, N])),
        ("params", Entry::floats(params)),
        ("grads", Entry::floats(grads)),
    ]
}
