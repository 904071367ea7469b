//! Reading: file → scan → `ron` → model, with every problem of form as a diagnostic.

use ron::error::{Error, SpannedError};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

use crate::diagnostics::{Diagnostic, nearest, severity_of};
use crate::model::{ScenarioFile, System};
use crate::positions::{Position, Positions};
use crate::scan::{End, Finding, MAX_FILE_BYTES, scan};
use crate::source::{Files, resolve_include};
use crate::validate::{validate_scenario, validate_system};

/// A file that was read: its name and where its values stand.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Name within the library.
    pub file: String,
    /// Positions of its values.
    pub positions: Positions,
}

impl Document {
    /// A diagnostic about the value at `path`.
    #[must_use]
    pub fn diagnostic(&self, code: &'static str, path: &str, message: String, help: Option<String>) -> Diagnostic {
        self.at(self.positions.of(path), code, path.to_owned(), message, help)
    }

    fn at(&self, position: Position, code: &'static str, path: String, message: String, help: Option<String>) -> Diagnostic {
        let Position { line, column } = position;
        Diagnostic { code, severity: severity_of(code), file: self.file.clone(), line, column, path, message, help }
    }

    fn finding(&self, finding: &Finding) -> Diagnostic {
        let position = self.positions.position(finding.offset);
        let path = self.positions.path(finding.node);
        self.at(position, finding.code, path, finding.message.clone(), Some(finding.help.to_owned()))
    }
}

/// A system as read, with where it stands in its file.
#[derive(Clone, Debug)]
pub struct LoadedSystem {
    /// The file.
    pub document: Document,
    /// Its content.
    pub model: System,
}

/// A scenario as read, with its system.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub document: Document,
    /// Its content.
    pub model: ScenarioFile,
    /// The system it is about.
    pub system: LoadedSystem,
}

/// Reads and checks a scenario file and the system it includes.
///
/// All problems of both files come back at once, errors before warnings within a file in order of their place. The
/// scenario is there as soon as both files have the right form, even if what they say is wrong;
/// [`compile`](crate::compile::compile) refuses such a scenario.
#[must_use]
pub fn load(files: &dyn Files, path: &str) -> (Option<Loaded>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let scenario: Option<(Document, ScenarioFile)> = read(files, path, &mut found);
    let Some((document, model)) = scenario else { return (None, found) };
    let Some(include) = resolve_include(&document.file, &model.system) else {
        let message = format!("`{}` does not lead to a file inside the scenario library", model.system);
        let help = "write a relative path such as \"../systems/storefront.ron\"".to_owned();
        found.push(document.diagnostic("E0111", "system", message, Some(help)));
        return (None, found);
    };
    let mut about_system = Vec::new();
    let system: Option<(Document, System)> = match files.read(&include) {
        Ok(text) => parse(&include, &text, &mut about_system),
        Err(error) => {
            let message = format!("cannot read the system file `{include}`: {error}");
            found.push(document.diagnostic("E0001", "system", message, None));
            None
        }
    };
    let loaded = system.map(|(system_document, system_model)| Loaded {
        document,
        model,
        system: LoadedSystem { document: system_document, model: system_model },
    });
    if let Some(loaded) = &loaded {
        validate_system(&loaded.system, Some(&loaded.model), &mut about_system);
        validate_scenario(loaded, &mut found);
    }
    sort(&mut found);
    sort(&mut about_system);
    found.append(&mut about_system);
    (loaded, found)
}

/// Reads and checks a system file by itself.
#[must_use]
pub fn load_system(files: &dyn Files, path: &str) -> (Option<LoadedSystem>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let loaded = read(files, path, &mut found).map(|(document, model)| LoadedSystem { document, model });
    if let Some(loaded) = &loaded {
        validate_system(loaded, None, &mut found);
    }
    sort(&mut found);
    (loaded, found)
}

fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| (a.severity, a.line, a.column, a.code).cmp(&(b.severity, b.line, b.column, b.code)));
}

fn read<T: DeserializeOwned>(files: &dyn Files, path: &str, found: &mut Vec<Diagnostic>) -> Option<(Document, T)> {
    match files.read(path) {
        Ok(text) => parse(path, &text, found),
        Err(error) => {
            let document = Document { file: path.to_owned(), positions: Positions::new("") };
            found.push(document.diagnostic("E0001", "", format!("cannot read the file: {error}"), None));
            None
        }
    }
}

/// Unknown fields are taken out and the rest is read again, so that one misspelling does not hide the next.
const MAX_ROUNDS: usize = 32;

