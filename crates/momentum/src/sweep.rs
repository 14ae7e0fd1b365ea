//! The one pass of a step: every parameter is read once, moved, and written once.

use ravine_simd::{Kernel, Lanes, Level, MaskLanes, Par, Simd, Written, stream};

use crate::part::{Part, Tensor};
use crate::precision::{Memory, Slots, Store};
use crate::vector_ema::averaged;
use crate::{Decay, Gradient};

/// A formula that moves weights by a gradient and N states, its numbers rounded.
pub(crate) trait Mover<const N: usize>: Copy + Send + Sync {
    /// The numbers, in lanes.
    type Lanes<S: Simd>: Copy;

    /// Copies each number into lanes.
    fn lanes<S: Simd>(self, simd: S) -> Self::Lanes<S>;

    /// What is taken from the weights, and the new states.
    fn step<S: Simd>(
        numbers: Self::Lanes<S>,
        g: S::F32,
        states: [S::F32; N],
    ) -> (S::F32, [S::F32; N]);
}

/// What a step does beside moving the weights.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) gradient: Gradient,
    pub(crate) decay: Decay,
    pub(crate) averaging: Averaging,
    /// Key by which states are rounded by chance.
    pub(crate) state_key: Option<u32>,
}

impl Options {
    /// Without an average, and of states that are not rounded.
    #[inline]
    pub(crate) fn new(gradient: Gradient, decay: Decay) -> Self {
        Self { gradient, decay, averaging: Averaging::default(), state_key: None }
    }
}

/// How the new weights go into their average; nothing is read of it where there is none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Averaging {
    /// Share that the average keeps, and share of the new weights.
    pub(crate) shares: [f32; 2],
    /// Key by which the average is rounded by chance.
    pub(crate) key: Option<u32>,
}

/// An average as a further output of a step.
pub(crate) struct Average<'a> {
    pub(crate) slots: Slots<'a>,
    pub(crate) averaging: Averaging,
}

/// Constants of [`Sweep`]: what is done to the gradient, …
pub(crate) const AS_IS: u8 = 0;
pub(crate) const SCALED: u8 = 1;
pub(crate) const CLAMPED: u8 = 2;
pub(crate) const FINITE_SCALED: u8 = 3;
pub(crate) const FINITE_CLAMPED: u8 = 4;
/// … what decays the weights, …
pub(crate) const NONE: u8 = 0;
pub(crate) const COUPLED: u8 = 1;
pub(crate) const DECOUPLED: u8 = 2;
/// … or that both are found out block by block: one function instead of nine, slower where a
/// first-level cache holds all.
pub(crate) const ANY: u8 = 5;

/// One step over whole tensors, its options decided by constants or [`ANY`].
///
/// What it moves is where the caller left it: a slice or a number that is copied when it has only
/// just been written, by a load wider than the stores were, waits until every older store is done.
pub(crate) struct Sweep<
    't,
    'a,
    'k,
    M,
    V,
    A,
    const N: usize,
    const K: usize,
    const G: u8,
    const D: u8,
> {
    options: &'t Options,
    mover: &'t M,
    tensors: &'t mut [Tensor<'a>],
    kept: &'t mut Beside<'k, V, A, N, K>,
    /// Index of the first parameter among all.
    at: usize,
}

/// The states and averages of tensors, each one behind another.
type Beside<'t, V, A, const N: usize, const K: usize> = ([&'t mut [V]; N], [&'t mut [A]; K]);

impl<M, V, A, const N: usize, const K: usize, const G: u8, const D: u8> Kernel
    for Sweep<'_, '_, '_, M, V, A, N, K, G, D>
where
    M: Mover<N>,
    V: Memory,
    A: Memory,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let numbers = Numbers::<S, M, N>::new(simd, self.options, self.mover);
        let (states, averages) = self.kept;
        let states = states.each_mut().map(|slice| &mut **slice);
        let mut kept = (states, averages.each_mut().map(|slice| &mut **slice));
        let mut at = self.at;
        for Tensor { params, grads } in self.tensors {
            let len = params.len();
            let next = kept.split_off(len);
            numbers.sweep::<V, A, K, G, D>(simd, params, grads, kept, at);
            (kept, at) = (next, at + len);
        }
    }
}

/// Rows of a matrix and their gradients, which lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// Rows.
    pub count: usize,
    /// Parameters in a row.
    pub len: usize,
    /// Parameters from the first of a row to the first of the next.
    pub stride: usize,
    /// Gradients from the first of a row to the first of the next.
    pub pitch: usize,
}

