//! Who a service calls: what it depends on, and whose addresses its variables hold.

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

/// Positions of the services that the one at `at` calls, each once: first what it depends on, then by its variables.
pub(super) fn called_by(at: usize, written: &[Written], notes: &mut Notes) -> Vec<usize> {
    let Some(service) = written.get(at) else {
        return Vec::new();
    };
    let mut callees: Vec<usize> = Vec::new();
    for name in &service.depends_on {
        let Some(callee) = written.iter().position(|other| other.raw == *name) else {
            continue;
        };
        if callee == at {
            notes.add(
                name,
                "a call of a service to itself left out: a request on a circle never ends",
            );
        } else if !callees.contains(&callee) {
            callees.push(callee);
        }
    }
    for (variable, value) in &service.environment {
        let found = match value {
            Some(value) => named_in(variable, value, written),
            None => by_stem(variable, written).into_iter().collect(),
        };
        for callee in found {
            // Its own address is what it listens on.
            if callee != at && !callees.contains(&callee) {
                callees.push(callee);
            }
        }
    }
    callees
}

/// Services whose names stand in a value as hosts: `http://cart:80`, `user@db:5432/x`, `kafka:9092,kafka-2:9092`, or alone
/// where the variable says that it is an address.
fn named_in(variable: &str, value: &str, written: &[Written]) -> Vec<usize> {
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
            found.extend(answers_to(word, written));
        }
        let Some(c) = after.chars().next() else { break };
        let (skipped, next) = after.split_at(c.len_utf8());
        // `${CART_ADDR}`: the variable of another file says by its name where it leads.
        if skipped == "$" && next.starts_with('{') {
            let inner = next.trim_start_matches('{');
            let inner = inner.split('}').next().unwrap_or_default();
            found.extend(by_stem(inner, written));
        }
        let so_far = value.len() - next.len();
        before = value.get(..so_far).unwrap_or_default();
        rest = next;
    }
    found
}

fn answers_to(host: &str, written: &[Written]) -> Option<usize> {
    let is = |service: &Written| service.raw == host || service.aliases.iter().any(|a| a == host);
    written.iter().position(is)
}

/// What stands before the ending of a variable that holds an address.
fn stem(variable: &str) -> Option<&str> {
    let stem = ENDINGS
        .iter()
        .find_map(|ending| variable.strip_suffix(ending))?;
    // Where telemetry goes is nobody a request waits for.
    (!stem.is_empty() && !stem.contains("OTEL")).then_some(stem)
}

/// The service a variable is named after: `PRODUCT_CATALOG_ADDR` leads to `product-catalog`, and `VALKEY_ADDR` to
/// `valkey-cart` if no other has that word.
fn by_stem(variable: &str, written: &[Written]) -> Option<usize> {
    let stem = stem(variable)?.to_ascii_lowercase();
    let wanted: Vec<&str> = stem.split('_').filter(|word| !word.is_empty()).collect();
    let words = |service: &Written| -> Vec<String> {
        let name = service.raw.to_ascii_lowercase();
        name.split(['-', '_', '.']).map(str::to_owned).collect()
    };
    if let Some(at) = written.iter().position(|service| words(service) == wanted) {
        return Some(at);
    }
    let mut having = written.iter().enumerate().filter(|(_, service)| {
        let words = words(service);
        wanted
            .iter()
            .all(|word| words.iter().any(|own| own == word))
    });
    match (having.next(), having.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    }
}
