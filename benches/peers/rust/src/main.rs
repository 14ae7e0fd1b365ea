//! Times one training step of a perceptron (ReLU, mean squared error, momentum 0.9), or one product
//! of matrices, in Rust without ravine, and prints every round in microseconds as JSON.
//!
//! usage: `ravine-peers rust-by-hand|burn|candle 784,128,10 64 THREADS`, or
//! `ravine-peers gemm M,K,N none|left|right|both THREADS`

#[cfg(feature = "burn")]
mod burn;
mod by_hand;
#[cfg(feature = "candle")]
mod candle;
mod product;

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
    let [who, sizes, what, threads] = &args[..] else {
        eprintln!("usage: ravine-peers rust-by-hand|burn|candle LAYERS BATCH THREADS");
        eprintln!("       ravine-peers gemm M,K,N none|left|right|both THREADS");
        return ExitCode::from(2);
    };
    match rounds(who, sizes, what, threads) {
        Ok(rounds) => println!("{}", serde_json::json!(rounds)),
        Err((said, status)) => {
            eprintln!("error: {said}");
            return ExitCode::from(status);
        }
    }
    ExitCode::SUCCESS
}

/// Every round of what is asked for; or what is wrong with it, and the status that says so.
fn rounds(who: &str, sizes: &str, what: &str, threads: &str) -> Result<Vec<f64>, (String, u8)> {
    let number = |text: &str| {
        let wrong = |_| (format!("{text} is no whole number"), 2);
        text.parse::<usize>().map_err(wrong)
    };
    let sizes = sizes.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    let threads = number(threads)?;
    if who == "gemm" {
        let wanted = || (format!("wanted M,K,N and a transposition, found {sizes:?} and {what}"), 2);
        let sizes = sizes[..].try_into().map_err(|_| wanted())?;
        return Ok(timed(product::step(sizes, what, threads).ok_or_else(wanted)?));
    }
    let batch = number(what)?;
    Ok(match who {
        "rust-by-hand" => timed(by_hand::step(&sizes, batch, threads)),
        #[cfg(feature = "burn")]
        "burn" => timed(burn::step(&sizes, batch)),
        #[cfg(feature = "candle")]
        "candle" => timed(candle::step(&sizes, batch)),
        other => return Err((format!("{other} is not compiled in"), 3)),
    })
}