/// One step over rows, its options decided by constants or [`ANY`]; they stay where they are, as
/// in [`Sweep`].
struct Strip<'t, M, const N: usize, const G: u8, const D: u8> {
    options: &'t Options,
    mover: &'t M,
    rows: &'t Rows,
    params: &'t mut [f32],
    grads: &'t [f32],
    states: [&'t mut [f32]; N],
}

impl<M: Mover<N>, const N: usize, const G: u8, const D: u8> Kernel for Strip<'_, M, N, G, D> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let numbers = Numbers::<S, M, N>::new(simd, self.options, self.mover);
        let Rows { count, len, stride, pitch } = *self.rows;
        let mut states = self.states;
        for i in 0..count {
            let range = i * stride..i * stride + len;
            let states = states.each_mut().map(|state| &mut state[range.clone()]);
            let grads = &self.grads[i * pitch..][..len];
            let none: [&mut [f32]; 0] = [];
            let params = &mut self.params[range];
            numbers.sweep::<f32, f32, 0, G, D>(simd, params, grads, (states, none), 0);
        }
    }
}

/// Runs a step over rows on the calling thread.
pub(crate) fn run_rows<M: Mover<N>, const N: usize>(
    level: Level,
    options: &Options,
    mover: &M,
    rows: &Rows,
    (params, grads, states): (&mut [f32], &[f32], [&mut [f32]; N]),
) {
    match (options.gradient.kind(), options.decay.kind()) {
        (AS_IS, NONE) => {
            level.run(Strip::<M, N, AS_IS, NONE> { options, mover, rows, params, grads, states });
        }
        _ => level.run(Strip::<M, N, ANY, ANY> { options, mover, rows, params, grads, states }),
    }
}

/// The numbers of a step, in lanes.
struct Numbers<S: Simd, M: Mover<N>, const N: usize> {
    gradient: Gradient,
    decay: Decay,
    s: S::F32,
    e: S::F32,
    shares: (S::F32, S::F32),
    state_store: Store<S>,
    average_store: Store<S>,
    mover: M::Lanes<S>,
}

impl<S: Simd, M: Mover<N>, const N: usize> Numbers<S, M, N> {
    #[inline(always)]
    fn new(simd: S, options: &Options, mover: &M) -> Self {
        let Options { gradient, decay, averaging: Averaging { shares, key }, state_key } = *options;
        Self {
            gradient,
            decay,
            s: simd.splat(gradient.number()),
            e: simd.splat(decay.number()),
            shares: (simd.splat(shares[0]), simd.splat(shares[1])),
            state_store: Store::new(simd, state_key),
            average_store: Store::new(simd, key),
            mover: mover.lanes(simd),
        }
    }

    /// One step over neighbours, the first of them parameter `at` among all.
    #[inline(always)]
    fn sweep<V: Memory, A: Memory, const K: usize, const G: u8, const D: u8>(
        &self,
        simd: S,
        params: &mut [f32],
        grads: &[f32],
        (states, averages): ([&mut [V]; N], [&mut [A]; K]),
        at: usize,
    ) {
        let &Self { gradient, decay, s, e, shares, mover, .. } = self;
        stream::run_at(
            simd,
            ([params], states, averages),
            [grads],
            #[inline(always)]
            |i, ([w], mut states, mut averages), [g]| {
                let mut wide = [w; N];
                for (wide, state) in wide.iter_mut().zip(states) {
                    *wide = V::widen(state);
                }
                let g = gradient_seen::<S, G, D>(simd, (gradient, decay), g, w, s, e);
                let (step, wide) = M::step::<S>(mover, g, wide);
                let w = weight::<S, D>(decay, w, e) - step;
                for (state, wide) in states.iter_mut().zip(wide) {
                    *state = self.state_store.narrow::<V>(simd, wide, at + i);
                }
                for m in &mut averages {
                    let wide = averaged::<S>(shares, A::widen(*m), w);
                    *m = self.average_store.narrow::<A>(simd, wide, at + i);
                }
                ([w], states, averages)
            },
        );
    }
}

/// A [`Sweep`] that finds its options out.
struct Undecided<'t, 'a, 'k, M, V, A, const N: usize, const K: usize>(
    Sweep<'t, 'a, 'k, M, V, A, N, K, ANY, ANY>,
);

impl<M, V, A, const N: usize, const K: usize> Kernel for Undecided<'_, '_, '_, M, V, A, N, K>
where
    M: Mover<N>,
    V: Memory,
    A: Memory,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.0.run(simd);
    }
}

