//! One pass over RON text before `ron` sees it: builds the [`Positions`] index and refuses what `ron` would accept or
//! only notice after allocating for it.

mod lexemes;
mod tokens;

use std::collections::BTreeSet;

use crate::positions::{Key, NONE, Node, Positions};

pub use lexemes::{Lexeme, LexemeKind, lexemes};

/// Longest file in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// Most entries of one list, tuple, map or struct.
pub const MAX_ENTRIES: u32 = 4_096;
/// Longest string in bytes, as written.
pub const MAX_STRING_BYTES: usize = 16 * 1024;
/// Deepest nesting of values.
pub const MAX_DEPTH: u32 = 64;
/// Most findings of one scan; a file with more is not worth listing in full.
const MAX_FINDINGS: usize = 100;

/// Something the scan refuses.
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) offset: u32,
    pub(crate) node: u32,
    pub(crate) message: String,
    pub(crate) help: &'static str,
    /// What to read instead so that the rest of the file can be checked: replaces this range.
    pub(crate) patch: Option<(u32, u32, &'static str)>,
}

/// How a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The whole text was understood.
    Complete,
    /// The text is not RON from this offset on.
    Syntax(u32),
    /// A limit is broken: the text must not be parsed.
    Limit,
}

/// What a scan found.
pub(crate) struct Scan {
    pub(crate) positions: Positions,
    pub(crate) findings: Vec<Finding>,
    pub(crate) end: End,
}

/// Scans a text of at most [`MAX_FILE_BYTES`].
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        text,
        at: 0,
        depth: 0,
        positions: Positions::new(text),
        findings: Vec::new(),
    };
    let end = match scanner.file() {
        Ok(()) => End::Complete,
        Err(Stop::Syntax) => End::Syntax(scanner.offset()),
        Err(Stop::Limit) => End::Limit,
    };
    Scan {
        positions: scanner.positions,
        findings: scanner.findings,
        end,
    }
}

/// The position index of a text; `None` if it is not complete RON or breaks a limit.
#[must_use]
pub fn index(text: &str) -> Option<Positions> {
    let scan = scan(text);
    (scan.end == End::Complete).then_some(scan.positions)
}

enum Stop {
    Syntax,
    Limit,
}

type Scanned = Result<(), Stop>;

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
    positions: Positions,
    findings: Vec<Finding>,
}

