//! Colors that are told apart on light and on dark ground.

use std::fmt::Write as _;

use plotters::style::RGBColor;

/// What a color is for. Each has a shade for light ground, which the drawing names, and one for
/// dark ground, which the drawing's own style sheet puts in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Words and axes.
    Text,
    /// Lines to measure by.
    Grid,
    /// Plain descent.
    Plain,
    /// Classic momentum.
    Momentum,
    /// A third curve.
    Third,
    /// A fourth curve.
    Fourth,
    /// A fifth curve.
    Fifth,
}

impl Ink {
    const ALL: [Self; 7] = [
        Self::Text,
        Self::Grid,
        Self::Plain,
        Self::Momentum,
        Self::Third,
        Self::Fourth,
        Self::Fifth,
    ];

    /// Red, green and blue, for light and for dark ground.
    fn shades(self) -> [[u8; 3]; 2] {
        match self {
            Self::Text => [[0x3c, 0x40, 0x48], [0xc9, 0xce, 0xd6]],
            Self::Grid => [[0xd9, 0xdc, 0xe1], [0x3a, 0x3f, 0x47]],
            // After Okabe and Ito, "Color universal design", 2008; darker or lighter for contrast.
            Self::Plain => [[0xc8, 0x52, 0x00], [0xff, 0x95, 0x52]],
            Self::Momentum => [[0x00, 0x66, 0xb0], [0x62, 0xb6, 0xf5]],
            Self::Third => [[0x00, 0x80, 0x58], [0x44, 0xd0, 0x9c]],
            Self::Fourth => [[0xa1, 0x3f, 0x86], [0xe6, 0x90, 0xcb]],
            Self::Fifth => [[0x8f, 0x6a, 0x00], [0xe3, 0xbd, 0x4f]],
        }
    }

    pub(crate) fn color(self) -> RGBColor {
        let [[r, g, b], _] = self.shades();
        RGBColor(r, g, b)
    }
}

/// The rules that turn a drawing's colors where the reader's system is dark.
pub(crate) fn style() -> String {
    let mut rules = String::from("<style>@media (prefers-color-scheme: dark) {");
    for ink in Ink::ALL {
        let [light, dark] = ink.shades().map(|[r, g, b]| format!("#{r:02X}{g:02X}{b:02X}"));
        for property in ["fill", "stroke"] {
            write!(rules, "svg [{property}=\"{light}\"]{{{property}:{dark}}}")
                .expect("writing to a string succeeds");
        }
    }
    rules + "}</style>"
}
