//! One page of everything: a ravine to play with, figures, tables, and the commands that made them.

mod digests;
mod first;
mod json;
mod page;
mod play;
mod plot;
mod style;

use crate::grid::Grid;
use crate::{Failure, Findings, figures};

impl Findings {
    /// A page that stands alone: HTML with its data, styles and scripts inside, which asks nothing
    /// of the network.
    ///
    /// # Errors
    ///
    /// If one of the experiments that explain the others has no result.
    pub fn page(&self) -> Result<String, Failure> {
        let mut chapters = figures::chapters(&self.experiments)?;
        chapters.push(figures::speed::chapter(&self.speed, self.benches.as_ref()));
        let grid = Grid::default();
        let play = play::play(&grid, &grid.cross()?);
        let digests = digests::digests(self);
        Ok(page::page(self, &play, &chapters, &digests).into_string())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use ravine::data::Ravine;
    use ravine::simd::{Level, Par};

    use super::*;
    use crate::digits::Digits;
    use crate::race::{FORMS, Race};
    use crate::{Benches, Curve, Experiments, Origin, Peer, Regressed, Replay, Speed, tables};

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

    /// The page, which takes a second to make.
    static PAGE: LazyLock<String> = LazyLock::new(|| findings().page().unwrap());

    #[test]
    fn a_page_stands_alone_and_fits_a_phone_and_the_night() {
        let page = &*PAGE;
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        assert!(page.contains("name=\"viewport\"") && page.contains("color-scheme: light dark"));
        assert!(page.contains("content=\"default-src 'none'; script-src 'unsafe-inline';"));
        assert!(page.contains("a machine &lt;of ours&gt; · 2020-02-29 · 1 · numeric contract"));
        assert!(page.len() < 8_000_000, "{} bytes", page.len());
        // What is ours names no other place.
        let ours = page.replace(plot::PLOTLY, "").replace("http://www.w3.org/2000/svg", "");
        assert!(ours.len() + plot::PLOTLY.len() < page.len() + 1, "the library is there once");
        for part in ["http:", "https:", "src=", "url(", "@import", "fetch(", "import("] {
            assert!(!ours.contains(part), "{part}");
        }
        let (head, rest) = ours.split_once("<script id=\"runs\"").unwrap();
        let (runs, tail) = rest.split_once("</script>").unwrap();
        assert!(runs.len() > 2_000_000, "the runs are there: {} bytes", runs.len());
        for text in [head, tail] {
            assert!(!text.contains("NaN") && !text.contains(">inf"), "every number is finite");
        }
    }

    #[test]
    fn every_figure_has_a_sentence_and_the_command_of_its_numbers() {
        let page = &*PAGE;
        let count = |part: &str| page.matches(part).count();
        let figures = count("<figure class=\"figure\"");
        assert!(figures >= 15, "{figures}");
        assert_eq!(count("<noscript><svg "), figures, "and a drawing where there are no scripts");
        assert_eq!(count("<figcaption><p>"), figures + 1, "and one of the digests");
        assert_eq!(count("</p><code>cargo xtask "), figures + 1);
        assert!(!page.contains("<p></p>"), "a sentence is missing");
    }

    #[test]
    fn records_of_benches_are_drawn_where_they_are_given() {
        let curve = |name: &str| Curve {
            name: name.into(),
            is_limit: false,
            points: vec![(1.0, 1.0), (2.0, 1.9)],
        };
        let benches = Benches {
            widths: vec![curve("ravine"), curve("another")],
            threads: vec![curve("step")],
            shares: Vec::new(),
            command: "cargo bench".into(),
            origin: "yesterday".into(),
        };
        let names = |benches| {
            let chapter = figures::speed::chapter(&findings().speed, benches);
            chapter.figures.into_iter().map(|figure| figure.name).collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["bandwidth"]);
        // Of shares nothing is known.
        let wanted = ["bandwidth", "step-by-width", "speed-by-threads"];
        assert_eq!(names(Some(&benches)), wanted);
    }

    #[test]
    fn digests_that_differ_are_not_counted_as_the_same_and_have_another_color() {
        let mut found = findings();
        assert_eq!(found.same(), 2);
        let page = digests::digests(&found).into_string();
        assert!(page.contains("2 of 4 digests"), "{page}");
        let colored =
            |ink: &str| page.matches(&format!("digest\" style=\"--ink: var(--{ink})")).count();
        let inks = ["momentum", "plain", "third", "fourth"];
        assert_eq!(inks.map(colored), [2, 1, 1, 1], "same, another, diverged, a peer's");
        // Runs that diverged together agree in nothing.
        found.replays.iter_mut().for_each(|replay| replay.digest = None);
        assert_eq!(found.same(), 0);
    }
}