impl Scanner<'_> {
    fn file(&mut self) -> Scanned {
        self.blank()?;
        while self.rest().starts_with("#!") {
            self.until(']')?;
            self.blank()?;
        }
        let root = self.open(NONE, Key::Root, self.offset());
        self.value(root)?;
        self.blank()?;
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err(Stop::Syntax)
        }
    }

    fn open(&mut self, parent: u32, key: Key, key_start: u32) -> u32 {
        let index = u32::try_from(self.positions.nodes.len()).unwrap_or(NONE);
        let (start, end) = (key_start, key_start);
        self.positions.nodes.push(Node {
            parent,
            first_child: NONE,
            last_child: NONE,
            next_sibling: NONE,
            key,
            key_start,
            start,
            end,
            item_end: end,
        });
        if let Some(previous) = self
            .positions
            .nodes
            .get(parent as usize)
            .map(|parent| parent.last_child)
        {
            if let Some(previous) = self.positions.nodes.get_mut(previous as usize) {
                previous.next_sibling = index;
            }
            if let Some(parent) = self.positions.nodes.get_mut(parent as usize) {
                parent.last_child = index;
                if parent.first_child == NONE {
                    parent.first_child = index;
                }
            }
        }
        index
    }

    fn find(&mut self, finding: Finding) -> Scanned {
        self.findings.push(finding);
        if self.findings.len() < MAX_FINDINGS {
            Ok(())
        } else {
            Err(Stop::Limit)
        }
    }

    fn limit(
        &mut self,
        code: &'static str,
        offset: u32,
        node: u32,
        message: String,
        help: &'static str,
    ) -> Scanned {
        self.findings.push(Finding {
            code,
            offset,
            node,
            message,
            help,
            patch: None,
        });
        Err(Stop::Limit)
    }

    fn value(&mut self, node: u32) -> Scanned {
        self.blank()?;
        let start = self.offset();
        if let Some(node) = self.positions.nodes.get_mut(node as usize) {
            node.start = start;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("values are nested more than {MAX_DEPTH} deep");
            return self.limit("E0109", start, node, message, "flatten the structure");
        }
        let read = self.value_at(node);
        self.depth -= 1;
        // Also when the text breaks off within the value: errors there belong to it.
        let end = self.offset();
        if let Some(node) = self.positions.nodes.get_mut(node as usize) {
            node.end = end;
            node.item_end = end;
        }
        read
    }

    fn value_at(&mut self, node: u32) -> Scanned {
        match self.peek().ok_or(Stop::Syntax)? {
            '[' => self.elements(node, ']'),
            '{' => self.fields(node, '}'),
            '(' => self.parentheses(node),
            '"' => self.string(node),
            '\'' => self.character(),
            c if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number(node),
            c if c.is_alphabetic() || c == '_' => self.word(node),
            _ => Err(Stop::Syntax),
        }
    }

    /// A word: a raw or byte string, `Some(…)`, a variant or struct with or without parentheses, `true`, `NaN` …
    fn word(&mut self, node: u32) -> Scanned {
        let rest = self.rest();
        for prefix in ["br", "b", "r"] {
            let Some(tail) = rest.strip_prefix(prefix) else {
                continue;
            };
            let raw = prefix.ends_with('r');
            let quoted =
                tail.starts_with('"') || (raw && tail.trim_start_matches('#').starts_with('"'));
            if quoted {
                self.at += prefix.len();
                return if raw {
                    self.raw_string(node)
                } else {
                    self.string(node)
                };
            }
            if prefix == "b" && tail.starts_with('\'') {
                self.at += 1;
                return self.character();
            }
        }
        let start = self.offset();
        let (from, to) = self.identifier()?;
        let word = self.text.get(from..to).unwrap_or("").to_owned();
        if matches!(
            word.as_str(),
            "inf" | "inff32" | "inff64" | "NaN" | "NaNf32" | "NaNf64"
        ) {
            return self.refuse_number(node, start, &word);
        }
        let after = self.at;
        self.blank()?;
        if self.peek() != Some('(') {
            // The value ends with the word, not with the comment behind it.
            self.at = after;
            return Ok(());
        }
        if word != "Some" {
            return self.parentheses(node);
        }
        self.take()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.limit(
                "E0109",
                start,
                node,
                format!("values are nested more than {MAX_DEPTH} deep"),
                "flatten the structure",
            );
        }
        self.blank()?;
        let start = self.offset();
        if let Some(node) = self.positions.nodes.get_mut(node as usize) {
            node.start = start;
        }
        self.value_at(node)?;
        self.depth -= 1;
        self.blank()?;
        self.eat(",");
        self.blank()?;
        if self.eat(")") {
            Ok(())
        } else {
            Err(Stop::Syntax)
        }
    }

    /// `(…)`: a struct if a field name and a colon come first, else a tuple.
    fn parentheses(&mut self, node: u32) -> Scanned {
        let at = self.at;
        self.take()?;
        self.blank()?;
        let named = self.identifier().is_ok() && self.blank().is_ok() && self.peek() == Some(':');
        self.at = at;
        if named {
            self.fields(node, ')')
        } else {
            self.elements(node, ')')
        }
    }

    fn elements(&mut self, node: u32, close: char) -> Scanned {
        self.take()?;
        let mut count = 0;
        loop {
            self.blank()?;
            if self.peek() == Some(close) {
                self.take()?;
                return Ok(());
            }
            self.entry_allowed(node, count)?;
            let child = self.open(node, Key::Index(count), self.offset());
            self.value(child)?;
            count += 1;
            self.separator(child, close)?;
        }
    }

    fn fields(&mut self, node: u32, close: char) -> Scanned {
        self.take()?;
        let mut seen = BTreeSet::new();
        let mut count = 0;
        loop {
            self.blank()?;
            if self.peek() == Some(close) {
                self.take()?;
                return Ok(());
            }
            self.entry_allowed(node, count)?;
            count += 1;
            let start = self.offset();
            let key = self.key(node)?;
            self.blank()?;
            if !self.eat(":") {
                return Err(Stop::Syntax);
            }
            let child = self.open(node, key, start);
            self.value(child)?;
            self.separator(child, close)?;
            let name = self
                .positions
                .nodes
                .get(child as usize)
                .map(|node| self.positions.key_name(node).to_owned());
            let name = name.unwrap_or_default();
            if !seen.insert(name.clone()) {
                let end = self
                    .positions
                    .nodes
                    .get(child as usize)
                    .map_or(start, |node| node.item_end);
                let what = if close == '}' { "key" } else { "field" };
                self.find(Finding {
                    code: "E0105",
                    offset: start,
                    node: child,
                    message: format!("duplicate {what} `{name}`"),
                    help: "only one of the two can apply: delete the other",
                    patch: Some((start, end, "")),
                })?;
            }
        }
    }

    /// A field name or map key. Keys that are neither words nor strings are kept as written.
    fn key(&mut self, node: u32) -> Result<Key, Stop> {
        let range = |from: usize, to: usize| {
            let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            Key::Name(narrow(from)..narrow(to))
        };
        let from = self.at;
        if self.peek() == Some('"') {
            self.string(node)?;
            let inner = self.text.get(from + 1..self.at - 1).unwrap_or("");
            if inner.contains('\\') {
                let decoded: String = ron::from_str(self.text.get(from..self.at).unwrap_or(""))
                    .map_err(|_| Stop::Syntax)?;
                return Ok(Key::Decoded(decoded.into_boxed_str()));
            }
            return Ok(range(from + 1, self.at - 1));
        }
        if self.rest().starts_with("r\"") || self.rest().starts_with("r#\"") {
            self.at += 1;
            self.raw_string(node)?;
            let written = self.text.get(from..self.at).unwrap_or("");
            let inner = written
                .trim_start_matches(['r', '#'])
                .trim_end_matches('#')
                .trim_matches('"');
            return Ok(Key::Decoded(inner.into()));
        }
        if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            let (from, to) = self.identifier()?;
            return Ok(range(from, to));
        }
        // Nothing in the language has such keys; `ron` will say so. They must not nest without bound either.
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Syntax);
        }
        self.value_at(node)?;
        self.depth -= 1;
        Ok(range(from, self.at))
    }

    fn separator(&mut self, child: u32, close: char) -> Scanned {
        self.blank()?;
        if self.eat(",") {
            let end = self.offset();
            if let Some(child) = self.positions.nodes.get_mut(child as usize) {
                child.item_end = end;
            }
            return Ok(());
        }
        if self.peek() == Some(close) {
            Ok(())
        } else {
            Err(Stop::Syntax)
        }
    }

    fn entry_allowed(&mut self, node: u32, count: u32) -> Scanned {
        if count < MAX_ENTRIES {
            return Ok(());
        }
        let message = format!("more than {MAX_ENTRIES} entries");
        self.limit(
            "E0107",
            self.offset(),
            node,
            message,
            "lists, maps and structs are bounded",
        )
    }
}
