//! The update of a vector, or of many tensors, by any rule.

mod model;
mod name;

use ravine::data::{Purpose, Stream};
use ravine::momentum::{Clip, Form, Guard, HyperError, NonFinite, Sgd, WeightDecay};
use ravine::simd::limit::{self, Slices};
use ravine::simd::{Buffer, Level, Par};

use self::model::Model;
pub use self::model::{Rule, Spec};
use super::{Case, Cost, Fastest, Mismatch, number};

/// Elements that the limit moves at least.
const MANY: usize = 1 << 16;

/// An update of a [`Spec`].
#[derive(Debug)]
pub struct Update {
    spec: Spec,
    guard: Guard,
    level: Level,
    par: Par,
    model: Model,
    /// The same on the scalar level, and by what rule, until it has been compared.
    reference: Option<(Rule, Model)>,
    grads: Buffer,
    /// What the limit loop moves, once it has run, and the level that moves it fastest.
    idle: Option<(Vec<Buffer>, Option<Buffer<u16>>)>,
    fastest: Fastest,
}

impl Update {
    /// The case, its numbers drawn from a fixed seed.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter is outside its range.
    pub fn new(spec: Spec, level: Level, par: Par) -> Result<Self, HyperError> {
        let guard = Guard::new(spec.clip_norm.map_or(Clip::None, Clip::Norm), NonFinite::Keep)?;
        let mut draws = Stream::new(0, Purpose::Start, 0);
        let mut normals = || {
            let mut buffer = Buffer::zeroed(spec.offset + spec.len);
            let drawn = buffer.len().min(1 << 16);
            let (head, rest) = buffer.split_at_mut(drawn);
            head.fill_with(|| super::narrow(draws.normal()));
            for chunk in rest.chunks_mut(head.len().max(1)) {
                chunk.copy_from_slice(&head[..chunk.len()]);
            }
            buffer
        };
        let (params, grads) = (normals(), normals());
        let by = spec.rule.reference();
        let (scalar, seq) = (Level::scalar(), Par::Seq);
        let reference = Model::new(Spec { rule: by, ..spec }, params.clone(), scalar, seq)?;
        let model = Model::new(spec, params, level, par)?;
        let reference = Some((by, reference));
        Ok(Self {
            spec,
            guard,
            level,
            par,
            model,
            reference,
            grads,
            idle: None,
            fastest: Fastest::default(),
        })
    }

    /// A result's own name beside the case's.
    fn named(&self, result: &str) -> String {
        format!("{} ({result})", self.id())
    }
}

impl Rule {
    /// The rule that gives the same bits: a step of momentum for the plain loop.
    fn reference(self) -> Self {
        let form = Form::Classic { nesterov: false };
        match self {
            Self::Loop => Self::Sgd(Sgd { form, weight_decay: WeightDecay::None }),
            rule => rule,
        }
    }
}

impl Case for Update {
    fn id(&self) -> String {
        let Self { spec, level, par, .. } = self;
        format!("update/{}/{level}/{}t", spec.name(), par.count())
    }

    fn cost(&self) -> Cost {
        let n = number(self.spec.len);
        let written = 8 * self.spec.wide() + if self.spec.narrow() { 4 } else { 0 };
        let read = if self.spec.clip_norm.is_some() { 8 } else { 4 };
        Cost { bytes: number(written + read) * n, flops: 0.0 }
    }

    fn check(&mut self) -> Result<(), Mismatch> {
        let Some((rule, mut wanted)) = self.reference.take() else { return Ok(()) };
        let whole = Spec { rule, tensors: 1, ..self.spec };
        let grads = &self.grads[self.spec.offset..];
        wanted.steps(3, &whole, &self.guard, (Level::scalar(), Par::Seq), grads);
        self.run();
        self.run_times(2);
        for ((name, found), (_, wanted)) in self.model.values().iter().zip(wanted.values()) {
            Mismatch::find(&self.named(name), found, &wanted)?;
        }
        Ok(())
    }

    fn run(&mut self) {
        self.run_times(1);
    }

    fn run_times(&mut self, times: u32) {
        let grads = &self.grads[self.spec.offset..];
        self.model.steps(times, &self.spec, &self.guard, (self.level, self.par), grads);
    }

    fn left(&self) -> Result<(), Mismatch> {
        let mut values = self.model.values().into_iter();
        values.try_for_each(|(name, value)| Mismatch::finite(&self.named(name), &value))
    }

    fn limit(&mut self) -> f64 {
        let par = self.par.worth(self.spec.len, 1 << 15);
        // All that a limit moves starts on a cache line.
        let g = &self.grads[..self.spec.len];
        let (wide, narrow) = self.idle.get_or_insert_with(|| {
            let narrow = self.spec.narrow().then(|| Buffer::zeroed(g.len()));
            (vec![Buffer::from(g); self.spec.wide()], narrow)
        });
        // Short ones several times, as the case is run.
        let times = MANY.div_ceil(self.spec.len.max(1));
        self.fastest.run(|level| {
            for _ in 0..times {
                if self.spec.clip_norm.is_some() {
                    std::hint::black_box(limit::read(level, par, g));
                }
                let written = match (&mut wide[..], narrow.as_mut()) {
                    ([a], None) => Slices::One([a]),
                    ([a, b], None) => Slices::Two([a, b]),
                    ([a, b, c], None) => Slices::Three([a, b, c]),
                    ([a, b, c, d], None) => Slices::Four([a, b, c, d]),
                    ([a], Some(half)) => Slices::OneAndHalf(([a], [half])),
                    ([a, b], Some(half)) => Slices::TwoAndHalf(([a, b], [half])),
                    _ => unreachable!("a step writes one to four slices of f32"),
                };
                limit::update(level, par, written, g);
            }
        });
        number(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(rule: Rule) -> Update {
        let spec = Spec { rule, weight_ema: None, clip_norm: None, len: 99, tensors: 1, offset: 1 };
        Update::new(spec, Level::baseline(), Par::Seq).expect("every number is in range")
    }

    #[test]
    fn the_plain_loop_gives_the_bits_of_classic_momentum() {
        assert_eq!(case(Rule::Loop).check(), Ok(()));
        let (rule, _) = case(Rule::Loop).reference.expect("nothing is compared yet");
        assert!(matches!(rule, Rule::Sgd(_)), "{rule:?}");
    }

    #[test]
    fn a_result_that_is_wrong_in_one_element_is_told_by_name_and_index() {
        let mut case = case(Rule::Loop);
        let value = &mut case.model.params[7];
        *value = -*value;
        let told = case.check().expect_err("a parameter differs").to_string();
        assert!(told.starts_with("update/loop+off1/99x1/baseline/1t (parameters): "), "{told}");
        assert!(told.contains("index 7"), "{told}");
    }

    #[test]
    fn runs_that_diverge_are_no_time_of_an_update() {
        let (form, weight_decay) = (Form::Plain, WeightDecay::Coupled(1e6));
        let mut case = case(Rule::Sgd(Sgd { form, weight_decay }));
        assert_eq!(case.check(), Ok(()));
        (0..99).for_each(|_| case.run());
        assert!(matches!(case.left(), Err(Mismatch::NonFinite { .. })));
    }
}
