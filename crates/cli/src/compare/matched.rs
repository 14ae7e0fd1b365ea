//! What two files hold, side by side.

use std::collections::HashMap;

use serde::Serialize;

use super::pair::Pair;
use super::tensor::Tensor;

/// The contents of two files of one kind, side by side.
#[derive(Debug)]
pub(super) struct Matched {
    /// What the files call a tensor.
    pub(super) noun: &'static str,
    /// What both hold, in the order of A.
    pub(super) pairs: Vec<Pair>,
    /// What makes the files differ, whatever the elements.
    pub(super) unmatched: Vec<Unmatched>,
    /// What a person wants to know, but is no difference by itself.
    pub(super) notes: Vec<String>,
    pub(super) course: Course,
}

/// What cannot be compared element by element.
#[derive(Debug, Serialize)]
pub(super) struct Unmatched {
    /// The tensor or column.
    pub(super) tensor: String,
    /// In which file it is alone, or how the files disagree.
    pub(super) problem: String,
}

/// How steps of training run through the elements.
#[derive(Debug)]
pub(super) enum Course {
    /// The tensors are those of one step, where both files say which.
    Still(Option<u64>),
    /// Each row is a step: the row's number in A, and the step where the files say which.
    Rows(Vec<(usize, Option<u64>)>),
}

impl Matched {
    /// Puts tensors of one name side by side.
    pub(super) fn by_name(noun: &'static str, a: Vec<Tensor>, b: Vec<Tensor>) -> Self {
        let mut pairs = Vec::with_capacity(a.len());
        let mut unmatched = Vec::new();
        let others =
            b.into_iter().enumerate().map(|(n, tensor)| (tensor.name.clone(), (n, tensor)));
        let mut others: HashMap<_, _> = others.collect();
        for tensor in a {
            let name = tensor.name.clone();
            let problem = match others.remove(&name) {
                None => format!("in A alone, {}", tensor.describe()),
                Some((_, other)) => match Pair::new(tensor, other) {
                    Ok(pair) => {
                        pairs.push(pair);
                        continue;
                    }
                    Err(problem) => problem,
                },
            };
            unmatched.push(Unmatched { tensor: name, problem });
        }
        let mut rest: Vec<_> = others.into_values().collect();
        rest.sort_unstable_by_key(|(n, _)| *n);
        unmatched.extend(rest.into_iter().map(|(_, tensor)| {
            let problem = format!("in B alone, {}", tensor.describe());
            Unmatched { tensor: tensor.name, problem }
        }));
        Self { noun, pairs, unmatched, notes: Vec::new(), course: Course::Still(None) }
    }
}
