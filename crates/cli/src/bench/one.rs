//! One case, timed.

use ravine::data::Source;
use ravine::simd::{Level, Par};
use serde_json::{Value, json};

use super::sweep::sweep;
use super::update::UpdateArgs;
use super::what::{ReadArgs, StepArgs, What};
use crate::case::{
    Case, Epoch, Layer, Limits, Product, Read, Step, Timing, Update, limits, measure, number, timed,
};
use crate::error::Error;

/// Times one case and keeps its rounds; the answer has the keys that scripts rely on.
pub(super) fn one(
    what: &What,
    level: Level,
    par: Par,
    all: &mut Vec<Timing>,
) -> Result<Value, Error> {
    what.fits(level, par)?;
    match what {
        What::Limits => {
            let timings = limits(par)?;
            let answer = json!(Limits::new(&timings));
            all.extend(timings);
            Ok(answer)
        }
        What::Update(args) => {
            let case = Update::new(args.spec(level, par)?, level, par);
            keep(&mut case.map_err(UpdateArgs::refused)?, all)
        }
        What::Product(args) => keep(&mut Product::new(args.shape(), level, par), all),
        What::Sweep(args) => sweep(args, level, par, all),
        What::Layer(args) => keep(&mut Layer::new(args.pass, args.sizes(), level, par), all),
        What::Step(args) => {
            let options = timed(level, par, args.fused);
            let mut case = Step::mlp(&args.layers, args.batch.get(), options)?;
            let mut answer = keep(&mut case, all)?;
            answer["digest"] = json!(case.digest());
            Ok(answer)
        }
        What::Linear(args) => {
            let options = timed(level, par, true);
            keep(&mut Step::linear(args.rows.get(), args.cols.get(), options), all)
        }
        What::Train(args) => {
            let StepArgs { layers, batch, fused } = &args.step;
            let options = timed(level, par, *fused);
            let mut epoch = Epoch::new((args.rows.get(), *batch), layers, options)?;
            let mut answer = keep(&mut epoch, all)?;
            let input = measure(&mut epoch.input())?;
            let us = answer["us"].as_f64().unwrap_or(f64::NAN);
            answer["rows_per_s"] = json!(number(args.rows.get()) / us * 1e6);
            answer["input_us"] = json!(input.us);
            answer["input_share"] = json!(input.us / us);
            all.push(input);
            Ok(answer)
        }
        What::Read(ReadArgs { data, labels, target }) => {
            let (data, labels, target) = (data.clone(), labels.clone(), target.clone());
            let mut case = Read::new(Source { data, target, labels }, par)?;
            let mut answer = keep(&mut case, all)?;
            if let Some(fault) = case.fault() {
                return Err(Error::Check(fault.into()));
            }
            let per_s = 1e6 / answer["us"].as_f64().unwrap_or(f64::NAN);
            answer["rows"] = json!(case.rows());
            answer["cols"] = json!(case.cols());
            answer["rows_per_s"] = json!(number(case.rows()) * per_s);
            answer["bytes_per_s"] = json!(case.cost().bytes * per_s);
            Ok(answer)
        }
    }
}

/// Times a case.
fn keep(case: &mut impl Case, all: &mut Vec<Timing>) -> Result<Value, Error> {
    let timing = measure(case)?;
    let mut answer = json!({
        "id": timing.id, "us": timing.us, "us_min": timing.us_min,
        "limit_us": timing.limit_us, "limit_us_min": timing.limit_us_min,
        "ratio": timing.ratio, "limit_exceeded": timing.limit_exceeded,
        "gb_per_s": timing.cost.bytes / timing.us / 1e3,
    });
    if timing.cost.flops > 0.0 {
        answer["gflops"] = json!(timing.cost.flops / timing.us / 1e3);
    }
    all.push(timing);
    Ok(answer)
}