/// Parses a text into a model. `Some` whenever `ron` could make sense of it, with the problems of form in `found`.
fn parse<T: DeserializeOwned>(file: &str, text: &str, found: &mut Vec<Diagnostic>) -> Option<(Document, T)> {
    if text.len() > MAX_FILE_BYTES {
        let document = Document { file: file.to_owned(), positions: Positions::new("") };
        let message = format!("the file has {} bytes; at most {MAX_FILE_BYTES} are allowed", text.len());
        found.push(document.diagnostic("E0002", "", message, Some("split the scenario".to_owned())));
        return None;
    }
    let scan = scan(text);
    let document = Document { file: file.to_owned(), positions: scan.positions };
    found.extend(scan.findings.iter().map(|finding| document.finding(finding)));
    if scan.end == End::Limit {
        return None;
    }
    let mut text = text.to_owned();
    for (from, to, with) in scan.findings.iter().filter_map(|finding| finding.patch) {
        text = patched(&text, from, to, with);
    }
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    for _ in 0..MAX_ROUNDS {
        match options.from_str::<T>(&text) {
            Ok(model) => {
                if let End::Syntax(offset) = scan.end {
                    let message = "this text cannot be read".to_owned();
                    found.push(document.at(document.positions.position(offset), "E0101", String::new(), message, None));
                    return None;
                }
                return Some((document, model));
            }
            Err(error) => {
                let (diagnostic, remove) = form_error(&document, &error);
                found.push(diagnostic);
                let (from, to) = remove?;
                text = patched(&text, from, to, "");
            }
        }
    }
    None
}

/// Replaces a range by `with`, padded with spaces so that everything else keeps its line.
fn patched(text: &str, from: u32, to: u32, with: &str) -> String {
    let (from, to) = (from as usize, to as usize);
    let (Some(before), Some(range), Some(after)) = (text.get(..from), text.get(from..to), text.get(to..)) else {
        return text.to_owned();
    };
    let filler = range.chars().skip(with.len()).map(|c| if c == '\n' { '\n' } else { ' ' });
    // Bytes must not move either, because later ranges are byte offsets: one space per byte of a wider character.
    let filler: String = filler.collect();
    let short = range.len().saturating_sub(with.len() + filler.len());
    [before, with, &filler, &" ".repeat(short), after].concat()
}

/// What `ron` says, in words for an author; with the range to take out if reading can go on without it.
fn form_error(document: &Document, error: &SpannedError) -> (Diagnostic, Option<(u32, u32)>) {
    let positions = &document.positions;
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    let start = Position { line: narrow(error.span.start.line), column: narrow(error.span.start.col) };
    let end = Position { line: narrow(error.span.end.line), column: narrow(error.span.end.col) };
    let end_offset = positions.offset(end);
    let inner = positions.innermost(end_offset);
    let inner_path = inner.map(|node| positions.path(node)).unwrap_or_default();
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let meant = |found: &str, expected: &[&str]| match nearest(found, expected.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("expected one of {}", quoted(expected)),
    };
    match &error.code {
        Error::NoSuchStructField { expected, found, outer } => {
            let owner = outer.as_ref().map(|outer| format!(" of {outer}")).unwrap_or_default();
            let message = format!("unknown field `{found}`{owner}");
            let help = Some(meant(found, expected));
            let node = positions.named_before(found, end_offset);
            let Some((index, node)) = node.and_then(|index| Some((index, positions.nodes.get(index as usize)?))) else {
                return (document.at(start, "E0102", inner_path, message, help), None);
            };
            let at = positions.position(node.key_start);
            (document.at(at, "E0102", positions.path(index), message, help), Some((node.key_start, node.item_end)))
        }
        Error::NoSuchEnumVariant { expected, found, outer } => {
            let owner = outer.as_ref().map(|outer| format!(" of {outer}")).unwrap_or_default();
            let message = format!("unknown variant `{found}`{owner}");
            let at = inner.and_then(|node| positions.nodes.get(node as usize)).map_or(start, |node| positions.position(node.start));
            (document.at(at, "E0103", inner_path, message, Some(meant(found, expected))), None)
        }
        Error::MissingStructField { field, outer } => {
            let owner = outer.as_ref().map(|outer| format!(" in {outer}")).unwrap_or_default();
            // `ron` notices at the closing parenthesis: the struct is what encloses the place, not what ends there.
            let enclosing = positions.innermost(end_offset.saturating_add(1)).or(inner);
            let path = enclosing.map(|node| positions.path(node)).unwrap_or_default();
            let help = Some(format!("add `{field}: …`"));
            (document.diagnostic("E0104", &path, format!("missing field `{field}`{owner}"), help), None)
        }
        Error::InvalidValueForType { expected, found } => {
            let message = format!("expected {expected}, found {found}");
            (document.at(start, "E0110", inner_path, message, None), None)
        }
        _ if positions.text.trim().is_empty() => {
            let help = "a scenario file begins with `Scenario(`, a system file with `System(`".to_owned();
            (document.at(start, "E0101", String::new(), "the file is empty".to_owned(), Some(help)), None)
        }
        other => (document.at(start, "E0101", inner_path, sentence(&other.to_string()), None), None),
    }
}

/// `ron` begins its messages with a capital; ours are fragments like the compiler's.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
