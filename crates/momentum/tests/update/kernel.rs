//! The loop on the law's own numbers, over slices that start anywhere between canaries: on every
//! level, by any number of threads, whole or in pieces.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_conformance::update::{self, Case, Form, Kernel, Trial};
use ravine_conformance::{Agreement, Draw, Extent, compare};
use ravine_momentum::{Decay, Gradient, Motion, Rows, Rule, Step};
use ravine_simd::{Level, Par};

use crate::{THREADS, ours};

/// Elements from which a step is worth a second thread.
const SHARED: usize = 2 << 15;
/// Lengths of the stretches that a product hands over, again and again.
const PIECES: [usize; 8] = [16, 32, 1, 0, 100, 15, 64, 3];

/// A step whose numbers are those that the law gives.
pub(crate) fn numbers(step: &update::Step) -> Step {
    let decay = match step.decay {
        update::Decay::None => Decay::None,
        update::Decay::Coupled(decay) => Decay::Coupled(decay),
        update::Decay::Decoupled(decay) => Decay::Decoupled(decay),
    };
    let motion = match step.motion {
        update::Motion::Plain { lr } => Motion::Plain { lr },
        update::Motion::Momentum { a, b, c, d } => Motion::Momentum(Rule { a, b, c, d }),
    };
    Step { gradient: ours::gradient(step.setting.gradient), decay, motion }
}

struct Whole {
    level: Level,
    par: Par,
}

impl Kernel for Whole {
    fn step(&mut self, step: &update::Step, params: &mut [f32], velocity: &mut [f32], g: &[f32]) {
        numbers(step).run(self.level, self.par, params, velocity, g);
    }
}

struct InPieces {
    level: Level,
}

impl Kernel for InPieces {
    fn step(
        &mut self,
        step: &update::Step,
        mut params: &mut [f32],
        mut velocity: &mut [f32],
        mut grads: &[f32],
    ) {
        let step = numbers(step);
        for piece in PIECES.into_iter().cycle() {
            let len = piece.min(grads.len());
            let (w, more_w) = params.split_at_mut(len);
            let (v, more_v) = velocity.split_at_mut(len.min(velocity.len()));
            let (g, more_g) = grads.split_at(len);
            step.run(self.level, Par::Seq, w, v, g);
            (params, velocity, grads) = (more_w, more_v, more_g);
            if grads.is_empty() {
                return;
            }
        }
    }
}

/// Parameters as the rows of a matrix, its columns in two strips, and what rows are left of them.
struct InRows {
    level: Level,
}

impl Kernel for InRows {
    fn step(&mut self, step: &update::Step, params: &mut [f32], velocity: &mut [f32], g: &[f32]) {
        const COLS: usize = 37;
        const CUT: usize = 21;
        let (step, count) = (numbers(step), g.len() / COLS);
        for (at, len) in [(0, CUT), (CUT, COLS - CUT)] {
            // Gradients as a tile has them, with more than they between its rows.
            let pitch = len + 3;
            let mut tile = vec![f32::NAN; count * pitch];
            for (own, row) in tile.chunks_mut(pitch).zip(g.chunks(COLS)) {
                own[..len].copy_from_slice(&row[at..][..len]);
            }
            let rows = Rows { count, len, stride: COLS, pitch };
            let velocity = velocity.get_mut(at..).unwrap_or_default();
            step.run_rows(
                self.level,
                rows,
                params.get_mut(at..).unwrap_or_default(),
                velocity,
                &tile,
            );
        }
        let at = count * COLS;
        let velocity = velocity.get_mut(at..).unwrap_or_default();
        step.run(self.level, Par::Seq, &mut params[at..], velocity, &g[at..]);
    }
}

/// The cases that one thread is enough for, each worked out once.
fn trials() -> impl Iterator<Item = Trial> {
    let cases = update::cases(Extent::Quick);
    cases.filter(|case| case.length < SHARED).map(Case::trial)
}

