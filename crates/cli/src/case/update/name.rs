//! What an update is called.

use ravine::momentum::{Adam, Form, RmsProp, Rounding, Sgd, WeightDecay};

use super::{Rule, Spec};
use crate::form::FormName;

impl Spec {
    /// What differs from classic momentum alone, and the tensors: `2048x1`,
    /// `ema+nesterov+decay/99x1`, `adamw+clip/300x1000`.
    ///
    /// Rates, decays and bounds are not told: a step does the same work whatever their values.
    pub(super) fn name(self) -> String {
        let Self { rule, weight_ema, clip_norm, len, tensors, offset } = self;
        let mut words = rule.words();
        words.extend(weight_ema.map(|_| "average".into()));
        words.extend(clip_norm.map(|_| "clip".into()));
        words.extend((offset > 0).then(|| format!("off{offset}")));
        let words = if words.is_empty() { String::new() } else { words.join("+") + "/" };
        format!("{words}{}x{tensors}", len / tensors)
    }
}

impl Rule {
    fn words(self) -> Vec<String> {
        let momentum = |Sgd { form, weight_decay }, state: Option<&str>| {
            let name = FormName::from(form);
            let name = (name != FormName::Classic).then(|| name.to_string());
            let words = [is_ahead(form).then_some("nesterov"), state, decayed(weight_decay)];
            name.into_iter().chain(words.into_iter().flatten().map(String::from)).collect()
        };
        let owned = |words: &[Option<&str>]| words.iter().flatten().map(|&w| w.into()).collect();
        match self {
            Self::Sgd(sgd) => momentum(sgd, None),
            Self::Narrow(sgd, Rounding::Nearest) => momentum(sgd, Some("bf16")),
            Self::Narrow(sgd, Rounding::Stochastic { .. }) => {
                momentum(sgd, Some("bf16-stochastic"))
            }
            Self::Loop => owned(&[Some("loop")]),
            Self::RmsProp(RmsProp { centered, momentum, weight_decay, .. }) => owned(&[
                Some("rmsprop"),
                centered.then_some("centered"),
                momentum.then_some("momentum"),
                decayed(weight_decay),
            ]),
            Self::Adam(Adam { weight_decay, .. }) => match decayed(weight_decay) {
                Some(DECOUPLED) => owned(&[Some("adamw")]),
                coupled => owned(&[Some("adam"), coupled]),
            },
        }
    }
}

const DECOUPLED: &str = "decoupled";

/// Where a decay acts, if it is above zero.
fn decayed(decay: WeightDecay) -> Option<&'static str> {
    match decay {
        WeightDecay::Coupled(decay) if decay > 0.0 => Some("decay"),
        WeightDecay::Decoupled(decay) if decay > 0.0 => Some(DECOUPLED),
        _ => None,
    }
}

/// Whether it is Nesterov's variant of a form.
fn is_ahead(form: Form) -> bool {
    match form {
        Form::Classic { nesterov }
        | Form::Dampened { nesterov, .. }
        | Form::Sutskever { nesterov }
        | Form::Ema { nesterov } => nesterov,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Specifications that differ in the work of a step, and their names.
    fn specs() -> Vec<(Spec, &'static str)> {
        let (coupled, decoupled) = (WeightDecay::Coupled(0.1), WeightDecay::Decoupled(0.1));
        let by =
            |rule| Spec { rule, weight_ema: None, clip_norm: None, len: 99, tensors: 3, offset: 0 };
        let momentum = |form, weight_decay| by(Rule::Sgd(Sgd { form, weight_decay }));
        let classic = Form::Classic { nesterov: false };
        let sgd = Sgd { form: classic, weight_decay: WeightDecay::None };
        let (plain, ema) = (momentum(classic, WeightDecay::None), Form::Ema { nesterov: true });
        let chance = Rounding::Stochastic { seed: 0 };
        let adam = |weight_decay| by(Rule::Adam(Adam { weight_decay, ..Adam::default() }));
        let squares = RmsProp::default();
        let centered = RmsProp { centered: true, momentum: true, weight_decay: coupled, ..squares };
        vec![
            (plain, "33x3"),
            (momentum(Form::Plain, WeightDecay::None), "plain/33x3"),
            (momentum(Form::Classic { nesterov: true }, WeightDecay::None), "nesterov/33x3"),
            (momentum(Form::EmaUnbiased, WeightDecay::None), "ema-unbiased/33x3"),
            (momentum(ema, coupled), "ema+nesterov+decay/33x3"),
            (momentum(classic, decoupled), "decoupled/33x3"),
            (by(Rule::Narrow(sgd, Rounding::Nearest)), "bf16/33x3"),
            (by(Rule::Narrow(sgd, chance)), "bf16-stochastic/33x3"),
            (by(Rule::Loop), "loop/33x3"),
            (by(Rule::RmsProp(squares)), "rmsprop/33x3"),
            (by(Rule::RmsProp(centered)), "rmsprop+centered+momentum+decay/33x3"),
            (adam(WeightDecay::None), "adam/33x3"),
            (adam(coupled), "adam+decay/33x3"),
            (adam(decoupled), "adamw/33x3"),
            (Spec { weight_ema: Some(0.9), ..plain }, "average/33x3"),
            (Spec { clip_norm: Some(1.0), offset: 3, ..plain }, "clip+off3/33x3"),
            (Spec { tensors: 1, ..plain }, "99x1"),
        ]
    }

    #[test]
    fn updates_that_do_other_work_have_other_names() {
        for (spec, name) in specs() {
            assert_eq!(spec.name(), name);
        }
    }

    #[test]
    fn a_decay_of_zero_is_no_decay() {
        let weight_decay = WeightDecay::Decoupled(0.0);
        let rule = Rule::Adam(Adam { weight_decay, ..Adam::default() });
        assert_eq!(rule.words(), ["adam"]);
    }
}
