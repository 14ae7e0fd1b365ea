//! What a training step takes of memory: allocations of the heap after the first step, by `dhat`,
//! pages that these steps were the first to touch, and the most bytes at once, with and without a
//! gradient that is stored.
//!
//! ```console
//! $ cargo run --release --package ravine-benches --example heap
//! $ cargo run --release --package ravine-benches --example heap -- --fused true --profile heap.json
//! ```
//!
//! The second writes a profile for DHAT's viewer. Large buffers are mapped, which no heap profile
//! sees, but a later step that maps one touches its pages. Status 1 says that a later step took
//! memory, or that the gradient's buffer is not what the two ways differ by, on the heap or in all.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a command's result")]

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use clap::{ArgAction, Parser};
use dhat::{HeapStats, Profiler};
use ravine::simd::{Level, Par};
use ravine_cli::case::{Case as _, Step, timed};
use serde_json::{Value, json};

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Steps after the first.
const STEPS: usize = 3;
/// Pages that a process touches by itself meanwhile; a large buffer is more, of 2 MiB each or not.
const FEW_PAGES: u64 = 8;

/// Counts what training steps take of the heap
#[derive(Parser)]
struct Args {
    /// Widths: inputs, hidden layers, outputs
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "1024,4096,4096,1024")]
    layers: Vec<usize>,
    /// Rows of the batch
    #[arg(long, value_name = "N", default_value = "16")]
    batch: NonZeroUsize,
    /// Threads
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// Whether the update runs where the gradient is made [default: both, each in a process]
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    fused: Option<bool>,
    /// Writes the profile to this file
    #[arg(long, value_name = "FILE", requires = "fused")]
    profile: Option<PathBuf>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    let Some(fused) = args.fused else { return both() };
    println!("{}", one(&args, fused)?);
    Ok(ExitCode::SUCCESS)
}

/// Takes steps, and tells of the heap.
fn one(args: &Args, fused: bool) -> Result<Value, Box<dyn Error>> {
    let profiler = match &args.profile {
        Some(file) => Profiler::builder().file_name(file).build(),
        None => Profiler::builder().testing().build(),
    };
    let options = timed(Level::detect(), Par::threads(args.threads), fused);
    let mut step = Step::mlp(&args.layers, args.batch.get(), options)?;
    let before = HeapStats::get();
    step.run();
    // Asked outside of what is counted: to ask takes memory.
    let faults_of_first = faults();
    let first = HeapStats::get();
    (0..STEPS).for_each(|_| step.run());
    let last = HeapStats::get();
    let pages = faults_of_first.zip(faults()).map(|(first, last)| last - first);
    drop(profiler);
    Ok(json!({
        "fused": fused,
        "allocations_of_the_first_step": first.total_blocks - before.total_blocks,
        "allocations_of_later_steps": last.total_blocks - first.total_blocks,
        "pages_of_later_steps": pages,
        "most_bytes": last.max_bytes,
        "gradient_bytes": 4 * step.n_params(),
        "most_bytes_resident": resident(),
    }))
}

/// The most bytes of memory that the process had, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024 * kilobytes.trim().strip_suffix(" kB")?.parse::<u64>().ok()?)
}

/// The pages that the process was the first to touch, where the system tells.
fn faults() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields are counted from behind the name, which may hold anything: minflt is the tenth of all.
    stat.rsplit_once(')')?.1.split_whitespace().nth(7)?.parse().ok()
}

/// Starts itself with and without a stored gradient, and holds the two against each other.
fn both() -> Result<ExitCode, Box<dyn Error>> {
    let told = |fused: &str| -> Result<Value, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(std::env::args_os().skip(1)).args(["--fused", fused]);
        let output = command.stderr(Stdio::inherit()).output()?;
        print!("{}", String::from_utf8_lossy(&output.stdout));
        if !output.status.success() {
            return Err(format!("--fused {fused} ended with {}", output.status).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    let (fused, stored) = (told("true")?, told("false")?);
    let number = |of: &Value, key: &str| of[key].as_f64().unwrap_or(f64::NAN);
    let ratio =
        |key| (number(&stored, key) - number(&fused, key)) / number(&stored, "gradient_bytes");
    let (heap, resident) = (ratio("most_bytes"), ratio("most_bytes_resident"));
    println!("a stored gradient takes {heap:.3} of its size of the heap, {resident:.3} of memory");
    let is_none = |of: &Value| {
        let pages = of["pages_of_later_steps"].as_u64().unwrap_or(0);
        of["allocations_of_later_steps"] == 0 && pages <= FEW_PAGES
    };
    let is_gradient = |ratio: f64| (ratio - 1.0).abs() < 0.02;
    let holds = is_none(&fused) && is_none(&stored) && (is_gradient(heap) || is_gradient(resident));
    Ok(ExitCode::from(u8::from(!holds)))
}
