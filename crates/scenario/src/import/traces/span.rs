//! Spans as all formats give them.

use std::collections::BTreeMap;

use super::super::notes::Notes;

/// Spans read at most.
pub(super) const MAX_SPANS: usize = 1_000_000;
/// Longest span: what takes longer than a day is a mistake.
const MAX_SPAN_NS: u64 = 86_400_000_000_000;

/// Words by number, each once.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: BTreeMap<String, u32>,
    words: Vec<String>,
}

impl Words {
    /// The number of a word.
    pub(super) fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.numbers.insert(word.to_owned(), number);
        self.words.push(word.to_owned());
        number
    }

    /// The word of a number.
    pub(super) fn word(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("", String::as_str)
    }
}

/// Which side of a call a span is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not said, or work within a service.
    #[default]
    Internal,
    /// Somebody's request is served.
    Server,
    /// Somebody else is asked.
    Client,
    /// A message is handed over.
    Producer,
    /// A message is worked on.
    Consumer,
}

/// What a span says of the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) kind: PeerKind,
    /// Its name, number of a word.
    pub(super) name: u32,
}

/// What kind of component the other side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PeerKind {
    /// A database.
    Database,
    /// A cache.
    Cache,
    /// A topic or queue.
    Queue,
    /// Another service.
    Service,
}

/// A span. Times are Unix nanoseconds; words are numbers of [`Words`].
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) trace: u32,
    pub(super) id: u32,
    pub(super) parent: Option<u32>,
    pub(super) service: u32,
    pub(super) name: u32,
    pub(super) kind: Kind,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) failed: bool,
    /// Process, if it is named.
    pub(super) instance: Option<u32>,
    pub(super) peer: Option<Peer>,
}

impl Span {
    /// How long it lasted.
    pub(super) const fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}

/// Spans that were read, and those that could not be used.
#[derive(Debug, Default)]
pub(super) struct Spans {
    pub(super) words: Words,
    pub(super) spans: Vec<Span>,
    /// Regions the processes are in.
    pub(super) regions: Vec<String>,
    backwards: usize,
    endless: usize,
    nameless: usize,
}

impl Spans {
    /// Keeps a span, or counts why it is of no use.
    pub(super) fn push(&mut self, span: Span) {
        if span.end_ns < span.start_ns {
            self.backwards += 1;
        } else if span.duration_ns() > MAX_SPAN_NS {
            self.endless += 1;
        } else {
            self.spans.push(span);
        }
    }

    /// A span without the name of a service.
    pub(super) const fn nameless(&mut self) {
        self.nameless += 1;
    }

    /// Says what was of no use.
    pub(super) fn say(&self, notes: &mut Notes) {
        let counts = [
            (self.backwards, "left out: they end before they begin"),
            (self.endless, "left out: they last longer than a day"),
            (self.nameless, "left out: they name no service"),
        ];
        for (count, reason) in counts {
            if count > 0 {
                notes.add(&format!("{count} spans"), reason);
            }
        }
    }
}

/// Attributes that say something here.
const KNOWN: [&str; 34] = [
    "service.name",
    "service.instance.id",
    "k8s.pod.name",
    "host.name",
    "cloud.region",
    "db.system",
    "db.system.name",
    "db.type",
    "db.name",
    "db.namespace",
    "db.instance",
    "messaging.system",
    "messaging.destination.name",
    "messaging.destination",
    "message_bus.destination",
    "peer.service",
    "server.address",
    "net.peer.name",
    "peer.hostname",
    "http.host",
    "http.url",
    "url.full",
    "http.route",
    "http.method",
    "http.request.method",
    "url.path",
    "http.target",
    "http.status_code",
    "http.response.status_code",
    "error",
    "otel.status_code",
    "span.kind",
    "rpc.service",
    "hostname",
];

