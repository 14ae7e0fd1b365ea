//! `ravine train`: a model, a table, and a rule of momentum.

mod architecture;
mod course;
mod dataset;
mod optimal;
mod pace;
mod report;
mod rule;
mod saved;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use ravine::models::{Linear, Mlp, Model};
use ravine::simd::Par;
use ravine::{Evaluation, NonFinite, OnNonfinite, Options, Quantity, Run, read_initial};

use self::architecture::{Architecture, ModelFlags};
use self::course::Course;
use self::dataset::{DataFlags, Dataset};
use self::pace::PaceFlags;
use self::report::Report;
use self::rule::RuleFlags;
use crate::error::Error;
use crate::output;
use crate::pool;
use crate::progress::Progress;
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
}

/// What a run leaves behind.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct KeepFlags {
    /// Writes step,loss,grad_norm,lr,momentum, a line a step, to a .csv file
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Writes parameters and velocity to a safetensors file
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Prints one JSON object; its lr and momentum are those of the last step
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ravine train --data data/diabetes.csv --batch full --epochs 300 --lr 0.05 --momentum 0.9
  ravine train --data data/longley.csv --batch full --epochs 700 --lr optimal --momentum optimal
  ravine train --data data/digits.csv --task multiclass --model mlp --hidden 64 --lr 0.05 \\
      --epochs 30 --test-fraction 0.2 --save digits.safetensors --trace digits.csv";

impl Train {
    /// Trains, writes what is to be kept, and prints what came out.
    pub(crate) fn run(mut self) -> Result<(), Error> {
        self.rule.check()?;
        self.pace.check()?;
        let architecture = self.model.architecture()?;
        self.keep.check()?;
        let data = self.data.load(self.pace.seed)?;
        let threads = self.pace.threads()?;
        let report = pool::install(threads, |par| match architecture {
            Architecture::Linear { bias } => {
                self.choose_optimal(&data, Some(bias), par)?;
                let model = Linear::new(data.train.x.cols(), data.outputs, bias);
                self.train(model, &data, par)
            }
            Architecture::Mlp { hidden, activation } => {
                self.choose_optimal(&data, None, par)?;
                let widths = [&[data.train.x.cols()], &hidden[..], &[data.outputs]].concat();
                let model = Mlp::new(&widths, activation).expect("all widths are at least 1");
                self.train(model, &data, par)
            }
        })??;
        output::print(self.keep.json, &report)
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
        let best = optimal::choose(&self.rule, data, bias, par)?;
        self.rule.lr = Plan::constant(best.lr);
        self.rule.momentum = Some(Plan::constant(best.momentum));
        self.say(&format!(
            "optimal: lr {} and momentum {} shrink the error by {} a step",
            best.lr, best.momentum, best.rate
        ))
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

    fn train<M: Model>(&self, model: M, data: &Dataset, par: Par) -> Result<Report, Error> {
        let options = self.options(par)?;
        let mut run = Run::new(model, data.task.loss(), options)?;
        if let Some(file) = &self.model.init {
            let layout = run.model().layout().clone();
            read_initial(file, &layout, run.params_mut())?;
        }
        self.introduce(run.model(), data, &options)?;

        let rows = data.train.rows();
        let mut course = self.keep.trace.as_deref().map(Course::begin).transpose()?;
        let mut progress = Progress::new(self.pace.epochs * self.pace.batches(rows) as u64);
        let begun = Instant::now();
        let mut broken = None;
        let trained = run.go_on(&data.train, |_, record| {
            progress.tick();
            if let (Some(course), Some(record)) = (&mut course, record) {
                broken = course.push(record).err();
            }
            if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Some(error) = broken {
            return Err(error.into());
        }
        let seconds = begun.elapsed().as_secs_f64();
        drop(progress);

        let finished = trained.and_then(|summary| {
            let last = run.evaluate(&data.train)?;
            let stops = options.on_nonfinite == OnNonfinite::Stop;
            if stops && !last.loss.is_finite() {
                return Err(NonFinite { step: summary.steps, what: Quantity::Loss }.into());
            }
            Ok((summary, last))
        });
        if let (Ok(_), Some(file)) = (&finished, &self.keep.save) {
            self.save(file, &run, data)?;
        }
        if let Some(course) = course {
            course.finish()?;
        }
        let (summary, Evaluation { loss, accuracy }) = finished?;
        let test = data.test.as_ref().map(|test| run.evaluate(test)).transpose()?;
        let last_step = summary.steps.saturating_sub(1);
        Ok(Report {
            loss,
            accuracy,
            test_loss: test.map(|test| test.loss),
            test_accuracy: test.and_then(|test| test.accuracy),
            steps: summary.steps,
            skipped: summary.skipped,
            seconds,
            rows_per_s: rate(self.pace.epochs, rows, seconds),
            level: options.level.name(),
            threads: par.count(),
            lr: options.lr.at(last_step),
            momentum: options.momentum.at(last_step),
            digest: run.digest(),
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

impl KeepFlags {
    /// Finds out before training whether the files can appear.
    fn check(&self) -> Result<(), Error> {
        if self.trace.is_some() && self.trace == self.save {
            return Err(Error::misplaced("trace", "and --save name the same file"));
        }
        [&self.trace, &self.save].into_iter().flatten().try_for_each(|file| output::writable(file))
    }
}

/// Rows a second.
#[expect(clippy::cast_precision_loss, reason = "a speed for people")]
fn rate(epochs: u64, rows: usize, seconds: f64) -> f64 {
    epochs as f64 * rows as f64 / seconds
}
