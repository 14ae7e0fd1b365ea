//! A forward and a backward pass with all that they need.

use std::sync::atomic::{AtomicU32, Ordering};

use ravine_models::{Loss, Model, Sink, Target};
use ravine_simd::{Level, Par, Simd};
use ravine_tensor::{Tile, View, ViewMut};

use crate::oracle::numbers;

/// Rows of inputs with labels for any loss.
pub(crate) struct Examples {
    pub(crate) x: Vec<f32>,
    pub(crate) values: Vec<f32>,
    pub(crate) classes: Vec<u32>,
    pub(crate) rows: usize,
}

impl Examples {
    pub(crate) fn new(rows: usize, inputs: usize, outputs: usize, seed: u64) -> Self {
        let classes = outputs.max(2) as u32;
        Self {
            x: numbers(rows * inputs, seed),
            values: numbers(rows * outputs, seed + 1),
            classes: (0..rows as u32).map(|i| (i * 7 + i / 3) % classes).collect(),
            rows,
        }
    }

    pub(crate) fn inputs(&self) -> View<'_> {
        View::new(&self.x, self.rows, self.x.len() / self.rows)
    }

    pub(crate) fn target(&self, loss: Loss) -> Target<'_> {
        match loss {
            Loss::MeanSquared => {
                let outputs = self.values.len() / self.rows;
                Target::Values(View::new(&self.values, self.rows, outputs))
            }
            Loss::BinaryCrossEntropy | Loss::CrossEntropy => Target::Classes(&self.classes),
        }
    }
}

/// Where and how a pass runs.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) level: Level,
    pub(crate) par: Par,
    pub(crate) capacity: usize,
}

/// What a [`Probe`] does with a gradient.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Does {
    /// Writes it to `out`.
    Stores,
    /// Subtracts it from the parameter in `out` at once.
    Descends,
}

/// The sink of all tests; one type, for each is one more copy of the products.
pub(crate) struct Probe<'a> {
    /// The parameters of the pass, unless it descends: then they are in `out`.
    pub(crate) params: &'a [f32],
    pub(crate) out: &'a mut [f32],
    /// How often each gradient came.
    pub(crate) counts: &'a [AtomicU32],
    pub(crate) does: Does,
}

impl Sink for Probe<'_> {
    fn params(&self) -> &[f32] {
        match self.does {
            Does::Stores => self.params,
            Does::Descends => self.out,
        }
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, at: usize, stride: usize, grads: Tile<'_>) {
        for (row, grads) in grads.each_row().enumerate() {
            for (i, g) in grads.iter().enumerate() {
                let at = at + row * stride + i;
                let _ = self.counts[at].fetch_add(1, Ordering::Relaxed);
                let out = &mut self.out[at];
                *out = if self.does == Does::Stores { *g } else { *out - g };
            }
        }
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        let (params, more_params) = self.params.split_at(at);
        let (out, more_out) = self.out.split_at_mut(at);
        let (counts, more_counts) = self.counts.split_at(at);
        let does = self.does;
        (
            Self { params, out, counts, does },
            Self { params: more_params, out: more_out, counts: more_counts, does },
        )
    }
}

/// The loss and what a [`Probe`] leaves: gradients, written over NaNs, or parameters.
///
/// Every gradient must come exactly once.
pub(crate) fn pass<M: Model>(
    model: &M,
    run: Run,
    params: &[f32],
    examples: &Examples,
    loss: Loss,
    does: Does,
) -> (f64, Vec<f32>) {
    let mut cache = model.cache(run.level, run.par, run.capacity);
    pass_in(model, &mut cache, run, params, examples, (loss, does))
}

/// [`pass`] in a given cache.
pub(crate) fn pass_in<M: Model>(
    model: &M,
    cache: &mut M::Cache,
    run: Run,
    params: &[f32],
    examples: &Examples,
    (loss, does): (Loss, Does),
) -> (f64, Vec<f32>) {
    let Run { level, par, .. } = run;
    let (x, target) = (examples.inputs(), examples.target(loss));
    let y = model.forward(cache, params, x);
    let value = loss.forward(level, par, y, target);
    let mut dy = vec![f32::NAN; y.rows() * y.cols()];
    let mut dy = ViewMut::new(&mut dy, y.rows(), y.cols());
    loss.backward(level, par, &mut dy, y, target);

    let counts: Vec<AtomicU32> = params.iter().map(|_| AtomicU32::new(0)).collect();
    let mut out = match does {
        Does::Stores => vec![f32::NAN; params.len()],
        Does::Descends => params.to_vec(),
    };
    let probe = Probe { params, out: &mut out, counts: &counts, does };
    model.backward(cache, probe, x, dy.as_view());
    for (i, count) in counts.iter().enumerate() {
        let count = count.load(Ordering::Relaxed);
        assert!(count == 1, "{level}, {par:?}: gradient[{i}] is handed out {count} times");
    }
    (value, out)
}

/// The loss and the gradients.
pub(crate) fn gradients<M: Model>(
    model: &M,
    run: Run,
    params: &[f32],
    examples: &Examples,
    loss: Loss,
) -> (f64, Vec<f32>) {
    pass(model, run, params, examples, loss, Does::Stores)
}
