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
    /// A shade of a field of values, from 0, which is nearly the ground, to 9.
    Shade(u8),
}

/// Shades of a field of values.
pub(crate) const SHADES: u8 = 10;

impl Ink {
    pub(crate) const NAMED: [Self; 7] = [
        Self::Text,
        Self::Grid,
        Self::Plain,
        Self::Momentum,
        Self::Third,
        Self::Fourth,
        Self::Fifth,
    ];

    /// What the page calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Grid => "grid",
            Self::Plain => "plain",
            Self::Momentum => "momentum",
            Self::Third => "third",
            Self::Fourth => "fourth",
            Self::Fifth => "fifth",
            Self::Shade(_) => "shade",
        }
    }

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
            Self::Shade(shade) => {
                let share = f64::from(shade.min(SHADES - 1)) / f64::from(SHADES - 1);
                [[[0xf6, 0xf9, 0xfc], [0x2b, 0x6c, 0x9f]], [[0x1d, 0x22, 0x28], [0x5a, 0xa6, 0xdd]]]
                    .map(|[from, to]| mixed(from, to, share))
            }
        }
    }

    /// The color on light ground, and on dark ground, as style sheets write them.
    pub(crate) fn css(self) -> [String; 2] {
        self.shades().map(|[r, g, b]| format!("#{r:02X}{g:02X}{b:02X}"))
    }

    pub(crate) fn color(self) -> RGBColor {
        let [[r, g, b], _] = self.shades();
        RGBColor(r, g, b)
    }
}

/// A color between two.
fn mixed(from: [u8; 3], to: [u8; 3], share: f64) -> [u8; 3] {
    [0, 1, 2].map(|i| {
        let (from, to) = (f64::from(from[i]), f64::from(to[i]));
        rounded(from + share * (to - from))
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
fn rounded(value: f64) -> u8 {
    value.round() as u8
}

/// The rules that turn a drawing's colors where the reader's system is dark.
pub(crate) fn style() -> String {
    let mut rules = String::from("<style>@media (prefers-color-scheme: dark) {");
    for ink in Ink::NAMED.into_iter().chain((0..SHADES).map(Ink::Shade)) {
        let [light, dark] = ink.css();
        for property in ["fill", "stroke"] {
            write!(rules, "svg [{property}=\"{light}\"]{{{property}:{dark}}}")
                .expect("writing to a string succeeds");
        }
    }
    rules + "}</style>"
}
