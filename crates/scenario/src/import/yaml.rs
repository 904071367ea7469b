//! YAML as a tree with positions, within budgets.
//!
//! An alias shares the value it names instead of copying it, and what a tree would unfold to is counted while it is read:
//! a file that would grow beyond the budget is refused before anybody walks through it.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Marker, Parser, ScalarStyle};

use super::problem::{Problem, shown};
use crate::diagnostics::Diagnostic;

/// Longest file in bytes.
pub(super) const MAX_BYTES: usize = 4 << 20;
/// Most values of a file, with everything aliases stand for.
const MAX_VALUES: u64 = 500_000;
/// Deepest nesting, through aliases too.
const MAX_DEPTH: u32 = 48;

#[derive(Debug)]
enum Value {
    Text { text: String, plain: bool },
    List(Vec<u32>),
    Map(Vec<(u32, u32)>),
}

#[derive(Debug)]
struct Node {
    line: u32,
    column: u32,
    value: Value,
    /// Values within, itself included, aliases unfolded.
    size: u64,
    /// Nesting within, itself included.
    depth: u32,
}

/// A YAML document.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) file: String,
    nodes: Vec<Node>,
    root: u32,
}

/// A value of a tree.
#[derive(Clone, Copy)]
pub(super) struct Item<'t> {
    tree: &'t Tree,
    id: u32,
}

/// A list or map that is still open, with the anchor it answers to.
struct Open {
    id: u32,
    anchor: usize,
    children: Vec<u32>,
    is_map: bool,
}

/// Reads one YAML document.
pub(super) fn parse(file: &str, text: &str) -> Result<Tree, Diagnostic> {
    if text.len() > MAX_BYTES {
        let found = text.len();
        return Err(Problem::of(file).limit(format!(
            "the file has {found} bytes; at most {MAX_BYTES} are read"
        )));
    }
    Reader {
        file,
        nodes: Vec::new(),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        root: None,
    }
    .read(text)
}

struct Reader<'f> {
    file: &'f str,
    nodes: Vec<Node>,
    open: Vec<Open>,
    /// Finished values by anchor; one that is still open has none yet.
    anchors: BTreeMap<usize, u32>,
    root: Option<u32>,
}

