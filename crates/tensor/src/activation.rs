//! Functions between the layers of a network, and their derivatives.

use ravine_simd::{Kernel, LANES, Lanes, Level, MaskLanes, Par, Simd, stream};

use crate::normal::{gelu, normal};
use crate::tanh::{sigmoid, tanh};

/// Elements that are worth a thread's attention.
pub(crate) const WORTH: usize = 1 << 15;

/// A function applied to every element between two layers.
///
/// | activation | y = f(x)                | f′(x)             |
/// |------------|-------------------------|-------------------|
/// | `Identity` | x                       | 1                 |
/// | `Relu`     | x where x > 0, else +0  | 1 where x > 0, else 0 |
/// | `Tanh`     | tanh x                  | (1 − y)·(1 + y)   |
/// | `Sigmoid`  | 1 / (1 + e⁻ˣ)           | y·(1 − y)         |
/// | `Gelu`     | x·Φ(x), the exact form  | Φ(x) + x·φ(x)     |
///
/// Φ and φ are the normal distribution and its density. Every function gives the same bits on
/// every level. NaN gives NaN, except by `Relu`, which makes it +0. Results are within 1.34 ulp of
/// the true value for `Tanh`, 1.68 for `Sigmoid`, and 4.3 for `Gelu`, subnormal ones included;
/// the slope f′ is the formula with each operation rounded, and within 6.5 ulp for `Gelu`:
/// [`function`](crate::function) says how that is measured.
///
/// # Examples
///
/// ```
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::Activation;
///
/// let (x, mut y, mut dx) = ([-1.0, 0.0, 2.0], [f32::NAN; 3], [1.0; 3]);
/// Activation::Relu.forward(Level::detect(), Par::Seq, &mut y, &x);
/// Activation::Relu.backward(Level::detect(), Par::Seq, &mut dx, &x, &y);
/// assert_eq!((y, dx), ([0.0, 0.0, 2.0], [0.0, 0.0, 1.0]));
/// ```
///
/// # References
///
/// Hendrycks and Gimpel, "Gaussian error linear units", 2016.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// The argument itself.
    Identity,
    /// The positive part.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// The logistic function.
    Sigmoid,
    /// The Gaussian error linear unit, exact.
    Gelu,
}

impl Activation {
    /// Maps every element: `y ← f(x)`.
    ///
    /// # Panics
    ///
    /// If `y` and `x` differ in length.
    pub fn forward(self, level: Level, par: Par, y: &mut [f32], x: &[f32]) {
        let Some(cut) = par.worth(x.len(), WORTH).cut(x.len(), LANES) else {
            y.copy_from_slice(x);
            return self.in_place(level, y);
        };
        assert_eq!(y.len(), x.len(), "y and x differ in length");
        let (y, y_right) = y.split_at_mut(cut.at);
        let (x, x_right) = x.split_at(cut.at);
        par.join(
            || self.forward(level, cut.left, y, x),
            || self.forward(level, cut.right, y_right, x_right),
        );
    }

    /// Maps every element where it lies, on the calling thread: `x ← f(x)`. What a product's
    /// [`Finish`](crate::Finish) calls on a stretch while it is in the nearest cache.
    pub fn in_place(self, level: Level, x: &mut [f32]) {
        if self != Self::Identity {
            level.run(Forward { activation: self, x });
        }
    }

    /// Takes a gradient back through [`forward`](Self::forward), in place: `dx ← dx·f′(x)`,
    /// where `dx` holds ∂L/∂y on entry and ∂L/∂x after.
    ///
    /// `x` is what `forward` read and `y` what it wrote.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    pub fn backward(self, level: Level, par: Par, dx: &mut [f32], x: &[f32], y: &[f32]) {
        let Some(cut) = par.worth(x.len(), WORTH).cut(x.len(), LANES) else {
            return self.backward_in_place(level, dx, x, y);
        };
        let equal = dx.len() == x.len() && y.len() == x.len();
        assert!(equal, "dx, x and y differ in length");
        let (dx, dx_right) = dx.split_at_mut(cut.at);
        let ((x, x_right), (y, y_right)) = (x.split_at(cut.at), y.split_at(cut.at));
        par.join(
            || self.backward(level, cut.left, dx, x, y),
            || self.backward(level, cut.right, dx_right, x_right, y_right),
        );
    }

    /// [`backward`](Self::backward) on the calling thread, for a product's [`Finish`](crate::Finish).
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    pub fn backward_in_place(self, level: Level, dx: &mut [f32], x: &[f32], y: &[f32]) {
        level.run(Backward { activation: self, dx, x, y });
    }

    /// `f(x)` for one block, within a kernel.
    #[inline(always)]
    pub fn lanes<S: Simd>(self, simd: S, x: S::F32) -> S::F32 {
        match self {
            Self::Identity => x,
            Self::Relu => x.zero_where(!simd.splat(0.0).lt(x)),
            Self::Tanh => tanh(simd, x),
            Self::Sigmoid => sigmoid(simd, x),
            Self::Gelu => gelu(simd, x),
        }
    }

    /// `dy·f′(x)` for one block, where `y` is `f(x)`, within a kernel.
    #[inline(always)]
    pub fn lanes_backward<S: Simd>(self, simd: S, dy: S::F32, x: S::F32, y: S::F32) -> S::F32 {
        let one = simd.splat(1.0);
        match self {
            Self::Identity => dy,
            Self::Relu => dy.zero_where(!simd.splat(0.0).lt(x)),
            Self::Tanh => dy * ((one - y) * (one + y)),
            Self::Sigmoid => dy * (y * (one - y)),
            Self::Gelu => {
                let (least, most) = (simd.splat(-15.0), simd.splat(15.0));
                let (below, density) = normal(simd, x);
                let x = x.lt(least).select(least, x);
                let x = most.lt(x).select(most, x);
                dy * (below + x * density)
            }
        }
    }

    #[inline(always)]
    fn map<S: Simd>(self, simd: S, x: &mut [f32]) {
        stream::run(
            simd,
            [x],
            [],
            #[inline(always)]
            |[x], []| [self.lanes(simd, x)],
        );
    }

    #[inline(always)]
    fn map_backward<S: Simd>(self, simd: S, dx: &mut [f32], x: &[f32], y: &[f32]) {
        stream::run(
            simd,
            [dx],
            [x, y],
            #[inline(always)]
            |[dy], [x, y]| [self.lanes_backward(simd, dy, x, y)],
        );
    }
}

struct Forward<'a> {
    activation: Activation,
    x: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // Each arm knows its function, so the choice is made before the loop.
        match self.activation {
            Activation::Identity => {}
            Activation::Relu => Activation::Relu.map(simd, self.x),
            Activation::Tanh => Activation::Tanh.map(simd, self.x),
            Activation::Sigmoid => Activation::Sigmoid.map(simd, self.x),
            Activation::Gelu => Activation::Gelu.map(simd, self.x),
        }
    }
}

struct Backward<'a> {
    activation: Activation,
    dx: &'a mut [f32],
    x: &'a [f32],
    y: &'a [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { activation, dx, x, y } = self;
        match activation {
            Activation::Identity => {}
            Activation::Relu => Activation::Relu.map_backward(simd, dx, x, y),
            Activation::Tanh => Activation::Tanh.map_backward(simd, dx, x, y),
            Activation::Sigmoid => Activation::Sigmoid.map_backward(simd, dx, x, y),
            Activation::Gelu => Activation::Gelu.map_backward(simd, dx, x, y),
        }
    }
}
