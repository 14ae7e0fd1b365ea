//! Learning rates and momenta as the command line writes them.

use std::fmt;
use std::str::FromStr;

use ravine::momentum::Schedule;
use serde::{Serialize, Serializer};

use crate::error::Error;

/// What `--lr` and `--momentum` take.
///
/// ```text
/// 0.1               the same at every step
/// 0.5:0.9@1000      linear over 1000 steps, then constant
/// cosine:0.1:0@1000 half a wave of a cosine over 1000 steps, then constant
/// sutskever@0.99    min(1 − 1/(2(⌊t/250⌋ + 1)), 0.99)
/// optimal           what theory finds best
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plan {
    /// By step.
    By(Schedule),
    /// The best for the problem.
    Optimal,
}

impl Plan {
    /// The same at every step.
    pub(crate) fn constant(value: f64) -> Self {
        Self::By(Schedule::Constant(value))
    }

    /// Checks that both ends lie in the flag's range.
    pub(crate) fn check(
        self,
        flag: &'static str,
        range: &'static str,
        inside: impl Fn(f64) -> bool,
    ) -> Result<(), Error> {
        let Self::By(schedule) = self else { return Ok(()) };
        if let Schedule::Linear { steps: 0, .. } | Schedule::Cosine { steps: 0, .. } = schedule {
            return Err(Error::range(
                flag,
                format_args!("{self}"),
                "its schedule takes at least 1 step",
            ));
        }
        match schedule.ends().into_iter().find(|&end| !inside(end)) {
            Some(end) => Err(Error::range(flag, end, range)),
            None => Ok(()),
        }
    }
}

impl Plan {
    /// What `--lr` takes: all but the staircase, which is made for momenta.
    pub(crate) fn of_lr(text: &str) -> Result<Self, &'static str> {
        match text.parse() {
            Ok(plan) if !matches!(plan, Self::By(Schedule::Sutskever { .. })) => Ok(plan),
            _ => Err("wanted a number, A:B@STEPS, cosine:A:B@STEPS or optimal"),
        }
    }

    /// What `--momentum` takes: all but the cosine.
    pub(crate) fn of_momentum(text: &str) -> Result<Self, &'static str> {
        match text.parse() {
            Ok(plan) if !matches!(plan, Self::By(Schedule::Cosine { .. })) => Ok(plan),
            _ => Err("wanted a number, A:B@STEPS, sutskever@MAX or optimal"),
        }
    }
}

/// The text is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPlan;

impl From<std::num::ParseFloatError> for NoPlan {
    fn from(_: std::num::ParseFloatError) -> Self {
        Self
    }
}

impl FromStr for Plan {
    type Err = NoPlan;

    fn from_str(text: &str) -> Result<Self, NoPlan> {
        if text == "optimal" {
            return Ok(Self::Optimal);
        }
        let Some((course, last)) = text.split_once('@') else {
            return Ok(Self::constant(text.parse()?));
        };
        if course == "sutskever" {
            return Ok(Self::By(Schedule::Sutskever { max: last.parse()? }));
        }
        let steps = last.parse().map_err(|_| NoPlan)?;
        let (ends, cosine) = match course.strip_prefix("cosine:") {
            Some(ends) => (ends, true),
            None => (course, false),
        };
        let (from, to) = ends.split_once(':').ok_or(NoPlan)?;
        let (from, to) = (from.parse()?, to.parse()?);
        Ok(Self::By(match cosine {
            true => Schedule::Cosine { from, to, steps },
            false => Schedule::Linear { from, to, steps },
        }))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Optimal => f.write_str("optimal"),
            Self::By(Schedule::Constant(value)) => write!(f, "{value}"),
            Self::By(Schedule::Linear { from, to, steps }) => write!(f, "{from}:{to}@{steps}"),
            Self::By(Schedule::Cosine { from, to, steps }) => {
                write!(f, "cosine:{from}:{to}@{steps}")
            }
            Self::By(Schedule::Sutskever { max }) => write!(f, "sutskever@{max}"),
        }
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use ravine::momentum::Rates;

    use super::*;

    #[test]
    fn plans_print_as_they_are_written() {
        for text in ["0.1", "0.5:0.9@1000", "cosine:0.1:0.001@20", "sutskever@0.99", "optimal"] {
            assert_eq!(text.parse::<Plan>().unwrap().to_string(), text);
        }
        let linear = Schedule::Linear { from: 0.5, to: 0.9, steps: 1000 };
        assert_eq!("0.5:0.9@1000".parse(), Ok(Plan::By(linear)));
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        for text in
            ["", "fast", "0.1:0.2", "0.1@5", "0.1:0.2@", "0.1:0.2@-1", "cosine:1@3", "1:2@3@4"]
        {
            assert!(text.parse::<Plan>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_flag_takes_its_own_schedules() {
        assert!(Plan::of_lr("cosine:0.1:0.01@5").is_ok() && Plan::of_lr("sutskever@0.9").is_err());
        assert!(Plan::of_momentum("sutskever@0.9").is_ok());
        assert!(Plan::of_momentum("cosine:0.1:0.5@5").is_err());
    }

    #[test]
    fn both_ends_and_the_length_are_checked() {
        let check = |text: &str| {
            let plan: Plan = text.parse().unwrap();
            plan.check("momentum", "0 ≤ momentum < 1 as an f32", |x| Rates::new(1.0, x).is_ok())
        };
        for (text, found) in [
            ("1", "--momentum is 1, but 0 ≤ momentum < 1 as an f32"),
            ("0.5:1@10", "--momentum is 1, but 0 ≤ momentum < 1 as an f32"),
            ("-0.5:0.9@10", "--momentum is -0.5, but 0 ≤ momentum < 1 as an f32"),
            ("sutskever@1", "--momentum is 1, but 0 ≤ momentum < 1 as an f32"),
            ("NaN", "--momentum is NaN, but 0 ≤ momentum < 1 as an f32"),
            ("0.5:0.9@0", "--momentum is 0.5:0.9@0, but its schedule takes at least 1 step"),
        ] {
            assert_eq!(check(text).unwrap_err().to_string(), found);
        }
        for text in ["0", "0.5:0.9@1", "sutskever@0.99", "optimal"] {
            assert!(check(text).is_ok(), "{text}");
        }
    }
}
