//! How the page looks.

use crate::figures::{Ink, SHADES};

/// The style sheet: the figures' colors for light and for dark ground, and the page's own rules.
pub(super) fn sheet() -> String {
    let named = Ink::NAMED.map(|ink| (ink.name(), ink.css()));
    let heat = [("heat-from", Ink::Shade(0).css()), ("heat-to", Ink::Shade(SHADES - 1).css())];
    let rules = |ground: usize| -> String {
        let all = named.iter().chain(&heat);
        all.map(|(name, css)| format!("--{name}: {}; ", css[ground])).collect()
    };
    let [light, dark] = [0, 1].map(rules);
    let colors = format!(
        ":root {{ {light}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n"
    );
    colors + include_str!("page.css")
}
