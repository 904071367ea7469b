//! Versions of the format: what has changed between one and the next, as edits of the text.
//!
//! A file in an older format is edited before it is read, so that only the current one has a model. The edits touch
//! nothing but what they are about: comments and layout stay, and `brownout migrate` writes what they give. Diagnostics
//! tell lines and columns of the file as it was.

use core::ops::Range;

use thiserror::Error;

use crate::positions::{Key, Node, Origin, Positions};
use crate::scan::{End, MAX_FILE_BYTES, Scan, scan};

/// The format that this release writes. It reads all before it.
pub const CURRENT: u32 = 2;

/// Something of a text to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What goes, in bytes; empty for an insertion.
    pub(crate) range: Range<u32>,
    /// What comes.
    pub(crate) with: String,
}

/// What leads from one format to the next.
#[derive(Clone, Copy)]
pub struct Migration {
    /// Format it begins with.
    pub from: u32,
    /// What has changed, in one line.
    pub what: &'static str,
    edits: fn(&Positions) -> Vec<Edit>,
}

/// Each format with what leads to the next one, oldest first.
pub const MIGRATIONS: [Migration; 1] = [Migration {
    from: 1,
    what: "`unset` of a truth names its parts: `(service: …, version: …, region: …, variable: …)`",
    edits: unset_names_its_parts,
}];

/// `("store", "2.0.0", "north", "MODE")` becomes `(service: "store", version: "2.0.0", …)`: four strings in a row are
/// easily given in the wrong order, and what is said then is about a service that does not exist.
fn unset_names_its_parts(positions: &Positions) -> Vec<Edit> {
    let truths = positions.children(0).filter(|(_, node)| {
        matches!(node.key, Key::Name(_)) && positions.key_name(node) == "truths"
    });
    let truth = truths.flat_map(|(truths, _)| positions.children(truths));
    let lists = truth
        .flat_map(|(truth, _)| positions.children(truth))
        .filter(|(_, node)| positions.key_name(node) == "unset");
    let rows = lists.flat_map(|(list, _)| positions.children(list));
    let mut edits = Vec::new();
    for (row, _) in rows {
        let names = ["service", "version", "region", "variable"];
        for ((_, part), name) in positions.children(row).zip(names) {
            if matches!(part.key, Key::Index(_)) {
                edits.push(Edit {
                    range: part.start..part.start,
                    with: format!("{name}: "),
                });
            }
        }
    }
    edits
}

/// Why a text was not brought to the current format.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// Not RON, or beyond a limit: `brownout check` tells what is wrong.
    #[error("it cannot be read; `brownout check` tells what is wrong with it")]
    Unreadable,
    /// No `format` at the top.
    #[error("it has no `format: N`, so it is neither a scenario nor a system")]
    NoFormat,
    /// A format this release does not know.
    #[error("format {0} is unknown; this release knows formats 1 to {CURRENT}")]
    Unknown(u64),
    /// It would be longer than a file may be.
    #[error("in format {CURRENT} it would have more than {MAX_FILE_BYTES} bytes")]
    TooLong,
}

/// A text in the current format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The format it had.
    pub from: u32,
    /// The text, comments and layout kept. The same as before if it was in the current format.
    pub text: String,
}

/// Brings a text to the current format.
///
/// # Errors
/// If it cannot be read, has no format or one that is not known, or would be too long.
pub fn migrate(text: &str) -> Result<Migrated, Refused> {
    if text.len() > MAX_FILE_BYTES {
        return Err(Refused::Unreadable);
    }
    let scan = scan(text);
    if scan.end != End::Complete {
        return Err(Refused::Unreadable);
    }
    let (_, written) = written(&scan.positions).ok_or(Refused::NoFormat)?;
    let from = known(written).ok_or(Refused::Unknown(written))?;
    let text = brought_up(text, scan).positions.text;
    if text.len() > MAX_FILE_BYTES {
        return Err(Refused::TooLong);
    }
    Ok(Migrated { from, text })
}

