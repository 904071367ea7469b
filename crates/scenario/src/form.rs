//! The form of a file: scan, `ron`, and what `ron` says in words for an author.

use ron::error::{Error, SpannedError};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

use crate::diagnostics::{Diagnostic, nearest};
use crate::load::Document;
use crate::migrate;
use crate::positions::{Position, Positions};
use crate::scan::{End, MAX_FILE_BYTES, scan};

/// Unknown fields are taken out and the rest is read again, so that one misspelling does not hide the next.
const MAX_ROUNDS: usize = 32;

/// Parses a text into a model. `Some` whenever `ron` could make sense of it, with the problems of form in `found`.
pub(crate) fn parse<T: DeserializeOwned>(
    file: &str,
    text: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<(Document, T)> {
    if text.len() > MAX_FILE_BYTES {
        let document = Document {
            file: file.to_owned(),
            positions: Positions::new(""),
        };
        let message = format!(
            "the file has {} bytes; at most {MAX_FILE_BYTES} are allowed",
            text.len()
        );
        found.push(document.diagnostic(
            "E0002",
            "",
            message,
            Some("split the scenario".to_owned()),
        ));
        return None;
    }
    let scan = migrate::brought_up(text, scan(text));
    let document = Document {
        file: file.to_owned(),
        positions: scan.positions,
    };
    found.extend(
        scan.findings
            .iter()
            .map(|finding| document.finding(finding)),
    );
    if scan.end == End::Limit {
        return None;
    }
    // What a newer format means is not guessed at: whatever else could be said would be about another language.
    if let Some((place, format)) = migrate::written(&document.positions)
        && migrate::known(format).is_none()
    {
        found.push(unknown_format(&document, place.start, format));
        return None;
    }
    let mut text = document.positions.text.clone();
    for (from, to, with) in scan.findings.iter().filter_map(|finding| finding.patch) {
        text = patched(&text, from, to, with);
    }
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    for _ in 0..MAX_ROUNDS {
        match options.from_str::<T>(&text) {
            Ok(model) => {
                if let End::Syntax(offset) = scan.end {
                    let message = "this text cannot be read".to_owned();
                    found.push(document.at(
                        document.positions.position(offset),
                        "E0101",
                        String::new(),
                        message,
                        None,
                    ));
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

fn unknown_format(document: &Document, offset: u32, format: u64) -> Diagnostic {
    let current = migrate::CURRENT;
    let help = if format > u64::from(current) {
        format!("this release reads formats 1 to {current}: a newer one is needed")
    } else {
        format!("this release reads formats 1 to {current}: write `format: {current}`")
    };
    let message = format!("format {format} is unknown");
    let place = document.positions.position(offset);
    document.at(place, "E0112", "format".to_owned(), message, Some(help))
}

/// Replaces a range by `with`, padded with spaces so that everything else keeps its line.
fn patched(text: &str, from: u32, to: u32, with: &str) -> String {
    let (from, to) = (from as usize, to as usize);
    let (Some(before), Some(range), Some(after)) =
        (text.get(..from), text.get(from..to), text.get(to..))
    else {
        return text.to_owned();
    };
    let filler = range
        .chars()
        .skip(with.len())
        .map(|c| if c == '\n' { '\n' } else { ' ' });
    // Bytes must not move either, because later ranges are byte offsets: one space per byte of a wider character.
    let filler: String = filler.collect();
    let short = range.len().saturating_sub(with.len() + filler.len());
    [before, with, &filler, &" ".repeat(short), after].concat()
}

/// An error of `ron` on the way to a diagnostic.
struct FormError<'a> {
    document: &'a Document,
    /// Where `ron` stood before and after it read what it could not take.
    start: u32,
    end: u32,
    /// The innermost value there.
    inner: Option<u32>,
}

/// What `ron` says, in words for an author; with the range to take out if reading can go on without it.
fn form_error(document: &Document, error: &SpannedError) -> (Diagnostic, Option<(u32, u32)>) {
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    let start = Position {
        line: narrow(error.span.start.line),
        column: narrow(error.span.start.col),
    };
    let end = Position {
        line: narrow(error.span.end.line),
        column: narrow(error.span.end.col),
    };
    let (start, end) = (
        document.positions.offset(start),
        document.positions.offset(end),
    );
    let place = document.positions.position(start);
    let form = FormError {
        document,
        start,
        end,
        inner: document.positions.innermost(end),
    };
    match &error.code {
        Error::NoSuchStructField {
            expected,
            found,
            outer,
        } => form.unknown_field(found, expected, outer.as_deref()),
        Error::NoSuchEnumVariant {
            expected,
            found,
            outer,
        } => {
            let message = format!("unknown variant `{found}`{}", owner("of", outer.as_deref()));
            (
                form.at_inner("E0103", message, Some(meant(found, expected))),
                None,
            )
        }
        Error::MissingStructField { field, outer } => {
            (form.missing_field(field, outer.as_deref()), None)
        }
        _ if document.positions.text.trim().is_empty() => {
            let help =
                "a scenario file begins with `Scenario(`, a system file with `System(`".to_owned();
            let message = "the file is empty".to_owned();
            (
                document.at(place, "E0101", String::new(), message, Some(help)),
                None,
            )
        }
        Error::InvalidValueForType { expected, found } => (
            form.at_value("E0110", format!("expected {expected}, found {found}"), None),
            None,
        ),
        other => {
            let help = instead(other).map(str::to_owned);
            (
                form.at_value("E0101", sentence(&other.to_string()), help),
                None,
            )
        }
    }
}

/// What to write in the place of something of another kind, in the words of somebody who does not write programs.
const fn instead(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::ExpectedString => "write it in quotes, such as \"20m\" or \"98%\"",
        Error::ExpectedStringEnd => "a text begins here and its closing quote is missing",
        Error::ExpectedInteger => "write a whole number, without quotes",
        Error::ExpectedFloat => "write a number, without quotes",
        Error::ExpectedBoolean => "write true or false, without quotes",
        Error::ExpectedArray => {
            "a list stands in square brackets; a list of lists in two pairs of them: [[one, two], [three]]"
        }
        Error::ExpectedComma | Error::ExpectedArrayEnd | Error::ExpectedMapEnd => {
            "a comma is missing before this, or a bracket or quote further up is not closed"
        }
        Error::ExpectedIdentifier | Error::ExpectedStructLikeEnd => {
            "a name of a field should stand here: a closing bracket before this is probably missing"
        }
        Error::ExpectedMapColon => "between a name and its value stands a colon",
        Error::Eof => "a bracket is opened and never closed: look at the last entries from the end",
        _ => return None,
    })
}

impl FormError<'_> {
    fn start_place(&self) -> Position {
        self.document.positions.position(self.start)
    }

    fn inner_path(&self) -> String {
        self.inner
            .map(|node| self.document.positions.path(node))
            .unwrap_or_default()
    }

    /// At the innermost value.
    fn at_inner(&self, code: &'static str, message: String, help: Option<String>) -> Diagnostic {
        let positions = &self.document.positions;
        let node = self
            .inner
            .and_then(|node| positions.nodes.get(node as usize));
        let place = node.map_or(self.start_place(), |node| positions.position(node.start));
        self.document
            .at(place, code, self.inner_path(), message, help)
    }

    /// At the value that begins where `ron` stood before, or there if none does.
    fn at_value(&self, code: &'static str, message: String, help: Option<String>) -> Diagnostic {
        let positions = &self.document.positions;
        let node = positions.beginning_between(self.start, self.end);
        match node.filter(|node| *node > 0) {
            Some(node) => self
                .document
                .diagnostic(code, &positions.path(node), message, help),
            None => self
                .document
                .at(self.start_place(), code, self.inner_path(), message, help),
        }
    }

    fn unknown_field(
        &self,
        found: &str,
        expected: &[&str],
        outer: Option<&str>,
    ) -> (Diagnostic, Option<(u32, u32)>) {
        let positions = &self.document.positions;
        let message = format!("unknown field `{found}`{}", owner("of", outer));
        let help = Some(meant(found, expected));
        let index = positions.named_before(found, self.end);
        let Some((index, node)) =
            index.and_then(|index| Some((index, positions.nodes.get(index as usize)?)))
        else {
            return (
                self.document.at(
                    self.start_place(),
                    "E0102",
                    self.inner_path(),
                    message,
                    help,
                ),
                None,
            );
        };
        let place = positions.position(node.key_start);
        let diagnostic = self
            .document
            .at(place, "E0102", positions.path(index), message, help);
        (diagnostic, Some((node.key_start, node.item_end)))
    }

    fn missing_field(&self, field: &str, outer: Option<&str>) -> Diagnostic {
        let positions = &self.document.positions;
        // `ron` notices at the closing parenthesis: the struct is what encloses the place, not what ends there.
        let enclosing = positions
            .innermost(self.end.saturating_add(1))
            .or(self.inner);
        let path = enclosing
            .map(|node| positions.path(node))
            .unwrap_or_default();
        let message = format!("missing field `{field}`{}", owner("in", outer));
        self.document
            .diagnostic("E0104", &path, message, Some(format!("add `{field}: …`")))
    }
}

fn owner(link: &str, outer: Option<&str>) -> String {
    outer
        .map(|outer| format!(" {link} {outer}"))
        .unwrap_or_default()
}

fn meant(found: &str, expected: &[&str]) -> String {
    if let Some(name) = nearest(found, expected.iter().copied()) {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
    format!("expected one of {}", names.join(", "))
}

/// `ron` begins its messages with a capital; ours are fragments like the compiler's.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
