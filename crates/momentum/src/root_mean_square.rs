//! The kernels' formulas of RMSProp.

use ravine_simd::{Lanes, Simd};

use crate::sweep::Mover;
use crate::vector_ema::averaged;

/// The numbers of a step.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) keep: f32,
    pub(crate) take: f32,
    pub(crate) epsilon: f32,
    pub(crate) lr: f32,
    pub(crate) momentum: f32,
}

/// The same in lanes.
#[derive(Clone, Copy)]
pub(crate) struct InLanes<S: Simd> {
    keep: S::F32,
    take: S::F32,
    epsilon: S::F32,
    lr: S::F32,
    momentum: S::F32,
    zero: S::F32,
}

impl Numbers {
    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> InLanes<S> {
        InLanes {
            keep: simd.splat(self.keep),
            take: simd.splat(self.take),
            epsilon: simd.splat(self.epsilon),
            lr: simd.splat(self.lr),
            momentum: simd.splat(self.momentum),
            zero: simd.splat(0.0),
        }
    }
}

impl<S: Simd> InLanes<S> {
    /// An average with `x` taken in.
    #[inline(always)]
    fn averaged(self, m: S::F32, x: S::F32) -> S::F32 {
        averaged::<S>((self.keep, self.take), m, x)
    }

    /// `g / (√u + ε)`.
    #[inline(always)]
    fn over_root(self, g: S::F32, u: S::F32) -> S::F32 {
        g / (u.sqrt() + self.epsilon)
    }

    /// The variance `u − m·m`, never below zero.
    #[inline(always)]
    fn variance(self, u: S::F32, m: S::F32) -> S::F32 {
        let variance = u - m * m;
        variance.zero_where(variance.lt(self.zero))
    }

    /// The velocity with `h` taken in.
    #[inline(always)]
    fn velocity(self, v: S::F32, h: S::F32) -> S::F32 {
        (self.momentum * v + h).flushed()
    }
}

/// `w ← w − α·g/(√u + ε)`.
#[derive(Clone, Copy)]
pub(crate) struct Plain(pub(crate) Numbers);

impl Mover<1> for Plain {
    type Lanes<S: Simd> = InLanes<S>;

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> InLanes<S> {
        self.0.lanes(simd)
    }

    #[inline(always)]
    fn step<S: Simd>(by: InLanes<S>, g: S::F32, [u]: [S::F32; 1]) -> (S::F32, [S::F32; 1]) {
        let u = by.averaged(u, g * g);
        (by.lr * by.over_root(g, u), [u])
    }
}

/// `v ← β·v + g/(√u + ε); w ← w − α·v`.
#[derive(Clone, Copy)]
pub(crate) struct Heavy(pub(crate) Numbers);

impl Mover<2> for Heavy {
    type Lanes<S: Simd> = InLanes<S>;

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> InLanes<S> {
        self.0.lanes(simd)
    }

    #[inline(always)]
    fn step<S: Simd>(by: InLanes<S>, g: S::F32, [u, v]: [S::F32; 2]) -> (S::F32, [S::F32; 2]) {
        let u = by.averaged(u, g * g);
        let v = by.velocity(v, by.over_root(g, u));
        (by.lr * v, [u, v])
    }
}

/// [`Plain`] with the variance for u.
#[derive(Clone, Copy)]
pub(crate) struct Centered(pub(crate) Numbers);

impl Mover<2> for Centered {
    type Lanes<S: Simd> = InLanes<S>;

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> InLanes<S> {
        self.0.lanes(simd)
    }

    #[inline(always)]
    fn step<S: Simd>(by: InLanes<S>, g: S::F32, [u, m]: [S::F32; 2]) -> (S::F32, [S::F32; 2]) {
        let u = by.averaged(u, g * g);
        let m = by.averaged(m, g);
        let variance = by.variance(u, m);
        (by.lr * by.over_root(g, variance), [u, m])
    }
}

/// [`Heavy`] with the variance for u.
#[derive(Clone, Copy)]
pub(crate) struct CenteredHeavy(pub(crate) Numbers);

impl Mover<3> for CenteredHeavy {
    type Lanes<S: Simd> = InLanes<S>;

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> InLanes<S> {
        self.0.lanes(simd)
    }

    #[inline(always)]
    fn step<S: Simd>(by: InLanes<S>, g: S::F32, [u, m, v]: [S::F32; 3]) -> (S::F32, [S::F32; 3]) {
        let u = by.averaged(u, g * g);
        let m = by.averaged(m, g);
        let v = by.velocity(v, by.over_root(g, by.variance(u, m)));
        (by.lr * v, [u, m, v])
    }
}
