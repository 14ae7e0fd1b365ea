//! Signals that ask a run to end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Waits for a first signal, which a run can look for; a second one ends the program at once.
#[derive(Debug)]
pub(crate) struct Interrupt {
    /// The last signal, or zero.
    signal: Arc<AtomicUsize>,
    /// Whether the next signal ends the program.
    armed: Arc<AtomicBool>,
}

impl Interrupt {
    /// From here on signals are kept and not obeyed at once.
    pub(crate) fn listen() -> io::Result<Self> {
        let (signal, armed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let numbers = [
            SIGINT,
            SIGTERM,
            #[cfg(unix)]
            SIGHUP,
        ];
        // A terminal that goes away ends no run that `nohup` shields. The other two are sent to
        // this very program, also where a script's shell has them ignored in the background.
        let heard = if hangup_is_ignored() { &numbers[..2] } else { &numbers[..] };
        for &number in heard {
            flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&armed))?;
            let value = usize::try_from(number).expect("signals are counted from 1");
            flag::register_usize(number, Arc::clone(&signal), value)?;
            flag::register(number, Arc::clone(&armed))?;
        }
        Ok(Self { signal, armed })
    }

    /// The exit status of a program that a signal ended, where there was one: 130 for Ctrl-C, 143
    /// for SIGTERM, 129 for SIGHUP.
    pub(crate) fn status(&self) -> Option<u8> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            signal => u8::try_from(128 + signal).ok(),
        }
    }
}

impl Drop for Interrupt {
    /// Nobody looks any more: the next signal ends the program.
    fn drop(&mut self) {
        self.armed.store(true, Ordering::Relaxed);
    }
}

/// Whether whoever started the program told it to ignore SIGHUP, which is signal 1; no where the
/// system does not tell.
fn hangup_is_ignored() -> bool {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