/// The gradient that the rule sees: `s·g`, or `g` within `−s..=s`; plus `e·w`.
#[inline(always)]
fn gradient_seen<S: Simd, const G: u8, const D: u8>(
    simd: S,
    (gradient, decay): (Gradient, Decay),
    g: S::F32,
    w: S::F32,
    s: S::F32,
    e: S::F32,
) -> S::F32 {
    let kind = if G == ANY { gradient.kind() } else { G };
    let g = if kind == FINITE_SCALED || kind == FINITE_CLAMPED {
        g.zero_where(!g.abs().lt(simd.splat(f32::INFINITY)))
    } else {
        g
    };
    let g = if kind == SCALED || kind == FINITE_SCALED {
        s * g
    } else if kind == CLAMPED || kind == FINITE_CLAMPED {
        let g = s.lt(g).select(s, g);
        g.lt(-s).select(-s, g)
    } else {
        g
    };
    if D == COUPLED || D == ANY && decay.kind() == COUPLED { g + e * w } else { g }
}

/// The weight that the rule moves: `w`, or `w − e·w`.
#[inline(always)]
fn weight<S: Simd, const D: u8>(decay: Decay, w: S::F32, e: S::F32) -> S::F32 {
    if D == DECOUPLED || D == ANY && decay.kind() == DECOUPLED { w - e * w } else { w }
}

/// Runs a step over tensors of `len` parameters on `level`, by the threads of `par`, every option
/// found out block by block; the new weights go into the average, if there is one.
pub(crate) fn run_any<M: Mover<N>, V: Memory, const N: usize>(
    on: (Level, Par),
    options: Options,
    mover: &M,
    tensors: (&mut [Tensor<'_>], usize),
    (states, average): ([&mut [V]; N], Option<Average<'_>>),
) {
    let Some(Average { slots, averaging }) = average else {
        let none: [&mut [f32]; 0] = [];
        return run_kept(on, &options, mover, tensors, (states, none));
    };
    let options = &Options { averaging, ..options };
    match slots {
        Slots::Wide(average) => run_kept(on, options, mover, tensors, (states, [average])),
        Slots::Narrow(average) => run_kept(on, options, mover, tensors, (states, [average])),
    }
}

fn run_kept<M, V, A, const N: usize, const K: usize>(
    (level, par): (Level, Par),
    options: &Options,
    mover: &M,
    (tensors, len): (&mut [Tensor<'_>], usize),
    kept: Beside<'_, V, A, N, K>,
) where
    M: Mover<N>,
    V: Memory,
    A: Memory,
{
    share(par, (tensors, len), kept, &|tensors, kept, at| {
        level.run(Undecided(Sweep { options, mover, tensors, kept, at }));
    });
}

/// The same with the gradient and the decay decided: nine functions.
pub(crate) fn run_decided<M: Mover<N>, const N: usize>(
    (level, par): (Level, Par),
    options: &Options,
    mover: &M,
    tensors: (&mut [Tensor<'_>], usize),
    kept: Beside<'_, f32, f32, N, 0>,
) {
    macro_rules! decided {
        ($($gradient:ident $decay:ident)+) => {
            match (options.gradient.kind(), options.decay.kind()) {
                $(($gradient, $decay) => share(par, tensors, kept, &|tensors, kept, at| {
                    level.run(Sweep::<M, f32, f32, N, 0, $gradient, $decay> {
                        options, mover, tensors, kept, at,
                    });
                }),)+
                _ => run_kept((level, par), options, mover, tensors, kept),
            }
        };
    }
    decided! {
        AS_IS NONE AS_IS COUPLED AS_IS DECOUPLED
        SCALED NONE SCALED COUPLED SCALED DECOUPLED
        CLAMPED NONE CLAMPED COUPLED CLAMPED DECOUPLED
    }
}

/// Applies `f` to the tensors, or to parts of them on threads that are worth it.
#[inline]
fn share<K: Written + Send>(
    par: Par,
    (tensors, len): (&mut [Tensor<'_>], usize),
    mut kept: K,
    f: &(impl Fn(&mut [Tensor<'_>], &mut K, usize) + Sync),
) {
    match par.worth(len, WORTH) {
        Par::Seq => f(tensors, &mut kept, 0),
        par => Part::all(tensors, len, kept).share(par, f),
    }
}

/// Parameters that are worth a thread: below twice as many, a step stays on the calling thread.
///
/// On two cores (Xeon with AVX-512) 65 536 parameters take 13 µs on one thread, and 8 on two
/// (`ravine bench update --len 65536 --threads 1`, and 2) while the second is awake, as it is
/// between products that the same threads share. Where it sleeps, a step that short is over before
/// it wakes: the caller takes its part back.
pub(crate) const WORTH: usize = 1 << 15;
