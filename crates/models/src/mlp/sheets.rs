//! What a perceptron keeps of a pass.

use std::ops::Range;

use ravine_simd::{Buffer, LANES, Level, Par};
use ravine_tensor::{Blocking, Panels, PanelsMut, Turn, multiply_room, panel_len};

use super::Layer;

/// Features of every layer, sixteen samples to a panel.
///
/// Neighboring layers lie on sheets of their own, for one is read while the other is written. A
/// panel of a sheet holds all layers of the sheet, so threads that share the samples cut each
/// sheet once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sheet {
    /// Inputs, and outputs of the layers, the even ones.
    Even,
    /// Outputs of the odd layers.
    Odd,
    /// Inputs of every layer, each square transposed.
    Turned,
    /// Outputs before the activation, where its derivative takes them.
    Before,
    /// Gradients by the outputs before the activation, the even layers'.
    EvenSlopes,
    /// The same of the odd layers.
    OddSlopes,
}

const COUNT: usize = 6;

/// Where on a sheet some features lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) sheet: Sheet,
    at: usize,
    features: usize,
}

/// Where everything of a layer lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) x: Place,
    pub(crate) turned: Place,
    pub(crate) y: Place,
    pub(crate) z: Option<Place>,
    pub(crate) slopes: Place,
}

/// How the sheets are laid out.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) layers: Vec<Places>,
    /// `f32`s of a panel, for each sheet.
    strides: [usize; COUNT],
}

impl Plan {
    pub(crate) fn of(layers: &[Layer], keeps_z: bool) -> Self {
        let mut strides = [0_usize; COUNT];
        let mut place = |sheet: Sheet, features: usize| {
            let stride = &mut strides[sheet as usize];
            let at = *stride;
            *stride = stride.saturating_add(panel_len(features));
            Place { sheet, at, features }
        };
        let inputs = layers.first().map_or(0, |layer| layer.inputs);
        let mut x = place(Sheet::Even, inputs);
        let mut places = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            let odd = i % 2 == 0;
            let hidden = i + 1 < layers.len();
            let y = place(if odd { Sheet::Odd } else { Sheet::Even }, layer.outputs);
            let slopes = if odd { Sheet::OddSlopes } else { Sheet::EvenSlopes };
            places.push(Places {
                x,
                turned: place(Sheet::Turned, layer.inputs),
                y,
                z: (keeps_z && hidden).then(|| place(Sheet::Before, layer.outputs)),
                slopes: place(slopes, layer.outputs),
            });
            x = y;
        }
        // Panels that are a power of two apart would meet in few sets of a cache: an odd number of
        // squares is not.
        let square = panel_len(1);
        let strides = strides.map(|len| len.saturating_add((len / square + 1) % 2 * square));
        Self { layers: places, strides }
    }

    /// The `f32`s of all sheets for so many samples.
    pub(crate) fn len(&self, samples: usize) -> usize {
        let panel = self.strides.into_iter().fold(0, usize::saturating_add);
        panel.saturating_mul(samples.div_ceil(LANES))
    }
}

/// The `f32`s in which products over `samples` keep chains.
pub(crate) fn kept_len(layers: &[Layer], level: Level, par: Par, samples: usize) -> usize {
    let of = |layer: &Layer| {
        let (blocking, Layer { inputs, outputs, .. }) = (Blocking::of(level), *layer);
        let forward = multiply_room(blocking, level, par, [outputs, inputs, samples]);
        let blocking = blocking.for_terms_apart(inputs, samples);
        forward.max(multiply_room(blocking, level, par, [inputs, outputs, samples]))
    };
    layers.iter().map(of).max().unwrap_or(0)
}

/// The memory of a pass.
#[derive(Clone, Debug)]
pub(crate) struct Sheets {
    strides: [usize; COUNT],
    values: [Buffer; COUNT],
    kept: Buffer,
}

impl Sheets {
    pub(crate) fn new(plan: &Plan, samples: usize, kept_len: usize) -> Self {
        let (strides, panels) = (plan.strides, samples.div_ceil(LANES));
        let values = strides.map(|stride| Buffer::zeroed(stride * panels));
        Self { strides, values, kept: Buffer::zeroed(kept_len) }
    }

    /// The `f32`s of it.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.values.iter().map(|values| values.len()).sum::<usize>() + self.kept.len()
    }

    /// All samples, of which there are `count`.
    #[inline(always)]
    pub(crate) fn part(&mut self, count: usize) -> Part<'_> {
        let values = self.values.each_mut().map(|values| &mut **values);
        Part { strides: self.strides, values, kept: &mut self.kept, samples: 0..count }
    }
}

/// Some samples on all sheets.
pub(crate) struct Part<'a> {
    strides: [usize; COUNT],
    values: [&'a mut [f32]; COUNT],
    /// Memory for chains, an equal share for each thread.
    kept: &'a mut [f32],
    /// Among all samples of the pass.
    pub(crate) samples: Range<usize>,
}

