//! Times one training step of a perceptron (ReLU, mean squared error, momentum 0.9) in Rust without
//! ravine, and prints every round in microseconds as JSON.
//!
//! usage: `ravine-peers rust-by-hand|burn|candle 784,128,10 64 THREADS`

#[cfg(feature = "burn")]
mod burn;
mod by_hand;
#[cfg(feature = "candle")]
mod candle;

use std::process::ExitCode;
use std::time::Instant;

/// Rounds, and what a round takes at least: those of `ravine bench`.
const ROUNDS: usize = 9;
const SECONDS: f64 = 0.05;

/// Microseconds a step of every round.
fn timed(mut step: impl FnMut()) -> Vec<f64> {
    let mut seconds = |count: usize| {
        let start = Instant::now();
        (0..count).for_each(|_| step());
        start.elapsed().as_secs_f64()
    };
    seconds(3);
    let mut count = 1;
    loop {
        let took = seconds(count);
        if took >= SECONDS {
            break;
        }
        count *= if took < SECONDS / 20.0 { 8 } else { 2 };
    }
    (0..ROUNDS).map(|_| seconds(count) / count as f64 * 1e6).collect()
}

/// Numbers that no compiler foresees.
fn numbers(len: usize, scale: f32) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        scale * (state as i32 as f32 / i32::MAX as f32)
    };
    (0..len).map(|_| next()).collect()
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [who, layers, batch, threads] = &args[..] else {
        eprintln!("usage: ravine-peers rust-by-hand|burn|candle LAYERS BATCH THREADS");
        return ExitCode::from(2);
    };
    let widths: Option<Vec<usize>> = layers.split(',').map(|width| width.parse().ok()).collect();
    let (Some(widths), Ok(batch), Ok(threads)) = (widths, batch.parse(), threads.parse()) else {
        eprintln!("error: {layers}, {batch} and {threads} are not all whole numbers");
        return ExitCode::from(2);
    };
    let rounds = match who.as_str() {
        "rust-by-hand" => timed(by_hand::step(&widths, batch, threads)),
        #[cfg(feature = "burn")]
        "burn" => timed(burn::step(&widths, batch)),
        #[cfg(feature = "candle")]
        "candle" => timed(candle::step(&widths, batch)),
        other => {
            eprintln!("error: {other} is not compiled in");
            return ExitCode::from(3);
        }
    };
    println!("{}", serde_json::json!(rounds));
    ExitCode::SUCCESS
}
