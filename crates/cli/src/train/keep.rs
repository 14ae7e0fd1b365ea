//! What a run leaves behind, and what it goes on from.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ravine::Checkpoints;

use crate::error::Error;
use crate::output::{self, place};

/// What a run leaves behind, and what it goes on from.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct KeepFlags {
    /// Writes step,loss,grad_norm,lr,momentum, a line a step, to a .csv file; a resumed run goes on
    /// with the trace that it left
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// Writes the run to a safetensors file: parameters, velocity, and all that --resume needs
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Saves also every N steps, or at a time like 30s, 5m or 1h since the last; what was saved
    /// before stays beside, as NAME.previous.safetensors
    #[arg(long, value_name = "N|TIME", requires = "save")]
    pub(super) save_every: Option<Every>,
    /// Goes on from a saved run, bit for bit, with its flags; --data names its data again, and a
    /// larger --epochs makes it longer
    #[arg(long, value_name = "FILE", conflicts_with = "init")]
    pub(super) resume: Option<PathBuf>,
    /// Prints one JSON object; its lr and momentum are those of the last step. A run that is
    /// interrupted prints none
    #[arg(long)]
    pub(super) json: bool,
}

/// How often a run is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Every {
    /// Whenever the number of steps is a multiple.
    Steps(u64),
    /// When this long has passed since the last time.
    Time(Duration),
}

impl FromStr for Every {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, seconds) = match text.split_at_checked(text.len().saturating_sub(1)) {
            Some((digits, "s")) => (digits, Some(1)),
            Some((digits, "m")) => (digits, Some(60)),
            Some((digits, "h")) => (digits, Some(3600)),
            _ => (text, None),
        };
        let wanted = "wanted a number of steps ≥ 1, or a time from 1s on, like 30s, 5m or 1h";
        let count = digits.parse().ok().filter(|&count| count >= 1).ok_or(wanted)?;
        match seconds {
            None => Ok(Self::Steps(count)),
            Some(n) => Ok(Self::Time(Duration::from_secs(count.checked_mul(n).ok_or(wanted)?))),
        }
    }
}

impl KeepFlags {
    /// Finds out before training whether the files can appear.
    ///
    /// No two of them, nor one and an input, may be the same file. A run may be saved where it was
    /// resumed from.
    pub(super) fn check(&self, inputs: &[(&'static str, &Path)]) -> Result<(), Error> {
        let previous = self.save.as_deref().filter(|_| self.save_every.is_some());
        let previous = previous.map(Checkpoints::previous_of);
        let taken = |files: &[(&'static str, Option<&Path>)]| -> Vec<(&'static str, PathBuf)> {
            files.iter().filter_map(|&(flag, file)| Some((flag, place(file?)))).collect()
        };
        let outputs = [
            ("save", self.save.as_deref()),
            ("save-every", previous.as_deref()),
            ("trace", self.trace.as_deref()),
        ];
        let mut others: Vec<_> = inputs.iter().map(|&(flag, file)| (flag, place(file))).collect();
        for (flag, file) in taken(&outputs) {
            if flag == "trace" {
                others.extend(taken(&[("resume", self.resume.as_deref())]));
            }
            if let Some((other, _)) = others.iter().find(|(_, other)| *other == file) {
                return Err(Error::misplaced(flag, format!("and --{other} name the same file")));
            }
            others.push((flag, file));
        }
        outputs.into_iter().filter_map(|(_, file)| file).try_for_each(output::writable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_of_steps_and_a_unit_makes_a_time() {
        let time = |seconds| Ok(Every::Time(Duration::from_secs(seconds)));
        for (text, every) in
            [("7", Ok(Every::Steps(7))), ("30s", time(30)), ("5m", time(300)), ("1h", time(3600))]
        {
            assert_eq!(text.parse(), every, "{text}");
        }
        for text in ["", "0", "0s", "-1", "s", "1.5s", "5d", "5 s", "99999999999999999999", "é"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
        assert!(format!("{}h", u64::MAX).parse::<Every>().is_err());
    }
}
