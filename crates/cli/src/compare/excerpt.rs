//! Texts from files, as messages show them.

/// Characters of a text before it is cut short.
const WIDTH: usize = 100;

/// The begin of a text, on one line and without what commands a terminal.
pub(super) fn excerpt(text: &str) -> String {
    let more = if text.chars().nth(WIDTH).is_some() { "…" } else { "" };
    let shown: String = text.chars().take(WIDTH).collect();
    format!("{}{more}", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_short_and_commands_no_terminal() {
        assert_eq!(excerpt("step é"), "step é");
        assert_eq!(excerpt("a\n\u{1b}[2Jb"), "a\\n\\u{1b}[2Jb");
        assert_eq!(excerpt(&"é".repeat(WIDTH)), "é".repeat(WIDTH));
        assert_eq!(excerpt(&"é".repeat(WIDTH + 1)), "é".repeat(WIDTH) + "…");
    }
}