impl<'a> Part<'a> {
    /// The samples before `at`, counted from the first of the part and a multiple of sixteen, and
    /// those from it on; `threads` of all `of` get the first.
    pub(crate) fn split(self, at: usize, threads: usize, of: usize) -> (Self, Self) {
        let Self { strides, values, kept, samples } = self;
        let (kept, more_kept) = kept.split_at_mut(kept.len() / of * threads);
        let mut more = [(); COUNT].map(|()| &mut [][..]);
        let mut cuts = strides.iter().zip(&mut more);
        let values = values.map(|values| {
            let (stride, more) = cuts.next().expect("one a sheet");
            let (first, rest) = values.split_at_mut(at / LANES * stride);
            *more = rest;
            first
        });
        let middle = samples.start + at;
        (
            Self { strides, values, kept, samples: samples.start..middle },
            Self { strides, values: more, kept: more_kept, samples: middle..samples.end },
        )
    }

    /// All of it, for a while.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Part<'_> {
        let values = self.values.each_mut().map(|values| &mut **values);
        Part { strides: self.strides, values, kept: self.kept, samples: self.samples.clone() }
    }

    /// The features at a place.
    #[inline(always)]
    pub(crate) fn read(&self, place: Place) -> Panels<'_> {
        read(self.values[place.sheet as usize], self.strides, place, self.samples.len())
    }

    /// The features at a place, to write.
    #[inline(always)]
    pub(crate) fn write(&mut self, place: Place) -> PanelsMut<'_> {
        write(self.values[place.sheet as usize], self.strides, place, self.samples.len())
    }

    /// What a layer reads, what it writes, and memory for chains.
    #[inline(always)]
    pub(crate) fn forward(&mut self, layer: Places) -> Forward<'_> {
        let (strides, samples) = (self.strides, self.samples.len());
        let [even, odd, _, before, ..] = &mut self.values;
        let (x, y) = if layer.x.sheet == Sheet::Even { (even, odd) } else { (odd, even) };
        Forward {
            x: read(x, strides, layer.x, samples),
            y: write(y, strides, layer.y, samples),
            z: layer.z.map(|z| write(before, strides, z, samples)),
            kept: self.kept,
        }
    }

    /// The same for the gradients by the inputs of the layer `above`, the outputs of `below`.
    #[inline(always)]
    pub(crate) fn backward(&mut self, above: Places, below: Places) -> Backward<'_> {
        let (strides, samples) = (self.strides, self.samples.len());
        let [even, odd, _, before, even_slopes, odd_slopes] = &mut self.values;
        let is_odd = above.slopes.sheet == Sheet::OddSlopes;
        let (from, to) = if is_odd { (odd_slopes, even_slopes) } else { (even_slopes, odd_slopes) };
        let y = if below.y.sheet == Sheet::Even { even } else { odd };
        Backward {
            dy: read(from, strides, above.slopes, samples),
            y: read(y, strides, below.y, samples),
            z: below.z.map(|z| read(before, strides, z, samples)),
            dz: write(to, strides, below.slopes, samples),
            kept: self.kept,
        }
    }

    /// Transposes the squares of a layer's inputs.
    #[inline(always)]
    pub(crate) fn turn(&mut self, layer: Places) -> Turn<'_> {
        let (strides, samples) = (self.strides, self.samples.len());
        let [even, odd, turned, ..] = &mut self.values;
        let x = if layer.x.sheet == Sheet::Even { even } else { odd };
        let x = read(x, strides, layer.x, samples);
        write(turned, strides, layer.turned, samples).turn(x)
    }
}

/// The operands of a forward pass.
pub(crate) struct Forward<'a> {
    pub(crate) x: Panels<'a>,
    pub(crate) y: PanelsMut<'a>,
    pub(crate) z: Option<PanelsMut<'a>>,
    pub(crate) kept: &'a mut [f32],
}

/// The operands of a backward pass.
pub(crate) struct Backward<'a> {
    pub(crate) dy: Panels<'a>,
    pub(crate) y: Panels<'a>,
    pub(crate) z: Option<Panels<'a>>,
    pub(crate) dz: PanelsMut<'a>,
    pub(crate) kept: &'a mut [f32],
}

#[inline(always)]
fn read<'a>(
    values: &'a [f32],
    strides: [usize; COUNT],
    Place { sheet, at, features }: Place,
    samples: usize,
) -> Panels<'a> {
    let values = values.get(at..).unwrap_or_default();
    Panels::new(values, strides[sheet as usize], features, samples)
}

#[inline(always)]
fn write<'a>(
    values: &'a mut [f32],
    strides: [usize; COUNT],
    Place { sheet, at, features }: Place,
    samples: usize,
) -> PanelsMut<'a> {
    let values = values.get_mut(at..).unwrap_or_default();
    PanelsMut::new(values, strides[sheet as usize], features, samples)
}
