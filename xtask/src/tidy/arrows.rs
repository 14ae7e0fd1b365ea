//! The rule about who may import whom.

use crate::tidy::source::Source;

/// Every crate of the workspace, each after all that it may import.
const ORDER: [(&str, &[&str]); 11] = [
    ("ravine-conformance", &[]),
    ("ravine-simd", &[]),
    ("ravine-momentum", &["ravine-simd"]),
    ("ravine-tensor", &["ravine-simd"]),
    ("ravine-models", &["ravine-tensor"]),
    ("ravine-data", &["ravine-simd"]),
    ("ravine", &["ravine-momentum", "ravine-models", "ravine-data"]),
    ("ravine-lab", &["ravine"]),
    ("ravine-cli", &["ravine-lab", "ravine-conformance"]),
    ("ravine-benches", &["ravine-cli"]),
    ("xtask", &["ravine-cli"]),
];

/// Lines of a manifest that import a crate of the workspace against the arrows.
///
/// An import may follow several arrows in a row. Tests, examples and benches may import anything.
pub(crate) fn against(source: &Source<'_>) -> Vec<usize> {
    let folder = source.path.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap_or_default();
    let Some((package, _)) = ORDER
        .iter()
        .find(|(name, _)| *name == folder || name.strip_prefix("ravine-") == Some(folder))
    else {
        return Vec::new();
    };
    let mut is_import = false;
    let mut lines = Vec::new();
    for (line, number) in source.text.lines().zip(1..) {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            is_import = section.ends_with("dependencies") && !section.ends_with("dev-dependencies");
        }
        let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
        let is_ours = ORDER.iter().any(|(ours, _)| *ours == name);
        if is_import && is_ours && !reaches(package, name) {
            lines.push(number);
        }
    }
    lines
}

/// Whether arrows lead from `package` to `import`.
fn reaches(package: &str, import: &str) -> bool {
    let arrows = ORDER.iter().find(|(name, _)| *name == package).map_or(&[][..], |(_, to)| to);
    arrows.iter().any(|next| *next == import || reaches(next, import))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        against(&Source::new(path, text))
    }

    #[test]
    fn an_import_against_the_arrows_is_found_in_every_form() {
        let imports = [
            "ravine-momentum.workspace = true",
            "ravine-momentum = { workspace = true, optional = true }",
            "ravine-momentum = \"0.1\"",
        ];
        for import in imports {
            for section in ["dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"]
            {
                let text = format!("[package]\n[{section}]\n{import}\n");
                assert_eq!(lines("crates/tensor/Cargo.toml", &text), [3], "{text}");
                assert!(lines("crates/ravine/Cargo.toml", &text).is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn features_and_development_may_name_any_crate() {
        let text = "[features]\nravine-cli = []\n[dev-dependencies]\nravine-cli.workspace = true\n";
        assert!(lines("crates/simd/Cargo.toml", text).is_empty());
    }

    #[test]
    fn nothing_imports_itself() {
        assert!(ORDER.iter().all(|(name, _)| !reaches(name, name)));
    }
}
