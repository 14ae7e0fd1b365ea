//! Code that has no level, so that a test which catches its patch has none to name.

/// A family of such code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Levelless {
    /// Schedules: numbers in `f64` that are handed to whoever steps, on any level.
    Schedule,
    /// Which rows a batch has, and in which order: settled before a number is read.
    Plan,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::patch::Told;
    use crate::mutants::table;
    use crate::process::root;

    /// Files that are all of a family.
    const FILES: [(&str, Levelless); 3] = [
        ("crates/momentum/src/schedule.rs", Levelless::Schedule),
        ("crates/ravine/src/feed.rs", Levelless::Plan),
        ("crates/ravine/src/plan.rs", Levelless::Plan),
    ];

    #[test]
    fn no_file_of_a_family_speaks_of_a_level() {
        for (file, _) in FILES {
            let text = std::fs::read_to_string(root().join(file)).unwrap();
            for word in ["level", "Level", "Simd"] {
                assert!(!text.contains(word), "{file} speaks of {word}");
            }
        }
    }

    #[test]
    fn patches_of_these_files_and_no_others_are_told_without_a_level() {
        for patch in table::all() {
            let family = FILES.iter().find(|(file, _)| *file == patch.file);
            let told = match patch.told {
                Told::Place(family) => Some(family),
                Told::Level(_) | Told::LevelAndPlace => None,
                Told::Experiments(_) => continue,
            };
            assert_eq!(told, family.map(|(_, family)| *family), "{}", patch.name);
        }
    }
}