/// Holds one thread's kernel to the law on every level.
fn hold_on_every_level<K: Kernel>(how: &str, on: impl Fn(Level) -> K) {
    for trial in trials() {
        for level in Level::available() {
            let kept = trial.run(&mut on(level), Agreement::Bits);
            assert_eq!(kept, Ok(()), "{level}, {how}");
        }
    }
}

/// The long cases of one form each without a velocity, with one, and with a look ahead.
fn long_trials() -> impl Iterator<Item = Trial> {
    let cases = update::cases(Extent::Quick).filter(|case| SHARED <= case.length);
    let forms = [Form::Plain, Form::Classic];
    cases.filter(move |case| forms.contains(&case.setting.form)).map(Case::trial)
}

#[test]
fn a_step_gives_the_bits_of_the_formula_on_every_level() {
    // Threads change nothing here but the way to the loop, so each case takes one number of them.
    for (trial, threads) in trials().zip(THREADS.into_iter().cycle()) {
        for level in Level::available() {
            let kept = trial.run(&mut Whole { level, par: Par::threads(threads) }, Agreement::Bits);
            assert_eq!(kept, Ok(()), "{level}, {threads} threads");
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let mut n_trials = 0;
    for trial in long_trials() {
        n_trials += 1;
        for level in Level::available() {
            for threads in THREADS {
                let par = Par::threads(threads);
                let kept = trial.run(&mut Whole { level, par }, Agreement::Bits);
                assert_eq!(kept, Ok(()), "{level}, {threads} threads");
            }
        }
    }
    assert_eq!(n_trials, 3, "cases that are worth a second thread");
}

#[test]
fn pieces_give_the_bits_of_the_whole() {
    hold_on_every_level("in pieces", |level| InPieces { level });
}

#[test]
fn rows_of_a_matrix_give_the_bits_of_the_whole() {
    hold_on_every_level("in rows", |level| InRows { level });
}

#[test]
fn a_weight_beside_1_is_not_taken_for_1() {
    for b in [1_f32.next_down(), 1.0, 1_f32.next_up()] {
        let motion = Motion::Momentum(Rule { a: 0.5, b, c: 0.25, d: None });
        let step = Step { gradient: Gradient::AsIs, decay: Decay::None, motion };
        for level in Level::available() {
            let (mut params, mut velocity) = ([0.0; 20], [0.0_f32; 20]);
            step.run(level, Par::Seq, &mut params, &mut velocity, &[1.5; 20]);
            let want = [(b * 1.5).to_bits(); 20];
            assert_eq!(velocity.map(f32::to_bits), want, "{level}, b = {b:?}");
        }
    }
}

#[test]
fn slices_of_different_length_are_refused_before_anything_is_written() {
    let steps: Vec<Step> = update::settings()
        .map(|setting| numbers(&setting.steps(&update::SCHEDULE).last().unwrap()))
        .collect();
    let len = 70;
    let [p, v, g] = [1, 2, 3].map(|seed| Draw::Ordinary.values(seed, len));
    let refused = |step: &Step, params_len: usize, velocity_len: usize, grads_len: usize| {
        let (mut params, mut velocity) = (p.clone(), v.clone());
        let (w, v_now) = (&mut params[..params_len], &mut velocity[..velocity_len]);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            step.run(Level::detect(), Par::Seq, w, v_now, &g[..grads_len]);
        }));
        assert!(ran.is_err(), "{step:?}: {params_len}, {velocity_len}, {grads_len}");
        assert_eq!(compare(&p, &params, Agreement::Bits), Ok(()), "params, {step:?}");
        assert_eq!(compare(&v, &velocity, Agreement::Bits), Ok(()), "velocity, {step:?}");
    };
    for step in &steps {
        let (of_velocity, wrong) = match step.motion {
            Motion::Plain { .. } => (0, len),
            Motion::Momentum(_) => (len, len - 1),
        };
        refused(step, len - 1, of_velocity, len);
        refused(step, len, of_velocity, len - 1);
        refused(step, len, wrong, len);
    }
}
