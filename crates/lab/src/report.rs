//! One page of everything: drawings, tables, and the commands that made them.

mod page;
mod style;

use ravine::momentum::{Form, HyperError};

use crate::noise::{Noise, OnBowl, Variance};
use crate::split::Split;
use crate::valley::{Curved, Descended, Hilly};
use crate::{Findings, Path, Plane};

/// The experiments that explain the others; they are quick, and have no numbers to choose.
#[derive(Clone, Debug)]
pub(crate) struct Why {
    plane: Plane,
    paths: [Path; 2],
    splits: [Split; 2],
    averages: Vec<(f64, Variance)>,
    bowl: OnBowl,
    hills: [f64; 2],
    valley: [Descended; 2],
}

impl Why {
    /// Makes them.
    fn find() -> Result<Self, HyperError> {
        let plane = Plane::default();
        let [plain, classic] = [Form::Plain, Form::Classic { nesterov: false }];
        let (path, split) = (|form| plane.descend(form, 40), |form| Split::of(&plane, form, 40));
        let (noise, hilly, curved) = (Noise::default(), Hilly::default(), Curved::default());
        let averages = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
        let averages = averages.map(|beta| Ok((beta, noise.at_rest(beta)?)));
        Ok(Self {
            plane,
            paths: [path(plain)?, path(classic)?],
            splits: [split(plain)?, split(classic)?],
            averages: averages.into_iter().collect::<Result<_, HyperError>>()?,
            bowl: noise.on_bowl(0.1, 0.9)?,
            hills: [hilly.share(0.0)?, hilly.share(0.9)?],
            valley: [curved.descend(0.0)?, curved.descend(0.9)?],
        })
    }
}

impl Findings {
    /// A page that stands alone: HTML with its drawings and styles inside, which asks nothing of
    /// the network.
    ///
    /// # Panics
    ///
    /// Never: the numbers of the experiments that explain the others are in range.
    #[must_use]
    pub fn page(&self) -> String {
        let why = Why::find().expect("the numbers of these experiments are in range");
        page::page(self, &why).into_string()
    }
}

#[cfg(test)]
mod tests {
    use ravine::data::Ravine;
    use ravine::simd::{Level, Par};

    use super::*;
    use crate::digits::Digits;
    use crate::race::{FORMS, Race};
    use crate::real::Regression;
    use crate::{Bandwidth, Origin, Peer, Regressed, Replay, Speed, tables};

    fn findings() -> Findings {
        let ravine = Ravine { rows: 64, cols: 4, condition: 10.0, ..Ravine::default() };
        let course = Race { ravine, above: 1e-2 }.prepare(Par::Seq).unwrap();
        let level = Level::detect();
        let race = FORMS.map(|(name, form)| course.run(name, form, level, Par::Seq).unwrap());
        let regression = Regression::new(tables::diabetes()).unwrap();
        let prepared = Digits { epochs: 1, ..Digits::default() }.prepare().unwrap();
        let replay = |threads, digest: Option<&str>| Replay {
            level: "scalar",
            threads,
            fused: true,
            digest: digest.map(str::to_owned),
            rows_per_s: 1e5,
        };
        Findings {
            condition: course.condition(),
            race: race.into(),
            real: vec![Regressed {
                name: "diabetes",
                condition: regression.condition(),
                plain: regression.descend(Form::Plain).unwrap(),
                momentum: regression.descend(Form::Classic { nesterov: false }).unwrap(),
            }],
            digits: prepared.train(level, Par::Seq, true).unwrap(),
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
                    .map(|(name, is_limit)| Bandwidth {
                        name: name.into(),
                        is_limit,
                        gb_per_s: vec![(256.0, 90.0), (1e6, 40.0)],
                    })
                    .into(),
            },
            origin: Origin {
                machine: "a machine <of ours>".into(),
                date: "2020-02-29".into(),
                version: "1".into(),
            },
        }
    }

    #[test]
    fn a_page_stands_alone_and_fits_a_phone_and_the_night() {
        let page = findings().page();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        assert!(page.contains("name=\"viewport\"") && page.contains("color-scheme: light dark"));
        let links = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!links.contains("http") && !links.contains("<script") && !links.contains("url("));
        assert!(page.contains("a machine &lt;of ours&gt; · 2020-02-29 · 1 · numeric contract"));
        assert!(!page.contains("NaN") && !page.contains("inf"), "every number is finite");
    }

    #[test]
    fn every_drawing_has_a_sentence_and_the_command_of_its_numbers() {
        let page = findings().page();
        let count = |part: &str| page.matches(part).count();
        assert_eq!(count("<svg "), 10);
        assert_eq!(count("<figcaption>"), 10);
        assert_eq!(count("<code>cargo xtask "), 10 + 1);
    }

    #[test]
    fn digests_that_differ_are_not_counted_as_the_same() {
        let mut found = findings();
        assert_eq!(found.same(), 2);
        let page = found.page();
        assert!(page.contains("2 of 4 digests") && page.contains("diverged, 100k"), "{page}");
        // Runs that diverged together agree in nothing.
        found.replays.iter_mut().for_each(|replay| replay.digest = None);
        assert_eq!(found.same(), 0);
    }
}
