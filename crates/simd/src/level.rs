//! The choice of an instruction set, made once and carried as a value.

use std::fmt;

use crate::baseline::Baseline;
use crate::scalar::Scalar;
#[cfg(target_arch = "x86_64")]
use crate::x86::{Avx2, Avx512};
use crate::{Kernel, Simd};

/// An instruction set that the running CPU has.
///
/// Levels change speed and nothing else: every kernel gives the same bits on all of them.
///
/// # Examples
///
/// ```
/// use ravine_simd::Level;
///
/// let names: Vec<_> = Level::available().map(|level| level.to_string()).collect();
/// assert_eq!(names[0], "scalar");
/// assert_eq!(Level::named("baseline").unwrap().to_string(), Level::baseline().to_string());
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Level {
    /// Plain arrays.
    Scalar(Scalar),
    /// What every CPU of the compilation target has.
    Baseline(Baseline),
    /// AVX2, FMA and F16C.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Level {
    /// The level of plain arrays, which every CPU has.
    #[must_use]
    pub fn scalar() -> Self {
        Self::Scalar(Scalar)
    }

    /// The target's own instruction set, which every CPU has.
    #[must_use]
    pub fn baseline() -> Self {
        Self::Baseline(Baseline)
    }

    /// Every level of the running CPU, narrowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let wider = [Avx2::detect().map(Self::Avx2), Avx512::detect().map(Self::Avx512)];
        #[cfg(not(target_arch = "x86_64"))]
        let wider = [None; 2];
        [Self::scalar(), Self::baseline()].into_iter().chain(wider.into_iter().flatten())
    }

    /// The widest level of the running CPU.
    #[must_use]
    pub fn detect() -> Self {
        Self::available().last().unwrap_or(Self::scalar())
    }

    /// The level called `name`: `auto` for the widest, or one that [`Level::available`] lists;
    /// on aarch64 also `neon`, the baseline's other name.
    ///
    /// # Errors
    ///
    /// If no level of the running CPU has that name.
    pub fn named(name: &str) -> Result<Self, LevelError> {
        match name {
            "auto" => Ok(Self::detect()),
            "neon" if cfg!(target_arch = "aarch64") => Ok(Self::baseline()),
            _ => Self::available()
                .find(|level| level.name() == name)
                .ok_or_else(|| LevelError { name: name.into() }),
        }
    }

    /// `scalar`, `baseline`, `avx2` or `avx512`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar(_) => "scalar",
            Self::Baseline(_) => "baseline",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }

    /// Blocks that the registers hold of a tile, in all and in a row: [`Simd::TILE`] and
    /// [`Simd::TILE_BLOCKS`].
    #[inline]
    #[must_use]
    pub fn tile(self) -> [usize; 2] {
        const fn of<S: Simd>(_: S) -> [usize; 2] {
            [S::TILE, S::TILE_BLOCKS]
        }
        match self {
            Self::Scalar(simd) => of(simd),
            Self::Baseline(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => of(simd),
        }
    }

    /// Runs `kernel` compiled for this level.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            Self::Scalar(simd) => simd.vectorize(kernel),
            Self::Baseline(simd) => simd.vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => simd.vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => simd.vectorize(kernel),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No level of the running CPU has the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelError {
    /// The name asked for.
    pub name: Box<str>,
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "level is {}, but this CPU has auto", self.name)?;
        Level::available().try_for_each(|level| write!(f, ", {level}"))
    }
}

impl std::error::Error for LevelError {}
