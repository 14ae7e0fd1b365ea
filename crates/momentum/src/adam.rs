//! Adam and AdamW.

use ravine_simd::{Buffer, Lanes, Level, Par, Simd};

use crate::part::total;
use crate::rates::{check, check_squares, check_taken, is_positive, multiplied};
use crate::sweep::{self, Average, Mover, Options};
use crate::vector_ema::averaged;
use crate::{Gradient, HyperError, Precision, Rates, Tensor, VectorEma, WeightDecay, round};

/// Steps along the average gradient, each parameter's divided by the root of its mean square
/// (Kingma and Ba, 2015); with decoupled decay this is AdamW (Loshchilov and Hutter, 2019).
///
/// With β₁ and α the [`Rates`] of step t and all averages freed of their start at zero:
///
/// ```text
/// m ← β₁·m + (1 − β₁)·g              then +0 where |m| < 2⁻¹²⁶
/// u ← β₂·u + (1 − β₂)·(g·g)          then +0 where u < 2⁻¹²⁶
/// w ← w − c·(m / (√u + ε'))          c = α·√(1 − β₂ᵗ)/(1 − Πβ₁), ε' = ε·√(1 − β₂ᵗ)
/// ```
///
/// which is α·m̂/(√û + ε) of the paper, its two corrections moved into two numbers of the step. A
/// step reads 16 and writes 12 bytes per parameter.
///
/// # Examples
///
/// ```
/// use ravine_momentum::{Adam, Rates, WeightDecay};
///
/// let adam = Adam { weight_decay: WeightDecay::Decoupled(0.01), ..Adam::default() };
/// let mut params = [1.0, -2.0, 3.0];
/// let mut state = adam.init(params.len())?;
/// adam.step(&mut state, Rates::new(0.1, 0.9)?, &mut params, &[0.5, -0.1, 20.0]);
/// assert!((params[0] - 0.899).abs() < 1e-6);
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Decay β₂ of the mean squares, in `0..1`.
    pub square_decay: f64,
    /// ε, what keeps the divisor from zero: positive also as an `f32`, and ε·√(1 − β₂), its
    /// share of the first step, too.
    pub epsilon: f64,
    /// The decay of the parameters.
    pub weight_decay: WeightDecay,
}

impl Default for Adam {
    /// β₂ = 0.999, ε = 10⁻⁸, no decay.
    fn default() -> Self {
        Self { square_decay: 0.999, epsilon: 1e-8, weight_decay: WeightDecay::None }
    }
}

/// What a run of [`Adam`] remembers between steps.
#[derive(Clone, Debug)]
pub struct AdamState {
    level: Level,
    par: Par,
    step_count: u64,
    products: [f64; 2],
    mean: Buffer,
    square: Buffer,
}

impl AdamState {
    /// A state from its parts, as saved: `step_count` steps taken, the products of their β₁ and
    /// of their β₂, and the averages of gradients and of their squares.
    ///
    /// # Errors
    ///
    /// If the count is not below 2⁵³, or a product not in `0..=1`.
    ///
    /// # Panics
    ///
    /// If the averages differ in length.
    pub fn from_parts(
        level: Level,
        par: Par,
        step_count: u64,
        products: [f64; 2],
        [mean, square]: [Buffer; 2],
    ) -> Result<Self, HyperError> {
        assert_eq!(mean.len(), square.len(), "the averages differ in length");
        for product in products {
            check_taken("steps", step_count, product)?;
        }
        Ok(Self { level, par, step_count, products, mean, square })
    }

    /// Steps begun so far.
    #[must_use]
    pub fn step_count(&self) -> u64 {
        self.step_count
    }

    /// The products of the β₁ and of the β₂ of all steps begun so far.
    #[must_use]
    pub fn products(&self) -> [f64; 2] {
        self.products
    }

    /// The average of the gradients.
    #[must_use]
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// The average of their squares.
    #[must_use]
    pub fn square(&self) -> &[f32] {
        &self.square
    }
}

impl Adam {
    /// The state before the first step on `len` parameters: the CPU's widest level, one thread.
    ///
    /// # Errors
    ///
    /// If β₂, ε or the weight decay is outside its range.
    pub fn init(&self, len: usize) -> Result<AdamState, HyperError> {
        self.init_on(Level::detect(), Par::Seq, len)
    }

