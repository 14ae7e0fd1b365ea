//! One page of everything: figures, tables, and the commands that made them.

mod page;
mod style;

use crate::{Failure, Findings, figures};

impl Findings {
    /// A page that stands alone: HTML with its drawings and styles inside, which asks nothing of
    /// the network.
    ///
    /// # Errors
    ///
    /// If one of the experiments that explain the others has no result.
    pub fn page(&self) -> Result<String, Failure> {
        let mut chapters = figures::chapters(&self.experiments)?;
        chapters.push(figures::speed::chapter(&self.speed, self.benches.as_ref()));
        Ok(page::page(self, &chapters).into_string())
    }
}

#[cfg(test)]
mod tests {
    use ravine::data::Ravine;
    use ravine::simd::{Level, Par};

    use super::*;
    use crate::digits::Digits;
    use crate::race::{FORMS, Race};
    use crate::{Curve, Experiments, Origin, Peer, Regressed, Replay, Speed, tables};

    fn findings() -> Findings {
        let ravine = Ravine { rows: 64, cols: 4, condition: 10.0, ..Ravine::default() };
        let course = Race { ravine, above: 1e-2 }.prepare(Par::Seq).unwrap();
        let level = Level::detect();
        let race = FORMS.map(|(name, form)| course.run(name, form, level, Par::Seq).unwrap());
        let prepared = Digits { epochs: 1, ..Digits::default() }.prepare().unwrap();
        let experiments = Experiments {
            condition: course.condition(),
            race: race.into(),
            real: vec![Regressed::new("diabetes", tables::diabetes()).unwrap()],
            digits: prepared.train(level, Par::Seq, true).unwrap(),
        };
        let replay = |threads, digest: Option<&str>| Replay {
            level: "scalar",
            threads,
            fused: true,
            digest: digest.map(str::to_owned),
            rows_per_s: 1e5,
        };
        Findings {
            experiments,
            replays: vec![
                replay(1, Some("0123456789ab")),
                replay(2, Some("0123456789ab")),
                replay(3, Some("01")),
                replay(5, None),
            ],
            peers: vec![Peer {
                name: "another".into(),
                threads: 1,
                digest: "ff".into(),
                rows_per_s: 1e4,
            }],
            speed: Speed {
                parameters: 2_000_000,
                threads: 2,
                us: 300.0,
                limit_us: 270.0,
                curves: [("one", false), ("limit", true)]
                    .map(|(name, is_limit)| Curve {
                        name: name.into(),
                        is_limit,
                        points: vec![(256.0, 90.0), (1e6, 40.0)],
                    })
                    .into(),
            },
            benches: None,
            origin: Origin {
                machine: "a machine <of ours>".into(),
                date: "2020-02-29".into(),
                version: "1".into(),
            },
        }
    }

    #[test]
    fn a_page_stands_alone_and_fits_a_phone_and_the_night() {
        let page = findings().page().unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        assert!(page.contains("name=\"viewport\"") && page.contains("color-scheme: light dark"));
        let links = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!links.contains("http") && !links.contains("<script") && !links.contains("url("));
        assert!(page.contains("a machine &lt;of ours&gt; · 2020-02-29 · 1 · numeric contract"));
        assert!(!page.contains("NaN") && !page.contains("inf"), "every number is finite");
    }

    #[test]
    fn every_drawing_has_a_sentence_and_the_command_of_its_numbers() {
        let page = findings().page().unwrap();
        let count = |part: &str| page.matches(part).count();
        assert_eq!(count("<svg "), 10);
        assert_eq!(count("<figcaption>"), 10);
        assert_eq!(count("<code>cargo xtask "), 10 + 1);
    }

    #[test]
    fn digests_that_differ_are_not_counted_as_the_same() {
        let mut found = findings();
        assert_eq!(found.same(), 2);
        let page = found.page().unwrap();
        assert!(page.contains("2 of 4 digests") && page.contains("diverged, 100k"), "{page}");
        // Runs that diverged together agree in nothing.
        found.replays.iter_mut().for_each(|replay| replay.digest = None);
        assert_eq!(found.same(), 0);
    }
}
