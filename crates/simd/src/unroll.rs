//! Loops that are straight code before the optimizer sees them.

/// Runs a block for each index below a number of at most sixteen, with the index as a constant.
///
/// An array of lanes that is indexed by constants alone is kept in registers. Where a loop indexes
/// it the optimizer has to unroll first, does so after it has given arrays their places, and may
/// store every lane at every turn.
///
/// # Examples
///
/// ```
/// fn sum<const N: usize>(x: [f32; N]) -> f32 {
///     let mut sum = 0.0;
///     ravine_simd::unroll!(I < N {
///         sum += x[I];
///     });
///     sum
/// }
/// assert_eq!(sum([1.0, 2.0, 3.0]), 6.0);
/// ```
#[macro_export]
macro_rules! unroll {
    ($index:ident < $n:ident $body:block) => {
        $crate::unroll!(@ $index $n $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $index:ident $n:ident $body:block $($at:literal)+) => {$(
        if $at < $n {
            const $index: usize = $at;
            $body
        }
    )+};
}