impl Reader<'_> {
    fn read(mut self, text: &str) -> Result<Tree, Diagnostic> {
        let mut documents = 0u32;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                self.at(*error.marker()).form(format!(
                    "this is not YAML: {}",
                    shown(&error.kind().to_string())
                ))
            })?;
            let at = span.start;
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(self.at(at).form("expected one YAML document".to_owned()));
                    }
                }
                Event::Alias(anchor) => {
                    let id = self.anchors.get(&anchor).copied().ok_or_else(|| {
                        self.at(at)
                            .form("an alias within the value it names".to_owned())
                    })?;
                    self.put(id);
                }
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == ScalarStyle::Plain;
                    let text = text.into_owned();
                    let id = self.node(Value::Text { text, plain }, at)?;
                    self.name(anchor, id);
                    self.put(id);
                }
                Event::SequenceStart(_, anchor, _) => self.begin(false, anchor, at)?,
                Event::MappingStart(_, anchor, _) => self.begin(true, anchor, at)?,
                Event::SequenceEnd | Event::MappingEnd => self.end(at)?,
                _ => {}
            }
        }
        match self.root {
            Some(root) => Ok(Tree {
                file: self.file.to_owned(),
                nodes: self.nodes,
                root,
            }),
            None => Err(Problem::of(self.file).empty("the file is empty".to_owned())),
        }
    }

    fn at(&self, mark: Marker) -> Problem {
        Problem::at(self.file, narrow(mark.line()), narrow(mark.col() + 1))
    }

    fn node(&mut self, value: Value, mark: Marker) -> Result<u32, Diagnostic> {
        if self.nodes.len() as u64 >= MAX_VALUES {
            return Err(self
                .at(mark)
                .limit(format!("more than {MAX_VALUES} values")));
        }
        let id = narrow(self.nodes.len());
        self.nodes.push(Node {
            line: narrow(mark.line()),
            column: narrow(mark.col() + 1),
            value,
            size: 1,
            depth: 1,
        });
        Ok(id)
    }

    fn name(&mut self, anchor: usize, id: u32) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
    }

    fn begin(&mut self, is_map: bool, anchor: usize, at: Marker) -> Result<(), Diagnostic> {
        if self.open.len() >= MAX_DEPTH as usize {
            return Err(self
                .at(at)
                .limit(format!("values are nested deeper than {MAX_DEPTH}")));
        }
        let id = self.node(Value::List(Vec::new()), at)?;
        self.open.push(Open {
            id,
            anchor,
            children: Vec::new(),
            is_map,
        });
        Ok(())
    }

    fn end(&mut self, at: Marker) -> Result<(), Diagnostic> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let (mut size, mut depth) = (1u64, 0);
        for child in &open.children {
            if let Some(child) = self.nodes.get(*child as usize) {
                size = size.saturating_add(child.size);
                depth = depth.max(child.depth);
            }
        }
        if size > MAX_VALUES {
            return Err(self
                .at(at)
                .limit(format!("aliases unfold to more than {MAX_VALUES} values")));
        }
        if depth >= MAX_DEPTH {
            return Err(self.at(at).limit(format!(
                "values are nested deeper than {MAX_DEPTH}, aliases unfolded"
            )));
        }
        let value = if open.is_map {
            Value::Map(self.pairs(&open.children)?)
        } else {
            Value::List(open.children)
        };
        if let Some(node) = self.nodes.get_mut(open.id as usize) {
            node.value = value;
            node.size = size;
            node.depth = depth + 1;
        }
        self.name(open.anchor, open.id);
        self.put(open.id);
        Ok(())
    }

    /// Keys and values in turn as pairs; a key may stand only once, but merges may be several.
    fn pairs(&self, children: &[u32]) -> Result<Vec<(u32, u32)>, Diagnostic> {
        let mut seen = BTreeSet::new();
        let mut pairs = Vec::with_capacity(children.len() / 2);
        for pair in children.chunks_exact(2) {
            let &[key, value] = pair else { continue };
            if let Some(Node {
                value: Value::Text { text, .. },
                line,
                column,
                ..
            }) = self.nodes.get(key as usize)
                && text != "<<"
                && !seen.insert(text.as_str())
            {
                let message = format!("the key `{}` stands here twice", shown(text));
                return Err(Problem::at(self.file, *line, *column).form(message));
            }
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    /// A finished value goes to what is open, or is the document.
    fn put(&mut self, id: u32) {
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.root = Some(id),
        }
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Tree {
    /// The whole document.
    pub(super) const fn root(&self) -> Item<'_> {
        Item {
            tree: self,
            id: self.root,
        }
    }
}

impl<'t> Item<'t> {
    fn node(self) -> Option<&'t Node> {
        self.tree.nodes.get(self.id as usize)
    }

    /// Where a problem of this value is.
    pub(super) fn problem(self) -> Problem {
        let (line, column) = self.node().map_or((1, 1), |node| (node.line, node.column));
        Problem::at(&self.tree.file, line, column)
    }

    /// The text of a scalar, as written; `None` for lists and maps.
    pub(super) fn text(self) -> Option<&'t str> {
        match &self.node()?.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it says nothing: `null`, `~` or left empty.
    pub(super) fn is_null(self) -> bool {
        matches!(
            self.node().map(|node| &node.value),
            Some(Value::Text { text, plain: true }) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        )
    }

    /// The entries of a list; `None` for others.
    pub(super) fn list(self) -> Option<Vec<Self>> {
        let tree = self.tree;
        match &self.node()?.value {
            Value::List(ids) => Some(ids.iter().map(|&id| Self { tree, id }).collect()),
            _ => None,
        }
    }

    /// The entries of a map, merged ones (`<<`) after its own; `None` for others. Keys that are no texts are left out.
    pub(super) fn map(self) -> Option<Vec<(&'t str, Self)>> {
        let tree = self.tree;
        let Value::Map(pairs) = &self.node()?.value else {
            return None;
        };
        let mut entries: Vec<(&'t str, Self)> = Vec::new();
        let mut merged = Vec::new();
        for &(key, id) in pairs {
            let (key, value) = (Self { tree, id: key }, Self { tree, id });
            match key.text() {
                Some("<<") => match value.list() {
                    Some(list) => merged.extend(list.into_iter().filter_map(Self::map).flatten()),
                    None => merged.extend(value.map().into_iter().flatten()),
                },
                Some(key) => entries.push((key, value)),
                None => {}
            }
        }
        if !merged.is_empty() {
            let mut known: BTreeSet<&str> = entries.iter().map(|(key, _)| *key).collect();
            entries.extend(merged.into_iter().filter(|(key, _)| known.insert(key)));
        }
        Some(entries)
    }

    /// The value of a key of a map.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.map()?
            .into_iter()
            .find_map(|(name, value)| (name == key).then_some(value))
    }
}
