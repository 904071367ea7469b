//! The pieces a RON text is written in, for who shows it: read as the scan reads them, but no text is refused.

use super::{Scanner, Stop};
use crate::positions::{NONE, Positions};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LexemeKind {
    /// White space.
    Blank,
    /// A comment with its marks.
    Comment,
    /// A string or a character with its quotes. One that is never closed goes on to the end of the text, as the reader
    /// takes it.
    Text,
    /// A number.
    Number,
    /// A name before a colon.
    Field,
    /// Any other name: of a struct, a variant, `true`.
    Word,
    /// A bracket, comma or colon.
    Mark,
    /// What the language has no use for.
    Stray,
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where the next one begins.
    pub end: usize,
    /// What it is.
    pub kind: LexemeKind,
}

/// The pieces of a text in their order. Every character belongs to exactly one.
#[must_use]
pub fn lexemes(text: &str) -> Vec<Lexeme> {
    let mut scanner = Scanner {
        text,
        at: 0,
        depth: 0,
        positions: Positions::default(),
        findings: Vec::new(),
    };
    let mut found = Vec::new();
    while let Some(first) = scanner.peek() {
        let start = scanner.at;
        let kind = scanner.lexeme(first);
        if scanner.at == start {
            scanner.at += first.len_utf8();
        }
        // Too long a string is a finding of the scan; here it is a string.
        scanner.findings.clear();
        found.push(Lexeme {
            start,
            end: scanner.at,
            kind,
        });
    }
    found
}

impl Scanner<'_> {
    /// Goes over a piece as far as it can be read, and says what it is.
    fn lexeme(&mut self, first: char) -> LexemeKind {
        if first.is_whitespace() {
            while self.peek().is_some_and(char::is_whitespace) && self.take().is_ok() {}
            return LexemeKind::Blank;
        }
        match self.comment() {
            Ok(false) => {}
            Ok(true) | Err(_) => return LexemeKind::Comment,
        }
        match first {
            '"' => {
                let _ = self.string(NONE);
                LexemeKind::Text
            }
            '\'' => match self.character() {
                Ok(()) => LexemeKind::Text,
                Err(_) => LexemeKind::Stray,
            },
            '(' | ')' | '[' | ']' | '{' | '}' | ',' | ':' => LexemeKind::Mark,
            _ if first.is_ascii_digit() || matches!(first, '+' | '-' | '.') => {
                let _ = self.number(NONE);
                LexemeKind::Number
            }
            _ if first.is_alphabetic() || first == '_' => self.word_lexeme(),
            _ => LexemeKind::Stray,
        }
    }

    /// A name, or a string that begins with letters.
    fn word_lexeme(&mut self) -> LexemeKind {
        let rest = self.rest();
        for prefix in ["br", "b", "r"] {
            let Some(tail) = rest.strip_prefix(prefix) else {
                continue;
            };
            let raw = prefix.ends_with('r');
            if tail.starts_with('"') || raw && tail.trim_start_matches('#').starts_with('"') {
                self.at += prefix.len();
                let read = if raw {
                    self.raw_string(NONE)
                } else {
                    self.string(NONE)
                };
                if matches!(read, Err(Stop::Syntax)) {
                    self.at = self.text.len();
                }
                return LexemeKind::Text;
            }
        }
        let _ = self.identifier();
        let end = self.at;
        let named = self.blank().is_ok() && self.peek() == Some(':');
        self.at = end;
        if named {
            LexemeKind::Field
        } else {
            LexemeKind::Word
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LexemeKind, lexemes};

    fn kinds(text: &str) -> Vec<(&str, LexemeKind)> {
        lexemes(text)
            .into_iter()
            .filter(|lexeme| lexeme.kind != LexemeKind::Blank)
            .map(|lexeme| (&text[lexeme.start..lexeme.end], lexeme.kind))
            .collect()
    }

    /// Each piece is what the reader takes it for.
    #[test]
    fn pieces_are_what_they_are() {
        use LexemeKind::{Comment, Field, Mark, Number, Stray, Text, Word};
        let text = "Scenario( // one\n name /* a /* b */ */ : \"x \\\" y\", at: r#\"z\"#, n: -1.5, on: true; 'c')";
        let expected = [
            ("Scenario", Word),
            ("(", Mark),
            ("// one", Comment),
            ("name", Field),
            ("/* a /* b */ */", Comment),
            (":", Mark),
            ("\"x \\\" y\"", Text),
            (",", Mark),
            ("at", Field),
            (":", Mark),
            ("r#\"z\"#", Text),
            (",", Mark),
            ("n", Field),
            (":", Mark),
            ("-1.5", Number),
            (",", Mark),
            ("on", Field),
            (":", Mark),
            ("true", Word),
            (";", Stray),
            ("'c'", Text),
            (")", Mark),
        ];
        assert_eq!(kinds(text), expected);
    }

    /// Whatever a text is cut to, and whatever stands in it, all of it comes back in pieces that follow each other.
    #[test]
    fn every_character_belongs_to_one_piece() {
        let whole = "Scenario(\n  name: \"wör\\\"ld\", // tail\n  raw: br##\"a\"#b\"##, c: 'ø', n: 1e-5, x: [(), {\"k\": Some(2)}], /* open /* twice */ */ \u{202e}§ 'q r# b' )";
        let cuts = (0..=whole.len()).filter(|at| whole.is_char_boundary(*at));
        for text in cuts.flat_map(|at| [&whole[..at], &whole[at..]]) {
            let mut at = 0;
            for lexeme in lexemes(text) {
                assert_eq!(lexeme.start, at, "{text}");
                assert!(
                    lexeme.end > at && text.is_char_boundary(lexeme.end),
                    "{text}"
                );
                at = lexeme.end;
            }
            assert_eq!(at, text.len(), "{text}");
        }
    }

    /// What is never closed takes the rest, raw strings too.
    #[test]
    fn what_is_not_closed_goes_on() {
        for open in ["\"b, c: 1", "r#\"b\", c: 1", "/* b, c: 1"] {
            let text = format!("a: {open}");
            let found = kinds(&text);
            assert_eq!(found.len(), 3, "{found:?}");
            assert_eq!(found[2].0, open);
        }
    }

    /// A string beyond the limit of the format is shown as one all the same, and what follows it as what it is.
    #[test]
    fn long_strings_end_where_they_end() {
        let text = format!(
            "a: \"{}\", b: 1",
            "x".repeat(super::super::MAX_STRING_BYTES + 10)
        );
        let found = kinds(&text);
        assert_eq!(found.len(), 7);
        assert_eq!(found[4], ("b", LexemeKind::Field));
    }
}
