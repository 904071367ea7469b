//! Services and endpoints of spans under the names they have here.

use std::collections::{BTreeMap, BTreeSet};

use super::super::notes::Notes;
use super::super::sketch::{Names, tidy};
use super::collect::{Request, Target};
use super::span::{PeerKind, Words};

/// Most endpoints of a service. Operations beyond are usually addresses with something of the request in them.
const MAX_ENDPOINTS: usize = 40;
/// The endpoint of all operations beyond that.
const OTHER: &str = "other";

/// An endpoint: a service by its number, and the endpoint's number.
pub(super) type Place = (u32, u32);

/// Services with the numbers they have here, the outside ones included.
#[derive(Debug, Default)]
pub(super) struct Directory {
    names: Names,
    services: BTreeMap<Party, (u32, String)>,
    order: Vec<(Party, String)>,
    endpoints: BTreeMap<Place, String>,
    by_word: BTreeMap<(Party, u32), Place>,
}

/// A service: one with spans of its own, one without, or a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Party {
    /// With spans.
    Traced(u32),
    /// Without.
    Outside(PeerKind, u32),
    /// A topic or queue.
    Topic(u32),
}

impl Directory {
    /// Names everything requests are about. The operations asked most often keep their names.
    pub(super) fn of(requests: &[Request], words: &Words, notes: &mut Notes) -> Self {
        let mut directory = Self::default();
        let mut operations: BTreeMap<Party, BTreeMap<u32, usize>> = BTreeMap::new();
        let mut count = |party: Party, word: u32| {
            *operations
                .entry(party)
                .or_default()
                .entry(word)
                .or_default() += 1;
        };
        for request in requests {
            count(Party::Traced(request.service), request.endpoint);
            for call in &request.calls {
                match call.target {
                    Target::Outside(kind, name, operation) => {
                        count(Party::Outside(kind, name), operation);
                    }
                    Target::Topic(topic) => count(Party::Topic(topic), topic),
                    // Counted as a request.
                    Target::Endpoint(..) => {}
                }
            }
        }
        for (party, operations) in operations {
            directory.party(party, &operations, words, notes);
        }
        directory
    }

    fn party(
        &mut self,
        party: Party,
        operations: &BTreeMap<u32, usize>,
        words: &Words,
        notes: &mut Notes,
    ) {
        let (raw, kind) = match party {
            Party::Traced(name) => (words.word(name), "the service"),
            Party::Outside(_, name) => (words.word(name), "what is called"),
            Party::Topic(name) => (words.word(name), "the topic"),
        };
        // Something without spans may be called as a service with spans is, and is another thing.
        let key = match party {
            Party::Traced(_) => raw.to_owned(),
            Party::Outside(kind, _) => format!("{raw}\u{0}{kind:?}"),
            Party::Topic(_) => format!("{raw}\u{0}topic"),
        };
        let name = if matches!(party, Party::Traced(_)) {
            self.names.of(raw, kind, notes)
        } else {
            self.names.beside(&key, raw, kind, notes)
        };
        let number = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        self.services.insert(party, (number, name.clone()));
        self.order.push((party, name.clone()));
        let mut often: Vec<(usize, &str, u32)> = operations
            .iter()
            .map(|(word, n)| (*n, words.word(*word), *word))
            .collect();
        often.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let mut taken = BTreeSet::new();
        for (at, (_, operation, word)) in often.iter().enumerate() {
            let endpoint_number = u32::try_from(at.min(MAX_ENDPOINTS)).unwrap_or(u32::MAX);
            let place = (number, endpoint_number);
            self.by_word.insert((party, *word), place);
            if at >= MAX_ENDPOINTS {
                self.endpoints
                    .entry(place)
                    .or_insert_with(|| OTHER.to_owned());
                continue;
            }
            let plain = tidy(operation);
            let mut endpoint = plain.clone();
            let mut again = 1;
            while endpoint == OTHER || !taken.insert(endpoint.clone()) {
                again += 1;
                endpoint = format!("{plain}-{again}");
            }
            self.endpoints.insert(place, endpoint);
        }
        if let Some(more) = often.len().checked_sub(MAX_ENDPOINTS + 1) {
            let reason = format!(
                "{} operations beyond the {MAX_ENDPOINTS} most frequent are one endpoint, `{OTHER}`",
                more + 1
            );
            notes.add(&name, reason);
        }
    }

    /// Services in the order of their numbers.
    pub(super) fn services(&self) -> &[(Party, String)] {
        &self.order
    }

    /// Number of a service.
    pub(super) fn number(&self, party: Party) -> Option<u32> {
        self.services.get(&party).map(|(number, _)| *number)
    }

    /// Name of a service.
    pub(super) fn name(&self, number: u32) -> &str {
        self.order.get(number as usize).map_or("", |(_, name)| name)
    }

    /// Name of an endpoint.
    pub(super) fn endpoint(&self, place: Place) -> &str {
        self.endpoints.get(&place).map_or("", String::as_str)
    }

    /// Endpoint of a request.
    pub(super) fn place(&self, service: u32, operation: u32) -> Option<Place> {
        self.by_word
            .get(&(Party::Traced(service), operation))
            .copied()
    }

    /// Endpoint of a target that is no topic.
    pub(super) fn target(&self, target: Target) -> Option<Place> {
        match target {
            Target::Endpoint(service, operation) => self.place(service, operation),
            Target::Outside(kind, name, operation) => self
                .by_word
                .get(&(Party::Outside(kind, name), operation))
                .copied(),
            Target::Topic(_) => None,
        }
    }
}
