//! A file's text, and its code without comments and literals.

/// A file under the rules.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Its path from the workspace's root.
    pub(crate) path: &'a str,
    /// All of it.
    pub(crate) text: &'a str,
    /// As long as the text, with spaces for what comments, strings and characters contain.
    pub(crate) code: String,
}

impl<'a> Source<'a> {
    /// The text of the file at `path`.
    pub(crate) fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text, code: code(text) }
    }

    /// The lines, from 1, of the code up to its unit tests.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .zip(1..)
            .map(|(line, number)| (number, line))
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
    }

    /// The line, from 1, of the byte `at`.
    pub(crate) fn line_of(&self, at: usize) -> usize {
        1 + self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count()
    }
}

/// The text with spaces for every byte of a comment or literal, but for line ends.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = literal(rest);
        let (taken, tail) = rest.split_at(length.unwrap_or(next.len_utf8()));
        if length.is_none() && next.is_ascii() {
            code.push(next);
        } else {
            code.extend(taken.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        // A letter before a quote may begin a raw string, but not in the middle of a word.
        let word = tail.len() - tail.trim_start_matches(is_word).len();
        let skip = if length.is_none() && is_word(next) { word } else { 0 };
        code.extend(
            tail[..skip].bytes().map(|byte| if byte.is_ascii() { byte.into() } else { ' ' }),
        );
        rest = &tail[skip..];
    }
    code
}

/// The length of the comment or literal that `text` starts with.
fn literal(text: &str) -> Option<usize> {
    let end = |from: usize, close: &str| text[from..].find(close).map(|at| from + at + close.len());
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(end(2, "*/").unwrap_or(text.len()));
    }
    if let Some(hashes) = raw(text.trim_start_matches('b')) {
        let open = text.find('"').unwrap_or_default() + 1;
        return end(open, &format!("\"{}", "#".repeat(hashes)));
    }
    if let Some(string) = text.strip_prefix('"') {
        let mut is_escaped = false;
        return string.char_indices().find_map(|(at, next)| {
            let closes = next == '"' && !is_escaped;
            is_escaped = next == '\\' && !is_escaped;
            closes.then_some(at + 2)
        });
    }
    let mut quoted = text.strip_prefix('\'')?.chars();
    match (quoted.next()?, quoted.next()?) {
        ('\\', _) => end(3, "'"),
        (next, '\'') => Some(next.len_utf8() + 2),
        _ => None,
    }
}

/// The number of hashes of the raw string that `text` starts with.
fn raw(text: &str) -> Option<usize> {
    let open = text.strip_prefix('r')?;
    let quote = open.trim_start_matches('#');
    quote.starts_with('"').then_some(open.len() - quote.len())
}

fn is_word(next: char) -> bool {
    next.is_alphanumeric() || next == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank_and_positions_stay() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b\n */ c", "a     \n    c"),
            (r#"f("a \" b", x)"#, "f(        , x)"),
            ("f(r#\"a \" b\"#, x)", "f(          , x)"),
            ("f::<'a>('b', '\\'', b'c')", "f::<'a>(   ,     , b   )"),
            ("for\"x\"", "for   "),
            ("β·x", "    x"),
        ];
        for (text, want) in cases {
            assert_eq!(code(text), want, "{text}");
            assert_eq!(text.len(), want.len(), "{text}");
        }
    }

    #[test]
    fn shipped_code_ends_where_unit_tests_begin() {
        let source = Source::new("a.rs", "fn f() {}\n#[cfg(test)]\nmod tests {}\n");
        assert_eq!(source.shipped().collect::<Vec<_>>(), [(1, "fn f() {}")]);
    }
}
