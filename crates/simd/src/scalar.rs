//! The level of plain arrays: the definition that the others are held to.
//!
//! Its operations are calls. Inlined, every lane of every operation of a kernel would be code of
//! its own, which takes the compiler longer than all other levels together and buys a speed that
//! nobody asks of this level.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use crate::emulated::mul_add;
use crate::lanes::sealed::Sealed;
use crate::{BitLanes, Fused, IntLanes, Kernel, LANES, Lanes, MaskLanes, Simd, WideLanes};

/// The level of plain arrays; every CPU has it.
#[derive(Clone, Copy, Debug)]
pub struct Scalar;

/// A block as an array.
#[derive(Clone, Copy, Debug)]
pub struct Block<T>([T; LANES]);

impl<T: Copy> Block<T> {
    #[inline(never)]
    fn map<U: Copy + Default>(self, f: impl Fn(T) -> U) -> Block<U> {
        let mut out = [U::default(); LANES];
        for (out, x) in out.iter_mut().zip(self.0) {
            *out = f(x);
        }
        Block(out)
    }

    #[inline(never)]
    fn zip<U: Copy, V: Copy + Default>(self, b: Block<U>, f: impl Fn(T, U) -> V) -> Block<V> {
        let mut out = [V::default(); LANES];
        for ((out, a), b) in out.iter_mut().zip(self.0).zip(b.0) {
            *out = f(a, b);
        }
        Block(out)
    }
}

/// Lanes of both by turns: of the lower halves, and of the upper.
#[inline(always)]
pub(crate) fn interleaved(a: [f32; LANES], b: [f32; LANES]) -> [[f32; LANES]; 2] {
    let mut out = [[0.0; LANES]; 2];
    for (i, to) in out.as_flattened_mut().iter_mut().enumerate() {
        *to = if i % 2 == 0 { a[i / 2] } else { b[i / 2] };
    }
    out
}

macro_rules! operators {
    ($($type:ty: $($trait:ident $method:ident $f:expr),+;)+) => {$($(
        impl $trait for Block<$type> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, $f)
            }
        }
    )+)+};
}

operators! {
    f32: Add add |a, b| a + b, Sub sub |a, b| a - b, Mul mul |a, b| a * b, Div div |a, b| a / b;
    f64: Add add |a, b| a + b, Sub sub |a, b| a - b, Mul mul |a, b| a * b, Div div |a, b| a / b;
    i32: Add add i32::wrapping_add, Sub sub i32::wrapping_sub;
    u32: Add add u32::wrapping_add, Sub sub u32::wrapping_sub, Mul mul u32::wrapping_mul,
        BitAnd bitand |a, b| a & b, BitOr bitor |a, b| a | b, BitXor bitxor |a, b| a ^ b;
    bool: BitAnd bitand |a, b| a & b, BitOr bitor |a, b| a | b;
}

impl Neg for Block<f32> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|x| -x)
    }
}

impl Not for Block<bool> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        self.map(|x| !x)
    }
}

impl Sealed for Scalar {}

impl Simd for Scalar {
    type F32 = Block<f32>;
    type F64 = Block<f64>;
    type I32 = Block<i32>;
    type U32 = Block<u32>;
    type Mask = Block<bool>;

    const TILE: usize = 4;
    const TILE_BLOCKS: usize = 1;

