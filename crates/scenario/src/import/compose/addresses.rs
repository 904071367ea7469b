//! Who a service calls: what it depends on, and whose addresses its variables hold.

use std::collections::{BTreeMap, BTreeSet};

use super::super::notes::Notes;
use super::file::Written;

/// Endings of variables that hold where something is.
const ENDINGS: [&str; 16] = [
    "_ADDR",
    "_ADDRS",
    "_ADDRESS",
    "_HOST",
    "_HOSTS",
    "_HOSTNAME",
    "_URL",
    "_URLS",
    "_URI",
    "_ENDPOINT",
    "_SERVER",
    "_SERVERS",
    "_BROKER",
    "_BROKERS",
    "_SERVICE",
    "_DSN",
];

/// Services by what they answer to.
pub(super) struct Book<'w> {
    written: &'w [Written],
    hosts: BTreeMap<&'w str, usize>,
    /// Words of the name of each service.
    words: Vec<Vec<String>>,
}

impl<'w> Book<'w> {
    pub(super) fn of(written: &'w [Written]) -> Self {
        let mut hosts = BTreeMap::new();
        for (at, service) in written.iter().enumerate() {
            hosts.entry(service.raw.as_str()).or_insert(at);
        }
        for (at, service) in written.iter().enumerate() {
            for alias in &service.aliases {
                hosts.entry(alias.as_str()).or_insert(at);
            }
        }
        let words = |service: &Written| {
            let name = service.raw.to_ascii_lowercase();
            name.split(['-', '_', '.']).map(str::to_owned).collect()
        };
        Self {
            written,
            hosts,
            words: written.iter().map(words).collect(),
        }
    }

    /// Positions of the services that the one at `at` calls, each once: first what it depends on, then by its variables.
    pub(super) fn called_by(&self, at: usize, notes: &mut Notes) -> Vec<usize> {
        let Some(service) = self.written.get(at) else {
            return Vec::new();
        };
        let mut callees: Vec<usize> = Vec::new();
        let mut known = BTreeSet::new();
        for name in &service.depends_on {
            let Some(&callee) = self.hosts.get(name.as_str()) else {
                continue;
            };
            if callee == at {
                let reason =
                    "a call of a service to itself left out: a request on a circle never ends";
                notes.add(name, reason);
            } else if known.insert(callee) {
                callees.push(callee);
            }
        }
        for (variable, value) in &service.environment {
            let found = match value {
                Some(value) => self.named_in(variable, value),
                None => self.by_stem(variable).into_iter().collect(),
            };
            for callee in found {
                // Its own address is what it listens on.
                if callee != at && known.insert(callee) {
                    callees.push(callee);
                }
            }
        }
        callees
    }

    /// Services whose names stand in a value as hosts: `http://cart:80`, `user@db:5432/x`, `kafka:9092,kafka-2:9092`, or
    /// alone where the variable says that it is an address.
    fn named_in(&self, variable: &str, value: &str) -> Vec<usize> {
        let holds_address = stem(variable).is_some();
        let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let mut found = Vec::new();
        let mut rest = value;
        let mut before = "";
        while !rest.is_empty() {
            let end = rest.find(|c| !host(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let port = after
                .strip_prefix(':')
                .is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit() || c == '$'));
            let scheme = before.ends_with("//") || before.ends_with('@');
            if !word.is_empty() && (port || scheme || (holds_address && word == value)) {
                found.extend(self.hosts.get(word).copied());
            }
            let Some(c) = after.chars().next() else { break };
            let (skipped, next) = after.split_at(c.len_utf8());
            // `${CART_ADDR}`: the variable of another file says by its name where it leads.
            if skipped == "$" && next.starts_with('{') {
                let inner = next.trim_start_matches('{');
                let inner = inner.split('}').next().unwrap_or_default();
                found.extend(self.by_stem(inner));
            }
            let so_far = value.len() - next.len();
            before = value.get(..so_far).unwrap_or_default();
            rest = next;
        }
        found
    }

    /// The service a variable is named after: `PRODUCT_CATALOG_ADDR` leads to `product-catalog`, and `VALKEY_ADDR` to
    /// `valkey-cart` if no other has that word.
    fn by_stem(&self, variable: &str) -> Option<usize> {
        let stem = stem(variable)?.to_ascii_lowercase();
        let wanted: Vec<&str> = stem.split('_').filter(|word| !word.is_empty()).collect();
        if let Some(at) = self.words.iter().position(|words| *words == wanted) {
            return Some(at);
        }
        let has = |words: &Vec<String>| wanted.iter().all(|w| words.iter().any(|own| own == w));
        let mut having = self
            .words
            .iter()
            .enumerate()
            .filter(|(_, words)| has(words));
        match (having.next(), having.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }
}

/// What stands before the ending of a variable that holds an address.
fn stem(variable: &str) -> Option<&str> {
    let stem = ENDINGS
        .iter()
        .find_map(|ending| variable.strip_suffix(ending))?;
    // Where telemetry goes is nobody a request waits for. No name of a service is longer than this.
    (!stem.is_empty() && stem.len() <= 128 && !stem.contains("OTEL")).then_some(stem)
}