/// Attributes of a span or a resource, as far as they say something here. The first of a name counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    /// Keeps an attribute if it says something.
    pub(super) fn put(&mut self, key: &str, value: impl FnOnce() -> Option<String>) {
        if let Some(known) = KNOWN.iter().find(|known| **known == key)
            && self.get(key).is_none()
            && let Some(value) = value()
        {
            self.0.push((known, value));
        }
    }

    /// The text of an attribute; one that is empty says nothing.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == key)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// The process.
    pub(super) fn instance(&self) -> Option<&str> {
        self.first(&[
            "service.instance.id",
            "k8s.pod.name",
            "host.name",
            "hostname",
        ])
    }

    /// Whether the attributes say that it failed: an error, or a status of the 500s.
    pub(super) fn failed(&self) -> bool {
        let status = self.first(&["http.response.status_code", "http.status_code"]);
        self.get("error") == Some("true")
            || self
                .get("otel.status_code")
                .is_some_and(|code| code.eq_ignore_ascii_case("error"))
            || status.is_some_and(|status| status.len() == 3 && status.starts_with('5'))
    }

    /// The other side of a call.
    pub(super) fn peer(&self, words: &mut Words) -> Option<Peer> {
        let host = || {
            let url = self.first(&["url.full", "http.url"]).and_then(host_of);
            url.or_else(|| {
                self.first(&[
                    "server.address",
                    "net.peer.name",
                    "peer.hostname",
                    "http.host",
                ])
            })
        };
        if let Some(system) = self.first(&["messaging.system"])
            && let Some(topic) = self.destination()
        {
            let name = format!("{system} {topic}");
            return Some(Peer {
                kind: PeerKind::Queue,
                name: words.number(&name),
            });
        }
        if let Some(system) = self.first(&["db.system.name", "db.system", "db.type"]) {
            let of = self.first(&["peer.service", "db.namespace", "db.name", "db.instance"]);
            let name = match of.or_else(host) {
                Some(of) if of.contains(system) => of.to_owned(),
                Some(of) => format!("{system} {of}"),
                None => system.to_owned(),
            };
            let cache = ["redis", "memcached", "valkey", "hazelcast"].contains(&system);
            let kind = if cache {
                PeerKind::Cache
            } else {
                PeerKind::Database
            };
            return Some(Peer {
                kind,
                name: words.number(&name),
            });
        }
        let name = self
            .get("peer.service")
            .or_else(host)
            .or_else(|| self.get("rpc.service"))?;
        Some(Peer {
            kind: PeerKind::Service,
            name: words.number(name),
        })
    }

    /// The topic or queue a message goes to.
    fn destination(&self) -> Option<&str> {
        self.first(&[
            "messaging.destination.name",
            "messaging.destination",
            "message_bus.destination",
        ])
    }

    /// What a span is called: its name, or with the route where the name is only a method.
    pub(super) fn operation(&self, name: &str) -> String {
        let method = name.strip_prefix("HTTP ").unwrap_or(name);
        let bare = matches!(
            method,
            "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "HEAD" | "OPTIONS" | "HTTP"
        );
        if bare && let Some(route) = self.first(&["http.route", "url.path", "http.target"]) {
            let path = route.split('?').next().unwrap_or_default();
            return format!("{method} {path}");
        }
        name.to_owned()
    }
}

/// The host of a URL.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (!host.is_empty()).then_some(host)
}

/// An operation without what differs from request to request: numbers and ids in paths become `{id}`.
pub(super) fn without_ids(operation: &str) -> String {
    if !operation.contains('/') {
        return operation.to_owned();
    }
    let parts = operation.split('/').map(|part| {
        // A query says nothing of the operation.
        let part = part.split('?').next().unwrap_or_default();
        if is_id(part) { "{id}" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn is_id(part: &str) -> bool {
    let digits = part.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let hex = part.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    digits == part.len() || (hex && part.len() >= 8) || (part.len() >= 20 && digits >= 4)
}

#[cfg(test)]
mod tests {
    use super::{host_of, without_ids};

    #[test]
    fn ids_are_no_part_of_an_operation() {
        for (operation, expected) in [
            ("GET /users/123/orders", "GET /users/{id}/orders"),
            ("GET /x/3fa85f64-5717-4562-b3fc-2c963f66afa6", "GET /x/{id}"),
            ("GET /v1/cart?user=5", "GET /v1/cart"),
            ("oteldemo.Cart/GetCart2", "oteldemo.Cart/GetCart2"),
            ("buy 2", "buy 2"),
            ("/abcdef12", "/{id}"),
            ("/cafe", "/cafe"),
        ] {
            assert_eq!(without_ids(operation), expected);
        }
    }

    #[test]
    fn a_host_is_found_in_an_address() {
        assert_eq!(host_of("http://user:pw@cart:80/x?y"), Some("cart"));
        assert_eq!(host_of("cart/x"), None);
        assert_eq!(host_of("http:///x"), None);
    }
}
