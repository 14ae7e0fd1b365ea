//! A pass of one layer.

use clap::ValueEnum;
use ravine::models::{Store, linear};
use ravine::simd::{Buffer, Level, Par};
use ravine::tensor::{View, ViewMut};

use super::limits::arithmetic;
use super::truth::near;
use super::{Case, Cost, Mismatch, normals, number};

/// A direction through a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pass {
    /// `y = x·wᵀ + b`
    Forward,
    /// `dw = dyᵀ·x`, `db = Σ dy`, `dx = dy·w`, all to memory
    Backward,
}

/// A pass of an affine layer.
#[derive(Debug)]
pub struct Layer {
    pass: Pass,
    /// Rows of the batch, inputs and outputs.
    sizes: [usize; 3],
    level: Level,
    par: Par,
    x: Buffer,
    /// Weights, outputs × inputs, and biases.
    params: Buffer,
    dy: Buffer,
    y: Buffer,
    grads: Buffer,
    dx: Buffer,
}

impl Layer {
    /// The case, of normal draws of a fixed seed; `sizes` are rows of the batch, inputs, outputs.
    #[must_use]
    pub fn new(pass: Pass, sizes: [usize; 3], level: Level, par: Par) -> Self {
        let [batch, inputs, outputs] = sizes;
        let n_params = outputs * (inputs + 1);
        let [x, params, dy] = normals([batch * inputs, n_params, batch * outputs]);
        let [y, grads, dx] = [batch * outputs, n_params, batch * inputs].map(Buffer::zeroed);
        Self { pass, sizes, level, par, x, params, dy, y, grads, dx }
    }

    /// What the pass writes.
    fn results(&self) -> Vec<(&'static str, &[f32])> {
        match self.pass {
            Pass::Forward => vec![("outputs", &self.y)],
            Pass::Backward => vec![("gradients", &self.grads), ("input gradient", &self.dx)],
        }
    }

    /// A result's own name beside the case's.
    fn named(&self, result: &str) -> String {
        format!("{} ({result})", self.id())
    }
}

impl Case for Layer {
    fn id(&self) -> String {
        let Self { pass, sizes: [batch, inputs, outputs], level, par, .. } = self;
        let pass = match pass {
            Pass::Forward => "forward",
            Pass::Backward => "backward",
        };
        format!("layer/{pass}/{inputs}-{outputs}x{batch}/{level}/{}t", par.count())
    }

    fn cost(&self) -> Cost {
        let [batch, inputs, outputs] = self.sizes;
        let products = number(batch * inputs) * number(outputs);
        let read = self.x.len() + self.params.len();
        let (moved, flops) = match self.pass {
            Pass::Forward => (read + self.y.len(), 2.0 * products),
            Pass::Backward => {
                (read + self.dy.len() + self.grads.len() + self.dx.len(), 4.0 * products)
            }
        };
        Cost { bytes: 4.0 * number(moved), flops }
    }

    /// Every result is written, and near that in `f64`.
    fn check(&mut self) -> Result<(), Mismatch> {
        for result in [&mut self.y, &mut self.grads, &mut self.dx] {
            result.fill(f32::NAN);
        }
        self.run();
        let [batch, inputs, outputs] = self.sizes;
        let (w, b) = self.params.split_at(outputs * inputs);
        let w = View::new(w, outputs, inputs);
        let x = View::new(&self.x, batch, inputs);
        if self.pass == Pass::Forward {
            let y = View::new(&self.y, batch, outputs);
            return near(&self.named("outputs"), y, x, w.t(), b);
        }
        let dy = View::new(&self.dy, batch, outputs);
        let (dw, db) = self.grads.split_at(outputs * inputs);
        let ones = vec![1.0; batch];
        near(&self.named("weights"), View::new(dw, outputs, inputs), dy.t(), x, &[])?;
        near(&self.named("biases"), View::from_row(db), View::from_row(&ones), dy, &[])?;
        near(&self.named("input gradient"), View::new(&self.dx, batch, inputs), dy, w, &[])
    }

    fn run(&mut self) {
        let Self { sizes: [batch, inputs, outputs], level, par, .. } = *self;
        let x = View::new(&self.x, batch, inputs);
        let (w, b) = self.params.split_at(outputs * inputs);
        let w = View::new(w, outputs, inputs);
        if self.pass == Pass::Forward {
            let y = ViewMut::new(&mut self.y, batch, outputs);
            return linear::forward(level, par, y, x, w, b);
        }
        let dy = View::new(&self.dy, batch, outputs);
        let store = Store { params: &self.params, grads: &mut self.grads };
        linear::backward_params(level, par, store, dy, x);
        let dx = ViewMut::new(&mut self.dx, batch, inputs);
        linear::backward_input(level, par, dx, dy, w);
    }

    fn left(&self) -> Result<(), Mismatch> {
        let mut results = self.results().into_iter();
        results.try_for_each(|(name, result)| Mismatch::finite(&self.named(name), result))
    }

    fn limit(&mut self) -> f64 {
        arithmetic(self.par, self.cost().flops)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_passes_are_near_those_in_f64() {
        for pass in [Pass::Forward, Pass::Backward] {
            for level in Level::available() {
                let mut case = Layer::new(pass, [7, 20, 3], level, Par::Seq);
                assert_eq!(case.check(), Ok(()), "{pass:?}");
                assert_eq!(case.left(), Ok(()), "{pass:?}");
            }
        }
    }

    #[test]
    fn a_result_that_is_not_finite_is_told_by_name() {
        let mut case = Layer::new(Pass::Backward, [2, 3, 4], Level::baseline(), Par::Seq);
        assert_eq!(case.check(), Ok(()));
        let last = case.dx.len() - 1;
        case.dx[last] = f32::NAN;
        let told = case.left().expect_err("it is not finite").to_string();
        assert!(told.contains("(input gradient): wrong result at index 5"), "{told}");
    }
}
