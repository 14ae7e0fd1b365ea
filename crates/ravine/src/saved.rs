//! A run out of a file.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use ravine_models::{Layout, Loss, Model};
use ravine_momentum::{HyperError, State};
use ravine_simd::{Buffer, CONTRACT};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::save::NO_CHECKSUM;
use crate::tensors::{VELOCITY, find, from_le, read, refuse_foreign};
use crate::{LoadError, LoadFault, Notes, Options, Position, Run, Summary};

/// A run as [`Run::save`] wrote it, with nothing lost.
///
/// It holds the bytes of its file; [`Run::resume`] makes a run of it.
#[derive(Clone, Debug)]
pub struct Saved {
    path: PathBuf,
    bytes: Vec<u8>,
    seed: u64,
    position: Position,
    summary: Summary,
    beta_product: f64,
    notes: Notes,
}

/// A saved run cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// A hyper-parameter is outside its range.
    #[error(transparent)]
    Hyper(#[from] HyperError),
    /// The file is not of such a run.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Where the draws stand: an epoch's order follows from the seed and the epoch.
#[derive(Serialize, Deserialize)]
pub(crate) struct Draws {
    pub(crate) seed: u64,
    pub(crate) epoch: u64,
    pub(crate) batch: u64,
}

impl Saved {
    /// Reads a saved run, and checks that its bytes are those that were written.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no saved run, is damaged, or was written under another
    /// version of the numeric contract.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        Self::parse(path).map_err(|fault| LoadError { path: path.to_path_buf(), fault })
    }

    fn parse(path: &Path) -> Result<Self, LoadFault> {
        let bytes = read(path)?;
        let (length, header) = SafeTensors::read_metadata(&bytes).map_err(LoadFault::Format)?;
        let mut told = header.metadata().clone().unwrap_or_default();
        let mut tell = |key| told.remove(key).ok_or(LoadFault::Untold { key });
        check(&bytes, length, &tell("checksum")?)?;
        let contract = tell("contract")?;
        if contract != CONTRACT.to_string() {
            let wanted = format!("this program's is {CONTRACT}");
            return Err(LoadFault::Told { key: "contract", found: contract, wanted });
        }
        let steps = number("step", &tell("step")?, COUNTS, is_count)?;
        let skipped = number("skipped", &tell("skipped")?, COUNTS, is_count)?;
        let product = "0 ≤ beta product ≤ 1";
        let beta_product =
            number("beta_product", &tell("beta_product")?, product, |x| (0.0..=1.0).contains(x))?;
        let random = tell("random")?;
        let draws: Draws = serde_json::from_str(&random).map_err(|_| {
            let wanted = "seed, epoch and batch are wanted, as JSON".into();
            LoadFault::Told { key: "random", found: random, wanted }
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            seed: draws.seed,
            position: Position { epoch: draws.epoch, batch: draws.batch },
            summary: Summary { steps, skipped },
            beta_product,
            notes: told.into_iter().collect(),
            bytes,
        })
    }

    /// The file that it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run stood.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Steps taken and steps skipped.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// The notes that it was saved with.
    #[must_use]
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// An error about this file.
    #[must_use]
    pub fn error(&self, fault: LoadFault) -> LoadError {
        LoadError { path: self.path.clone(), fault }
    }

    /// Parameters, and velocity where there is to be one.
    fn values(&self, layout: &Layout, has_velocity: bool) -> Result<[Buffer; 2], LoadFault> {
        let file = SafeTensors::deserialize(&self.bytes).map_err(LoadFault::Format)?;
        refuse_foreign(&file, |name| {
            let name = name.strip_prefix(VELOCITY).filter(|_| has_velocity).unwrap_or(name);
            layout.tensors().iter().any(|tensor| tensor.name == name)
        })?;
        // The tensors are looked at before there is memory for them.
        let params = find(&file, "", layout)?;
        let velocity = has_velocity.then(|| find(&file, VELOCITY, layout)).transpose()?;
        Ok([Some(params), velocity].map(|tensors| {
            let mut values = Buffer::zeroed(tensors.as_ref().map_or(0, |_| layout.len()));
            for (tensor, bytes) in tensors.into_iter().flatten() {
                layout.from_file_order(tensor, &mut values, &from_le(bytes));
            }
            values
        }))
    }
}

impl<M: Model> Run<M> {
    /// A run that stands where `saved` stood. [`go_on`](Self::go_on) then takes the steps that the
    /// saved run would have taken, bit for bit, where the examples and all options but level,
    /// threads, fusion and epochs are its own.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter is outside its range, the saved tensors are not the model's, a velocity
    /// is absent or there where the form has none, or the seeds differ.
    pub fn resume(
        model: M,
        loss: Loss,
        options: Options,
        saved: &Saved,
    ) -> Result<Self, ResumeError> {
        if saved.seed != options.seed {
            let (found, wanted) = (saved.seed.to_string(), format!("{} is wanted", options.seed));
            return Err(saved.error(LoadFault::Told { key: "seed", found, wanted }).into());
        }
        options.sgd.validate()?;
        let has_velocity = options.sgd.form.has_velocity();
        let values = saved.values(model.layout(), has_velocity);
        let [params, velocity] = values.map_err(|fault| saved.error(fault))?;
        let Summary { steps, skipped } = saved.summary;
        let Options { level, par, .. } = options;
        let state = State::from_parts(level, par, steps, saved.beta_product, velocity)?;
        let position = saved.position;
        Ok(Self { skipped, position, ..Self::starting(model, loss, options, params, state)? })
    }
}

/// Compares a file with its checksum, which was taken with zeros in its own place.
fn check(bytes: &[u8], header: usize, wanted: &str) -> Result<(), LoadFault> {
    let quoted = format!("\"checksum\":\"{wanted}\"");
    let place = bytes[..8 + header].windows(quoted.len()).position(|at| at == quoted.as_bytes());
    let mut hash = Sha256::new();
    let rest = match place {
        Some(at) if wanted.len() == NO_CHECKSUM.len() => {
            let digits = at + quoted.len() - 1 - wanted.len();
            hash.update(&bytes[..digits]);
            hash.update(NO_CHECKSUM);
            &bytes[digits + wanted.len()..]
        }
        _ => bytes,
    };
    hash.update(rest);
    let found = hex(&hash.finalize());
    match found == wanted {
        true => Ok(()),
        false => Err(LoadFault::Checksum { found, wanted: wanted.into() }),
    }
}

const COUNTS: &str = "it is a count below 2⁵³";

fn is_count(n: &u64) -> bool {
    *n < 1 << 53
}

fn number<T: FromStr>(
    key: &'static str,
    text: &str,
    wanted: &str,
    inside: impl Fn(&T) -> bool,
) -> Result<T, LoadFault> {
    let told = || LoadFault::Told { key, found: text.into(), wanted: wanted.into() };
    text.parse().ok().filter(inside).ok_or_else(told)
}
