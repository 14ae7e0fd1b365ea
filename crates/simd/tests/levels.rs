//! Every operation of every level gives the bits of the level of plain arrays.

#![expect(clippy::cast_possible_truncation, reason = "casts cut words into test operands")]

use ravine_conformance::Element;
use ravine_conformance::values::Words;
use ravine_simd::{
    BitLanes, Fused, IntLanes, Kernel, LANES, Lanes, Level, MaskLanes, Simd, WideLanes,
};

/// The sign bit.
const SIGN: u32 = 1 << 31;
/// Rounds of random operands, beside the pairs of hostile ones.
const ROUNDS: usize = 20_000;

/// Three blocks of 32-bit patterns and two of 64 bits.
#[derive(Clone, Copy)]
struct Operands {
    a: [u32; LANES],
    b: [u32; LANES],
    c: [u32; LANES],
    x: [u64; LANES],
    y: [u64; LANES],
}

/// Results by name; 64 bits a lane.
type Results = Vec<(&'static str, [u64; LANES])>;

fn singles<S: Simd>(x: S::F32) -> [u64; LANES] {
    let mut block = [f32::NAN; LANES];
    x.store(&mut block);
    block.map(Element::bits)
}

fn doubles<S: Simd>(x: S::F64) -> [u64; LANES] {
    let mut block = [f64::NAN; LANES];
    x.store(&mut block);
    block.map(Element::bits)
}

fn ints<S: Simd>(x: S::I32) -> [u64; LANES] {
    let mut block = [0; LANES];
    x.store(&mut block);
    block.map(|x| u64::from(x.cast_unsigned()))
}

fn words32<S: Simd>(x: S::U32) -> [u64; LANES] {
    let mut block = [0; LANES];
    x.store(&mut block);
    block.map(u64::from)
}

fn truths<S: Simd>(simd: S, mask: S::Mask) -> [u64; LANES] {
    singles::<S>(mask.select(simd.splat(1.0), simd.splat(0.0)))
}

/// Arithmetic on `f32`.
struct Singles(Operands);

impl Kernel for Singles {
    type Output = Results;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results {
        let [a, b, c] =
            [self.0.a, self.0.b, self.0.c].map(|bits| simd.load(&bits.map(f32::from_bits)));
        let small = self.0.a.map(f32::from_bits).map(|x| if x.abs() < 2e9 { x } else { 1e9 });
        vec![
            ("load", singles::<S>(a)),
            ("splat", singles::<S>(simd.splat(f32::from_bits(self.0.a[0])))),
            ("add", singles::<S>(a + b)),
            ("sub", singles::<S>(a - b)),
            ("mul", singles::<S>(a * b)),
            ("div", singles::<S>(a / b)),
            ("neg", singles::<S>(-a)),
            ("sqrt", singles::<S>(a.sqrt())),
            ("abs", singles::<S>(a.abs())),
            ("flushed", singles::<S>(a.flushed())),
            ("mul_add", singles::<S>(a.mul_add(b, c))),
            ("mul_add of the square", singles::<S>(a.mul_add(a, c))),
            ("to_i32", ints::<S>(simd.load(&small).to_i32())),
            ("f32 to_bits", words32::<S>(simd.load(&small).to_bits())),
            ("widen", doubles::<S>(a.widen())),
            ("interleave, lower", singles::<S>(a.interleave(b)[0])),
            ("interleave, upper", singles::<S>(a.interleave(b)[1])),
        ]
    }
}

/// Comparisons and what is done with them.
struct Masks(Operands);

impl Kernel for Masks {
    type Output = Results;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results {
        let [a, b, c] =
            [self.0.a, self.0.b, self.0.c].map(|bits| simd.load(&bits.map(f32::from_bits)));
        let (lt, le, eq) = (a.lt(b), a.le(b), a.eq(b));
        let any = [lt, le, eq, a.eq(a), a.lt(a), b.lt(simd.splat(0.0)), lt & eq]
            .map(|mask| u64::from(mask.any()));
        let mut anys = [0; LANES];
        anys[..any.len()].copy_from_slice(&any);
        vec![
            ("lt", truths(simd, lt)),
            ("le", truths(simd, le)),
            ("eq", truths(simd, eq)),
            ("mask and", truths(simd, lt & a.lt(c))),
            ("mask or", truths(simd, eq | a.lt(c))),
            ("mask not", truths(simd, !lt)),
            ("select", singles::<S>(lt.select(b, c))),
            ("zero_where", singles::<S>(a.zero_where(lt))),
            ("zero_where not", singles::<S>(a.zero_where(!le))),
            ("any", anys),
        ]
    }
}

/// Arithmetic on `f64`.
struct Doubles(Operands);

impl Kernel for Doubles {
    type Output = Results;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results {
        let [x, y] = [self.0.x, self.0.y].map(|bits| simd.load_f64(&bits.map(f64::from_bits)));
        // Between two `f32`s, or exactly halfway: their sum at half the weight.
        let [a, b] = [self.0.a, self.0.b].map(|bits| simd.load(&bits.map(f32::from_bits)).widen());
        vec![
            ("load_f64", doubles::<S>(x)),
            ("splat_f64", doubles::<S>(simd.splat_f64(f64::from_bits(self.0.x[0])))),
            ("f64 add", doubles::<S>(x + y)),
            ("f64 sub", doubles::<S>(x - y)),
            ("f64 mul", doubles::<S>(x * y)),
            ("f64 div", doubles::<S>(x / y)),
            ("f64 sqrt", doubles::<S>(x.sqrt())),
            ("narrow", singles::<S>(x.narrow())),
            ("narrow a midpoint", singles::<S>(((a + b) * simd.splat_f64(0.5)).narrow())),
            ("narrow a product", singles::<S>((a * b).narrow())),
        ]
    }
}

/// Arithmetic on integers, and bit patterns.
struct Integers(Operands);

impl Kernel for Integers {
    type Output = Results;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results {
        let [i, j] = [self.0.a, self.0.b].map(|bits| simd.load_i32(&bits.map(u32::cast_signed)));
        let [u, v] = [self.0.a, self.0.b].map(|bits| simd.load_u32(&bits));
        let mut halves = [0; LANES];
        u.shr::<16>().store_u16(&mut halves);
        vec![
            ("load_i32", ints::<S>(i)),
            ("splat_i32", ints::<S>(simd.splat_i32(self.0.a[0].cast_signed()))),
            ("i32 add", ints::<S>(i + j)),
            ("i32 sub", ints::<S>(i - j)),
            ("i32 shl 0", ints::<S>(i.shl::<0>())),
            ("i32 shl 23", ints::<S>(i.shl::<23>())),
            ("i32 shl 31", ints::<S>(i.shl::<31>())),
            ("i32 shr 0", ints::<S>(i.shr::<0>())),
            ("i32 shr 1", ints::<S>(i.shr::<1>())),
            ("i32 shr 31", ints::<S>(i.shr::<31>())),
            ("i32 to_f32", singles::<S>(i.to_f32())),
            ("i32 to_bits", words32::<S>(i.to_bits())),
            ("load_u32", words32::<S>(u)),
            ("splat_u32", words32::<S>(simd.splat_u32(self.0.a[0]))),
            ("u32 add", words32::<S>(u + v)),
            ("u32 sub", words32::<S>(u - v)),
            ("u32 mul", words32::<S>(u * v)),
            ("u32 and", words32::<S>(u & v)),
            ("u32 or", words32::<S>(u | v)),
            ("u32 xor", words32::<S>(u ^ v)),
            ("u32 shl 0", words32::<S>(u.shl::<0>())),
            ("u32 shl 16", words32::<S>(u.shl::<16>())),
            ("u32 shl 31", words32::<S>(u.shl::<31>())),
            ("u32 shr 0", words32::<S>(u.shr::<0>())),
            ("u32 shr 16", words32::<S>(u.shr::<16>())),
            ("u32 shr 31", words32::<S>(u.shr::<31>())),
            ("u32 to_f32", singles::<S>(u.to_f32())),
            ("u32 to_i32", ints::<S>(u.to_i32())),
            ("store_u16", halves.map(u64::from)),
            ("load_u16", words32::<S>(simd.load_u16(&self.0.b.map(|x| x as u16)))),
        ]
    }
}

/// Numbers at the edges of what operations do.
const HOSTILE: [u32; 32] = [
    0,
    1,
    2,
    0x0040_0000, // half the smallest normal number
    0x007f_ffff, // the largest subnormal
    0x0080_0000, // the smallest normal
    0x0080_0001,
    0x0100_0000,
    0x1f80_0000, // 2⁻⁶⁴: its square is subnormal
    0x2000_0000,
    0x3380_0000, // 2⁻²⁴: half a unit of 1
    0x3380_0001,
    0x3400_0000,
    0x3eff_ffff,
    0x3f00_0000,
    0x3f7f_ffff,
    0x3f80_0000, // 1
    0x3f80_0001,
    0x3fc0_0000,
    0x4000_0000,
    0x4049_0fdb,
    0x4b00_0001, // above 2²³: no fraction
    0x4b80_0000,
    0x4eff_ffff, // the largest below 2³¹
    0x4f00_0000,
    0x5f80_0000, // 2⁶⁴
    0x7f00_0000,
    0x7f7f_fffe,
    0x7f7f_ffff, // the largest
    0x7f80_0000, // ∞
    0x7fc0_0000, // NaN
    0x7f80_0001, // signalling NaN
];

/// Hostile pairs in all signs, then random bits, near cancellations and near ties.
fn operands() -> impl Iterator<Item = Operands> {
    let n = 2 * HOSTILE.len();
    let signed = move |i: usize| HOSTILE[i / 2 % HOSTILE.len()] | (i as u32 & 1) << 31;
    let widened = |bits: u32| f64::from(f32::from_bits(bits)).to_bits();
    let hostile = (0..n * n / LANES).map(move |block| {
        let pair: [usize; LANES] = std::array::from_fn(|lane| LANES * block + lane);
        let (a, b) = (pair.map(|i| signed(i % n)), pair.map(|i| signed(i / n)));
        let c = pair.map(|i| signed(7 * i + i / n));
        Operands { a, b, c, x: a.map(widened), y: b.map(widened) }
    });
    let mut words = Words::new(11);
    let random = (0..ROUNDS).map(move |round| {
        let mut block = || std::array::from_fn::<_, LANES, _>(|_| words.word());
        let (x, y, z) = (block(), block(), block());
        let (mut a, mut b, mut c) =
            (x.map(|x| x as u32), y.map(|y| (y >> 32) as u32), z.map(|z| z as u32));
        if round % 2 == 1 {
            // Magnitudes within 2⁻⁸..2⁸, and c within a few units, or a few bits of a unit, of
            // −a·b.
            let near = |bits: u32| bits & 0x807f_ffff | (119 + (bits >> 23) % 16) << 23;
            (a, b) = (a.map(near), b.map(near));
            for lane in 0..LANES {
                let product = -(f32::from_bits(a[lane]) * f32::from_bits(b[lane]));
                let shift = z[lane] >> 59;
                let scaled = product * f32::from_bits((127 - shift as u32) << 23);
                let bits = if z[lane] >> 58 & 1 == 0 { product } else { scaled }.to_bits();
                c[lane] = bits.wrapping_add(z[lane] as u32 % 3).wrapping_sub(1);
            }
        }
        if round % 4 == 2 {
            // Odd numbers of 12 and 13 bits, whose product is mostly a tie, and a c that breaks it
            // from near or from beyond the reach of `f64`.
            a = a.map(|x| (f64::from((1 << 11) | (x & 0x7ff) | 1) as f32).to_bits() | (x & SIGN));
            b = b.map(|x| (f64::from((1 << 12) | (x & 0xfff) | 1) as f32).to_bits() | (x & SIGN));
            c = c.map(|x| ((7 + x % 120) << 23) | (x & SIGN));
        }
        Operands { a, b, c, x, y }
    });
    hostile.chain(random)
}

fn holds<K: Kernel<Output = Results>>(kernel: impl Fn(Operands) -> K) {
    for operands in operands() {
        let want = Level::scalar().run(kernel(operands));
        for level in Level::available() {
            for ((name, got), (_, want)) in level.run(kernel(operands)).into_iter().zip(&want) {
                for lane in 0..LANES {
                    assert_eq!(
                        got[lane],
                        want[lane],
                        "{name}, {level}, lane {lane}: a {:#x}, b {:#x}, c {:#x}, x {:#x}, y {:#x}",
                        operands.a[lane],
                        operands.b[lane],
                        operands.c[lane],
                        operands.x[lane],
                        operands.y[lane],
                    );
                }
            }
        }
    }
}

#[test]
fn arithmetic_on_singles_has_the_bits_of_plain_arrays() {
    holds(Singles);
}

#[test]
fn comparisons_and_masks_have_the_bits_of_plain_arrays() {
    holds(Masks);
}

#[test]
fn arithmetic_on_doubles_has_the_bits_of_plain_arrays() {
    holds(Doubles);
}

#[test]
fn arithmetic_on_integers_has_the_bits_of_plain_arrays() {
    holds(Integers);
}

#[test]
fn mul_add_of_plain_arrays_rounds_once() {
    for operands in operands() {
        let results = Level::scalar().run(Singles(operands));
        let (_, got) = results.iter().find(|(name, _)| *name == "mul_add").expect("a result");
        for lane in 0..LANES {
            let [a, b, c] =
                [operands.a, operands.b, operands.c].map(|block| f32::from_bits(block[lane]));
            assert_eq!(got[lane], a.mul_add(b, c).bits(), "{a:e} · {b:e} + {c:e}");
        }
    }
}

#[test]
fn any_sees_each_lane_alone() {
    struct Any([f32; LANES]);
    impl Kernel for Any {
        type Output = bool;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> bool {
            simd.load(&self.0).lt(simd.splat(0.0)).any()
        }
    }
    for level in Level::available() {
        assert!(!level.run(Any([0.0; LANES])), "{level}");
        for lane in 0..LANES {
            let mut block = [1.0; LANES];
            block[lane] = -1.0;
            assert!(level.run(Any(block)), "{level}, lane {lane}");
        }
    }
}

/// Set where a machine is known to have certain levels, so that their tests cannot fall away.
#[test]
fn the_required_levels_are_available() {
    let required = std::env::var("REQUIRE_LEVELS").unwrap_or_default();
    for name in required.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if let Err(error) = Level::named(name) {
            panic!("{error}");
        }
    }
}

#[test]
fn auto_is_the_widest_level_and_others_go_by_their_names() {
    let names: Vec<_> = Level::available().map(Level::name).collect();
    let widest = *names.last().expect("at least two");
    assert_eq!(Level::named("auto").expect("always there").name(), widest);
    assert_eq!(Level::detect().name(), widest);
    for name in names {
        assert_eq!(Level::named(name).expect("it is available").name(), name);
    }
    assert_eq!(Level::named("neon").is_ok(), cfg!(target_arch = "aarch64"));
}

#[test]
fn an_unknown_level_is_an_error_that_lists_the_known_ones() {
    let error = Level::named("mmx").expect_err("no level has that name");
    assert!(error.to_string().starts_with("level is mmx, but this CPU has auto, scalar, baseline"));
}

struct Tile;

impl Kernel for Tile {
    type Output = [usize; 2];

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> [usize; 2] {
        [S::TILE, S::TILE_BLOCKS]
    }
}

#[test]
fn a_level_tells_the_tile_that_its_kernels_have() {
    for level in Level::available() {
        assert_eq!(level.tile(), level.run(Tile), "{level}");
    }
}