    /// The state before the first step on `len` parameters. `level` and `par` change speed and
    /// nothing else.
    ///
    /// # Errors
    ///
    /// As [`Adam::init`].
    pub fn init_on(&self, level: Level, par: Par, len: usize) -> Result<AdamState, HyperError> {
        check_squares(self.square_decay, self.epsilon)?;
        let least = self.epsilon * (1.0 - self.square_decay).sqrt();
        let range = "0 < epsilon·√(1 − square decay) as an f32";
        check("epsilon", self.epsilon, range, is_positive(least))?;
        self.weight_decay.validate()?;
        let averages = [Buffer::zeroed(len), Buffer::zeroed(len)];
        AdamState::from_parts(level, par, 0, [1.0; 2], averages)
    }

    /// Takes one step on the gradient as it is.
    ///
    /// # Panics
    ///
    /// If `params` and `grads` differ in length, or from the length that `state` was made for;
    /// nothing has changed then.
    pub fn step(&self, state: &mut AdamState, rates: Rates, params: &mut [f32], grads: &[f32]) {
        self.step_tensors(state, rates, Gradient::AsIs, &mut [Tensor { params, grads }]);
    }

    /// Takes one step on tensors, as [`Sgd::step_tensors`](crate::Sgd::step_tensors).
    ///
    /// # Panics
    ///
    /// If a tensor's parameters and gradients differ in length, or all together from the length
    /// that `state` was made for; nothing has changed then.
    pub fn step_tensors(
        &self,
        state: &mut AdamState,
        rates: Rates,
        gradient: Gradient,
        tensors: &mut [Tensor<'_>],
    ) {
        let len = total(tensors);
        state.fits(len);
        self.step_kept(state, (rates, gradient), (tensors, len), None);
    }

    /// The same, and takes the new parameters into an average in the same pass: reads and writes
    /// 4 bytes more for an average of `f32`, 2 for one of [`bf16`](half::bf16).
    ///
    /// # Panics
    ///
    /// As [`Adam::step_tensors`], and if the average is of another length.
    pub fn step_averaged<A: Precision>(
        &self,
        state: &mut AdamState,
        rates: Rates,
        gradient: Gradient,
        tensors: &mut [Tensor<'_>],
        average: &mut VectorEma<A>,
    ) {
        let len = total(tensors);
        state.fits(len);
        self.step_kept(state, (rates, gradient), (tensors, len), Some(average.begin(len)));
    }

    fn step_kept(
        &self,
        state: &mut AdamState,
        (rates, gradient): (Rates, Gradient),
        tensors: (&mut [Tensor<'_>], usize),
        average: Option<Average<'_>>,
    ) {
        let mover = self.begin(state, rates);
        let options = Options::new(gradient, self.weight_decay.of(rates));
        let AdamState { level, par, ref mut mean, ref mut square, .. } = *state;
        let kept = ([&mut mean[..], &mut square[..]], average);
        sweep::run_any((level, par), options, &mover, tensors, kept);
    }

    /// Counts a step and gives its numbers.
    fn begin(&self, state: &mut AdamState, rates: Rates) -> Moments {
        state.step_count += 1;
        let betas = [rates.momentum(), self.square_decay];
        for (product, beta) in state.products.iter_mut().zip(betas) {
            *product = multiplied(*product, beta);
        }
        let [mean_left, square_left] = state.products;
        let root = (1.0 - square_left).sqrt();
        Moments {
            keep: betas.map(round),
            take: betas.map(|beta| round(1.0 - beta)),
            c: round(rates.lr() * root / (1.0 - mean_left)),
            epsilon: round(self.epsilon * root),
        }
    }
}

impl AdamState {
    fn fits(&self, len: usize) {
        assert_eq!(self.mean.len(), len, "the state is of another length");
    }
}

/// The numbers of a step.
#[derive(Clone, Copy)]
struct Moments {
    keep: [f32; 2],
    take: [f32; 2],
    c: f32,
    epsilon: f32,
}

impl Mover<2> for Moments {
    type Lanes<S: Simd> = [S::F32; 6];

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> [S::F32; 6] {
        let Self { keep, take, c, epsilon } = self;
        [
            simd.splat(keep[0]),
            simd.splat(take[0]),
            simd.splat(keep[1]),
            simd.splat(take[1]),
            simd.splat(c),
            simd.splat(epsilon),
        ]
    }

    #[inline(always)]
    fn step<S: Simd>(
        [keep_m, take_m, keep_u, take_u, c, epsilon]: [S::F32; 6],
        g: S::F32,
        [m, u]: [S::F32; 2],
    ) -> (S::F32, [S::F32; 2]) {
        let m = averaged::<S>((keep_m, take_m), m, g);
        let u = averaged::<S>((keep_u, take_u), u, g * g);
        (c * (m / (u.sqrt() + epsilon)), [m, u])
    }
}
