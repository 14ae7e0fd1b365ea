//! The momentum update of a vector, or of many.

use std::num::NonZeroUsize;

use ravine::data::{Purpose, Stream};
use ravine::momentum::{Gradient, HyperError, Rates, Sgd, State, Step, clip};
use ravine::simd::{Buffer, Level, Par, limit, sum};

use super::{Case, Cost, Mismatch, number};

/// An update of `len` parameters, cut into `tensors` slices of equal length.
#[derive(Debug)]
pub struct Update {
    sgd: Sgd,
    clip_norm: Option<f64>,
    len: usize,
    tensors: usize,
    level: Level,
    par: Par,
    params: Buffer,
    states: Vec<State>,
    grads: Buffer,
    /// What the limit loop moves.
    idle: [Buffer; 2],
}

impl Update {
    /// The case, its numbers drawn from a fixed seed. What a division into tensors leaves over is
    /// not updated.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter is outside its range.
    pub fn new(
        sgd: Sgd,
        clip_norm: Option<f64>,
        (len, tensors): (usize, NonZeroUsize),
        level: Level,
        par: Par,
    ) -> Result<Self, HyperError> {
        let tensors = tensors.get();
        let mut draws = Stream::new(0, Purpose::Start, 0);
        let mut normals = || {
            let mut buffer = Buffer::zeroed(len);
            let (head, rest) = buffer.split_at_mut(len.min(1 << 16));
            head.fill_with(|| super::narrow(draws.normal()));
            for chunk in rest.chunks_mut(head.len().max(1)) {
                chunk.copy_from_slice(&head[..chunk.len()]);
            }
            buffer
        };
        let (params, grads) = (normals(), normals());
        let each = len / tensors;
        let states =
            (0..tensors).map(|_| sgd.init_on(level, par, each)).collect::<Result<_, _>>()?;
        let idle = [params.clone(), grads.clone()];
        Ok(Self { sgd, clip_norm, len, tensors, level, par, params, states, grads, idle })
    }

    fn gradient(&self, level: Level, par: Par) -> Gradient {
        self.clip_norm.map_or(Gradient::AsIs, |limit| {
            clip::by_norm(sum::squares(level, par, &self.grads).sqrt(), limit)
        })
    }

    fn rates() -> Rates {
        Rates::new(1e-3, 0.9).expect("both are in range")
    }
}

impl Case for Update {
    fn id(&self) -> String {
        let Self { len, tensors, level, par, .. } = self;
        format!("update/{}x{tensors}/{level}/{}t", len / tensors, par.count())
    }

    fn cost(&self) -> Cost {
        let n = number(self.len);
        let norm = if self.clip_norm.is_some() { 4.0 * n } else { 0.0 };
        Cost { bytes: 20.0 * n + norm, flops: 5.0 * n }
    }

    fn check(&mut self) -> Result<(), Mismatch> {
        let each = self.len / self.tensors;
        let mut wanted = self.params.clone();
        let gradient = self.gradient(Level::scalar(), Par::Seq);
        for (i, state) in self.states.iter().enumerate() {
            let range = i * each..(i + 1) * each;
            let mut state = state.clone();
            let step: Step = self.sgd.begin(&mut state, Self::rates(), gradient);
            let (w, g) = (&mut wanted[range.clone()], &self.grads[range]);
            step.run(Level::scalar(), Par::Seq, w, state.velocity_mut(), g);
        }
        self.run();
        Mismatch::find(&self.id(), &self.params, &wanted)
    }

    fn run(&mut self) {
        let each = self.len / self.tensors;
        let gradient = self.gradient(self.level, self.par);
        for (i, state) in self.states.iter_mut().enumerate() {
            let range = i * each..(i + 1) * each;
            let step = self.sgd.begin(state, Self::rates(), gradient);
            let (w, g) = (&mut self.params[range.clone()], &self.grads[range]);
            step.run(self.level, self.par, w, state.velocity_mut(), g);
        }
    }

    fn limit(&mut self) -> f64 {
        let par = self.par.worth(self.len, 1 << 15);
        let [w, v] = &mut self.idle;
        limit::update(Level::detect(), par, w, v, &self.grads);
        1.0
    }
}