    #[inline(always)]
    fn splat(self, value: f32) -> Block<f32> {
        Block([value; LANES])
    }
    #[inline(always)]
    fn load(self, block: &[f32; LANES]) -> Block<f32> {
        Block(*block)
    }
    #[inline(always)]
    fn splat_f64(self, value: f64) -> Block<f64> {
        Block([value; LANES])
    }
    #[inline(always)]
    fn load_f64(self, block: &[f64; LANES]) -> Block<f64> {
        Block(*block)
    }
    #[inline(always)]
    fn splat_i32(self, value: i32) -> Block<i32> {
        Block([value; LANES])
    }
    #[inline(always)]
    fn load_i32(self, block: &[i32; LANES]) -> Block<i32> {
        Block(*block)
    }
    #[inline(always)]
    fn splat_u32(self, value: u32) -> Block<u32> {
        Block([value; LANES])
    }
    #[inline(always)]
    fn load_u32(self, block: &[u32; LANES]) -> Block<u32> {
        Block(*block)
    }
    #[inline(always)]
    fn load_u16(self, block: &[u16; LANES]) -> Block<u32> {
        Block(*block).map(u32::from)
    }
    // A kernel is a function of its own, as on the levels above, so that its code can be read.
    #[inline(never)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}

impl Lanes<Scalar> for Block<f32> {
    #[inline(always)]
    fn store(self, block: &mut [f32; LANES]) {
        *block = self.0;
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f32::sqrt)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.map(f32::abs)
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Block<bool> {
        self.zip(other, |a, b| a < b)
    }
    #[inline(always)]
    fn le(self, other: Self) -> Block<bool> {
        self.zip(other, |a, b| a <= b)
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Block<bool> {
        self.zip(other, |a, b| a == b)
    }
    #[inline(always)]
    fn zero_where(self, mask: Block<bool>) -> Self {
        self.zip(mask, |x, m| if m { 0.0 } else { x })
    }
    #[inline(always)]
    fn flushed(self) -> Self {
        self.map(|x| if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x })
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the operation is truncation")]
    fn to_i32(self) -> Block<i32> {
        self.map(|x| x as i32)
    }
    #[inline(always)]
    fn to_bits(self) -> Block<u32> {
        self.map(f32::to_bits)
    }
    #[inline(always)]
    fn widen(self) -> Block<f64> {
        self.map(f64::from)
    }
    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        interleaved(self.0, other.0).map(Block)
    }
}

impl Fused for Block<f32> {
    #[inline(always)]
    fn mul_add(self, mul: Self, add: Self) -> Self {
        Self(mul_add(self.0, mul.0, add.0))
    }
}

impl WideLanes<Scalar> for Block<f64> {
    #[inline(always)]
    fn store(self, block: &mut [f64; LANES]) {
        *block = self.0;
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f64::sqrt)
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the operation is rounding to f32")]
    fn narrow(self) -> Block<f32> {
        self.map(|x| x as f32)
    }
}

impl IntLanes<Scalar> for Block<i32> {
    #[inline(always)]
    fn store(self, block: &mut [i32; LANES]) {
        *block = self.0;
    }
    #[inline(always)]
    fn shl<const N: u32>(self) -> Self {
        self.map(|x| x << N)
    }
    #[inline(always)]
    fn shr<const N: u32>(self) -> Self {
        self.map(|x| x >> N)
    }
    #[inline(always)]
    fn to_f32(self) -> Block<f32> {
        self.map(|x| x as f32)
    }
    #[inline(always)]
    fn to_bits(self) -> Block<u32> {
        self.map(i32::cast_unsigned)
    }
}

impl BitLanes<Scalar> for Block<u32> {
    #[inline(always)]
    fn store(self, block: &mut [u32; LANES]) {
        *block = self.0;
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the operation is the low half")]
    fn store_u16(self, block: &mut [u16; LANES]) {
        *block = self.map(|x| x as u16).0;
    }
    #[inline(always)]
    fn shl<const N: u32>(self) -> Self {
        self.map(|x| x << N)
    }
    #[inline(always)]
    fn shr<const N: u32>(self) -> Self {
        self.map(|x| x >> N)
    }
    #[inline(always)]
    fn to_f32(self) -> Block<f32> {
        self.map(f32::from_bits)
    }
    #[inline(always)]
    fn to_i32(self) -> Block<i32> {
        self.map(u32::cast_signed)
    }
}

impl MaskLanes<Scalar> for Block<bool> {
    #[inline(always)]
    fn select(self, a: Block<f32>, b: Block<f32>) -> Block<f32> {
        let pairs = a.zip(b, |a, b| (a, b));
        pairs.zip(self, |(a, b), m| if m { a } else { b })
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.0.contains(&true)
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the definitions round, and compare, by these very operations"
)]
mod tests {
    use std::array;

    use super::*;

    /// Zero, a subnormal, and numbers around one and to the ends of the range, of both signs.
    const VALUES: [f32; LANES] = [
        0.0, -0.0, 1e-40, -1e-40, 1.0, -1.0, 1.5, -2.5, 3.0, 1e-38, 1e38, -1e38, 7.25, -0.1, 0.3,
        1.0,
    ];

    /// Every lane of `got` against what the language makes of its two operands.
    fn holds(
        name: &str,
        got: impl Fn(Block<f32>, Block<f32>) -> Block<f32>,
        want: fn(f32, f32) -> f32,
    ) {
        for shift in 0..LANES {
            let other: [f32; LANES] = array::from_fn(|lane| VALUES[(lane + shift) % LANES]);
            let got = got(Block(VALUES), Block(other)).0;
            for lane in 0..LANES {
                let (a, b) = (VALUES[lane], other[lane]);
                let (got, want) = (got[lane], want(a, b));
                let equal = got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan();
                assert!(
                    equal,
                    "{name}, scalar, lane {lane}: {got:e} of {a:e} and {b:e}, not {want:e}"
                );
            }
        }
    }

    #[test]
    fn operations_are_those_of_the_language() {
        holds("add", |a, b| a + b, |a, b| a + b);
        holds("sub", |a, b| a - b, |a, b| a - b);
        holds("mul", |a, b| a * b, |a, b| a * b);
        holds("div", |a, b| a / b, |a, b| a / b);
        holds("neg", |a, _| -a, |a, _| -a);
        holds("sqrt", |a, _| a.sqrt(), |a, _| a.sqrt());
        holds("abs", |a, _| a.abs(), |a, _| a.abs());
        holds(
            "widen, sub, narrow",
            |a, b| (a.widen() - b.widen()).narrow(),
            |a, b| (f64::from(a) - f64::from(b)) as f32,
        );
    }

    #[test]
    fn halves_are_interleaved() {
        let [a, b] = [0.0, 100.0].map(|from| array::from_fn(|i| from + i as f32));
        let [lower, upper] = Block(a).interleave(Block(b)).map(|block| block.0);
        for i in 0..LANES / 2 {
            assert_eq!(lower[2 * i..2 * i + 2], [i as f32, 100.0 + i as f32]);
            assert_eq!(upper[2 * i..2 * i + 2], [(8 + i) as f32, (108 + i) as f32]);
        }
    }

    #[test]
    fn selects_are_branches_of_the_language() {
        holds("lt", |a, b| a.lt(b).select(a, b), |a, b| if a < b { a } else { b });
        holds("le", |a, b| a.le(b).select(a, b), |a, b| if a <= b { a } else { b });
        holds("eq", |a, b| a.eq(b).select(a, b), |a, b| if a == b { a } else { b });
        holds("zero_where", |a, b| a.zero_where(a.lt(b)), |a, b| if a < b { 0.0 } else { a });
        holds("flushed", |a, _| a.flushed(), |a, _| if a.is_subnormal() { 0.0 } else { a + 0.0 });
    }
}
