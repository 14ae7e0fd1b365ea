//! `large`: a file larger than the memory that may be had trains the bits of the same file in
//! memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use crate::error::Error;
use crate::process;

/// Rows of the file: with [`COLS`], 4 GiB.
const ROWS: u32 = 1 << 24;
/// Columns of the file.
const COLS: u32 = 64;
/// What `ulimit -v` allows, in KiB: 2 GiB.
const LIMIT: u32 = 2 << 20;

/// Makes the file under the folder that cargo builds in, trains it in memory and under
/// `ulimit -v`, compares the digests, and removes the file.
///
/// # Errors
///
/// If the file cannot be written, a run fails, or the digests differ.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let folder = process::target().join("large");
    let done = compare(&folder);
    fs::remove_dir_all(&folder).map_err(|error| Error::io(folder.display(), &error))?;
    done.map(|()| ExitCode::SUCCESS)
}

fn compare(folder: &Path) -> Result<(), Error> {
    let [data, labels] = ["x.npy", "y.npy"].map(|name| folder.join(name));
    println!("writing {ROWS} × {COLS} numbers to {}", data.display());
    fs::create_dir_all(folder)
        .and_then(|()| write(&data, &labels))
        .map_err(|error| Error::io(folder.display(), &error))?;
    let whole = train("unlimited", &data, &labels)?;
    let streamed = train(&LIMIT.to_string(), &data, &labels)?;
    if whole == streamed {
        println!("the digests are equal");
        return Ok(());
    }
    Err(Error::new(format!("the digests differ: {whole} in memory, {streamed} streamed")))
}

/// Trains an epoch within `limit` KiB of memory, says how, and gives the digest.
fn train(limit: &str, data: &Path, labels: &Path) -> Result<String, Error> {
    let failed = |error: &io::Error| Error::io("ravine train", error);
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    println!(
        "$ ulimit -v {limit}; ravine train --data x.npy --labels y.npy --batch 1024 --epochs 1"
    );
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v \"$0\"; exec \"$@\"", limit])
        .arg(program)
        .args(["train", "--batch", "1024", "--epochs", "1", "--data"])
        .arg(data)
        .arg("--labels")
        .arg(labels)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    let mut peak = None;
    while child.try_wait().map_err(|error| failed(&error))?.is_none() {
        peak = peak_memory(child.id()).or(peak);
        thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{}peak memory {}", said, peak.unwrap_or_else(|| "unknown".into()));
    let digest = said.lines().find_map(|line| line.strip_prefix("digest "));
    match digest {
        Some(digest) if output.status.success() => Ok(digest.to_owned()),
        _ => Err(Error::new(format!("ravine train: {}", output.status))),
    }
}

/// The most memory that a process had so far, where the system says.
fn peak_memory(process: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().to_owned())
}

/// Writes numbers of a fixed draw, and their weighted sums as labels.
fn write(data: &Path, labels: &Path) -> io::Result<()> {
    let [mut x, mut y] =
        [BufWriter::new(File::create(data)?), BufWriter::new(File::create(labels)?)];
    x.write_all(&header(&format!("({ROWS}, {COLS})")))?;
    y.write_all(&header(&format!("({ROWS},)")))?;
    let mut state = 0_u64;
    for _ in 0..ROWS {
        let mut label = 0.0;
        for col in 1..=COLS {
            // Knuth's MMIX generator; its high bits as a number in −½..½.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let bits = u16::try_from(state >> 48).expect("16 bits are left");
            let value = f32::from(bits) / 65536.0 - 0.5;
            label += value * 4.0 / f32::from(u8::try_from(col).expect("few columns"));
            x.write_all(&value.to_le_bytes())?;
        }
        y.write_all(&label.to_le_bytes())?;
    }
    x.into_inner()?.sync_all()?;
    y.into_inner()?.sync_all()
}

/// The header of a `.npy` file of `f32`s, which ends at a multiple of 64 bytes.
fn header(shape: &str) -> Vec<u8> {
    let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    [b"\x93NUMPY\x01\x00\x76\x00", format!("{text:<117}\n").as_bytes()].concat()
}
