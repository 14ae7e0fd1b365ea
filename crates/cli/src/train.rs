//! `ravine train`: a model, a table, and a rule of momentum.

mod architecture;
mod course;
mod dataset;
mod keep;
mod optimal;
mod pace;
mod report;
mod resumed;
mod rule;
mod saved;
mod session;
mod watch;

use std::ffi::OsString;

use ravine::models::{Linear, Mlp, Model};
use ravine::simd::Par;
use ravine::{Options, Rows as _};
use serde_json::{Map, Value};

use self::architecture::{Architecture, ModelFlags};
use self::dataset::{DataFlags, Dataset};
use self::keep::KeepFlags;
use self::pace::PaceFlags;
use self::report::Report;
use self::rule::RuleFlags;
use self::session::Start;
use crate::error::Error;
use crate::memory;
use crate::output;
use crate::pool;
use crate::progress::Waiting;
use crate::schedule::Plan;

/// Train a linear model or a multilayer perceptron with momentum
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub(crate) struct Train {
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    model: ModelFlags,
    #[command(flatten)]
    rule: RuleFlags,
    #[command(flatten)]
    pace: PaceFlags,
    #[command(flatten)]
    keep: KeepFlags,
    /// The rates as they were given, where `optimal` stood for others.
    #[arg(skip)]
    asked: Map<String, Value>,
}

const EXAMPLES: &str = "\
Examples:
  # Linear regression by full-batch descent
  ravine train --data data/diabetes.csv --batch full --epochs 300 \\
      --lr 0.05 --momentum 0.9
  # The learning rate and momentum that theory finds best for these data
  ravine train --data data/longley.csv --batch full --epochs 700 \\
      --lr optimal --momentum optimal
  # A perceptron that reads digits, saved as it goes, and then trained on
  ravine train --data data/digits.csv --task multiclass --model mlp \\
      --hidden 64 --lr 0.05 --epochs 30 --test-fraction 0.2 \\
      --save digits.safetensors --save-every 5m
  ravine train --data data/digits.csv --resume digits.safetensors --epochs 60

Ctrl-C ends a run after the step that it is in, saves it where --save is given,
and prints the command that goes on; a second Ctrl-C ends the program at once.";

impl Train {
    /// Trains, writes what is to be kept, and prints what came out.
    ///
    /// `words` are the whole command line.
    pub(crate) fn run(mut self, words: &[OsString]) -> Result<(), Error> {
        let saved = self.keep.resume.as_deref().map(resumed::read).transpose()?;
        if let Some(saved) = &saved {
            self = Self::completed(&words[2..], saved)?;
        }
        self.rule.check()?;
        self.pace.check()?;
        let architecture = self.model.architecture()?;
        let init = self.model.init.as_deref().map(|file| ("init", file));
        self.keep.check(&self.data.files().chain(init).collect::<Vec<_>>())?;
        let threads = self.pace.threads()?;
        let report = pool::install(threads, |par| {
            self.load_and_train(architecture, par, Start { saved, words })
        })??;
        output::print(self.keep.json, &report)
    }

    /// Reads the data and trains on them.
    fn load_and_train(
        &mut self,
        architecture: Architecture,
        par: Par,
        start: Start<'_>,
    ) -> Result<Report, Error> {
        let reading = Waiting::new(format!("reading {}", self.data.name()));
        let data = self.data.load(par, self.pace.seed)?;
        drop(reading);
        match architecture {
            Architecture::Linear { bias } => {
                self.choose_optimal(&data, Some(bias), par)?;
                let model = Linear::new(data.train.cols(), data.outputs, bias);
                self.train(model, &data, par, start)
            }
            Architecture::Mlp { hidden, activation } => {
                self.choose_optimal(&data, None, par)?;
                let widths = [&[data.train.cols()], &hidden[..], &[data.outputs]].concat();
                let model = Mlp::new(&widths, activation).map_err(|_| {
                    Error::misplaced("hidden", "is of more layers than memory holds")
                })?;
                self.train(model, &data, par, start)
            }
        }
    }

    /// Puts numbers in the place of `optimal`; `bias` is the linear model's.
    fn choose_optimal(
        &mut self,
        data: &Dataset,
        bias: Option<bool>,
        par: Par,
    ) -> Result<(), Error> {
        if self.rule.lr != Plan::Optimal {
            return Ok(());
        }
        let mut asked = self.configuration();
        asked.retain(|flag, _| ["lr", "momentum"].contains(&&**flag));
        self.asked = asked;
        let best = optimal::choose(&self.rule, data, bias, par)?;
        self.rule.lr = Plan::constant(best.lr);
        self.rule.momentum = Some(Plan::constant(best.momentum));
        self.say(&format!(
            "optimal: lr {} and momentum {} shrink the error by {} a step",
            best.lr, best.momentum, best.rate
        ))
    }

    /// Refuses a run that memory does not hold.
    fn check_memory(
        &self,
        model: &impl Model,
        data: &Dataset,
        options: &Options,
        resumed: bool,
    ) -> Result<(), Error> {
        let parts = [Some(&data.train), data.test.as_ref()].into_iter().flatten();
        let needed = parts.map(|rows| ravine::room(model, options, rows)).max().unwrap_or(0);
        // What was saved goes into the run by way of a copy.
        let copy = if resumed { 4 * model.layout().len() as u64 } else { 0 };
        let needed = needed.saturating_add(copy);
        let most = memory::most();
        if needed <= most {
            return Ok(());
        }
        let (cols, len) = (data.train.cols(), model.layout().len());
        let found = format!(
            "{cols} columns, for a model of {len} parameters whose training takes {needed} bytes"
        );
        Err(self.data.refused(found, &format!("at most {most}, which memory holds")))
    }

    fn options(&self, par: Par) -> Result<Options, Error> {
        let by = |plan: Option<Plan>| match plan {
            Some(Plan::By(schedule)) => schedule,
            _ => unreachable!("numbers have taken the place of `optimal`"),
        };
        let PaceFlags { batch, epochs, shuffle, seed, fused, .. } = self.pace;
        Ok(Options {
            sgd: self.rule.sgd(),
            lr: by(Some(self.rule.lr)),
            momentum: by(self.rule.momentum),
            batch,
            epochs,
            shuffle,
            seed,
            clip: self.rule.clip(),
            on_nonfinite: self.rule.on_nonfinite(),
            grad_norm: self.keep.trace.is_some(),
            fused,
            level: self.pace.level()?,
            par,
        })
    }

    /// Says what will be trained.
    fn introduce(
        &self,
        model: &impl Model,
        data: &Dataset,
        options: &Options,
    ) -> Result<(), Error> {
        let momentum = self.rule.momentum.map(|plan| plan.to_string()).unwrap_or_default();
        let (form, lr, pace) = (self.rule.form, self.rule.lr, &self.pace);
        self.say(&data.summary)?;
        self.say(&format!(
            "{} parameters, form {form}, lr {lr}, momentum {momentum}, batch {}, {} epochs, \
             seed {}, level {}, threads {}",
            model.layout().len(),
            pace.batch_name(),
            pace.epochs,
            pace.seed,
            options.level,
            options.par.count(),
        ))
    }

    /// A line for people; programs wait for the object.
    fn say(&self, text: &str) -> Result<(), Error> {
        if self.keep.json { Ok(()) } else { output::line(&text) }
    }
}
