//! The update of a vector, or of many tensors, by any rule.

mod model;

use ravine::data::{Purpose, Stream};
use ravine::momentum::{Clip, Guard, HyperError, NonFinite};
use ravine::simd::limit::{self, Slices};
use ravine::simd::{Buffer, Level, Par};

use self::model::Model;
pub use self::model::{Rule, Spec};
use super::{Case, Cost, Mismatch, number};

/// An update of a [`Spec`].
#[derive(Debug)]
pub struct Update {
    spec: Spec,
    guard: Guard,
    level: Level,
    par: Par,
    model: Model,
    /// The same on the scalar level, until it has been compared.
    reference: Option<Model>,
    grads: Buffer,
    /// What the limit loop moves.
    idle: (Vec<Buffer>, Option<Buffer<u16>>),
}

impl Update {
    /// The case, its numbers drawn from a fixed seed.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter is outside its range.
    pub fn new(spec: Spec, level: Level, par: Par) -> Result<Self, HyperError> {
        let len = spec.len;
        let mut draws = Stream::new(0, Purpose::Start, 0);
        let mut normals = || {
            let mut buffer = Buffer::zeroed(spec.offset + len);
            let drawn = buffer.len().min(1 << 16);
            let (head, rest) = buffer.split_at_mut(drawn);
            head.fill_with(|| super::narrow(draws.normal()));
            for chunk in rest.chunks_mut(head.len().max(1)) {
                chunk.copy_from_slice(&head[..chunk.len()]);
            }
            buffer
        };
        let (params, grads) = (normals(), normals());
        let guard = Guard::new(spec.clip_norm.map_or(Clip::None, Clip::Norm), NonFinite::Keep)?;
        let reference = Model::new(spec, params.clone(), Level::scalar(), Par::Seq)?;
        let model = Model::new(spec, params, level, par)?;
        let wide = vec![Buffer::from(&grads[..len]); spec.wide()];
        let idle = (wide, spec.narrow().then(|| Buffer::zeroed(len)));
        Ok(Self { spec, guard, level, par, model, reference: Some(reference), grads, idle })
    }
}

impl Case for Update {
    fn id(&self) -> String {
        let Self { spec, level, par, .. } = self;
        let Spec { rule, len, tensors, weight_ema, clip_norm, offset } = spec;
        let rule = match rule {
            Rule::Sgd(_) => "",
            Rule::Narrow(..) => "bf16/",
            Rule::Loop => "loop/",
            Rule::RmsProp(_) => "rmsprop/",
            Rule::Adam(_) => "adam/",
        };
        let ema = if weight_ema.is_some() { "ema/" } else { "" };
        let clip = if clip_norm.is_some() { "clip/" } else { "" };
        let off = if *offset > 0 { format!("off{offset}/") } else { String::new() };
        let each = len / tensors;
        format!("update/{rule}{ema}{clip}{off}{each}x{tensors}/{level}/{}t", par.count())
    }

    fn cost(&self) -> Cost {
        let n = number(self.spec.len);
        let written = 8 * self.spec.wide() + if self.spec.narrow() { 4 } else { 0 };
        let read = if self.spec.clip_norm.is_some() { 8 } else { 4 };
        Cost { bytes: number(written + read) * n, flops: 5.0 * n }
    }

    fn check(&mut self) -> Result<(), Mismatch> {
        let Some(mut wanted) = self.reference.take() else { return Ok(()) };
        for _ in 0..2 {
            let whole = Spec { tensors: 1, ..self.spec };
            let grads = &self.grads[self.spec.offset..];
            wanted.step(&whole, &self.guard, (Level::scalar(), Par::Seq), grads);
            self.run();
        }
        Mismatch::find(&self.id(), &self.model.values(), &wanted.values())
    }

    fn run(&mut self) {
        let grads = &self.grads[self.spec.offset..];
        self.model.step(&self.spec, &self.guard, (self.level, self.par), grads);
    }

    fn limit(&mut self) -> f64 {
        let (level, par) = (Level::detect(), self.par.worth(self.spec.len, 1 << 15));
        // All that a limit moves starts on a cache line.
        let g = &self.grads[..self.spec.len];
        if self.spec.clip_norm.is_some() {
            std::hint::black_box(limit::read(level, par, g));
        }
        let (wide, narrow) = &mut self.idle;
        let written = match (&mut wide[..], narrow) {
            ([a], None) => Slices::One([a]),
            ([a, b], None) => Slices::Two([a, b]),
            ([a, b, c], None) => Slices::Three([a, b, c]),
            ([a, b, c, d], None) => Slices::Four([a, b, c, d]),
            ([a], Some(half)) => Slices::OneAndHalf(([a], [half])),
            ([a, b], Some(half)) => Slices::TwoAndHalf(([a, b], [half])),
            _ => unreachable!("a step writes one to four slices of f32"),
        };
        limit::update(level, par, written, g);
        1.0
    }
}
