//! What a case takes of memory.

use ravine::simd::{Level, Par};

use super::what::{StepArgs, What};
use crate::case::Shape;
use crate::error::Error;
use crate::memory;

impl What {
    /// Refuses what memory does not hold, by the flags that make a case's size.
    ///
    /// # Errors
    ///
    /// If it does not hold it, or the flags of an update do not go together.
    pub(super) fn fits(&self, level: Level, par: Par) -> Result<(), Error> {
        let Some((flag, others, numbers)) = self.size(level, par)? else { return Ok(()) };
        if memory::holds(numbers) {
            return Ok(());
        }
        let bytes = numbers.saturating_mul(4);
        let reason = format!("{others}asks for about {bytes} bytes, more than memory holds");
        Err(Error::misplaced(flag, reason))
    }

    /// One of those flags, how the others are told, and about how many `f32`s the case takes.
    fn size(
        &self,
        level: Level,
        par: Par,
    ) -> Result<Option<(&'static str, &'static str, usize)>, Error> {
        let product = |a: usize, b| a.saturating_mul(b);
        let step = |StepArgs { layers, batch, .. }: &StepArgs| {
            let params = layers.windows(2).map(|pair| product(pair[0], pair[1]));
            let params = params.fold(0, usize::saturating_add);
            let widths = layers.iter().copied().fold(0, usize::saturating_add);
            product(6, params).saturating_add(product(product(4, widths), batch.get()))
        };
        Ok(Some(match self {
            Self::Limits | Self::Read(_) | Self::Sweep(_) => return Ok(None),
            Self::Product(args) => {
                let Shape { rows, inner, cols, .. } = args.shape();
                // An operand may be copied before it is read.
                let operands = product(rows, inner).saturating_add(product(inner, cols));
                let numbers = product(2, operands).saturating_add(product(rows, cols));
                ("rows", "with --inner and --cols ", numbers)
            }
            Self::Layer(args) => {
                let [batch, inputs, outputs] = args.sizes();
                let params = product(outputs, inputs.saturating_add(1));
                let rows = product(batch, inputs.saturating_add(outputs));
                let numbers = product(3, params).saturating_add(product(3, rows));
                ("batch", "with --inputs and --outputs ", numbers)
            }
            Self::Update(args) => ("len", "", args.spec(level, par)?.numbers()),
            Self::Step(args) => ("layers", "with --batch ", step(args)),
            Self::Linear(args) => {
                let numbers = product(args.cols.get().saturating_add(2), args.rows.get());
                ("rows", "with --cols ", numbers)
            }
            Self::Train(args) => {
                let ends =
                    [args.step.layers.first(), args.step.layers.last()].into_iter().flatten();
                let ends = ends.copied().fold(1, usize::saturating_add);
                let numbers = product(ends, args.rows.get()).saturating_add(step(&args.step));
                ("rows", "with --layers and --batch ", numbers)
            }
        }))
    }
}
