//! What is wrong with an input, in one line with its place.

use crate::diagnostics::{Diagnostic, Severity};
use crate::text::clean;

/// A place in an input that something is wrong with.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    file: String,
    line: u32,
    column: u32,
    help: Option<String>,
}

impl Problem {
    /// A problem of a file as a whole.
    pub(super) fn of(file: &str) -> Self {
        Self::at(file, 1, 1)
    }

    /// A problem at a place, line and column from 1.
    pub(super) fn at(file: &str, line: u32, column: u32) -> Self {
        Self {
            file: file.to_owned(),
            line: line.max(1),
            column: column.max(1),
            help: None,
        }
    }

    /// What to do about it.
    pub(super) fn help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }

    /// It has another form than its format.
    pub(super) fn form(self, message: String) -> Diagnostic {
        self.diagnostic("E0701", message)
    }

    /// It is larger than what is read, or than what a system may have.
    pub(super) fn limit(self, message: String) -> Diagnostic {
        self.diagnostic("E0702", message)
    }

    /// There is nothing in it to make a system of.
    pub(super) fn empty(self, message: String) -> Diagnostic {
        self.diagnostic("E0703", message)
    }

    fn diagnostic(self, code: &'static str, message: String) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            file: self.file,
            line: self.line,
            column: self.column,
            path: String::new(),
            message,
            help: self.help,
        }
    }
}

/// Somebody else's words in one line: no control characters or direction marks, and not longer than a person reads.
pub(super) fn shown(words: &str) -> String {
    const MOST: usize = 120;
    let line: String = clean(words)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .take(MOST + 1)
        .collect();
    if line.chars().count() > MOST {
        let mut short: String = line.chars().take(MOST).collect();
        short.push('…');
        return short;
    }
    line
}
