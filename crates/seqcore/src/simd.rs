//! The same loop, compiled for several processors, chosen when the program runs.
//!
//! A binary must run anywhere, so by default the compiler uses only what every 64-bit processor
//! has. A [`Kernel`] is compiled three times instead: for AVX-512, for AVX2 with FMA, and for
//! anything. [`dispatch`] looks once what this processor can do and calls the right one. Kernels are
//! plain Rust; the compiler turns their inner loops into vector instructions.
//!
//! This is the only module of the project with `unsafe` code: calling a function compiled for a
//! processor is only sound on such a processor, and [`level`] is what makes sure of it.

#![allow(unsafe_code)]

/// A computation to be compiled for each [`Level`].
///
/// `run` must be marked `#[inline(always)]`, and so must whatever it calls in its inner loops: only
/// code that is inlined is compiled for the level.
pub trait Kernel {
    /// What it computes.
    type Output;

    /// Computes it. `LANES` is how many `f32` a tile of a matrix product is wide, and `QUARTER` a quarter of it; `FMA` says
    /// whether a multiplication and an addition are one instruction (without it, `mul_add` is a
    /// slow function call).
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) -> Self::Output;
}

/// What the processor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// x86-64 with AVX-512: 16 `f32` at once.
    Avx512,
    /// x86-64 with AVX2 and FMA: 8 `f32` at once.
    Avx2,
    /// AArch64: 4 `f32` at once, with FMA.
    Neon,
    /// Anything else.
    Portable,
}

impl Level {
    /// How many `f32` a tile is wide on this level: the `LANES` of [`Kernel::run`].
    pub fn lanes(self) -> usize {
        match self {
            Level::Avx512 => 64,
            Level::Avx2 => 16,
            Level::Neon => 16,
            Level::Portable => 8,
        }
    }
}

/// The level of this processor.
pub fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        match (avx512 && avx2, avx2) {
            (true, _) => Level::Avx512,
            (_, true) => Level::Avx2,
            _ => Level::Portable,
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        Level::Neon
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        Level::Portable
    }
}

/// Runs a kernel as compiled for this processor.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        match level() {
            // SAFETY: `level` has just found every feature that the function is compiled for.
            Level::Avx512 => unsafe { avx512(kernel) },
            // SAFETY: as above.
            Level::Avx2 => unsafe { avx2(kernel) },
            Level::Neon | Level::Portable => kernel.run::<8, 2, false>(),
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        kernel.run::<16, 4, true>()
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        kernel.run::<8, 2, false>()
    }
}

/// Runs a kernel as any processor can: for computations whose speed does not matter.
pub fn portable<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<8, 2, false>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<64, 16, true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<16, 4, true>()
}
