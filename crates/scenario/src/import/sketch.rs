//! What an importer makes: services with endpoints, calls and flows, before it is cut to what the language allows.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::Notes;
use crate::model::{CallPolicy, ServiceKind, Step};

/// Bytes a name is cut to.
const NAME_BYTES: usize = 80;

/// A system in the making.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    pub(super) description: String,
    pub(super) region: String,
    /// One-way latency between any two services.
    pub(super) latency_ns: u64,
    /// What requests are about, with the number of keys and the skew: for caches.
    pub(super) keys: Vec<(String, u32, &'static str)>,
    pub(super) services: Vec<Service>,
    pub(super) flows: Vec<Flow>,
}

/// A service in the making. Times are nanoseconds; `None` is the language's default.
#[derive(Debug, Default)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) kind: ServiceKind,
    pub(super) description: String,
    pub(super) replicas: u32,
    pub(super) version: Option<String>,
    pub(super) cores: Option<u32>,
    pub(super) workers: Option<u32>,
    pub(super) queue: Option<u32>,
    pub(super) start_ns: Option<u64>,
    /// Heap limit in bytes.
    pub(super) memory: Option<u64>,
    /// Computing time per 100 ms.
    pub(super) quota_ns: Option<u64>,
    pub(super) health: Option<Health>,
    pub(super) cache: Option<Cache>,
    pub(super) dead_letters: bool,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) calls: BTreeMap<String, CallPolicy>,
}

/// Active health checks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Health {
    pub(super) interval_ns: u64,
    pub(super) timeout_ns: u64,
    pub(super) unhealthy: u32,
}

/// What a cache stores.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) keys: String,
    pub(super) entries: u32,
    pub(super) ttl_ns: u64,
}

/// An endpoint with its program.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
}

/// A user flow. The first one is the main one.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) entry: (String, String),
    pub(super) slow_ns: u64,
    pub(super) timeout_ns: u64,
    pub(super) per_second: f64,
}

/// Names as the language takes them: seen, short, and each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By what they were.
    given: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    /// The name for what is called `raw` in the input: always the same one for the same word. Characters that cannot be
    /// seen are left out, spaces drawn together, long names cut, and what another word has become gets a number.
    pub(super) fn of(&mut self, raw: &str, kind: &str, notes: &mut Notes) -> String {
        self.beside(raw, raw, kind, notes)
    }

    /// The name for what is called `raw` and told apart by `key` from others that are called so too.
    pub(super) fn beside(&mut self, key: &str, raw: &str, kind: &str, notes: &mut Notes) -> String {
        if let Some(name) = self.given.get(key) {
            return name.clone();
        }
        let tidy = tidy(raw);
        let mut name = tidy.clone();
        let mut number = 1u32;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{tidy}-{number}");
        }
        if name != raw {
            notes.add(
                raw,
                format!("{kind} is called `{name}` here: names are seen, short and differ"),
            );
        }
        self.given.insert(key.to_owned(), name.clone());
        name
    }
}

/// A text as a name may be.
pub(super) fn tidy(raw: &str) -> String {
    let seen = |c: &char| !c.is_control() && !crate::text::is_deceptive(*c);
    let spaced: String = raw
        .chars()
        // A control character between two words kept them apart.
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(seen)
        .take(4 * NAME_BYTES)
        .collect();
    let mut name = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.len() > NAME_BYTES {
        let cut = (0..=NAME_BYTES).rev().find(|&at| name.is_char_boundary(at));
        name.truncate(cut.unwrap_or(0));
        name.truncate(name.trim_end().len());
    }
    if name.is_empty() {
        name.push_str("unnamed");
    }
    name
}

/// A title of a flow from a name.
pub(super) fn title(words: &str) -> String {
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Notes, tidy};

    #[test]
    fn names_are_made_valid_and_told_apart() {
        let mut names = Names::default();
        let mut notes = Notes::default();
        let mut of = |raw: &str| names.of(raw, "a service", &mut notes);
        assert_eq!(of("cart"), "cart");
        assert_eq!(of("ca\u{202e}rt"), "cart-2");
        assert_eq!(of("cart"), "cart");
        assert_eq!(of("  two\n words\u{7}"), "two words");
        assert_eq!(of(""), "unnamed");
        assert_eq!(of("\u{0}"), "unnamed-2");
        let long = "ä".repeat(300);
        assert!(of(&long).len() <= 80);
        // One note for each that changed.
        assert_eq!(notes.finish().len(), 5);
        assert_eq!(tidy(&format!("{} x", "a".repeat(79))), "a".repeat(79));
    }
}
