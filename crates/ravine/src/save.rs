//! A run into a file.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ravine_data::write_whole;
use ravine_models::Model;
use ravine_simd::CONTRACT;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::Run;
use crate::digest::hex;
use crate::saved::Draws;
use crate::tensors::{pieces, to_le};

/// What a saved run carries for its owner: words by name.
pub type Notes = BTreeMap<String, String>;

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written: {source}", path.display())]
pub struct SaveError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl SaveError {
    /// What turns the system's word on `path` into an error.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { path: path.to_path_buf(), source }
    }
}

/// What the checksum stands for in the bytes that it is taken over.
pub(crate) const NO_CHECKSUM: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";
/// Names that no note has.
const OWN: [&str; 6] = ["beta_product", "checksum", "contract", "random", "skipped", "step"];
/// Bytes of a header that readers of safetensors take at most.
const LONGEST: usize = 100_000_000;

impl<M: Model> Run<M> {
    /// Writes the run as a safetensors file: `layers.0.weight` (out × in), `layers.0.bias`, …, and
    /// `velocity.layers.0.weight`, … where the form has a velocity, all F32; and as strings in
    /// `__metadata__` the `notes` and
    ///
    /// | key | value |
    /// |---|---|
    /// | `contract` | version of the numeric contract |
    /// | `step`, `skipped` | steps taken, and batches skipped |
    /// | `beta_product` | product of the momenta of these steps |
    /// | `random` | seed, epochs finished, and batches of the next one visited, as JSON |
    /// | `checksum` | SHA-256 of the file with 64 zeros in the place of these digits |
    ///
    /// The file appears whole or not at all: it is written beside its place, synced, and renamed.
    /// The same run and notes make the same bytes.
    ///
    /// # Examples
    ///
    /// A run that stops after ten steps, and another that goes on for it:
    ///
    /// ```
    /// use std::ops::ControlFlow;
    ///
    /// use ravine::data::Ravine;
    /// use ravine::{Examples, Notes, Options, Run, Saved, models::Linear, models::Loss};
    ///
    /// let made = Ravine { rows: 256, cols: 8, ..Ravine::default() }.generate(ravine::simd::Par::Seq)?;
    /// let examples = Examples::from(&made);
    /// let new = || Run::new(Linear::new(8, 1, false), Loss::MeanSquared, Options::default());
    /// let mut whole = new()?;
    /// whole.train(&examples, |_| ())?;
    ///
    /// let mut begun = new()?;
    /// begun.go_on(&examples, |run, _| match run.summary().steps {
    ///     10 => ControlFlow::Break(()),
    ///     _ => ControlFlow::Continue(()),
    /// })?;
    /// let path = std::env::temp_dir().join(format!("ravine-{}.safetensors", std::process::id()));
    /// begun.save(&path, &Notes::new())?;
    ///
    /// let saved = Saved::read(&path)?;
    /// let model = Linear::new(8, 1, false);
    /// let mut rest = Run::resume(model, Loss::MeanSquared, Options::default(), &saved)?;
    /// rest.go_on(&examples, |_, _| ControlFlow::Continue(()))?;
    /// assert_eq!(rest.digest(), whole.digest());
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be written. Then what was at its place stays.
    ///
    /// # Panics
    ///
    /// If a note has the name of a key above.
    pub fn save(&self, path: &Path, notes: &Notes) -> Result<(), SaveError> {
        write_whole(path, |file| self.write(file, notes)).map_err(SaveError::at(path))
    }

    /// Writes the bytes of [`save`](Self::save).
    pub(crate) fn write(&self, file: &mut impl Write, notes: &Notes) -> io::Result<()> {
        if let Some(own) = OWN.into_iter().find(|own| notes.contains_key(*own)) {
            panic!("a note is called {own}, as a word of the run's own");
        }
        let header = self.header(notes);
        if LONGEST < header.len() {
            let text = format!("notes make a header of {} bytes, above {LONGEST}", header.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let length = (header.len() as u64).to_le_bytes();
        let mut hash = Sha256::new();
        hash.update(length);
        hash.update(&header);
        for (_, _, values) in self.pieces() {
            hash.update(to_le(&values));
        }
        let checksum = |digits: &str| format!("\"checksum\":\"{digits}\"");
        let digits = hex(&hash.finalize());
        file.write_all(&length)?;
        file.write_all(header.replace(&checksum(NO_CHECKSUM), &checksum(&digits)).as_bytes())?;
        self.pieces().try_for_each(|(_, _, values)| file.write_all(&to_le(&values)))
    }

    /// The header of the file, with zeros for a checksum, padded to whole words of 8 bytes.
    ///
    /// The library of safetensors would write the strings in another order each time.
    fn header(&self, notes: &Notes) -> String {
        #[derive(Serialize)]
        struct Header<'a> {
            #[serde(rename = "__metadata__")]
            strings: BTreeMap<&'a str, &'a str>,
            #[serde(flatten)]
            tensors: Metadata,
        }
        let (summary, at) = (self.summary(), self.position());
        let draws = Draws { seed: self.options().seed, epoch: at.epoch, batch: at.batch };
        let json = "plain values are valid JSON";
        let own = [
            ("beta_product", self.state().beta_product().to_string()),
            ("checksum", NO_CHECKSUM.to_owned()),
            ("contract", CONTRACT.to_string()),
            ("random", serde_json::to_string(&draws).expect(json)),
            ("skipped", summary.skipped.to_string()),
            ("step", summary.steps.to_string()),
        ];
        let mut end = 0;
        let tensors = self.pieces().map(|(name, tensor, values)| {
            let begin = end;
            end += size_of_val(&*values);
            let (shape, data_offsets) = (tensor.shape(), (begin, end));
            (name, TensorInfo { dtype: Dtype::F32, shape, data_offsets })
        });
        let tensors = Metadata::new(None, tensors.collect()).expect("tensors follow each other");
        let notes = notes.iter().map(|(key, value)| (&**key, &**value));
        let strings = own.iter().map(|(key, value)| (*key, &**value)).chain(notes).collect();
        let mut text = serde_json::to_string(&Header { strings, tensors }).expect(json);
        text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
        text
    }

    fn pieces(
        &self,
    ) -> impl Iterator<Item = (String, &ravine_models::Tensor, std::borrow::Cow<'_, [f32]>)> {
        pieces(self.model().layout(), self.params(), self.state().velocity())
    }
}
