//! The best learning rate and momentum for a linear regression.

use ravine::Rows as _;
use ravine::Task;
use ravine::data::nonzero;
use ravine::momentum::Schedule;
use ravine::simd::Par;
use ravine::theory::{self, Optimum};

use super::dataset::Dataset;
use super::rule::RuleFlags;
use crate::error::Error;
use crate::memory;
use crate::schedule::Plan;

/// What `--lr optimal` stands for, on the Hessian of the mean squared error over all training
/// rows: as trained, with the intercept and the standardization.
///
/// Eigenvalues that are zero do not count: along them nothing moves. Coupled weight decay adds
/// itself to the others.
pub(super) fn choose(
    rule: &RuleFlags,
    data: &Dataset,
    bias: Option<bool>,
    par: Par,
) -> Result<Optimum, Error> {
    let refuse = |reason: &str| Err(Error::misplaced("lr", reason));
    let (Some(bias), Task::Regression) = (bias, data.task) else {
        return refuse("optimal goes with --task regression --model linear alone");
    };
    if rule.decoupled && rule.weight_decay > 0.0 {
        return refuse("optimal does not go with --decoupled");
    }
    // Three matrices of `f64`: the sums, the Hessian, and what becomes its eigenvalues.
    let dim = data.train.cols() + usize::from(bias);
    if !memory::holds(dim.saturating_mul(dim).saturating_mul(6)) {
        return refuse(&format!("optimal takes a matrix of {dim} × {dim}, more than memory holds"));
    }
    let all = data.train.hessian(par, bias)?.eigenvalues();
    let eigenvalues: Vec<f64> =
        nonzero(&all).iter().map(|value| value + rule.weight_decay).collect();
    if eigenvalues.is_empty() {
        return refuse("optimal finds no nonzero eigenvalue: the features are all constant");
    }
    match rule.momentum {
        Some(Plan::Optimal) => Ok(theory::best(rule.form(), &eigenvalues)),
        Some(Plan::By(Schedule::Constant(momentum))) => {
            Ok(theory::best_lr(rule.form(), momentum, &eigenvalues))
        }
        _ => refuse("optimal goes with one number for --momentum, or optimal"),
    }
}
