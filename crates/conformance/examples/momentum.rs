//! Holds a kernel of one's own to the laws, and shows what is said of a broken one:
//! `cargo run -p ravine-conformance --example momentum`.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use ravine_conformance::update::{self, Case, Decay, Form, Gradient, Kernel, Motion, Step};
use ravine_conformance::{Agreement, Extent, Failure};

/// Elements of a block.
const BLOCK: usize = 8;

/// Classic momentum in blocks, and in a remainder if it is not forgotten.
struct Blocks {
    forgets: bool,
}

impl Kernel for Blocks {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        let Motion::Momentum { a, c, .. } = step.motion else { return };
        let one = |w: &mut f32, v: &mut f32, g: f32| {
            *v = a * *v + g;
            *v = if v.abs() < f32::MIN_POSITIVE { 0.0 } else { *v };
            *w -= c * *v;
        };
        let (w_blocks, w_rest) = params.as_chunks_mut::<BLOCK>();
        let (v_blocks, v_rest) = velocity.as_chunks_mut::<BLOCK>();
        let (g_blocks, g_rest) = grads.as_chunks::<BLOCK>();
        for ((w, v), g) in w_blocks.iter_mut().zip(v_blocks).zip(g_blocks) {
            for i in 0..BLOCK {
                one(&mut w[i], &mut v[i], g[i]);
            }
        }
        if !self.forgets {
            for ((w, v), &g) in w_rest.iter_mut().zip(v_rest).zip(g_rest) {
                one(w, v, g);
            }
        }
    }
}

/// What the kernel is for: classic momentum without decay, on the gradient as it is.
fn cases() -> impl Iterator<Item = Case> {
    update::cases(Extent::Full).filter(|case| {
        let setting = case.setting;
        setting.form == Form::Classic
            && !setting.nesterov
            && setting.decay == Decay::None
            && setting.gradient == Gradient::AsIs
    })
}

fn main() -> Result<(), Failure> {
    let checked = update::check(&mut Blocks { forgets: false }, cases(), Agreement::Bits)?;
    println!("whole: {} cases kept the law", checked.cases);
    let broken = update::check(&mut Blocks { forgets: true }, cases(), Agreement::Bits);
    if let Err(failure) = broken {
        println!("broken: {failure}");
    }
    Ok(())
}