/// The number of the format at the top of a file, and where it stands; `None` if there is none or it is no number.
pub(crate) fn written(positions: &Positions) -> Option<(Range<u32>, u64)> {
    let (_, node) = positions
        .children(0)
        .find(|(_, node)| positions.key_name(node) == "format")?;
    let text = positions.text.get(node.start as usize..node.end as usize)?;
    Some((node.start..node.end, text.parse().ok()?))
}

/// A format this release reads.
pub(crate) fn known(format: u64) -> Option<u32> {
    let format = u32::try_from(format).ok()?;
    (1..=CURRENT).contains(&format).then_some(format)
}

/// What a scan gives once its text is in the current format. A text without a known format stays as it is. A text that
/// breaks off is edited as far as it goes.
pub(crate) fn brought_up(original: &str, mut scanned: Scan) -> Scan {
    let mut applied = Vec::new();
    while let Some((place, format)) = written(&scanned.positions) {
        let Some(migration) = MIGRATIONS.iter().find(|m| u64::from(m.from) == format) else {
            break;
        };
        let mut edits = (migration.edits)(&scanned.positions);
        edits.push(Edit {
            range: place,
            with: (format + 1).to_string(),
        });
        edits.sort_by_key(|edit| edit.range.start);
        let text = edited(&scanned.positions.text, &edits);
        applied.push(edits);
        scanned = scan(&text);
    }
    if !applied.is_empty() {
        scanned.positions.origin = Some(Box::new(Origin::new(original, applied)));
    }
    scanned
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut result = String::with_capacity(text.len() + 64 * edits.len());
    let mut at = 0;
    for Edit { range, with } in edits {
        let (from, to) = (range.start as usize, range.end as usize);
        result.push_str(text.get(at..from).unwrap_or_default());
        result.push_str(with);
        at = to;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

impl Edit {
    /// Where an offset of the edited text was before `edits`, which are sorted.
    pub(crate) fn before(edits: &[Self], offset: u32) -> u32 {
        // How far the edited text is ahead of the other so far; it may lag too.
        let mut ahead: i64 = 0;
        for Self { range, with } in edits {
            let start = i64::from(range.start) + ahead;
            let length = i64::try_from(with.len()).unwrap_or(0);
            if i64::from(offset) < start {
                break;
            }
            if i64::from(offset) < start + length {
                return range.start;
            }
            ahead += length - i64::from(range.end - range.start);
        }
        u32::try_from(i64::from(offset) - ahead).unwrap_or(0)
    }
}

impl Positions {
    /// The values directly below one, with their numbers.
    fn children(&self, of: u32) -> impl Iterator<Item = (u32, &Node)> {
        let mut next = self.nodes.get(of as usize).map(|node| node.first_child);
        core::iter::from_fn(move || {
            let index = next?;
            let node = self.nodes.get(index as usize)?;
            next = Some(node.next_sibling);
            Some((index, node))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CURRENT, Edit, MIGRATIONS, edited};

    /// Every format but the current one leads to the next.
    #[test]
    fn migrations_are_a_chain_without_a_gap() {
        let from: Vec<u32> = MIGRATIONS.iter().map(|migration| migration.from).collect();
        assert_eq!(from, (1..CURRENT).collect::<Vec<_>>());
    }

    /// What the edits leave alone is found where it was; what they bring is where they stand.
    #[test]
    fn places_are_found_again() {
        let text = "abcdefgh";
        let edit = |from, to, with: &str| Edit {
            range: from..to,
            with: with.to_owned(),
        };
        let edits = [edit(1, 1, "12"), edit(3, 6, "z"), edit(7, 7, "!")];
        let after = edited(text, &edits);
        assert_eq!(after, "a12bczg!h");
        for (offset, c) in after.char_indices() {
            let before = Edit::before(&edits, u32::try_from(offset).expect("short"));
            if c.is_ascii_lowercase() && c != 'z' {
                assert_eq!(text.chars().nth(before as usize), Some(c), "{offset}");
            }
        }
        let inserted: Vec<u32> = [1, 2, 5, 7].map(|o| Edit::before(&edits, o)).to_vec();
        assert_eq!(inserted, [1, 1, 3, 7]);
    }
}
