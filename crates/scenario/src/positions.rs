//! Where every value of a RON text stands: path → line and column.
//!
//! `ron` reports positions for what it cannot read, but none for what it can, and most mistakes in a scenario are found
//! after reading. So the text is scanned once more by [`scan`](crate::scan::scan), which fills this index.

use core::ops::Range;

use crate::migrate::Edit;

/// How a value hangs in its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The file's value.
    Root,
    /// Element of a list or tuple.
    Index(u32),
    /// Field or map key: a range of the text.
    Name(Range<u32>),
    /// Map key that had escapes in it.
    Decoded(Box<str>),
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: u32,
    pub(crate) first_child: u32,
    pub(crate) last_child: u32,
    pub(crate) next_sibling: u32,
    pub(crate) key: Key,
    /// Where the key begins; for an element the same as `start`.
    pub(crate) key_start: u32,
    /// Where the value begins and ends.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Where the entry ends, its comma included.
    pub(crate) item_end: u32,
}

pub(crate) const NONE: u32 = u32::MAX;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The text of a file in an older format, before the edits that brought it to the current one.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    text: String,
    line_starts: Vec<u32>,
    /// Edits of each step, the oldest first.
    steps: Vec<Vec<Edit>>,
}

impl Origin {
    pub(crate) fn new(text: &str, steps: Vec<Vec<Edit>>) -> Self {
        Self {
            text: text.to_owned(),
            line_starts: line_starts(text),
            steps,
        }
    }
}

/// Index of the values of one RON text.
///
/// Paths are written `services[3].endpoints[0].steps[2]`: fields and map keys after a dot, elements of lists and
/// tuples in brackets. Variant names and `Some` do not appear: the fields of a struct variant hang below the value.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    pub(crate) text: String,
    pub(crate) line_starts: Vec<u32>,
    pub(crate) nodes: Vec<Node>,
    /// What the file has, if the text is not that: places are told as they are there.
    pub(crate) origin: Option<Box<Origin>>,
}

fn line_starts(text: &str) -> Vec<u32> {
    let mut line_starts = vec![0];
    line_starts.extend(
        text.bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(offset, _)| u32::try_from(offset + 1).unwrap_or(u32::MAX)),
    );
    line_starts
}

