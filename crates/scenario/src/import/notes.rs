//! What an import left out, assumed or changed, for people.

use std::collections::BTreeSet;

use serde::Serialize;

use super::problem::shown;

/// Most notes of an import. A file of which more could be said is not understood by reading them.
const MAX_NOTES: usize = 400;

/// One thing an import left out, assumed or changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// What it is about: a name or a field of the input.
    pub about: String,
    /// What was done, and why.
    pub reason: String,
}

/// The notes of an import, each once, in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    known: BTreeSet<Note>,
    more: usize,
}

impl Notes {
    /// Note something. Somebody else's words in it are made safe to show.
    pub(super) fn add(&mut self, about: &str, reason: impl AsRef<str>) {
        let note = Note {
            about: shown(about),
            reason: shown_reason(reason.as_ref()),
        };
        if self.known.contains(&note) {
            return;
        }
        if self.notes.len() >= MAX_NOTES {
            self.more += 1;
            return;
        }
        self.known.insert(note.clone());
        self.notes.push(note);
    }

    /// All of them.
    pub(super) fn finish(mut self) -> Vec<Note> {
        if self.more > 0 {
            let reason = format!("{} more are not listed", self.more);
            self.notes.push(Note {
                about: "notes".to_owned(),
                reason,
            });
        }
        self.notes
    }
}

/// A reason has names in it and may be longer than a name.
fn shown_reason(reason: &str) -> String {
    let line: String = crate::text::clean(reason)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .take(400)
        .collect();
    line
}
