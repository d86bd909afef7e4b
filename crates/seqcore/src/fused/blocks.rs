//! Sixteen units at a time: enough for the widest vector instructions, and the compiler need not
//! wonder whether the many slices of a step overlap, because all is read before anything is
//! written.

/// The N numbers of `slice` from `at` on.
#[inline(always)]
pub(super) fn load<A: Copy, const N: usize>(slice: &[A], at: usize) -> [A; N] {
    *slice[at..].first_chunk().expect("N numbers")
}

/// Puts N numbers into `slice` from `at` on.
#[inline(always)]
pub(super) fn store<A: Copy, const N: usize>(slice: &mut [A], at: usize, values: [A; N]) {
    *slice[at..].first_chunk_mut().expect("N numbers") = values;
}

/// Calls `function::<.., 16>(k, ..)` for k = 0, 16, 32, ... and `function::<.., 1>` for what is left
/// of `hidden` units.
macro_rules! for_blocks {
    ($hidden:expr, $function:ident::<$($generic:ident),+>($($argument:ident),+)) => {
        let whole = $hidden - $hidden % 16;
        for k in (0..whole).step_by(16) {
            $function::<$($generic,)+ 16>(k, $($argument),+);
        }
        for k in whole..$hidden {
            $function::<$($generic,)+ 1>(k, $($argument),+);
        }
    };
}
pub(super) use for_blocks;