impl Positions {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            line_starts: line_starts(text),
            nodes: Vec::new(),
            origin: None,
        }
    }

    /// Where the value of a path begins. If the path does not exist, as with a field left out: where its nearest
    /// existing ancestor begins.
    #[must_use]
    pub fn of(&self, path: &str) -> Position {
        let (node, _) = self.find(0, path);
        self.position(self.nodes.get(node as usize).map_or(0, |node| node.start))
    }

    /// Where the key or field name of a path begins; the same as [`of`](Self::of) for elements of lists.
    #[must_use]
    pub fn key_of(&self, path: &str) -> Position {
        let (node, _) = self.find(0, path);
        self.position(
            self.nodes
                .get(node as usize)
                .map_or(0, |node| node.key_start),
        )
    }

    /// Whether the text has a value at this path.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        !self.nodes.is_empty() && self.find(0, path).1
    }

    /// Number of values in the text.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Byte ranges of every value in the order they stand in the text: first with its key and comma, then bare.
    pub fn ranges(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        self.nodes.iter().map(|node| {
            let entry = node.key_start as usize..node.item_end as usize;
            (entry, node.start as usize..node.end as usize)
        })
    }

    /// Whether the text has no value at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Line and column of a byte offset, in the file.
    pub(crate) fn position(&self, offset: u32) -> Position {
        let (mut offset, mut text, mut line_starts) = (offset, &self.text, &self.line_starts);
        if let Some(origin) = &self.origin {
            let steps = origin.steps.iter().rev();
            offset = steps.fold(offset, |offset, edits| Edit::before(edits, offset));
            (text, line_starts) = (&origin.text, &origin.line_starts);
        }
        let line = line_starts.partition_point(|start| *start <= offset).max(1);
        let start = line_starts.get(line - 1).copied().unwrap_or(0);
        let before = text.get(start as usize..offset as usize).unwrap_or("");
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: narrow(line),
            column: narrow(before.chars().count() + 1),
        }
    }

    /// Byte offset of a line and column of the text.
    pub(crate) fn offset(&self, position: Position) -> u32 {
        let line = position.line.saturating_sub(1) as usize;
        let Some(start) = self.line_starts.get(line).copied() else {
            return self.end();
        };
        let rest = self.text.get(start as usize..).unwrap_or("");
        let within = rest
            .char_indices()
            .nth(position.column.saturating_sub(1) as usize)
            .map_or(rest.len(), |(at, _)| at);
        start.saturating_add(u32::try_from(within).unwrap_or(u32::MAX))
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// The path of a node.
    pub(crate) fn path(&self, node: u32) -> String {
        let mut parts = Vec::new();
        let mut at = node;
        while let Some(node) = self.nodes.get(at as usize) {
            parts.push(self.segment(node));
            at = node.parent;
        }
        parts.reverse();
        let path = parts.concat();
        path.strip_prefix('.').map_or(path.clone(), str::to_owned)
    }

    /// Name of a field or map key.
    pub(crate) fn key_name<'a>(&'a self, node: &'a Node) -> &'a str {
        match &node.key {
            Key::Name(range) => self
                .text
                .get(range.start as usize..range.end as usize)
                .unwrap_or(""),
            Key::Decoded(name) => name,
            Key::Root | Key::Index(_) => "",
        }
    }

    /// The last value named `name` whose name begins before `offset`.
    pub(crate) fn named_before(&self, name: &str, offset: u32) -> Option<u32> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.key_start < offset && self.key_name(node) == name)
            .max_by_key(|(_, node)| node.key_start)
            .and_then(|(index, _)| u32::try_from(index).ok())
    }

    /// The last value that begins between two offsets, both included.
    pub(crate) fn beginning_between(&self, from: u32, to: u32) -> Option<u32> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| (from..=to).contains(&node.start))
            .max_by_key(|(_, node)| node.start)
            .and_then(|(index, _)| u32::try_from(index).ok())
    }

    /// The innermost value whose text holds the character before `offset`.
    pub(crate) fn innermost(&self, offset: u32) -> Option<u32> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.start < offset && offset <= node.end)
            .max_by_key(|(_, node)| node.start)
            .and_then(|(index, _)| u32::try_from(index).ok())
    }

    fn segment(&self, node: &Node) -> String {
        match &node.key {
            Key::Root => String::new(),
            Key::Index(index) => format!("[{index}]"),
            Key::Name(_) | Key::Decoded(_) => format!(".{}", self.key_name(node)),
        }
    }

    /// The deepest node along a path, and whether it is the whole path. Keys may contain dots, so every child whose
    /// name fits is tried. Recursion is bounded by the nesting limit of the scan.
    fn find(&self, from: u32, rest: &str) -> (u32, bool) {
        if rest.is_empty() {
            return (from, true);
        }
        let mut best = (from, false);
        let mut child = self
            .nodes
            .get(from as usize)
            .map_or(NONE, |node| node.first_child);
        while let Some(node) = self.nodes.get(child as usize) {
            let tail = match &node.key {
                Key::Root => None,
                Key::Index(index) => rest
                    .strip_prefix('[')
                    .and_then(|rest| rest.split_once(']'))
                    .filter(|(digits, _)| digits.parse() == Ok(*index))
                    .map(|(_, tail)| tail),
                Key::Name(_) | Key::Decoded(_) => rest
                    .strip_prefix('.')
                    .unwrap_or(rest)
                    .strip_prefix(self.key_name(node)),
            };
            if let Some(tail) = tail.filter(|tail| tail.is_empty() || tail.starts_with(['.', '[']))
            {
                let found = self.find(child, tail);
                if found.1 {
                    return found;
                }
                best = found;
            }
            child = node.next_sibling;
        }
        best
    }
}
