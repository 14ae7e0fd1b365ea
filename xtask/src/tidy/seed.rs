//! The rule about draws: a property that proptest draws is the same in every run.

use crate::tidy::source::Source;

/// What makes a configuration's draws the same in every run.
const FIXED: &str = "RngSeed::Fixed";
/// Where proptest makes a generator: each, and what ends the text that may configure it. A generator
/// that is handed in, as to `TestRunner::new_with_rng`, has the seed that its own maker was told.
const MAKERS: [(&str, &[&str]); 3] =
    [("proptest!", &["fn ", "|"]), ("TestRunner::new(", &[";"]), ("TestRunner::default(", &[")"])];

/// Lines that begin draws without a fixed seed: properties and runners whose configuration, written
/// there, lacks it or is absent.
pub(crate) fn unseeded(source: &Source<'_>) -> Vec<usize> {
    let code = &source.code;
    let mut lines = Vec::new();
    for (maker, ends) in MAKERS {
        for (at, _) in code.match_indices(maker) {
            let rest = &code[at + maker.len()..];
            let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
            if !rest[..end].contains(FIXED) {
                lines.push(source.line_of(at));
            }
        }
    }
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        unseeded(&Source::new("a.rs", text))
    }

    #[test]
    fn a_property_needs_a_configuration_with_a_fixed_seed() {
        let property = |config: &str| {
            format!(
                "use p::*;\nproptest! {{\n    {config}\n    #[test]\n    fn f(x in 0..9) {{}}\n}}"
            )
        };
        let config = |seed: &str| {
            property(&format!("#![proptest_config(ProptestConfig {{ {seed}..d() }})]"))
        };
        assert_eq!(lines(&property("")), [2]);
        assert_eq!(lines(&config("")), [2]);
        assert_eq!(lines(&config("rng_seed: RngSeed::Random, ")), [2]);
        assert!(lines(&config("rng_seed: RngSeed::Fixed(1), ")).is_empty());
        // The seed of one is not that of the next.
        let two = [config("rng_seed: RngSeed::Fixed(1), "), config("")].join("\n");
        assert_eq!(lines(&two), [8]);
        assert_eq!(lines("proptest!(|(x in 0..9)| { RngSeed::Fixed(1) });"), [1]);
        assert!(
            lines("proptest!(Config { rng_seed: RngSeed::Fixed(1) }, |(x in 0..9)| {});")
                .is_empty()
        );
    }

    #[test]
    fn a_runner_needs_a_fixed_seed_or_a_generator() {
        assert_eq!(lines("let r = TestRunner::default();\nRngSeed::Fixed(1)"), [1]);
        assert_eq!(
            lines("let r =\n    TestRunner::new(Config { cases, ..d() });\nRngSeed::Fixed(1);"),
            [2]
        );
        assert!(
            lines("TestRunner::new(Config { rng_seed: RngSeed::Fixed(1), ..d() });").is_empty()
        );
        assert!(
            lines("TestRunner::new_with_rng(config, rng); TestRunner::deterministic()").is_empty()
        );
    }

    #[test]
    fn what_is_said_of_properties_draws_nothing() {
        assert!(lines("// proptest!\nlet s = \"TestRunner::default()\";").is_empty());
    }
}
