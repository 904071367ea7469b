//! The tokens of RON: blanks, identifiers, strings, characters, numbers.

use super::{Finding, MAX_STRING_BYTES, Scanned, Scanner, Stop};

impl Scanner<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn offset(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    pub(super) fn take(&mut self) -> Result<char, Stop> {
        let c = self.peek().ok_or(Stop::Syntax)?;
        self.at += c.len_utf8();
        Ok(c)
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn until(&mut self, last: char) -> Scanned {
        while self.take()? != last {}
        Ok(())
    }

    /// Skips white space and comments.
    pub(super) fn blank(&mut self) -> Scanned {
        loop {
            if self.peek().is_some_and(char::is_whitespace) {
                self.take()?;
            } else if !self.comment()? {
                return Ok(());
            }
        }
    }

    /// Skips a comment if one begins here, and says whether one did; block comments nest.
    pub(super) fn comment(&mut self) -> Result<bool, Stop> {
        if self.eat("//") {
            let line = self.rest().find('\n').unwrap_or(self.rest().len());
            self.at += line;
        } else if self.eat("/*") {
            let mut open = 1u32;
            while open > 0 {
                if self.eat("/*") {
                    open += 1;
                } else if self.eat("*/") {
                    open -= 1;
                } else {
                    self.take()?;
                }
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Range of an identifier, without the `r#` of a raw one.
    pub(super) fn identifier(&mut self) -> Result<(usize, usize), Stop> {
        self.eat("r#");
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.take()?;
        }
        if self.at > from {
            Ok((from, self.at))
        } else {
            Err(Stop::Syntax)
        }
    }

    pub(super) fn string(&mut self, node: u32) -> Scanned {
        let start = self.at;
        self.take()?;
        loop {
            match self.take()? {
                '"' => break,
                '\\' => {
                    self.take()?;
                }
                _ => {}
            }
        }
        self.string_allowed(node, start)
    }

    pub(super) fn raw_string(&mut self, node: u32) -> Scanned {
        let start = self.at;
        let mut close = "\"".to_owned();
        while self.eat("#") {
            close.push('#');
        }
        if !self.eat("\"") {
            return Err(Stop::Syntax);
        }
        let length = self.rest().find(&close).ok_or(Stop::Syntax)?;
        self.at += length + close.len();
        self.string_allowed(node, start)
    }

    pub(super) fn string_allowed(&mut self, node: u32, start: usize) -> Scanned {
        // Two bytes for the quotes.
        if self.at - start <= MAX_STRING_BYTES + 2 {
            return Ok(());
        }
        let offset = u32::try_from(start).unwrap_or(u32::MAX);
        let message = format!("a string is longer than {MAX_STRING_BYTES} bytes");
        self.limit("E0108", offset, node, message, "shorten the text")
    }

    pub(super) fn character(&mut self) -> Scanned {
        self.take()?;
        if self.take()? == '\\' {
            self.take()?;
            return self.until('\'');
        }
        if self.eat("'") {
            Ok(())
        } else {
            Err(Stop::Syntax)
        }
    }

    pub(super) fn number(&mut self, node: u32) -> Scanned {
        let start = self.at;
        let mut last = ' ';
        while let Some(c) = self.peek() {
            let sign = matches!(c, '+' | '-') && (self.at == start || matches!(last, 'e' | 'E'));
            if !(sign || c.is_ascii_alphanumeric() || matches!(c, '.' | '_')) {
                break;
            }
            last = self.take()?;
        }
        let word = self.text.get(start..self.at).unwrap_or("").to_owned();
        let plain = word.replace('_', "");
        let plain = plain.trim_end_matches("f32").trim_end_matches("f64");
        // Only to classify: no quantity of the language is read as a float.
        let odd = plain
            .parse::<f64>()
            .is_ok_and(|n| !n.is_finite() || (n == 0.0 && n.is_sign_negative()));
        let offset = u32::try_from(start).unwrap_or(u32::MAX);
        if odd {
            self.refuse_number(node, offset, &word)
        } else {
            Ok(())
        }
    }

    pub(super) fn refuse_number(&mut self, node: u32, offset: u32, word: &str) -> Scanned {
        let message = format!("`{word}` is not a number this format has");
        let help = "write a finite decimal without a negative zero";
        let end = self.offset();
        self.find(Finding {
            code: "E0106",
            offset,
            node,
            message,
            help,
            patch: Some((offset, end, "1")),
        })
    }
}
